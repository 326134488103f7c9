//! From a panel to what is served: weights, choice and intervals in one go.

mod decisions;
mod replay;
mod served;
mod usual;

use fincoach_core::DataError;
use serde::{Deserialize, Serialize};

use crate::blend::OF_PARTS;
use crate::{Backtest, BacktestParams, Band, ConformalParams, Error, Outlook, Panel, PanelModel, ScoreLoss};
pub use decisions::{Decision, Decisions};
use replay::{BLEND, Members, SERVED};
pub use served::Served;
pub use usual::{usual_models, usual_rules};

/// Names that models cannot have: what is made of them here has these.
const OWN_NAMES: [&str; 3] = [BLEND, SERVED, OF_PARTS];

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
/// let choice = &serving.days().choices()[0];
/// assert_eq!((choice.reason, choice.served.as_str()), (Reason::ModelIsBetter, "ets"));
/// let (outlooks, bands) = serving.forecast(&panel, 7)?;
/// assert_eq!(outlooks[0].served_by(), ["ets"]);
/// assert!(bands[0][0].low[[0, 0]] < outlooks[0].points()[[0, 0]]);
/// // What was served on days that it was not chosen by, against the rule that was best before.
/// assert!(serving.days().leads(0.9)?[0].is_shown());
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

    /// What to serve for each target of a panel: of its days, and of the sums over the horizon.
    ///
    /// All rules and models are replayed from the origins. The best rule is that of all origins. On their earlier half a
    /// blend of everything is weighed; on the later half each target is given to the blend or to a model only where its
    /// lead over the best rule is shown (as in [`Backtest::choices`]), else to that rule. The total may also be given to the sum of
    /// what the categories are served. All of this is learnt from what was usual ([`Backtest::tamed`]), for days and for sums by
    /// themselves. Then the same is done for each origin of the later three
    /// quarters from the origins known there: what would have been served then is what [`Served::leads`] and [`Served::coverage`] tell of
    /// for the later half, so that nothing is judged on days by which it was chosen. Its intervals are calibrated as by
    /// [`ConformalParams::follow`], at each origin from the errors before it of what serves there.
    ///
    /// # Errors
    /// As [`BacktestParams::run`]; [`Error::Data`] without rules, or for a model of the name `blend`, `served` or
    /// `sum_of_categories`.
    pub fn build<'a>(
        &self,
        panel: &Panel,
        rules: &[&'a dyn PanelModel],
        models: &[&'a dyn PanelModel],
    ) -> Result<Serving<'a>, Error> {
        self.build_beside(panel, (rules, models), &[])
    }

    /// The same beside rivals: rules that are never served or blended, but by which what is served is judged
    /// ([`Served::leads`]), such as [`Plain::RULES`](crate::Plain::RULES) while [`Tamed`](crate::Tamed) ones are
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
        let names: Vec<String> = members.iter().map(|member| member.name()).collect();
        let mut all_names = names.iter().cloned().chain(rivals.iter().map(|rival| rival.name()));
        if let Some(name) = all_names.find(|name| OWN_NAMES.contains(&name.as_str())) {
            return Err(DataError::Duplicate { what: "model", name }.into());
        }
        let others = rivals.iter().filter(|rival| !names.contains(&rival.name()));
        let all: Vec<&'a dyn PanelModel> = members.iter().chain(others).copied().collect();
        let judges = if rivals.is_empty() { rules } else { rivals };
        let judges: Vec<String> = judges.iter().map(|rule| rule.name()).collect();
        let backtest = self.backtest.run(panel, &all)?;
        let counts = Members { rules: rules.len(), members: members.len() };
        let days = self.served(&backtest, counts, &judges)?;
        let sums = self.served(&backtest.sums(), counts, &judges)?;
        Ok(Serving { days, sums, models: members })
    }

    /// The same with the rules and models that serve spending well ([`usual_rules`], [`usual_models`]), judged beside
    /// [`Plain::RULES`](crate::Plain::RULES). Loaded [`Decisions`] forecast by these rules and models in this order.
    ///
    /// # Errors
    /// As [`ServingParams::build`].
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{chrono::NaiveDate, ndarray::Array2, rng::stream};
    /// use fincoach_forecast::{BacktestParams, Panel, Series, ServingParams, usual_models, usual_rules};
    /// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    /// let mut rng = stream(1, 0);
    /// let spent = Array2::from_shape_fn((300, 2), |(day, _)| (day % 7) as f64 + rng.uniform());
    /// let panel = Panel::new(vec!["food".into(), "fun".into()], vec![Series::new("anna", monday, spent)?])?;
    /// let backtest = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(12);
    /// let serving = ServingParams::default().with_backtest(backtest).build_usual(&panel)?;
    /// let (next, bands) = serving.forecast(&panel, 7)?;
    /// let (week, _) = serving.forecast_sums(&panel)?;
    /// assert_eq!((next[0].points().dim(), bands[0].len(), week[0].points().dim()), ((7, 3), 2, (1, 3)));
    /// let models: Vec<_> = usual_rules().into_iter().chain(usual_models()).collect();
    /// assert_eq!(serving.decisions().forecast(&models, &panel, 7)?.0, next);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn build_usual(&self, panel: &Panel) -> Result<Serving<'static>, Error> {
        self.build_beside(panel, (&usual_rules(), &usual_models()), &usual::rivals())
    }

    fn served(&self, backtest: &Backtest, counts: Members, judges: &[String]) -> Result<Served, Error> {
        let n = backtest.origins().len();
        let tamed = backtest.tamed();
        let learned = self.learn(&tamed, counts, n)?;
        let first = n / 4;
        let then = self.weights_then(&tamed, counts, (first, &learned))?;
        let mut replayed = backtest.from_origins(0..0).with_blend(SERVED, &learned.weights)?;
        for (origin, weights) in (first..n).zip(&then) {
            let today = backtest.from_origins(origin..origin + 1);
            replayed.blocks.extend(today.with_blend(SERVED, weights)?.blocks);
        }
        // What serves at an origin is calibrated by its own errors before, whatever served then.
        let errors = |origin: usize, past| Ok(backtest.only_blend(SERVED, &then[origin - first], past)?);
        let followed = self.conformal.follow_changing(&replayed.only(SERVED)?, errors, n / 2..n)?;
        let rules_before = self.best_rules(&tamed.from_origins(0..n / 2), judges)?;
        let replayed = replayed.from_origins(n / 2..n);
        let rules_in_hindsight = self.best_rules(&replayed, judges)?;
        let backtest = backtest.with_blend(BLEND, &learned.blend)?.with_blend(SERVED, &learned.weights)?;
        let (coverage, intervals) = (followed.coverage().to_vec(), followed.into_conformal());
        let decision = Decision::new(learned.choices, learned.weights, intervals)?;
        let loss = self.loss;
        Ok(Served { decision, backtest, replayed, rules_before, rules_in_hindsight, loss, coverage })
    }
}

