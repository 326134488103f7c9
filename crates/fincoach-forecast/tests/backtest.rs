//! Back-tests: nothing after an origin is known, scores are those of their definitions, intervals cover.
#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

mod synthetic;

use fincoach_core::Artifact;
use fincoach_core::chrono::{Days, NaiveDate};
use fincoach_core::ndarray::{Array2, Axis};
use fincoach_core::rng::stream;
use fincoach_forecast::{
    Backtest, BacktestParams, Blend, BlendWeights, CalendarAdjusted, Combine, Conformal, ConformalParams,
    Decisions, Error, Fill, FittedModel, Frequency, Gaps, GlobalModel, GlobalParams, Objective, Outlook,
    Panel, PanelModel, Payday, Plain, Reason, Reconcile, Reconciliation, Refit, Scope, ScoreLoss, Series,
    Served, ServingParams, Sides, Tamed,
};

fn start() -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, 1, 2).unwrap()
}

/// A panel of noise around a weekly habit, with gaps, users who come late and users who spend nothing.
fn odd(seed: u64) -> Panel {
    let series = (0..8_u64).map(|user| {
        let mut rng = stream(seed, user);
        let n_days = [200, 200, 200, 150, 60, 20, 3, 1][user as usize];
        let first = start() + Days::new(200 - n_days);
        let values = Array2::from_shape_fn((n_days as usize, 2), |(day, category)| match user {
            0 => 0.0,
            1 => 5.0,
            2 if rng.bernoulli(0.2) => f64::NAN,
            _ => ((day % 7) as f64 * 3.0 + 5.0 * rng.normal() + 10.0 * category as f64).max(0.0),
        });
        Series::with_gaps(user.to_string(), first, values, Fill::SeasonMedian).unwrap()
    });
    Panel::new(vec!["food".into(), "rest".into()], series.collect()).unwrap()
}

/// The same panel with other values from a date on, gaps included.
fn changed_after(panel: &Panel, origin: NaiveDate) -> Panel {
    let series = panel.series().iter().map(|series| {
        let mut values = series.values().to_owned();
        for ((row, column), value) in values.indexed_iter_mut() {
            if !series.is_observed(row, column) {
                *value = f64::NAN;
            }
            if series.date(row) > origin {
                *value = if row % 3 == 0 { f64::NAN } else { 1_000.0 + row as f64 };
            }
        }
        Series::with_gaps(series.user(), series.start(), values, series.fill()).unwrap()
    });
    Panel::new(panel.categories().to_vec(), series.collect()).unwrap()
}

const MODELS: [Plain; 6] = [
    Plain::Zero,
    Plain::SeasonalNaive,
    Plain::SeasonMean { seasons: 8 },
    Plain::Ets,
    Plain::Theta,
    Plain::Tsb,
];

/// All kinds of models at once.
fn with_models<T>(run: impl FnOnce(&[&dyn PanelModel]) -> T) -> T {
    let adjusted = CalendarAdjusted::new(Plain::Ses);
    let params = GlobalParams::default().with_hidden(3).with_window(14).with_horizon(30);
    let network = GlobalModel::new("lstm", params.with_stride(14).with_max_epochs(1));
    let tamed = [Plain::Habit { days: 0 }, Plain::MonthdayMean { months: 0 }].map(Tamed::new);
    let median = Blend::new("median", vec![&Plain::Naive, &Plain::Ses, &adjusted], Combine::Median).unwrap();
    let mut all: Vec<&dyn PanelModel> = MODELS.iter().map(|model| model as &dyn PanelModel).collect();
    all.extend([&Plain::Habit { days: 60 } as &dyn PanelModel, &tamed[0], &tamed[1]]);
    all.extend([&adjusted as &dyn PanelModel, &median, &network]);
    run(&all)
}

/// Every number said, as bits.
fn said(outlooks: &[Outlook]) -> Vec<u64> {
    outlooks
        .iter()
        .flat_map(|outlook| outlook.points().iter().map(|x| x.to_bits()).collect::<Vec<_>>())
        .collect()
}

#[test]
fn no_value_after_the_origin_reaches_a_fit_or_a_forecast() {
    let panel = odd(1);
    for back in [1, 15, 61] {
        let origin = start() + Days::new(200 - back);
        let other = changed_after(&panel, origin);
        with_models(|models| {
            for model in models {
                let answer = |panel: &Panel| {
                    let past = panel.until(origin);
                    said(&model.fit(&past).unwrap().forecast(&past, 9).unwrap())
                };
                assert_eq!(answer(&panel), answer(&other), "{}", model.name());
            }
        });
    }
}

#[test]
fn a_back_test_that_leaves_the_end_alone_does_not_know_it() {
    let panel = odd(1);
    let params = BacktestParams::default().with_horizon(7).with_step(7).with_skip(14);
    let last = *params.origins(&panel).last().unwrap() + Days::new(7);
    let other = changed_after(&panel, last);
    assert_ne!(panel, other);
    with_models(|models| {
        let run = |panel: &Panel| serde_json::to_string(&params.run(panel, models).unwrap()).unwrap();
        assert_eq!(run(&panel), run(&other));
    });
}

