//! The trained network with everything it needs to answer in pounds.

use fincoach_core::ndarray::{Array1, Array2, ArrayView2};
use fincoach_core::nn::StateDict;
use fincoach_core::{ArtifactError, Control, DataError, Fit, FitReport, Progress, Silent, Step};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::examples::{Examples, Scaling};
use super::{LstmNetwork, LstmParams};
use crate::slicing::rows;
use crate::{CutOffs, DayForecasts, Error, Forecaster, History, Method, Panel, Part, Rule, Series};

/// What a network was trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WindowCounts {
    /// Users of the panel.
    pub n_users: usize,
    /// Users whose training part is shorter than a window and its target, so that no window is theirs; a
    /// rule serves those whose whole history is shorter than a window.
    pub n_short_users: usize,
    /// Windows trained on.
    pub n_train: usize,
    /// Windows watched for early stopping.
    pub n_validation: usize,
}

impl WindowCounts {
    pub(super) fn of(params: &LstmParams, panel: &Panel, train: &Examples, validation: &Examples) -> Self {
        let lengths = (params.window(), params.horizon());
        let parts = params.split().parts(panel);
        let is_short = |series: &&Series| parts.targets(series, Part::Train, lengths).is_empty();
        Self {
            n_users: panel.n_users(),
            n_short_users: panel.series().iter().filter(is_short).count(),
            n_train: train.n,
            n_validation: validation.n,
        }
    }
}

/// An LSTM that forecasts the coming days of every category from the last days of all of them.
///
/// One network serves all users. A user with fewer days than a window is served by
/// [`Rule::Mean`](crate::Rule::Mean), and the forecast says so. Amounts below 0 become 0.
///
/// Saved as safetensors with PyTorch's names (`lstm.weight_ih_l0`, …, `fc.bias`); scales, categories,
/// parameters and report are in the metadata.
///
/// # Examples
/// ```
/// use fincoach_core::{Fit, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_forecast::{Forecaster, LstmParams, Method, Panel, Series};
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let spent = Array2::from_shape_fn((70, 1), |(day, _)| if day % 7 == 5 { 30.0 } else { 0.0 });
/// let anna = Series::new("anna", monday, spent)?;
/// let panel = Panel::new(vec!["groceries".into()], vec![anna])?;
/// let model = LstmParams::default().with_hidden(8).with_max_epochs(2).fit(&panel)?;
/// let next = model.forecast(&panel.series()[0].history(70), 1)?;
/// assert_eq!(next.amounts().dim(), (1, 1));
/// let short = model.forecast(&panel.series()[0].history(6), 1)?;
/// assert_eq!((short.methods()[0], short.amounts()[[0, 0]]), (Method::Mean, 5.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LstmForecaster {
    pub(super) params: LstmParams,
    pub(super) categories: Vec<String>,
    pub(super) scaling: Scaling,
    pub(super) state: StateDict,
    pub(super) report: FitReport,
    pub(super) counts: WindowCounts,
    pub(super) cut_offs: Option<CutOffs>,
    network: LstmNetwork,
}

impl LstmForecaster {
    pub(super) fn new(
        params: &LstmParams,
        categories: Vec<String>,
        (scaling, state): (Scaling, StateDict),
        (report, (counts, cut_offs)): (FitReport, (WindowCounts, Option<CutOffs>)),
    ) -> Result<Self, Error> {
        let network = LstmNetwork::from_state(&state).map_err(|error| computation(&error))?;
        let params = params.clone();
        Ok(Self { params, categories, scaling, state, report, counts, cut_offs, network })
    }

    /// The parameters it was trained with.
    #[must_use]
    pub const fn params(&self) -> &LstmParams {
        &self.params
    }

    /// The categories, in the order of its inputs and outputs.
    #[must_use]
    pub fn categories(&self) -> &[String] {
        &self.categories
    }

    /// Training and validation loss of every epoch, and how training ended.
    #[must_use]
    pub const fn report(&self) -> &FitReport {
        &self.report
    }

    /// What it was trained on.
    #[must_use]
    pub const fn counts(&self) -> WindowCounts {
        self.counts
    }

    /// The dates at which the calendar of its panel was cut: weights and scales know nothing dated on or
    /// after the validation date, the moment to stop nothing on or after the test date. `None` where the
    /// split was by user.
    #[must_use]
    pub const fn cut_offs(&self) -> Option<CutOffs> {
        self.cut_offs
    }

