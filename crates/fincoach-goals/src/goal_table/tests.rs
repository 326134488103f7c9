use fincoach_core::{Category, Fit, Money};
use proptest::prelude::*;

use super::*;
use crate::synthetic::{account, day, goal, random_account};
use crate::{GoalOutcome, LogisticParams, NeededSavingParams, goal_outcome};

fn save(minor: i64) -> GoalKind {
    GoalKind::Save(Money::from_minor(minor))
}

fn kinds() -> [GoalKind; 4] {
    let amount = Money::from_minor(60_000);
    [
        save(60_000),
        GoalKind::Buffer(12.0),
        GoalKind::PayDown(Money::ZERO),
        GoalKind::Cap(Category::Groceries, amount),
    ]
}

fn quick() -> GoalTableParams {
    GoalTableParams::default().with_monte_carlo(MonteCarloParams::default().with_n_paths(40))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_future_changes_no_bit_of_a_row(seed in 0_u64..1000, start in 120_i64..250, kind in 0_usize..4) {
        let before = random_account(seed, 400);
        let other = random_account(seed + 5000, 420);
        let mut after: Vec<_> = before.iter().copied().filter(|booking| booking.0 <= start).collect();
        after.extend(other.into_iter().filter(|booking| booking.0 > start));
        let goals = [goal(kinds()[kind], start, start + 90)];
        let [one, two] = [before, after].map(|rows| quick().look(&account(&rows), &goals).unwrap());
        prop_assert_eq!(one.refused(), two.refused());
        let bits = |rows: &GoalRows| rows.table().values().iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&one), bits(&two));
        // Nothing after the start at all is the same again.
        let cut: Vec<_> = random_account(seed, start + 1);
        prop_assert_eq!(bits(&quick().look(&account(&cut), &goals).unwrap()), bits(&one));
    }

    #[test]
    fn a_lower_target_and_a_higher_cap_are_never_harder(seed in 0_u64..1000, amount in 1_i64..300_000) {
        let ledger = account(&random_account(seed, 400));
        let of = |kind: GoalKind| {
            let rows = quick().look(&ledger, &[goal(kind, 200, 300)]).unwrap();
            (rows.table().column("goal_monte_carlo").unwrap()[0], rows.outcomes()[0].reached().unwrap())
        };
        let (one, other) = (of(save(amount)), of(save(amount + 5000)));
        prop_assert!(one.0 >= other.0 && one.1 >= other.1);
        let cap = |amount| GoalKind::Cap(Category::Groceries, Money::from_minor(amount));
        let (one, other) = (of(cap(amount + 5000)), of(cap(amount)));
        prop_assert!(one.0 >= other.0 && one.1 >= other.1);
    }
}

#[test]
fn rows_do_not_depend_on_their_neighbours() {
    let ledger = account(&random_account(3, 500));
    let goals: Vec<Goal> = (0..8).map(|n| goal(kinds()[n % 4], 150 + 7 * n as i64, 300)).collect();
    let all = quick().look(&ledger, &goals).unwrap();
    for (row, one) in all.goals().iter().enumerate() {
        let alone = quick().look(&ledger, std::slice::from_ref(one)).unwrap();
        assert_eq!(alone.table().row(0), all.table().row(row));
        assert_eq!(alone.outcomes()[0], goal_outcome(&ledger, one).unwrap());
    }
    assert!(all.goals().len() + all.refused().len() == 8 && all.n_censored() == 0);
}

#[test]
fn threads_change_nothing() {
    let ledger = account(&random_account(6, 500));
    let goals: Vec<Goal> = (0..12).map(|n| goal(kinds()[n % 4], 150 + 7 * n as i64, 300)).collect();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let rows = quick().look(&ledger, &goals).unwrap();
            let happened: Vec<bool> = rows.outcomes().iter().map(|one| one.reached().unwrap()).collect();
            let said = rows.table().column("goal_monte_carlo").unwrap().to_vec();
            let units: Vec<usize> = (0..happened.len()).collect();
            (rows, crate::ComparisonParams::default().compare(&happened, &units, &[("a", said)]).unwrap())
        })
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn several_goals_of_one_day_have_keys_of_their_own() {
    let ledger = account(&random_account(4, 300));
    let goals = [goal(save(100), 150, 200), goal(save(200), 150, 200), goal(save(100), 150, 250)];
    let rows = quick().look(&ledger, &goals).unwrap();
    let seconds: Vec<String> =
        rows.table().keys().iter().map(|key| key.as_of.format("%H:%M:%S").to_string()).collect();
    assert_eq!(seconds, ["23:59:59", "00:00:00", "00:00:01"]);
    let key = RowKey { user: "anna".into(), as_of: end_of_day(&goals[0]) };
    let snapshots = FeatureTable::new(vec![key], ["mood"], fincoach_core::ndarray::array![[0.5]]).unwrap();
    let wider = rows.with_snapshots(&snapshots).unwrap();
    assert_eq!(wider.table().column("mood").unwrap().to_vec(), [0.5; 3]);
    let missing = quick().look(&ledger, &[goal(save(1), 151, 200)]).unwrap().with_snapshots(&snapshots);
    assert!(missing.unwrap_err().to_string().contains("no row of user `anna`"));
}

