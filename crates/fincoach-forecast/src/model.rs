//! What every model of a panel has in common.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::{Array2, ArrayView2};

use crate::{Error, Frequency, Panel, Series};

/// A way of forecasting a panel, before it has seen data: a plain model, a blend, a network.
///
/// What `fit` is given ends at the origin, and so does what [`FittedModel::forecast`] is given: a model has
/// no way to read what came after.
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::array};
/// use fincoach_forecast::{Panel, PanelModel, Plain, Series};
/// let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let anna = Series::new("anna", start, array![[4.0], [2.0]])?;
/// let panel = Panel::new(vec!["groceries".into()], vec![anna])?;
/// let model: &dyn PanelModel = &Plain::Naive;
/// let outlooks = model.fit(&panel)?.forecast(&panel, 3)?;
/// assert_eq!(outlooks[0].points().column(0).to_vec(), [2.0, 2.0, 2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait PanelModel: Sync {
    /// The name in tables and files.
    fn name(&self) -> String;

    /// The model fitted on everything known at the origin.
    ///
    /// # Errors
    /// As the model says; plain models never fail.
    fn fit(&self, past: &Panel) -> Result<Box<dyn FittedModel>, Error>;

    /// Whether fitting it is so cheap that a back-test always fits it anew.
    fn is_local(&self) -> bool {
        false
    }
}

/// A fitted model: from everything known at an origin to the days to come.
pub trait FittedModel: Send + Sync {
    /// One outlook per series of the panel, in its order; `past` may reach further than what was fitted on.
    ///
    /// # Errors
    /// As the model says, such as [`Error::Horizon`]; plain models never fail.
    fn forecast(&self, past: &Panel, horizon: usize) -> Result<Vec<Outlook>, Error>;

    /// The same model after it learnt new days on, without being fitted anew; `None` for one that cannot.
    ///
    /// # Errors
    /// As the model says.
    fn updated(&self, past: &Panel) -> Result<Option<Box<dyn FittedModel>>, Error> {
        let _ = past;
        Ok(None)
    }
}

/// The forecast of one series: every category, and after them the total where there are several.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    user: String,
    first: NaiveDate,
    frequency: Frequency,
    points: Array2<f64>,
    served_by: Vec<String>,
    is_stand_in: Vec<bool>,
    quantiles: Vec<(f64, Array2<f64>)>,
}

impl Outlook {
    /// The outlook of a series from the `points` `(horizon, n_targets)` of a model, all categories and the
    /// total where there are several. Values below zero become zero, as does what is not finite.
    #[must_use]
    pub fn new(series: &Series, points: Array2<f64>, name: &str) -> Self {
        let n_targets = points.ncols();
        Self {
            user: series.user().to_owned(),
            first: series.date(series.n_days()),
            frequency: series.frequency(),
            points: points.mapv(at_least_zero),
            served_by: vec![name.to_owned(); n_targets],
            is_stand_in: vec![false; n_targets],
            quantiles: Vec::new(),
        }
    }

    /// The outlook whose total is the sum of the `points` `(horizon, n_categories)`.
    #[must_use]
    pub fn bottom_up(series: &Series, points: &Array2<f64>, name: &str) -> Self {
        let n_categories = points.ncols();
        let n_targets = n_categories + usize::from(n_categories > 1);
        let all = Array2::from_shape_fn((points.nrows(), n_targets), |(day, place)| {
            if place < n_categories {
                at_least_zero(points[[day, place]])
            } else {
                points.row(day).iter().copied().map(at_least_zero).sum()
            }
        });
        Self::new(series, all, name)
    }

    /// The same outlook with the name of a model that stood in for a target.
    #[must_use]
    pub fn with_stand_in(mut self, place: usize, name: &str) -> Self {
        if let (Some(served), Some(flag)) = (self.served_by.get_mut(place), self.is_stand_in.get_mut(place)) {
            name.clone_into(served);
            *flag = true;
        }
        self
    }

    /// The same outlook with quantiles of the shape of the points, by rising level.
    #[must_use]
    pub fn with_quantiles(mut self, mut quantiles: Vec<(f64, Array2<f64>)>) -> Self {
        quantiles.retain(|(_, values)| values.dim() == self.points.dim());
        quantiles.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, values) in &mut quantiles {
            values.mapv_inplace(at_least_zero);
        }
        self.quantiles = quantiles;
        self
    }

    /// The same outlook, one target named after who served it in another.
    pub(crate) fn served_like(mut self, place: usize, other: &Self) -> Self {
        self.served_by[place].clone_from(&other.served_by[place]);
        self.is_stand_in[place] = other.is_stand_in[place];
        self
    }

    /// The same outlook, one target named after who serves it.
    pub(crate) fn served_as(mut self, place: usize, name: &str) -> Self {
        name.clone_into(&mut self.served_by[place]);
        self.is_stand_in[place] = false;
        self
    }

    /// The same outlook under another name of the model; who stood in is still named.
    pub(crate) fn renamed(mut self, name: &str) -> Self {
        for (served, is_stand_in) in self.served_by.iter_mut().zip(&self.is_stand_in) {
            if !is_stand_in {
                name.clone_into(served);
            }
        }
        self
    }

    pub(crate) fn with_points(mut self, points: Array2<f64>) -> Self {
        self.points = points.mapv(at_least_zero);
        self
    }

    /// Whose outlook.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The date of a step, 0 being the first to come.
    #[must_use]
    pub fn date(&self, ahead: usize) -> NaiveDate {
        self.frequency.after(self.first, ahead)
    }

    /// The forecast, `(horizon, n_targets)`, none below 0.
    #[must_use]
    pub fn points(&self) -> ArrayView2<'_, f64> {
        self.points.view()
    }

    /// Per target, the name of the model that gave it.
    #[must_use]
    pub fn served_by(&self) -> &[String] {
        &self.served_by
    }

    /// Per target, whether another model stood in for the one asked.
    #[must_use]
    pub fn is_stand_in(&self) -> &[bool] {
        &self.is_stand_in
    }

    /// Quantiles by rising level, each of the shape of the points; empty for models that give none.
    #[must_use]
    pub fn quantiles(&self) -> &[(f64, Array2<f64>)] {
        &self.quantiles
    }
}

fn at_least_zero(value: f64) -> f64 {
    if value.is_finite() { value.max(0.0) } else { 0.0 }
}
