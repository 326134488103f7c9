//! What was decided to serve, as a file.

use fincoach_core::ndarray::Axis;
use fincoach_core::{DataError, json_artifact};
use serde::{Deserialize, Serialize};

use super::replay::BLEND;
use crate::blend::OF_PARTS;
use crate::{Band, Blend, BlendWeights, Choice, Combine, Conformal, Error, Outlook, Panel, PanelModel};

/// What serves each target of the days, or of the sums over the horizon: choices, weights and intervals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct Decision {
    choices: Vec<Choice>,
    weights: BlendWeights,
    intervals: Conformal,
}

impl Decision {
    pub(super) fn new(
        choices: Vec<Choice>,
        weights: BlendWeights,
        intervals: Conformal,
    ) -> Result<Self, DataError> {
        let targets = weights.targets();
        let is_of_parts = choices.last().is_some_and(|choice| choice.served == OF_PARTS);
        if is_of_parts != weights.is_total_of_parts() {
            let reason = "choices and weights disagree on whether the total is a sum".to_owned();
            return Err(DataError::Inconsistent { what: "decision", reason });
        }
        if intervals.targets() != targets || !choices.iter().map(|choice| &choice.target).eq(targets) {
            let reason = "choices, weights and intervals are of different targets".to_owned();
            return Err(DataError::Inconsistent { what: "decision", reason });
        }
        Ok(Self { choices, weights, intervals })
    }

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
    pub const fn intervals(&self) -> &Conformal {
        &self.intervals
    }

    /// What is served, as a model made of those of the weights in their order.
    ///
    /// # Errors
    /// [`DataError::Columns`] for other models.
    pub fn model<'a>(&self, models: &[&'a dyn PanelModel]) -> Result<Blend<'a>, DataError> {
        Blend::new(BLEND, models.to_vec(), Combine::Weights(self.weights.clone()))
    }

    pub(super) fn forecast(
        &self,
        models: &[&dyn PanelModel],
        past: &Panel,
        horizon: usize,
    ) -> Result<(Vec<Outlook>, Vec<Vec<Band>>), Error> {
        let outlooks = self.model(models)?.fit(past)?.forecast(past, horizon)?;
        let bands = self.intervals.bands(past, &outlooks)?;
        Ok((outlooks, bands))
    }

    pub(super) fn forecast_sums(
        &self,
        models: &[&dyn PanelModel],
        past: &Panel,
        horizon: usize,
    ) -> Result<(Vec<Outlook>, Vec<Vec<Band>>), Error> {
        let outlooks = self.model(models)?.fit(past)?.forecast(past, horizon)?;
        let sum = |outlook: Outlook| {
            let points = outlook.points().sum_axis(Axis(0)).insert_axis(Axis(0));
            outlook.with_points(points)
        };
        let sums: Vec<Outlook> = outlooks.into_iter().map(sum).collect();
        let bands = self.intervals.bands(past, &sums)?;
        Ok((sums, bands))
    }
}

/// The decisions of a [`Serving`](super::Serving), for days and for sums: all of it but the models, which are given by their
/// names when it forecasts.
///
/// # Examples
/// ```
/// use fincoach_core::{Artifact, chrono::NaiveDate, ndarray::Array2, rng::stream};
/// use fincoach_forecast::{BacktestParams, Decisions, Panel, PanelModel, Plain, Series, ServingParams};
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let mut rng = stream(1, 0);
/// let spent = Array2::from_shape_fn((200, 1), |(day, _)| (day % 7) as f64 + rng.uniform());
/// let panel = Panel::new(vec!["groceries".into()], vec![Series::new("anna", monday, spent)?])?;
/// let backtest = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(12);
/// let rules: [&dyn PanelModel; 2] = [&Plain::Zero, &Plain::SeasonMean { seasons: 0 }];
/// let serving = ServingParams::default().with_backtest(backtest).build(&panel, &rules, &[])?;
/// let loaded = Decisions::from_bytes(&serving.decisions().to_bytes()?)?;
/// assert_eq!(loaded.forecast(&rules, &panel, 7)?, serving.forecast(&panel, 7)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Both")]
pub struct Decisions {
    pub(super) days: Decision,
    pub(super) sums: Decision,
}

impl Decisions {
    /// What serves days.
    #[must_use]
    pub const fn days(&self) -> &Decision {
        &self.days
    }

    /// What serves the sums over the whole horizon.
    #[must_use]
    pub const fn sums(&self) -> &Decision {
        &self.sums
    }

    /// Outlooks and bands for the days after the end of a panel, from the models of the weights in their order.
    ///
    /// # Errors
    /// [`DataError::Columns`] for other models; as the models say; [`Error::Horizon`] for more steps than were
    /// calibrated.
    pub fn forecast(
        &self,
        models: &[&dyn PanelModel],
        past: &Panel,
        horizon: usize,
    ) -> Result<(Vec<Outlook>, Vec<Vec<Band>>), Error> {
        self.days.forecast(models, past, horizon)
    }

    /// The sums over the whole horizon, of one row each, and their bands.
    ///
    /// # Errors
    /// As [`Decisions::forecast`].
    pub fn forecast_sums(
        &self,
        models: &[&dyn PanelModel],
        past: &Panel,
    ) -> Result<(Vec<Outlook>, Vec<Vec<Band>>), Error> {
        self.sums.forecast_sums(models, past, self.days.intervals.horizon())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Both {
    days: Decision,
    sums: Decision,
}

impl TryFrom<Both> for Decisions {
    type Error = DataError;

    fn try_from(Both { days, sums }: Both) -> Result<Self, DataError> {
        let parts =
            |decision: &Decision| (decision.weights.models().to_vec(), decision.weights.targets().to_vec());
        if parts(&days) != parts(&sums) || sums.intervals.horizon() != 1 {
            let reason = "days and sums are of different models, targets or steps".to_owned();
            return Err(DataError::Inconsistent { what: "decisions", reason });
        }
        Ok(Self { days, sums })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    choices: Vec<Choice>,
    weights: BlendWeights,
    intervals: Conformal,
}

impl From<Decision> for Repr {
    fn from(decision: Decision) -> Self {
        let Decision { choices, weights, intervals } = decision;
        Self { choices, weights, intervals }
    }
}

impl TryFrom<Repr> for Decision {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        Self::new(repr.choices, repr.weights, repr.intervals)
    }
}

json_artifact!(Decisions, "forecast_decisions", 2);
