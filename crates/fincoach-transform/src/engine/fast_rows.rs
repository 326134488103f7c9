//! Rows in their most common form.

use fincoach_core::TimePrecision;

use super::fast_fields::{FastDates, amount, trimmed, unsigned_amount};
use super::piece::{NO_BALANCE, Values};
use super::text_columns::{OfTexts, USER, cleanings, positions};
use crate::TextCleaning;
use crate::columns::AmountAt;
use crate::plan::Plan;

/// Reads rows with a plain date and plain amounts from bytes. What it does not read it leaves to the plan, which
/// gives the same values where both read a row.
#[derive(Debug)]
pub(super) struct FastRows {
    dates: FastDates,
    date: usize,
    amount: AmountAt,
    balance: Option<usize>,
    /// Position of each column of texts, and whether they are tidied.
    pub(super) texts: OfTexts<Option<(usize, bool)>>,
    /// The columns that may be blank: all but the date and the user.
    pub(super) watched: Vec<usize>,
}

/// A record as bytes.
#[derive(Clone, Copy)]
pub(super) struct RawFields<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) bounds: &'a [(usize, usize)],
}

impl<'a> RawFields<'a> {
    /// The field at a position; empty where there is none.
    #[inline]
    pub(super) fn field(&self, position: usize) -> &'a [u8] {
        let bounds = self.bounds.get(position);
        bounds.and_then(|(start, end)| self.bytes.get(*start..*end)).unwrap_or_default()
    }
}

impl FastRows {
    /// `None` where a layout asks for more than the common form.
    pub(super) fn of(plan: &Plan<'_>) -> Option<Self> {
        let (columns, layout) = (plan.columns, plan.layout);
        let other_columns = [columns.time, columns.status, columns.fee, columns.currency];
        let two_decimals = plan.currency().is_none_or(|currency| currency.decimals() == 2);
        let plain = other_columns.iter().all(Option::is_none)
            && two_decimals
            && layout.numbers().decimal() == '.'
            && !layout.inverted()
            && columns.descriptions.len() == 1
            && !matches!(columns.amount, AmountAt::Directed { .. });
        let dates = FastDates::of(layout.date_format()).filter(|_| plain)?;
        let mut texts = OfTexts::default();
        for ((text, position), cleaning) in
            texts.iter_mut().zip(positions(columns)).zip(cleanings(plan.cleaning))
        {
            *text = position.map(|position| (position, cleaning == TextCleaning::Trim));
        }
        let never_blank = |position: &usize| *position == columns.date || Some(*position) == columns.user;
        let watched = (0..columns.names.len()).filter(|position| !never_blank(position)).collect();
        Some(Self {
            watched,
            dates,
            date: columns.date,
            amount: columns.amount,
            balance: columns.balance,
            texts,
        })
    }

    /// The values of a row, `None` where the plan has to read it.
    #[inline]
    pub(super) fn values(&mut self, row: RawFields<'_>) -> Option<Values> {
        let amount_of_row = match self.amount {
            AmountAt::DebitCredit { debit, credit } => match (row.field(debit), row.field(credit)) {
                (debit, []) => -unsigned_amount(debit)?,
                ([], credit) => unsigned_amount(credit)?,
                _ => return None,
            },
            AmountAt::Signed { amount: at } => amount(row.field(at))?,
            AmountAt::Directed { .. } => return None,
        };
        let balance = match self.balance.map(|position| row.field(position)) {
            None | Some([]) => NO_BALANCE,
            Some(text) => amount(text)?,
        };
        // A row without its user is an error.
        if self.texts[USER].is_some_and(|(position, trims)| text(row.field(position), trims).is_empty()) {
            return None;
        }
        let time = self.dates.midnight(row.field(self.date))?;
        Some(Values { time, precision: TimePrecision::Day, amount: amount_of_row, balance })
    }
}

/// A text as the ledger has it.
#[inline]
pub(super) fn text(field: &[u8], trims: bool) -> &[u8] {
    if trims { trimmed(field) } else { field }
}
