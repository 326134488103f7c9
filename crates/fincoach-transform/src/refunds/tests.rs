use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::{Money, Transaction};
use proptest::prelude::*;

use super::*;

/// Day, amount, merchant, type.
type Booking = (u64, i64, &'static str, &'static str);

fn ledger(bookings: &[Booking]) -> Ledger {
    let mut builder = Ledger::builder();
    for (date, amount, merchant, code) in bookings {
        let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().checked_add_days(Days::new(*date)).unwrap();
        let mut row = Transaction::new("anna", day.into(), Money::from_minor(*amount));
        row.merchant = Some(*merchant).filter(|merchant| !merchant.is_empty());
        row.raw_type = Some(*code).filter(|code| !code.is_empty());
        builder.push(&row).unwrap();
    }
    builder.finish()
}

/// (refund, purchase, kind) of each link.
fn links(bookings: &[Booking], params: &RefundParams) -> Vec<(usize, usize, RefundKind)> {
    let found = link_refunds(ledger(bookings), params).unwrap();
    found.report.links.iter().map(|link| (link.refund, link.purchase, link.kind)).collect()
}

#[test]
fn the_latest_purchase_that_fits_is_refunded_once() {
    use RefundKind::{Full, Partial};
    let rows = [
        (0, -30, "A", ""),
        (1, -30, "A", ""),
        (2, -90, "B", ""),
        (3, 30, "A", ""),
        (4, 30, "A", ""),
        (5, 30, "A", ""),
        (6, 30, "B", ""),
    ];
    let params = RefundParams::default();
    assert_eq!(links(&rows, &params), [(3, 1, Full), (4, 0, Full), (6, 2, Partial)]);
    let found = link_refunds(ledger(&rows), &params).unwrap();
    assert_eq!(found.report.links[0].n_fitting, 2);
    assert_eq!(found.report.links[2].to_string(), "row 6: 0.30 from B, a part of row 2 4 days before");
    let skip = params.with_partial(PartialRefunds::Skip);
    assert_eq!(links(&rows, &skip), [(3, 1, Full), (4, 0, Full)]);
    assert_eq!(link_refunds(ledger(&rows), &skip).unwrap().report.unlinked, [6]);
}

#[test]
fn what_amount_merchant_date_or_type_gainsay_is_no_refund() {
    let params = RefundParams::default();
    for refund in
        [(5, 31, "A", ""), (5, 30, "B", ""), (91, 30, "A", ""), (5, 30, "A", "bgc"), (5, 30, "", "")]
    {
        assert_eq!(links(&[(0, -30, "A", ""), refund], &params), [], "{refund:?}");
    }
    assert_eq!(links(&[(0, 30, "A", ""), (1, -30, "A", "")], &params), [], "before the purchase");
    assert_eq!(links(&[(0, 30, "A", ""), (0, -30, "A", "")], &params), [], "of the same day, but before");
    assert_eq!(links(&[(0, -30, "A", ""), (90, 30, "A", "DEB")], &params).len(), 1);
    let found =
        link_refunds(ledger(&[(0, -30, "A", ""), (1, 31, "A", ""), (2, 3, "A", "FPI")]), &params).unwrap();
    assert_eq!((found.report.unlinked, found.report.excluded), (vec![1], 1));
}

#[test]
fn transfers_are_neither_purchase_nor_refund() {
    let rows = ledger(&[(0, -30, "A", ""), (1, 30, "A", "")]);
    for roles in [[Role::Transfer, Role::Ordinary], [Role::Ordinary, Role::Transfer]] {
        let marked = rows.clone().with_roles(roles.to_vec()).unwrap();
        assert_eq!(link_refunds(marked, &RefundParams::default()).unwrap().report.links, []);
    }
}

#[test]
fn parameters_are_checked_and_survive_the_disk() {
    for days in [0, 3661] {
        let params = RefundParams::default().with_max_days(days);
        assert!(matches!(link_refunds(ledger(&[]), &params), Err(Error::Param(_))));
    }
    let params = RefundParams::default().with_max_days(30).with_income_types(["X"]);
    let text = serde_json::to_string(&params).unwrap();
    assert_eq!(serde_json::from_str::<RefundParams>(&text).unwrap(), params);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_looks_ahead_and_links_are_one_to_one(
        mut bookings in prop::collection::vec(
            (0_u64..200, prop::sample::select(vec![-3, -2, -1, 1, 2, 3]), prop::sample::select(vec!["A", "B"]), Just("")), 0..40,
        ),
        at in any::<prop::sample::Index>(),
    ) {
        bookings.sort_by_key(|row| row.0);
        let full = link_refunds(ledger(&bookings), &RefundParams::default()).unwrap();
        let all = full.ledger.all();
        let mut used = std::collections::BTreeSet::new();
        for link in &full.report.links {
            let (refund, purchase) = (all.row(link.refund), all.row(link.purchase));
            prop_assert!(link.purchase < link.refund && link.days <= 90);
            prop_assert!(refund.amount <= -purchase.amount && refund.merchant == purchase.merchant);
            prop_assert_eq!(link.kind == RefundKind::Full, refund.amount == -purchase.amount);
            prop_assert!(used.insert(link.purchase), "a purchase is refunded once");
        }
        let length = at.index(bookings.len() + 1);
        let cut = link_refunds(ledger(&bookings[..length]), &RefundParams::default()).unwrap();
        prop_assert_eq!(cut.ledger.all().roles(), &all.roles()[..length]);
        let again = link_refunds(full.ledger.clone(), &RefundParams::default()).unwrap();
        prop_assert_eq!(again, full);
    }
}
