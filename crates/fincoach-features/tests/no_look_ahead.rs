//! No row knows what comes after its date.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

mod random_ledger;

use fincoach_core::chrono::NaiveDateTime;
use fincoach_features::{Snapshots, V1Params};
use proptest::prelude::*;
use random_ledger::{Bits, DAY, Row, bits, ledger, moment, row, rows};

/// What happens to the rows after a date.
#[derive(Clone, Debug)]
struct Future {
    /// For one row after the other: left out, replaced by another at the same time or moved there, or kept.
    fates: Vec<(u8, Row)>,
    /// Rows that come new.
    added: Vec<Row>,
    /// A row so many seconds after the date, most often on the same day.
    soon: (i64, Row),
}

fn future() -> impl Strategy<Value = Future> {
    let soon = (prop_oneof![Just(1_i64), 1_i64..3600, 1_i64..3 * DAY], row());
    (prop::collection::vec((0_u8..4, row()), 1..20), prop::collection::vec(row(), 0..20), soon)
        .prop_map(|(fates, added, soon)| Future { fates, added, soon })
}

/// These rows with another future after `seconds`. New rows stand first, so that the numbers of texts change too.
fn rewritten(all: &[Row], seconds: i64, future: &Future) -> Vec<Row> {
    let mut rows: Vec<Row> = future.added.iter().filter(|row| row.seconds > seconds).cloned().collect();
    rows.push(Row { seconds: seconds + future.soon.0, ..future.soon.1.clone() });
    for (row, (fate, other)) in all.iter().zip(future.fates.iter().cycle()) {
        match fate {
            _ if row.seconds <= seconds => rows.push(row.clone()),
            0 => {}
            1 => rows.push(Row { seconds: row.seconds, ..other.clone() }),
            2 => rows.push(Row { seconds: row.seconds.max(other.seconds), ..row.clone() }),
            _ => rows.push(row.clone()),
        }
    }
    rows
}

fn seconds(as_of: NaiveDateTime) -> i64 {
    (as_of - moment(0)).num_seconds()
}

/// The date of a row of `kind`, a few of them, and the row there.
fn some_rows(all: &[Bits], picks: &[prop::sample::Index]) -> Vec<Bits> {
    if all.is_empty() {
        return Vec::new();
    }
    picks.iter().map(|pick| pick.get(all).clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn another_future_does_not_change_a_bit(
        all in rows(),
        future in future(),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 4),
        moments in prop::collection::vec(prop_oneof![0_i64..125 * DAY, (0_i64..125).prop_map(|day| day * DAY)], 1..6),
    ) {
        let params = V1Params::default().with_min_transactions(2);
        // Among the moments the very times of rows, and a second before.
        let near = picks.iter().map(|pick| pick.get(&all).seconds).flat_map(|at| [at, at - 1]);
        let given = Snapshots::at(moments.into_iter().chain(near).map(moment).collect());
        for kind in [given.clone(), Snapshots::months(), Snapshots::every_days(1), Snapshots::every_days(7)] {
            let whole = bits(params.compute_snapshots(&ledger(&all), &kind));
            for expected in some_rows(&whole, &picks) {
                let as_of = expected.1;
                let other = ledger(&rewritten(&all, seconds(as_of), &future));
                let here = bits(params.compute_snapshots(&other, &Snapshots::at(vec![as_of])));
                prop_assert!(here.contains(&expected), "{kind:?} as of {as_of}");
                // In a series as well, unless the other future ends it before.
                let series = bits(params.compute_snapshots(&other, &kind));
                let user = other.user_named(&expected.0).unwrap();
                let goes_on = kind == given || user.row(user.len() - 1).time.date() >= as_of.date();
                prop_assert_eq!(series.contains(&expected), goes_on, "{:?} as of {}", kind, as_of);
            }
        }
    }

    #[test]
    fn no_row_appears_or_vanishes_in_the_past(all in rows(), future in future(), cut in 0_i64..120 * DAY) {
        let params = V1Params::default();
        for kind in [Snapshots::months(), Snapshots::every_days(5)] {
            let up_to_cut = |rows: &[Row]| {
                let features = params.compute_snapshots(&ledger(rows), &kind);
                let mut all = bits(features);
                all.retain(|(_, as_of, _)| *as_of <= moment(cut));
                all
            };
            let (one, other) = (up_to_cut(&all), up_to_cut(&rewritten(&all, cut, &future)));
            // Each user's series is the beginning of the other: the shorter one only ends sooner.
            for user in ["0", "1", "2"] {
                let of_user = |rows: &[Bits]| rows.iter().filter(|row| row.0 == user).cloned().collect::<Vec<_>>();
                let (one, other) = (of_user(&one), of_user(&other));
                let common = one.len().min(other.len());
                prop_assert_eq!(&one[..common], &other[..common]);
            }
        }
    }

    #[test]
    fn a_snapshot_is_v1_of_the_ledger_cut_at_its_date(all in rows(), cut in 0_i64..120 * DAY) {
        let params = V1Params::default().with_min_transactions(2).with_lookback_days(20);
        let series = bits(params.compute_snapshots(&ledger(&all), &Snapshots::every_days(3)));
        for cut in series.iter().map(|row| seconds(row.1)).step_by(5).chain([cut]) {
            let before: Vec<Row> = all.iter().filter(|row| row.seconds <= cut).cloned().collect();
            if before.is_empty() {
                continue;
            }
            let at_cut = bits(params.compute_snapshots(&ledger(&all), &Snapshots::at(vec![moment(cut)])));
            let without_date = |rows: &[Bits]| -> Vec<(String, Vec<u64>)> {
                rows.iter().map(|(user, _, bits)| (user.clone(), bits.clone())).collect()
            };
            let alone = without_date(&bits(params.compute(&ledger(&before))));
            prop_assert_eq!(&without_date(&at_cut), &alone);
            let in_series: Vec<Bits> = series.iter().filter(|row| row.1 == moment(cut)).cloned().collect();
            prop_assert!(without_date(&in_series).iter().all(|row| alone.contains(row)));
        }
    }
}
