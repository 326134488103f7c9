//! The notebook's goals on the real features.

use fincoach::GoalStudyParams;
use fincoach::core::{FeatureTable, Silent};
use fincoach::goals::{
    Candidate, EvaluationParams, ForestParams, GoalExamples, NotebookColumns, NotebookLabels,
    RepeatedStratifiedFolds,
};

use super::data;

pub(crate) const TESTS: super::Tests = &[
    (
        "a forest learns the notebook formula better than the baselines",
        a_forest_learns_the_notebook_formula_better_than_the_baselines,
    ),
    (
        "savings goals of one account are told apart by what became of them",
        savings_goals_of_one_account_are_told_apart_by_what_became_of_them,
    ),
];

fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

/// Five seeds of 5 × 10 folds: accuracy, AUC, Brier and log loss of each candidate.
fn judge(features: &FeatureTable, columns: NotebookColumns) -> Vec<(Candidate, [(f64, f64); 4])> {
    let table = columns.take(features, &vec![0; features.n_rows()]).unwrap();
    let evaluations: Vec<_> = (0..5)
        .map(|seed| {
            let labels =
                NotebookLabels::default().with_columns(columns).with_seed(seed).label(features).unwrap();
            let examples = GoalExamples::new(table.clone(), labels).unwrap();
            EvaluationParams::default()
                .with_forest(ForestParams::default().with_seed(seed))
                .with_folds(RepeatedStratifiedFolds::default().with_seed(seed))
                .evaluate(&examples)
                .unwrap()
        })
        .collect();
    let figures = |candidate| {
        let over = |figure: fn(&fincoach::goals::ModelEvaluation) -> f64| {
            mean_and_sd(&evaluations.iter().map(|e| figure(e.model(candidate))).collect::<Vec<_>>())
        };
        [
            over(|model| model.accuracy().mean),
            over(|model| model.auc().mean),
            over(|model| model.brier().mean),
            over(|model| model.log_loss().mean),
        ]
    };
    Candidate::ALL.map(|candidate| (candidate, figures(candidate))).to_vec()
}

fn a_forest_learns_the_notebook_formula_better_than_the_baselines() {
    let features = data::golden_features("timeline");
    for columns in [NotebookColumns::ByName, NotebookColumns::ByPosition] {
        let figures = judge(&features, columns);
        let accuracy = |candidate: Candidate| figures[candidate as usize].1[0].0;
        let auc = figures[Candidate::Forest as usize].1[1].0;
        assert!(accuracy(Candidate::Forest) > accuracy(Candidate::Majority), "{columns:?}");
        assert!(auc > 0.65, "{columns:?}: {auc}");
    }
}

fn savings_goals_of_one_account_are_told_apart_by_what_became_of_them() {
    let ledger = data::notebook_ledger("one");
    let study = GoalStudyParams::default().with_n_needed(5).run_on(ledger, &mut Silent).unwrap();
    let report = study.report;
    let [learnt, later, judged] = &report.groups;
    // No goal is over later than the next group begins, and none runs beyond the bookings.
    assert!(learnt.from_until.1 < later.from_until.0 && later.from_until.1 < judged.from_until.0);
    assert_eq!(judged.n_censored, 0);
    assert!(learnt.n_goals > 200 && judged.n_goals > 100, "{:?}", report.groups);
    // One person: better than the base rate is all that can be asked.
    assert!(report.all.models[0].auc.value > 0.8, "{:?}", report.all.models[0].auc);
    assert!(report.all.model("base_rate").unwrap().brier_gain.value > 0.05);
}
