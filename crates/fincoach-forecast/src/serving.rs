//! From a panel to what is served: weights, choice and intervals in one go.

mod decisions;
mod replay;

use serde::{Deserialize, Serialize};

use crate::{
    Backtest, BacktestParams, Band, Blend, BlendWeights, Choice, Combine, Conformal, ConformalParams,
    Coverage, Error, Outlook, Panel, PanelModel, Scope, ScoreLoss, Skill,
};
pub use decisions::Decisions;
use replay::{BLEND, Members, SERVED};

/// How it is found out what to serve.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `backtest` | its own | see [`BacktestParams`] | origins from which everything is learnt |
/// | `conformal` | its own | see [`ConformalParams`] | levels and kind of the intervals |
/// | `loss` | squared | – | by what models are weighed and chosen |
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::Array2, rng::stream};
/// use fincoach_forecast::{BacktestParams, Panel, PanelModel, Plain, Reason, Series, ServingParams};
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let series = (0..10).map(|user| {
///     let mut rng = stream(1, user);
///     let spent = Array2::from_shape_fn((200, 1), |(day, _)| (day % 7) as f64 + rng.uniform());
///     Series::new(user.to_string(), monday, spent).unwrap()
/// });
/// let panel = Panel::new(vec!["groceries".into()], series.collect())?;
/// let backtest = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(8);
/// let rules: [&dyn PanelModel; 2] = [&Plain::Zero, &Plain::Mean { last: 0 }];
/// let serving = ServingParams::default().with_backtest(backtest).build(&panel, &rules, &[&Plain::Ets])?;
/// assert_eq!((serving.choices()[0].reason, serving.choices()[0].served.as_str()), (Reason::ModelIsBetter, "ets"));
/// let (outlooks, bands) = serving.forecast(&panel, 7)?;
/// assert_eq!(outlooks[0].served_by(), ["ets"]);
/// assert!(bands[0][0].low[[0, 0]] < outlooks[0].points()[[0, 0]]);
/// // What was served on days that it was not chosen by, against the rule that was best before.
/// assert!(serving.leads(0.9)?[0].is_shown());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServingParams {
    backtest: BacktestParams,
    conformal: ConformalParams,
    loss: ScoreLoss,
}

impl ServingParams {
    /// Sets `backtest`.
    #[must_use]
    pub fn with_backtest(self, backtest: BacktestParams) -> Self {
        Self { backtest, ..self }
    }

    /// Sets `conformal`.
    #[must_use]
    pub fn with_conformal(self, conformal: ConformalParams) -> Self {
        Self { conformal, ..self }
    }

    /// Sets `loss`.
    #[must_use]
    pub const fn with_loss(mut self, loss: ScoreLoss) -> Self {
        self.loss = loss;
        self
    }

    /// What to serve for each target of a panel.
    ///
    /// All rules and models are replayed from the origins. The best rule is that of all origins. On their earlier half a
    /// blend of everything is weighed; on the later half each target is given to the blend or to a model only where its
    /// lead over the best rule is shown (as in [`Backtest::choices`]), else to that rule. Then the same is done for each origin of the later three
    /// quarters from the origins known there: what would have been served then is what the intervals are calibrated
    /// by ([`ConformalParams::follow`]), and what [`Serving::leads`] and [`Serving::coverage`] tell of for the later
    /// half, so that nothing is judged on days by which it was chosen.
    ///
    /// # Errors
    /// As [`BacktestParams::run`]; [`Error::Data`] without rules or where only one origin has forecasts.
    pub fn build<'a>(
        &self,
        panel: &Panel,
        rules: &[&'a dyn PanelModel],
        models: &[&'a dyn PanelModel],
    ) -> Result<Serving<'a>, Error> {
        self.build_beside(panel, (rules, models), &[])
    }

    /// The same beside rivals: rules that are never served or blended, but by which what is served is judged
    /// ([`Serving::leads`]), such as [`Plain::RULES`](crate::Plain::RULES) while [`Tamed`](crate::Tamed) ones are
    /// served.
    ///
    /// # Errors
    /// As [`ServingParams::build`].
    pub fn build_beside<'a>(
        &self,
        panel: &Panel,
        (rules, models): (&[&'a dyn PanelModel], &[&'a dyn PanelModel]),
        rivals: &[&'a dyn PanelModel],
    ) -> Result<Serving<'a>, Error> {
        let members: Vec<&'a dyn PanelModel> = rules.iter().chain(models).copied().collect();
        let all: Vec<&'a dyn PanelModel> = members.iter().chain(rivals).copied().collect();
        let backtest = self.backtest.run(panel, &all)?;
        let n = backtest.origins().len();
        let counts = Members { rules: rules.len(), members: members.len() };
        let learned = self.learn(&backtest, counts, n)?;
        let replayed = self.replay(&backtest, counts, &learned)?;
        let of_days = self.conformal.follow(&replayed, SERVED, n / 2..n)?;
        let of_sums = self.conformal.follow(&replayed.sums(), SERVED, n / 2..n)?;
        let judges = if rivals.is_empty() { 0..rules.len() } else { members.len()..all.len() };
        let rules_before = self.best_rules(&backtest.from_origins(0..n / 2), judges)?;
        let replayed = replayed.from_origins(n / 2..n);
        let backtest = backtest.with_blend(BLEND, &learned.blend)?.with_blend(SERVED, &learned.weights)?;
        let model = Blend::new(BLEND, members, Combine::Weights(learned.weights.clone()))?;
        let coverage = [of_days.coverage().to_vec(), of_sums.coverage().to_vec()];
        let intervals = [of_days.into_conformal(), of_sums.into_conformal()];
        let decisions = Decisions::new(learned.choices, learned.weights, intervals)?;
        Ok(Serving { decisions, backtest, replayed, rules_before, loss: self.loss, coverage, model })
    }
}

