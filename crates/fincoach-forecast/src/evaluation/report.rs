//! All scores side by side.

use serde::{Deserialize, Serialize};

use super::verdict::Candidate;
use super::{EvaluationParams, MethodScores, Verdict};
use crate::{Panel, Selection};

/// Scores of every rule and of the LSTM over its seeds, on the same days, and what follows from them.
///
/// Made by [`EvaluationParams::evaluate`]; written as JSON it is the forecast's page of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    params: EvaluationParams,
    n_users: usize,
    categories: Vec<String>,
    rules: Vec<MethodScores>,
    lstm: Vec<MethodScores>,
    served: Option<MethodScores>,
    verdicts: Vec<Verdict>,
    total: Verdict,
}

impl Evaluation {
    pub(super) fn new(
        params: &EvaluationParams,
        panel: &Panel,
        rules: Vec<MethodScores>,
        lstm: Vec<MethodScores>,
    ) -> Self {
        let verdict = |name: &str, place| {
            let at = |scores| Candidate { scores, place, measure: params.measure() };
            let (rules, lstm): (Vec<_>, Vec<_>) =
                (rules.iter().map(at).collect(), lstm.iter().map(at).collect());
            Verdict::new(name, &rules, &lstm)
        };
        let categories = panel.categories().to_vec();
        let verdicts = categories.iter().enumerate().map(|(place, name)| verdict(name, place)).collect();
        let total = verdict("total", categories.len());
        let (params, n_users) = (params.clone(), panel.n_users());
        Self { params, n_users, categories, rules, lstm, served: None, verdicts, total }
    }

    pub(super) fn set_served(&mut self, served: MethodScores) {
        self.served = Some(served);
    }

    /// How it was made.
    #[must_use]
    pub const fn params(&self) -> &EvaluationParams {
        &self.params
    }

    /// Users of the panel.
    #[must_use]
    pub const fn n_users(&self) -> usize {
        self.n_users
    }

    /// The categories, in the order of all scores.
    #[must_use]
    pub fn categories(&self) -> &[String] {
        &self.categories
    }

    /// Scores of the rules, in the order of [`Rule::ALL`](crate::Rule::ALL).
    #[must_use]
    pub fn rules(&self) -> &[MethodScores] {
        &self.rules
    }

    /// Scores of the LSTM, one per seed.
    #[must_use]
    pub fn lstm(&self) -> &[MethodScores] {
        &self.lstm
    }

    /// Scores of what is served: the method chosen for each category.
    #[must_use]
    pub const fn served(&self) -> Option<&MethodScores> {
        self.served.as_ref()
    }

    /// Rule or model, per category.
    #[must_use]
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// Rule or model, for the day's total. What is served for the total is the sum of the categories; the
    /// `served` here names the method that is best on the total by itself.
    #[must_use]
    pub const fn total(&self) -> &Verdict {
        &self.total
    }

    /// The method to serve for each category.
    #[must_use]
    pub fn selection(&self) -> Selection {
        Selection::new(self.verdicts.iter().map(|verdict| (verdict.category.clone(), verdict.served)))
    }
}
