//! Whether households that live step by step are those of a simulation, and what is said of them is true.

#![allow(clippy::unwrap_used, reason = "a test")]

use fincoach_core::{Action, Money, Transaction};
use fincoach_simulate::{
    Archetype, Constant, Error, Household, Households, LoggingPolicy, Moment, Myopic, Objective, Planner,
    Policy, RolloutParams, SimulationParams, Week, certain, rule,
};

fn household(index: usize) -> Household {
    Household::new(&SimulationParams::default().with_seed(11), index).unwrap()
}

/// What a household did, to be compared.
fn lived(household: &Household) -> Vec<(String, Money, Option<Money>, String)> {
    let plain =
        |row: Transaction<'_>| (row.time.to_string(), row.amount, row.balance, row.description.to_owned());
    household.rows().map(plain).collect()
}

fn some_action(week: usize) -> Action {
    Action::ALL[(week * 7 + week / 3) % 5]
}

#[test]
fn the_same_actions_give_the_same_ledger_as_a_simulation() {
    let params = SimulationParams::default().with_n_households(4).with_n_months(6).with_seed(5);
    let simulation = params.simulate().unwrap();
    let entries = simulation.interventions();
    for index in 0..4 {
        let mut household = Household::new(&params, index).unwrap();
        let user = household.truth().user.clone();
        for entry in entries.iter().filter(|entry| entry.user == user) {
            assert_eq!(entry.time.date(), household.date());
            let ruled = rule(&household.observe());
            assert_eq!(entry.propensity > 0.5, entry.action == ruled);
            assert_eq!(household.step(entry.action).feedback, entry.feedback);
        }
        let ledger = simulation.ledger().user(index);
        assert_eq!(*household.truth(), simulation.truth()[index]);
        let n_rows = household.rows().len();
        // The simulation goes on for the days of the last, broken week.
        assert!(ledger.len() >= n_rows && ledger.len() < n_rows + 60);
        for (mut stepped, mut simulated) in household.rows().zip(ledger.iter()) {
            (stepped.source_row, simulated.source_row) = (0, 0);
            assert_eq!(stepped, simulated);
        }
    }
}

#[test]
fn a_reset_household_is_a_new_one() {
    let (mut used, mut fresh) = (household(3), household(3));
    for week in 0..20 {
        used.step(some_action(week));
    }
    used.reset();
    for week in 0..12 {
        assert_eq!(used.observe(), fresh.observe());
        assert_eq!(used.expected(), fresh.expected());
        assert_eq!(used.step(some_action(week)), fresh.step(some_action(week)));
    }
    assert_eq!(lived(&used), lived(&fresh));
}

#[test]
fn a_clone_lives_on_with_the_same_luck_and_fresh_luck_is_other() {
    let mut original = household(2);
    (0..9).for_each(|week| _ = original.step(some_action(week)));
    original.forget_rows();
    let (mut same, mut other) = (original.clone(), original.clone().with_fresh_luck(1));
    assert_eq!(original.step(Action::SavingsNudge), same.step(Action::SavingsNudge));
    other.step(Action::SavingsNudge);
    assert_eq!(lived(&original), lived(&same));
    assert_ne!(lived(&original), lived(&other));
}

#[test]
fn luck_of_a_week_does_not_depend_on_the_weeks_before() {
    let (mut told, mut quiet) = (household(6), household(6));
    told.step(Action::SpendingAlert);
    quiet.live_week();
    (0..30).for_each(|_| {
        told.live_week();
        quiet.live_week();
    });
    told.forget_rows();
    quiet.forget_rows();
    (0..8).for_each(|_| {
        told.live_week();
        quiet.live_week();
    });
    // The balances may differ, the purchases are mostly the same ones at the same prices.
    let amounts = |household: &Household| household.rows().map(|row| row.amount).collect::<Vec<_>>();
    let (told, quiet) = (amounts(&told), amounts(&quiet));
    let shared = told.iter().filter(|amount| quiet.contains(amount)).count();
    assert!(shared * 10 > told.len() * 9, "{shared} of {}", told.len());
}

