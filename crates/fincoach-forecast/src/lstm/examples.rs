//! Windows and their targets, scaled.

use fincoach_core::StandardScaler;
use fincoach_core::ndarray::{Array1, Array2, ArrayView2, Axis};

use super::{Centring, LstmParams};
use crate::engine::{Batch, Example};
use crate::slicing::rows;
use crate::{Error, Panel, Part};

/// Days the panel's mean counts for in a user's own.
const PRIOR_DAYS: f64 = 7.0;

/// How amounts become numbers of the network and back; fitted on training days alone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scaling {
    pub(super) scaler: StandardScaler,
    pub(super) centring: Centring,
}

impl Scaling {
    /// `None` when the panel has no training day.
    pub(super) fn fit(params: &LstmParams, panel: &Panel) -> Result<Option<Self>, Error> {
        let parts = params.split().parts(panel);
        let days = |series: &crate::Series| parts.days(series, Part::Train);
        let n_days = panel.series().iter().map(|series| days(series).len()).sum::<usize>();
        if n_days == 0 {
            return Ok(None);
        }
        let mut all = Array2::zeros((0, panel.categories().len()));
        all.reserve_rows(n_days).map_err(|_| too_large())?;
        for series in panel.series() {
            all.append(Axis(0), rows(series.values(), days(series))).map_err(|_| too_large())?;
        }
        Ok(Some(Self { scaler: StandardScaler::fit(all.view())?, centring: params.centring() }))
    }

    /// What amounts are measured from, per category, after the days of `past`.
    #[expect(clippy::cast_precision_loss, reason = "days stay far below 2^53")]
    pub(super) fn level(&self, past: ArrayView2<'_, f64>) -> Array1<f64> {
        let panel = Array1::from_vec(self.scaler.means().to_vec());
        match self.centring {
            Centring::Panel => panel,
            Centring::User => {
                (panel * PRIOR_DAYS + past.sum_axis(Axis(0))) / (PRIOR_DAYS + past.nrows() as f64)
            }
        }
    }

    /// Appends the scaled days, one after the other.
    #[expect(clippy::cast_possible_truncation, reason = "the network computes in f32")]
    pub(super) fn push(&self, days: ArrayView2<'_, f64>, level: &Array1<f64>, into: &mut Vec<f32>) {
        for day in days.rows() {
            let amounts = day.into_iter().zip(level).zip(self.scaler.scales());
            into.extend(amounts.map(|((amount, level), scale)| ((amount - level) / scale) as f32));
        }
    }

    /// The amount behind a number of the network.
    pub(super) fn amount(&self, number: f32, level: &Array1<f64>, category: usize) -> f64 {
        f64::from(number) * self.scaler.scales()[category] + level[category]
    }
}

fn too_large() -> Error {
    Error::Computation { reason: "the panel does not fit into memory".to_owned() }
}

/// The windows of one part with their targets.
pub(super) struct Examples {
    pub(super) n: usize,
    pub(super) window: usize,
    pub(super) n_inputs: usize,
    pub(super) n_outputs: usize,
    /// `(n, window, n_inputs)`.
    x: Vec<f32>,
    /// `(n, n_outputs)`.
    y: Vec<f32>,
}

impl Examples {
    pub(super) fn of(params: &LstmParams, panel: &Panel, scaling: &Scaling, part: Part) -> Self {
        let (window, horizon, n_inputs) = (params.window(), params.horizon(), panel.categories().len());
        let n_outputs = horizon * n_inputs;
        let mut all = Self { n: 0, window, n_inputs, n_outputs, x: Vec::new(), y: Vec::new() };
        let parts = params.split().parts(panel);
        for series in panel.series() {
            for target in parts.targets(series, part, (window, horizon)) {
                let days = |from: usize, to: usize| rows(series.values(), from..to);
                let level = scaling.level(days(0, target));
                scaling.push(days(target - window, target), &level, &mut all.x);
                scaling.push(days(target, target + horizon), &level, &mut all.y);
                all.n += 1;
            }
        }
        all
    }

    /// The windows of some examples, `(window, batch, n_inputs)`, and their targets, `(batch, n_outputs)`.
    pub(super) fn batch(&self, which: &[usize]) -> (Vec<f32>, Vec<f32>) {
        let width = self.window * self.n_inputs;
        let mut x = Vec::with_capacity(which.len() * width);
        for day in 0..self.window {
            for one in which {
                let start = one * width + day * self.n_inputs;
                x.extend_from_slice(&self.x[start..start + self.n_inputs]);
            }
        }
        let targets = which.iter().flat_map(|one| &self.y[one * self.n_outputs..(one + 1) * self.n_outputs]);
        (x, targets.copied().collect())
    }
}

impl Batch for Examples {
    fn write(&self, which: usize, into: &mut Example) {
        let width = self.window * self.n_inputs;
        into.inputs.copy_from_slice(&self.x[which * width..(which + 1) * width]);
        into.values.copy_from_slice(&self.y[which * self.n_outputs..(which + 1) * self.n_outputs]);
        into.bases.fill(0.0);
        into.weights.fill(1.0);
    }
}