/// What is served for a panel, from [`ServingParams::build`].
#[derive(Clone)]
pub struct Serving<'a> {
    decisions: Decisions,
    backtest: Backtest,
    replayed: Backtest,
    rules_before: Vec<String>,
    loss: ScoreLoss,
    /// Of days and of sums.
    coverage: [Vec<Coverage>; 2],
    model: Blend<'a>,
}

impl<'a> Serving<'a> {
    /// What was decided, in a form that can be saved.
    #[must_use]
    pub const fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// What serves each target, and why.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        self.decisions.choices()
    }

    /// What each model counts for in each target.
    #[must_use]
    pub const fn weights(&self) -> &BlendWeights {
        self.decisions.weights()
    }

    /// The intervals of days.
    #[must_use]
    pub const fn conformal(&self) -> &Conformal {
        self.decisions.intervals()
    }

    /// The back-test that everything was learnt from, with `blend` and `served` among its models.
    #[must_use]
    pub const fn backtest(&self) -> &Backtest {
        &self.backtest
    }

    /// The later half of the back-test, with `served` as it would have been served then.
    #[must_use]
    pub const fn replayed(&self) -> &Backtest {
        &self.replayed
    }

    /// Per target, the rule (the rival, where there are any) that was best on the earlier half.
    #[must_use]
    pub fn rules_before(&self) -> &[String] {
        &self.rules_before
    }

    /// Per target, the skill on the later half of what would have been served, against the rule that was best on
    /// the earlier half, with an interval of a level. 0 where that rule is served itself.
    ///
    /// # Errors
    /// [`Error::Param`] for a level outside (0, 1).
    pub fn leads(&self, level: f64) -> Result<Vec<Skill>, Error> {
        self.leads_on(&self.replayed, level)
    }

    /// The same for the sums over the horizon.
    ///
    /// # Errors
    /// As there.
    pub fn leads_of_sums(&self, level: f64) -> Result<Vec<Skill>, Error> {
        self.leads_on(&self.replayed.sums(), level)
    }

    fn leads_on(&self, replayed: &Backtest, level: f64) -> Result<Vec<Skill>, Error> {
        let lead = |(target, rule): (&String, &String)| {
            replayed.skill([SERVED, rule], &Scope::default().with_target(target), (self.loss, level))
        };
        replayed.targets().iter().zip(&self.rules_before).map(lead).collect()
    }

    /// How often the intervals of days held what came on the later half, calibrated at each origin from those
    /// known.
    #[must_use]
    pub fn coverage(&self) -> &[Coverage] {
        &self.coverage[0]
    }

    /// The same for intervals of the sums over the horizon.
    #[must_use]
    pub fn coverage_of_sums(&self) -> &[Coverage] {
        &self.coverage[1]
    }

    /// What is served, as a model.
    #[must_use]
    pub const fn model(&self) -> &Blend<'a> {
        &self.model
    }

    /// Outlooks and bands for the days after the end of a panel.
    ///
    /// # Errors
    /// As the models say; [`Error::Horizon`] for more steps than were calibrated.
    pub fn forecast(&self, past: &Panel, horizon: usize) -> Result<(Vec<Outlook>, Vec<Vec<Band>>), Error> {
        self.decisions.forecast_by(&self.model, past, horizon)
    }

    /// The sums over the whole horizon of the back-test, of one row each, and their bands.
    ///
    /// # Errors
    /// As the models say.
    pub fn forecast_sums(&self, past: &Panel) -> Result<(Vec<Outlook>, Vec<Vec<Band>>), Error> {
        self.decisions.forecast_sums_by(&self.model, past, self.backtest.params().horizon())
    }
}
