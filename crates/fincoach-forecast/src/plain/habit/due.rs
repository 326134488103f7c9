//! Which due dates fall on a day.

use fincoach_core::chrono::{Datelike, Months, NaiveDate, Weekday};

/// Columns of weekdays, before those of the 31 due dates.
pub(super) const WEEKDAYS: usize = 7;

/// Columns in all.
pub(super) const N: usize = WEEKDAYS + 31;

/// When what is due on a weekend is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settling {
    /// On that day: standing orders within a bank, cards.
    AsDated,
    /// On the next weekday: direct debits.
    Forward,
    /// On the weekday before: wages.
    Back,
}

impl Settling {
    fn of(self, due: NaiveDate) -> Option<NaiveDate> {
        let mut date = due;
        while self != Self::AsDated && matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
            date = if self == Self::Forward { date.succ_opt()? } else { date.pred_opt()? };
        }
        Some(date)
    }
}

/// For each of some days in a row, its weekday and the due dates that are settled on it. The last day of a month stands for
/// those it does not have.
pub(super) struct Days {
    columns: Vec<Vec<usize>>,
}

impl Days {
    pub(super) fn new(first: NaiveDate, n: usize, settling: Settling) -> Self {
        let weekday = |day: usize| vec![(first.weekday().num_days_from_monday() as usize + day) % WEEKDAYS];
        let mut columns: Vec<Vec<usize>> = (0..n).map(weekday).collect();
        // A due date may be settled in the month before or after its own.
        let mut month = first.with_day(1).and_then(|month| month.checked_sub_months(Months::new(1)));
        while let Some(start) = month {
            let last = u32::from(start.num_days_in_month());
            for nominal in 1..=31_u32 {
                let settled = start.with_day(nominal.min(last)).and_then(|due| settling.of(due));
                let place = settled.and_then(|date| usize::try_from((date - first).num_days()).ok());
                if let Some(columns) = place.and_then(|place| columns.get_mut(place)) {
                    columns.push(WEEKDAYS + nominal as usize - 1);
                }
            }
            let next = start.checked_add_months(Months::new(1));
            month = next.filter(|next| (*next - first).num_days() < n as i64 + 31);
        }
        Self { columns }
    }

    pub(super) fn columns(&self, day: usize) -> &[usize] {
        &self.columns[day]
    }
}
