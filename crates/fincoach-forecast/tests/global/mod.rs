//! What the global network must do.
#![allow(clippy::unwrap_used, reason = "a test stops at the first failure")]

use fincoach_core::ndarray::{Array1, Array2, Array3, Axis};
use fincoach_core::rng::stream;
use fincoach_core::{Artifact, Control, Fit, Outcome, Step};
use fincoach_forecast::{
    AfterStopping, GlobalNetwork, GlobalParams, GlobalTrainer, Objective, Profile, Schedule, SeriesSet,
    Update,
};

fn small() -> GlobalParams {
    GlobalParams::default()
        .with_hidden(8)
        .with_window(21)
        .with_horizon(10)
        .with_max_epochs(2)
        .with_batch_size(32)
}

/// A level, a week that differs from series to series, and growth of a tenth a week after a day that is known.
fn promoted(n_days: usize) -> SeriesSet {
    let sale = |day: usize| (day / 9) % 3 == 1;
    let mut rng = stream(1, 0);
    let noise = Array2::from_shape_fn((6, n_days), |_| rng.range(0.95, 1.05));
    let value = |(series, day): (usize, usize)| {
        let week = if (day + series) % 7 < 2 { 2.0 } else { 1.0 };
        (series + 1) as f64 * week * if sale(day) { 1.8 } else { 1.0 } * noise[[series, day]]
    };
    let values = Array2::from_shape_fn((6, n_days), value);
    let known = Array2::from_shape_fn((n_days + 10, 1), |(day, _)| f64::from(u8::from(sale(day))));
    let set = SeriesSet::of_one_target(values, Array2::from_elem((6, n_days), true)).unwrap();
    set.with_known(known).unwrap()
}

fn error(set: &SeriesSet, point: &Array3<f64>, start: usize) -> f64 {
    let values = set.values();
    let errors = point.indexed_iter().map(|((series, after, target), forecast)| {
        let value = values[[series, start + after, target]];
        (forecast - value).abs() / (series + 1) as f64
    });
    errors.sum::<f64>() / point.len() as f64
}

#[test]
fn a_global_fit_is_repeatable_on_any_number_of_threads_and_survives_a_file() {
    let set =
        promoted(80).with_levels(Array2::from_shape_fn((6, 2), |(series, at)| series % (at + 2))).unwrap();
    let params = small().with_embedding(2).with_layers(2).with_validation_days(10).with_year_lag(21);
    let model = fincoach_testkit::check_refit(&params, &set);
    fincoach_testkit::check_threads(&params, &set);
    fincoach_testkit::check_progress(&params, &set);
    let read = fincoach_testkit::check_round_trip(&model);
    assert_eq!(read.forecast(&set).unwrap(), model.forecast(&set).unwrap());
    let tiny = small().with_hidden(2).with_max_epochs(1).with_window(7).with_horizon(7);
    let set = promoted(30);
    fincoach_testkit::check_damage::<GlobalNetwork>(&tiny.fit(&set).unwrap().to_bytes().unwrap());
    let mut trainer = tiny.with_validation_days(7).trainer(&set).unwrap();
    trainer.epoch(&set).unwrap();
    fincoach_testkit::check_damage::<GlobalTrainer>(&trainer.to_bytes().unwrap());
}

#[test]
fn a_training_that_was_saved_goes_on_with_the_same_bits() {
    let set = promoted(70);
    let params = small().with_max_epochs(4).with_validation_days(10).with_patience(9);
    let mut whole = params.trainer(&set).unwrap();
    let mut halved = params.trainer(&set).unwrap();
    for _ in 0..4 {
        whole.epoch(&set).unwrap();
    }
    for _ in 0..2 {
        halved.epoch(&set).unwrap();
    }
    let mut resumed = fincoach_testkit::check_round_trip(&halved);
    for _ in 0..2 {
        resumed.epoch(&set).unwrap();
    }
    assert_eq!(whole, resumed);
    assert_eq!(whole.network().unwrap().to_bytes().unwrap(), resumed.network().unwrap().to_bytes().unwrap());
    let kept = params.with_after_stopping(AfterStopping::Keep).fit(&set).unwrap();
    assert_eq!(kept.forecast(&set).unwrap(), whole.network().unwrap().forecast(&set).unwrap());
}

#[test]
fn known_inputs_and_the_week_are_learnt_and_new_days_are_learnt_on() {
    let all = promoted(230);
    let before = all.until(200);
    let params = small().with_hidden(24).with_window(28).with_days_per_step(1).with_max_epochs(12);
    let ensemble = params.fit_ensemble(&before, 2).unwrap();
    let learnt = error(&all, &ensemble.forecast(&before).unwrap().point, 200);
    let untrained = small().with_window(28).with_first_origin(500).fit(&before.until(9)).unwrap();
    let profile = error(&all, &untrained.forecast(&before).unwrap().point, 200);
    assert!(learnt < 0.5 * profile, "{learnt} {profile}");

    // A month in which everything is half as much again, then what follows it.
    let update = Update { recent_days: 20, epochs: 4, learning_rate: 1e-3 };
    let updated = ensemble.updated(&all.until(220), &update).unwrap();
    assert_ne!(updated, ensemble);
    let same = Update { recent_days: 0, ..update };
    assert_eq!(ensemble.updated(&all, &same).unwrap(), ensemble);
    let after = error(&all, &updated.forecast(&all.until(220)).unwrap().point, 220);
    assert!(after < 0.6 * profile, "{after} {profile}");
}

