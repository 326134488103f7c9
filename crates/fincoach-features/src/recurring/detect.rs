//! Detection on its own, without features.

use chrono::NaiveDateTime;
use fincoach_core::{Category, LedgerView, ParamError, Symbol, chrono};

use super::period::number;
use super::series::Occurrence;
use super::{Book, Flow, RecurringParams, RecurringPayment, Side};
use crate::booking::{Booking, Kind};

/// The payments of one user that recur at `as_of`, from the rows dated up to and including it; dearest a year first,
/// of equals the one found first.
///
/// A merchant's purchases (or incomes) recur when the last three to eight of them, those of one day added up, lie one
/// [`Period`](crate::Period) apart within its tolerance, from four on with at most one left out, and their amounts lie
/// near their median. Where the bookings of a merchant are no such series as a whole, they are parted by amount (up to
/// four streams), so that a subscription is found among purchases at the same merchant. Of several periods that fit,
/// the one with the smallest drift over the whole series is taken. A payment stays until it is overdue by more than
/// the tolerance. Transfers, refunds and rows without merchant and description do not take part.
///
/// Cost: `O(1)` per row.
///
/// # Errors
/// [`ParamError`].
///
/// # Examples
/// ```
/// use fincoach_core::{Ledger, Money, Transaction, chrono::NaiveDate};
/// use fincoach_features::{Period, RecurringParams, detect_recurring};
/// let day = |month, day| NaiveDate::from_ymd_opt(2024, month, day).unwrap();
/// let mut builder = Ledger::builder();
/// for (month, on) in [(1, 15), (2, 15), (3, 15), (4, 15)] {
///     let mut row = Transaction::new("anna", day(month, on).into(), Money::from_minor(-799));
///     row.description = "STREAMING LTD";
///     builder.push(&row)?;
/// }
/// let ledger = builder.finish();
/// let found = detect_recurring(ledger.user(0), day(5, 1).into(), &RecurringParams::default())?;
/// assert_eq!((found[0].period, found[0].next), (Period::Monthly, day(5, 15)));
/// assert_eq!(found[0].since, day(3, 15));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn detect_recurring(
    user: LedgerView<'_>,
    as_of: NaiveDateTime,
    params: &RecurringParams,
) -> Result<Vec<RecurringPayment>, ParamError> {
    params.check()?;
    let past = user.until(as_of);
    let mut book = Book::default();
    for booking in (0..past.len()).filter_map(|row| Booking::of_row(past, row)) {
        note(&mut book, &booking, params);
    }
    let texts = texts(past);
    let text = |id: u32| {
        let place = texts.binary_search_by_key(&(id as usize), |symbol| symbol.index()).ok()?;
        past.ledger().text(*texts.get(place)?)
    };
    Ok(payments(&book, number(as_of.date()), text))
}

/// Adds a booking to the book of merchants; `None` where it cannot recur.
pub(crate) fn note(book: &mut Book, booking: &Booking, params: &RecurringParams) -> Option<super::Seen> {
    let side = match booking.kind() {
        Kind::Purchase => Side::Out,
        Kind::Aside if booking.amount < 0 => Side::Out,
        Kind::Income => Side::In,
        _ => return None,
    };
    if booking.merchant == 0 {
        return None;
    }
    let occurrence = Occurrence { day: booking.day(), amount: booking.size() };
    Some(book.push((booking.merchant, side), (occurrence, booking.category), params))
}

/// The payments not lost on `today`, dearest a year first.
pub(crate) fn payments<'a>(
    book: &Book,
    today: i32,
    text: impl Fn(u32) -> Option<&'a str>,
) -> Vec<RecurringPayment> {
    let mut all = Vec::new();
    for ((merchant, side), entry) in book.recurring() {
        let flow = flow(*side, entry.category);
        for (series, found) in entry.recurring().filter(|(_, found)| today < found.lost_on()) {
            let name = text(*merchant).unwrap_or("");
            all.extend(RecurringPayment::new(name, (entry.category, flow), series, found));
        }
    }
    let yearly = |payment: &RecurringPayment| payment.amount.to_major() / payment.period.days();
    all.sort_by(|a, b| yearly(b).total_cmp(&yearly(a)));
    all
}

fn flow(side: Side, category: Category) -> Flow {
    match (side, category) {
        (Side::In, _) => Flow::Income,
        (Side::Out, Category::Savings) => Flow::Saving,
        (Side::Out, _) => Flow::Spending,
    }
}

/// The symbols of merchants and descriptions, sorted.
fn texts(view: LedgerView<'_>) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> = view.merchants().iter().chain(view.descriptions()).copied().collect();
    symbols.sort_unstable();
    symbols.dedup();
    symbols
}