#[test]
fn a_bank_sees_only_what_was_booked() {
    let mut household = household(1);
    let mut ledger = Vec::new();
    for week in 0..30 {
        let seen = household.observe();
        let (mut income, mut spending, mut flexible) = (0, 0, 0);
        let first = household.date() - fincoach_core::chrono::Days::new(28);
        for (day, row) in &ledger {
            let (day, row): (fincoach_core::chrono::NaiveDate, &Row) = (*day, row);
            assert!(day < household.date());
            if day >= first {
                income += row.income;
                spending += row.spending;
                flexible += row.flexible;
            }
        }
        assert_eq!(seen.date, household.date());
        assert_eq!((seen.income.minor(), seen.spending.minor()), (income, spending));
        assert_eq!(seen.flexible.minor(), flexible);
        // Another future changes nothing of what is seen.
        assert_eq!(household.clone().with_fresh_luck(week).observe(), seen);
        household.forget_rows();
        household.step(some_action(week as usize));
        ledger.extend(household.rows().map(|row| (row.time.date(), Row::of(&row))));
        let last = household.rows().last().and_then(|row| row.balance);
        assert!(last.is_none_or(|balance| balance == household.balance()));
    }
}

/// What a row counts, worked out from the row alone.
struct Row {
    income: i64,
    spending: i64,
    flexible: i64,
}

impl Row {
    fn of(row: &Transaction<'_>) -> Self {
        use fincoach_core::Category::{Income, Savings};
        let amount = row.amount.minor();
        let spent = row.category != Savings && row.category != Income && amount < 0;
        Self {
            income: if row.category == Income { amount } else { 0 },
            spending: if spent { -amount } else { 0 },
            flexible: Objective::flexible(row).minor(),
        }
    }
}

#[test]
fn a_reward_can_be_worked_out_from_rows_and_log() {
    let objective = Objective::default();
    for index in 0..6 {
        let mut household = household(index);
        let (mut incomes, mut n_annoyed) = (Vec::new(), 0);
        for week in 0..40 {
            household.forget_rows();
            let lived = household.step(some_action(week));
            let sum = |figure: fn(&Transaction<'_>) -> Money| {
                household.rows().map(|row| figure(&row)).sum::<Money>()
            };
            let last_weeks = &incomes[incomes.len() - incomes.len().min(13)..];
            let usual = Objective::usual_income(last_weeks.iter().copied().sum(), last_weeks.len());
            let parts = sum(Objective::extra_saving) - sum(Objective::flexible);
            let annoyed = if lived.feedback == -1.0 { objective.annoyance() } else { 0.0 };
            let expected = parts.to_major() / usual.to_major() - annoyed;
            assert!((objective.reward(&lived) - expected).abs() < 1e-12, "{lived:?}");
            incomes.push(sum(|row| {
                if row.category == fincoach_core::Category::Income { row.amount } else { Money::ZERO }
            }));
            n_annoyed += u32::from(lived.feedback < 0.0);
        }
        assert!(n_annoyed > 0);
    }
}

#[test]
fn nothing_said_is_never_answered() {
    let mut household = household(4);
    for _ in 0..20 {
        assert_eq!(household.step(Action::ContinueCurrentBehavior).feedback, 0.0);
        assert_eq!(household.fatigue(), 0.0);
    }
}

#[test]
fn a_rested_household_forgets_its_fatigue() {
    let mut household = household(4);
    (0..6).for_each(|_| _ = household.step(Action::SpendingAlert));
    let tired = household.fatigue();
    assert!(tired > 2.2);
    let weary = household.expected()[1].acceptance;
    (0..8).for_each(|_| _ = household.step(Action::ContinueCurrentBehavior));
    assert!(household.fatigue() < 0.05 * tired);
    assert!(household.expected()[1].acceptance > 1.4 * weary);
}

