use fincoach_core::chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use fincoach_core::ndarray::{Array2, array};
use fincoach_core::{Action, DataError, FeatureTable, Ledger, Money, RowKey, Transaction};
use proptest::prelude::*;

use super::super::{
    BrokenMask, HistoryParams, InterventionLog, LogEntry, LogSources, MaskRule, MaskRules, Outcome, Skipped,
    TransitionParams, Transitions,
};
use super::*;

/// Midnight at the beginning of a day, counted from 1 January 2024.
fn at(day: i64) -> NaiveDateTime {
    NaiveDateTime::from(NaiveDate::from_ymd_opt(2024, 1, 1).unwrap()) + TimeDelta::days(day)
}

/// Snapshots at the last second before midnight of these days; the column `x` is the day.
fn snapshots(days: &[(&str, i64)]) -> FeatureTable {
    let key =
        |(user, day): &(&str, i64)| RowKey { user: (*user).into(), as_of: at(*day) - TimeDelta::seconds(1) };
    let values = Array2::from_shape_fn((days.len(), 2), |(row, column)| [days[row].1 as f64, 0.5][column]);
    FeatureTable::new(days.iter().map(key).collect(), ["x", "y"], values).unwrap()
}

fn log(entries: &[(&str, i64)]) -> InterventionLog {
    let entry = |(user, day): &(&str, i64)| (user.to_string(), LogEntry::new(at(*day), Action::SavingsNudge));
    InterventionLog::new(entries.iter().map(entry)).unwrap()
}

fn days_passed(outcome: &Outcome<'_>) -> Result<f64, DataError> {
    Ok(outcome.after("x")? - outcome.before("x")?)
}

fn built(params: &TransitionParams, table: &FeatureTable, log: &InterventionLog) -> Transitions {
    params.build(&LogSources::new(table, log), &days_passed).unwrap()
}

#[test]
fn a_weekly_log_becomes_weekly_transitions() {
    let table = snapshots(&[("a", 0), ("a", 7), ("a", 14), ("a", 21)]);
    let found = built(&TransitionParams::default(), &table, &log(&[("a", 0), ("a", 7), ("a", 14)]));
    let replay = found.replay();
    assert_eq!(replay.states().values(), array![[0.0, 0.5], [7.0, 0.5], [14.0, 0.5]]);
    assert_eq!(replay.next_states(), array![[7.0, 0.5], [14.0, 0.5], [21.0, 0.5]]);
    let ends = [Ended::No, Ended::No, Ended::Truncated];
    for (step, ended) in replay.transitions().iter().zip(ends) {
        // The snapshot of the last second of a week serves from midnight: exactly one step later.
        assert_eq!((step.elapsed(), step.reward(), step.ended()), (1.0, 7.0, ended));
    }
    assert_eq!(replay.states().keys()[1], RowKey { user: "a".into(), as_of: at(7) });
    assert_eq!(found.report().to_string(), "3 of 3 entries became transitions");
}

#[test]
fn a_snapshot_of_the_moment_itself_is_not_before_it() {
    let key = |time| RowKey { user: "a".into(), as_of: time };
    let keys = vec![key(at(0) - TimeDelta::days(1)), key(at(0)), key(at(9))];
    let table = FeatureTable::new(keys, ["x"], array![[1.0], [2.0], [3.0]]).unwrap();
    let found = built(&TransitionParams::default(), &table, &log(&[("a", 0)]));
    assert_eq!(found.replay().states().values(), array![[1.0]]);
    assert_eq!(found.replay().next_states(), array![[3.0]]);
    // It serves from the second after it.
    assert_eq!(found.replay().transitions()[0].elapsed(), (9.0 * 86_400.0 + 1.0) / 86_400.0 / 7.0);
}

#[test]
fn a_departure_ends_the_story() {
    let table = snapshots(&[("a", 0), ("a", 7), ("b", 0), ("b", 7)]);
    let log = log(&[("a", 0), ("b", 0)]).with_departures([("a", at(14))]).unwrap();
    let found = built(&TransitionParams::default(), &table, &log);
    let [left, stayed] = found.replay().transitions() else { panic!() };
    assert_eq!((left.ended(), left.elapsed()), (Ended::Terminal, 2.0));
    assert_eq!((stayed.ended(), stayed.elapsed()), (Ended::Truncated, 1.0));
    assert_eq!((found.report().n_terminal, found.report().n_truncated), (1, 1));
}

