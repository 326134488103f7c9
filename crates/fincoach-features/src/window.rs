//! Exact sums over the rows of one look-back.

use chrono::{DateTime, Datelike};
use fincoach_core::{Category, LedgerView, Money, Symbol, chrono};

use crate::Error;

const DAY: i64 = 86_400;

/// What schema v1 needs to know of a look-back: counts and sums of pence, all integers, so that neither the order
/// of rows nor the way they were collected can change a bit of a feature.
#[derive(Debug)]
pub(crate) struct Window {
    n: usize,
    balance: Money,
    income: i128,
    spent: [i128; 11],
    rows_in: [usize; 11],
    net: NetFlows,
    months: [usize; 12],
    spends: Scatter,
    n_large: usize,
    n_short_gaps: usize,
    n_top_merchant: usize,
    n_cities: usize,
    balances: Scatter,
}

/// Income less spending by day of the week and hour, in pence.
#[derive(Debug, Default)]
struct NetFlows {
    weekday: i128,
    weekend: i128,
    morning: i128,
    evening: i128,
}

impl Window {
    /// The rows of `past` from `lookback_days` before its last row on. `past` holds one user's rows, at least one.
    pub(crate) fn new(past: LedgerView<'_>, lookback_days: u32) -> Result<Self, Error> {
        let times = past.times();
        let start = times.last().map_or(0, |last| last - i64::from(lookback_days) * DAY);
        let first = times.partition_point(|time| *time < start);
        let rows = past.slice(first..past.len());
        let (balance, balances) = balances(past, first)?;
        let mut spends: Vec<i64> =
            rows.amounts().iter().filter(|a| a.is_negative()).map(|a| a.abs().minor()).collect();
        let mut window = Self {
            n: rows.len(),
            balance,
            income: 0,
            spent: [0; 11],
            rows_in: [0; 11],
            net: NetFlows::default(),
            months: months(rows.times()),
            spends: spends.iter().copied().collect(),
            n_large: n_above_quantile(&mut spends),
            n_short_gaps: rows.times().windows(2).filter(|pair| pair[1] - pair[0] < 3600).count(),
            n_top_merchant: runs(rows.descriptions()).max().unwrap_or(0),
            n_cities: runs(rows.cities()).count(),
            balances,
        };
        for ((time, amount), category) in rows.times().iter().zip(rows.amounts()).zip(rows.categories()) {
            window.add(*time, *amount, *category);
        }
        Ok(window)
    }

    fn add(&mut self, time: i64, amount: Money, category: Category) {
        let pence = i128::from(amount.minor());
        self.rows_in[category.index()] += 1;
        if pence < 0 {
            self.spent[category.index()] -= pence;
        } else {
            self.income += pence;
        }
        // Day 0 of the epoch was a Thursday; Monday is 0.
        let is_weekday = (time.div_euclid(DAY) + 3).rem_euclid(7) < 5;
        *(if is_weekday { &mut self.net.weekday } else { &mut self.net.weekend }) += pence;
        match time.rem_euclid(DAY) / 3600 {
            ..12 => self.net.morning += pence,
            18.. => self.net.evening += pence,
            _ => {}
        }
    }

    pub(crate) fn n(&self) -> f64 {
        count(self.n)
    }

    pub(crate) fn balance(&self) -> f64 {
        self.balance.to_major()
    }

    pub(crate) fn spending(&self) -> f64 {
        major(self.spent.iter().sum())
    }

    pub(crate) fn income(&self) -> f64 {
        major(self.income)
    }

    pub(crate) fn spent_on(&self, category: Category) -> f64 {
        major(self.spent[category.index()])
    }

    pub(crate) fn n_in(&self, category: Category) -> f64 {
        count(self.rows_in[category.index()])
    }

    pub(crate) fn weekday_net(&self) -> f64 {
        major(self.net.weekday)
    }

    pub(crate) fn weekend_net(&self) -> f64 {
        major(self.net.weekend)
    }

    pub(crate) fn morning_net(&self) -> f64 {
        major(self.net.morning)
    }

    pub(crate) fn evening_net(&self) -> f64 {
        major(self.net.evening)
    }

    /// The month, 1 to 12, with most rows; the smallest of equals.
    pub(crate) fn month(&self) -> u32 {
        (1..=12).zip(self.months).fold((1, 0), |best, next| if next.1 > best.1 { next } else { best }).0
    }

    /// The amounts spent.
    pub(crate) const fn spends(&self) -> &Scatter {
        &self.spends
    }

    /// Amounts spent above their 0.8 quantile.
    pub(crate) fn n_large(&self) -> f64 {
        count(self.n_large)
    }

    pub(crate) fn n_short_gaps(&self) -> f64 {
        count(self.n_short_gaps)
    }

    pub(crate) fn n_top_merchant(&self) -> f64 {
        count(self.n_top_merchant)
    }

    pub(crate) fn n_cities(&self) -> f64 {
        count(self.n_cities)
    }

    /// The balances after each row.
    pub(crate) const fn balances(&self) -> &Scatter {
        &self.balances
    }
}

/// Mean and standard deviation from integer sums of pence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scatter {
    n: u32,
    sum: i128,
    squares: u128,
}

impl Scatter {
    pub(crate) const fn is_empty(&self) -> bool {
        self.n == 0
    }

    pub(crate) fn n(&self) -> f64 {
        f64::from(self.n)
    }

