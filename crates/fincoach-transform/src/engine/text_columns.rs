//! The columns of texts.

use crate::TextCleaning;
use crate::columns::Columns;
use crate::plan::Entry;

pub(super) const TYPE: usize = 0;
pub(super) const CATEGORY: usize = 1;
pub(super) const DESCRIPTION: usize = 2;
pub(super) const CITY: usize = 3;
pub(super) const COUNTRY: usize = 4;
pub(super) const ACCOUNT: usize = 5;
pub(super) const REFERENCE: usize = 6;
pub(super) const USER: usize = 7;
pub(super) const N_TEXTS: usize = 8;

/// The columns that become symbols, in the order they are numbered within a row.
pub(super) const SYMBOLS: [usize; 7] = [TYPE, CATEGORY, DESCRIPTION, CITY, COUNTRY, ACCOUNT, REFERENCE];

/// One value for each column of texts.
pub(super) type OfTexts<T> = [T; N_TEXTS];

/// Where the texts stand in a record, the first of several columns of descriptions.
pub(super) fn positions(columns: &Columns) -> OfTexts<Option<usize>> {
    [
        columns.type_code,
        columns.category,
        columns.descriptions.first().copied(),
        columns.city,
        columns.country,
        columns.account,
        columns.reference,
        columns.user,
    ]
}

/// How each is tidied.
pub(super) const fn cleanings(cleaning: TextCleaning) -> OfTexts<TextCleaning> {
    let (keep, trim) = (TextCleaning::Keep, TextCleaning::Trim);
    [keep, keep, cleaning, cleaning, cleaning, trim, trim, cleaning]
}

/// The texts of a row.
pub(super) const fn texts<'r>(entry: &Entry<'r>) -> OfTexts<&'r str> {
    [
        entry.type_code,
        entry.category,
        entry.description,
        entry.city,
        entry.country,
        entry.account,
        entry.reference,
        entry.user,
    ]
}