#[test]
fn entries_without_states_are_counted_by_reason() {
    let table = snapshots(&[
        ("late", 10),
        ("late", 17),
        ("old", 0),
        ("old", 40),
        ("end", 0),
        ("fine", 0),
        ("fine", 7),
    ]);
    let entries = [("late", 7), ("late", 10), ("old", 8), ("end", 1), ("stranger", 0), ("fine", 0)];
    let found = built(&TransitionParams::default(), &table, &log(&entries));
    let report = found.report();
    assert_eq!((report.n_entries, report.n_transitions), (6, 2));
    let counts = Skipped::ALL.map(|reason| report.n_skipped(reason));
    assert_eq!(counts, [1, 1, 1, 1, 0]);
    assert_eq!(
        report.to_string(),
        "2 of 6 entries became transitions; 1 of users without snapshots; 1 before the first snapshot; 1 whose \
         snapshot is too old; 1 without a next state"
    );
    assert_eq!((report.skipped[0].user.as_str(), report.skipped[0].time), ("end", at(1)));
    let error = TransitionParams::default()
        .build(&LogSources::new(&table, &log_of_strangers()), &days_passed)
        .unwrap_err();
    assert_eq!(error.to_string(), "0 of 1 entries became transitions; 1 of users without snapshots");
}

fn log_of_strangers() -> InterventionLog {
    log(&[("nobody", 0)])
}

#[test]
fn rows_never_jump_over_a_skipped_entry() {
    // The second entry has no fresh snapshot: the first transition ends at the snapshot one step later.
    let table = snapshots(&[("a", 0), ("a", 8), ("a", 60), ("a", 67)]);
    let found = built(&TransitionParams::default(), &table, &log(&[("a", 0), ("a", 40), ("a", 60)]));
    let ends: Vec<_> =
        found.replay().transitions().iter().map(|step| (step.ended(), step.elapsed())).collect();
    assert_eq!(ends, [(Ended::Truncated, 8.0 / 7.0), (Ended::Truncated, 1.0)]);
    assert_eq!(found.report().n_skipped(Skipped::StaleSnapshot), 1);
    // The next entry has a state but no next state of its own: it is skipped, and the first is truncated.
    let table = snapshots(&[("a", 0), ("a", 7)]);
    let found = built(&TransitionParams::default(), &table, &log(&[("a", 0), ("a", 7)]));
    assert_eq!(found.replay().transitions()[0].ended(), Ended::Truncated);
    assert_eq!(found.replay().next_states(), array![[7.0, 0.5]]);
    assert_eq!(found.report().n_skipped(Skipped::NoNextState), 1);
}

#[test]
fn a_truncated_period_never_runs_into_the_next_entry() {
    // Day 5 has an entry without a fresh snapshot; one step after day 0 lies behind it.
    let table = snapshots(&[("a", 0), ("a", 8)]);
    let params = TransitionParams::default().with_max_age_days(4.0);
    let error =
        params.build(&LogSources::new(&table, &log(&[("a", 0), ("a", 5)])), &days_passed).unwrap_err();
    assert!(error.to_string().contains("1 whose snapshot is too old; 1 without a next state"), "{error}");
}

#[test]
fn elapsed_time_is_that_of_the_calendar() {
    let table = snapshots(&[("a", 0), ("a", 3), ("a", 17), ("a", 24)]);
    let found = built(&TransitionParams::default(), &table, &log(&[("a", 0), ("a", 3), ("a", 17)]));
    let elapsed: Vec<f64> = found.replay().transitions().iter().map(Transition::elapsed).collect();
    assert_eq!(elapsed, [3.0 / 7.0, 2.0, 1.0]);
}

#[test]
fn columns_are_chosen_and_history_is_that_of_serving() {
    let table = snapshots(&[("a", 0), ("a", 7), ("a", 14)]);
    let entries = [
        LogEntry::new(at(0), Action::SpendingAlert).with_feedback(-1.0).with_propensity(0.3),
        LogEntry::new(at(7), Action::SavingsNudge),
    ];
    let log = InterventionLog::new(entries.map(|entry| ("a", entry))).unwrap();
    let history = HistoryParams::default();
    let params = TransitionParams::default().with_columns(["y"]).with_history(history.clone());
    let found = built(&params, &table, &log);
    let replay = found.replay();
    assert_eq!(replay.columns()[..2], ["y".to_owned(), "days_since_continue_current_behavior".to_owned()]);
    for (day, row) in [(0, 0), (7, 1)] {
        let served = table.select(&["y"]).unwrap().take(&[row]).unwrap();
        let served = history.append(&served, &[History::new(&entries, at(day))]).unwrap();
        assert_eq!(served.columns(), replay.columns());
        assert_eq!(served.row(0), replay.states().row(row));
    }
    // What follows the first entry is the state of the second.
    assert_eq!(replay.next_states().row(0), replay.states().row(1));
    assert_eq!(replay.transitions()[0].propensity(), Some(0.3));
    assert_eq!(replay.transitions()[1].propensity(), None);
}

