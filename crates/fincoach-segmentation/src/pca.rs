//! Principal components: a view of many columns in two dimensions.

use fincoach_core::ndarray::{Array1, Array2, ArrayView2, Axis};
use fincoach_core::{DataError, ParamError, json_artifact};
use linfa_linalg::eigh::{EigSort, Eigh};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::kmeans::{Points, matrix_of, rows_of};

/// Directions of most variance.
///
/// Components are the eigenvectors of the covariance matrix (denominator `n_rows − 1`), largest variance
/// first, of length 1; the sign makes the loading of largest size positive, the first of equals. Columns
/// are centred, not scaled: scale them before where their units differ. Cost
/// `O(n_rows · n_columns² + n_columns³)`.
///
/// # Examples
/// ```
/// use fincoach_core::ndarray::array;
/// use fincoach_segmentation::Pca;
/// let points = array![[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]];
/// let pca = Pca::fit(points.view(), 1)?;
/// assert!((pca.components()[[0, 1]] - 0.8).abs() < 1e-12);
/// assert!((pca.explained_variance_ratio()[0] - 1.0).abs() < 1e-12);
/// assert!((pca.transform(points.view())?[[2, 0]] - 5.0).abs() < 1e-12);
/// # Ok::<(), fincoach_segmentation::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct Pca {
    means: Array1<f64>,
    components: Array2<f64>,
    explained_variance: Vec<f64>,
    total_variance: f64,
}

impl Pca {
    /// The first `n_components` components of `points`, `(n_rows, n_columns)`.
    ///
    /// # Errors
    /// [`Error::Data`] for no rows, no columns, values that are not finite or beyond 1e100;
    /// [`Error::Param`] unless `n_components` is from 1 to the lesser of rows and columns;
    /// [`Error::Decomposition`].
    pub fn fit(points: ArrayView2<'_, f64>, n_components: usize) -> Result<Self, Error> {
        Points::checked(&points)?;
        let most = points.nrows().min(points.ncols());
        let allowed = "from 1 to the lesser of rows and columns";
        ParamError::ensure((1..=most).contains(&n_components), "n_components", allowed, n_components)?;
        let means = points.mean_axis(Axis(0)).ok_or(DataError::Empty { what: "rows" })?;
        let covariance = covariance(&(&points - &means));
        let total_variance = covariance.diag().sum();
        let (variances, vectors) = eigen(&covariance)?;
        let mut components = Array2::zeros((n_components, points.ncols()));
        for (mut component, vector) in components.rows_mut().into_iter().zip(vectors.columns()) {
            component.assign(&vector);
            component *= sign(component.iter().copied());
        }
        // Rounding leaves tiny negative numbers where there is no variance.
        let explained_variance = variances.iter().take(n_components).map(|value| value.max(0.0)).collect();
        Ok(Self { means, components, explained_variance, total_variance })
    }

    /// The mean of each column.
    #[must_use]
    pub fn means(&self) -> &[f64] {
        self.means.as_slice().unwrap_or_default()
    }

    /// Unit vectors, `(n_components, n_columns)`, largest variance first.
    #[must_use]
    pub fn components(&self) -> ArrayView2<'_, f64> {
        self.components.view()
    }

    /// The variance along each component.
    #[must_use]
    pub fn explained_variance(&self) -> &[f64] {
        &self.explained_variance
    }

    /// The share of the variance of all columns that each component holds, in [0, 1]; 0 where nothing
    /// varies.
    #[must_use]
    pub fn explained_variance_ratio(&self) -> Vec<f64> {
        let total = self.total_variance;
        let share = |variance: &f64| if total > 0.0 { (variance / total).min(1.0) } else { 0.0 };
        self.explained_variance.iter().map(share).collect()
    }

    /// The rows in the coordinates of the components, `(n_rows, n_components)`.
    ///
    /// # Errors
    /// [`Error::Data`] for another number of columns or values that are not finite or beyond 1e100.
    pub fn transform(&self, points: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
        DataError::ensure_len("columns", self.means.len(), points.ncols())?;
        if points.nrows() > 0 {
            Points::checked(&points)?;
        }
        // Row by row: a matrix product may add in another order for another number of rows.
        let mut transformed = Array2::zeros((points.nrows(), self.components.nrows()));
        for (mut target, row) in transformed.rows_mut().into_iter().zip(points.rows()) {
            let centred = &row - &self.means;
            for (value, component) in target.iter_mut().zip(self.components.rows()) {
                *value = component.dot(&centred);
            }
        }
        Ok(transformed)
    }
}

json_artifact!(Pca, "pca", 1);

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn covariance(centred: &Array2<f64>) -> Array2<f64> {
    let freedom = centred.nrows().saturating_sub(1).max(1) as f64;
    centred.t().dot(centred) / freedom
}

