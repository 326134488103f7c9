//! What every model must do.

mod synthetic;

use fincoach_core::{Artifact, Fit, Outcome};
use fincoach_forecast::{
    Centring, Error, EvaluationParams, Forecaster, Loss, LstmForecaster, LstmParams, Method, Panel, Part,
    Selection, Split,
};

fn small() -> LstmParams {
    LstmParams::default().with_hidden(8).with_max_epochs(3).with_seed(5)
}

#[test]
fn a_fit_is_repeatable_on_any_number_of_threads_and_survives_a_file() {
    let panel = synthetic::weekly(4, 40, 1);
    let model = fincoach_testkit::check_refit(&small(), &panel);
    fincoach_testkit::check_threads(&small(), &panel);
    fincoach_testkit::check_progress(&small(), &panel);
    let read = fincoach_testkit::check_round_trip(&model);
    let history = panel.series()[2].history(33);
    assert_eq!(read.forecast(&history, 1).unwrap(), model.forecast(&history, 1).unwrap());
}

#[test]
fn the_full_size_is_bit_equal_on_one_thread_and_two() {
    let panel = synthetic::weekly(5, 60, 3);
    fincoach_testkit::check_threads(&LstmParams::default().with_max_epochs(2), &panel);
    let params = LstmParams::default().with_max_epochs(1);
    let seeds = params.fit_seeds(&panel, 3).unwrap();
    assert_eq!(seeds[2], params.with_seed(2).fit(&panel).unwrap());
    assert_ne!(seeds[0].to_bytes().unwrap(), seeds[1].to_bytes().unwrap());
}

#[test]
fn a_damaged_file_is_an_error() {
    let tiny = LstmParams::default().with_hidden(2).with_layers(1).with_max_epochs(1);
    let model = tiny.fit(&synthetic::weekly(2, 30, 1)).unwrap();
    fincoach_testkit::check_damage::<LstmForecaster>(&model.to_bytes().unwrap());
    let selection = Selection::fallback(&synthetic::weekly(1, 9, 1));
    fincoach_testkit::check_round_trip(&selection);
    fincoach_testkit::check_damage::<Selection>(&selection.to_bytes().unwrap());
}

#[test]
fn the_file_of_format_1_loads_and_answers_as_it_did() {
    let bytes = include_bytes!("artifacts/lstm_forecaster_1.safetensors");
    let model = fincoach_testkit::check_stored::<LstmForecaster>(bytes);
    let panel = synthetic::weekly(2, 30, 1);
    let said = model.forecast(&panel.series()[0].history(30), 1).unwrap();
    let expected: Vec<f64> = serde_json::from_str(include_str!("artifacts/lstm_forecaster_1.json")).unwrap();
    for (amount, expected) in said.amounts().iter().zip(expected) {
        assert!((amount - expected).abs() < 1e-4, "{amount} {expected}");
    }
}

#[test]
fn parameters_check_themselves_and_survive_json() {
    fincoach_testkit::check_params(&LstmParams::notebook());
    fincoach_testkit::check_params(&EvaluationParams::default());
    let refused = [
        small().with_hidden(0),
        small().with_layers(0),
        small().with_dropout(1.0),
        small().with_dropout(f64::NAN),
        small().with_window(0),
        small().with_horizon(0),
        small().with_learning_rate(f64::NAN),
        small().with_learning_rate(0.0),
        small().with_learning_rate(f64::INFINITY),
        small().with_batch_size(0),
        small().with_max_epochs(0),
        small().with_patience(0),
        small().with_split(Split::new(f64::NAN, 0.1)),
        small().with_split(Split::new(0.5, 0.5)),
    ];
    fincoach_testkit::check_refused(&refused, &synthetic::weekly(2, 30, 1));
}

#[test]
fn test_days_never_reach_a_fit() {
    let panel = synthetic::weekly(3, 50, 2);
    let split = small().split();
    let other = synthetic::changed(&panel, |n_days| split.days(n_days, Part::Test));
    assert_ne!(panel, other);
    for params in [small(), small().with_horizon(3).with_centring(Centring::Panel)] {
        let bytes = |panel: &Panel| params.fit(panel).unwrap().to_bytes().unwrap();
        assert_eq!(bytes(&panel), bytes(&other));
    }
    // Validation days are watched, so they do.
    let watched = synthetic::changed(&panel, |n_days| split.days(n_days, Part::Validation));
    assert_ne!(
        small().fit(&panel).unwrap().to_bytes().unwrap(),
        small().fit(&watched).unwrap().to_bytes().unwrap()
    );
}

