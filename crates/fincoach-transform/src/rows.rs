//! The rows of a file, parsed and small, before their order is known.

use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::{Money, TimePrecision};

use crate::TextCleaning;
use crate::plan::{Entry, Fields};
use crate::texts::{TextId, Texts};

/// One row with its texts as numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) time: NaiveDateTime,
    pub(crate) precision: TimePrecision,
    pub(crate) amount: Money,
    pub(crate) balance: Option<Money>,
    pub(crate) type_code: TextId,
    pub(crate) category: TextId,
    pub(crate) description: TextId,
    pub(crate) city: TextId,
    pub(crate) country: TextId,
    pub(crate) account: TextId,
    pub(crate) reference: TextId,
    pub(crate) user: TextId,
    /// Row of the file, the first below the header being 1; rows that are left out count.
    pub(crate) number: u32,
    /// Line of the file the row begins on.
    pub(crate) line: u64,
}

/// All bookings in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    pub(crate) texts: Texts,
    /// Blank fields of each column of the file.
    pub(crate) blanks: Vec<u64>,
}

impl Rows {
    pub(crate) fn new(n_columns: usize) -> Self {
        Self { blanks: vec![0; n_columns], ..Self::default() }
    }

    /// Adds a booking; `None` when there are more distinct texts than can be numbered.
    pub(crate) fn push(&mut self, entry: &Entry<'_>, (number, line): (u32, u64)) -> Option<()> {
        let texts = &mut self.texts;
        self.rows.push(Row {
            time: entry.time,
            precision: entry.precision,
            amount: entry.amount,
            balance: entry.balance,
            type_code: texts.intern(entry.type_code)?,
            category: texts.intern(entry.category)?,
            description: texts.intern(entry.description)?,
            city: texts.intern(entry.city)?,
            country: texts.intern(entry.country)?,
            account: texts.intern(entry.account)?,
            reference: texts.intern(entry.reference)?,
            user: texts.intern(entry.user)?,
            number,
            line,
        });
        Some(())
    }

    /// Counts the blank fields of a booking.
    pub(crate) fn count_blanks(&mut self, record: &impl Fields, cleaning: TextCleaning) {
        for (position, count) in self.blanks.iter_mut().enumerate() {
            *count += u64::from(cleaning.apply(record.field(position)).is_empty());
        }
    }

    /// Gives the spellings of each place that differ only in case and spaces one form.
    pub(crate) fn unify_places(&mut self) {
        let Self { rows, texts, .. } = self;
        let cities = texts.spellings(&texts.count(rows.iter().map(|row| row.city)));
        let countries = texts.spellings(&texts.count(rows.iter().map(|row| row.country)));
        for row in rows {
            row.city = cities[row.city as usize];
            row.country = countries[row.country as usize];
        }
    }
}
