//! What would have been served at each origin of the past.

use std::ops::Range;

use fincoach_core::DataError;

use super::ServingParams;
use crate::{Backtest, BlendWeights, Choice, Error};

/// The name of the blend among the models of a choice.
pub(super) const BLEND: &str = "blend";

/// The name of what is served among the models of a back-test.
pub(super) const SERVED: &str = "served";

/// How many of the models of a back-test are rules, and how many may be served at all; the rest are rivals.
#[derive(Clone, Copy)]
pub(super) struct Members {
    pub(super) rules: usize,
    pub(super) members: usize,
}

/// What some origins teach.
pub(super) struct Learned {
    pub(super) choices: Vec<Choice>,
    /// The weights of the blend.
    pub(super) blend: BlendWeights,
    /// These where the blend was chosen, elsewhere the chosen model alone.
    pub(super) weights: BlendWeights,
}

impl ServingParams {
    /// Weights from the earlier half of the first `known` origins, the best rules from all of them, and where something
    /// is better than these from the later half.
    pub(super) fn learn(&self, backtest: &Backtest, n: Members, known: usize) -> Result<Learned, Error> {
        let names: Vec<&str> = backtest.models()[..n.members].iter().map(String::as_str).collect();
        let half = known / 2;
        let rules = self.best_rules(&backtest.from_origins(0..known), 0..n.rules)?;
        let blend = BlendWeights::best(&backtest.from_origins(0..half), &names, self.loss)?;
        let later = backtest.from_origins(half..known).with_blend(BLEND, &blend)?;
        let candidates: Vec<&str> = names[n.rules..].iter().copied().chain([BLEND]).collect();
        let choose = |(target, rule): (&String, &String)| {
            later.choice(target, (&[rule.as_str()], &candidates), self.loss)
        };
        let choices: Vec<Choice> =
            backtest.targets().iter().zip(&rules).map(choose).collect::<Result<_, _>>()?;
        let weights = blend.or_alone(&choices)?;
        Ok(Learned { choices, blend, weights })
    }

    /// The later three quarters of a back-test with what would have been served then; with too few origins for
    /// that, with what is served now.
    pub(super) fn replay(&self, backtest: &Backtest, n: Members, now: &Learned) -> Result<Backtest, Error> {
        let (n_origins, wait) = (backtest.origins().len(), backtest.wait());
        let mut replayed = backtest.from_origins(0..0).with_blend(SERVED, &now.weights)?;
        for origin in n_origins / 4..n_origins {
            let known = (origin + 1).saturating_sub(wait);
            let weights = match self.learn(backtest, n, known) {
                Ok(then) => then.weights,
                Err(Error::Data(DataError::Empty { .. })) => now.weights.clone(),
                Err(error) => return Err(error),
            };
            let today = backtest.from_origins(origin..origin + 1);
            replayed.blocks.extend(today.with_blend(SERVED, &weights)?.blocks);
        }
        Ok(replayed)
    }

    /// Per target, the best rule of a back-test, the first of equals.
    pub(super) fn best_rules(&self, backtest: &Backtest, places: Range<usize>) -> Result<Vec<String>, Error> {
        let names: Vec<&str> = backtest.models()[places].iter().map(String::as_str).collect();
        let choices = backtest.choices(&names, &[], self.loss)?;
        Ok(choices.into_iter().map(|choice| choice.best_rule).collect())
    }
}

impl BlendWeights {
    /// These weights where the blend was chosen, elsewhere those of the chosen model alone.
    fn or_alone(&self, choices: &[Choice]) -> Result<Self, DataError> {
        let mut served: Vec<Choice> = choices.to_vec();
        let first = self.models().first().cloned().unwrap_or_default();
        for choice in served.iter_mut().filter(|choice| choice.served == BLEND) {
            choice.served.clone_from(&first);
        }
        let names: Vec<&str> = self.models().iter().map(String::as_str).collect();
        let alone = Self::serving(&served, &names)?;
        self.mixed_with(&alone, |target| choices[target].served == BLEND)
    }
}