#[test]
fn masks_are_those_of_the_rules_and_broken_ones_are_told() {
    let table = snapshots(&[("a", 0), ("a", 2), ("a", 9)]);
    let alert = |day| ("a", LogEntry::new(at(day), Action::SpendingAlert));
    let log = InterventionLog::new([alert(0), alert(2)]).unwrap();
    let masks = MaskRules::new([MaskRule::Cooldown { action: Action::SpendingAlert, days: 3.0 }]).unwrap();
    let params = TransitionParams::default().with_masks(masks);
    let found = built(&params, &table, &log);
    let [first, second] = found.replay().transitions() else { panic!() };
    assert_eq!((first.allowed().len(), first.next_allowed().len()), (5, 4));
    // The alert of the second entry broke the rule, and one step later it may be given again.
    assert_eq!((second.allowed().len(), second.next_allowed().len()), (5, 5));
    assert_eq!(found.report().n_masked_actions, 1);
    let strict = params.with_broken_mask(BrokenMask::Refuse);
    let error = strict.build(&LogSources::new(&table, &log), &days_passed).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a, 2024-01-03T00:00:00: the log did what the rules forbid: spending_alert: last taken \
         2024-01-01T00:00:00, at most once in 3 days"
    );
}

fn ledger(user: &str, rows: &[(i64, i64)]) -> Ledger {
    let mut builder = Ledger::builder();
    for (day, pence) in rows {
        builder.push(&Transaction::new(user, at(*day), Money::from_minor(*pence))).unwrap();
    }
    builder.finish()
}

#[test]
fn the_period_begins_with_the_entry_and_ends_before_the_next() {
    let table = snapshots(&[("a", 1), ("a", 8), ("a", 15), ("b", 1), ("b", 8)]);
    let ledger = ledger("a", &[(0, 1), (1, 10), (7, 100), (8, 1000), (14, 10_000), (15, 100_000)]);
    let log = log(&[("a", 1), ("a", 8), ("b", 1)]);
    let sources = LogSources::new(&table, &log).with_ledger(&ledger);
    let flow = |outcome: &Outcome<'_>| -> Result<f64, DataError> {
        let sum: Money = outcome.bookings()?.amounts().iter().copied().sum();
        let earlier: Money = outcome.earlier_bookings()?.amounts().iter().copied().sum();
        Ok(sum.to_major() + 1e6 * earlier.to_major())
    };
    let found = TransitionParams::default().build(&sources, &flow).unwrap();
    let rewards: Vec<f64> = found.replay().transitions().iter().map(Transition::reward).collect();
    assert_eq!(rewards, [1.1 + 1e4, 110.0 + 1.11e6]);
    assert_eq!(found.report().n_skipped(Skipped::NotInLedger), 1);
    let error = TransitionParams::default().build(&LogSources::new(&table, &log), &flow).unwrap_err();
    assert!(error.to_string().contains("no ledger was given"), "{error}");
}

#[test]
fn what_is_wrong_is_named() {
    let (table, log) = (snapshots(&[("a", 0), ("a", 7)]), log(&[("a", 0)]));
    let sources = LogSources::new(&table, &log);
    let params = TransitionParams::default();
    let told = |params: TransitionParams| params.build(&sources, &days_passed).unwrap_err().to_string();
    assert!(told(params.clone().with_step_days(f64::NAN)).contains("step_days"));
    assert!(told(params.clone().with_max_age_days(-1.0)).contains("max_age_days"));
    assert!(told(params.clone().with_columns(["xx"])).contains("did you mean `x`?"));
    assert!(told(params.clone().with_columns(["x", "x"])).contains("stands twice"));
    let bad = HistoryParams::default().with_windows([7, 7]);
    assert!(told(params.clone().with_history(bad)).contains("windows"));
    let nan = |_: &Outcome<'_>| -> Result<f64, DataError> { Ok(f64::NAN) };
    let error = params.build(&sources, &nan).unwrap_err();
    assert_eq!(error.to_string(), "row 0, column `reward`: NaN is not a finite number");
}