    /// The network without its scales.
    #[must_use]
    pub const fn network(&self) -> &LstmNetwork {
        &self.network
    }

    /// The last days as the network takes them: `window·n_categories` numbers, oldest day first; `None`
    /// where there are fewer days than a window.
    #[must_use]
    pub fn window(&self, history: &History<'_>) -> Option<Vec<f32>> {
        self.inputs(history.values()).map(|(window, _)| window)
    }

    fn inputs(&self, days: ArrayView2<'_, f64>) -> Option<(Vec<f32>, Array1<f64>)> {
        let first = days.nrows().checked_sub(self.params.window())?;
        let level = self.scaling.level(days);
        let mut window = Vec::with_capacity(self.params.window() * self.categories.len());
        self.scaling.push(rows(days, first..days.nrows()), &level, &mut window);
        Some((window, level))
    }
}

impl Forecaster for LstmForecaster {
    fn method(&self) -> Method {
        Method::Lstm
    }

    fn forecast(&self, history: &History<'_>, horizon: usize) -> Result<DayForecasts, Error> {
        let n_categories = self.categories.len();
        DataError::ensure_len("categories of a history", n_categories, history.n_categories())?;
        if horizon > self.params.horizon() {
            return Err(Error::Horizon { asked: horizon, fitted: self.params.horizon() });
        }
        let Some((window, level)) = self.inputs(history.values()) else {
            return Rule::Mean.forecast(history, horizon);
        };
        let numbers = self.network.run(&window)?;
        let amounts = Array2::from_shape_fn((horizon, n_categories), |(day, category)| {
            self.scaling.amount(numbers[day * n_categories + category], &level, category)
        });
        if amounts.iter().all(|amount| amount.is_finite()) {
            return Ok(DayForecasts::new(amounts, vec![Method::Lstm; n_categories]));
        }
        Rule::Mean.forecast(history, horizon)
    }
}

impl LstmParams {
    /// `n_seeds` networks on the same panel, with the seeds `seed`, `seed + 1`, …, trained side by side;
    /// how far they differ is how much of a result is luck.
    ///
    /// # Errors
    /// As [`Fit::fit`](fincoach_core::Fit::fit); of several, that of the lowest seed.
    pub fn fit_seeds(&self, panel: &Panel, n_seeds: usize) -> Result<Vec<LstmForecaster>, Error> {
        self.fit_seeds_with(panel, n_seeds, &mut Silent)
    }

    /// [`LstmParams::fit_seeds`], telling each finished network in the order of the seeds (stage
    /// `lstm_seeds`). As many are trained side by side as there are threads. Told to stop after one, it
    /// returns the networks up to that one: the same whatever the number of threads, and at least one.
    ///
    /// # Errors
    /// As [`LstmParams::fit_seeds`].
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{Control, Step, chrono::NaiveDate, ndarray::Array2};
    /// use fincoach_forecast::{LstmParams, Panel, Series};
    /// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    /// let anna = Series::new("anna", monday, Array2::from_elem((40, 1), 2.0))?;
    /// let panel = Panel::new(vec!["groceries".into()], vec![anna])?;
    /// let params = LstmParams::default().with_hidden(2).with_max_epochs(1);
    /// let mut after_two =
    ///     |step: &Step<'_>| if step.done == 2 { Control::Stop } else { Control::Continue };
    /// assert_eq!(params.fit_seeds_with(&panel, 9, &mut after_two)?.len(), 2);
    /// # Ok::<(), fincoach_forecast::Error>(())
    /// ```
    pub fn fit_seeds_with(
        &self,
        panel: &Panel,
        n_seeds: usize,
        progress: &mut dyn Progress,
    ) -> Result<Vec<LstmForecaster>, Error> {
        let fit = |more: u64| self.clone().with_seed(self.seed().wrapping_add(more)).fit(panel);
        let at_once = rayon::current_num_threads().max(1);
        let mut models = Vec::with_capacity(n_seeds);
        while models.len() < n_seeds {
            let seeds = models.len()..n_seeds.min(models.len() + at_once);
            let fitted: Vec<_> = seeds.into_par_iter().map(|more| fit(more as u64)).collect();
            for model in fitted {
                models.push(model?);
                let step = Step::new("lstm_seeds", models.len() as u64, n_seeds as u64);
                if progress.step(&step) == Control::Stop {
                    return Ok(models);
                }
            }
        }
        Ok(models)
    }
}

fn computation(error: &ArtifactError) -> Error {
    Error::Computation { reason: error.to_string() }
}
