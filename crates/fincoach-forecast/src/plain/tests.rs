//! Plain models against second implementations, and on series that have little to say.

use fincoach_core::chrono::{Datelike, NaiveDate, Weekday};
use proptest::prelude::*;

use super::ets::{Season, Smoothing, State, Trend, run};
use super::*;

#[derive(serde::Deserialize)]
struct Told {
    values: Vec<f64>,
    ets: Vec<Case>,
    theta: ThetaCase,
    demand: Vec<f64>,
    croston: f64,
    tsb: f64,
}

#[derive(serde::Deserialize)]
struct Case {
    trend: bool,
    season: String,
    alpha: f64,
    beta: f64,
    gamma: f64,
    phi: f64,
    level: f64,
    slope: f64,
    start: Vec<f64>,
    sse: f64,
    forecast: Vec<f64>,
}

#[derive(serde::Deserialize)]
struct ThetaCase {
    forecast: Vec<f64>,
}

/// Made by `tests/reference/make_smoothing.py`.
fn told() -> Told {
    serde_json::from_str(include_str!("../../tests/reference/smoothing.json")).unwrap()
}

fn form(case: &Case) -> Form {
    let season = match case.season.as_str() {
        "none" => Season::None,
        "add" => Season::Additive,
        _ => Season::Multiplicative,
    };
    Form { trend: if case.trend { Trend::Damped } else { Trend::None }, season }
}

fn past(values: &[f64]) -> Past<'_> {
    let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    Past { start, frequency: Frequency::Daily, values }
}

#[test]
fn with_the_parameters_of_statsmodels_errors_and_forecasts_are_the_same() {
    let told = told();
    assert_eq!(told.ets.len(), 6);
    for case in &told.ets {
        let form = form(case);
        let smoothing = Smoothing { alpha: case.alpha, beta: case.beta, gamma: case.gamma, phi: case.phi };
        let mut state = State { level: case.level, trend: case.slope, season: case.start.clone() };
        let sse = run(&told.values, form, smoothing, &mut state);
        assert!((sse / case.sse - 1.0).abs() < 1e-6, "{form:?} {sse} {}", case.sse);
        // 98 days are 14 whole weeks: the season stands where it began.
        let ets = Ets { form, smoothing, state, sse };
        for (got, expected) in ets.forecast(9).iter().zip(&case.forecast) {
            assert!((got - expected).abs() < 1e-5, "{form:?} {got} {expected}");
        }
    }
}

#[test]
fn the_fit_comes_close_to_that_of_statsmodels_which_estimates_the_start_too() {
    let told = told();
    for case in &told.ets {
        let ours = Ets::fit(&told.values, 7, form(case));
        // Start values from the first weeks cost some errors there.
        assert!(ours.sse < 1.35 * case.sse, "{:?} {} {}", form(case), ours.sse, case.sse);
        for (got, expected) in ours.forecast(9).iter().zip(&case.forecast) {
            assert!((got / expected - 1.0).abs() < 0.04, "{:?} {got} {expected}", form(case));
        }
    }
    let best = Ets::best(&told.values, 7).unwrap();
    assert_ne!(best.form.season, Season::None);
}

#[test]
fn theta_is_within_two_per_cent_of_statsmodels_which_smooths_by_another_alpha() {
    let told = told();
    let ours = theta::theta(&told.values, 7, 9).unwrap();
    for (got, expected) in ours.iter().zip(&told.theta.forecast) {
        assert!((got / expected - 1.0).abs() < 0.02, "{got} {expected}");
    }
}

#[test]
fn croston_and_tsb_equal_the_computation_in_numpy() {
    let told = told();
    assert!((intermittent::croston(&told.demand).unwrap() - told.croston).abs() < 1e-12);
    assert!((intermittent::sba(&told.demand).unwrap() - told.croston * 0.95).abs() < 1e-12);
    assert!((intermittent::tsb(&told.demand).unwrap() - told.tsb).abs() < 1e-12);
}

#[test]
fn the_rules_are_what_their_names_say() {
    let values: Vec<f64> = (0..62).map(f64::from).collect();
    let path = |model: Plain| model.path(&past(&values), 2);
    assert_eq!(path(Plain::Naive).0, [61.0, 61.0]);
    assert_eq!(path(Plain::Drift).0, [62.0, 63.0]);
    assert_eq!(path(Plain::Mean { last: 3 }).0, [60.0, 60.0]);
    assert_eq!(path(Plain::SeasonalNaive).0, [55.0, 56.0]);
    assert_eq!(path(Plain::SeasonMean { seasons: 2 }).0, [51.5, 52.5]);
    // The day to come is 3 March 2024: 3 February was day 33, 3 January day 2.
    assert_eq!(path(Plain::MonthdayMean { months: 0 }).0, [17.5, 18.5]);
    assert_eq!(path(Plain::MonthdayMean { months: 1 }).0, [33.0, 34.0]);
    // Two months ahead the month before is not known yet, and those before it are asked.
    assert_eq!(Plain::MonthdayMean { months: 0 }.path(&past(&values), 40).0[31..33], [17.5, 18.5]);
    // 31 May has no 31 April: the last day of April stands for it.
    let days: Vec<f64> = (0..151).map(f64::from).collect();
    assert_eq!(Plain::MonthdayMean { months: 1 }.path(&past(&days), 1).0, [120.0]);
}