#[test]
fn the_test_part_changes_nothing_that_is_learnt() {
    let set = promoted(90);
    let mut values = set.values().to_owned();
    values.slice_axis_mut(Axis(1), (60..90).into()).fill(1e6);
    let other = SeriesSet::new(values, set.observed().to_owned()).unwrap();
    let other = other.with_known(set.known().to_owned()).unwrap();
    let (a, b) = (small().fit(&set.until(60)).unwrap(), small().fit(&other.until(60)).unwrap());
    assert_eq!(a, b);
    // And what is watched does not reach the weights either.
    let watching = small().with_validation_days(30).with_patience(9);
    let (mut a, mut b) = (watching.trainer(&set).unwrap(), watching.trainer(&other).unwrap());
    assert_eq!(a.epoch(&set).unwrap().unwrap().training, b.epoch(&other).unwrap().unwrap().training);
}

#[test]
fn quantiles_rise_and_hold_their_share() {
    let mut rng = stream(3, 0);
    let values = Array2::from_shape_fn((8, 150), |(series, _)| (series + 1) as f64 * rng.range(1.0, 3.0));
    let all = SeriesSet::of_one_target(values, Array2::from_elem((8, 150), true)).unwrap();
    let shares = vec![0.1, 0.5, 0.9];
    let params = small().with_max_epochs(8).with_objective(Objective::Quantiles(shares.clone()));
    let answer = params.fit(&all.until(140)).unwrap().forecast(&all.until(140)).unwrap();
    assert_eq!((answer.shares, answer.quantiles.dim()), (shares, (8, 10, 1, 3)));
    let mut inside = 0;
    for ((series, after, target), point) in answer.point.indexed_iter() {
        let of = Array1::from_shape_fn(3, |share| answer.quantiles[[series, after, target, share]]);
        assert!(of[0] <= of[1] && of[1] <= of[2] && of[1] == *point);
        let value = all.values()[[series, 140 + after, target]];
        inside += usize::from(of[0] <= value && value <= of[2]);
    }
    assert!((52..=76).contains(&inside), "{inside} of 80");
}

/// A value of a day, and whether it is known.
type Shape = fn(usize, usize) -> (f64, bool);

#[test]
fn odd_series_never_fail() {
    let shapes: [Shape; 6] = [
        |_, _| (0.0, true),
        |_, _| (7.5, true),
        |_, day| (3.0, day % 3 == 0),
        |_, day| (1e9, day > 55),
        |_, _| (f64::NAN, false),
        |_, day| (if day == 30 { 1e12 } else { 1e-9 }, true),
    ];
    let of = |n_days: usize| {
        let at = |(series, day, target): (usize, usize, usize)| shapes[series](target, day);
        let values = Array3::from_shape_fn((6, n_days, 2), |place| at(place).0);
        let observed = Array3::from_shape_fn((6, n_days, 2), |place| at(place).1);
        SeriesSet::new(values, observed).unwrap().with_total().unwrap()
    };
    for (n_days, profile, schedule) in [
        (1, Profile::WeekdayMean, Schedule::Constant),
        (11, Profile::WeekdayMedian, Schedule::OneCycle),
        (60, Profile::WeekdayMean, Schedule::OneCycle),
    ] {
        let params =
            small().with_profile(profile).with_schedule(schedule).with_year_lag(14).with_validation_days(5);
        let model = params.fit(&of(n_days)).unwrap();
        let answer = model.forecast(&of(n_days)).unwrap();
        assert_eq!(answer.point.dim(), (6, 10, 3));
        assert!(answer.point.iter().all(|amount| amount.is_finite() && *amount >= 0.0), "{n_days}");
        assert!(model.updated(&of(n_days), &Update::default()).is_ok());
    }
    let of_nothing = SeriesSet::new(Array3::zeros((2, 0, 1)), Array3::from_elem((2, 0, 1), true)).unwrap();
    assert!(
        small()
            .fit(&of_nothing)
            .unwrap()
            .forecast(&of_nothing)
            .unwrap()
            .point
            .iter()
            .all(|zero| *zero == 0.0)
    );
    let nobody = SeriesSet::new(Array3::zeros((0, 9, 1)), Array3::from_elem((0, 9, 1), true)).unwrap();
    assert!(small().fit(&nobody).is_err());
}

#[test]
fn other_widths_and_missing_known_days_are_refused() {
    let set = promoted(60);
    let model = small().with_max_epochs(1).fit(&set).unwrap();
    let without = SeriesSet::new(set.values().to_owned(), set.observed().to_owned()).unwrap();
    assert!(model.forecast(&without).is_err());
    let short = without.with_known(Array2::zeros((65, 1))).unwrap();
    assert!(model.forecast(&short).is_err());
    fincoach_testkit::check_params(&GlobalParams::nn5());
    for wrong in [
        small().with_hidden(0),
        small().with_dropout(f64::NAN),
        small().with_clip(f64::NAN),
        small().with_learning_rate(f64::NAN),
        small().with_window(20),
        small().with_year_lag(3),
        small().with_objective(Objective::Quantiles(vec![0.5, f64::NAN])),
        small().with_lowest(Some(f64::NAN)),
        small().with_stride(0),
    ] {
        assert!(matches!(wrong.fit(&set), Err(fincoach_forecast::Error::Param(_))), "{wrong:?}");
    }
    let mut at_once = |_: &Step<'_>| Control::Stop;
    let stopped = small().fit_with(&set, &mut at_once).unwrap();
    assert_eq!((stopped.report().outcome(), stopped.report().n_steps()), (Outcome::Stopped, 1));
}
