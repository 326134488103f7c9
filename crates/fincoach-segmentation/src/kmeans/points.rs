//! Rows of numbers as the inner loops want them, and distances between them.

use fincoach_core::DataError;
use fincoach_core::ndarray::{Array2, ArrayBase, Data, Ix2};
use pulp::{Scalar, Simd};
use rayon::prelude::*;

use crate::Error;

/// Beyond this the sum of squared distances of a large table could overflow.
const LARGEST: f64 = 1e100;

/// Rows worked on at a time; fixed, so that sums are the same for any number of threads.
pub(crate) const BLOCK: usize = 1024;

/// Rows of equal width, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Points {
    values: Vec<f64>,
    width: usize,
}

impl Points {
    /// Rows of equal width out of their values; a remainder is dropped.
    pub(crate) fn new(values: Vec<f64>, width: usize) -> Self {
        Self { values, width: width.max(1) }
    }

    /// The rows of a matrix, checked: at least one row and column, finite, none beyond 1e100.
    pub(crate) fn checked<S: Data<Elem = f64>>(matrix: &ArrayBase<S, Ix2>) -> Result<Self, Error> {
        if matrix.nrows() == 0 {
            return Err(DataError::Empty { what: "rows" }.into());
        }
        if matrix.ncols() == 0 {
            return Err(DataError::Empty { what: "columns" }.into());
        }
        for ((row, column), &value) in matrix.indexed_iter() {
            check_value(row, column, value)?;
        }
        // Adding 0 turns -0 into 0, so that equal rows are also equal in the total order of floats.
        Ok(Self::new(matrix.iter().map(|value| value + 0.0).collect(), matrix.ncols()))
    }

    /// The same rows in another order.
    pub(crate) fn reordered(&self, order: &[usize]) -> Self {
        let mut values = vec![0.0; order.len() * self.width];
        values.par_chunks_mut(BLOCK * self.width).zip(order.par_chunks(BLOCK)).for_each(|(values, rows)| {
            let places = values.chunks_exact_mut(self.width).zip(rows);
            places.for_each(|(place, row)| place.copy_from_slice(self.row(*row)));
        });
        Self::new(values, self.width)
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len() / self.width
    }

    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width..(row + 1) * self.width]
    }

    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[row * self.width..(row + 1) * self.width]
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[f64]> + Clone {
        self.values.chunks_exact(self.width)
    }

    /// The values of `n_rows` rows at a time.
    pub(crate) fn blocks(&self, n_rows: usize) -> rayon::slice::Chunks<'_, f64> {
        self.values.par_chunks(n_rows * self.width)
    }

    /// The rows as a matrix, `(n_rows, n_columns)`.
    pub(crate) fn to_array(&self) -> Array2<f64> {
        Array2::from_shape_fn((self.len(), self.width), |(row, column)| self.row(row)[column])
    }

    /// The mean row, and the sum of squared distances from it.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(crate) fn scatter(&self) -> (Vec<f64>, f64) {
        let n = self.len().max(1) as f64;
        let mean_of = |rows: &[f64]| {
            let mut mean = vec![0.0; self.width];
            rows.chunks_exact(self.width).for_each(|row| add(&mut mean, row, 1.0 / n));
            mean
        };
        let parts: Vec<Vec<f64>> = self.blocks(BLOCK).map(mean_of).collect();
        let mut mean = vec![0.0; self.width];
        parts.iter().for_each(|part| add(&mut mean, part, 1.0));
        let from_mean = |rows: &[f64]| -> f64 {
            rows.chunks_exact(self.width).map(|row| squared_distance(row, &mean)).sum()
        };
        let squares: Vec<f64> = self.blocks(BLOCK).map(from_mean).collect();
        let squares = squares.iter().sum();
        (mean, squares)
    }

    /// Checks that there are distinct rows enough for so many clusters.
    pub(crate) fn ensure_enough(&self, n_clusters: usize) -> Result<(), Error> {
        if self.len() < n_clusters {
            return Err(Error::TooFewRows { rows: self.len(), n_clusters });
        }
        let distinct = self.n_distinct(n_clusters);
        if distinct < n_clusters {
            return Err(Error::TooFewDistinct { distinct, n_clusters });
        }
        Ok(())
    }

    /// The number of distinct rows, counted no further than `enough`.
    pub(crate) fn n_distinct(&self, enough: usize) -> usize {
        let mut found: Vec<&[f64]> = Vec::new();
        for row in self.rows() {
            if found.len() >= enough {
                break;
            }
            if found.iter().all(|known| squared_distance(known, row) > 0.0) {
                found.push(row);
            }
        }
        found.len()
    }

    /// Rows in ascending order of their values, column by column; equal rows in their own order.
    pub(crate) fn sorted_order(&self) -> Vec<usize> {
        // Most rows differ in their first value: with it at hand, few are looked up.
        let mut order: Vec<(i64, usize)> =
            self.rows().map(|row| sort_key(row[0])).zip(0..self.len()).collect();
        order.par_sort_unstable_by(|a, b| {
            let ties = || compare(self.row(a.1), self.row(b.1)).then(a.1.cmp(&b.1));
            a.0.cmp(&b.0).then_with(ties)
        });
        order.into_iter().map(|(_, row)| row).collect()
    }
}

