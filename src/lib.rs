//! A bank export becomes coaching: clean ledgers, behavioural features, segments, recommendations,
//! spending forecasts and goal probabilities, trained, judged on data they did not see, and served from one
//! bundle.
//!
//! ```
//! use fincoach::core::Money;
//! use fincoach::features::V1Params;
//! use fincoach::transform::{CsvReader, Layout};
//!
//! let export = "\
//! Transaction Date,Transaction Description,Debit Amount,Credit Amount,Balance
//! 05/01/2024,RENT,700.00,,1300.00
//! 04/01/2024,LIDL,15.02,,2000.00
//! 03/01/2024,CAFE,3.50,,2015.02
//! 02/01/2024,BUS,2.00,,2018.52
//! 01/01/2024,PAY,,2000.00,2020.52
//! ";
//! let ledger = CsvReader::new(Layout::lloyds()).read_from(export.as_bytes(), "export")?.ledger;
//! assert_eq!(ledger.all().amounts().iter().copied().sum::<Money>().to_string(), "1279.48");
//! let features = V1Params::default().compute(&ledger)?;
//! assert_eq!(features.table().column("current_balance")?[0], 1300.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//! One module per crate: [`core`] always, and each behind a feature of its name [`transform`], [`features`],
//! [`segmentation`], [`recommend`], [`forecast`], [`goals`], [`simulate`], [`report`]. With `pipeline` (part
//! of the default `full`): [`Pipeline`] trains everything, [`Bundle`] keeps it, [`Coach`] serves it,
//! [`pictures`] draws it. [`TrialParams`] holds a learnt policy against the truth of simulated households, [`GoalStudyParams`]
//! a model of goals against what came of them. `statements` adds readers of OFX, QIF, MT940 and camt.053 files to [`transform`].
//!
//! # Limits
//! One currency a ledger. Recommendations are learned from rules or logs, not from outcomes of advice;
//! `docs/models/` says what each model was tested on.

#[cfg(feature = "pipeline")]
mod bundle;
#[cfg(feature = "pipeline")]
mod coach;
#[cfg(feature = "pipeline")]
mod error;
#[cfg(feature = "pipeline")]
mod goal_study;
#[cfg(feature = "pipeline")]
pub mod pictures;
#[cfg(feature = "pipeline")]
mod pipeline;
#[cfg(feature = "pipeline")]
mod trial;

pub use fincoach_core as core;
#[cfg(feature = "features")]
pub use fincoach_features as features;
#[cfg(feature = "forecast")]
pub use fincoach_forecast as forecast;
#[cfg(feature = "goals")]
pub use fincoach_goals as goals;
#[cfg(feature = "recommend")]
pub use fincoach_recommend as recommend;
#[cfg(feature = "report")]
pub use fincoach_report as report;
#[cfg(feature = "segmentation")]
pub use fincoach_segmentation as segmentation;
#[cfg(feature = "simulate")]
pub use fincoach_simulate as simulate;
#[cfg(feature = "transform")]
pub use fincoach_transform as transform;

#[cfg(feature = "pipeline")]
pub use bundle::{Bundle, FeatureConfig, FileEntry, Manifest, Models};
#[cfg(feature = "pipeline")]
pub use coach::{Advice, Advised, Coach};
#[cfg(feature = "pipeline")]
pub use error::Error;
#[cfg(feature = "pipeline")]
pub use goal_study::{
    ChosenCalibration, GoalCounts, GoalKinds, GoalStudy, GoalStudyParams, GoalStudyReport, NeededCheck,
    OwnGoal,
};
#[cfg(feature = "pipeline")]
pub use pipeline::{BanditSummary, DataSummary, Evaluation, Pipeline, PipelineRun, SegmentationEvaluation};
#[cfg(feature = "pipeline")]
pub use trial::{Logs, TrialEstimate, TrialParams, TrialReport, TrialRow};
