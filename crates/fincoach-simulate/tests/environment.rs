//! Whether households that live step by step are those of a simulation, and what is said of them is true.

use fincoach_core::{Action, Ledger, Money, Transaction};
use fincoach_simulate::{
    Archetype, Constant, Household, Households, LoggingPolicy, Moment, Myopic, Objective, Planner, Policy,
    RolloutParams, SimulationParams, Week, certain, rule,
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
    (0..9).for_each(|week| drop(original.step(some_action(week))));
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
    (told.forget_rows(), quiet.forget_rows());
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
    (0..6).for_each(|_| drop(household.step(Action::SpendingAlert)));
    let tired = household.fatigue();
    assert!(tired > 2.2);
    let weary = household.expected()[1].acceptance;
    (0..8).for_each(|_| drop(household.step(Action::ContinueCurrentBehavior)));
    assert!(household.fatigue() < 0.05 * tired);
    assert!(household.expected()[1].acceptance > 1.8 * weary);
}

/// Mean and standard error of the rewards of clones that were told `action`.
fn tried(household: &Household, action: Action, n: u64) -> Vec<Week> {
    (0..n).map(|salt| household.clone().with_fresh_luck(salt).step(action)).collect()
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

#[test]
fn what_is_expected_comes_about_on_average() {
    let objective = Objective::default();
    for archetype in Archetype::ALL {
        let mut mix = [0.0; 5];
        mix[archetype.index()] = 1.0;
        let params = SimulationParams::default().with_archetype_mix(mix).with_seed(3);
        for index in 0..3 {
            let mut household = Household::new(&params, index).unwrap();
            (0..14 + index).for_each(|_| drop(household.live_week()));
            (0..index).for_each(|_| drop(household.step(Action::BudgetSuggestion)));
            household.forget_rows();
            let expected = household.expected();
            let base = tried(&household, Action::ALL[0], 1500);
            for action in Action::ALL {
                let weeks = tried(&household, action, 1500);
                let expected_now = &expected[action.index()];
                let rewards: Vec<f64> = weeks.iter().map(|week| objective.reward(week)).collect();
                let (mean, error) = mean_and_error(&rewards);
                let bias = mean - expected_now.reward(&objective);
                let gains: Vec<f64> =
                    weeks.iter().zip(&base).map(|(w, b)| objective.reward(w) - objective.reward(b)).collect();
                let (gain, gain_error) = mean_and_error(&gains);
                let expected_gain = expected_now.reward(&objective) - expected[0].reward(&objective);
                println!(
                    "{archetype} {index} {action}: level {mean:.4} bias {bias:+.4} ({:+.1} se); gain {gain:+.4} expected {expected_gain:+.4} ({:+.1} se)  comfort {:.2} dsp {}",
                    bias / error,
                    (gain - expected_gain) / gain_error.max(1e-9),
                    household.comfort(),
                    household.days_since_pay()
                );
            }
        }
    }
}