/// A whole number whose order is [`f64::total_cmp`]'s.
#[expect(clippy::cast_possible_wrap, clippy::cast_sign_loss, reason = "bits, not numbers")]
fn sort_key(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

fn check_value(row: usize, column: usize, value: f64) -> Result<(), DataError> {
    if !value.is_finite() {
        return Err(DataError::NotFinite { row, column: column.to_string(), value });
    }
    if value.abs() > LARGEST {
        return Err(DataError::OutOfRange { row, what: "value", allowed: "within 1e100 of 0", value });
    }
    Ok(())
}

/// Lexicographic order of two rows.
pub(crate) fn compare(a: &[f64], b: &[f64]) -> std::cmp::Ordering {
    let differing = a.iter().zip(b).map(|(x, y)| x.total_cmp(y)).find(|order| order.is_ne());
    differing.unwrap_or(std::cmp::Ordering::Equal)
}

/// `target += factor · row`.
pub(crate) fn add(target: &mut [f64], row: &[f64], factor: f64) {
    for (sum, value) in target.iter_mut().zip(row) {
        *sum += factor * value;
    }
}

/// Squared Euclidean distance.
#[inline(always)]
pub(crate) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    // Four running sums instead of one: the compiler may not reorder a float sum, we may.
    let (a_blocks, a_rest) = a.as_chunks::<4>();
    let (b_blocks, b_rest) = b.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for (x, y) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..4 {
            let difference = x[lane] - y[lane];
            sums[lane] += difference * difference;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(x, y)| (x - y) * (x - y)).sum();
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + rest
}

/// The same with the instructions at hand, and the same bits: four running sums, no fused product.
#[inline(always)]
pub(super) fn squared_with<S: Simd>(simd: S, a: &[f64], b: &[f64]) -> f64 {
    if S::F64_LANES != 4 {
        return squared_distance(a, b);
    }
    let ((a_blocks, a_rest), (b_blocks, b_rest)) = (S::as_simd_f64s(a), S::as_simd_f64s(b));
    let mut sums = simd.splat_f64s(0.0);
    for (x, y) in a_blocks.iter().zip(b_blocks) {
        let difference = simd.sub_f64s(*x, *y);
        sums = simd.add_f64s(sums, simd.mul_f64s(difference, difference));
    }
    let mut lanes = [0.0; 4];
    if let Some(place) = S::as_mut_simd_f64s(&mut lanes).0.first_mut() {
        *place = sums;
    }
    let mut rest = 0.0;
    for (x, y) in a_rest.iter().zip(b_rest) {
        rest += (x - y) * (x - y);
    }
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]) + rest
}

/// The nearest centre and its squared distance; the lowest index wins a tie.
pub(crate) fn nearest(point: &[f64], centres: &Points) -> (usize, f64) {
    nearest_with(Scalar::new(), point, centres)
}

/// The same with the instructions at hand.
#[inline(always)]
pub(super) fn nearest_with<S: Simd>(simd: S, point: &[f64], centres: &Points) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (index, centre) in centres.rows().enumerate() {
        let distance = squared_with(simd, point, centre);
        if distance < best.1 {
            best = (index, distance);
        }
    }
    best
}

/// The two nearest centres with their squared distances, nearest first; the second is missing where there
/// is but one centre.
pub(super) fn nearest_two(point: &[f64], centres: &Points) -> ((usize, f64), Option<(usize, f64)>) {
    nearest_two_with(Scalar::new(), point, centres)
}

/// The same with the instructions at hand.
#[inline(always)]
pub(super) fn nearest_two_with<S: Simd>(
    simd: S,
    point: &[f64],
    centres: &Points,
) -> ((usize, f64), Option<(usize, f64)>) {
    let (mut first, mut second): ((usize, f64), Option<(usize, f64)>) = ((0, f64::INFINITY), None);
    for (index, centre) in centres.rows().enumerate() {
        let found = (index, squared_with(simd, point, centre));
        if index == 0 {
            first = found;
        } else if found.1 < first.1 {
            (first, second) = (found, Some(first));
        } else if second.is_none_or(|(_, best)| found.1 < best) {
            second = Some(found);
        }
    }
    (first, second)
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng;
    use pulp::{Arch, WithSimd};

    use super::*;

    struct Both<'a>(&'a [f64], &'a [f64]);

    impl WithSimd for Both<'_> {
        type Output = f64;

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> f64 {
            squared_with(simd, self.0, self.1)
        }
    }

    #[test]
    fn wide_instructions_change_no_bit() {
        let mut rng = rng::stream(1, 0);
        for width in 1..40 {
            let mut row = || (0..width).map(|_| rng.normal()).collect::<Vec<f64>>();
            let (a, b) = (row(), row());
            assert_eq!(Arch::new().dispatch(Both(&a, &b)).to_bits(), squared_distance(&a, &b).to_bits());
        }
    }
}
