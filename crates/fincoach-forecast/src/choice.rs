//! Rule or model: what is served for each target, and why.

use std::fmt;

use fincoach_core::DataError;
use fincoach_core::ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::{Backtest, BlendWeights, Error, Scope, ScoreLoss, Skill};

/// Level of the interval that has to lie above 0 before a model takes a rule's place.
const LEVEL: f64 = 0.8;

/// Why a target is served as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The model is better than the best rule, and the interval of its skill lies above 0.
    ModelIsBetter,
    /// The model is better, but by no more than chance may give: the rule serves.
    NotShown,
    /// No model is better than the best rule, which serves.
    RuleIsBetter,
    /// There is no model.
    NoModel,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ModelIsBetter => "the model is better than every rule",
            Self::NotShown => "the model's lead over the best rule may be chance",
            Self::RuleIsBetter => "no model is better than the best rule",
            Self::NoModel => "there is no model",
        })
    }
}

/// What serves one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Choice {
    /// The category or `total`.
    pub target: String,
    /// The best rule of the back-test.
    pub best_rule: String,
    /// The best model of the back-test, if there is one.
    pub best_model: Option<String>,
    /// The skill of that model against that rule; `None` also where the rule made no error and the model did.
    pub skill: Option<Skill>,
    /// What serves.
    pub served: String,
    /// Why.
    pub reason: Reason,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} is served; {}", self.target, self.served, self.reason)?;
        match (&self.skill, &self.best_model) {
            (Some(Skill { skill, low, high, .. }), Some(model)) => write!(
                f,
                " ({model} against {}: {:+.1} %, {:+.1} to {:+.1} %)",
                self.best_rule,
                100.0 * skill,
                100.0 * low,
                100.0 * high
            ),
            _ => Ok(()),
        }
    }
}

impl Backtest {
    /// What to serve for each target: the best model where its lead over the best rule is shown (the 80 %
    /// interval of its skill lies above 0), else the best rule. Of equals the first of the list.
    ///
    /// # Errors
    /// [`Error::Data`] for unknown names, no rule, or models and no forecasts to compare them by.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{chrono::NaiveDate, ndarray::Array2};
    /// use fincoach_forecast::{BacktestParams, Panel, Plain, Reason, ScoreLoss, Series};
    /// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    /// let spent = Array2::from_shape_fn((140, 1), |(day, _)| if day % 7 == 5 { 30.0 } else { 0.0 });
    /// let panel = Panel::new(vec!["groceries".into()], vec![Series::new("anna", monday, spent)?])?;
    /// let backtest = BacktestParams::default().run(&panel, &[&Plain::Zero, &Plain::SeasonalNaive, &Plain::Ses])?;
    /// let choices = backtest.choices(&["zero", "seasonal_naive"], &["ses"], ScoreLoss::Squared)?;
    /// assert_eq!((choices[0].served.as_str(), choices[0].reason), ("seasonal_naive", Reason::RuleIsBetter));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn choices(&self, rules: &[&str], models: &[&str], loss: ScoreLoss) -> Result<Vec<Choice>, Error> {
        self.targets().iter().map(|target| self.choice(target, (rules, models), loss)).collect()
    }

    pub(crate) fn choice(
        &self,
        target: &str,
        (rules, models): (&[&str], &[&str]),
        loss: ScoreLoss,
    ) -> Result<Choice, Error> {
        let scope = Scope::default().with_target(target);
        let rule = self.lowest(rules, &scope, loss)?.ok_or(DataError::Empty { what: "rules" })?;
        let best = self.lowest(models, &scope, loss)?;
        let skill = best.map(|model| self.skill([model, rule], &scope, (loss, LEVEL))).transpose()?;
        // Beside a rule without any error there is no share by which another is worse.
        let skill = skill.filter(|skill| skill.skill.is_finite());
        let (served, reason) = match (best, skill) {
            (Some(model), Some(skill)) if skill.is_shown() => (model, Reason::ModelIsBetter),
            (Some(_), Some(skill)) if skill.skill > 0.0 => (rule, Reason::NotShown),
            (Some(_), _) => (rule, Reason::RuleIsBetter),
            (None, _) => (rule, Reason::NoModel),
        };
        Ok(Choice {
            target: target.to_owned(),
            best_rule: rule.to_owned(),
            best_model: best.map(str::to_owned),
            skill,
            served: served.to_owned(),
            reason,
        })
    }

    /// The first of the models of lowest error.
    fn lowest<'a>(
        &self,
        models: &[&'a str],
        scope: &Scope,
        loss: ScoreLoss,
    ) -> Result<Option<&'a str>, DataError> {
        let mut best: Option<(f64, &str)> = None;
        for model in models {
            let all = self.forecasts(model, scope)?;
            let error: f64 = all.iter().map(|one| loss.of(one.actual, one.forecast)).sum();
            if best.is_none_or(|(least, _)| error < least) {
                best = Some((error, model));
            }
        }
        Ok(best.map(|(_, model)| model))
    }
}

impl BlendWeights {
    /// Weights by which each target is served by its own choice alone.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] for a choice that is not among the models.
    pub fn serving(choices: &[Choice], models: &[&str]) -> Result<Self, DataError> {
        let mut weights = Array2::zeros((choices.len(), models.len()));
        for (mut row, choice) in weights.rows_mut().into_iter().zip(choices) {
            let place = models.iter().position(|model| *model == choice.served).ok_or_else(|| {
                let known = models.iter().map(|model| (*model).to_owned()).collect();
                DataError::UnknownName { what: "model", name: choice.served.clone(), known }
            })?;
            row[place] = 1.0;
        }
        let targets = choices.iter().map(|choice| choice.target.clone()).collect();
        Self::new(models.iter().map(|model| (*model).to_owned()).collect(), targets, weights)
    }
}