#[test]
fn a_series_with_little_to_say_is_served_by_a_model_that_is_named() {
    let by = |model: Plain, values: &[f64]| model.path(&past(values), 3).1;
    assert_eq!(by(Plain::Ets, &[]), Plain::Zero);
    assert_eq!(by(Plain::Ets, &[4.0]), Plain::Mean { last: 0 });
    assert_eq!(by(Plain::Theta, &[1.0, 2.0, 3.0, 4.0]), Plain::Ses);
    assert_eq!(by(Plain::Holt, &[1.0, 2.0, 3.0, 4.0]), Plain::Ses);
    assert_eq!(by(Plain::Drift, &[1.0]), Plain::Naive);
    assert_eq!(by(Plain::Croston, &[0.0; 9]), Plain::Zero);
    assert_eq!(by(Plain::MonthdayMean { months: 0 }, &[1.0; 30]), Plain::Mean { last: 0 });
    assert_eq!(by(Plain::Habit { days: 0 }, &[1.0; 55]), Plain::SeasonMean { seasons: 0 });
    assert_eq!(by(Plain::Habit { days: 0 }, &[1.0; 56]), Plain::Habit { days: 0 });
    assert_eq!(by(Plain::Habit { days: 28 }, &[1.0; 56]), Plain::SeasonMean { seasons: 0 });
    assert_eq!(Plain::ByDemand.path(&past(&[0.0; 40]), 1).0, [0.0]);
}

/// What is paid on the days of 2024 and on: an amount of each month that is due on a day, moved off weekends by `shift` days
/// at a time.
fn due(days: usize, day_of_month: u32, shift: i64) -> Vec<f64> {
    let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let mut paid = vec![0.0; days];
    for month in 0..40 {
        let first = start + fincoach_core::chrono::Months::new(month);
        let mut date = first.with_day(day_of_month.min(u32::from(first.num_days_in_month()))).unwrap();
        while shift != 0 && matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
            date += fincoach_core::chrono::TimeDelta::days(shift);
        }
        if let Some(cell) = paid.get_mut((date - start).num_days() as usize) {
            *cell += 900.0;
        }
    }
    paid
}

#[test]
fn a_habit_knows_when_what_is_due_on_a_weekend_is_paid() {
    let habit = Plain::Habit { days: 0 };
    for (day_of_month, shift) in [(5, 1), (25, -1), (12, 0), (31, 0), (31, -1), (1, 1)] {
        let paid = due(800, day_of_month, shift);
        let (path, _) = habit.path(&past(&paid[..600]), 200);
        let off = path.iter().zip(&paid[600..]).map(|(said, came)| (said - came).abs()).fold(0.0, f64::max);
        assert!(off < 10.0, "due on {day_of_month}, moved by {shift}: {off}");
        // By the day of the month alone, those of weekends are a day or two off, and those of the end of short months.
        let (by_day, _) = Plain::MonthdayMean { months: 0 }.path(&past(&paid[..600]), 200);
        let missed = by_day.iter().zip(&paid[600..]).any(|(said, came)| (said - came).abs() > 400.0);
        assert_eq!(missed, shift != 0 || day_of_month == 31, "{day_of_month} {shift}");
    }
}

#[test]
fn a_habit_of_weekday_and_due_date_is_told_from_noise() {
    let mut rng = fincoach_core::rng::stream(3, 0);
    let bill = due(730, 5, 1);
    let noise: Vec<f64> = (0..730).map(|_| 20.0 * rng.uniform()).collect();
    let habit = |values: &[f64]| Plain::Habit { days: 0 }.path(&past(values), 28).0;
    let level = noise.iter().sum::<f64>() / 730.0;
    // Nothing but noise: no day differs from the level by what the means of 24 days of a month would, 1.2.
    assert!(habit(&noise).iter().all(|said| (said - level).abs() < 0.5), "{:?}", habit(&noise));
    let saturdays: Vec<f64> = noise
        .iter()
        .zip(&bill)
        .enumerate()
        .map(|(day, (noise, bill))| noise + bill + if day % 7 == 5 { 60.0 } else { 0.0 })
        .collect();
    let said = habit(&saturdays);
    // The first day is 31 December 2025, a Wednesday; 5 January is a Monday.
    for (ahead, said) in said.iter().enumerate() {
        let expected = match ahead {
            5 => level + 900.0,
            3 | 10 | 17 | 24 => level + 60.0,
            _ => level,
        };
        assert!((said - expected).abs() < 8.0, "{ahead}: {said} {expected}");
    }
    // In another currency it is the same.
    let pence: Vec<f64> = saturdays.iter().map(|value| 100.0 * value).collect();
    for (said, pence) in said.iter().zip(habit(&pence)) {
        assert!((100.0 * said - pence).abs() < 1e-6 * pence.max(1.0), "{said} {pence}");
    }
}

#[test]
fn constant_series_stay_where_they_are() {
    for value in [0.0, 3.0, 1e9] {
        for model in Plain::RULES.iter().chain(&Plain::CLASSICAL).filter(|model| **model != Plain::Zero) {
            let (path, _) = model.path(&past(&[value; 80]), 10);
            let off = path.iter().map(|got| (got - value).abs()).fold(0.0, f64::max);
            // Syntetos and Boylan take a twentieth off every rate.
            assert!(off <= 0.051 * value, "{} {value} {off}", model.name());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn no_model_fails_on_any_series(
        values in proptest::collection::vec(prop_oneof![Just(0.0), 0.0..1e3, 1e-300..1e-290, 1e100..1e120], 0..70),
        horizon in 1_usize..40,
    ) {
        let all = [Plain::Holt, Plain::Drift, Plain::Croston, Plain::ByDemand, Plain::Habit { days: 0 }];
        for model in Plain::RULES.iter().chain(&Plain::CLASSICAL).chain(&all) {
            let (path, _) = model.path(&past(&values), horizon);
            prop_assert_eq!(path.len(), horizon);
            prop_assert!(path.iter().all(|value| value.is_finite()));
        }
    }
}
