//! Parameters of the global network.

use fincoach_core::{ParamError, parameters};
use serde::{Deserialize, Serialize};

use crate::engine::Pointwise;

/// What training makes small; values are divided by the mean size of the series in its window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Objective {
    /// `(y - ŷ)²`: the mean.
    Squared,
    /// `½(y - ŷ)²` up to 1, then `|y - ŷ| - ½`.
    Huber,
    /// `|y - ŷ|`: the median.
    Absolute,
    /// `2|y - ŷ| / (|y| + |ŷ| + 0.1)`: the symmetric error in per cent, which does not run away near 0.
    Symmetric,
    /// One output for each of these shares, by the pinball loss; the one nearest to ½ is the point forecast.
    Quantiles(Vec<f64>),
}

/// What the network corrects: it answers with the difference to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Profile {
    /// The mean of each weekday in the window.
    WeekdayMean,
    /// Its median, which a Christmas in the window does not move.
    WeekdayMedian,
}

/// How the step size changes from the first step to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Schedule {
    /// It does not.
    Constant,
    /// Up to `learning_rate` over the first fifth, then down to 0 along a cosine.
    OneCycle,
}

/// What is done once training has stopped early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AfterStopping {
    /// The weights of the best epoch are kept; they have not seen the last days.
    Keep,
    /// Trained from the start on all days, for as many epochs as were best.
    Refit,
}

/// Parameters of the global network.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `hidden` | 64 | 1 to 1024 | units of each layer |
/// | `layers` | 1 | 1 to 8 | LSTM layers |
/// | `dropout` | 0.2 | [0, 1) | share of activations dropped in training |
/// | `embedding` | 0 | 0 to 64 | numbers learnt for each level of each category; 0 leaves categories out |
/// | `window` | 56 | 7 to 1,092 | days looked back on, whole steps |
/// | `horizon` | 28 | 1 to 366 | days forecast at once |
/// | `days_per_step` | 7 | 1 to 28 | days that one step of the network takes and gives |
/// | `profile` | weekday median | – | see [`Profile`] |
/// | `year_lag` | 0 | 0, or `horizon` to 1,092 | days back to "the same day last year", 364 keeps the weekday; 0: not used |
/// | `objective` | absolute | – | see [`Objective`] |
/// | `lowest` | 0 | none or finite | forecasts below become this |
/// | `first_origin` | 28 | any | days before the first forecast that is trained on; less where a set has less |
/// | `stride` | 1 | at least 1 | days from one training forecast to the next |
/// | `learning_rate` | 3e-3 | (0, 1] | largest step size of Adam |
/// | `schedule` | one cycle | – | see [`Schedule`] |
/// | `clip` | 1 | > 0 | largest length of a gradient |
/// | `weight_decay` | 0 | [0, 1] | decoupled weight decay |
/// | `batch_size` | 128 | at least 1 | forecasts per step |
/// | `max_epochs` | 6 | at least 1 | passes at most |
/// | `validation_days` | 0 | any | last days that are only watched; 0: no early stopping |
/// | `patience` | 2 | at least 1 | epochs without a lower watched loss before training stops |
/// | `after_stopping` | refit | – | see [`AfterStopping`] |
/// | `seed` | 0 | any | start weights, order, dropout |
///
/// # Examples
/// ```
/// use fincoach_forecast::{GlobalParams, Objective};
/// let params = GlobalParams::nn5().with_seed(3);
/// assert_eq!((params.window(), params.horizon(), params.hidden()), (112, 56, 64));
/// assert_eq!(params.objective(), &Objective::Symmetric);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GlobalParams {
    hidden: usize,
    layers: usize,
    dropout: f64,
    embedding: usize,
    window: usize,
    horizon: usize,
    days_per_step: usize,
    profile: Profile,
    year_lag: usize,
    objective: Objective,
    lowest: Option<f64>,
    first_origin: usize,
    stride: usize,
    learning_rate: f64,
    schedule: Schedule,
    clip: f64,
    weight_decay: f64,
    batch_size: usize,
    max_epochs: usize,
    validation_days: usize,
    patience: usize,
    after_stopping: AfterStopping,
    seed: u64,
}

impl Default for GlobalParams {
    fn default() -> Self {
        Self {
            hidden: 64,
            layers: 1,
            dropout: 0.2,
            embedding: 0,
            window: 56,
            horizon: 28,
            days_per_step: 7,
            profile: Profile::WeekdayMedian,
            year_lag: 0,
            objective: Objective::Absolute,
            lowest: Some(0.0),
            first_origin: 28,
            stride: 1,
            learning_rate: 3e-3,
            schedule: Schedule::OneCycle,
            clip: 1.0,
            weight_decay: 0.0,
            batch_size: 128,
            max_epochs: 6,
            validation_days: 0,
            patience: 2,
            after_stopping: AfterStopping::Refit,
            seed: 0,
        }
    }
}

