//! A state that takes one transaction at a time gives what the ledger of the same rows gives, to the bit.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

mod random_ledger;

use fincoach_core::{Currency, DataError, Ledger, Money, Transaction};
use fincoach_features::{Error, Features, Snapshots, V1Params, V1State};
use proptest::prelude::*;
use random_ledger::{DAY, Row, ledger, moment, row, rows};

fn by_time(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| row.seconds);
    rows
}

fn push(state: &mut V1State, rows: &[Row]) {
    for row in rows {
        row.with(|row| state.push(row)).unwrap();
    }
}

/// The keys, bits and left out, or the words of the error.
fn told(features: Result<Features, Error>) -> String {
    match features {
        Err(error) => error.to_string(),
        Ok(features) => {
            let table = features.table();
            let bits: Vec<u64> = table.values().iter().map(|value| value.to_bits()).collect();
            format!("{:?} {bits:?} {:?}", table.keys(), features.left_out())
        }
    }
}

fn params() -> impl Strategy<Value = V1Params> {
    (prop_oneof![Just(30_u32), Just(20), Just(1), Just(400)], 1_usize..6)
        .prop_map(|(days, fewest)| V1Params::default().with_lookback_days(days).with_min_transactions(fewest))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn after_any_rows_the_state_tells_what_the_ledger_tells(
        all in rows(), params in params(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 3),
    ) {
        let all = by_time(all);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(all.len()) + 1).chain([all.len()]).collect();
        cuts.sort_unstable();
        let (mut state, mut n_pushed) = (V1State::new(params.clone()).unwrap(), 0);
        for cut in cuts {
            push(&mut state, &all[n_pushed..cut]);
            n_pushed = cut;
            let known = ledger(&all[..cut]);
            let batch = params.compute(&known);
            prop_assert_eq!(told(state.features()), told(params.compute(&known)));
            let as_of = moment(all[cut - 1].seconds + 5 * DAY);
            let snapshot = params.compute_snapshots(&known, &Snapshots::at(vec![as_of]));
            prop_assert_eq!(told(state.features_at(as_of)), told(snapshot));
            for user in ["0", "1", "2"] {
                let row = |features: &Features| {
                    let at = features.table().keys().iter().position(|key| key.user == user)?;
                    Some(features.table().row(at).to_vec())
                };
                prop_assert_eq!(state.row(user).unwrap(), batch.as_ref().ok().and_then(row));
            }
            // What was saved goes on as if nothing had happened.
            let saved = serde_json::to_string(&state).unwrap();
            state = serde_json::from_str(&saved).unwrap();
            prop_assert_eq!(serde_json::to_string(&state).unwrap(), saved);
            prop_assert_eq!(state.n_transactions(), cut);
        }
    }

    #[test]
    fn a_missing_balance_is_named_alike(
        all in rows(), missing in prop::collection::vec(any::<prop::sample::Index>(), 1..4), params in params(),
    ) {
        let mut all = by_time(all);
        for at in missing {
            let at = at.index(all.len());
            all[at].balance = None;
        }
        let mut state = V1State::new(params.clone()).unwrap();
        push(&mut state, &all);
        let ledger = ledger(&all);
        prop_assert_eq!(told(state.features()), told(params.compute(&ledger)));
        let last = moment(all[all.len() - 1].seconds);
        let snapshot = told(params.compute_snapshots(&ledger, &Snapshots::at(vec![last])));
        prop_assert_eq!(told(state.features_at(last)), snapshot);
    }

    #[test]
    fn a_row_out_of_order_is_refused_and_changes_nothing(all in rows(), late in row(), before in 1_i64..9 * DAY) {
        let all = by_time(all);
        let mut state = V1State::new(V1Params::default()).unwrap();
        push(&mut state, &all);
        let last = all.iter().rfind(|row| row.user == all[0].user).unwrap();
        let saved = serde_json::to_string(&state).unwrap();
        let late = Row { user: all[0].user, seconds: last.seconds - before, shop: 77, ..late };
        let refused = late.with(|row| state.push(row));
        let is_named = matches!(refused, Err(Error::NotInOrder { time, .. }) if time == late.time());
        prop_assert!(is_named);
        prop_assert_eq!(serde_json::to_string(&state).unwrap(), saved);
        let early = state.features_at(late.time());
        let is_refused = matches!(early, Err(Error::AlreadyLater { .. }));
        prop_assert!(is_refused);
    }
}