#[test]
fn threads_change_nothing() {
    let panel = odd(2);
    let run = || with_models(|models| BacktestParams::default().with_horizon(7).run(&panel, models).unwrap());
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(run);
    assert_eq!(alone, run());
}

#[test]
fn odd_series_are_forecast_and_the_stand_in_is_named() {
    let panel = odd(3);
    with_models(|models| {
        for model in models {
            let outlooks = model.fit(&panel).unwrap().forecast(&panel, 30).unwrap();
            assert_eq!(outlooks.len(), 8);
            for (outlook, series) in outlooks.iter().zip(panel.series()) {
                assert_eq!((outlook.points().dim(), outlook.user()), ((30, 3), series.user()));
                assert!(outlook.points().iter().all(|value| value.is_finite() && *value >= 0.0));
                assert_eq!(outlook.date(0), series.last() + Days::new(1));
            }
            assert!(outlooks[0].points().iter().all(|value| *value == 0.0), "{}", model.name());
        }
    });
    let outlooks = Plain::Ets.fit(&panel).unwrap().forecast(&panel, 1).unwrap();
    assert_eq!(outlooks[5].served_by()[0], "ets");
    assert_eq!((outlooks[6].served_by()[0].as_str(), outlooks[6].is_stand_in()[0]), ("ses", true));
    assert_eq!(outlooks[7].served_by()[0], "mean");
}

#[test]
fn scores_are_those_of_their_definitions() {
    let values =
        Array2::from_shape_fn((21, 1), |(day, _)| (day % 7) as f64 + if day >= 14 { 2.0 } else { 0.0 });
    let series = Series::new("a", start(), values).unwrap().with_attribute("segment", "one");
    let panel = Panel::new(vec!["x".into()], vec![series]).unwrap();
    let params = BacktestParams::default().with_horizon(7).with_n_origins(1);
    let backtest = params.run(&panel, &[&Plain::SeasonalNaive, &Plain::Naive]).unwrap();
    let naive = backtest.scores("seasonal_naive", &Scope::default()).unwrap();
    assert_eq!((naive.mae, naive.rmse, naive.n, naive.mase), (2.0, 2.0, 7, None));
    // 200·2/(2y + 2) for y = 0 … 6.
    let smape = (0..7).map(|y| 200.0 / (f64::from(y) + 1.0)).sum::<f64>() / 7.0;
    assert!((naive.smape - smape).abs() < 1e-12);
    let first = Scope::default().with_ahead(0..1).with_attribute("segment", "one");
    assert_eq!(backtest.scores("naive", &first).unwrap().mae, 4.0);
    assert!(backtest.scores("naive", &Scope::default().with_attribute("segment", "two")).is_err());
    assert!(backtest.scores("naïve", &Scope::default()).unwrap_err().to_string().contains("naive"));
    assert_eq!(backtest.sums().scores("seasonal_naive", &Scope::default()).unwrap().mae, 14.0);
    let (mean, spread) =
        backtest.spread(&["naive", "seasonal_naive"], &Scope::default(), ScoreLoss::Absolute).unwrap();
    assert!((mean - (2.0 + 13.0 / 7.0) / 2.0).abs() < 1e-12 && spread > 0.0);
}

#[test]
fn missing_values_are_scored_only_when_told() {
    let panel = odd(4);
    let backtest = BacktestParams::default().run(&panel, &[&Plain::Zero]).unwrap();
    let n = |gaps| backtest.scores("zero", &Scope::default().with_gaps(gaps)).unwrap().n;
    assert!(n(Gaps::Skip) < n(Gaps::AsFilled));
    assert_eq!(n(Gaps::AsFilled), backtest.n_blocks() * 28 * 3);
}

/// Fits to nothing and gives quantiles that are too narrow.
struct Narrow;

impl PanelModel for Narrow {
    fn name(&self) -> String {
        "narrow".to_owned()
    }

    fn fit(&self, past: &Panel) -> Result<Box<dyn FittedModel>, Error> {
        assert!(past.n_users() > 0);
        Ok(Box::new(Self))
    }
}

impl FittedModel for Narrow {
    fn forecast(&self, past: &Panel, horizon: usize) -> Result<Vec<Outlook>, Error> {
        let outlook = |series: &Series| {
            let shape = (horizon, series.values().ncols());
            let at = |value: f64| Array2::from_elem(shape, value);
            Outlook::bottom_up(series, &at(100.0), "narrow")
                .with_quantiles(vec![(0.9, at(101.0)), (0.1, at(99.0))])
        };
        Ok(past.series().iter().map(outlook).collect())
    }
}

/// Independent normal days around 100, deviation 10.
fn normal(n_series: u64, n_days: usize, seed: u64) -> Panel {
    let series = (0..n_series).map(|unit| {
        let mut rng = stream(seed, unit);
        let values = Array2::from_shape_fn((n_days, 1), |_| 100.0 + 10.0 * rng.normal());
        Series::new(unit.to_string(), start(), values).unwrap()
    });
    Panel::new(vec!["x".into()], series.collect()).unwrap()
}