/// The weeks of clones with luck of their own.
fn tried(household: &Household, action: Action, n: u64) -> Vec<Week> {
    (0..n).map(|salt| household.clone().with_fresh_luck(salt).step(action)).collect()
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// A household some weeks on, rested or not.
fn some_state(archetype: Archetype, index: usize) -> Household {
    let mut mix = [0.0; 5];
    mix[archetype.index()] = 1.0;
    let params = SimulationParams::default().with_archetype_mix(mix).with_seed(3);
    let mut household = Household::new(&params, index).unwrap();
    (0..14 + index).for_each(|_| _ = household.live_week());
    (0..index).for_each(|_| _ = household.step(Action::BudgetSuggestion));
    household.forget_rows();
    household
}

#[test]
fn what_is_expected_comes_about_on_average() {
    let objective = Objective::default();
    let rewards = |weeks: &[Week]| weeks.iter().map(|week| objective.reward(week)).collect::<Vec<_>>();
    for (archetype, index) in
        Archetype::ALL.into_iter().flat_map(|archetype| [(archetype, 0), (archetype, 2)])
    {
        let household = some_state(archetype, index);
        let expected = household.expected_rewards(&objective);
        let base = rewards(&tried(&household, Action::ALL[0], 600));
        for action in Action::ALL {
            let told = rewards(&tried(&household, action, 600));
            let (mean, error) = mean_and_error(&told);
            let bias = mean - expected[action.index()];
            assert!(bias.abs() < 4.0 * error, "{archetype} {index} {action}: {bias} of {error}");
            // The same luck with and without the action: far more exact.
            let gains: Vec<f64> = told.iter().zip(&base).map(|(told, base)| told - base).collect();
            let (gain, error) = mean_and_error(&gains);
            let bias = gain - (expected[action.index()] - expected[0]);
            assert!(bias.abs() <= 4.0 * error + 2e-4, "{archetype} {index} {action}: {bias} of {error}");
        }
    }
}

#[test]
fn chances_and_parts_come_about_too() {
    let household = some_state(Archetype::GoalOriented, 0);
    for action in Action::ALL {
        let expected = household.expected()[action.index()];
        let weeks = tried(&household, action, 1500);
        let close = |figure: fn(&Week) -> f64, expected: f64| {
            let (mean, error) = mean_and_error(&weeks.iter().map(figure).collect::<Vec<_>>());
            assert!((mean - expected).abs() <= 4.0 * error + 1e-9, "{action}: {mean} {expected} {error}");
        };
        close(|week| f64::from(u8::from(week.feedback > 0.0)), expected.acceptance);
        close(|week| f64::from(u8::from(week.feedback < 0.0)), expected.annoyance);
        close(|week| week.flexible.to_major(), expected.flexible);
        close(|week| week.extra_saving.to_major(), expected.extra_saving);
    }
}

#[test]
fn no_action_is_best_for_all() {
    let params = SimulationParams::default().with_n_households(200);
    let mut households = Households::new(&params).unwrap();
    (0..13).for_each(|_| _ = households.live_week());
    let mut counts = [0; 5];
    for household in &households {
        counts[fincoach_simulate::best(&household.expected_rewards(&Objective::default())).index()] += 1;
    }
    assert!(counts[1..].iter().all(|count| *count >= 20 && *count < 120), "{counts:?}");
}

fn small() -> RolloutParams {
    RolloutParams::default().with_n_households(150)
}

#[test]
fn the_reference_is_ahead_of_all_others() {
    let params = small();
    let reference = params.run(&mut Planner::default()).unwrap();
    let ahead = |other: &mut dyn Policy| {
        let gain = reference.minus(&params.run(other).unwrap()).unwrap();
        assert!(gain.low > 0.0, "{gain:?}");
        gain.mean
    };
    let of_myopic = ahead(&mut Myopic::default());
    let of_rule = ahead(&mut LoggingPolicy { exploration: 0.2 });
    assert!(of_rule > of_myopic);
    Action::ALL.into_iter().for_each(|action| assert!(ahead(&mut Constant(action)) > 0.0));
}

#[test]
fn the_rule_is_better_than_nothing_and_than_chance() {
    let params = small().with_n_households(400);
    let rule = params.run(&mut LoggingPolicy { exploration: 0.0 }).unwrap();
    for other in [&mut Constant(Action::ALL[0]) as &mut dyn Policy, &mut LoggingPolicy { exploration: 1.0 }] {
        let gain = rule.minus(&params.run(other).unwrap()).unwrap();
        assert!(gain.low > 0.0, "{gain:?}");
    }
}

#[test]
fn threads_and_neighbours_change_nothing_in_a_roll_out() {
    let runs: Vec<_> = [1, 3]
        .into_iter()
        .map(|n_threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            let params = small().with_n_households(40).with_n_weeks(6);
            pool.install(|| params.run(&mut LoggingPolicy { exploration: 0.5 })).unwrap()
        })
        .collect();
    assert_eq!(runs[0], runs[1]);
    let fewer = small().with_n_households(11).with_n_weeks(6);
    let fewer = fewer.run(&mut LoggingPolicy { exploration: 0.5 }).unwrap();
    assert_eq!(fewer.returns(), &runs[0].returns()[..11]);
}