#[test]
fn what_cannot_be_is_refused() {
    assert!(matches!(V1State::new(V1Params::default().with_lookback_days(0)), Err(Error::Param(_))));
    let mut state = V1State::new(V1Params::default()).unwrap();
    assert!(matches!(state.features(), Err(Error::Data(DataError::Empty { .. }))));
    let nobody = Transaction::new("", moment(0), Money::ZERO);
    assert!(matches!(state.push(&nobody), Err(Error::Data(DataError::Empty { .. }))));
    assert_eq!(state.n_users(), 0);
}

#[test]
fn a_damaged_file_is_refused() {
    let mut state = V1State::new(V1Params::default().with_min_transactions(1)).unwrap();
    for (day, pence) in [(0, -5), (29, 7), (31, 9)] {
        state.push(&Transaction::new("a", moment(day * DAY), Money::from_minor(pence))).unwrap();
    }
    let saved = serde_json::to_string(&state).unwrap();
    assert!(saved.contains(r#""n_before":1"#), "{saved}");
    let refused = |damaged: String| {
        assert_ne!(damaged, saved);
        serde_json::from_str::<V1State>(&damaged).unwrap_err().to_string()
    };
    let user = &saved[saved.find(r#"{"user""#).unwrap()..saved.rfind(']').unwrap()];
    assert!(refused(saved.replace(user, &format!("{user},{user}"))).contains("`a`"));
    let time = |day: i64| format!(r#""time":{}"#, moment(day * DAY).and_utc().timestamp());
    assert!(refused(saved.replace(&time(29), &time(32))).contains("order of time"));
    assert!(refused(saved.replace(&time(29), &time(0))).contains("outside the look-back"));
    assert!(refused(saved.replace(&time(29), r#""time":9223372036854775807"#)).contains("calendars"));
    assert!(
        refused(saved.replace(r#""n_before":1"#, r#""n_before":18446744073709551615"#)).contains("too many")
    );
    assert!(
        refused(saved.replace(r#""lookback_days":30"#, r#""lookback_days":0"#)).contains("lookback_days")
    );
    assert!(refused(saved.replace(r#""n_before""#, r#""n_after""#)).contains("n_after"));
    let rows = &saved[saved.find(r#""rows":["#).unwrap()..=saved.find("}]}").unwrap() + 1];
    assert!(refused(saved.replace(rows, r#""rows":[]"#)).contains("or none"));
}

#[test]
fn the_currency_says_what_a_major_unit_is() {
    let row = |pence: i64, balance: i64| {
        let mut row = Transaction::new("a", moment(0), Money::from_minor(pence));
        row.balance = Some(Money::from_minor(balance));
        row
    };
    let yen: Currency = "JPY".parse().unwrap();
    let params = V1Params::default().with_min_transactions(2);
    let mut builder = Ledger::builder().with_currency(yen);
    let mut state = V1State::new(params.clone()).unwrap();
    for (amount, balance) in [(-300, 5_000), (-500, 4_500), (9_000, 13_500)] {
        builder.push(&row(amount, balance)).unwrap();
        state.push(&row(amount, balance)).unwrap();
    }
    let ledger = builder.finish();
    let features = params.compute(&ledger).unwrap();
    let value = |name: &str| features.table().column(name).unwrap()[0];
    assert_eq!((value("total_spending"), value("current_balance")), (800.0, 13_500.0));
    assert_eq!(value("spending_volatility"), 20_000.0_f64.sqrt());
    assert_eq!(state.with_currency(yen).features().unwrap(), features);
    let snapshot = params.compute_snapshots(&ledger, &Snapshots::every_days(1)).unwrap();
    assert_eq!(snapshot.table().values(), features.table().values());
}
