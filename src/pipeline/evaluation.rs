//! What a run found out about its data and its models.

use std::collections::BTreeMap;

use fincoach_core::chrono::NaiveDateTime;
use fincoach_goals::Candidate;
use fincoach_recommend::{Agreement, Strategy};
use fincoach_segmentation::KChoice;
use serde::Serialize;

/// The figures of a run: model beside baseline, with the spread over seeds; policy, forecast and goals on data
/// they did not see.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Evaluation {
    /// What went in.
    pub data: DataSummary,
    /// How well the segments hold together.
    pub segmentation: SegmentationEvaluation,
    /// How the learned policy agrees with the rules it was taught by, on users it did not see.
    pub recommend: Agreement,
    /// What the bandit learned from the reward table.
    pub bandit: BanditSummary,
    /// Errors of network and rules on the last days; `None` where nobody has enough days.
    pub forecast: Option<fincoach_forecast::Evaluation>,
    /// Forest, baselines and calibration over repeated folds; `None` where one outcome is too rare to judge.
    pub goals: Option<fincoach_goals::Evaluation>,
    /// Why a part is missing, by its name.
    pub not_judged: BTreeMap<&'static str, String>,
}

/// What went into a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DataSummary {
    /// Bookings of the ledger.
    pub n_transactions: usize,
    /// Users with features.
    pub n_users: usize,
    /// Users with too few bookings for features.
    pub n_left_out: usize,
    /// Their names.
    pub left_out: Vec<String>,
    /// Features a user.
    pub n_features: usize,
    /// First booking.
    pub first: NaiveDateTime,
    /// Last booking.
    pub last: NaiveDateTime,
}

/// How well segments hold together.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SegmentationEvaluation {
    /// Inertia and silhouette for every k.
    pub choice: KChoice,
    /// Segments of the model.
    pub n_segments: usize,
    /// Users in each segment.
    pub sizes: Vec<usize>,
    /// Mean silhouette of the model's segments, in `[-1, 1]`.
    pub silhouette: f64,
    /// The same of users dealt into segments of the same sizes by chance, one per seed: the baseline.
    pub silhouette_by_chance: Vec<f64>,
    /// Adjusted Rand index between the model's segments and those of each other seed: 1 is the same segments.
    pub agreement_between_seeds: Vec<f64>,
    /// Share of the variance that each of the two axes of the picture shows.
    pub explained_variance_ratio: Vec<f64>,
}

/// What a bandit has learned.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BanditSummary {
    /// Strategies in the order of the arms.
    pub strategies: Vec<Strategy>,
    /// How often each was chosen.
    pub counts: Vec<u64>,
    /// Mean reward of each, 0 where never chosen.
    pub values: Vec<f64>,
    /// The one of the highest mean; for a user the bandit may prefer another.
    pub best: Strategy,
}

impl Evaluation {
    /// The main figures by name, for the manifest.
    pub(super) fn headline(&self) -> BTreeMap<String, f64> {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let mut figures = vec![
            ("segmentation_silhouette", self.segmentation.silhouette),
            ("segmentation_agreement_between_seeds", mean(&self.segmentation.agreement_between_seeds)),
            ("recommend_train_agreement", mean(&self.recommend.train)),
            ("recommend_held_out_agreement", mean(&self.recommend.held_out)),
            ("recommend_held_out_majority", mean(&self.recommend.held_out_majority)),
        ];
        if let Some(forecast) = &self.forecast {
            let total = forecast.total();
            figures.push(("forecast_held_out_best_rule_rmse", total.best_rule_error));
            figures.extend(total.lstm_error.map(|error| ("forecast_held_out_lstm_rmse", error)));
            figures.extend(
                forecast.served().map(|served| ("forecast_held_out_served_rmse", served.test.total.rmse)),
            );
        }
        if let Some(goals) = &self.goals {
            let brier = |candidate| goals.model(candidate).brier().mean;
            figures.push(("goals_held_out_forest_brier", brier(Candidate::Forest)));
            figures.push(("goals_held_out_base_rate_brier", brier(Candidate::BaseRate)));
            figures.push(("goals_held_out_forest_auc", goals.model(Candidate::Forest).auc().mean));
            figures.push(("goals_held_out_forest_accuracy", goals.model(Candidate::Forest).accuracy().mean));
        }
        figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