    /// In major units; not to be asked of nothing.
    pub(crate) fn mean(&self) -> f64 {
        major(self.sum) / self.n()
    }

    /// In major units, dividing by the count less one; 0 for fewer than two values.
    pub(crate) fn std(&self) -> f64 {
        if self.n < 2 {
            return 0.0;
        }
        (self.n_squared_variances() / (self.n() * (self.n() - 1.0))).sqrt() / 100.0
    }

    /// `n Σx² − (Σx)²`: exact unless amounts are beyond all money, then rounded.
    #[expect(clippy::cast_precision_loss, reason = "the one rounding step of a deviation")]
    fn n_squared_variances(&self) -> f64 {
        let exact = || {
            let squares = self.squares.checked_mul(u128::from(self.n))?;
            squares.checked_sub(self.sum.unsigned_abs().checked_mul(self.sum.unsigned_abs())?)
        };
        let rounded = || (self.squares as f64 * self.n() - (self.sum as f64).powi(2)).max(0.0);
        exact().map_or_else(rounded, |exact| exact as f64)
    }
}

impl FromIterator<i64> for Scatter {
    fn from_iter<I: IntoIterator<Item = i64>>(pence: I) -> Self {
        let mut scatter = Self::default();
        for pence in pence {
            scatter.n = scatter.n.saturating_add(1);
            scatter.sum += i128::from(pence);
            scatter.squares = scatter.squares.saturating_add(u128::from(pence.unsigned_abs()).pow(2));
        }
        scatter
    }
}

/// The last balance and the scatter of all from row `first` on.
fn balances(past: LedgerView<'_>, first: usize) -> Result<(Money, Scatter), Error> {
    let mut pence = Vec::with_capacity(past.len() - first);
    for (row, balance) in past.balances().iter().enumerate().skip(first) {
        let Some(balance) = balance else {
            let missing = past.row(row);
            let (time, source_row) = (missing.time, missing.source_row);
            return Err(Error::MissingBalance { user: past.user().to_owned(), row, source_row, time });
        };
        pence.push(balance.minor());
    }
    Ok((Money::from_minor(pence.last().copied().unwrap_or(0)), pence.into_iter().collect()))
}

/// Values above the 0.8 quantile with linear interpolation.
///
/// The quantile lies at rank `0.8 (m − 1)`: at or above the value of the rank below and, unless the two are equal,
/// below that of the rank above. So the values above the quantile are those above the lower rank's value, and no
/// interpolation is needed.
fn n_above_quantile(values: &mut [i64]) -> usize {
    let Some(last) = values.len().checked_sub(1) else { return 0 };
    let (_, lower, above) = values.select_nth_unstable(last * 4 / 5);
    above.iter().filter(|value| **value > *lower).count()
}

/// How often each text occurs, missing ones left out.
fn runs(symbols: &[Symbol]) -> impl Iterator<Item = usize> {
    let mut sorted: Vec<Symbol> = symbols.iter().copied().filter(|symbol| !symbol.is_missing()).collect();
    sorted.sort_unstable();
    let lengths: Vec<usize> = sorted.chunk_by(|a, b| a == b).map(<[Symbol]>::len).collect();
    lengths.into_iter()
}

/// Rows per month of the year.
fn months(times: &[i64]) -> [usize; 12] {
    let mut months = [0; 12];
    for day in times.chunk_by(|a, b| a.div_euclid(DAY) == b.div_euclid(DAY)) {
        if let Some(date) = day.first().and_then(|time| DateTime::from_timestamp(*time, 0)) {
            months[date.month0() as usize] += day.len();
        }
    }
    months
}

#[expect(clippy::cast_precision_loss, reason = "sums stay far below 2^53 pence")]
fn major(pence: i128) -> f64 {
    pence as f64 / 100.0
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng;

    use super::*;

    #[test]
    fn the_deviation_of_known_values() {
        let scatter: Scatter = [200, 400, 400, 400, 500, 500, 700, 900].into_iter().collect();
        // Squared distances from 5.00 add up to 32.
        assert!((scatter.std() - (32.0_f64 / 7.0).sqrt()).abs() < 1e-15);
        assert_eq!(scatter.mean(), 5.0);
        assert_eq!([150].into_iter().collect::<Scatter>().std(), 0.0);
        assert_eq!([333; 7].into_iter().collect::<Scatter>().std(), 0.0);
    }

    #[test]
    fn amounts_beyond_all_money_stay_finite() {
        let scatter: Scatter = (0..5000).map(|i| if i % 2 == 0 { i64::MAX } else { i64::MIN }).collect();
        assert!(scatter.std().is_finite() && scatter.mean().is_finite());
    }

    #[test]
    fn values_above_the_quantile_are_counted_as_interpolation_would() {
        let mut rng = rng::stream(11, 0);
        for case in 0..500 {
            let mut values: Vec<i64> =
                (0..=case % 23).map(|_| i64::try_from(rng.below(12)).unwrap()).collect();
            let mut sorted: Vec<f64> =
                values.iter().map(|value| f64::from(i32::try_from(*value).unwrap())).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let rank = 0.8 * count(sorted.len() - 1);
            let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
            let quantile = low + (high - low) * rank.fract();
            let expected = sorted.iter().filter(|value| **value > quantile + 1e-9).count();
            assert_eq!(n_above_quantile(&mut values), expected, "{sorted:?}");
        }
        assert_eq!(n_above_quantile(&mut []), 0);
    }
}
