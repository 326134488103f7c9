//! The forecast on the real export: the notebook's saved network, the panel, and the rules beside the LSTM.

use fincoach::core::Category;
use fincoach::forecast::{
    BacktestParams, Blend, BlendWeights, CalendarAdjusted, Combine, EvaluationParams, Fill, Frequency, Gaps,
    GlobalModel, GlobalParams, LstmNetwork, LstmParams, Measure, Method, Panel, PanelModel, Plain, Scope,
    ScoreLoss, ServingParams, Tamed, forecast,
};
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

/// The days from one of the calendar's dates on are unseen by all 50 slices, also those that end before.
fn the_lstm_beats_the_rules_on_the_total_of_unseen_days_and_what_is_served_is_no_worse() {
    let panel = panel(Users::Timeline(50));
    let params = LstmParams::default();
    let models = params.fit_seeds(&panel, 5).unwrap();
    let evaluation = EvaluationParams::of(&params).evaluate(&panel, &models).unwrap();
    // A fifth of seven years each for validation and test: 20 slices have no training window.
    let cut_offs = models[0].cut_offs().unwrap();
    assert_eq!(
        (cut_offs.validation().to_string(), cut_offs.test().to_string()),
        ("2019-10-08".to_owned(), "2021-03-02".to_owned())
    );
    assert_eq!((models[0].counts().n_users, models[0].counts().n_short_users), (50, 20));
    assert_eq!((evaluation.rules().len(), evaluation.lstm().len(), evaluation.verdicts().len()), (5, 5, 11));
    // The day's total: better than every rule with every seed.
    let verdict = evaluation.total();
    assert!(verdict.lstm_beats_every_rule && verdict.n_seeds_better == 5, "{verdict}");
    // What is served is not worse than the rule that turned out best, but for less than the luck of a seed.
    let served = evaluation.served().unwrap().test.total.rmse;
    assert!(served < verdict.best_rule_error + verdict.lstm_spread.unwrap(), "{served} {verdict}");
    // Habits that have changed since the training days are beyond it: groceries are left to a rule.
    let groceries = &evaluation.verdicts()[Category::Groceries.index()];
    assert!(!groceries.lstm_beats_every_rule && groceries.served == Method::WeekdayMean, "{groceries}");
    // By absolute error, zero is the best guess for one day in every category, and it is said.
    let by_mae = EvaluationParams::of(&params).with_measure(Measure::Mae).evaluate(&panel, &models).unwrap();
    for verdict in by_mae.verdicts() {
        assert_eq!(
            (verdict.best_rule, verdict.served, verdict.lstm_beats_every_rule),
            (Method::Zero, Method::Zero, false),
            "{verdict}"
        );
    }

    let selection = evaluation.selection();
    let next = forecast(&panel, &selection.forecaster(models.first()).unwrap(), 1).unwrap();
    assert_eq!(next.len(), 50 * 11);
    assert!(next.iter().all(|one| one.amount.is_finite() && one.amount >= 0.0));
}

fn one_long_series_is_better_served_by_the_rules() {
    let panel = panel(Users::One);
    let params = LstmParams::default();
    let models = params.fit_seeds(&panel, 1).unwrap();
    let evaluation = EvaluationParams::of(&params).evaluate(&panel, &models).unwrap();
    let verdict = evaluation.total();
    assert!(!verdict.lstm_beats_every_rule && verdict.best_rule == Method::WeekdayMean, "{verdict}");
    // The mix of what was best for each category before is better than any one of them.
    let served = evaluation.served().unwrap().test.total.rmse;
    assert!(served < verdict.best_rule_error, "{served} {verdict}");
}

