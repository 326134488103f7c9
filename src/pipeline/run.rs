//! One run of the pipeline and all that came out of it.

use std::collections::BTreeMap;

use fincoach_core::ndarray::{Array2, ArrayView2};
use fincoach_core::rng::derived;
use fincoach_core::{Category, FeatureTable, Ledger, Money, Progress, Role};
use fincoach_forecast::{Forecast, Panel};
use fincoach_recommend::Recommendation;
use fincoach_segmentation::Assignment;

use super::stage::Stage;
use super::{DataSummary, Evaluation, Pipeline, advice, goal, page, segments, spending};
use crate::bundle::{Models, Notes, integration_guide};
use crate::{Bundle, Error, FeatureConfig};

/// What a run of a [`Pipeline`] gives: models in a bundle, answers for every user, figures and pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct PipelineRun {
    pub(super) bundle: Bundle,
    pub(super) evaluation: Evaluation,
    pub(super) table: FeatureTable,
    pub(super) assignments: Vec<Assignment>,
    pub(super) points: Array2<f64>,
    pub(super) recommendations: Vec<Recommendation>,
    pub(super) panel: Panel,
    pub(super) forecasts: Vec<Forecast>,
    pub(super) goal_probabilities: Vec<f64>,
    pub(super) spent: Vec<(Category, Money)>,
}

impl PipelineRun {
    /// Every model, ready to be saved.
    #[must_use]
    pub const fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The figures.
    #[must_use]
    pub const fn evaluation(&self) -> &Evaluation {
        &self.evaluation
    }

    /// The features, one row per user.
    #[must_use]
    pub const fn table(&self) -> &FeatureTable {
        &self.table
    }

    /// The segment of each user, in the order of the table.
    #[must_use]
    pub fn assignments(&self) -> &[Assignment] {
        &self.assignments
    }

    /// The users in two dimensions, `(n_users, 2)`.
    #[must_use]
    pub fn points(&self) -> ArrayView2<'_, f64> {
        self.points.view()
    }

    /// What to do for each user, in the order of the table.
    #[must_use]
    pub fn recommendations(&self) -> &[Recommendation] {
        &self.recommendations
    }

    /// Daily spending, the forecast's input.
    #[must_use]
    pub const fn panel(&self) -> &Panel {
        &self.panel
    }

    /// Spending of the coming days, per user, day and category.
    #[must_use]
    pub fn forecasts(&self) -> &[Forecast] {
        &self.forecasts
    }

    /// The probability that each user reaches the goal, in the order of the table.
    #[must_use]
    pub fn goal_probabilities(&self) -> &[f64] {
        &self.goal_probabilities
    }

    /// The money spent in each category over the whole ledger.
    #[must_use]
    pub fn spent(&self) -> &[(Category, Money)] {
        &self.spent
    }

    /// Pictures as SVG, by file name.
    ///
    /// # Errors
    /// [`Error::Report`] when one cannot be drawn.
    pub fn pictures(&self) -> Result<BTreeMap<&'static str, String>, Error> {
        page::draw(self)
    }

    /// One page with everything worth looking at, that needs no other file; `data` names what it is about, and
    /// `notes` are told beside the data, a paragraph each: what a reader of the figures should know of the source.
    ///
    /// # Errors
    /// As [`PipelineRun::pictures`].
    pub fn report_html(&self, data: &str, notes: &[String]) -> Result<String, Error> {
        page::write(self, data, notes)
    }
}

/// What the four stages gave.
struct Stages {
    segments: segments::Segments,
    advice: advice::Advice,
    spending: spending::Spending,
    goal: goal::Goal,
}

pub(super) fn run(
    pipeline: &Pipeline,
    ledger: &Ledger,
    progress: &mut dyn Progress,
) -> Result<PipelineRun, Error> {
    let (table, left_out) = features(pipeline, ledger, progress)?;
    let stages = stages(pipeline, (ledger, &table), progress)?;
    let data = data_summary(ledger, &table, left_out);
    gather(pipeline, stages, (ledger, table, data))
}