parameters! { GlobalParams:
    /// Units of each layer.
    hidden, with_hidden: usize;
    /// LSTM layers.
    layers, with_layers: usize;
    /// Share of activations dropped in training.
    dropout, with_dropout: f64;
    /// Numbers learnt for each level of a category.
    embedding, with_embedding: usize;
    /// Days looked back on.
    window, with_window: usize;
    /// Days forecast at once.
    horizon, with_horizon: usize;
    /// Days of a step.
    days_per_step, with_days_per_step: usize;
    /// What the network corrects.
    profile, with_profile: Profile;
    /// Days back to the same day last year.
    year_lag, with_year_lag: usize;
    /// Forecasts below become this.
    lowest, with_lowest: Option<f64>;
    /// Days before the first forecast that is trained on.
    first_origin, with_first_origin: usize;
    /// Days from one training forecast to the next.
    stride, with_stride: usize;
    /// Largest step size of Adam.
    learning_rate, with_learning_rate: f64;
    /// How the step size changes.
    schedule, with_schedule: Schedule;
    /// Largest length of a gradient.
    clip, with_clip: f64;
    /// Decoupled weight decay.
    weight_decay, with_weight_decay: f64;
    /// Forecasts per step.
    batch_size, with_batch_size: usize;
    /// Passes at most.
    max_epochs, with_max_epochs: usize;
    /// Last days that are only watched.
    validation_days, with_validation_days: usize;
    /// Epochs without a lower watched loss before training stops.
    patience, with_patience: usize;
    /// What is done once training has stopped early.
    after_stopping, with_after_stopping: AfterStopping;
    /// Seed of start weights, order and dropout.
    seed, with_seed: u64;
}

impl GlobalParams {
    /// What training makes small.
    #[must_use]
    pub const fn objective(&self) -> &Objective {
        &self.objective
    }

    /// Sets `objective`.
    #[must_use]
    pub fn with_objective(mut self, objective: Objective) -> Self {
        self.objective = objective;
        self
    }

    /// What was chosen for the NN5 competition on the 56 days before its test part; how is on the model page.
    #[must_use]
    pub fn nn5() -> Self {
        Self::default()
            .with_window(112)
            .with_horizon(56)
            .with_year_lag(364)
            .with_objective(Objective::Symmetric)
            .with_first_origin(476)
            .with_stride(2)
            .with_max_epochs(4)
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let within = |n: usize, least: usize, most: usize| (least..=most).contains(&n);
        ParamError::ensure(within(self.hidden, 1, 1024), "hidden", "1 to 1024", self.hidden)?;
        ParamError::ensure(within(self.layers, 1, 8), "layers", "1 to 8", self.layers)?;
        ParamError::ensure((0.0..1.0).contains(&self.dropout), "dropout", "in [0, 1)", self.dropout)?;
        ParamError::ensure(self.embedding <= 64, "embedding", "0 to 64", self.embedding)?;
        ParamError::ensure(
            within(self.days_per_step, 1, 28),
            "days_per_step",
            "1 to 28",
            self.days_per_step,
        )?;
        let whole = within(self.window, 7, 1092) && self.window.is_multiple_of(self.days_per_step);
        ParamError::ensure(whole, "window", "7 to 1092, whole steps", self.window)?;
        ParamError::ensure(within(self.horizon, 1, 366), "horizon", "1 to 366", self.horizon)?;
        let year = self.year_lag == 0 || within(self.year_lag, self.horizon, 1092);
        ParamError::ensure(year, "year_lag", "0, or from the horizon to 1092", self.year_lag)?;
        self.check_objective()?;
        let lowest = self.lowest.unwrap_or(0.0);
        ParamError::ensure(lowest.is_finite(), "lowest", "none or finite", lowest)?;
        ParamError::ensure(self.stride > 0, "stride", "at least 1", self.stride)?;
        let rate = self.learning_rate;
        ParamError::ensure(rate > 0.0 && rate <= 1.0, "learning_rate", "in (0, 1]", rate)?;
        ParamError::ensure(self.clip > 0.0 && self.clip.is_finite(), "clip", "above 0", self.clip)?;
        let decay = self.weight_decay;
        ParamError::ensure((0.0..=1.0).contains(&decay), "weight_decay", "in [0, 1]", decay)?;
        ParamError::ensure(self.batch_size > 0, "batch_size", "at least 1", self.batch_size)?;
        ParamError::ensure(self.max_epochs > 0, "max_epochs", "at least 1", self.max_epochs)?;
        ParamError::ensure(self.patience > 0, "patience", "at least 1", self.patience)
    }

    fn check_objective(&self) -> Result<(), ParamError> {
        let Objective::Quantiles(shares) = &self.objective else { return Ok(()) };
        let inside = shares.iter().all(|share| *share > 0.0 && *share < 1.0);
        let rising = shares.windows(2).all(|two| two[0] < two[1]);
        let allowed = (1..=99).contains(&shares.len()) && inside && rising;
        ParamError::ensure(allowed, "objective", "1 to 99 rising shares in (0, 1)", format!("{shares:?}"))
    }

    #[expect(clippy::cast_possible_truncation, reason = "the network computes in f32")]
    pub(super) fn loss(&self) -> Pointwise {
        match &self.objective {
            Objective::Squared => Pointwise::Squared,
            Objective::Huber => Pointwise::Huber,
            Objective::Absolute => Pointwise::Absolute,
            Objective::Symmetric => Pointwise::Symmetric { floor: 0.1 },
            Objective::Quantiles(shares) => {
                Pointwise::Pinball(shares.iter().map(|share| *share as f32).collect())
            }
        }
    }

    /// Steps of the window.
    pub(super) const fn past_steps(&self) -> usize {
        self.window / self.days_per_step
    }

    /// Steps of the forecast.
    pub(super) const fn future_steps(&self) -> usize {
        self.horizon.div_ceil(self.days_per_step)
    }

    /// The factor of the step size at a step of so many.
    #[expect(clippy::cast_precision_loss, reason = "numbers of steps")]
    pub(super) fn rate(&self, step: u64, n_steps: u64) -> f64 {
        let done = step as f64 / n_steps.max(1) as f64;
        let share = match self.schedule {
            Schedule::Constant => 1.0,
            Schedule::OneCycle if done < 0.2 => 0.04 + 0.96 * done / 0.2,
            Schedule::OneCycle => 0.5 + 0.5 * (std::f64::consts::PI * (done.min(1.0) - 0.2) / 0.8).cos(),
        };
        share * self.learning_rate
    }
}
