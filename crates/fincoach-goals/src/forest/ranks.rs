//! Columns as ranks: the order of values is found once and shared by all trees.

use fincoach_core::ndarray::ArrayView2;
use rayon::prelude::*;

/// For each column its distinct values in ascending order, and for each row the place of its value there.
#[derive(Debug)]
pub(super) struct RankedColumns {
    columns: Vec<RankedColumn>,
}

#[derive(Debug)]
pub(super) struct RankedColumn {
    /// Rank of each row's value, counted from 0.
    pub(super) ranks: Vec<u32>,
    /// The values, strictly ascending.
    pub(super) distinct: Vec<f64>,
}

impl RankedColumns {
    pub(super) fn new(values: ArrayView2<'_, f64>) -> Self {
        let column = |index: usize| RankedColumn::new(&values.column(index).to_vec());
        Self { columns: (0..values.ncols()).into_par_iter().map(column).collect() }
    }

    pub(super) fn column(&self, index: usize) -> &RankedColumn {
        &self.columns[index]
    }

    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }
}

impl RankedColumn {
    fn new(values: &[f64]) -> Self {
        let mut order: Vec<u32> = (0..values.len() as u32).collect();
        order.sort_unstable_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
        let mut ranks = vec![0; values.len()];
        let mut distinct: Vec<f64> = Vec::new();
        for row in order {
            let value = values[row as usize];
            // `==`, so that the two zeros are one value: no threshold lies between them.
            if distinct.last() != Some(&value) {
                distinct.push(value);
            }
            ranks[row as usize] = distinct.len() as u32 - 1;
        }
        Self { ranks, distinct }
    }

    /// The number that parts two values: `low <= threshold < high`, the midpoint where one lies between.
    pub(super) fn threshold(&self, low: u32, high: u32) -> f64 {
        let (low, high) = (self.distinct[low as usize], self.distinct[high as usize]);
        let middle = low / 2.0 + high / 2.0;
        if low <= middle && middle < high { middle } else { low }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_of_both_signs_share_a_rank() {
        let column = RankedColumn::new(&[0.0, 3.0, -0.0, 3.0, -1.0]);
        assert_eq!(column.ranks, [1, 2, 1, 2, 0]);
        assert_eq!(column.distinct, [-1.0, 0.0, 3.0]);
    }

    #[test]
    fn a_threshold_parts_neighbours_and_extremes() {
        let next = 1.0_f64.next_up();
        let tiny = f64::from_bits(1);
        for (low, high) in [(1.0, next), (-f64::MAX, f64::MAX), (0.0, tiny), (-tiny, 0.0), (tiny, 2.0 * tiny)]
        {
            let column = RankedColumn::new(&[low, high]);
            let threshold = column.threshold(0, 1);
            assert!(low <= threshold && threshold < high, "{low} {threshold} {high}");
        }
        assert_eq!(RankedColumn::new(&[1.0, 2.0]).threshold(0, 1), 1.5);
    }
}
