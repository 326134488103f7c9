//! What would have been served at each origin of the past.

use fincoach_core::DataError;

use super::ServingParams;
use crate::blend::OF_PARTS;
use crate::{Backtest, BlendWeights, Choice, Error, Scope};

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
    /// is better than these from the later half; a target of which nothing came there is left to its rule.
    pub(super) fn learn(&self, backtest: &Backtest, n: Members, known: usize) -> Result<Learned, Error> {
        let names: Vec<&str> = backtest.models()[..n.members].iter().map(String::as_str).collect();
        let half = known / 2;
        let rules = self.best_rules(&backtest.from_origins(0..known), &backtest.models()[..n.rules])?;
        let blend = BlendWeights::best(&backtest.from_origins(0..half), &names, self.loss)?;
        let later = backtest.from_origins(half..known).with_blend(BLEND, &blend)?;
        let mut candidates: Vec<&str> = names[n.rules..].iter().copied().chain([BLEND]).collect();
        let choose = |later: &Backtest, candidates: &[&str], place: usize| {
            let (target, rule) = (&backtest.targets()[place], rules[place].as_str());
            let came = !later.forecasts(rule, &Scope::default().with_target(target))?.is_empty();
            later.choice(target, (&[rule], if came { candidates } else { &[] }), self.loss)
        };
        let total = rules.len().checked_sub(1).filter(|place| *place > 0);
        let of_now = |place: usize| if total == Some(place) { &[][..] } else { &candidates };
        let choices = (0..rules.len()).map(|place| choose(&later, of_now(place), place));
        let mut choices: Vec<Choice> = choices.collect::<Result<_, _>>()?;
        // The total may also be the sum of what the categories are served.
        if let Some(total) = total {
            let parts = blend.or_alone(&choices)?.with_total_of_parts();
            candidates.push(OF_PARTS);
            choices[total] = choose(&later.with_blend(OF_PARTS, &parts)?, &candidates, total)?;
        }
        let weights = blend.or_alone(&choices)?;
        Ok(Learned { choices, blend, weights })
    }

    /// For each origin from a first one on, the weights that would have been served then, as learnt from the same back-test with
    /// unusual values cut; before anything has come, the first rule's. Then those of now, for the days to come.
    pub(super) fn weights_then(
        &self,
        tamed: &Backtest,
        n: Members,
        (first, now): (usize, &Learned),
    ) -> Result<Vec<BlendWeights>, Error> {
        let then = |origin: usize| {
            let known = (origin + 1).saturating_sub(tamed.wait());
            Ok(self.learn(tamed, n, known)?.weights)
        };
        (first..tamed.origins().len()).map(then).chain([Ok(now.weights.clone())]).collect()
    }

    /// Per target, the best of these rules in a back-test, the first of equals.
    pub(super) fn best_rules(&self, backtest: &Backtest, rules: &[String]) -> Result<Vec<String>, Error> {
        let names: Vec<&str> = rules.iter().map(String::as_str).collect();
        let choices = backtest.choices(&names, &[], self.loss)?;
        Ok(choices.into_iter().map(|choice| choice.best_rule).collect())
    }
}

impl BlendWeights {
    /// These weights where the blend was chosen, elsewhere those of the chosen model alone.
    fn or_alone(&self, choices: &[Choice]) -> Result<Self, DataError> {
        let mut served: Vec<Choice> = choices.to_vec();
        let first = self.models().first().cloned().unwrap_or_default();
        for choice in served.iter_mut().filter(|choice| [BLEND, OF_PARTS].contains(&choice.served.as_str())) {
            choice.served.clone_from(&first);
        }
        let names: Vec<&str> = self.models().iter().map(String::as_str).collect();
        let alone = Self::serving(&served, &names)?;
        let weights = self.mixed_with(&alone, |target| choices[target].served == BLEND)?;
        let is_of_parts = choices.last().is_some_and(|choice| choice.served == OF_PARTS);
        Ok(if is_of_parts { weights.with_total_of_parts() } else { weights })
    }
}
