//! Forecasts each user's spending of the coming days per category: a daily panel, an LSTM, the plain rules it
//! has to beat, and an evaluation that serves the rule where nothing beats it.
//!
//! ```
//! use fincoach_core::{chrono::NaiveDate, ndarray::Array2};
//! use fincoach_forecast::{EvaluationParams, LstmParams, Panel, Series, forecast};
//!
//! // Ten weeks of a user who shops on Saturdays; `Panel::from_ledger` makes the same of a bank export.
//! let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
//! let spent = Array2::from_shape_fn((70, 1), |(day, _)| if day % 7 == 5 { 30.0 } else { 0.0 });
//! let panel = Panel::new(vec!["groceries".into()], vec![Series::new("anna", monday, spent)?])?;
//!
//! // The same network from two seeds, scored beside the rules on the last fifth of the calendar.
//! let params = LstmParams::default().with_hidden(8).with_max_epochs(2);
//! let models = params.fit_seeds(&panel, 2)?;
//! let evaluation = EvaluationParams::of(&params).evaluate(&panel, &models)?;
//! assert!(!evaluation.verdicts()[0].lstm_beats_every_rule);
//!
//! // What was best on the validation days answers: here "as a week ago".
//! let served = evaluation.selection();
//! let next = forecast(&panel, &served.forecaster(models.first())?, 1)?;
//! assert_eq!((next[0].amount, next[0].date), (0.0, NaiveDate::from_ymd_opt(2024, 3, 11).unwrap()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//! - Data: [`Panel`] of one [`Series`] per user, [`Split`] into [`Part`]s by time, at the
//!   [`CutOffs`] of the calendar or by user ([`SplitBy`]).
//! - Methods, all of them a [`Forecaster`] from a [`History`] to [`DayForecasts`]: [`Rule`],
//!   [`LstmForecaster`] (fitted by [`LstmParams`]), [`Selected`] (follows a [`Selection`]).
//! - Answers: [`forecast`] gives one [`Forecast`] per user, day and category.
//! - Comparison: [`EvaluationParams`] gives an [`Evaluation`] with [`MethodScores`] and [`Verdict`]s.
//! - Many series at once, many days ahead, with known future inputs and quantiles: [`GlobalParams`] fit a
//!   [`GlobalNetwork`] or a [`GlobalEnsemble`] on a [`SeriesSet`]; a [`GlobalTrainer`] stops and goes on. A
//!   [`GlobalModel`] is the same on a panel, beside any other model.
//! - Any panel, any model: [`Panel`] also from tables ([`LongColumns`]) and with gaps ([`Fill`]), by day or
//!   week ([`Frequency`]); [`KnownInputs`], [`Payday`], [`bank_holidays`]. A [`PanelModel`] becomes a
//!   [`FittedModel`] and gives [`Outlook`]s: [`Plain`] models, [`CalendarAdjusted`] or [`Tamed`] ones, a [`Blend`] by
//!   [`BlendWeights`].
//! - Judged in the past: [`BacktestParams`] gives a [`Backtest`] with [`BacktestScores`] by [`Scope`],
//!   [`Skill`] with an interval, and a [`Choice`] with its [`Reason`]; [`ServingParams`] does all of it (with models
//!   that serve spending well: [`ServingParams::build_usual`]), and its [`Decisions`] can be saved.
//! - Intervals and sums: [`ConformalParams`] gives [`Conformal`] [`Band`]s and their [`Coverage`], calibrated once or
//!   [`Followed`] through time,
//!   [`Reconciliation`] makes categories add up.
//! - The bare network: [`LstmNetwork`], which also reads PyTorch's state dicts.
//!
//! # Limits
//! Values of at least 0. Intervals calibrated once hold as far as the days to come resemble those of the back-test;
//! followed through time they hold what they should in the long run, not on any one day. The network of the
//! notebook sees amounts alone, no calendar: it reads the weekday from the gaps of the last week. Spending on a day is mostly nothing, so the rule of least absolute error is
//! often "zero", and methods are compared by RMSE unless told otherwise; see [`Measure`]. Training runs on
//! the CPU. The network is trained on the days before the validation part and not fitted again on later ones.

mod adjusted;
mod backtest;
mod blend;
mod calendar;
mod choice;
mod conformal;
mod engine;
mod error;
mod evaluation;
mod fill;
mod forecaster;
mod frequency;
mod global;
mod lstm;
mod model;
mod panel;
mod panel_csv;
mod plain;
mod reconcile;
mod rules;
mod scale;
mod selection;
mod series;
mod serving;
mod slicing;
mod split;
mod tamed;

pub use adjusted::CalendarAdjusted;
pub use backtest::{
    Backtest, BacktestParams, BacktestScores, Forecasted, Gaps, Refit, Scope, ScoreLoss, Skill,
};
pub use blend::{Blend, BlendWeights, Combine};
pub use calendar::{KnownInputs, Payday, bank_holidays, is_bank_holiday};
pub use choice::{Choice, Reason};
pub use conformal::{Band, Conformal, ConformalParams, Coverage, Followed, Sides};
pub use error::Error;
pub use evaluation::{Evaluation, EvaluationParams, Measure, MethodScores, PartScores, Scores, Verdict};
pub use fill::Fill;
pub use forecaster::{DayForecasts, Forecast, Forecaster, History, Method, forecast};
pub use frequency::Frequency;
pub use global::{
    AfterStopping, EpochLosses, FittedGlobal, GlobalEnsemble, GlobalForecast, GlobalModel, GlobalNetwork,
    GlobalParams, GlobalTrainer, Objective, Profile, Schedule, SeriesSet, Update, weekday_inputs,
    year_inputs,
};
pub use lstm::{Centring, Engine, Loss, LstmForecaster, LstmNetwork, LstmParams, WindowCounts};
pub use model::{FittedModel, Outlook, PanelModel};
pub use panel::Panel;
pub use panel_csv::LongColumns;
pub use plain::{Demand, Plain};
pub use reconcile::{Reconcile, Reconciliation};
pub use rules::Rule;
pub use selection::{Selected, Selection};
pub use series::Series;
pub use serving::{Decision, Decisions, Served, Serving, ServingParams, usual_models, usual_rules};
pub use split::{CutOffs, Part, Split, SplitBy};
pub use tamed::Tamed;