/// A story of one user: entries and snapshots on half days, each with a number of its own.
/// Time, action and feedback of entries; time and value of snapshots.
type Numbers = (Vec<(i64, usize, i8)>, Vec<(i64, f64)>);

fn story() -> impl Strategy<Value = Numbers> {
    let entries = prop::collection::btree_map(0..120_i64, (0..5_usize, -1..2_i8), 1..20);
    let snapshots = prop::collection::btree_map(0..120_i64, -9.0..9.0_f64, 1..30);
    (entries, snapshots).prop_map(|(entries, snapshots)| {
        let entries =
            entries.into_iter().map(|(time, (action, feedback))| (time, action, feedback)).collect();
        (entries, snapshots.into_iter().collect())
    })
}

fn half(time: i64) -> NaiveDateTime {
    at(0) + TimeDelta::hours(12 * time)
}

fn told(entries: &[(i64, usize, i8)], snapshots: &[(i64, f64)]) -> Option<Transitions> {
    let key = |(time, _): &(i64, f64)| RowKey { user: "a".into(), as_of: half(*time) };
    let values = Array2::from_shape_fn((snapshots.len(), 1), |(row, _)| snapshots[row].1);
    let table = FeatureTable::new(snapshots.iter().map(key).collect(), ["x"], values).unwrap();
    let entry = |(time, action, feedback): &(i64, usize, i8)| {
        let entry = LogEntry::new(half(*time), Action::ALL[*action]).with_feedback(f64::from(*feedback));
        ("a", entry)
    };
    let log = InterventionLog::new(entries.iter().map(entry)).unwrap();
    let masks =
        MaskRules::new([MaskRule::AtMost { n: 2, days: 7.0 }, MaskRule::QuietAfterAnnoyance { days: 3.0 }])
            .unwrap();
    let params = TransitionParams::default().with_history(HistoryParams::default()).with_masks(masks);
    params.build(&LogSources::new(&table, &log), &days_passed).ok()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_comes_later_changes_no_state((entries, snapshots) in story(), moment in 1..120_i64, shift in 1.0..2.0_f64) {
        // From the moment on, other actions are taken and snapshots say something else.
        let later = |time: i64| time >= moment;
        let changed: Vec<_> = entries.iter().map(|(time, action, feedback)| {
            let action = if later(*time) { (*action + 1) % 5 } else { *action };
            (*time, action, if later(*time) { 0 } else { *feedback })
        }).collect();
        let moved: Vec<_> = snapshots.iter().map(|(time, x)| (*time, if later(*time) { x + shift } else { *x })).collect();
        let (Some(a), Some(b)) = (told(&entries, &snapshots), told(&changed, &moved)) else { return Ok(()) };
        for (row, key) in a.replay().states().keys().iter().enumerate().filter(|(_, key)| key.as_of <= half(moment)) {
            let same = b.replay().states().keys().iter().position(|other| other == key).unwrap();
            prop_assert_eq!(a.replay().states().row(row), b.replay().states().row(same));
            // What was allowed too; at the moment itself the action taken may differ and counts as allowed.
            if key.as_of < half(moment) {
                prop_assert_eq!(a.replay().transitions()[row].allowed(), b.replay().transitions()[same].allowed());
            }
        }
    }

    #[test]
    fn every_entry_is_a_transition_or_skipped_and_rows_are_chained((entries, snapshots) in story()) {
        let Some(found) = told(&entries, &snapshots) else { return Ok(()) };
        let report = found.report();
        prop_assert_eq!(report.n_transitions + report.skipped.len(), report.n_entries);
        let replay = found.replay();
        for (row, step) in replay.transitions().iter().enumerate() {
            let time = replay.states().keys()[row].as_of;
            match step.ended() {
                Ended::No => {
                    prop_assert_eq!(replay.next_states().row(row).to_vec(), replay.states().row(row + 1).to_vec());
                    let gap = replay.states().keys()[row + 1].as_of - time;
                    prop_assert_eq!(step.elapsed(), gap.num_seconds() as f64 / 86_400.0 / 7.0);
                }
                // Shorter than a step where the next entry is skipped although its state is known.
                _ => prop_assert!(step.elapsed() > 0.0),
            }
        }
    }
}
