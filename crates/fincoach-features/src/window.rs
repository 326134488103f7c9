//! Exact sums over the rows of one look-back.

use fincoach_core::{Category, Money, Symbol};

use crate::sliding::{Dated, Scatter, calendar};

/// What schema v1 needs to know of a look-back: counts and sums of minor units, all integers, so that neither the order
/// of rows nor the way they were collected can change a bit of a feature. Rows can be added and taken away.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    minor_per_major: f64,
    n: i64,
    balance: i64,
    income: i128,
    spent: [i128; 11],
    rows_in: [i64; 11],
    /// Income less spending from Monday to Friday, and at weekends.
    net_by_day: [i128; 2],
    /// The same before 12:00, from then to 18:00, and later.
    net_by_hour: [i128; 3],
    months: [i64; 12],
    spends: Scatter,
    balances: Scatter,
    n_short_gaps: i64,
    ranks: Ranks,
    newest_day: Day,
    oldest_day: Day,
}

/// What no sum can tell: the pieces that depend on the order or the equality of values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ranks {
    /// Amounts spent above their 0.8 quantile.
    pub(crate) n_large: usize,
    /// Rows of the most frequent description.
    pub(crate) n_top_merchant: usize,
    /// Distinct cities.
    pub(crate) n_cities: usize,
}

/// What a window needs of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Booking {
    pub(crate) time: i64,
    pub(crate) pence: i64,
    /// The balance after the row, if known.
    pub(crate) balance: Option<i64>,
    pub(crate) category: Category,
    /// Number of the text, 0 where it is missing.
    pub(crate) description: u32,
    /// Number of the text, 0 where it is missing.
    pub(crate) city: u32,
    pub(crate) source_row: u32,
}

impl Dated for Booking {
    fn time(&self) -> i64 {
        self.time
    }
}

/// The month and weekday of the day last asked for: rows come day by day.
#[derive(Clone, Copy, Debug)]
struct Day {
    day: i64,
    month: usize,
    is_weekend: usize,
}

impl Day {
    const fn new(day: i64) -> Self {
        Self { day, month: calendar::month0(day), is_weekend: calendar::is_weekend(day) as usize }
    }

    #[inline]
    fn turn_to(&mut self, time: i64) -> Self {
        let day = calendar::day(time);
        if day != self.day {
            *self = Self::new(day);
        }
        *self
    }
}

impl Window {
    /// The window of no rows, of a currency whose major unit is worth this much in minor ones.
    pub(crate) fn new(minor_per_major: f64) -> Self {
        Self {
            minor_per_major,
            n: 0,
            balance: 0,
            income: 0,
            spent: [0; 11],
            rows_in: [0; 11],
            net_by_day: [0; 2],
            net_by_hour: [0; 3],
            months: [0; 12],
            spends: Scatter::default(),
            balances: Scatter::default(),
            n_short_gaps: 0,
            ranks: Ranks::default(),
            newest_day: Day::new(0),
            oldest_day: Day::new(0),
        }
    }

    /// Adds the newest row but for its balance.
    #[inline]
    pub(crate) fn add(&mut self, time: i64, pence: i64, category: Category) {
        let day = self.newest_day.turn_to(time);
        self.count::<1>((time, day), pence, category);
        if pence < 0 {
            self.spends.add(spent(pence));
        }
    }

    /// Takes away the oldest row but for its balance.
    #[inline]
    pub(crate) fn remove(&mut self, time: i64, pence: i64, category: Category) {
        let day = self.oldest_day.turn_to(time);
        self.count::<-1>((time, day), pence, category);
        if pence < 0 {
            self.spends.remove(spent(pence));
        }
    }

    /// Adds the balance after the newest row.
    #[inline]
    pub(crate) const fn add_balance(&mut self, pence: i64) {
        self.balance = pence;
        self.balances.add(pence);
    }

    /// Takes away the balance after the oldest row.
    #[inline]
    pub(crate) const fn remove_balance(&mut self, pence: i64) {
        self.balances.remove(pence);
    }

    /// Adds `sign` rows that come less than an hour after the row before.
    #[inline]
    pub(crate) const fn count_gap(&mut self, earlier: i64, later: i64, sign: i64) {
        if later - earlier < 3600 {
            self.n_short_gaps += sign;
        }
    }

    pub(crate) const fn set_minor_per_major(&mut self, minor_per_major: f64) {
        self.minor_per_major = minor_per_major;
    }

