//! Rule or model: what the scores say of one category.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Measure, MethodScores};
use crate::Method;

/// Whether the LSTM beats every rule on the test days of one category, and what is served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Verdict {
    /// The category, or `total`.
    pub category: String,
    /// In what the methods are compared.
    pub measure: Measure,
    /// The rule that turned out best on the test days: a strict rival, since nobody knows it beforehand.
    pub best_rule: Method,
    /// Its error on the test days.
    pub best_rule_error: f64,
    /// Mean error of the LSTM over the seeds, on the test days; `None` without a model.
    pub lstm_error: Option<f64>,
    /// Standard deviation of that error over the seeds (divisor n - 1); `None` under two seeds.
    pub lstm_spread: Option<f64>,
    /// `1 - lstm_error / best_rule_error`: above 0 the LSTM is better; `None` where the rule is perfect.
    pub skill: Option<f64>,
    /// Seeds whose error is below that of every rule.
    pub n_seeds_better: usize,
    /// Whether the mean error over the seeds is below that of every rule.
    pub lstm_beats_every_rule: bool,
    /// What is served: the best method on the **validation** days, the first seed standing for the LSTM;
    /// of equals the rule, of equal rules the simplest.
    pub served: Method,
}

/// What a method scored at one place (a category or the total).
pub(super) struct Candidate<'a> {
    pub(super) scores: &'a MethodScores,
    pub(super) place: usize,
    pub(super) measure: Measure,
}

impl Candidate<'_> {
    fn test(&self) -> f64 {
        self.scores.test.all().nth(self.place).map_or(f64::INFINITY, |scores| scores.error(self.measure))
    }

    fn validation(&self) -> Option<f64> {
        let part = self.scores.validation.as_ref()?;
        part.all().nth(self.place).map(|scores| scores.error(self.measure))
    }
}

impl Verdict {
    pub(super) fn new(category: &str, rules: &[Candidate<'_>], lstm: &[Candidate<'_>]) -> Self {
        let measure = rules.first().map_or(Measure::Rmse, |rule| rule.measure);
        let best = lowest(rules.iter().map(|rule| (rule.scores.method, Some(rule.test()))));
        let (best_rule, best_rule_error) = best.unwrap_or((Method::Zero, f64::INFINITY));
        let errors: Vec<f64> = lstm.iter().map(Candidate::test).collect();
        let lstm_error = mean(&errors);
        let choice = rules.iter().chain(lstm.first()).map(|one| (one.scores.method, one.validation()));
        Self {
            category: category.to_owned(),
            measure,
            best_rule,
            best_rule_error,
            lstm_error,
            lstm_spread: spread(&errors),
            skill: lstm_error.filter(|_| best_rule_error > 0.0).map(|error| 1.0 - error / best_rule_error),
            n_seeds_better: errors.iter().filter(|error| **error < best_rule_error).count(),
            lstm_beats_every_rule: lstm_error.is_some_and(|error| error < best_rule_error),
            served: lowest(choice).map_or(Method::Mean, |(method, _)| method),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rule, name) = (self.best_rule, self.measure.name());
        write!(f, "{}: {} is served; ", self.category, self.served)?;
        let Some(error) = self.lstm_error else {
            return write!(f, "no model; {rule} is the best rule, {name} {:.2}", self.best_rule_error);
        };
        let does = if self.lstm_beats_every_rule { "beats every rule" } else { "does not beat every rule" };
        let spread = self.lstm_spread.unwrap_or(0.0);
        write!(f, "lstm {does}: {name} {error:.2} ± {spread:.2}, {rule} {:.2}", self.best_rule_error)
    }
}

/// The first of the lowest.
fn lowest(errors: impl Iterator<Item = (Method, Option<f64>)>) -> Option<(Method, f64)> {
    let known = errors.filter_map(|(method, error)| error.map(|error| (method, error)));
    known.fold(None, |best, one| match best {
        Some((_, error)) if error <= one.1 => best,
        _ => Some(one),
    })
}

#[expect(clippy::cast_precision_loss, reason = "numbers of seeds")]
fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[expect(clippy::cast_precision_loss, reason = "numbers of seeds")]
fn spread(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}