#[test]
fn intervals_cover_what_they_say_also_around_quantiles_that_are_too_narrow() {
    let panel = normal(20, 400, 5);
    let params = BacktestParams::default().with_horizon(7).with_step(7).with_refit(Refit::EachOrigin);
    let models: [&dyn PanelModel; 2] = [&Plain::Mean { last: 0 }, &Narrow];
    let before = params.clone().with_n_origins(15).with_skip(140).run(&panel, &models).unwrap();
    let after = params.with_n_origins(20).run(&panel, &models).unwrap();
    for model in ["mean", "narrow"] {
        for sides in [Sides::Asymmetric, Sides::Symmetric] {
            let conformal = ConformalParams::default().with_sides(sides).calibrate(&before, model).unwrap();
            for coverage in conformal.coverage(&after, model).unwrap() {
                let off = (coverage.covered - coverage.level).abs();
                assert!(off < 0.03, "{model} {sides:?} {coverage:?}");
                // 2·1.28 and 2·1.96 deviations.
                let width = if coverage.level == 0.8 { 25.6 } else { 39.2 };
                assert!((coverage.width / width - 1.0).abs() < 0.12, "{model} {coverage:?}");
            }
        }
    }
    let raw = after.scores("narrow", &Scope::default()).unwrap();
    assert!(raw.coverage.unwrap() < 0.2 && raw.pinball.is_some());
}

#[test]
fn where_nothing_happens_on_most_days_the_misses_go_to_the_upper_side() {
    let panel = Panel::new(
        vec!["x".into()],
        (0..20_u64)
            .map(|unit| {
                let mut rng = stream(9, unit);
                let values = Array2::from_shape_fn((300, 1), |_| {
                    if rng.bernoulli(0.6) { 0.0 } else { rng.range(1.0, 11.0) }
                });
                Series::new(unit.to_string(), start(), values).unwrap()
            })
            .collect(),
    )
    .unwrap();
    let params = BacktestParams::default().with_horizon(7).with_step(7);
    let model = Plain::Mean { last: 0 };
    let before = params.clone().with_n_origins(15).with_skip(70).run(&panel, &[&model]).unwrap();
    let after = params.with_n_origins(10).run(&panel, &[&model]).unwrap();
    let conformal = ConformalParams::default().calibrate(&before, "mean").unwrap();
    let coverage = &conformal.coverage(&after, "mean").unwrap()[0];
    // Half of the 40 % above zero lie below 6.
    assert!((coverage.covered - 0.8).abs() < 0.03 && (coverage.width - 6.0).abs() < 1.0, "{coverage:?}");
    let outlooks = model.fit(&panel).unwrap().forecast(&panel, 7).unwrap();
    let bands = conformal.bands(&panel, &outlooks).unwrap();
    assert!(bands[0][0].low.iter().all(|low| *low == 0.0));
    assert!(conformal.bands(&panel, &model.fit(&panel).unwrap().forecast(&panel, 8).unwrap()).is_err());
}

#[test]
fn every_way_of_reconciling_makes_categories_add_up_and_the_surest_gives_least() {
    let mut rng = stream(2, 0);
    let values =
        Array2::from_shape_fn((300, 3), |(_, column)| 100.0 + [1.0, 5.0, 20.0][column] * rng.normal());
    let panel = Panel::new(
        ["a", "b", "c"].map(str::to_owned).to_vec(),
        vec![Series::new("u", start(), values).unwrap()],
    )
    .unwrap();
    let model = Plain::SeasonMedian { seasons: 8 };
    let backtest = BacktestParams::default().with_n_origins(8).run(&panel, &[&model]).unwrap();
    let outlook = &model.fit(&panel).unwrap().forecast(&panel, 14).unwrap()[0];
    let gap = |outlook: &Outlook| {
        let points = outlook.points();
        (0..14)
            .map(|day| (points.row(day).iter().take(3).sum::<f64>() - points[[day, 3]]).abs())
            .fold(0.0, f64::max)
    };
    assert!(gap(outlook) > 0.1);
    let mut moved = Vec::new();
    for way in [Reconcile::BottomUp, Reconcile::Ols, Reconcile::Wls, Reconcile::MinT] {
        let whole = Reconciliation::of(&backtest, "season_median_8", way).unwrap().apply(outlook);
        assert!(gap(&whole) < 1e-9, "{way:?}");
        moved.push((whole.points()[[0, 0]] - outlook.points()[[0, 0]]).abs());
    }
    assert!(moved[0] == 0.0 && moved[2] < 0.1 * moved[1] && moved[3] < 0.2 * moved[1], "{moved:?}");
}

