//! The real seven-year export: merging, merchants, refunds, accounts of one's own.

use std::collections::BTreeSet;
use std::ops::Range;

use fincoach::core::chrono::Days;
use fincoach::core::{Ledger, Money, Role, Transaction, rng};
use fincoach::transform::{
    CsvReader, Layout, MerchantNormaliser, OwnAccount, RefundKind, RefundParams, TransferParams,
    link_refunds, match_transfers, merge,
};

use super::data;

pub(crate) const TESTS: super::Tests = &[
    (
        "any two overlapping exports give the whole account",
        any_two_overlapping_exports_give_the_whole_account,
    ),
    ("both forms of the export are one account", both_forms_of_the_export_are_one_account),
    ("merchants are fewer than descriptions", merchants_are_fewer_than_descriptions),
    ("refunds are linked to their purchases", refunds_are_linked_to_their_purchases),
    ("both sides of a transfer find each other", both_sides_of_a_transfer_find_each_other),
];

/// What the account's owner moves to accounts of their own.
const OWN: [&str; 2] = ["SAVE THE CHANGE", "ESAVINGS ACCOUNT"];

fn read(file: &str) -> Ledger {
    CsvReader::new(Layout::lloyds()).read(data::file(file)).unwrap().ledger
}

fn rows(ledger: &Ledger) -> Vec<Transaction<'_>> {
    ledger.all().iter().collect()
}

fn cut(ledger: &Ledger, keep: Range<usize>, change: impl Fn(&mut Transaction<'_>)) -> Ledger {
    let mut builder = Ledger::builder();
    for mut row in ledger.all().slice(keep).iter() {
        change(&mut row);
        builder.push(&row).unwrap();
    }
    builder.finish()
}

fn any_two_overlapping_exports_give_the_whole_account() {
    let full = read("moneydata.csv");
    let without_balances = cut(&full, 0..full.len(), |row| row.balance = None);
    let mut draws = rng::stream(3, 0);
    for (all, with_balances) in [(&full, true), (&without_balances, false)] {
        for _ in 0..25 {
            let from = draws.below(all.len() - 1);
            let to = (from + 1 + draws.below(120)).min(all.len());
            let times = all.all().times();
            if !with_balances && times[from] == times[to - 1] {
                continue;
            }
            let (older, newer) = (cut(all, 0..to, |_| ()), cut(all, from..all.len(), |_| ()));
            let merged = merge(&[&newer, &older]).unwrap();
            assert_eq!(rows(&merged.ledger), rows(all), "from {from}, up to {to}");
            assert_eq!(merged.report.inputs[1].matched, (to - from) as u64);
        }
    }
}

fn both_forms_of_the_export_are_one_account() {
    let (full, plain) = (read("moneydata.csv"), read("moneydata_uncategorised.csv"));
    let merged = merge(&[&plain, &full]).unwrap();
    assert_eq!(rows(&merged.ledger), rows(&full));
    assert_eq!((merged.report.inputs[1].added, merged.report.conflicts.len()), (0, 0));
}

fn merchants_are_fewer_than_descriptions() {
    let ledger = MerchantNormaliser::default().name_merchants(read("moneydata.csv")).unwrap();
    let all = ledger.all();
    let descriptions: BTreeSet<_> = all.descriptions().iter().collect();
    let merchants: BTreeSet<_> = all.merchants().iter().collect();
    assert_eq!((descriptions.len(), merchants.len()), (908, 646));
    let of = |merchant: &str| all.iter().filter(|row| row.merchant == Some(merchant)).count();
    let counts = (of("Tesco"), of("Lidl"), of("SUBWAY"), of("Amazon") + of("Amazon Prime"));
    assert_eq!(counts, (48, 209, 54, 1212), "as regular expressions count the descriptions");
}

fn refunds_are_linked_to_their_purchases() {
    let named = MerchantNormaliser::default().name_merchants(read("moneydata.csv")).unwrap();
    let found = link_refunds(named, &RefundParams::default()).unwrap();
    let full = found.report.links.iter().filter(|link| link.kind == RefundKind::Full).count();
    assert_eq!((found.report.links.len(), full, found.report.unlinked.len()), (31, 13, 2));
    let refunded: Money = found.report.links.iter().map(|link| link.amount).sum();
    let all = found.ledger.all();
    let marked = all.iter().filter(|row| row.role == Role::Refund).map(|row| row.amount).sum::<Money>();
    assert_eq!(refunded, marked);
    assert!(found.report.links.iter().all(|link| all.row(link.refund).raw_type == Some("DEB")));
}

fn both_sides_of_a_transfer_find_each_other() {
    let ledger = read("moneydata.csv");
    let own = |text: &str| OwnAccount { user: None, text: text.to_owned() };
    let params =
        OWN.into_iter().fold(TransferParams::default(), |params, text| params.with_own_account(own(text)));
    let by_rule = match_transfers(ledger.clone(), &params).unwrap().report;
    assert_eq!((by_rule.by_rule.len(), by_rule.pairs.len()), (1249, 0));

    // The other side of each, as the savings account would show it up to two days later.
    let mut builder = Ledger::builder();
    for (number, mut row) in ledger.all().iter().enumerate() {
        row.account = Some("current");
        builder.push(&row).unwrap();
        if OWN.contains(&row.description) {
            let mut other = Transaction::new(row.user, row.time + Days::new(number as u64 % 3), -row.amount);
            (other.account, other.description) = (Some("savings"), "FROM CURRENT");
            builder.push(&other).unwrap();
        }
    }
    let found = match_transfers(builder.finish(), &TransferParams::default()).unwrap();
    assert_eq!((found.report.pairs.len(), found.report.ambiguous.len()), (1249, 0));
    let all = found.ledger.all();
    assert!(found.report.pairs.iter().all(|pair| OWN.contains(&all.row(pair.out_row).description)));
}
