//! Several imports of the same accounts as one ledger.

mod account;
mod combine;
mod day;
mod item;
mod report;
#[cfg(test)]
mod tests;
mod texts;
mod user;

use fincoach_core::{Currency, DataError, Ledger};

pub use report::{InputRows, MergeConflict, MergeReport, Respelling};
use texts::MergeTexts;
use user::UserMerge;

use crate::Error;

/// One ledger made of several, and what was found on the way.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Merged {
    /// Every booking once.
    pub ledger: Ledger,
    /// What the inputs had in common.
    pub report: MergeReport,
}

/// Joins imports of the same users and accounts: rows that several of them hold stand once, twins that are real stay.
///
/// Users and accounts go by their names. Within an account two rows of different inputs are one booking when
///
/// 1. they have the same reference (one that no input uses twice), whatever else differs;
/// 2. or, both days being known with balances, amount and balance are equal: this tells twins apart, and texts may
///    have been cut or spelt anew;
/// 3. or, without balances, day, amount and text are equal (and the time, where both have one). Of `n` equal rows
///    in one input and `m` in another, `max(n, m)` stand;
/// 4. or, on what is left of a day: amount and day are equal and one text is the other one cut, or one is marked
///    as pending and the merchant is the same; on days within both inputs, neither their first nor their last,
///    amount and day are enough unless balances gainsay.
///
/// On a day that is the last of one input and the first of another, both may hold a part: the longest run of rows
/// that ends the one and begins the other is what they share, and what stands on either side stays.
///
/// What is filled in one input and blank in another (category, city, …) is filled. Of different values that row
/// counts which is booked rather than pending, has a balance, a reference, a time, a category, and the longest text;
/// the report lists the others. Nothing depends on the order in which the ledgers are given but
/// [`MergeReport::inputs`]. `O(n log n)`, and within a day up to `O(k²)` for the `k` rows that an account has on it.
///
/// # Errors
/// [`Error::Data`] when two ledgers are in different currencies, or there are more than 2³² rows or texts.
///
/// # Examples
/// ```
/// use fincoach_core::{Ledger, Money, Transaction, chrono::NaiveDate};
/// use fincoach_transform::merge;
/// # let export = |rows: &[(u32, i64)]| {
/// #     let mut builder = Ledger::builder();
/// #     for (day, amount) in rows {
/// #         let day = NaiveDate::from_ymd_opt(2024, 1, *day).unwrap().into();
/// #         builder.push(&Transaction::new("anna", day, Money::from_minor(*amount))).unwrap();
/// #     }
/// #     builder.finish()
/// # };
/// // Day and amount of each row; two bus tickets on day 2 are real.
/// let first = export(&[(1, -500), (2, -240), (2, -240), (3, -700)]);
/// let second = export(&[(2, -240), (2, -240), (3, -700), (4, -300)]);
/// let merged = merge(&[&first, &second])?;
/// assert_eq!(merged.ledger.len(), 5);
/// assert_eq!((merged.report.inputs[1].matched, merged.report.inputs[1].added), (3, 1));
/// # Ok::<(), fincoach_transform::Error>(())
/// ```
pub fn merge(ledgers: &[&Ledger]) -> Result<Merged, Error> {
    let mut builder = Ledger::builder();
    if let Some(currency) = common_currency(ledgers)? {
        builder = builder.with_currency(currency);
    }
    let mut report = MergeReport::of_inputs(ledgers);
    let mut texts = MergeTexts::new(ledgers);
    for inputs in UserMerge::by_user(ledgers).into_values() {
        UserMerge::new(inputs)?.run(&mut texts, &mut builder, &mut report)?;
    }
    report.rows = builder.len() as u64;
    Ok(Merged { ledger: builder.finish(), report })
}

fn common_currency(ledgers: &[&Ledger]) -> Result<Option<Currency>, DataError> {
    let mut known = ledgers.iter().filter_map(|ledger| ledger.currency());
    let first = known.next();
    match known.find(|other| Some(*other) != first) {
        Some(other) => Err(DataError::Inconsistent {
            what: "merge",
            reason: format!("one ledger is in {}, another in {other}", first.unwrap_or(other)),
        }),
        None => Ok(first),
    }
}
