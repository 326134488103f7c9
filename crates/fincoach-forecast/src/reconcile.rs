//! Categories that add up to the total.

use fincoach_core::ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use crate::{Backtest, Error, Outlook, Scope};

/// How forecasts of categories and of the total are made to agree.
///
/// With `c = (1, …, 1, -1)` the gap `c·ŷ` between the sum of the categories and the total is shared out by
/// `ỹ = ŷ - W c (c·ŷ)/(c·W c)`, the optimal combination of Wickramasuriya and others (2019) for one total, with
/// `W` as the way says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reconcile {
    /// The total is the sum of the categories.
    #[default]
    BottomUp,
    /// `W` the identity: everybody gives the same.
    Ols,
    /// `W` the variances of the errors: who is surest gives least.
    Wls,
    /// `W` their covariances, drawn towards the diagonal (Schäfer and Strimmer 2005).
    MinT,
}

/// Weights by which the gap between categories and total is shared out.
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::Array2, rng::stream};
/// use fincoach_forecast::{BacktestParams, FittedModel, Panel, PanelModel, Plain, Reconcile, Reconciliation, Series};
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let mut rng = stream(1, 0);
/// let spent = Array2::from_shape_fn((200, 2), |_| 50.0 + 10.0 * rng.normal());
/// let categories = vec!["food".into(), "rent".into()];
/// let panel = Panel::new(categories, vec![Series::new("anna", monday, spent)?])?;
/// let model = Plain::SeasonMedian { seasons: 8 };
/// let backtest = BacktestParams::default().run(&panel, &[&model])?;
/// let reconciliation = Reconciliation::of(&backtest, "season_median_8", Reconcile::MinT)?;
/// let outlook = reconciliation.apply(&model.fit(&panel)?.forecast(&panel, 1)?[0]);
/// let day = outlook.points();
/// assert!((day[[0, 0]] + day[[0, 1]] - day[[0, 2]]).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconciliation {
    way: Reconcile,
    /// `W c/(c·W c)`, categories and the total.
    share: Vec<f64>,
}

impl Reconciliation {
    /// The weights from the errors of a model in a back-test.
    ///
    /// # Errors
    /// [`Error::Data`] for an unknown model or a back-test without forecasts.
    pub fn of(backtest: &Backtest, model: &str, way: Reconcile) -> Result<Self, Error> {
        let errors = |target: &String| -> Result<Vec<f64>, Error> {
            let all = backtest.forecasts(model, &Scope::default().with_target(target))?;
            Ok(all.iter().map(|one| one.actual - one.forecast).collect())
        };
        let errors = backtest.targets().iter().map(errors).collect::<Result<Vec<_>, _>>()?;
        let weights = match way {
            Reconcile::BottomUp | Reconcile::Ols => Array2::eye(errors.len()),
            Reconcile::Wls => Array2::from_diag(&covariance(&errors).diag().to_owned()),
            Reconcile::MinT => shrunk(&errors),
        };
        Ok(Self { way, share: share(&weights) })
    }

    /// Which way.
    #[must_use]
    pub const fn way(&self) -> Reconcile {
        self.way
    }

    /// The outlook with categories that add up to the total; one of another width, or of one category alone, stays as it is.
    ///
    /// Categories that would fall below 0 are 0, and the total is their sum.
    #[must_use]
    pub fn apply(&self, outlook: &Outlook) -> Outlook {
        let mut points = outlook.points().to_owned();
        let n = points.ncols().saturating_sub(1);
        if n == 0 || points.ncols() != self.share.len() {
            return outlook.clone();
        }
        for mut day in points.rows_mut() {
            let gap = day.iter().take(n).sum::<f64>() - day[n];
            if self.way != Reconcile::BottomUp {
                for (value, share) in day.iter_mut().zip(&self.share) {
                    *value = (*value - share * gap).max(0.0);
                }
            }
            day[n] = day.iter().take(n).sum();
        }
        outlook.clone().with_points(points)
    }
}

/// `W c/(c·W c)` with `c = (1, …, 1, -1)`; equal shares where that is 0.
fn share(weights: &Array2<f64>) -> Vec<f64> {
    let n = weights.nrows();
    let sign = |place: usize| if place + 1 == n { -1.0 } else { 1.0 };
    let constraint = Array1::from_shape_fn(n, sign);
    let pulled = weights.dot(&constraint);
    let scale = constraint.dot(&pulled);
    if scale > 0.0 { (pulled / scale).to_vec() } else { share(&Array2::eye(n)) }
}

/// Mean products of errors.
fn covariance(errors: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_fn((errors.len(), errors.len()), |(a, b)| {
        let products = errors[a].iter().zip(&errors[b]).map(|(x, y)| x * y);
        products.sum::<f64>() / real(errors[a].len())
    })
}

/// `λ·diag(W) + (1 - λ)·W` with `λ = Σ Var(r_ij)/Σ r_ij²` over the correlations, within [0, 1].
fn shrunk(errors: &[Vec<f64>]) -> Array2<f64> {
    let full = covariance(errors);
    let n = real(errors.first().map_or(0, Vec::len));
    let (mut noise, mut signal) = (0.0, 0.0);
    for a in 0..errors.len() {
        for b in (0..errors.len()).filter(|b| *b != a) {
            let scale = (full[[a, a]] * full[[b, b]]).sqrt();
            if scale <= 0.0 {
                continue;
            }
            let mean = full[[a, b]] / scale;
            let squares = errors[a].iter().zip(&errors[b]).map(|(x, y)| (x * y / scale - mean).powi(2));
            noise += squares.sum::<f64>() / (n * (n - 1.0).max(1.0));
            signal += mean * mean;
        }
    }
    let lambda = if signal > 0.0 { (noise / signal).clamp(0.0, 1.0) } else { 1.0 };
    Array2::from_shape_fn(full.dim(), |(a, b)| full[[a, b]] * if a == b { 1.0 } else { 1.0 - lambda })
}

#[expect(clippy::cast_precision_loss, reason = "numbers of forecasts")]
const fn real(n: usize) -> f64 {
    n as f64
}
