//! Money that comes back for an earlier purchase.

mod params;
mod purchases;
mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use fincoach_core::{Ledger, LedgerView, Role, Symbol};
use params::Exclusions;
pub use params::{PartialRefunds, RefundParams};
use purchases::Purchases;
pub use report::{RefundKind, RefundLink, RefundReport};

use crate::Error;

/// A ledger whose refunds are marked, and the purchases they belong to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Refunds {
    /// The ledger with [`Role::Refund`] where one was found.
    pub ledger: Ledger,
    /// The links, and what found no purchase.
    pub report: RefundReport,
}

/// Marks refunds: spending taken back, not income.
///
/// A refund is money that arrives from a merchant to whom the same account has paid as much before, no more than
/// [`RefundParams::max_days`] ago: the latest such purchase that no other refund belongs to. Where none is of the
/// same amount, the latest larger one makes it a partial refund. The merchant is [`Transaction::merchant`] where it
/// was worked out (see [`MerchantNormaliser`](crate::MerchantNormaliser)), else the description. Types and
/// categories of income are left out, and so are [`Role::Transfer`] rows: match transfers first.
///
/// A refund belongs to a purchase that stands before it, so nothing looks ahead: the rows up to a date get the same
/// roles whatever follows. Rows marked before are judged anew. `O(n log n)`, and for
/// each credit that no purchase of its amount explains `O(a log n)` for the `a` amounts paid to its merchant so far.
///
/// [`Transaction::merchant`]: fincoach_core::Transaction::merchant
///
/// # Errors
/// [`Error::Param`] for 0 or more than 3660 days.
///
/// # Examples
/// ```
/// use fincoach_core::{Ledger, Money, Role, Transaction, chrono::NaiveDate};
/// use fincoach_transform::{RefundParams, link_refunds};
/// let mut builder = Ledger::builder();
/// for (day, amount) in [(1, -2396), (3, -500), (9, 2396)] {
///     let day = NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
///     let mut row = Transaction::new("anna", day, Money::from_minor(amount));
///     row.description = "AMAZON";
///     builder.push(&row)?;
/// }
/// let found = link_refunds(builder.finish(), &RefundParams::default())?;
/// assert_eq!(found.ledger.all().roles(), [Role::Ordinary, Role::Ordinary, Role::Refund]);
/// let link = &found.report.links[0];
/// assert_eq!((link.refund, link.purchase, link.days), (2, 0, 8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn link_refunds(ledger: Ledger, params: &RefundParams) -> Result<Refunds, Error> {
    params.check()?;
    let unmarked = |role: &Role| if *role == Role::Refund { Role::Ordinary } else { *role };
    let mut roles: Vec<Role> = ledger.all().roles().iter().map(unmarked).collect();
    let exclusions = Exclusions::new(params);
    let mut report = RefundReport::default();
    let mut start = 0;
    for rows in ledger.iter_users() {
        link_user(rows, start, (&roles, params, &exclusions), &mut report);
        start += rows.len();
    }
    report.links.iter().for_each(|link| roles[link.refund] = Role::Refund);
    Ok(Refunds { ledger: ledger.with_roles(roles)?, report })
}

/// `start` is the place of the user's first row in the ledger.
fn link_user(
    rows: LedgerView<'_>,
    start: usize,
    (roles, params, exclusions): (&[Role], &RefundParams, &Exclusions),
    report: &mut RefundReport,
) {
    let mut open: BTreeMap<(Symbol, Symbol), Purchases> = BTreeMap::new();
    for row in (0..rows.len()).filter(|row| roles[start + row] == Role::Ordinary) {
        let merchant = Some(rows.merchants()[row]).filter(|merchant| !merchant.is_missing());
        let merchant = merchant.unwrap_or(rows.descriptions()[row]);
        let (amount, time) = (rows.amounts()[row].minor(), rows.times()[row]);
        if merchant.is_missing() || amount == 0 {
            continue;
        }
        let purchases = open.entry((rows.accounts()[row], merchant)).or_default();
        if amount < 0 {
            purchases.add(amount.unsigned_abs(), (start + row, time));
        } else if exclusions.is_income(&rows.row(row)) {
            report.excluded += 1;
        } else if let Some(found) = purchases.take(amount.unsigned_abs(), time, params) {
            let text = rows.ledger().text(merchant).unwrap_or_default();
            report.links.push(found.link((start + row, rows.amounts()[row], time), text));
        } else if purchases.any_since(time, params) {
            report.unlinked.push(start + row);
        }
    }
}
