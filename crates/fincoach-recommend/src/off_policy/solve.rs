//! Symmetric positive systems of equations.

use fincoach_core::ndarray::{Array1, Array2, ArrayView1, Axis};

/// The lower triangle `L` of `matrix = L·Lᵀ` (Cholesky); nothing when the matrix is not positive.
#[derive(Clone, Debug)]
pub(crate) struct Cholesky(Array2<f64>);

impl Cholesky {
    /// `O(n³/3)`.
    pub(crate) fn of(mut matrix: Array2<f64>) -> Option<Self> {
        for i in 0..matrix.nrows() {
            let (above, mut rest) = matrix.view_mut().split_at(Axis(0), i);
            let mut row = rest.row_mut(0);
            for j in 0..i {
                let known = begin(row.view(), j).dot(&begin(above.row(j), j));
                row[j] = (row[j] - known) / above[(j, j)];
            }
            let known = begin(row.view(), i);
            let rest = row[i] - known.dot(&known);
            if !(rest > 0.0 && rest.is_finite()) {
                return None;
            }
            row[i] = rest.sqrt();
        }
        Some(Self(matrix))
    }

    /// `X` of `matrix · X = right`, `(n, m)`; `O(n²·m)`.
    pub(crate) fn solve(&self, mut right: Array2<f64>) -> Array2<f64> {
        for i in 0..right.nrows() {
            let (known, mut rest) = right.view_mut().split_at(Axis(0), i);
            let mut row = rest.row_mut(0);
            row -= &begin(self.0.row(i), i).dot(&known);
            row /= self.0[(i, i)];
        }
        for i in (0..right.nrows()).rev() {
            let (mut rest, known) = right.view_mut().split_at(Axis(0), i + 1);
            let mut row = rest.row_mut(i);
            let below = self.0.column(i).split_at(Axis(0), i + 1).1;
            row -= &below.dot(&known);
            row /= self.0[(i, i)];
        }
        right
    }

    /// `x` of `matrix · x = right`.
    pub(crate) fn solve_one(&self, right: &Array1<f64>) -> Array1<f64> {
        let column = right.clone().insert_axis(Axis(1));
        self.solve(column).column(0).to_owned()
    }
}

fn begin(values: ArrayView1<'_, f64>, n: usize) -> ArrayView1<'_, f64> {
    values.split_at(Axis(0), n).0
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::array;

    use super::*;

    #[test]
    fn a_system_is_solved_and_a_singular_one_is_not() {
        let matrix = array![[4.0, 2.0, 0.5], [2.0, 3.0, 1.0], [0.5, 1.0, 2.0]];
        let expected = array![[1.0, -2.0], [0.5, 3.0], [-1.0, 0.25]];
        let found = Cholesky::of(matrix.clone()).unwrap().solve(matrix.dot(&expected));
        assert!((found - expected).iter().all(|error| error.abs() < 1e-14));
        assert!(Cholesky::of(array![[1.0, 1.0], [1.0, 1.0]]).is_none());
        assert!(Cholesky::of(array![[f64::NAN]]).is_none());
    }
}
