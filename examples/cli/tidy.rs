//! What is worked out from a ledger once it is read: merchants, transfers between own accounts, refunds.

use fincoach::core::{Ledger, Role};
use fincoach::transform::{
    MerchantNormaliser, RefundParams, RefundReport, TransferParams, TransferReport, link_refunds,
    match_transfers,
};
use serde::Serialize;

use super::Result;

/// What was found.
#[derive(Serialize)]
pub(crate) struct Bookings {
    /// Distinct merchants.
    pub(crate) n_merchants: usize,
    /// Transfers between own accounts.
    pub(crate) transfers: TransferReport,
    /// Refunds and their purchases.
    pub(crate) refunds: RefundReport,
}

/// Merchants named, transfers matched, then refunds linked: a row that is a transfer is no refund. The side of a
/// transfer that arrives later decides about both, so this is for the state of today.
pub(crate) fn tidy_as_of_today(ledger: Ledger) -> Result<(Ledger, Bookings)> {
    let named = MerchantNormaliser::default().name_merchants(ledger)?;
    let transfers = match_transfers(named, &TransferParams::default())?;
    let refunds = link_refunds(transfers.ledger, &RefundParams::default())?;
    let mut merchants = refunds.ledger.all().merchants().to_vec();
    merchants.sort_unstable();
    merchants.dedup();
    let n_merchants = merchants.iter().filter(|merchant| !merchant.is_missing()).count();
    Ok((refunds.ledger, Bookings { n_merchants, transfers: transfers.report, refunds: refunds.report }))
}

/// The same for rows of the past, with the moment from which each role is known, in seconds: a refund rests only on
/// transfers that were known on its own day.
pub(crate) fn tidy_as_known(ledger: Ledger) -> Result<(Ledger, Vec<i64>)> {
    let named = MerchantNormaliser::default().name_merchants(ledger)?;
    let transfers = match_transfers(named, &TransferParams::default())?;
    let at_own_time: Vec<Role> =
        transfers.ledger.all().iter().enumerate().map(|(row, of)| transfers.role_at(row, of.time)).collect();
    let refunds = link_refunds(transfers.ledger.clone().with_roles(at_own_time)?, &RefundParams::default())?;
    let roles = transfers.ledger.all().roles().iter().zip(refunds.ledger.all().roles());
    let roles = roles.map(|(matched, linked)| if *matched == Role::Transfer { *matched } else { *linked });
    let roles: Vec<Role> = roles.collect();
    Ok((refunds.ledger.with_roles(roles)?, transfers.known_from().to_vec()))
}
