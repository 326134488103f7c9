//! What is worked out from a ledger once it is read: merchants, transfers between own accounts, refunds.

use fincoach::core::Ledger;
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

/// Merchants named and refunds linked. Both look only backwards, so the ledger may be cut at any date after it.
pub(crate) fn tidy(ledger: Ledger) -> Result<(Ledger, RefundReport)> {
    let named = MerchantNormaliser::default().name_merchants(ledger)?;
    let refunds = link_refunds(named, &RefundParams::default())?;
    Ok((refunds.ledger, refunds.report))
}
