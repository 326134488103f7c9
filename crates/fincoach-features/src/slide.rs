//! A look-back that moves along with the rows of one user.

use crate::sliding::{Counter, OrderStatistic, Tally};
use crate::window::{Booking, Ranks, Window, rank_below_quantile, spent};

/// The counts of a [`Window`] with the pieces that keep its ranks, so that rows can come and go: `O(log w)` each.
///
/// It does not hold the rows: its owner has them, in the columns of a ledger or in a ring.
#[derive(Clone, Debug)]
pub(crate) struct Slide<T> {
    window: Window,
    spends: OrderStatistic,
    descriptions: Counter<T>,
    cities: Counter<T>,
    n_without_balance: usize,
}

impl<T: Tally> Slide<T> {
    /// A window without rows; `tallies`, which must be empty, count descriptions and cities.
    pub(crate) fn new(minor_per_major: f64, tallies: [T; 2]) -> Self {
        let [descriptions, cities] = tallies.map(Counter::new);
        let window = Window::new(minor_per_major);
        Self { window, spends: OrderStatistic::default(), descriptions, cities, n_without_balance: 0 }
    }

    pub(crate) const fn set_minor_per_major(&mut self, minor_per_major: f64) {
        self.window.set_minor_per_major(minor_per_major);
    }

    /// Adds the newest row; `before` is the time of the row before it, where one is in the window.
    pub(crate) fn add(&mut self, row: &Booking, before: Option<i64>) {
        self.window.add(row.time, row.pence, row.category);
        match row.balance {
            Some(balance) => self.window.add_balance(balance),
            None => self.n_without_balance += 1,
        }
        if let Some(before) = before {
            self.window.count_gap(before, row.time, 1);
        }
        if row.pence < 0 {
            self.spends.add(spent(row.pence));
        }
        self.descriptions.add(row.description);
        self.cities.add(row.city);
    }

    /// Takes away the oldest row; `after` is the time of the row after it, where one is in the window.
    pub(crate) fn remove(&mut self, row: &Booking, after: Option<i64>) {
        self.window.remove(row.time, row.pence, row.category);
        match row.balance {
            Some(balance) => self.window.remove_balance(balance),
            None => self.n_without_balance -= 1,
        }
        if let Some(after) = after {
            self.window.count_gap(row.time, after, -1);
        }
        if row.pence < 0 {
            self.spends.remove(spent(row.pence));
        }
        self.descriptions.remove(row.description);
        self.cities.remove(row.city);
    }

    /// Whether a row in the window has no balance.
    pub(crate) const fn lacks_a_balance(&self) -> bool {
        self.n_without_balance > 0
    }

    /// The window with its ranks. `O(log w)`.
    pub(crate) fn settled(&mut self) -> &Window {
        self.window.set_ranks(self.ranks());
        &self.window
    }

    /// A copy of the window with its ranks.
    pub(crate) fn window(&self) -> Window {
        let mut window = self.window.clone();
        window.set_ranks(self.ranks());
        window
    }

    fn ranks(&self) -> Ranks {
        let lower = self.spends.nth(rank_below_quantile(self.spends.len()));
        Ranks {
            n_large: lower.map_or(0, |lower| self.spends.n_above(lower)),
            n_top_merchant: self.descriptions.n_most(),
            n_cities: self.cities.n_distinct(),
        }
    }
}
