//! Columns as ranks: the order of values is found once and shared by all trees.

use fincoach_core::ndarray::ArrayView2;
use rayon::prelude::*;

/// For each column its ranks in ascending order, and for each row the rank of its value.
#[derive(Debug)]
pub(super) struct RankedColumns {
    columns: Vec<RankedColumn>,
}

/// A column whose values are put into ranks: one rank per distinct value, or per bin of neighbouring values.
#[derive(Debug)]
pub(super) struct RankedColumn {
    ranks: Ranks,
    /// Least value of each rank, strictly ascending.
    lowest: Vec<f64>,
    /// Greatest value of each rank.
    highest: Vec<f64>,
}

/// Rank of each row's value, counted from 0; a byte where that is enough, since a fit is as fast as they are read.
#[derive(Debug)]
pub(super) enum Ranks {
    Bytes(Vec<u8>),
    Words(Vec<u32>),
}

impl RankedColumns {
    /// Ranks every column, with at most `most` ranks.
    pub(super) fn new(values: ArrayView2<'_, f64>, most: usize) -> Self {
        let column = |index: usize| RankedColumn::new(&values.column(index).to_vec(), most);
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
    fn new(values: &[f64], most: usize) -> Self {
        let mut order: Vec<u32> = (0..values.len() as u32).collect();
        order.sort_unstable_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
        // `==`, so that the two zeros are one value: no threshold lies between them.
        let tied: Vec<&[u32]> = order.chunk_by(|a, b| values[*a as usize] == values[*b as usize]).collect();
        let counts: Vec<usize> = tied.iter().map(|rows| rows.len()).collect();
        let mut column = Self { ranks: Ranks::Words(Vec::new()), lowest: Vec::new(), highest: Vec::new() };
        let mut ranks = vec![0_u32; values.len()];
        for (place, starts) in bin_starts(&counts, most).into_iter().enumerate() {
            let value = values[tied[place][0] as usize];
            if starts {
                column.lowest.push(value);
                column.highest.push(value);
            }
            let rank = column.lowest.len() - 1;
            column.highest[rank] = value;
            tied[place].iter().for_each(|row| ranks[*row as usize] = rank as u32);
        }
        column.ranks = match u8::try_from(column.len() - 1) {
            Ok(_) => Ranks::Bytes(ranks.into_iter().map(|rank| rank as u8).collect()),
            Err(_) => Ranks::Words(ranks),
        };
        column
    }

    /// The number of ranks.
    pub(super) fn len(&self) -> usize {
        self.lowest.len()
    }

    pub(super) const fn ranks(&self) -> &Ranks {
        &self.ranks
    }

    /// The rank of one row's value; a loop over many rows is faster by [`RankedColumn::ranks`].
    pub(super) fn rank(&self, row: usize) -> u32 {
        match &self.ranks {
            Ranks::Bytes(ranks) => u32::from(ranks[row]),
            Ranks::Words(ranks) => ranks[row],
        }
    }

    /// The number that parts two ranks: `low <= threshold < high`, the midpoint where one lies between.
    pub(super) fn threshold(&self, low: u32, high: u32) -> f64 {
        let (low, high) = (self.highest[low as usize], self.lowest[high as usize]);
        let middle = low / 2.0 + high / 2.0;
        if low <= middle && middle < high { middle } else { low }
    }
}

/// Which of the distinct values begin a bin, given how many rows each has; at most `most` do.
///
/// A bin is closed before a value that would take it further above its share of the rows than it is below. The
/// share is that of the rows and bins still left, so that one very frequent value does not cost the others their bins.
fn bin_starts(counts: &[usize], most: usize) -> Vec<bool> {
    if counts.len() <= most {
        return vec![true; counts.len()];
    }
    let (mut rows_left, mut bins_left, mut size) = (counts.iter().sum::<usize>(), most, 0);
    let starts = counts.iter().map(|count| {
        // size + count / 2 > rows_left / bins_left, in whole numbers.
        let full = (2 * size + count) * bins_left > 2 * rows_left;
        let starts = size == 0 || (full && bins_left > 1);
        if starts && size > 0 {
            rows_left -= size;
            bins_left -= 1;
            size = 0;
        }
        size += count;
        starts
    });
    starts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(values: &[f64]) -> RankedColumn {
        RankedColumn::new(values, usize::MAX)
    }

    fn ranks(column: &RankedColumn) -> Vec<u32> {
        match column.ranks() {
            Ranks::Bytes(ranks) => ranks.iter().map(|rank| u32::from(*rank)).collect(),
            Ranks::Words(ranks) => ranks.clone(),
        }
    }

    #[test]
    fn zeros_of_both_signs_share_a_rank() {
        let column = exact(&[0.0, 3.0, -0.0, 3.0, -1.0]);
        assert_eq!(ranks(&column), [1, 2, 1, 2, 0]);
        assert_eq!(column.lowest, [-1.0, -0.0, 3.0]);
    }

    #[test]
    fn a_threshold_parts_neighbours_and_extremes() {
        let next = 1.0_f64.next_up();
        let tiny = f64::from_bits(1);
        for (low, high) in [(1.0, next), (-f64::MAX, f64::MAX), (0.0, tiny), (-tiny, 0.0), (tiny, 2.0 * tiny)]
        {
            let threshold = exact(&[low, high]).threshold(0, 1);
            assert!(low <= threshold && threshold < high, "{low} {threshold} {high}");
        }
        assert_eq!(exact(&[1.0, 2.0]).threshold(0, 1), 1.5);
    }

    #[test]
    fn bins_hold_about_the_same_number_of_rows() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        let column = RankedColumn::new(&values, 4);
        assert_eq!(column.lowest, [0.0, 250.0, 500.0, 750.0]);
        assert_eq!(column.highest, [249.0, 499.0, 749.0, 999.0]);
        assert_eq!((column.threshold(0, 1), column.threshold(0, 2)), (249.5, 374.5));
        assert_eq!(ranks(&column)[499..501], [1, 2]);
    }

    #[test]
    fn a_frequent_value_has_a_bin_of_its_own() {
        // 900 zeros between a hundred other values: 4 bins.
        let values: Vec<f64> =
            (0..1000).map(|row| f64::from(i16::max(row - 900, 0) - 50).max(-50.0)).collect();
        let column = RankedColumn::new(&values, 4);
        assert_eq!(column.len(), 4);
        assert_eq!((column.lowest[0], column.highest[0]), (-50.0, -50.0));
    }

    #[test]
    fn as_many_values_as_bins_are_kept_apart() {
        let values: Vec<f64> = (0..256).map(|value| f64::from(value * value)).collect();
        assert_eq!(RankedColumn::new(&values, 256).lowest, exact(&values).lowest);
        let more: Vec<f64> = (0..257).map(f64::from).collect();
        assert_eq!(RankedColumn::new(&more, 256).len(), 256);
        assert!(matches!(exact(&more).ranks(), Ranks::Words(_)));
    }
}
