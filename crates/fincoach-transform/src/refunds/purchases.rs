//! What was paid to one merchant and has not come back.

use std::collections::BTreeMap;

use fincoach_core::Money;

use super::params::{PartialRefunds, RefundParams};
use super::report::{RefundKind, RefundLink};

const DAY: i64 = 86_400;

/// Row and time of a purchase.
type Purchase = (usize, i64);

/// Purchases by amount, each list in order of time.
#[derive(Debug, Default)]
pub(super) struct Purchases(BTreeMap<u64, Vec<Purchase>>);

/// The purchase that a refund belongs to.
#[derive(Debug)]
pub(super) struct FoundPurchase {
    purchase: Purchase,
    kind: RefundKind,
    n_fitting: usize,
}

fn days(from: i64, to: i64) -> i64 {
    to.div_euclid(DAY) - from.div_euclid(DAY)
}

impl Purchases {
    pub(super) fn add(&mut self, amount: u64, purchase: Purchase) {
        self.0.entry(amount).or_default().push(purchase);
    }

    /// The purchase that a refund of this amount belongs to, which is then used.
    pub(super) fn take(&mut self, amount: u64, time: i64, params: &RefundParams) -> Option<FoundPurchase> {
        self.exact(amount, time, params).or_else(|| match params.partial() {
            PartialRefunds::Link => self.larger(amount, time, params),
            PartialRefunds::Skip => None,
        })
    }

    fn exact(&mut self, amount: u64, time: i64, params: &RefundParams) -> Option<FoundPurchase> {
        let list = self.0.get_mut(&amount)?;
        let n_fitting = n_within(list, time, params);
        let purchase = (n_fitting > 0).then(|| list.pop())??;
        Some(FoundPurchase { purchase, kind: RefundKind::Full, n_fitting })
    }

    fn larger(&mut self, amount: u64, time: i64, params: &RefundParams) -> Option<FoundPurchase> {
        let lists = self.0.range(amount.checked_add(1)?..);
        let (latest, of) = lists.filter_map(|(of, list)| Some((*list.last()?, *of))).max()?;
        if days(latest.1, time) > i64::from(params.max_days()) {
            return None;
        }
        let n_fitting = self.0.range(amount + 1..).map(|(_, list)| n_within(list, time, params)).sum();
        let purchase = self.0.get_mut(&of)?.pop()?;
        Some(FoundPurchase { purchase, kind: RefundKind::Partial, n_fitting })
    }

    pub(super) fn any_since(&self, time: i64, params: &RefundParams) -> bool {
        self.0.values().any(|list| n_within(list, time, params) > 0)
    }
}

/// How many of a list are recent enough.
fn n_within(list: &[Purchase], time: i64, params: &RefundParams) -> usize {
    list.len() - list.partition_point(|purchase| days(purchase.1, time) > i64::from(params.max_days()))
}

impl FoundPurchase {
    pub(super) fn link(self, (refund, amount, time): (usize, Money, i64), merchant: &str) -> RefundLink {
        RefundLink {
            refund,
            purchase: self.purchase.0,
            merchant: merchant.to_owned(),
            amount,
            days: u32::try_from(days(self.purchase.1, time)).unwrap_or(0),
            kind: self.kind,
            n_fitting: self.n_fitting,
        }
    }
}