/// NN5, scored as in the Monash archive: the last 56 days, gaps filled by the weekday's median.
fn the_blend_of_plain_models_beats_every_published_score_on_nn5() {
    let file = std::fs::File::open(data::file("nn5_daily.csv")).unwrap();
    let panel = Panel::read_wide(file, Frequency::Daily, Fill::SeasonMedian).unwrap();
    assert_eq!((panel.n_users(), panel.series()[0].n_days()), (111, 791));
    assert_eq!(panel.series().iter().map(fincoach::forecast::Series::n_gaps).sum::<usize>(), 1_677);
    let naive = CalendarAdjusted::new(Plain::SeasonalNaive);
    let median = CalendarAdjusted::new(Plain::SeasonMedian { seasons: 20 });
    let ets = CalendarAdjusted::new(Plain::Ets);
    let members: Vec<&dyn PanelModel> = vec![&Plain::SeasonMedian { seasons: 20 }, &naive, &median, &ets];
    let names: Vec<String> = members.iter().map(|member| member.name()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let params = BacktestParams::default().with_horizon(56).with_n_origins(1);
    // The 56 days before the test part weigh the members.
    let before = params.clone().with_skip(56).run(&panel, &members).unwrap();
    let weights = BlendWeights::best(&before, &names, ScoreLoss::Smape).unwrap();
    let blend = Blend::new("blend", members, Combine::Weights(weights)).unwrap();
    let models: [&dyn PanelModel; 4] =
        [&Plain::SeasonMean { seasons: 8 }, &Plain::Ets, &Plain::Theta, &blend];
    let test = params.run(&panel, &models).unwrap();
    assert_eq!(test.origins()[0].to_string(), "1998-03-22");
    let scope = Scope::default().with_gaps(Gaps::AsFilled);
    let smape = |model: &str| test.scores(model, &scope).unwrap().smape;
    assert!((smape("season_mean_8") - 21.95).abs() < 0.01, "{}", smape("season_mean_8"));
    // Published: ETS 21.57, Theta 22.01, the best of all methods 21.19.
    assert!(smape("ets") < 21.57 && smape("theta") < 22.01, "{} {}", smape("ets"), smape("theta"));
    assert!(smape("blend") < 19.5, "{}", smape("blend"));
    assert!(test.scores("blend", &scope).unwrap().mase.unwrap() < 0.80);
    let skill = test.skill(["blend", "season_mean_8"], &scope, (ScoreLoss::Smape, 0.9)).unwrap();
    assert!(skill.is_shown() && skill.skill > 0.08, "{skill:?}");
}

/// A network of one seed on every seventh day, for the time that a test has; the model page tells of the whole one.
fn a_network_makes_the_blend_on_nn5_better() {
    let file = std::fs::File::open(data::file("nn5_daily.csv")).unwrap();
    let panel = Panel::read_wide(file, Frequency::Daily, Fill::SeasonMedian).unwrap();
    let network = GlobalModel::new("lstm", GlobalParams::nn5().with_stride(7).with_max_epochs(8));
    let median = CalendarAdjusted::new(Plain::SeasonMedian { seasons: 20 });
    let ets = CalendarAdjusted::new(Plain::Ets);
    let plain = ["season_median_20", "season_median_20_calendar", "ets_calendar"];
    let members: [&dyn PanelModel; 4] = [&Plain::SeasonMedian { seasons: 20 }, &median, &ets, &network];
    let params = BacktestParams::default().with_horizon(56).with_n_origins(1);
    let before = params.clone().with_skip(56).run(&panel, &members).unwrap();
    let mut test = params.run(&panel, &members).unwrap();
    let all: Vec<&str> = plain.into_iter().chain(["lstm"]).collect();
    for (name, members) in [("plain", &plain[..]), ("all", &all)] {
        let weights = BlendWeights::best(&before, members, ScoreLoss::Smape).unwrap();
        test = test.with_blend(name, &weights).unwrap();
    }
    let scope = Scope::default().with_gaps(Gaps::AsFilled);
    let smape = |model: &str| test.scores(model, &scope).unwrap().smape;
    println!(
        "nn5: network {:.2}, plain blend {:.2}, with it {:.2}",
        smape("lstm"),
        smape("plain"),
        smape("all")
    );
    assert!(smape("lstm") < 21.2 && smape("all") < 19.5, "{} {}", smape("lstm"), smape("all"));
    let skill = test.skill(["all", "plain"], &scope, (ScoreLoss::Smape, 0.9)).unwrap();
    assert!(skill.is_shown(), "{skill:?}");
}

/// Each week's choice and intervals are made from the weeks known then; judged are the later 120 of 240.
fn what_is_served_for_one_account_beats_the_rules_and_its_intervals_hold() {
    let panel = panel(Users::One);
    let tamed = Plain::STEADY.map(Tamed::new);
    let rules: Vec<&dyn PanelModel> = tamed.iter().map(|rule| rule as &dyn PanelModel).collect();
    let habits = [Plain::Habit { days: 0 }, Plain::Habit { days: 365 }].map(Tamed::new);
    let models: Vec<&dyn PanelModel> = habits.iter().map(|model| model as &dyn PanelModel).collect();
    let rivals: Vec<&dyn PanelModel> = Plain::RULES.iter().map(|rule| rule as &dyn PanelModel).collect();
    let backtest = BacktestParams::default().with_horizon(7).with_step(7).with_n_origins(240);
    let params = ServingParams::default().with_backtest(backtest);
    let serving = params.build_beside(&panel, (&rules, &models), &rivals).unwrap();
    let days = serving.days();
    let total = days.replayed().targets().len() - 1;
    // Even against the rule that turned out best.
    let lead = days.leads_in_hindsight(0.9).unwrap()[total];
    println!("moneydata, total of a day: {lead:?} against {}", days.rules_in_hindsight()[total]);
    assert!(lead.is_shown() && lead.skill > 0.08, "{lead:?}");
    for coverage in days.coverage() {
        assert!(coverage.off().abs() < 0.03, "{coverage:?}");
    }
    let money: f64 = serving.forecast(&panel, 7).unwrap().0[0].points().column(total).sum();
    assert!((100.0..10_000.0).contains(&money), "{money}");
}

pub(crate) const TESTS: super::Tests = &[
    ("a_network_makes_the_blend_on_nn5_better", a_network_makes_the_blend_on_nn5_better),
    (
        "what_is_served_for_one_account_beats_the_rules_and_its_intervals_hold",
        what_is_served_for_one_account_beats_the_rules_and_its_intervals_hold,
    ),
    ("the_notebooks_network_answers_as_in_pytorch", the_notebooks_network_answers_as_in_pytorch),
    ("the_panel_holds_every_penny_that_left_the_account", the_panel_holds_every_penny_that_left_the_account),
    (
        "the_lstm_beats_the_rules_on_the_total_of_unseen_days_and_what_is_served_is_no_worse",
        the_lstm_beats_the_rules_on_the_total_of_unseen_days_and_what_is_served_is_no_worse,
    ),
    (
        "the_blend_of_plain_models_beats_every_published_score_on_nn5",
        the_blend_of_plain_models_beats_every_published_score_on_nn5,
    ),
    ("one_long_series_is_better_served_by_the_rules", one_long_series_is_better_served_by_the_rules),
];