#[test]
fn what_cannot_be_said_is_counted_and_what_is_open_is_left_out() {
    let ledger = account(&random_account(5, 200));
    let ben = Goal::new("ben", save(1), day(150), day(160)).unwrap();
    let goals = [
        goal(save(100), 20, 60),
        ben,
        goal(GoalKind::PayDown(Money::ZERO), 150, 180),
        goal(save(100), 150, 190),
        goal(save(90_000_000), 150, 900),
    ];
    let rows = quick().look(&ledger, &goals).unwrap();
    let refusals: Vec<Refusal> = rows.refused().iter().map(|one| one.refusal).collect();
    let short = Refusal::TooLittleHistory { weeks: 3, needed: 13 };
    assert_eq!(refusals[..2], [short, Refusal::UnknownUser]);
    assert_eq!(rows.n_censored(), 1);
    assert_eq!(rows.examples().unwrap().n_rows(), rows.goals().len() - 1);
    assert!(quick().with_min_weeks(0).look(&ledger, &goals).is_err());
    let empty = quick().look(&ledger, &[]).unwrap();
    assert!(empty.examples().is_err() && empty.table().n_rows() == 0);
}

#[test]
fn without_income_or_flow_every_value_is_finite() {
    let rows = [(0, -5, Category::Other, Some(-5)), (300, -5, Category::Other, Some(-10))];
    for kind in kinds() {
        let seen = quick().look(&account(&rows), &[goal(kind, 200, 260)]).unwrap();
        // The table itself refuses what is not finite.
        assert_eq!(seen.table().n_rows() + seen.refused().len(), 1);
    }
    let cap = GoalKind::Cap(Category::DineOut, Money::ZERO);
    let seen = quick().look(&account(&rows), &[goal(cap, 200, 260)]).unwrap();
    assert_eq!(seen.table().column("goal_monte_carlo").unwrap()[0], 1.0);
    assert_eq!(seen.outcomes()[0], GoalOutcome::Reached(day(260)));
}

#[test]
fn a_week_ahead_the_monte_carlo_gives_the_share_of_past_weeks() {
    // Of twenty weeks every fourth puts 10.00 aside, the others 5.00.
    let rows: Vec<_> = (0..20)
        .map(|week| (7 * week, if week % 4 == 0 { -1000 } else { -500 }, Category::Savings, None))
        .collect();
    let one_week = MonteCarloParams::default().with_block_weeks(1).with_n_paths(4000);
    let params = GoalTableParams::default().with_monte_carlo(one_week);
    let seen =
        params.look(&account(&rows), &[goal(save(1000), 139, 146), goal(save(500), 139, 146)]).unwrap();
    let share = seen.table().column("goal_monte_carlo").unwrap();
    // Five standard errors of a share of 4,000.
    assert!((share[0] - 0.25).abs() < 0.035, "{share}");
    assert_eq!(share[1], 1.0);
}

#[test]
fn what_it_takes_for_a_steady_saver_is_what_is_missing() {
    // 10.00 a week, four weeks, 60.00 wanted: 5.00 more.
    let rows: Vec<_> = (0..20).map(|week| (7 * week, -1000, Category::Savings, None)).collect();
    let (ledger, wanted) = (account(&rows), goal(save(6000), 139, 167));
    let look = quick();
    let known = look.look(&ledger, std::slice::from_ref(&wanted)).unwrap();
    // A model that answers with the Monte-Carlo: learnt from rows where it is always right.
    let table = known.table().select(&["goal_monte_carlo"]).unwrap();
    let keys = (0..2).map(|n| RowKey { user: n.to_string(), ..table.keys()[0].clone() }).collect();
    let sure =
        FeatureTable::new(keys, ["goal_monte_carlo"], fincoach_core::ndarray::array![[0.0], [1.0]]).unwrap();
    let model = LogisticParams::default()
        .with_l2(0.1)
        .fit(&GoalExamples::new(sure, vec![false, true]).unwrap())
        .unwrap();
    let search = NeededSavingParams::default().with_n_steps(30);
    let found = search.search((&look, &ledger, &wanted), &model, &table).unwrap();
    assert_eq!(
        (found.extra, found.monte_carlo_extra),
        (Some(Money::from_minor(500)), Some(Money::from_minor(500)))
    );
    assert_eq!((found.monte_carlo, found.monte_carlo_with), (0.0, Some(1.0)));
    let none = search.clone().with_wanted(0.001).search((&look, &ledger, &wanted), &model, &table).unwrap();
    assert_eq!(none.extra, Some(Money::ZERO));
    assert!(search.with_wanted(f64::NAN).search((&look, &ledger, &wanted), &model, &table).is_err());
    let early = goal(save(6000), 20, 167);
    let refused = NeededSavingParams::default().search((&look, &ledger, &early), &model, &table);
    assert!(matches!(refused, Err(Error::Refused { refusal: Refusal::TooLittleHistory { .. }, .. })));
}