fn stages(
    pipeline: &Pipeline,
    (ledger, table): (&Ledger, &FeatureTable),
    progress: &mut dyn Progress,
) -> Result<Stages, Error> {
    let seeds = |stage: &str| (derived(pipeline.seed, stage), pipeline.n_seeds);
    let mut stage = Stage::begin("segmentation", progress);
    let segments = segments::find(&pipeline.segmentation, table, seeds("segmentation"), &mut stage)?;
    stage.end();
    let users = (table, segments.labels.as_slice());

    let mut stage = Stage::begin("recommend", progress);
    let grouped = (table, segments.labels.as_slice(), segments.model.n_segments());
    let advice = advice::learn((&pipeline.policy, &pipeline.rules), grouped, seeds("recommend"), &mut stage)?;
    stage.end();

    let mut stage = Stage::begin("forecast", progress);
    let spending = spending::predict(&pipeline.forecast, ledger, seeds("forecast"), &mut stage)?;
    stage.end();

    let mut stage = Stage::begin("goals", progress);
    let goal = goal::learn(&pipeline.goals, users, seeds("goals").0, &mut stage)?;
    stage.end();
    Ok(Stages { segments, advice, spending, goal })
}

/// Figures and models out of the stages, the models into a bundle.
fn gather(
    pipeline: &Pipeline,
    stages: Stages,
    (ledger, table, data): (&Ledger, FeatureTable, DataSummary),
) -> Result<PipelineRun, Error> {
    let Stages { segments, advice, spending, goal } = stages;
    let mut not_judged = BTreeMap::new();
    let mut skip = |name, reason| not_judged.insert(name, reason);
    let forecast = spending.evaluation.map_err(|reason| skip("forecast", reason)).ok();
    let goals = goal.evaluation.map_err(|reason| skip("goals", reason)).ok();
    let (segmentation, recommend, bandit) = (segments.evaluation, advice.agreement, advice.bandit);
    let evaluation = Evaluation { data, segmentation, recommend, bandit, forecast, goals, not_judged };
    let models = Models {
        features: FeatureConfig::new(pipeline.features.clone()),
        segmentation: segments.model,
        recommender: advice.recommender,
        forecaster: spending.forecaster,
        selection: spending.selection,
        goals: goal.model,
    };
    Ok(PipelineRun {
        bundle: pack(pipeline, models, &evaluation)?,
        evaluation,
        table,
        assignments: segments.assignments,
        points: segments.points,
        recommendations: advice.recommendations,
        panel: spending.panel,
        forecasts: spending.forecasts,
        goal_probabilities: goal.probabilities,
        spent: spent(ledger),
    })
}

fn features(
    pipeline: &Pipeline,
    ledger: &Ledger,
    progress: &mut dyn Progress,
) -> Result<(FeatureTable, Vec<String>), Error> {
    let stage = Stage::begin("features", progress);
    let features = pipeline.features.compute(ledger)?;
    let left_out: Vec<String> = features.left_out().iter().map(|left_out| left_out.user.clone()).collect();
    let n_users = features.table().n_rows();
    if n_users < Pipeline::MIN_USERS {
        return Err(Error::TooFewUsers { n_users, needed: Pipeline::MIN_USERS, left_out: left_out.len() });
    }
    stage.end();
    Ok((features.into_table(), left_out))
}

fn data_summary(ledger: &Ledger, table: &FeatureTable, left_out: Vec<String>) -> DataSummary {
    let days = || ledger.all().iter().map(|row| row.time);
    DataSummary {
        n_transactions: ledger.len(),
        n_users: table.n_rows(),
        n_left_out: left_out.len(),
        left_out,
        n_features: table.n_columns(),
        first: days().min().unwrap_or_default(),
        last: days().max().unwrap_or_default(),
    }
}

fn spent(ledger: &Ledger) -> Vec<(Category, Money)> {
    let mut sums = Category::ALL.map(|category| (category, Money::ZERO));
    let rows = ledger.all();
    for (row, (category, amount)) in rows.categories().iter().zip(rows.amounts()).enumerate() {
        if amount.is_negative() && rows.roles()[row] != Role::Transfer {
            sums[category.index()].1 -= *amount;
        }
    }
    sums.to_vec()
}

fn pack(pipeline: &Pipeline, models: Models, evaluation: &Evaluation) -> Result<Bundle, Error> {
    let stages = ["segmentation", "recommend", "forecast", "goals"];
    let notes = Notes {
        seeds: stages.map(|stage| (stage.to_owned(), derived(pipeline.seed, stage))).into(),
        provenance: pipeline.provenance.clone(),
        metrics: evaluation.headline(),
    };
    let guide = integration_guide(&models, &notes, evaluation);
    Ok(Bundle::new(models, notes, &guide)?)
}
