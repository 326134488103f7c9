//! Rows of schema v1 from the columns of a ledger.

use fincoach_core::{Ledger, LedgerView, Money};

use crate::last_window::{Scratch, last_window, missing_balance};
use crate::slide::Slide;
use crate::sliding::DenseTally;
use crate::sliding::calendar::DAY;
use crate::table_plan::{Schema, UserRows, n_until};
use crate::window::{Booking, Window, number};
use crate::{Error, V1Params, schema_v1};

/// One row per user, at the last transaction: each look-back counted from nothing.
#[derive(Debug)]
pub(crate) struct LastRows<'a>(pub(crate) &'a V1Params);

/// Rows at ascending dates: one look-back slid along the rows of a user.
#[derive(Debug)]
pub(crate) struct Dates<'a>(pub(crate) &'a V1Params);

/// Writes the features of a window.
pub(crate) fn write_features(window: &Window, values: &mut [f64]) {
    for (value, spec) in values.iter_mut().zip(schema_v1()) {
        *value = spec.value(window);
    }
}

fn names() -> impl ExactSizeIterator<Item = &'static str> {
    schema_v1().iter().map(|spec| spec.name)
}

impl Schema for LastRows<'_> {
    type Scratch = Scratch;

    fn names(&self) -> impl ExactSizeIterator<Item = &'static str> {
        names()
    }

    fn scratch(&self, ledger: &Ledger) -> Scratch {
        Scratch::new(ledger.n_symbols())
    }

    fn write(&self, scratch: &mut Scratch, rows: UserRows<'_>) -> Result<(), Error> {
        write_features(&last_window(self.0, rows.user, scratch)?, rows.values);
        Ok(())
    }
}

impl Schema for Dates<'_> {
    type Scratch = Slide<DenseTally>;

    fn names(&self) -> impl ExactSizeIterator<Item = &'static str> {
        names()
    }

    fn scratch(&self, ledger: &Ledger) -> Self::Scratch {
        let tally = || DenseTally::new(ledger.n_symbols());
        Slide::new(ledger.minor_per_major(), [tally(), tally()])
    }

    fn write(&self, slide: &mut Self::Scratch, rows: UserRows<'_>) -> Result<(), Error> {
        let times = rows.user.times();
        let mut walk =
            Walk { user: rows.user, lookback: i64::from(self.0.lookback_days()) * DAY, rows: 0..0, slide };
        for (key, values) in rows.keys.iter().zip(rows.values.chunks_exact_mut(schema_v1().len())) {
            walk.go_to(n_until(times, walk.rows.end, key.as_of));
            if walk.slide.lacks_a_balance() {
                return Err(walk.missing_balance());
            }
            write_features(walk.slide.settled(), values);
        }
        Ok(())
    }
}

/// A window on its way along the rows of one user. When it is dropped the last rows are taken away again, so that the
/// next user finds the counts at 0 without anybody clearing them all.
struct Walk<'a> {
    user: LedgerView<'a>,
    lookback: i64,
    /// The rows in the window.
    rows: std::ops::Range<usize>,
    slide: &'a mut Slide<DenseTally>,
}

impl Walk<'_> {
    /// Adds the rows before `end`, and takes away those that are too old for the last of them.
    fn go_to(&mut self, end: usize) {
        let times = self.user.times();
        while self.rows.end < end {
            let next = self.rows.end;
            while !self.rows.is_empty() && times[self.rows.start] < times[next] - self.lookback {
                self.drop_oldest();
            }
            if self.rows.is_empty() {
                self.rows = next..next;
            }
            let before = (!self.rows.is_empty()).then(|| times[next - 1]);
            self.slide.add(&booking(self.user, next), before);
            self.rows.end = next + 1;
        }
    }

    fn drop_oldest(&mut self) {
        let Some(oldest) = self.rows.next() else { return };
        let after = (!self.rows.is_empty()).then(|| self.user.times()[oldest + 1]);
        self.slide.remove(&booking(self.user, oldest), after);
    }

    /// The error of the first row in the window without a balance.
    fn missing_balance(&self) -> Error {
        let missing = self.rows.clone().find(|row| self.user.balances()[*row].is_none());
        missing_balance(self.user, missing.unwrap_or(self.rows.start))
    }
}

impl Drop for Walk<'_> {
    fn drop(&mut self) {
        while !self.rows.is_empty() {
            self.drop_oldest();
        }
    }
}

fn booking(user: LedgerView<'_>, row: usize) -> Booking {
    Booking {
        time: user.times()[row],
        pence: user.amounts()[row].minor(),
        balance: user.balances()[row].map(Money::minor),
        category: user.categories()[row],
        description: number(user.descriptions()[row]),
        city: number(user.cities()[row]),
        source_row: user.source_rows()[row],
    }
}
