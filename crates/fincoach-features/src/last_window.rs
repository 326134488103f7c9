//! The look-back before a user's last row, counted once and from nothing.

use fincoach_core::{LedgerView, Symbol};

use crate::sliding::calendar::DAY;
use crate::window::{Ranks, Window, rank_below_quantile, spent};
use crate::{Error, V1Params};

/// Memory that one look-back after the other is counted in.
#[derive(Debug)]
pub(crate) struct Scratch {
    spends: Vec<i64>,
    /// A count for each text of the ledger, all 0 between uses.
    n_rows: Vec<u32>,
}

impl Scratch {
    pub(crate) fn new(n_symbols: usize) -> Self {
        Self { spends: Vec::new(), n_rows: vec![0; n_symbols + 1] }
    }

    /// How often the most frequent text occurs, and how many distinct ones there are; missing ones do not count.
    fn most_and_distinct(&mut self, symbols: &[Symbol]) -> (usize, usize) {
        let (mut most, mut distinct) = (0, 0);
        for symbol in symbols.iter().filter(|symbol| !symbol.is_missing()) {
            let count = &mut self.n_rows[symbol.index()];
            *count += 1;
            most = most.max(*count);
            distinct += usize::from(*count == 1);
        }
        for symbol in symbols {
            self.n_rows[symbol.index()] = 0;
        }
        (most as usize, distinct)
    }

    fn n_large(&mut self, amounts: LedgerView<'_>) -> usize {
        self.spends.clear();
        let pence = amounts.amounts().iter().map(|amount| amount.minor());
        self.spends.extend(pence.filter(|pence| *pence < 0).map(spent));
        n_above_quantile(&mut self.spends)
    }
}

/// The window of the look-back of the last of these rows, which are one user's, at least one.
pub(crate) fn last_window(
    params: &V1Params,
    past: LedgerView<'_>,
    scratch: &mut Scratch,
) -> Result<Window, Error> {
    let times = past.times();
    let start = times.last().map_or(0, |last| last - i64::from(params.lookback_days()) * DAY);
    let first = times.partition_point(|time| *time < start);
    let rows = past.slice(first..past.len());
    let mut window = Window::new(past.ledger().minor_per_major());
    for ((time, amount), category) in rows.times().iter().zip(rows.amounts()).zip(rows.categories()) {
        window.add(*time, amount.minor(), *category);
    }
    for (row, balance) in rows.balances().iter().enumerate() {
        let balance = balance.ok_or_else(|| missing_balance(past, first + row))?;
        window.add_balance(balance.minor());
    }
    for pair in rows.times().windows(2) {
        window.count_gap(pair[0], pair[1], 1);
    }
    let (n_top_merchant, _) = scratch.most_and_distinct(rows.descriptions());
    let (_, n_cities) = scratch.most_and_distinct(rows.cities());
    window.set_ranks(Ranks { n_large: scratch.n_large(rows), n_top_merchant, n_cities });
    Ok(window)
}

/// The error that row `row` of a user has no balance.
pub(crate) fn missing_balance(user: LedgerView<'_>, row: usize) -> Error {
    let missing = user.row(row);
    let (time, source_row) = (missing.time, missing.source_row);
    Error::MissingBalance { user: user.user().to_owned(), row, source_row, time }
}

/// Values above the 0.8 quantile with linear interpolation.
fn n_above_quantile(values: &mut [i64]) -> usize {
    if values.is_empty() {
        return 0;
    }
    let (_, lower, above) = values.select_nth_unstable(rank_below_quantile(values.len()));
    above.iter().filter(|value| **value > *lower).count()
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng;

    use super::*;

    #[test]
    fn values_above_the_quantile_are_counted_as_interpolation_would() {
        let mut rng = rng::stream(11, 0);
        for case in 0..500 {
            let mut values: Vec<i64> =
                (0..=case % 23).map(|_| i64::try_from(rng.below(12)).unwrap()).collect();
            let mut sorted: Vec<f64> =
                values.iter().map(|value| f64::from(i32::try_from(*value).unwrap())).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let rank = 0.8 * (sorted.len() - 1) as f64;
            let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
            let quantile = low + (high - low) * rank.fract();
            let expected = sorted.iter().filter(|value| **value > quantile + 1e-9).count();
            assert_eq!(n_above_quantile(&mut values), expected, "{sorted:?}");
        }
        assert_eq!(n_above_quantile(&mut []), 0);
    }
}