/// Eigenvalues in descending order, and their vectors as columns.
fn eigen(matrix: &Array2<f64>) -> Result<(Array1<f64>, Array2<f64>), Error> {
    if matrix.iter().all(|value| *value == 0.0) {
        return Ok((Array1::zeros(matrix.nrows()), Array2::eye(matrix.nrows())));
    }
    let decomposed = matrix.eigh().map_err(|error| Error::Decomposition { reason: error.to_string() })?;
    let (values, vectors) = decomposed.sort_eig_desc();
    if values.iter().chain(&vectors).all(|value| value.is_finite()) {
        Ok((values, vectors))
    } else {
        Err(Error::Decomposition { reason: "a value is not finite".to_owned() })
    }
}

/// The sign of the value of largest size, the first of equals.
fn sign(values: impl Iterator<Item = f64>) -> f64 {
    let mut largest = 0.0_f64;
    for value in values {
        // The margin keeps rounding from choosing between loadings of equal size.
        if value.abs() > largest.abs() * (1.0 + 1e-9) {
            largest = value;
        }
    }
    if largest < 0.0 { -1.0 } else { 1.0 }
}

/// The form on disk.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    means: Vec<f64>,
    components: Vec<Vec<f64>>,
    explained_variance: Vec<f64>,
    total_variance: f64,
}

impl From<Pca> for Repr {
    fn from(pca: Pca) -> Self {
        let components = rows_of(&pca.components);
        let Pca { means, explained_variance, total_variance, .. } = pca;
        Self { means: means.to_vec(), components, explained_variance, total_variance }
    }
}

impl TryFrom<Repr> for Pca {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let inconsistent = |reason: String| DataError::Inconsistent { what: "pca", reason };
        let components = matrix_of(&repr.components)?;
        Points::checked(&components).map_err(|error| inconsistent(error.to_string()))?;
        DataError::ensure_len("means", components.ncols(), repr.means.len())?;
        DataError::ensure_len("variances", components.nrows(), repr.explained_variance.len())?;
        let good = |value: &f64| *value >= 0.0 && value.is_finite();
        if !repr.explained_variance.iter().chain([&repr.total_variance]).all(good) {
            return Err(inconsistent("a variance is negative or not finite".to_owned()));
        }
        if !repr.means.iter().all(|mean| mean.is_finite()) {
            return Err(inconsistent("a mean is not finite".to_owned()));
        }
        let Repr { means, explained_variance, total_variance, .. } = repr;
        Ok(Self { means: means.into(), components, explained_variance, total_variance })
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::array;

    use super::*;
    use fincoach_core::Artifact as _;

    #[test]
    fn constant_data_explains_nothing() {
        let pca = Pca::fit(Array2::from_elem((3, 2), 7.0).view(), 2).unwrap();
        assert_eq!(pca.explained_variance_ratio(), [0.0, 0.0]);
        assert_eq!(pca.transform(array![[8.0, 7.0]].view()).unwrap().nrows(), 1);
    }

    #[test]
    fn one_column_and_one_row_are_enough() {
        let pca = Pca::fit(array![[1.0], [3.0]].view(), 1).unwrap();
        assert_eq!((pca.explained_variance(), pca.means()), (&[2.0][..], &[2.0][..]));
        assert_eq!(Pca::fit(array![[1.0, 2.0]].view(), 1).unwrap().explained_variance(), [0.0]);
    }

    #[test]
    fn too_many_components_are_refused() {
        assert!(matches!(Pca::fit(array![[1.0], [3.0]].view(), 2), Err(Error::Param(_))));
        assert!(matches!(Pca::fit(array![[1.0], [3.0]].view(), 0), Err(Error::Param(_))));
    }

    #[test]
    fn the_largest_loading_is_positive() {
        let pca = Pca::fit(array![[0.0, 0.0], [1.0, -3.0], [2.0, -6.1]].view(), 2).unwrap();
        assert!(pca.components()[[0, 1]] > 0.0 && pca.components()[[0, 0]] < 0.0);
        assert_eq!(sign([0.5, -0.5].into_iter()), 1.0);
        assert_eq!(sign([-0.5, 0.5 + 1e-13].into_iter()), -1.0);
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let pca = Pca::fit(array![[0.0, 1.0], [1.0, 3.0], [2.0, 6.5]].view(), 2).unwrap();
        let text = String::from_utf8(pca.to_bytes().unwrap()).unwrap();
        assert_eq!(Pca::from_bytes(text.as_bytes()).unwrap(), pca);
        for (from, to) in
            [("\"means\":[1.0,", "\"means\":[1.0,1.0,"), ("\"total_variance\":", "\"total_variance\":-")]
        {
            assert_ne!(text.replace(from, to), text);
            assert!(Pca::from_bytes(text.replace(from, to).as_bytes()).is_err());
        }
    }
}
