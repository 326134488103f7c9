//! From a panel to what is served: weights, choice and intervals in one go.

use fincoach_core::DataError;
use serde::{Deserialize, Serialize};

use crate::{
    Backtest, BacktestParams, Band, Blend, BlendWeights, Choice, Combine, Conformal, ConformalParams, Error,
    Outlook, Panel, PanelModel, ScoreLoss,
};

/// The name of the blend among the models of a choice.
const BLEND: &str = "blend";

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
    /// All rules and models are replayed from the origins. On the earlier half a blend of all of them is weighed; on
    /// the later half each target is given to the blend or to a model only where its lead over the best rule is
    /// shown ([`Backtest::choices`]), else to that rule; the intervals come from the errors on the later half.
    ///
    /// # Errors
    /// As [`BacktestParams::run`]; [`Error::Data`] without rules or where only one origin has forecasts.
    pub fn build<'a>(
        &self,
        panel: &Panel,
        rules: &[&'a dyn PanelModel],
        models: &[&'a dyn PanelModel],
    ) -> Result<Serving<'a>, Error> {
        let members: Vec<&'a dyn PanelModel> = rules.iter().chain(models).copied().collect();
        let backtest = self.backtest.run(panel, &members)?;
        let names = backtest.models().to_vec();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let half = backtest.origins().len() / 2;
        let weights = BlendWeights::best(&backtest.from_origins(0..half), &names, self.loss)?;
        let backtest = backtest.with_blend(BLEND, &weights)?;
        let later = backtest.from_origins(half..backtest.origins().len());
        let candidates: Vec<&str> = names[rules.len()..].iter().copied().chain([BLEND]).collect();
        let choices = later.choices(&names[..rules.len()], &candidates, self.loss)?;
        let weights = weights.or_alone(&choices, BLEND)?;
        let backtest = backtest.with_blend("served", &weights)?;
        let later = backtest.from_origins(half..backtest.origins().len());
        let conformal = self.conformal.calibrate(&later, "served")?;
        let model = Blend::new(BLEND, members, Combine::Weights(weights.clone()))?;
        Ok(Serving { choices, weights, conformal, backtest, model })
    }
}

impl BlendWeights {
    /// These weights where the blend was chosen, elsewhere those of the chosen model alone.
    fn or_alone(&self, choices: &[Choice], blend: &str) -> Result<Self, DataError> {
        let mut served: Vec<Choice> = choices.to_vec();
        let first = self.models().first().cloned().unwrap_or_default();
        for choice in served.iter_mut().filter(|choice| choice.served == blend) {
            choice.served.clone_from(&first);
        }
        let names: Vec<&str> = self.models().iter().map(String::as_str).collect();
        let alone = Self::serving(&served, &names)?;
        let keeps = |target: usize| choices[target].served == blend;
        self.mixed_with(&alone, keeps)
    }
}

/// What is served for a panel, from [`ServingParams::build`].
#[derive(Clone)]
pub struct Serving<'a> {
    choices: Vec<Choice>,
    weights: BlendWeights,
    conformal: Conformal,
    backtest: Backtest,
    model: Blend<'a>,
}

impl<'a> Serving<'a> {
    /// What serves each target, and why.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// What each model counts for in each target.
    #[must_use]
    pub const fn weights(&self) -> &BlendWeights {
        &self.weights
    }

    /// The intervals.
    #[must_use]
    pub const fn conformal(&self) -> &Conformal {
        &self.conformal
    }

    /// The back-test that everything was learnt from, with `blend` and `served` among its models.
    #[must_use]
    pub const fn backtest(&self) -> &Backtest {
        &self.backtest
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
        let outlooks = self.model.fit(past)?.forecast(past, horizon)?;
        let bands = self.conformal.bands(past, &outlooks)?;
        Ok((outlooks, bands))
    }
}