#[test]
fn a_blend_is_no_worse_than_its_members_on_what_chose_it_and_refuses_other_members() {
    let panel = synthetic::weekly(6, 140, 3);
    let models: Vec<&dyn PanelModel> = MODELS.iter().map(|model| model as &dyn PanelModel).collect();
    let names: Vec<String> = MODELS.iter().map(Plain::name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let params = BacktestParams::default().with_horizon(7);
    let chosen = params.run(&panel, &models).unwrap();
    let weights = BlendWeights::best(&chosen, &names, ScoreLoss::Squared).unwrap();
    for target in chosen.targets() {
        let of = weights.of(target).unwrap();
        assert!(of.iter().all(|weight| *weight >= 0.0) && (of.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
    let text = serde_json::to_string(&weights).unwrap();
    assert_eq!(serde_json::from_str::<BlendWeights>(&text).unwrap(), weights);
    let other = Blend::new("blend", vec![&Plain::Zero], Combine::Weights(weights.clone()));
    assert!(matches!(other, Err(fincoach_core::DataError::Columns { .. })));
    let blend = Blend::new("blend", models.clone(), Combine::Weights(weights)).unwrap();
    let both: Backtest = params.run(&panel, &[&blend as &dyn PanelModel]).unwrap();
    let scope = Scope::default().with_target("groceries");
    let rmse = both.scores("blend", &scope).unwrap().rmse;
    for name in &names {
        assert!(rmse <= chosen.scores(name, &scope).unwrap().rmse + 1e-9, "{name}");
    }
}

#[test]
fn a_model_takes_a_rules_place_only_where_its_lead_is_shown() {
    let panel = normal(10, 200, 6);
    let models: [&dyn PanelModel; 3] = [&Plain::Naive, &Plain::Mean { last: 0 }, &Plain::Mean { last: 100 }];
    let backtest = BacktestParams::default().run(&panel, &models).unwrap();
    let choose = |rules: &[&str], models: &[&str]| {
        backtest.choices(rules, models, ScoreLoss::Squared).unwrap().remove(0)
    };
    let better = choose(&["naive"], &["mean"]);
    assert_eq!((better.served.as_str(), better.reason), ("mean", Reason::ModelIsBetter));
    assert!((better.skill.unwrap().skill - (1.0 - 0.5_f64.sqrt())).abs() < 0.05, "{better}");
    // The mean of half the past is the same but for luck.
    let close = choose(&["mean"], &["mean_100"]);
    assert!(close.served == "mean" && close.reason != Reason::ModelIsBetter, "{close}");
    assert_eq!(choose(&["mean"], &[]).reason, Reason::NoModel);
    let weights = BlendWeights::serving(&[better], &["naive", "mean"]).unwrap();
    let served = Blend::new("served", vec![models[0], models[1]], Combine::Weights(weights)).unwrap();
    let outlook = &served.fit(&panel).unwrap().forecast(&panel, 1).unwrap()[0];
    assert_eq!(outlook.served_by(), ["mean"]);
}

#[test]
fn weeks_are_forecast_like_days() {
    let weekly = odd(5).weekly();
    assert_eq!((weekly.frequency(), weekly.n_users()), (Frequency::Weekly, 6));
    assert!(weekly.series()[2].n_gaps() > 0);
    let total = |panel: &Panel| panel.series()[1].values().sum_axis(Axis(0)).to_vec();
    assert_eq!(total(&weekly)[0], 28.0 * 35.0);
    with_models(|models| {
        let backtest = BacktestParams::default().with_horizon(4).with_step(4).run(&weekly, models).unwrap();
        assert!(backtest.models().iter().all(|name| backtest.scores(name, &Scope::default()).is_ok()));
    });
}

#[test]
fn the_network_is_a_model_like_any_other_and_its_seeds_tell_their_spread() {
    let panel = synthetic::weekly(4, 120, 3);
    let quantiles = Objective::Quantiles(vec![0.1, 0.5, 0.9]);
    let params = GlobalParams::default().with_hidden(4).with_window(28).with_horizon(7).with_max_epochs(1);
    let three = GlobalModel::new("lstm", params.with_objective(quantiles)).with_n_seeds(3);
    let seeds = three.seeds();
    let mut models: Vec<&dyn PanelModel> = seeds.iter().map(|one| one as &dyn PanelModel).collect();
    models.extend([&three as &dyn PanelModel, &Plain::SeasonalNaive]);
    let params = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(2);
    let backtest = params.run(&panel, &models).unwrap();
    let names = ["lstm_0", "lstm_1", "lstm_2"];
    let weights = BlendWeights::equal(&names, backtest.targets()).unwrap();
    let both = backtest.with_blend("mean", &weights).unwrap();
    let rmse = |model| both.scores(model, &Scope::default()).unwrap().rmse;
    assert!((rmse("mean") - rmse("lstm")).abs() < 1e-9);
    assert!(both.spread(&names, &Scope::default(), ScoreLoss::Squared).unwrap().1 > 0.0);
    assert!(both.scores("lstm", &Scope::default()).unwrap().coverage.is_some());
    // New days are learnt on, fitted anew or only looked back on.
    let of = |refit| params.clone().with_refit(refit).run(&panel, &[&three as &dyn PanelModel]).unwrap();
    let told = [Refit::Once, Refit::Update, Refit::EachOrigin]
        .map(|refit| of(refit).scores("lstm", &Scope::default()).unwrap().rmse);
    assert!(told[0] != told[1] && told[1] != told[2] && told[0] != told[2], "{told:?}");
    // In a blend it learns on as well.
    let blend = Blend::new("blend", vec![&three, &Plain::Naive], Combine::Median).unwrap();
    assert!(blend.fit(&panel).unwrap().updated(&panel).unwrap().is_some());
    assert!(three.fit(&panel).unwrap().forecast(&panel, 8).is_err());
    assert!(three.clone().with_n_seeds(0).fit(&panel).is_err());
}

#[test]
fn a_network_that_knows_the_payday_knows_what_is_spent_on_it() {
    let payday = Payday::DayOfMonth(25);
    let series = (0..12).map(|user| {
        let mut rng = stream(2, user);
        let values = Array2::from_shape_fn((400, 1), |(day, _)| {
            let is_payday = payday.is_payday(start() + Days::new(day as u64));
            10.0 + rng.uniform() + if is_payday { 90.0 } else { 0.0 }
        });
        Series::new(user.to_string(), start(), values).unwrap()
    });
    let panel = Panel::new(vec!["x".into()], series.collect()).unwrap();
    let params = GlobalParams::default()
        .with_hidden(16)
        .with_window(28)
        .with_max_epochs(20)
        .with_objective(Objective::Squared);
    let [without, with] = ["weekday", "calendar"].map(|name| GlobalModel::new(name, params.clone()));
    let with = with.with_payday(payday);
    let backtest =
        BacktestParams::default().with_horizon(28).with_n_origins(2).run(&panel, &[&without, &with]).unwrap();
    let rmse = |model| backtest.scores(model, &Scope::default()).unwrap().rmse;
    assert!(rmse("calendar") < 0.5 * rmse("weekday"), "{} {}", rmse("calendar"), rmse("weekday"));
}

#[test]
fn where_the_network_has_nothing_to_go_by_the_outlook_names_who_stands_in() {
    let panel = odd(3).with_attribute("kind", |user| (user < "4").then(|| user.to_owned()));
    let params = GlobalParams::default().with_hidden(3).with_window(14).with_horizon(7).with_max_epochs(1);
    let model = GlobalModel::new("lstm", params.with_embedding(2)).with_attributes(&["kind"]);
    let fitted = model.train(&panel).unwrap();
    assert!(fitted.ensemble().is_some());
    let served: Vec<String> =
        fitted.forecast(&panel, 7).unwrap().iter().map(|outlook| outlook.served_by()[0].clone()).collect();
    // User 0 spends nothing, 2 has gaps, 6 and 7 have begun this week; the others have two weeks of days.
    let (network, plain) = ("lstm", "season_median_8");
    assert_eq!(served, [plain, network, plain, network, network, network, "mean", "mean"]);
    // Nothing to train on: nobody is served by it.
    let short = panel.until(panel.series()[7].start() - Days::new(193));
    let fitted = model.train(&short).unwrap();
    assert!(fitted.ensemble().is_none());
    assert!(fitted.forecast(&short, 7).unwrap().iter().all(|outlook| outlook.is_stand_in()[0]));
}

/// Three years of normal days; from the second half on one day in ten is eight times as far off.
fn changing() -> Panel {
    let mut rng = stream(7, 0);
    let values = Array2::from_shape_fn((1100, 1), |(day, _)| {
        let far = if day > 500 && rng.bernoulli(0.1) { 8.0 } else { 1.0 };
        (300.0 + 10.0 * far * rng.normal()).max(0.0)
    });
    Panel::new(vec!["x".into()], vec![Series::new("a", start(), values).unwrap()]).unwrap()
}

#[test]
fn followed_intervals_hold_what_they_should_where_those_calibrated_once_do_not() {
    let params = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(150);
    let backtest = params.run(&changing(), &[&Plain::Mean { last: 0 }]).unwrap();
    let conformal = ConformalParams::default();
    let once = conformal.calibrate(&backtest.from_origins(0..50), "mean").unwrap();
    let once = once.coverage(&backtest.from_origins(50..150), "mean").unwrap();
    let followed = conformal.follow(&backtest, "mean", 50..150).unwrap();
    assert!(once[0].off() > 0.05, "{:?}", once[0]);
    assert!(followed.coverage().iter().all(|one| one.off().abs() < 0.03), "{:?}", followed.coverage());
    assert!(conformal.with_rate(f64::NAN).follow(&backtest, "mean", 0..150).is_err());
}

#[test]
fn the_days_of_the_latest_origin_count_for_the_intervals_to_come() {
    let params = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(60);
    let panel = changing();
    let last = *params.origins(&panel).last().unwrap();
    let aims = |panel: &Panel| {
        let backtest = params.run(panel, &[&Plain::Mean { last: 0 }]).unwrap();
        ConformalParams::default().follow(&backtest, "mean", 30..60).unwrap().aims().to_vec()
    };
    // None of the changed days is held.
    let (before, after) = (aims(&panel), aims(&changed_after(&panel, last)));
    assert!(after.iter().zip(&before).all(|(after, before)| after > before), "{after:?} {before:?}");
}

#[test]
fn what_is_zero_on_nearly_all_days_is_covered_too_often_because_of_ties() {
    let mut rng = stream(3, 0);
    let values = Array2::from_shape_fn((700, 1), |_| if rng.bernoulli(0.92) { 0.0 } else { 20.0 });
    let panel = Panel::new(vec!["x".into()], vec![Series::new("a", start(), values).unwrap()]).unwrap();
    let params = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(80);
    let backtest = params.run(&panel, &[&Plain::Mean { last: 0 }]).unwrap();
    let followed = ConformalParams::default().follow(&backtest, "mean", 30..80).unwrap();
    let (of_80, of_95) = (&followed.coverage()[0], &followed.coverage()[1]);
    assert!(of_80.covered > 0.88 && of_80.covered - of_80.level <= of_80.ties + 1e-9 && of_80.off() == 0.0);
    assert!(of_95.ties < 0.01 && of_95.off().abs() < 0.05, "{of_95:?}");
}

#[test]
fn what_is_served_is_judged_by_what_was_known_and_survives_a_file() {
    let panel = synthetic::weekly(6, 200, 4);
    let backtest = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(12);
    let rules: [&dyn PanelModel; 2] = [&Plain::Zero, &Plain::SeasonMean { seasons: 0 }];
    let models: [&dyn PanelModel; 1] = [&Plain::Naive];
    let build = |panel: &Panel| {
        ServingParams::default().with_backtest(backtest.clone()).build(panel, &rules, &models).unwrap()
    };
    let serving = build(&panel);
    let (days, sums) = (serving.days(), serving.sums());
    assert_eq!(days.replayed().n_blocks(), 6 * 6);
    assert!(days.leads(0.9).unwrap().iter().all(|lead| lead.skill > -0.02));
    assert!(sums.leads(0.9).unwrap().iter().all(|lead| lead.skill > -0.1));
    // No rule is better than the one that turned out best.
    for served in [days, sums] {
        let [before, after] = [served.leads(0.9).unwrap(), served.leads_in_hindsight(0.9).unwrap()];
        assert!(before.iter().zip(&after).all(|(before, after)| after.skill <= before.skill + 1e-12));
    }
    assert_eq!(days.coverage().len(), sums.coverage().len());
    // Other values on the last origin's days: what was served there before does not move.
    let last = *days.backtest().origins().last().unwrap();
    let other = build(&changed_after(&panel, last));
    let before = |one: &Backtest| one.from_origins(0..11).scores("served", &Scope::default()).unwrap();
    assert_eq!(before(days.replayed()), before(other.days().replayed()));
    let (sums, bands) = serving.forecast_sums(&panel).unwrap();
    assert_eq!((sums[0].points().nrows(), bands[0][0].low.nrows()), (1, 1));
    let all: Vec<&dyn PanelModel> = rules.iter().chain(&models).copied().collect();
    let read = fincoach_testkit::check_round_trip(&serving.decisions());
    assert_eq!(read.forecast(&all, &panel, 7).unwrap(), serving.forecast(&panel, 7).unwrap());
    assert_eq!(read.forecast_sums(&all, &panel).unwrap(), serving.forecast_sums(&panel).unwrap());
    assert!(read.forecast(&rules, &panel, 7).is_err());
    fincoach_testkit::check_round_trip(days.weights());
    fincoach_testkit::check_round_trip(days.intervals());
    fincoach_testkit::check_damage::<Decisions>(&read.to_bytes().unwrap());
    fincoach_testkit::check_damage::<BlendWeights>(&days.weights().to_bytes().unwrap());
    fincoach_testkit::check_damage::<Conformal>(&days.intervals().to_bytes().unwrap());
}

#[test]
fn with_too_few_origins_to_choose_by_it_is_the_first_rule_that_is_judged() {
    let panel = synthetic::weekly(6, 120, 4);
    // Of four weeks ahead from three origins a week apart, nothing had come by the last of them.
    let backtest = BacktestParams::default().with_horizon(28).with_step(7).with_n_origins(3);
    let rules: [&dyn PanelModel; 2] = [&Plain::Zero, &Plain::SeasonMean { seasons: 0 }];
    let serving = ServingParams::default().with_backtest(backtest).build(&panel, &rules, &[]).unwrap();
    assert!(serving.days().choices().iter().all(|choice| choice.served == "season_mean"));
    let judged = serving.days().replayed();
    let rmse = |model| judged.scores(model, &Scope::default()).unwrap().rmse;
    assert_eq!(rmse("served"), rmse("zero"));
}

/// Two categories, of one of which nothing is known until late and on Sundays.
fn half_known(later: Option<f64>) -> Panel {
    let mut rng = stream(6, 0);
    let values = Array2::from_shape_fn((400, 2), |(day, category)| match (category, day) {
        (1, 0..300) => f64::NAN,
        (1, _) if day % 7 == 6 => f64::NAN,
        (0, 0..200) if day % 10 != 0 => f64::NAN,
        (0, 0..200) => {
            if day == 100 {
                500.0
            } else {
                10.0
            }
        }
        (_, 370..) if later.is_some() => later.unwrap_or(0.0),
        _ => 10.0 * (day % 7) as f64 + rng.uniform(),
    });
    let series = Series::with_gaps("a", start(), values, Fill::Median).unwrap();
    Panel::new(vec!["x".into(), "y".into()], vec![series]).unwrap()
}

#[test]
fn a_target_without_data_is_left_to_a_rule_and_does_not_keep_the_others_from_being_chosen() {
    let panel = half_known(None);
    let backtest = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(16);
    let rules: [&dyn PanelModel; 2] = [&Plain::Zero, &Plain::SeasonMean { seasons: 8 }];
    let serving = ServingParams::default().with_backtest(backtest).build(&panel, &rules, &[]).unwrap();
    let choice = |served: &Served, place: usize| {
        (served.choices()[place].served.clone(), served.choices()[place].reason)
    };
    assert_eq!(choice(serving.days(), 0), ("season_mean_8".to_owned(), Reason::RuleIsBetter));
    // No week of the other is known whole.
    assert_eq!(choice(serving.sums(), 1), ("zero".to_owned(), Reason::NoModel));
    let rmse =
        |model| serving.days().replayed().scores(model, &Scope::default().with_target("x")).unwrap().rmse;
    assert!(rmse("served") < 0.5 * rmse("zero"));
}

#[test]
fn what_is_usual_does_not_know_later_days_through_filled_gaps() {
    let params = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(45);
    let of = |later: f64| params.run(&half_known(Some(later)), &[&Plain::Zero]).unwrap().tamed();
    let [one, other] = [of(10.0), of(5_000.0)];
    let early =
        |one: &Backtest| one.from_origins(0..20).scores("zero", &Scope::default().with_target("x")).unwrap();
    assert_eq!(early(&one), early(&other));
    // The 500 was cut by the 10s that were observed before it.
    assert!(early(&one).rmse < 40.0, "{:?}", early(&one));
}

#[test]
fn a_skill_that_is_no_number_does_not_reach_a_file() {
    let values = Array2::from_shape_fn((400, 1), |(day, _)| match day {
        0..260 => 10.0,
        260..330 => 3.0,
        _ => 0.0,
    });
    let panel = Panel::new(vec!["x".into()], vec![Series::new("a", start(), values).unwrap()]).unwrap();
    let backtest = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(20);
    let rules: [&dyn PanelModel; 2] = [&Plain::Zero, &Plain::Mean { last: 0 }];
    let serving = ServingParams::default().with_backtest(backtest).build(&panel, &rules, &[]).unwrap();
    assert_eq!(serving.days().choices()[0].reason, Reason::RuleIsBetter);
    fincoach_testkit::check_round_trip(&serving.decisions());
}

#[test]
fn names_of_what_is_made_of_models_are_refused() {
    let panel = synthetic::weekly(2, 100, 1);
    for name in ["blend", "served", "sum_of_categories"] {
        let taken = Blend::new(name, vec![&Plain::Zero], Combine::Median).unwrap();
        let build = |rules: &[&dyn PanelModel], models: &[&dyn PanelModel], rivals: &[&dyn PanelModel]| {
            ServingParams::default().build_beside(&panel, (rules, models), rivals).err()
        };
        let zero: [&dyn PanelModel; 1] = [&Plain::Zero];
        for error in [build(&[&taken], &[], &[]), build(&zero, &[&taken], &[]), build(&zero, &[], &[&taken])]
        {
            assert!(error.is_some_and(|error| error.to_string().contains(name)));
        }
    }
}

#[test]
fn a_blend_refuses_a_panel_of_other_targets() {
    let panel = synthetic::weekly(2, 100, 1);
    let targets = ["groceries", "dine_out", "other", "total"].map(str::to_owned);
    let weights = BlendWeights::equal(&["zero", "naive"], &targets).unwrap().with_total_of_parts();
    let blend = Blend::new("b", vec![&Plain::Zero, &Plain::Naive], Combine::Weights(weights)).unwrap();
    let fitted = blend.fit(&panel).unwrap();
    assert_eq!(fitted.forecast(&panel, 2).unwrap()[0].served_by()[3], "sum_of_categories");
    assert!(fitted.forecast(&odd(1), 2).is_err());
}

#[test]
fn a_day_like_no_other_is_not_expected_again_by_a_tamed_model() {
    let values = Array2::from_shape_fn((400, 1), |(day, _)| if day == 390 { 84_000.0 } else { 10.0 });
    let panel = Panel::new(vec!["x".into()], vec![Series::new("a", start(), values).unwrap()]).unwrap();
    let next = |model: &dyn PanelModel| model.fit(&panel).unwrap().forecast(&panel, 1).unwrap().remove(0);
    let (wild, tamed) = (Plain::Mean { last: 28 }, Tamed::new(Plain::Mean { last: 28 }));
    assert!(next(&wild).points()[[0, 0]] > 3_000.0);
    assert!((next(&tamed).points()[[0, 0]] - (27.0 * 10.0 + 30.0) / 28.0).abs() < 1e-9);
    assert_eq!(
        (next(&tamed).served_by()[0].as_str(), tamed.name().as_str()),
        ("mean_28_tamed", "mean_28_tamed")
    );
}

#[test]
fn what_comes_every_month_is_not_cut() {
    let values = Array2::from_shape_fn((400, 1), |(day, _)| if day % 30 == 3 { 900.0 } else { 10.0 });
    let panel = Panel::new(vec!["x".into()], vec![Series::new("a", start(), values).unwrap()]).unwrap();
    let next =
        |model: &dyn PanelModel| model.fit(&panel).unwrap().forecast(&panel, 1).unwrap()[0].points()[[0, 0]];
    assert_eq!(next(&Plain::Mean { last: 0 }), next(&Tamed::new(Plain::Mean { last: 0 })));
    let params = BacktestParams::default().with_horizon(30).with_step(30).with_n_origins(8);
    let backtest = params.run(&panel, &[&Plain::Zero]).unwrap();
    let rmse = |one: &Backtest| one.scores("zero", &Scope::default()).unwrap().rmse;
    assert_eq!(rmse(&backtest), rmse(&backtest.tamed()));
}

#[test]
fn one_day_of_years_does_not_decide_what_serves() {
    let mut rng = stream(5, 0);
    let values = Array2::from_shape_fn((500, 1), |(day, _)| match day {
        // A purchase on the day after an origin; who expects 500 every day comes a little closer to it.
        443 => 500.0,
        444 => 50_000.0,
        _ => 10.0 + rng.normal(),
    });
    let panel = Panel::new(vec!["x".into()], vec![Series::new("a", start(), values).unwrap()]).unwrap();
    let params = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(40);
    let rules = ["naive", "mean_tamed"];
    let backtest = params.run(&panel, &[&Plain::Naive, &Tamed::new(Plain::Mean { last: 0 })]).unwrap();
    let best = |one: &Backtest| one.choices(&rules, &[], ScoreLoss::Squared).unwrap()[0].best_rule.clone();
    assert_eq!((best(&backtest).as_str(), best(&backtest.tamed()).as_str()), ("naive", "mean_tamed"));
}

/// Groceries by the weekday, rent on the 3rd and meals on any day: each has a rule of its own.
fn of_parts() -> Panel {
    let series = (0..6).map(|user| {
        let mut rng = stream(8, user);
        let values = Array2::from_shape_fn((430, 3), |(day, category)| {
            let date = start() + Days::new(day as u64);
            match category {
                0 => 10.0 * (day % 7) as f64 + rng.uniform(),
                1 if date.format("%d").to_string() == "03" => 300.0 + rng.uniform(),
                1 => 0.0,
                _ => 40.0 * rng.uniform(),
            }
        });
        Series::new(user.to_string(), start(), values).unwrap()
    });
    Panel::new(["groceries", "bills", "dine_out"].map(str::to_owned).to_vec(), series.collect()).unwrap()
}

#[test]
fn a_total_may_be_the_sum_of_what_serves_its_categories() {
    let panel = of_parts();
    let backtest = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(24);
    let rules: [&dyn PanelModel; 3] =
        [&Plain::Mean { last: 0 }, &Plain::SeasonMean { seasons: 0 }, &Plain::MonthdayMean { months: 0 }];
    let serving = ServingParams::default().with_backtest(backtest).build(&panel, &rules, &[]).unwrap();
    let served: Vec<&str> = serving.days().choices().iter().map(|choice| choice.served.as_str()).collect();
    assert_eq!(served, ["season_mean", "monthday_mean", "mean", "sum_of_categories"]);
    assert!(serving.days().leads_in_hindsight(0.9).unwrap()[3].is_shown());
    let outlooks = serving.forecast(&panel, 7).unwrap().0;
    assert_eq!(outlooks[0].served_by(), served);
    for row in outlooks
        .iter()
        .flat_map(|outlook| outlook.points().rows().into_iter().map(|row| row.to_vec()).collect::<Vec<_>>())
    {
        assert!((row[..3].iter().sum::<f64>() - row[3]).abs() < 1e-9);
    }
    fincoach_testkit::check_round_trip(serving.days().weights());
}

#[test]
fn files_of_today_load_and_say_the_same_in_later_versions() {
    let panel = of_parts();
    let rules: [&dyn PanelModel; 2] = [&Plain::Zero, &Plain::SeasonMean { seasons: 0 }];
    let decisions =
        fincoach_testkit::check_stored::<Decisions>(include_bytes!("artifacts/forecast_decisions-2.json"));
    let (outlooks, bands) = decisions.forecast(&rules, &panel, 7).unwrap();
    let (sums, _) = decisions.forecast_sums(&rules, &panel).unwrap();
    let told = (outlooks[0].points()[[6, 3]], bands[0][1].high[[6, 3]], sums[0].points()[[0, 3]]);
    let off = [told.0 - TOLD.0, told.1 - TOLD.1, told.2 - TOLD.2];
    assert!(off.iter().all(|off| off.abs() < 1e-9), "{told:?}");
    let weights =
        fincoach_testkit::check_stored::<BlendWeights>(include_bytes!("artifacts/blend_weights-1.json"));
    assert_eq!(weights.of("groceries"), Some(vec![0.0, 1.0]));
    let intervals =
        fincoach_testkit::check_stored::<Conformal>(include_bytes!("artifacts/forecast_intervals-1.json"));
    assert_eq!(intervals.levels(), [0.8, 0.95]);
}

/// The total of the last day, the upper end of its interval, and the sum, of the first user.
const TOLD: (f64, f64, f64) = (52.293_347_402_352_93, 346.087_961_841_038_75, 429.197_002_649_569_24);
