//! What must hold for any ledger.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

use fincoach_core::chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use fincoach_core::{Category, FeatureTable, Ledger, LedgerView, Money, Transaction};
use fincoach_features::{AsOf, Error, Features, Snapshots, V1Params, read_csv, schema_v1, write_csv};
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Row {
    user: u8,
    minutes: i64,
    pence: i64,
    balance: i64,
    category: usize,
    shop: u8,
    city: u8,
}

fn row() -> impl Strategy<Value = Row> {
    // A quarter of the times share a few instants, so that ties and date-only rows occur.
    let minutes = prop_oneof![3 => 0_i64..120 * 1440, 1 => (0_i64..8).prop_map(|day| day * 1440)];
    (0_u8..3, minutes, -50_000_i64..20_000, -30_000_i64..300_000, 0_usize..11, 0_u8..5, 0_u8..4).prop_map(
        |(user, minutes, pence, balance, category, shop, city)| Row {
            user,
            minutes,
            pence,
            balance,
            category,
            shop,
            city,
        },
    )
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(), 1..120)
}

fn moment(minutes: i64) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2023, 11, 1).unwrap().and_time(Default::default()) + TimeDelta::minutes(minutes)
}

fn ledger(rows: &[Row]) -> Ledger {
    let mut builder = Ledger::builder();
    for row in rows {
        let (user, shop, city) =
            (row.user.to_string(), format!("shop {}", row.shop), format!("city {}", row.city));
        let mut transaction = Transaction::new(&user, moment(row.minutes), Money::from_minor(row.pence));
        transaction.balance = Some(Money::from_minor(row.balance));
        transaction.category = Category::ALL[row.category];
        transaction.description = if row.shop == 0 { "" } else { &shop };
        transaction.city = (row.city > 0).then_some(&city);
        builder.push(&transaction).unwrap();
    }
    builder.finish()
}

/// The bits of each row, with its key; nothing where nobody has enough rows.
fn bits(features: Result<Features, Error>) -> Vec<(String, NaiveDateTime, Vec<u64>)> {
    match features {
        Err(Error::NoUsers { .. }) => Vec::new(),
        other => {
            let table = other.unwrap().into_table();
            let row_bits = |row: usize| table.row(row).iter().map(|value| value.to_bits()).collect();
            let keys = table.keys().iter().enumerate();
            keys.map(|(row, key)| (key.user.clone(), key.as_of, row_bits(row))).collect()
        }
    }
}

