//! What must hold for any ledger.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

mod random_ledger;

use fincoach_core::{FeatureTable, Ledger, LedgerView};
use fincoach_features::{AsOf, Error, Snapshots, V1Params, read_csv, schema_v1, write_csv};
use proptest::prelude::*;
use random_ledger::{Row, ledger, rows};

fn users_by_name(ledger: &Ledger) -> impl Iterator<Item = LedgerView<'_>> {
    ledger.iter_users()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

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
            seconds: below(120 * 1440) * 60,
            pence: below(30_000) - 20_000,
            balance: Some(below(400_000) - 50_000),
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
