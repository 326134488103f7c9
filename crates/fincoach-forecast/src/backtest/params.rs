//! How a back-test is made.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{DataError, ParamError, parameters};
use serde::{Deserialize, Serialize};

use super::{Backtest, replay};
use crate::{Error, Panel, PanelModel};

/// When a model that is trained is fitted again; plain models always are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refit {
    /// At the first origin alone; later ones bring it new days to look back on.
    #[default]
    Once,
    /// At the first origin; at later ones it learns the new days on ([`updated`](crate::FittedModel::updated)), where it can.
    Update,
    /// At every origin.
    EachOrigin,
}

/// A back-test: forecasts from several origins in the past, compared with what came.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `horizon` | 28 | 1 to 366 | steps forecast from each origin |
/// | `n_origins` | 4 | 1 to 10,000 | origins, the latest `horizon` steps before the end; fewer where the panel is too short |
/// | `step` | 28 | at least 1 | steps from one origin to the next |
/// | `skip` | 0 | – | steps at the end of the panel that are left untouched, for a later test |
/// | `refit` | once | – | see [`Refit`] |
///
/// An origin is the date of the last row that a forecast knows. A series is scored from the origins at which
/// it has a past and all steps to come.
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::Array2};
/// use fincoach_forecast::{BacktestParams, Panel, Plain, Scope, Series};
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let spent = Array2::from_shape_fn((70, 1), |(day, _)| if day % 7 == 5 { 30.0 } else { 0.0 });
/// let panel = Panel::new(vec!["groceries".into()], vec![Series::new("anna", monday, spent)?])?;
/// let backtest = BacktestParams::default().with_horizon(7).with_step(7).run(&panel, &[&Plain::Zero, &Plain::SeasonalNaive])?;
/// assert_eq!(backtest.origins().len(), 4);
/// let mae = |model| backtest.scores(model, &Scope::default()).map(|scores| scores.mae);
/// assert_eq!((mae("seasonal_naive")?, mae("zero")?), (0.0, 30.0 / 7.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BacktestParams {
    horizon: usize,
    n_origins: usize,
    step: usize,
    skip: usize,
    refit: Refit,
}

impl Default for BacktestParams {
    fn default() -> Self {
        Self { horizon: 28, n_origins: 4, step: 28, skip: 0, refit: Refit::Once }
    }
}

parameters! { BacktestParams:
    /// Steps forecast from each origin.
    horizon, with_horizon: usize;
    /// Origins at most.
    n_origins, with_n_origins: usize;
    /// Steps from one origin to the next.
    step, with_step: usize;
    /// Steps at the end that are left untouched.
    skip, with_skip: usize;
    /// When a trained model is fitted again.
    refit, with_refit: Refit;
}

impl BacktestParams {
    /// The origins in a panel, by rising date.
    #[must_use]
    pub fn origins(&self, panel: &Panel) -> Vec<NaiveDate> {
        let Some((first, last)) = panel.span() else { return Vec::new() };
        let frequency = panel.frequency();
        let n = frequency.steps_until(first, last);
        let known =
            |back: usize| n.checked_sub(self.skip + self.horizon + back * self.step).filter(|n| *n > 0);
        let mut places: Vec<usize> = (0..self.n_origins).map_while(known).collect();
        places.reverse();
        places.into_iter().map(|known| frequency.after(first, known - 1)).collect()
    }

    /// Forecasts of all models from all origins, with what came.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] without a model, for two of one name, or where no series has an
    /// origin; what a model says.
    pub fn run(&self, panel: &Panel, models: &[&dyn PanelModel]) -> Result<Backtest, Error> {
        self.check()?;
        let names: Vec<String> = models.iter().map(|model| model.name()).collect();
        if names.is_empty() {
            return Err(DataError::Empty { what: "models" }.into());
        }
        if let Some(twice) = (1..names.len()).find(|place| names[..*place].contains(&names[*place])) {
            return Err(DataError::Duplicate { what: "model", name: names[twice].clone() }.into());
        }
        replay::run(self, panel, models)
    }

    fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure((1..=366).contains(&self.horizon), "horizon", "1 to 366", self.horizon)?;
        ParamError::ensure(
            (1..=10_000).contains(&self.n_origins),
            "n_origins",
            "1 to 10000",
            self.n_origins,
        )?;
        ParamError::ensure((1..=36_525).contains(&self.step), "step", "1 to 36525", self.step)?;
        ParamError::ensure(self.skip <= 36_525, "skip", "at most 36525", self.skip)
    }
}
