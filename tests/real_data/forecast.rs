//! The forecast on the real export: the notebook's saved network, the panel, and the rules beside the LSTM.

use fincoach::core::Category;
use fincoach::forecast::{EvaluationParams, LstmNetwork, LstmParams, Method, Panel, forecast};
use fincoach::transform::{CsvReader, Layout, Users};

use super::data;

fn panel(users: Users) -> Panel {
    let import =
        CsvReader::new(Layout::lloyds()).with_users(users).read(data::file("moneydata.csv")).unwrap();
    Panel::from_ledger(&import.ledger).unwrap()
}

fn the_notebooks_network_answers_as_in_pytorch() {
    let network = LstmNetwork::read_pth(&data::golden("notebook/spending_predictor.pth")).unwrap();
    assert_eq!(
        (network.n_inputs(), network.hidden(), network.n_layers(), network.n_outputs()),
        (11, 64, 2, 1)
    );
    let windows = data::numbers("notebook/orig_lstm_in16.csv");
    let expected = data::numbers("notebook/orig_lstm_out16.csv");
    assert_eq!((windows.dim(), expected.dim()), ((16, 77), (16, 1)));
    for (window, expected) in windows.rows().into_iter().zip(&expected) {
        let window: Vec<f32> = window.iter().map(|value| *value as f32).collect();
        let got = f64::from(network.run(&window).unwrap()[0]);
        assert!((got - expected).abs() < 1e-5 * expected.abs().max(1.0), "{got} {expected}");
    }
}

fn the_panel_holds_every_penny_that_left_the_account() {
    let import = CsvReader::new(Layout::lloyds()).read(data::file("moneydata.csv")).unwrap();
    let panel = Panel::from_ledger(&import.ledger).unwrap();
    assert_eq!((panel.n_users(), panel.n_days()), (1, 2556));
    let spent: f64 = panel.series()[0].values().sum();
    let out: i64 = import.ledger.all().amounts().iter().map(|amount| (-amount.minor()).max(0)).sum();
    assert!((spent * 100.0 - out as f64).abs() < 0.5, "{spent} {out}");
}

fn the_lstm_beats_the_rules_where_it_says_so_and_a_rule_serves_the_rest() {
    let panel = panel(Users::Timeline(50));
    let params = LstmParams::default();
    let models = params.fit_seeds(&panel, 5).unwrap();
    let evaluation = EvaluationParams::of(&params).evaluate(&panel, &models).unwrap();
    assert_eq!(models[0].counts().n_users, 50);
    assert_eq!((evaluation.rules().len(), evaluation.lstm().len(), evaluation.verdicts().len()), (5, 5, 11));
    // The day's total: better than every rule with every seed.
    assert_eq!(evaluation.total().n_seeds_better, 5, "{}", evaluation.total());
    // What is served is better than any single rule and than the network alone.
    let total = |scores: &fincoach::forecast::MethodScores| scores.test.total.rmse;
    let served = total(evaluation.served().unwrap());
    for scores in evaluation.rules() {
        assert!(served < total(scores), "{served} {} {}", scores.method, total(scores));
    }
    // By absolute error, zero is still the best guess for the groceries of one day, and it is said.
    let place = Category::Groceries.index();
    let by_mae = EvaluationParams::of(&params).with_measure(fincoach::forecast::Measure::Mae);
    let verdict = by_mae.evaluate(&panel, &models).unwrap().verdicts()[place].clone();
    assert_eq!(
        (verdict.best_rule, verdict.served, verdict.lstm_beats_every_rule),
        (Method::Zero, Method::Zero, false)
    );

    let selection = evaluation.selection();
    let next = forecast(&panel, &selection.forecaster(models.first()).unwrap(), 1).unwrap();
    assert_eq!(next.len(), 50 * 11);
    assert!(next.iter().all(|one| one.amount.is_finite() && one.amount >= 0.0));
}

pub(crate) const TESTS: super::Tests = &[
    ("the_notebooks_network_answers_as_in_pytorch", the_notebooks_network_answers_as_in_pytorch),
    ("the_panel_holds_every_penny_that_left_the_account", the_panel_holds_every_penny_that_left_the_account),
    (
        "the_lstm_beats_the_rules_where_it_says_so_and_a_rule_serves_the_rest",
        the_lstm_beats_the_rules_where_it_says_so_and_a_rule_serves_the_rest,
    ),
];
