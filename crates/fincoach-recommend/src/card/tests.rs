use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::{Array2, array};
use fincoach_core::nn::StateDict;
use fincoach_core::{Action, FeatureTable, Fit, RowKey, StandardScaler};

use super::PolicyCard;
use crate::cql_policy::About;
use crate::{CqlParams, CqlPolicy, MaskReason, Masked, NotebookTransitions, QNetwork};

const COLUMNS: [&str; 3] = ["current_balance", "savings_rate", "spending_volatility"];

fn table(values: Array2<f64>) -> FeatureTable {
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..values.nrows()).map(|user| RowKey { user: format!("user {user}"), as_of }).collect();
    FeatureTable::new(keys, COLUMNS, values).unwrap()
}

/// Users who differ in all three columns.
fn users() -> FeatureTable {
    table(Array2::from_shape_fn((40, 3), |(row, column)| match column {
        0 => row as f64 * 12.0,
        1 => (row * 7 % 40) as f64 / 40.0 - 0.4,
        _ => (row * 11 % 40) as f64 / 20.0,
    }))
}

fn fitted(params: &CqlParams) -> CqlPolicy {
    let replay = NotebookTransitions::default().replay(&users(), &[0; 40]).unwrap();
    params.fit(&replay).unwrap()
}

/// A policy whose outputs, five a head, are linear in the standardised state: the layers below add 100, so that no
/// `ReLU` cuts anything off, and the last layer's bias takes it away again.
fn linear(slopes: &[[f32; 3]], biases: &[f32]) -> CqlPolicy {
    let n_heads = slopes.len() / 5;
    let one = || vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    let last = slopes.iter().zip(biases).map(|(slope, bias)| bias - 100.0 * slope.iter().sum::<f32>());
    let mut state = StateDict::new();
    state.insert("network.0.weight", &[3, 3], one()).unwrap();
    state.insert("network.0.bias", &[3], vec![100.0; 3]).unwrap();
    state.insert("network.3.weight", &[3, 3], one()).unwrap();
    state.insert("network.3.bias", &[3], vec![0.0; 3]).unwrap();
    state.insert("network.6.weight", &[slopes.len(), 3], slopes.concat()).unwrap();
    state.insert("network.6.bias", &[slopes.len()], last.collect()).unwrap();
    let params = CqlParams::default().with_hidden(3).with_n_heads(n_heads).with_n_epochs(1);
    let about = About {
        columns: COLUMNS.map(String::from).to_vec(),
        scaler: StandardScaler::from_parts(vec![10.0, 0.0, 5.0], vec![2.0, 1.0, 1.0]).unwrap(),
        report: fitted(&params).report().clone(),
        params,
        temperature: 1.0,
    };
    CqlPolicy::new(QNetwork::from_state(&state, n_heads).unwrap(), about).unwrap()
}

/// Of the state (2, −1, 3): values 2, 8, 3, 0, 8.
const SLOPES: [[f32; 3]; 5] = [[1.0, 0.0, 0.0], [1.0, 0.0, 2.0], [0.0, 0.0, 1.0], [0.0; 3], [2.0, -1.0, 1.0]];

fn user() -> FeatureTable {
    table(array![[14.0, -1.0, 8.0]])
}

fn never(actions: &[Action]) -> Vec<Masked> {
    actions.iter().map(|action| Masked { action: *action, reason: MaskReason::Never }).collect()
}

fn contributions(card: &PolicyCard) -> Vec<(&str, f64)> {
    card.moved_by.iter().map(|moved| (moved.column.as_str(), moved.contribution)).collect()
}

#[test]
fn contributions_of_a_linear_network_are_those_worked_out_by_hand() {
    // The alert's slopes less the budget's, (1, 0, 1), times the state (2, −1, 3).
    let policy = linear(&SLOPES, &[0.0, 0.5, 0.0, 0.0, -6.0]);
    let card = policy.card(&user(), 0, &[]).unwrap();
    assert_eq!((card.action, card.runner_up), (Action::SpendingAlert, Some(Action::BudgetSuggestion)));
    assert_eq!(
        contributions(&card),
        [("spending_volatility", 3.0), ("current_balance", 2.0), ("savings_rate", 0.0)]
    );
    assert_eq!((card.gap, card.gap_of_average), (Some(5.5), Some(0.5)));
    assert_eq!((card.moved_by[1].value, card.moved_by[1].average), (14.0, 10.0));
    assert_eq!(card.user, "user 0");
}

#[test]
fn of_equal_values_the_lowest_action_and_of_equal_contributions_the_first_column() {
    let card = linear(&SLOPES, &[0.0; 5]).card(&user(), 0, &[]).unwrap();
    assert_eq!((card.action, card.runner_up), (Action::SpendingAlert, Some(Action::PositiveReinforcement)));
    // Slopes (−1, 1, 1): −2, −1, 3.
    assert_eq!(contributions(&card)[1], ("current_balance", -2.0));
    assert_eq!(card.gap, Some(0.0));
    let slopes = [[0.0, 0.0, 0.0], [1.0, -2.0, 0.0], [0.0; 3], [0.0; 3], [0.0; 3]];
    let card = linear(&slopes, &[0.0; 5]).card(&user(), 0, &[]).unwrap();
    assert_eq!(card.runner_up, Some(Action::ContinueCurrentBehavior));
    assert_eq!(contributions(&card)[..2], [("current_balance", 2.0), ("savings_rate", 2.0)]);
}

