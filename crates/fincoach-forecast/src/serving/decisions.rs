//! What was decided to serve, as a file.

use fincoach_core::artifact::{from_json, to_json};
use fincoach_core::ndarray::Axis;
use fincoach_core::{Artifact, ArtifactError, DataError};
use serde::{Deserialize, Serialize};

use super::replay::BLEND;
use crate::{Band, Blend, BlendWeights, Choice, Combine, Conformal, Error, Outlook, Panel, PanelModel};

/// Choices, weights and intervals of a [`Serving`](super::Serving): all of it but the models, which are given by their
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
#[serde(try_from = "Repr", into = "Repr")]
pub struct Decisions {
    choices: Vec<Choice>,
    weights: BlendWeights,
    /// Of days, and of the sum over all of them.
    intervals: [Conformal; 2],
}

impl Decisions {
    pub(super) fn new(
        choices: Vec<Choice>,
        weights: BlendWeights,
        intervals: [Conformal; 2],
    ) -> Result<Self, DataError> {
        let targets = weights.targets();
        let of_intervals = intervals.iter().all(|one| one.targets() == targets);
        if !of_intervals || !choices.iter().map(|choice| &choice.target).eq(targets) {
            let reason = "choices, weights and intervals are of different targets".to_owned();
            return Err(DataError::Inconsistent { what: "decisions", reason });
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

    /// The intervals of days.
    #[must_use]
    pub const fn intervals(&self) -> &Conformal {
        &self.intervals[0]
    }

    /// The intervals of the sum over the whole horizon.
    #[must_use]
    pub const fn intervals_of_sums(&self) -> &Conformal {
        &self.intervals[1]
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
        let weights = Combine::Weights(self.weights.clone());
        self.forecast_by(&Blend::new(BLEND, models.to_vec(), weights)?, past, horizon)
    }

    pub(super) fn forecast_by(
        &self,
        model: &Blend<'_>,
        past: &Panel,
        horizon: usize,
    ) -> Result<(Vec<Outlook>, Vec<Vec<Band>>), Error> {
        let outlooks = model.fit(past)?.forecast(past, horizon)?;
        let bands = self.intervals[0].bands(past, &outlooks)?;
        Ok((outlooks, bands))
    }

    pub(super) fn forecast_sums_by(
        &self,
        model: &Blend<'_>,
        past: &Panel,
        horizon: usize,
    ) -> Result<(Vec<Outlook>, Vec<Vec<Band>>), Error> {
        let outlooks = model.fit(past)?.forecast(past, horizon)?;
        let sum = |outlook: Outlook| {
            let points = outlook.points().sum_axis(Axis(0)).insert_axis(Axis(0));
            outlook.with_points(points)
        };
        let sums: Vec<Outlook> = outlooks.into_iter().map(sum).collect();
        let bands = self.intervals[1].bands(past, &sums)?;
        Ok((sums, bands))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    choices: Vec<Choice>,
    weights: BlendWeights,
    intervals: [Conformal; 2],
}

impl From<Decisions> for Repr {
    fn from(decisions: Decisions) -> Self {
        let Decisions { choices, weights, intervals } = decisions;
        Self { choices, weights, intervals }
    }
}

impl TryFrom<Repr> for Decisions {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        Self::new(repr.choices, repr.weights, repr.intervals)
    }
}

impl Artifact for Decisions {
    const KIND: &'static str = "forecast_decisions";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        to_json::<Self, _>(self)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        from_json::<Self, _>(bytes)
    }
}
