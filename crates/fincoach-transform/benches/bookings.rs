#![allow(clippy::unwrap_used, reason = "a bench ends where something fails")]

//! What happens to rows after they are read: merchants, merging, transfers, refunds.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::{Ledger, Money, Transaction, rng};
use fincoach_transform::{
    MerchantNormaliser, RefundParams, TransferParams, link_refunds, match_transfers, merge,
};

const SHOPS: [&str; 6] =
    ["TESCO STORES", "LIDL GB LEEDS", "AMZN MKTP UK*", "SQ *CAFE", "R SMITH", "CARD PAYMENT TO BOOTS"];

/// Users of 100 rows in two accounts, a tenth of the rows incoming; days `from..to` of 100.
fn ledger(n_rows: usize, from: u64, to: u64) -> Ledger {
    let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let mut builder = Ledger::builder();
    for user in 0..n_rows / 100 {
        let mut draws = rng::stream(7, user as u64);
        let name = user.to_string();
        for day in 0..100 {
            let pence = 100 + i64::try_from(draws.below(900)).unwrap();
            let amount = if draws.bernoulli(0.1) { pence } else { -pence };
            let text = format!("{} {}", SHOPS[draws.below(6)], draws.below(500));
            let time = start.checked_add_days(Days::new(day)).unwrap().into();
            let mut row = Transaction::new(&name, time, Money::from_minor(amount));
            row.description = &text;
            row.account = Some(if draws.bernoulli(0.5) { "a" } else { "b" });
            if (from..to).contains(&day) {
                builder.push(&row).unwrap();
            }
        }
    }
    builder.finish()
}

fn bookings(c: &mut Criterion) {
    let mut group = c.benchmark_group("bookings");
    group.sample_size(10);
    for n_rows in [10_000, 100_000] {
        let all = ledger(n_rows, 0, 100);
        let (first, second) = (ledger(n_rows, 0, 70), ledger(n_rows, 30, 100));
        let merchants = MerchantNormaliser::default();
        group.throughput(Throughput::Elements(n_rows as u64));
        group.bench_function(BenchmarkId::new("merchants", n_rows), |b| {
            b.iter(|| merchants.name_merchants(black_box(all.clone())).unwrap());
        });
        group.bench_function(BenchmarkId::new("merge", n_rows), |b| {
            b.iter(|| merge(black_box(&[&first, &second])).unwrap());
        });
        group.bench_function(BenchmarkId::new("transfers", n_rows), |b| {
            b.iter(|| match_transfers(black_box(all.clone()), &TransferParams::default()).unwrap());
        });
        group.bench_function(BenchmarkId::new("refunds", n_rows), |b| {
            b.iter(|| link_refunds(black_box(all.clone()), &RefundParams::default()).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, bookings);
criterion_main!(benches);