    pub(crate) const fn set_ranks(&mut self, ranks: Ranks) {
        self.ranks = ranks;
    }

    #[inline]
    fn count<const SIGN: i64>(&mut self, at: (i64, Day), pence: i64, category: Category) {
        let (time, day) = at;
        let flow = i128::from(SIGN) * i128::from(pence);
        self.n += SIGN;
        self.rows_in[category.index()] += SIGN;
        if pence < 0 {
            self.spent[category.index()] -= flow;
        } else {
            self.income += flow;
        }
        self.net_by_day[day.is_weekend] += flow;
        let hour = calendar::hour(time);
        self.net_by_hour[usize::from(hour >= 12) + usize::from(hour >= 18)] += flow;
        self.months[day.month] += SIGN;
    }

    pub(crate) fn n(&self) -> f64 {
        count(self.n)
    }

    pub(crate) fn balance(&self) -> f64 {
        self.major(i128::from(self.balance))
    }

    pub(crate) fn spending(&self) -> f64 {
        self.major(self.spent.iter().sum())
    }

    pub(crate) fn income(&self) -> f64 {
        self.major(self.income)
    }

    pub(crate) fn spent_on(&self, category: Category) -> f64 {
        self.major(self.spent[category.index()])
    }

    pub(crate) fn n_in(&self, category: Category) -> f64 {
        count(self.rows_in[category.index()])
    }

    pub(crate) fn weekday_net(&self) -> f64 {
        self.major(self.net_by_day[0])
    }

    pub(crate) fn weekend_net(&self) -> f64 {
        self.major(self.net_by_day[1])
    }

    pub(crate) fn morning_net(&self) -> f64 {
        self.major(self.net_by_hour[0])
    }

    pub(crate) fn evening_net(&self) -> f64 {
        self.major(self.net_by_hour[2])
    }

    /// The month, 1 to 12, with most rows; the smallest of equals.
    pub(crate) fn month(&self) -> u32 {
        (1..=12).zip(self.months).fold((1, 0), |best, next| if next.1 > best.1 { next } else { best }).0
    }

    /// How many amounts were spent.
    pub(crate) fn n_spends(&self) -> f64 {
        self.spends.n()
    }

    /// The mean of the amounts spent; not to be asked where none was.
    pub(crate) fn spends_mean(&self) -> f64 {
        self.spends.sum() / self.minor_per_major / self.spends.n()
    }

    /// The standard deviation of the amounts spent.
    pub(crate) fn spends_std(&self) -> f64 {
        self.spends.std() / self.minor_per_major
    }

    /// The standard deviation of the balances after each row.
    pub(crate) fn balances_std(&self) -> f64 {
        self.balances.std() / self.minor_per_major
    }

    pub(crate) fn has_spends(&self) -> bool {
        !self.spends.is_empty()
    }

    /// Amounts spent above their 0.8 quantile.
    pub(crate) fn n_large(&self) -> f64 {
        self.ranks.n_large as f64
    }

    pub(crate) fn n_short_gaps(&self) -> f64 {
        count(self.n_short_gaps)
    }

    pub(crate) fn n_top_merchant(&self) -> f64 {
        self.ranks.n_top_merchant as f64
    }

    pub(crate) fn n_cities(&self) -> f64 {
        self.ranks.n_cities as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "sums stay far below 2^53 pence")]
    fn major(&self, pence: i128) -> f64 {
        pence as f64 / self.minor_per_major
    }
}

/// The size of an amount spent.
pub(crate) const fn spent(pence: i64) -> i64 {
    Money::from_minor(pence).abs().minor()
}

/// The rank, of `n` values, up to which values are not above the 0.8 quantile with linear interpolation.
///
/// The quantile lies at rank `0.8 (n − 1)`: at or above the value of the rank below and, unless the two are equal,
/// below that of the rank above. So the values above the quantile are those above the lower rank's value, and no
/// interpolation is needed.
pub(crate) const fn rank_below_quantile(n: usize) -> usize {
    n.saturating_sub(1) * 4 / 5
}

/// The number of a text.
#[expect(clippy::cast_possible_truncation, reason = "a symbol is a u32")]
pub(crate) const fn number(symbol: Symbol) -> u32 {
    symbol.index() as u32
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn count(n: i64) -> f64 {
    n as f64
}
