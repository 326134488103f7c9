//! Logs as files, what outcomes are worth, and the policy behind a log.
#![allow(clippy::unwrap_used, reason = "a test stops when something is wrong")]

use fincoach_core::chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use fincoach_core::ndarray::{Array2, array};
use fincoach_core::rng::{Rng, stream};
use fincoach_core::{
    Action, ActionSet, Artifact, Category, DataError, FeatureTable, Fit, Ledger, Money, Outcome as Ending,
    RowKey, Transaction,
};
use fincoach_recommend::{
    Behaviour, BehaviourParams, CoachingReward, Error, FilledPropensities, InterventionLog, LogEntry,
    LogSources, NotebookReward, Replay, Reward, SpendingDrop, Transition, TransitionParams, WeeklySaving,
    read_departures_csv, read_log_csv, write_log_csv,
};
use fincoach_testkit::{
    check_damage, check_params, check_progress, check_refit, check_refused, check_round_trip,
    check_rows_independent_with, check_stored, check_threads,
};
use proptest::prelude::*;

fn at(day: i64) -> NaiveDateTime {
    NaiveDateTime::from(NaiveDate::from_ymd_opt(2024, 1, 1).unwrap()) + TimeDelta::days(day)
}

const HEADER: &str = "user,time,action,action_name,propensity,feedback\n";

