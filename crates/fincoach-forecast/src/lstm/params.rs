//! Parameters of the network.

use fincoach_core::{ParamError, parameters};
use serde::{Deserialize, Serialize};

use crate::Split;

/// What training makes small; the targets are scaled, so 1 is about one standard deviation of a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Loss {
    /// `(y - ŷ)²`: the forecast of least RMSE, the mean.
    Squared,
    /// `½(y - ŷ)²` up to 1, then `|y - ŷ| - ½`: between the mean and the median.
    Huber,
}

/// What a window is measured from before it is scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Centring {
    /// From the mean of the category over all users' training days: one scale for everybody.
    Panel,
    /// From the user's own mean so far, `(7·m + Σ days) / (7 + n_days)` with `m` the mean of the panel: the
    /// network learns what differs from the user's habit. No day after the window is used.
    User,
}

/// What computes the steps of a training. Both give the same network up to rounding and the draws of dropout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Engine {
    /// Passes written by hand, over as many threads as there are: several times as fast.
    #[default]
    Fused,
    /// The graph of the tensor library, the reference, on one thread.
    Tensors,
}

impl Engine {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Parameters of the LSTM forecaster.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `hidden` | 64 | 1 to 1024 | units of each layer |
/// | `layers` | 2 | 1 to 8 | LSTM layers |
/// | `dropout` | 0.2 | [0, 1) | share of activations dropped between layers and before the last linear layer, in training only |
/// | `window` | 7 | 1 to 366 | days looked back on |
/// | `horizon` | 1 | 1 to 366 | days forecast at once, all categories each |
/// | `learning_rate` | 3e-3 | (0, 1] | step size of Adam |
/// | `batch_size` | 64 | at least 1 | windows per step |
/// | `max_epochs` | 60 | at least 1 | passes over the training windows at most |
/// | `patience` | 5 | at least 1 | epochs without a lower validation loss before training stops |
/// | `loss` | huber | – | see [`Loss`] |
/// | `centring` | panel | – | see [`Centring`] |
/// | `engine` | fused | – | see [`Engine`] |
/// | `split` | ⅕, ⅕, by the calendar | see [`Split`] | validation and test share; test days are never read |
/// | `seed` | 0 | any | start weights, order of windows, dropout |
///
/// # Examples
/// ```
/// use fincoach_forecast::LstmParams;
/// let params = LstmParams::default().with_horizon(7).with_seed(3);
/// assert_eq!((params.window(), params.horizon(), params.hidden()), (7, 7, 64));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LstmParams {
    hidden: usize,
    layers: usize,
    dropout: f64,
    window: usize,
    horizon: usize,
    learning_rate: f64,
    batch_size: usize,
    max_epochs: usize,
    patience: usize,
    loss: Loss,
    centring: Centring,
    /// Left out where it is the default: files of format 1 have none.
    #[serde(skip_serializing_if = "Engine::is_default")]
    engine: Engine,
    split: Split,
    seed: u64,
}

impl Default for LstmParams {
    fn default() -> Self {
        Self {
            hidden: 64,
            layers: 2,
            dropout: 0.2,
            window: 7,
            horizon: 1,
            learning_rate: 3e-3,
            batch_size: 64,
            max_epochs: 60,
            patience: 5,
            loss: Loss::Huber,
            centring: Centring::Panel,
            engine: Engine::Fused,
            split: Split::default(),
            seed: 0,
        }
    }
}

parameters! { LstmParams:
    /// Units of each layer.
    hidden, with_hidden: usize;
    /// LSTM layers.
    layers, with_layers: usize;
    /// Share of activations dropped in training.
    dropout, with_dropout: f64;
    /// Days looked back on.
    window, with_window: usize;
    /// Days forecast at once.
    horizon, with_horizon: usize;
    /// Step size of Adam.
    learning_rate, with_learning_rate: f64;
    /// Windows per step.
    batch_size, with_batch_size: usize;
    /// Passes over the training windows at most.
    max_epochs, with_max_epochs: usize;
    /// Epochs without a lower validation loss before training stops.
    patience, with_patience: usize;
    /// What training makes small.
    loss, with_loss: Loss;
    /// What a window is measured from.
    centring, with_centring: Centring;
    /// What computes the steps.
    engine, with_engine: Engine;
    /// Shares of the days for validation and test, and whose days.
    split, with_split: Split;
    /// Seed of start weights, order and dropout.
    seed, with_seed: u64;
}

impl LstmParams {
    /// The training of the notebook that FinCoach began as: batches of 16, 150 epochs of Adam
    /// at 1e-3 without early stopping, squared loss, one scale for all users. Its random split is not part of it: windows are
    /// split by time here, and every category is a target, not groceries alone.
    #[must_use]
    pub fn notebook() -> Self {
        Self::default()
            .with_batch_size(16)
            .with_max_epochs(150)
            .with_patience(150)
            .with_learning_rate(1e-3)
            .with_loss(Loss::Squared)
            .with_split(Split::new(0.0, 0.2))
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let within = |n: usize, most: usize| (1..=most).contains(&n);
        ParamError::ensure(within(self.hidden, 1024), "hidden", "1 to 1024", self.hidden)?;
        ParamError::ensure(within(self.layers, 8), "layers", "1 to 8", self.layers)?;
        ParamError::ensure((0.0..1.0).contains(&self.dropout), "dropout", "in [0, 1)", self.dropout)?;
        ParamError::ensure(within(self.window, 366), "window", "1 to 366", self.window)?;
        ParamError::ensure(within(self.horizon, 366), "horizon", "1 to 366", self.horizon)?;
        let rate = self.learning_rate;
        ParamError::ensure(rate > 0.0 && rate <= 1.0, "learning_rate", "in (0, 1]", rate)?;
        ParamError::ensure(self.batch_size > 0, "batch_size", "at least 1", self.batch_size)?;
        ParamError::ensure(self.max_epochs > 0, "max_epochs", "at least 1", self.max_epochs)?;
        ParamError::ensure(self.patience > 0, "patience", "at least 1", self.patience)?;
        self.split.check()
    }

    /// Names and shapes of the weights, `n_inputs` wide on the way in and `n_outputs` on the way out.
    pub(crate) fn shapes(&self, n_inputs: usize, n_outputs: usize) -> Vec<(String, Vec<usize>)> {
        let gates = 4 * self.hidden;
        let mut shapes = Vec::new();
        for layer in 0..self.layers {
            let width = if layer == 0 { n_inputs } else { self.hidden };
            shapes.push((format!("lstm.weight_ih_l{layer}"), vec![gates, width]));
            shapes.push((format!("lstm.weight_hh_l{layer}"), vec![gates, self.hidden]));
            shapes.push((format!("lstm.bias_ih_l{layer}"), vec![gates]));
            shapes.push((format!("lstm.bias_hh_l{layer}"), vec![gates]));
        }
        shapes.push(("fc.weight".to_owned(), vec![n_outputs, self.hidden]));
        shapes.push(("fc.bias".to_owned(), vec![n_outputs]));
        shapes
    }
}
