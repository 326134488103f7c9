//! What every model must do.

mod global;
mod synthetic;

use fincoach_core::{Artifact, Fit, Outcome};
use fincoach_forecast::{
    Centring, Error, EvaluationParams, Forecaster, Loss, LstmForecaster, LstmParams, Method, Panel, Part,
    Selection, Split, SplitBy,
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
        small().with_split(Split::new(0.5, 0.5).with_by(SplitBy::User)),
    ];
    fincoach_testkit::check_refused(&refused, &synthetic::weekly(2, 30, 1));
}

#[test]
fn nothing_dated_on_or_after_the_test_cut_off_reaches_a_fit() {
    // Users of the same days, and users one after the other: some wholly after the cut-off, some across it.
    for panel in
        [synthetic::weekly(3, 50, 2), synthetic::staggered(6, 30, 12), synthetic::staggered(5, 40, 40)]
    {
        let cut_offs = small().split().cut_offs(&panel).unwrap();
        let other = synthetic::changed_from(&panel, cut_offs.test());
        assert_ne!(panel, other);
        let params = [small(), small().with_horizon(3).with_centring(Centring::User)];
        for params in params {
            let bytes = |panel: &Panel| params.fit(panel).unwrap().to_bytes().unwrap();
            assert_eq!(bytes(&panel), bytes(&other));
        }
        // Validation days are watched, so they do; weights and scales come from the days before.
        let watched = synthetic::changed_from(&panel, cut_offs.validation());
        let (model, other) = (small().fit(&panel).unwrap(), small().fit(&watched).unwrap());
        assert_ne!(model.to_bytes().unwrap(), other.to_bytes().unwrap());
        assert_eq!(model.report().curve("loss"), other.report().curve("loss"));
        assert_eq!(model.cut_offs(), Some(cut_offs));
    }
}

#[test]
fn by_user_the_last_days_of_each_never_reach_a_fit() {
    let panel = synthetic::staggered(3, 50, 20);
    let split = Split::default().with_by(SplitBy::User);
    let params = small().with_split(split);
    let other = synthetic::changed(&panel, |series| split.days(series.n_days(), Part::Test));
    let (model, other) = (params.fit(&panel).unwrap(), params.fit(&other).unwrap());
    assert_eq!(model.to_bytes().unwrap(), other.to_bytes().unwrap());
    assert_eq!((model.cut_offs(), model.counts().n_train), (None, 3 * 23));
    // The calendar puts less of these users into training: that is the difference.
    let by_calendar = small().fit(&panel).unwrap();
    assert_eq!(by_calendar.counts().n_train, 43 + 27 + 7);
    fincoach_testkit::check_round_trip(&model);
}

#[test]
fn users_the_network_never_saw_are_scored_and_served() {
    // Slices of 40 days one after the other: the fifth slice lies in the test part alone.
    let panel = synthetic::staggered(5, 40, 40);
    let models = small().fit_seeds(&panel, 2).unwrap();
    assert_eq!((models[0].counts().n_users, models[0].counts().n_short_users), (5, 2));
    let evaluation = EvaluationParams::default().evaluate(&panel, &models).unwrap();
    // From its second day on; until there is a window, a rule stands in.
    let test = &evaluation.lstm()[0].test;
    assert_eq!((test.n_forecasts, test.n_fallback), (39, 6));
    assert!(test.total.mase.is_some());
    let next = fincoach_forecast::forecast(&panel, &models[0], 1).unwrap();
    assert!(next.iter().all(|one| one.model == Method::Lstm && one.amount.is_finite()));
}

#[test]
fn the_scale_of_the_mase_comes_from_training_days_alone() {
    let panel = synthetic::staggered(5, 40, 40);
    let cut_off = Split::default().cut_offs(&panel).unwrap().validation();
    let scale = |panel: &Panel| {
        let evaluation = EvaluationParams::default().evaluate(panel, &[]).unwrap();
        let total = evaluation.rules()[1].test.total;
        total.mae / total.mase.unwrap()
    };
    let (before, after) = (scale(&panel), scale(&synthetic::changed_from(&panel, cut_off)));
    assert!((before / after - 1.0).abs() < 1e-12, "{before} {after}");
    // 40 training days of three users each, from the definition.
    let errors: Vec<f64> = panel.series()[..3]
        .iter()
        .map(|series| {
            let total = series.values().sum_axis(fincoach_core::ndarray::Axis(1));
            (7..40).map(|day| (total[day] - total[day - 7]).abs()).sum::<f64>() / 33.0
        })
        .collect();
    assert!((before / (errors.iter().sum::<f64>() / 3.0) - 1.0).abs() < 1e-12);
}

#[test]
fn a_model_that_saw_days_it_would_be_scored_on_is_not_evaluated() {
    let panel = synthetic::weekly(3, 50, 2);
    let models = small().fit_seeds(&panel, 1).unwrap();
    let first = |n_days| {
        let series = panel.series().iter().map(|series| {
            let days = series.history(n_days).values().to_owned();
            fincoach_forecast::Series::new(series.user(), series.start(), days).unwrap()
        });
        Panel::new(panel.categories().to_vec(), series.collect()).unwrap()
    };
    let evaluate =
        |panel: &Panel, models: &[LstmForecaster]| EvaluationParams::default().evaluate(panel, models);
    assert!(matches!(evaluate(&first(40), &models), Err(Error::Data(_))));
    // The other way round the days are new to it.
    let early = small().fit_seeds(&first(40), 1).unwrap();
    assert!(evaluate(&panel, &early).is_ok());
}

#[test]
fn seeds_tell_each_finished_network_and_stop_when_told() {
    let panel = synthetic::weekly(3, 40, 1);
    let mut heard = Vec::new();
    let mut listen = |step: &fincoach_core::Step<'_>| {
        heard.push((step.stage.to_owned(), step.done, step.total));
        fincoach_core::Control::Continue
    };
    let all = small().fit_seeds_with(&panel, 5, &mut listen).unwrap();
    assert_eq!(heard, (1..=5).map(|done| ("lstm_seeds".to_owned(), done, 5)).collect::<Vec<_>>());
    assert_eq!(all, small().fit_seeds(&panel, 5).unwrap());
    for stop_at in [1, 3] {
        let mut stop = |step: &fincoach_core::Step<'_>| {
            if step.done == stop_at { fincoach_core::Control::Stop } else { fincoach_core::Control::Continue }
        };
        let some = small().fit_seeds_with(&panel, 5, &mut stop).unwrap();
        assert_eq!(some, all[..usize::try_from(stop_at).unwrap()]);
    }
    assert!(small().fit_seeds(&panel, 0).unwrap().is_empty());
}

#[test]
fn what_is_served_is_chosen_without_the_test_days() {
    let panel = synthetic::staggered(4, 50, 25);
    let other = synthetic::changed_from(&panel, small().split().cut_offs(&panel).unwrap().test());
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
    let zeros = synthetic::changed(&synthetic::weekly(2, 40, 1), |series| 0..series.n_days());
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