#[test]
fn what_is_served_is_chosen_without_the_test_days() {
    let panel = synthetic::weekly(3, 50, 2);
    let other = synthetic::changed(&panel, |n_days| small().split().days(n_days, Part::Test));
    let models = small().fit_seeds(&panel, 2).unwrap();
    let evaluate = |panel| EvaluationParams::default().evaluate(panel, &models).unwrap();
    assert_eq!(evaluate(&panel).selection(), evaluate(&other).selection());
    assert_ne!(evaluate(&panel).lstm()[0].test, evaluate(&other).lstm()[0].test);
}

#[test]
fn a_panel_too_short_to_train_on_says_so_and_a_rule_serves() {
    let panel = synthetic::weekly(3, 5, 1);
    let refused = small().fit(&panel);
    assert_eq!(refused.unwrap_err(), Error::NoWindows { needed: 8, longest: 3 });
    let evaluation = EvaluationParams::default().evaluate(&panel, &[]).unwrap();
    assert!(evaluation.verdicts().iter().all(|verdict| verdict.lstm_error.is_none()));
    let empty = Panel::new(vec!["x".into()], vec![]).unwrap();
    assert!(matches!(small().fit(&empty), Err(Error::NoWindows { longest: 0, .. })));
    assert!(matches!(EvaluationParams::default().evaluate(&empty, &[]), Err(Error::Data(_))));
}

#[test]
fn short_users_are_counted_and_served() {
    let (long, short) = (synthetic::weekly(3, 40, 1), synthetic::weekly(5, 4, 2));
    let series = long.series().iter().chain(&short.series()[3..]).cloned().collect();
    let panel = Panel::new(long.categories().to_vec(), series).unwrap();
    let model = small().fit(&panel).unwrap();
    assert_eq!((model.counts().n_users, model.counts().n_short_users), (5, 2));
    let next = fincoach_forecast::forecast(&panel, &model, 1).unwrap();
    let of = |user: &str| next.iter().find(|one| one.user == user).unwrap().model;
    assert_eq!((of("0"), of("4")), (Method::Lstm, Method::Mean));
}

#[test]
fn constant_and_empty_categories_do_no_harm() {
    let zeros = synthetic::changed(&synthetic::weekly(2, 40, 1), |n_days| 0..n_days);
    let series = zeros.series().iter().map(|series| {
        let values = fincoach_core::ndarray::Array2::zeros(series.values().dim());
        fincoach_forecast::Series::new(series.user(), series.start(), values).unwrap()
    });
    let panel = Panel::new(zeros.categories().to_vec(), series.collect()).unwrap();
    let models = small().with_loss(Loss::Huber).fit_seeds(&panel, 2).unwrap();
    let evaluation = EvaluationParams::default().evaluate(&panel, &models).unwrap();
    assert!(
        evaluation.verdicts().iter().all(|verdict| verdict.served == Method::Zero && verdict.skill.is_none())
    );
    assert!(evaluation.rules()[0].test.categories.iter().all(|scores| scores.mase.is_none()));
}

#[test]
fn training_can_be_stopped_and_stops_by_itself() {
    let panel = synthetic::weekly(4, 40, 1);
    let mut seen = 0;
    let model = small()
        .fit_with(&panel, &mut |_: &fincoach_core::Step<'_>| {
            seen += 1;
            if seen == 2 { fincoach_core::Control::Stop } else { fincoach_core::Control::Continue }
        })
        .unwrap();
    assert_eq!((model.report().outcome(), model.report().n_steps()), (Outcome::Stopped, 2));
    let early = small().with_learning_rate(0.5).with_max_epochs(100).with_patience(2).fit(&panel).unwrap();
    assert_eq!(early.report().outcome(), Outcome::EarlyStopped);
    let validation = early.report().curve("validation").unwrap();
    let lowest = validation.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(validation[validation.len() - 3], lowest);
}

#[test]
fn a_model_of_another_split_horizon_or_panel_is_not_evaluated() {
    let panel = synthetic::weekly(3, 40, 1);
    let models = small().fit_seeds(&panel, 1).unwrap();
    let evaluate = |params: EvaluationParams| params.evaluate(&panel, &models);
    assert!(matches!(
        evaluate(EvaluationParams::default().with_split(Split::new(0.2, 0.1))),
        Err(Error::Data(_))
    ));
    let far = evaluate(EvaluationParams::default().with_horizon(2));
    assert_eq!(far.unwrap_err(), Error::Horizon { asked: 2, fitted: 1 });
    let renamed = Panel::new(["a", "b", "c"].map(str::to_owned).to_vec(), panel.series().to_vec()).unwrap();
    assert!(matches!(EvaluationParams::default().evaluate(&renamed, &models), Err(Error::Data(_))));
}
