//! What serves days, or sums over the horizon, and how well it did.

use super::decisions::Decision;
use super::replay::SERVED;
use crate::{Backtest, BlendWeights, Choice, Conformal, Coverage, Error, Scope, ScoreLoss, Skill};

/// What serves the days of a panel, or the sums over the horizon; part of a [`Serving`](super::Serving).
#[derive(Clone, Debug)]
pub struct Served {
    pub(super) decision: Decision,
    pub(super) backtest: Backtest,
    pub(super) replayed: Backtest,
    pub(super) rules_before: Vec<String>,
    pub(super) rules_in_hindsight: Vec<String>,
    pub(super) loss: ScoreLoss,
    pub(super) coverage: Vec<Coverage>,
}

impl Served {
    /// What was decided.
    #[must_use]
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// What serves each target, and why.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        self.decision.choices()
    }

    /// What each model counts for in each target; the total may be the sum of the categories instead
    /// ([`BlendWeights::is_total_of_parts`]).
    #[must_use]
    pub const fn weights(&self) -> &BlendWeights {
        self.decision.weights()
    }

    /// The intervals.
    #[must_use]
    pub const fn intervals(&self) -> &Conformal {
        self.decision.intervals()
    }

    /// The back-test that everything was learnt from, with `blend` and `served` among its models.
    #[must_use]
    pub const fn backtest(&self) -> &Backtest {
        &self.backtest
    }

    /// The later half of the back-test, with `served` as it would have been served then.
    #[must_use]
    pub const fn replayed(&self) -> &Backtest {
        &self.replayed
    }

    /// Per target, the rule (the rival, where there are any) that was best on the earlier half, as far as what came then was
    /// usual ([`Backtest::tamed`]).
    #[must_use]
    pub fn rules_before(&self) -> &[String] {
        &self.rules_before
    }

    /// Per target, the rule (the rival) that turned out best on the later half itself, which nobody could know.
    #[must_use]
    pub fn rules_in_hindsight(&self) -> &[String] {
        &self.rules_in_hindsight
    }

    /// Per target, the skill on the later half of what would have been served, against the rule that was best on
    /// the earlier half, with an interval of a level. 0 where that rule is served itself.
    ///
    /// # Errors
    /// [`Error::Param`] for a level outside (0, 1); [`Error::Data`] where nothing came of a target on the later half.
    pub fn leads(&self, level: f64) -> Result<Vec<Skill>, Error> {
        self.leads_over(&self.rules_before, level)
    }

    /// The same against the rule that turned out best: harder than anybody could have done with rules.
    ///
    /// # Errors
    /// As there.
    pub fn leads_in_hindsight(&self, level: f64) -> Result<Vec<Skill>, Error> {
        self.leads_over(&self.rules_in_hindsight, level)
    }

    fn leads_over(&self, rules: &[String], level: f64) -> Result<Vec<Skill>, Error> {
        let lead = |(target, rule): (&String, &String)| {
            let scope = Scope::default().with_target(target);
            self.replayed.skill([SERVED, rule], &scope, (self.loss, level))
        };
        self.replayed.targets().iter().zip(rules).map(lead).collect()
    }

    /// How often the intervals held what came on the later half, calibrated at each origin from those known.
    #[must_use]
    pub fn coverage(&self) -> &[Coverage] {
        &self.coverage
    }
}
