//! Functions of the state that linear models are linear in.

use fincoach_core::ndarray::{Array2, ArrayView1, ArrayView2};
use fincoach_core::{DataError, StandardScaler};
use serde::{Deserialize, Serialize};

/// The functions of the state that the models of off-policy estimators are linear in, besides an intercept.
///
/// With `d` columns and `k` actions a fit costs `O(n·k·p²)` for `p` functions, and `p` is:
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Basis {
    /// The columns; `p = d + 1`.
    #[default]
    Linear,
    /// The columns and their squares; `p = 2d + 1`.
    Squares,
    /// The columns, their squares and the products of all pairs; `p = d(d + 3)/2 + 1`. For few columns.
    Products,
    /// An indicator for each of so many quantile bins of each column, the first left out; at least 2.
    /// `p ≤ d·(bins − 1) + 1`.
    Bins(usize),
}

/// A basis with what it learnt from states: means, deviations, cuts. It looks at no reward.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Features {
    basis: Basis,
    columns: StandardScaler,
    /// Upper ends of the bins of each column but the last, rising, without repetition.
    cuts: Vec<Vec<f64>>,
    functions: StandardScaler,
}

impl Features {
    pub(crate) fn fit(basis: Basis, states: ArrayView2<'_, f64>) -> Result<Self, DataError> {
        let columns = StandardScaler::fit(states)?;
        let scaled = columns.transform(states)?;
        let cuts = match basis {
            Basis::Bins(bins) => scaled.columns().into_iter().map(|column| cuts(column, bins)).collect(),
            _ => Vec::new(),
        };
        let functions = StandardScaler::fit(expand(basis, &cuts, &scaled).view())?;
        Ok(Self { basis, columns, cuts, functions })
    }

    /// The functions of each state, standardised, `(n_rows, p)`; the first is 1.
    pub(crate) fn of(&self, states: ArrayView2<'_, f64>) -> Result<Array2<f64>, DataError> {
        let expanded = expand(self.basis, &self.cuts, &self.columns.transform(states)?);
        let scaled = self.functions.transform(expanded.view())?;
        let with_one =
            |(row, column): (usize, usize)| if column == 0 { 1.0 } else { scaled[(row, column - 1)] };
        Ok(Array2::from_shape_fn((scaled.nrows(), scaled.ncols() + 1), with_one))
    }
}

fn expand(basis: Basis, cuts: &[Vec<f64>], states: &Array2<f64>) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = states.rows().into_iter().map(|row| functions(basis, cuts, row)).collect();
    let n_columns = rows.first().map_or(0, Vec::len);
    Array2::from_shape_fn((rows.len(), n_columns), |(row, column)| rows[row][column])
}

fn functions(basis: Basis, cuts: &[Vec<f64>], row: ArrayView1<'_, f64>) -> Vec<f64> {
    let mut values = row.to_vec();
    match basis {
        Basis::Linear => {}
        Basis::Squares => values.extend(row.iter().map(|x| x * x)),
        Basis::Products => {
            values.extend(
                (0..row.len()).flat_map(|i| (0..=i).map(move |j| (i, j))).map(|(i, j)| row[i] * row[j]),
            );
        }
        Basis::Bins(_) => {
            let indicators = |(x, cuts): (&f64, &Vec<f64>)| {
                let bin = cuts.partition_point(|cut| cut < x);
                (1..=cuts.len()).map(|own| f64::from(u8::from(own == bin))).collect::<Vec<_>>()
            };
            values = row.iter().zip(cuts).flat_map(indicators).collect();
        }
    }
    values
}

/// Values that part a column into bins with about equally many rows; fewer where values repeat.
fn cuts(column: ArrayView1<'_, f64>, bins: usize) -> Vec<f64> {
    let mut sorted = column.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    let mut cuts: Vec<f64> = (1..bins)
        .filter_map(|bin| sorted.get((sorted.len() * bin / bins).saturating_sub(1)).copied())
        .collect();
    cuts.dedup();
    cuts.retain(|cut| Some(cut) != sorted.get(last));
    cuts
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::array;

    use super::*;

    #[test]
    fn every_basis_has_its_number_of_functions() {
        let states = array![[1.0, 0.0], [2.0, 1.0], [3.0, 0.0], [4.0, 5.0]];
        let n = |basis| Features::fit(basis, states.view()).unwrap().of(states.view()).unwrap().ncols();
        assert_eq!([Basis::Linear, Basis::Squares, Basis::Products].map(n), [3, 5, 6]);
        // Four values make four bins, three indicators; 0, 0, 1, 5 part into 0 | 1 | 5, two indicators.
        assert_eq!(n(Basis::Bins(4)), 6);
    }

    #[test]
    fn bins_hold_equally_many_rows_and_new_values_fall_into_them() {
        let column = array![5.0, 1.0, 3.0, 2.0, 4.0, 6.0];
        assert_eq!(cuts(column.view(), 3), [2.0, 4.0]);
        assert_eq!(cuts(array![7.0, 7.0].view(), 3), [0.0; 0]);
        let of = |x: f64| functions(Basis::Bins(3), &[vec![2.0, 4.0]], array![x].view());
        assert_eq!([of(-9.0), of(2.0), of(2.5), of(99.0)], [[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]);
    }

    #[test]
    fn functions_have_mean_0_beside_the_intercept() {
        let states = array![[1.0], [2.0], [6.0]];
        let of = Features::fit(Basis::Squares, states.view()).unwrap().of(states.view()).unwrap();
        assert_eq!(of.column(0).to_vec(), [1.0; 3]);
        assert!(of.column(1).sum().abs() < 1e-12 && of.column(2).sum().abs() < 1e-12);
    }
}