#[test]
fn a_policy_of_ones_own_reads_the_rows_of_every_week() {
    /// Counts rows and praises.
    #[derive(Default)]
    struct Counting {
        n_begun: usize,
        n_rows: u64,
        moments: Vec<Moment>,
    }
    impl Policy for Counting {
        fn begin(&mut self, households: &Households) {
            assert!(households.iter().all(|household| household.n_weeks() == 0));
            self.n_begun += households.len();
        }
        fn lived(&mut self, households: &Households, weeks: &[Week]) {
            for (household, week) in households.iter().zip(weeks) {
                assert_eq!(household.rows().len(), week.n_rows);
                let days = week.start..week.end;
                assert!(household.rows().all(|row| days.contains(&row.time.date())));
                self.n_rows += week.n_rows as u64;
            }
        }
        fn chances(&mut self, households: &Households, moment: &Moment) -> Vec<[f64; 5]> {
            self.moments.push(*moment);
            vec![certain(Action::PositiveReinforcement); households.len()]
        }
    }
    let mut policy = Counting::default();
    let params = small().with_n_households(30).with_lead_in_weeks(3).with_n_weeks(4);
    let run = params.run(&mut policy).unwrap();
    assert_eq!((policy.n_begun, policy.n_rows), (30, run.n_rows()));
    assert_eq!(policy.moments.iter().map(|moment| moment.weeks_left).collect::<Vec<_>>(), [4, 3, 2, 1]);
    assert_eq!(run, params.run(&mut Constant(Action::PositiveReinforcement)).unwrap());
    assert_eq!(run.actions(), &[0, 0, 0, 0, 120]);
}

#[test]
fn a_policy_that_gives_no_distribution_is_an_error() {
    let params = small().with_n_households(3);
    for row in [[0.0; 5], [f64::NAN; 5], [1.5, -0.5, 0.0, 0.0, 0.0]] {
        let mut wrong = |households: &Households, _: &Moment| vec![row; households.len()];
        let error = params.run(&mut wrong).unwrap_err();
        assert!(matches!(error, Error::Chances { household: 0, .. }), "{error}");
    }
    let mut short = |_: &Households, _: &Moment| vec![certain(Action::ALL[0]); 2];
    let error = params.run(&mut short).unwrap_err();
    assert_eq!(error.to_string(), "2 chances for 3 households");
}

#[test]
fn a_log_is_a_roll_out_of_the_logging_policy() {
    let households = SimulationParams::default().with_n_households(12).with_n_months(6).with_seed(8);
    let simulation = households.simulate().unwrap();
    let mut n_logged = 0;
    let mut check = |households: &Households, _: &Moment| {
        let chances = LoggingPolicy { exploration: 0.2 }.chances(households, &moment());
        for (household, action) in households.iter().zip(households.draw(&chances).unwrap()) {
            let entry = simulation
                .interventions()
                .iter()
                .find(|entry| entry.user == household.truth().user && entry.time.date() == household.date());
            let entry = entry.unwrap();
            let chance = chances[household.index()][action.index()];
            assert_eq!((entry.action, entry.propensity), (action, chance));
            n_logged += 1;
        }
        chances
    };
    fn moment() -> Moment {
        Moment::new(0, 1, 1.0)
    }
    let params = RolloutParams::default().with_households(households).with_lead_in_weeks(0).with_n_weeks(20);
    let run = params.run(&mut check).unwrap();
    assert_eq!(n_logged, 12 * 20);
    assert_eq!(run, params.run(&mut LoggingPolicy { exploration: 0.2 }).unwrap());
}