/// What is served for a panel, from [`ServingParams::build`].
#[derive(Clone)]
pub struct Serving<'a> {
    days: Served,
    sums: Served,
    models: Vec<&'a dyn PanelModel>,
}

impl Serving<'_> {
    /// What serves days, and how well it did.
    #[must_use]
    pub const fn days(&self) -> &Served {
        &self.days
    }

    /// What serves the sums over the horizon, and how well it did.
    #[must_use]
    pub const fn sums(&self) -> &Served {
        &self.sums
    }

    /// What was decided, in a form that can be saved.
    #[must_use]
    pub fn decisions(&self) -> Decisions {
        Decisions { days: self.days.decision.clone(), sums: self.sums.decision.clone() }
    }

    /// Outlooks and bands for the days after the end of a panel.
    ///
    /// # Errors
    /// As the models say; [`Error::Horizon`] for more steps than were calibrated.
    pub fn forecast(&self, past: &Panel, horizon: usize) -> Result<(Vec<Outlook>, Vec<Vec<Band>>), Error> {
        self.days.decision.forecast(&self.models, past, horizon)
    }

    /// The sums over the whole horizon of the back-test, of one row each, and their bands.
    ///
    /// # Errors
    /// As the models say.
    pub fn forecast_sums(&self, past: &Panel) -> Result<(Vec<Outlook>, Vec<Vec<Band>>), Error> {
        self.sums.decision.forecast_sums(&self.models, past, self.days.backtest.params().horizon())
    }
}