#[test]
fn masked_actions_are_valued_but_neither_taken_nor_next() {
    let policy = linear(&SLOPES, &[0.0; 5]);
    let masked = never(&[Action::SpendingAlert, Action::BudgetSuggestion]);
    let card = policy.card(&user(), 0, &masked).unwrap();
    assert_eq!(card.action, Action::PositiveReinforcement);
    assert_eq!(card.runner_up, Some(Action::ContinueCurrentBehavior));
    assert_eq!(card.values[1].value, 8.0);
    let told: Vec<bool> = card.values.iter().map(|value| value.masked.is_some()).collect();
    assert_eq!(told, [false, true, true, false, false]);

    let only = policy.card(&user(), 0, &never(&Action::ALL[1..])).unwrap();
    assert_eq!((only.action, only.runner_up), (Action::ContinueCurrentBehavior, None));
    assert_eq!((only.gap, only.gap_of_average), (None, None));
    assert!(only.moved_by.is_empty());
    let error = policy.card(&user(), 0, &never(&Action::ALL)).unwrap_err();
    assert!(error.to_string().contains("no action is allowed"), "{error}");
    assert!(policy.card(&user(), 1, &[]).is_err());
}

#[test]
fn an_action_that_was_given_is_held_against_the_best_of_the_others() {
    let policy = linear(&SLOPES, &[0.0, 0.5, 0.0, 0.0, -6.0]);
    let card = policy.card_of(Action::SavingsNudge, (&user(), 0), &[]).unwrap();
    assert_eq!((card.action, card.runner_up), (Action::SavingsNudge, Some(Action::SpendingAlert)));
    assert_eq!((card.gap, card.gap_of_average), (Some(-8.5), Some(-0.5)));
    assert!(card.to_string().contains("savings_nudge, 8.500 below spending_alert"), "{card}");
    let best = policy.card_of(Action::SpendingAlert, (&user(), 0), &[]).unwrap();
    assert_eq!(best, policy.card(&user(), 0, &[]).unwrap());
    let masked = never(&[Action::SavingsNudge]);
    let error = policy.card_of(Action::SavingsNudge, (&user(), 0), &masked).unwrap_err();
    assert!(error.to_string().contains("savings_nudge is not allowed"), "{error}");
}

#[test]
fn an_action_forbidden_twice_shows_the_first_rule() {
    let mut masked = never(&[Action::SpendingAlert]);
    masked.push(Masked { reason: MaskReason::AtMost { n: 2, days: 7.0 }, ..masked[0] });
    let card = linear(&SLOPES, &[0.0; 5]).card(&user(), 0, &masked).unwrap();
    assert_eq!(card.values[1].masked, Some(MaskReason::Never));
}

#[test]
fn heads_are_averaged_and_their_spread_is_the_uncertainty() {
    let one = linear(&SLOPES, &[0.0, 0.5, 0.0, 0.0, -6.0]).card(&user(), 0, &[]).unwrap();
    assert!(one.values.iter().all(|value| value.uncertainty.is_none()));
    // The second head has slope 4 more on the first column for the alert: its value is 8 higher.
    let mut slopes = [SLOPES, SLOPES].concat();
    slopes[6][0] += 4.0;
    let biases = [0.0, 0.5, 0.0, 0.0, -6.0].repeat(2);
    let two = linear(&slopes, &biases).card(&user(), 0, &[]).unwrap();
    assert_eq!(two.values[1].value, 12.5);
    assert_eq!(two.values[1].uncertainty, Some(4.0));
    assert_eq!(two.values[2].uncertainty, Some(0.0));
    assert_eq!(contributions(&two)[0], ("current_balance", 6.0));
}

#[test]
fn contributions_of_a_trained_policy_add_up_and_its_actions_are_those_predicted() {
    for n_heads in [1, 4] {
        let policy = fitted(&CqlParams::default().with_hidden(32).with_n_heads(n_heads));
        let allowed = [fincoach_core::ActionSet::ALL.without(Action::SpendingAlert); 40];
        let predicted = policy.predict_allowed(&users(), &allowed).unwrap();
        let (mut worst, mut largest) = (0.0_f64, 0.0_f64);
        for (row, action) in predicted.into_iter().enumerate() {
            let card = policy.card(&users(), row, &never(&[Action::SpendingAlert])).unwrap();
            assert_eq!(card.action, action);
            let sum: f64 = card.moved_by.iter().map(|moved| moved.contribution).sum();
            let change = card.gap.unwrap() - card.gap_of_average.unwrap();
            worst = worst.max((sum - change).abs());
            largest = largest.max(change.abs());
        }
        // Values are sums of f32, contributions of f64.
        assert!(worst < 1e-5 * largest, "{n_heads} heads: {worst} of {largest}");
    }
}

#[test]
fn a_card_can_be_read_and_serialised() {
    let card = linear(&SLOPES, &[0.0, 0.5, 0.0, 0.0, -6.0])
        .card(&user(), 0, &never(&[Action::PositiveReinforcement]))
        .unwrap();
    let expected =
        "user 0, 2024-01-31T00:00:00: spending_alert, 5.500 above budget_suggestion (average user: +0.500)
  continue_current_behavior    2.000
  spending_alert               8.500
  budget_suggestion            3.000
  savings_nudge                0.000
  positive_reinforcement       2.000  masked: switched off
  spending_volatility 8.00 (average 5.00): +3.000
  current_balance 14.00 (average 10.00): +2.000
  savings_rate -1.00 (average 0.00): +0.000";
    assert_eq!(card.to_string(), expected);
    let json = serde_json::to_value(&card).unwrap();
    assert_eq!(json["action"], "spending_alert");
    assert_eq!(json["values"][4]["masked"], "never");
    assert_eq!(json["values"][0]["uncertainty"], serde_json::Value::Null);
    assert_eq!(json["moved_by"][0]["contribution"], 3.0);
}