fn refused(text: &str) -> String {
    read_log_csv(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_damaged_line_is_named_with_what_would_be_right() {
    let line = |line: &str| {
        refused(&format!("{HEADER}a,2024-01-01T00:00:00,0,continue_current_behavior,,\n{line}\n"))
    };
    let cases = [
        (",2024-01-08T00:00:00,3,savings_nudge,,", "line 3, column `user`: `` must be a name"),
        (
            "a,2024-01-08,3,savings_nudge,,",
            "line 3, column `time`: `2024-01-08` must be a time such as 2024-01-31T00:00:00",
        ),
        (
            "a,2024-02-30T00:00:00,3,savings_nudge,,",
            "line 3, column `time`: `2024-02-30T00:00:00` must be a time such as 2024-01-31T00:00:00",
        ),
        (
            "a,2024-01-08T00:00:00,5,savings_nudge,,",
            "line 3, column `action`: `5` must be a number from 0 to 4",
        ),
        (
            "a,2024-01-08T00:00:00,3,spending_alert,,",
            "line 3, column `action_name`: `spending_alert` must be savings_nudge",
        ),
        (
            "a,2024-01-08T00:00:00,3,savings_nudge,0,",
            "line 3, column `propensity`: `0` must be a number in (0, 1]",
        ),
        (
            "a,2024-01-08T00:00:00,3,savings_nudge,NaN,",
            "line 3, column `propensity`: `NaN` must be a number in (0, 1]",
        ),
        (
            "a,2024-01-08T00:00:00,3,savings_nudge,0.5,yes",
            "line 3, column `feedback`: `yes` must be a finite number",
        ),
        (
            "a,2024-01-01T00:00:00,3,savings_nudge,,",
            "entry of user and time `a 2024-01-01T00:00:00` stands twice",
        ),
    ];
    for (damaged, expected) in cases {
        assert_eq!(line(damaged), expected);
    }
    assert!(line("a,2024-01-08T00:00:00,3").contains("line: 3"), "{}", line("a,2024-01-08T00:00:00,3"));
    assert!(line("a,2024-01-08T00:00:00,,savings_nudge,,").contains("column `action`: ``"));
    assert!(
        line("a,2024-01-08T00:00:00,3,nudge,,").contains("column `action_name`: `nudge` must be continue")
    );
}

#[test]
fn damaged_headers_are_named() {
    assert!(refused("usr,time,action\n").contains("no column `user`; did you mean `usr`?"));
    assert!(refused("user,time,feedback\n").contains("no column `action`"));
    assert_eq!(refused("user,time,action,time\n"), "column `time` stands twice");
    assert!(refused("").contains("no column `user`"));
    assert!(
        read_departures_csv("user,left\n".as_bytes()).unwrap_err().to_string().contains("no column `time`")
    );
    assert!(matches!(read_log_csv(&b"user,time,action\n\xff,x,1\n"[..]), Err(Error::LogFile(_))));
}

#[test]
fn columns_are_found_by_name_and_the_others_told() {
    let text =
        "\u{feff}city,feedback,action_name,time,user\nYork,-1,spending_alert,2024-01-08T09:30:00,\"a, b\"\n";
    let file = read_log_csv(text.as_bytes()).unwrap();
    let time = at(7) + TimeDelta::minutes(570);
    let expected = LogEntry::new(time, Action::SpendingAlert).with_feedback(-1.0);
    assert_eq!(file.log.user("a, b").unwrap().entries(), [expected]);
    assert_eq!(file.ignored_columns, ["city"]);
    let empty = read_log_csv(HEADER.as_bytes()).unwrap().log;
    assert_eq!(empty, InterventionLog::default());
}

fn entries() -> impl Strategy<Value = Vec<(String, LogEntry)>> {
    let entry =
        (0..200_000_i64, 0..5_usize, prop::option::of(1e-9..=1.0_f64), prop::option::of(-1e3..1e3_f64));
    let made = |(seconds, action, propensity, feedback): (i64, usize, Option<f64>, Option<f64>)| {
        let time = at(0) + TimeDelta::seconds(seconds);
        LogEntry { propensity, feedback, ..LogEntry::new(time, Action::ALL[action]) }
    };
    prop::collection::vec(("[a-c \",é]{1,3}", entry.prop_map(made)), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_log_is_read_as_it_was_written(entries in entries()) {
        let Ok(log) = InterventionLog::new(entries) else { return Ok(()) };
        let mut text = Vec::new();
        write_log_csv(&log, &mut text).unwrap();
        prop_assert_eq!(read_log_csv(&text[..]).unwrap().log, log);
    }

    #[test]
    fn no_text_breaks_the_reader(text in "(user|time|action|,|\"|\n|2024-01-01T00:00:00|3|é|NaN){0,40}") {
        let _ = read_log_csv(text.as_bytes());
    }
}

/// Snapshots at the end of each week, and one entry of each action a week.
fn weeks(values: &[[f64; 3]]) -> (FeatureTable, InterventionLog) {
    let key = |week: usize| RowKey { user: "a".into(), as_of: at(7 * week as i64) - TimeDelta::seconds(1) };
    let table = Array2::from_shape_fn((values.len(), 3), |(row, column)| values[row][column]);
    let columns = ["current_balance", "savings_rate", "spending_volatility"];
    let table = FeatureTable::new((0..values.len()).map(key).collect(), columns, table).unwrap();
    let entry = |week: usize| {
        ("a", LogEntry::new(at(7 * week as i64), Action::ALL[(week + 1) % 5]).with_feedback(-1.0))
    };
    (table, InterventionLog::new((0..values.len() - 1).map(entry)).unwrap())
}

fn rewards(sources: &LogSources<'_>, reward: &impl Reward) -> Vec<f64> {
    let found = TransitionParams::default().build(sources, reward).unwrap();
    found.replay().transitions().iter().map(Transition::reward).collect()
}

#[test]
fn a_drop_counts_after_an_alert_alone() {
    let (table, log) = weeks(&[[200.0, 0.1, 50.0], [150.0, 0.1, 40.0], [75.0, 0.3, 0.0]]);
    let sources = LogSources::new(&table, &log);
    assert_eq!(rewards(&sources, &SpendingDrop::new("current_balance")), [0.25, 0.0]);
    let all = SpendingDrop::new("spending_volatility").with_actions(ActionSet::ALL).with_cap(0.5);
    assert_eq!(rewards(&sources, &all), [0.2, 0.5]);
    assert_eq!(rewards(&sources, &all.clone().with_least(100.0)), [0.1, 0.4]);
    let told = |reward| TransitionParams::default().build(&sources, &reward).unwrap_err().to_string();
    assert!(told(all.with_cap(f64::NAN)).contains("cap NaN"));
    assert!(told(SpendingDrop::new("balance")).contains("no column `balance`"));
}

#[test]
fn the_notebooks_table_pays_by_the_state_before() {
    let (table, log) = weeks(&[[50.0, 0.1, 0.0], [500.0, -0.1, 0.0], [500.0, 0.1, 0.0], [500.0, 0.1, 0.0]]);
    let sources = LogSources::new(&table, &log);
    // An alert of the poor, a budget for those who spend too much, a nudge between.
    assert_eq!(rewards(&sources, &NotebookReward::default()), [1.0, 1.0, 0.8]);
    assert_eq!(rewards(&sources, &NotebookReward::with_segments([("a", 1)])), [0.8, 0.8, 0.8 * 0.8]);
}

fn ledger(rows: &[(i64, Category, (&str, &str), i64)]) -> Ledger {
    let mut builder = Ledger::builder();
    for (day, category, (code, raw), pence) in rows {
        let mut row = Transaction::new("a", at(*day), Money::from_minor(*pence));
        (row.category, row.raw_type, row.raw_category) = (*category, Some(*code), Some(*raw));
        builder.push(&row).unwrap();
    }
    builder.finish()
}

#[test]
fn a_week_is_worth_what_was_saved_less_what_was_spent_on_a_mood() {
    use Category::{DineOut, Groceries, Income, Savings, Shopping};
    let (table, log) = weeks(&[[0.0; 3], [0.0; 3], [0.0; 3]]);
    let ledger = ledger(&[
        (-100, Income, ("BGC", "Paycheck"), 99_999_999), // more than 91 days before
        (-91, Income, ("BGC", "Paycheck"), 260_000),
        (-7, Income, ("DEP", "Interest"), 1_300),
        (0, Savings, ("FPO", "Savings"), -5_000),
        (1, Savings, ("SO", "Savings"), -7_000), // a standing order is no choice
        (2, DineOut, ("DEB", "Dine Out"), -1_000),
        (3, Shopping, ("DEB", "Amazon"), -100_000), // counts 60 pounds
        (4, Shopping, ("DEP", "Amazon"), 2_000),    // a refund counts for nothing
        (6, Groceries, ("DEB", "Groceries"), -9_000),
        (7, Savings, ("FPO", "Savings"), -4_000), // the next week
    ]);
    let sources = LogSources::new(&table, &log).with_ledger(&ledger);
    let weekly = 2_613.0 / 13.0;
    let found = rewards(&sources, &CoachingReward::default());
    assert!((found[0] - ((50.0 - 70.0) / weekly - 0.02)).abs() < 1e-12, "{found:?}");
    // A week later the pay of day -91 is out of sight; the floor of 150 pounds holds.
    assert!((found[1] - (40.0 / 150.0 - 0.02)).abs() < 1e-12, "{found:?}");
    let whole = |row: &Transaction<'_>| {
        Money::from_minor(if row.category == Shopping { -row.amount.minor() } else { 0 })
    };
    let other = CoachingReward::default()
        .with_saving(2.0)
        .with_flexible(0.5)
        .with_annoyance(0.0)
        .with_flexible_spending(whole);
    assert!((rewards(&sources, &other)[0] - (100.0 - 490.0) / weekly).abs() < 1e-12);
    let saving = rewards(&sources, &WeeklySaving::default());
    assert!((saving[0] - 120.0 / weekly).abs() < 1e-12, "{saving:?}");
    assert_eq!(rewards(&sources, &WeeklySaving::default().with_cap(0.1)), [0.1, 0.1]);
    for wrong in
        [CoachingReward::default().with_saving(f64::NAN), CoachingReward::default().with_annoyance(-1.0)]
    {
        let told = TransitionParams::default().build(&sources, &wrong).unwrap_err().to_string();
        assert!(told.contains("must be in [0, 100]"), "{told}");
    }
}

#[test]
fn a_young_account_is_judged_by_the_weeks_there_are() {
    let (table, log) = weeks(&[[0.0; 3], [0.0; 3]]);
    let ledger = ledger(&[
        (-42, Category::Income, ("BGC", "Paycheck"), 600_000),
        (0, Category::Savings, ("FPO", "Savings"), -10_000),
    ]);
    let sources = LogSources::new(&table, &log).with_ledger(&ledger);
    let of = |reward: WeeklySaving| rewards(&sources, &reward)[0];
    assert_eq!(of(WeeklySaving::default()), 100.0 / 1000.0);
    let known = |day: i64| WeeklySaving::default().with_known_since(at(day).date());
    assert_eq!(of(known(-7)), 100.0 / 1500.0, "at least four weeks");
    // 600,000 pence over 13 weeks, in whole pence.
    assert!((of(known(-900)) - 100.0 / 461.53).abs() < 1e-12);
    assert_eq!(of(WeeklySaving::default().with_least_income(Money::from_minor(500_000))), 0.02);
}

/// The rule that the simulator logs by, on a balance, an income and what is kept of it.
fn rule(state: [f64; 3]) -> Action {
    let [balance, income, kept] = state;
    if balance < 100.0 {
        Action::SpendingAlert
    } else if kept < 0.0 {
        Action::BudgetSuggestion
    } else if kept > 0.2 * income {
        Action::PositiveReinforcement
    } else {
        Action::SavingsNudge
    }
}

/// Eight rows a user; the rule's action, or any allowed one with probability 0.2; the true probabilities.
fn logged(n_users: usize, seed: u64, known: bool) -> (Replay, Array2<f64>) {
    const EXPLORATION: f64 = 0.2;
    let n_rows = 8 * n_users;
    let mut rng = stream(seed, 0);
    let key = |row: usize| RowKey { user: format!("u{}", row / 8), as_of: at(7 * (row % 8) as i64) };
    let mut values = Array2::zeros((n_rows, 4));
    let (mut truth, mut steps) = (Array2::zeros((n_rows, 5)), Vec::new());
    for row in 0..n_rows {
        let income = 2000.0 * (0.4 * rng.normal()).exp();
        let state = [300.0 + 400.0 * rng.normal(), income, income * (0.1 + 0.2 * rng.normal())];
        let allowed =
            if rng.bernoulli(0.2) { ActionSet::ALL.without(Action::SpendingAlert) } else { ActionSet::ALL };
        let ruled = rule(state);
        let ruled = if allowed.contains(ruled) { ruled } else { Action::ContinueCurrentBehavior };
        for action in allowed.iter() {
            let by_rule = if action == ruled { 1.0 - EXPLORATION } else { 0.0 };
            truth[(row, action.index())] = by_rule + EXPLORATION / allowed.len() as f64;
        }
        let action = Action::ALL[rng.weighted(&truth.row(row).to_vec())];
        let step = Transition::new(action, 0.0).with_allowed(allowed, ActionSet::ALL);
        let p = truth[(row, action.index())];
        steps.push(if known { step.with_propensity(p) } else { step });
        let [balance, income, kept] = state;
        for (column, value) in [balance, income, kept / income, rng.normal()].into_iter().enumerate() {
            values[(row, column)] = value;
        }
    }
    let columns = ["balance", "income", "kept_share", "noise"];
    let states = FeatureTable::new((0..n_rows).map(key).collect(), columns, values.clone()).unwrap();
    (Replay::new(states, values, steps).unwrap(), truth)
}

#[test]
fn a_rule_with_thresholds_is_met_by_bins_and_not_by_straight_lines() {
    let (replay, truth) = logged(500, 1, true);
    let actions = replay.actions();
    let true_loss = actions.iter().enumerate().map(|(row, a)| -truth[(row, a.index())].ln()).sum::<f64>()
        / replay.n_rows() as f64;
    let loss = |params: BehaviourParams| params.fill_propensities(&replay).unwrap().report().clone();
    let lines = loss(BehaviourParams::default().with_n_bins(0));
    let bins = loss(BehaviourParams::default());
    let share = loss(BehaviourParams::default().with_exploration(0.2));
    assert!(lines.log_loss < bins.log_loss_marginal - 0.1);
    assert!(bins.log_loss < lines.log_loss - 0.03);
    assert!(share.log_loss < bins.log_loss && share.log_loss < true_loss + 0.05);
    let [known, estimated] = bins.known_and_estimated.unwrap();
    assert!((known - true_loss).abs() < 1e-12 && (estimated - bins.log_loss).abs() < 1e-12);
    assert_eq!((bins.n_known, bins.n_filled, bins.warning()), (4000, 0, None));
}

#[test]
fn known_propensities_are_kept_and_missing_ones_filled_from_other_users() {
    let (replay, _) = logged(60, 2, false);
    let steps = replay.transitions().iter().enumerate();
    let steps =
        steps.map(|(row, step)| if row % 2 == 0 { step.with_propensity(0.123) } else { *step }).collect();
    let half = Replay::new(replay.states().clone(), replay.next_states().to_owned(), steps).unwrap();
    let params = BehaviourParams::default().with_n_bins(4).with_floor(0.05);
    let filled = params.fill_propensities(&half).unwrap();
    let report = filled.report();
    assert_eq!((report.n_known, report.n_filled), (240, 240));
    for (row, step) in filled.replay().transitions().iter().enumerate() {
        let p = step.propensity().unwrap();
        assert!(if row % 2 == 0 { p == 0.123 } else { (0.05..=1.0).contains(&p) }, "{row} {p}");
    }
    let warning = report.warning().unwrap();
    assert!(warning.smallest < 0.05 && warning.n_below == report.n_floored && warning.n_below > 0);
    // A user has no say in their own propensities: with other actions of theirs they stay as they were.
    let steps = half.transitions().iter().enumerate().map(|(row, step)| {
        let next = Action::ALL[(step.action().index() + 1) % 5];
        if row < 8 { Transition::new(next, 0.0) } else { *step }
    });
    let changed = Replay::new(half.states().clone(), half.next_states().to_owned(), steps.collect()).unwrap();
    let other = params.fill_propensities(&changed).unwrap();
    let differ = |rows: std::ops::Range<usize>| {
        rows.filter(|row| other.replay().transitions()[*row] != filled.replay().transitions()[*row]).count()
    };
    assert!(differ(8..480) > 100, "other folds learn from the user");
    let few = params.with_n_folds(61);
    assert!(matches!(few.fill_propensities(&half), Err(Error::TooFewUsers { n_users: 60, n_folds: 61 })));
}

#[test]
fn probabilities_of_the_caller_are_checked_and_taken() {
    let (replay, truth) = logged(10, 3, false);
    let filled = FilledPropensities::from_probabilities(&replay, truth.view(), 0.01).unwrap();
    for (row, step) in filled.replay().transitions().iter().enumerate() {
        assert_eq!(step.propensity(), Some(truth[(row, step.action().index())]));
    }
    let refused =
        |p: Array2<f64>, floor| FilledPropensities::from_probabilities(&replay, p.view(), floor).unwrap_err();
    assert!(matches!(refused(truth.clone(), 0.0), Error::Param(_)));
    assert!(matches!(refused(&truth * 0.5, 0.01), Error::Data(DataError::OutOfRange { row: 0, .. })));
    assert!(matches!(refused(&truth * f64::NAN, 0.01), Error::Data(DataError::OutOfRange { .. })));
    assert!(matches!(
        refused(array![[1.0, 0.0, 0.0, 0.0, 0.0]], 0.01),
        Error::Data(DataError::Length { .. })
    ));
}

#[test]
fn what_is_forbidden_has_no_probability() {
    let (replay, _) = logged(60, 4, false);
    let behaviour = BehaviourParams::default().fit(&replay).unwrap();
    let allowed: Vec<ActionSet> = replay.transitions().iter().map(Transition::allowed).collect();
    let p = behaviour.probabilities_within(replay.states(), &allowed).unwrap();
    for (row, set) in allowed.iter().enumerate() {
        assert!((p.row(row).sum() - 1.0).abs() < 1e-12);
        assert!(Action::ALL.iter().all(|a| (p[(row, a.index())] > 0.0) == set.contains(*a)));
    }
    let none = vec![ActionSet::NONE; allowed.len()];
    assert!(matches!(
        behaviour.probabilities_within(replay.states(), &none),
        Err(DataError::Inconsistent { .. })
    ));
    assert!(behaviour.probabilities_within(replay.states(), &allowed[1..]).is_err());
    let narrow = replay.states().select(&["income"]).unwrap();
    assert!(behaviour.probabilities(&narrow).unwrap_err().to_string().contains("`balance`"));
}

#[test]
fn the_behaviour_keeps_the_rules_of_a_model() {
    let (replay, _) = logged(40, 5, false);
    let params = BehaviourParams::default().with_n_bins(4).with_columns(["balance", "kept_share"]);
    let behaviour: Behaviour = check_refit(&params, &replay);
    assert_eq!(behaviour.report().outcome(), Ending::Converged);
    assert_eq!(behaviour.columns(), ["balance", "kept_share"]);
    check_threads(&params, &replay);
    check_progress(&params, &replay);
    check_round_trip(&behaviour);
    check_damage::<Behaviour>(&behaviour.to_bytes().unwrap());
    check_rows_independent_with(replay.states(), |rows| -> Result<Vec<Vec<u64>>, DataError> {
        let p = behaviour.probabilities(rows)?;
        Ok(p.rows().into_iter().map(|row| row.iter().map(|value| value.to_bits()).collect()).collect())
    });
    let params = BehaviourParams::default();
    check_params(&params.clone().with_n_bins(3).with_columns(["x"]));
    check_params(&TransitionParams::default().with_step_days(1.0).with_columns(["x"]));
    check_params(&fincoach_recommend::HistoryParams::default().with_windows([3]));
    check_refused(
        &[
            params.clone().with_n_bins(1025),
            params.clone().with_l2(-1.0),
            params.clone().with_l2(f64::NAN),
            params.clone().with_exploration(1.0),
            params.clone().with_exploration(f64::NAN),
            params.clone().with_max_iter(0),
            params.clone().with_tol(f64::NAN),
            params.clone().with_n_folds(1),
            params.clone().with_floor(0.0),
            params.clone().with_floor(f64::NAN),
            params.with_columns(["blance"]),
        ],
        &replay,
    );
}

fn stored() -> Behaviour {
    let mut rng: Rng = stream(9, 0);
    let keys = (0..40).map(|row: usize| RowKey { user: row.to_string(), as_of: at(0) }).collect();
    let values = Array2::from_shape_fn((40, 2), |_| (8.0 * rng.uniform()).round());
    let steps =
        values.rows().into_iter().map(|row| Transition::new(Action::ALL[usize::from(row[0] > 4.0)], 0.0));
    let steps = steps.collect();
    let states = FeatureTable::new(keys, ["x", "y"], values.clone()).unwrap();
    let replay = Replay::new(states, values, steps).unwrap();
    BehaviourParams::default().with_n_bins(4).with_exploration(0.1).fit(&replay).unwrap()
}

#[test]
fn files_of_format_1_still_load() {
    let behaviour = check_stored::<Behaviour>(include_bytes!("artifacts/behaviour-1.json"));
    assert_eq!(behaviour.columns(), ["x", "y"]);
    let text = String::from_utf8(behaviour.to_bytes().unwrap()).unwrap();
    for (right, wrong) in
        [("\"exploration\":0.1", "\"exploration\":1.0"), ("\"weights\":[", "\"weights\":[0.0,")]
    {
        assert!(text.contains(right));
        assert!(Behaviour::from_bytes(text.replace(right, wrong).as_bytes()).is_err(), "{wrong}");
    }
}

#[test]
#[ignore = "writes the stored file; run once for each new format"]
fn write_file_of_this_format() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/artifacts");
    stored().save(format!("{folder}/behaviour-{}.json", Behaviour::FORMAT)).unwrap();
}