fn users_by_name(ledger: &Ledger) -> impl Iterator<Item = LedgerView<'_>> {
    ledger.iter_users()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_comes_after_as_of_cannot_change_a_bit(
        past in rows(), future in rows(), other_future in rows(), cut in 0_i64..120 * 1440,
    ) {
        let keep = |rows: &[Row], late: bool| -> Vec<Row> {
            rows.iter().filter(|row| (row.minutes > cut) == late).cloned().collect()
        };
        let before = keep(&past, false);
        prop_assume!(!before.is_empty());
        // Later rows go in at the front, so that text numbers change as well.
        let with = |later: &[Row]| ledger(&[keep(later, true), before.clone()].concat());
        let params = V1Params::default();
        let at = Snapshots::at(vec![moment(cut)]);
        let alone = bits(params.compute_snapshots(&ledger(&before), &at));
        prop_assert_eq!(&bits(params.compute_snapshots(&with(&future), &at)), &alone);
        prop_assert_eq!(&bits(params.compute_snapshots(&with(&other_future), &at)), &alone);
        // Steps: rows up to the cut are the same rows.
        let steps = |ledger: &Ledger| {
            let mut all = bits(params.compute_snapshots(ledger, &Snapshots::every_days(5)));
            all.retain(|(_, as_of, _)| *as_of <= moment(cut));
            all
        };
        let (one, other) = (steps(&with(&future)), steps(&with(&other_future)));
        let common = |rows: &[(String, NaiveDateTime, Vec<u64>)], of: &[(String, NaiveDateTime, Vec<u64>)]| {
            let known = |row: &&(String, NaiveDateTime, Vec<u64>)| of.iter().any(|o| o.0 == row.0 && o.1 == row.1);
            rows.iter().filter(known).cloned().collect::<Vec<_>>()
        };
        prop_assert_eq!(common(&one, &other), common(&other, &one));
        // And where the series goes on past the cut in both, none is missing from either.
        for key in steps(&ledger(&before)) {
            prop_assert!(one.contains(&key) && other.contains(&key));
        }
    }

    #[test]
    fn a_snapshot_is_v1_of_the_ledger_cut_at_its_date(all in rows(), cut in 0_i64..120 * 1440) {
        let params = V1Params::default().with_min_transactions(2).with_lookback_days(20);
        let before: Vec<Row> = all.iter().filter(|row| row.minutes <= cut).cloned().collect();
        prop_assume!(!before.is_empty());
        let snapshot = bits(params.compute_snapshots(&ledger(&all), &Snapshots::at(vec![moment(cut)])));
        let whole = bits(params.compute(&ledger(&before)));
        let without_date = |rows: Vec<(String, NaiveDateTime, Vec<u64>)>| -> Vec<(String, Vec<u64>)> {
            rows.into_iter().map(|(user, _, bits)| (user, bits)).collect()
        };
        prop_assert_eq!(without_date(snapshot), without_date(whole));
    }

    #[test]
    fn values_lie_in_their_documented_range_and_parts_add_up(all in rows()) {
        let ledger = ledger(&all);
        let Ok(features) = V1Params::default().with_min_transactions(1).compute(&ledger) else { unreachable!() };
        let table = features.table();
        prop_assert_eq!(table.n_rows(), users_by_name(&ledger).count());
        for row in table.values().rows() {
            for (spec, value) in schema_v1().iter().zip(row) {
                prop_assert!(spec.range.contains(*value), "{}: {} not in {}", spec.name, value, spec.range);
            }
            let by_category: f64 = row.iter().skip(4).take(11).sum();
            prop_assert!((by_category - row[1]).abs() <= 1e-9 * row[1].max(1.0));
        }
    }

    #[test]
    fn a_file_gives_the_table_back(all in rows()) {
        let features = V1Params::default().with_min_transactions(1).compute(&ledger(&all)).unwrap();
        let mut file = Vec::new();
        write_csv(features.table(), AsOf::Include, &mut file).unwrap();
        prop_assert_eq!(&read_csv(file.as_slice()).unwrap(), features.table());
    }

    #[test]
    fn no_file_makes_the_reader_panic(text in "(user,as_of,x\n)?[a,\"\n0-9:. -]{0,60}") {
        let _: Result<FeatureTable, Error> = read_csv(text.as_bytes());
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let mut rng = fincoach_core::rng::stream(5, 0);
    let mut below = |n: usize| i64::try_from(rng.below(n)).unwrap();
    let rows: Vec<Row> = (0..4000)
        .map(|_| Row {
            user: u8::try_from(below(60)).unwrap(),
            minutes: below(120 * 1440),
            pence: below(30_000) - 20_000,
            balance: below(400_000) - 50_000,
            category: usize::try_from(below(11)).unwrap(),
            shop: u8::try_from(below(9)).unwrap(),
            city: u8::try_from(below(4)).unwrap(),
        })
        .collect();
    let ledger = ledger(&rows);
    let file = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let weekly = Snapshots::every_days(7);
        let features = pool.install(|| V1Params::default().compute_snapshots(&ledger, &weekly)).unwrap();
        let mut file = Vec::new();
        write_csv(features.table(), AsOf::Include, &mut file).unwrap();
        (file, features)
    };
    let (one, features) = file(1);
    assert!(features.table().n_rows() > 500 && !features.left_out().is_empty());
    for threads in [2, 5] {
        assert_eq!(file(threads), (one.clone(), features.clone()));
    }
}
