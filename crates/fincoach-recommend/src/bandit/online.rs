//! Decisions that wait for their feedback.

use std::collections::BTreeMap;

use fincoach_core::artifact::{from_json, to_json};
use fincoach_core::rng::Rng;
use fincoach_core::{Artifact, ArtifactError, DataError, ParamError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{ArmSet, Bandit, contradiction, draw};
use crate::{Error, LoggedReward};

/// A choice and the number under which its feedback is to be reported.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ArmChoice {
    /// The number of the decision, counted from 0.
    pub id: u64,
    /// The arm, counted from 0.
    pub arm: usize,
    /// Probability with which this arm was chosen at that moment.
    pub propensity: f64,
}

/// A decision with all that was known when it was made, and what it brought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LoggedDecision {
    /// The number of the decision, counted from 0.
    pub id: u64,
    /// The context in which it was made.
    pub context: Vec<f64>,
    /// The arms that could be chosen.
    pub allowed: ArmSet,
    /// The arm that was.
    pub arm: usize,
    /// Probability with which it was.
    pub propensity: f64,
    /// What it brought.
    pub reward: f64,
}

/// A bandit in service: it numbers its decisions and remembers each until its feedback comes.
///
/// Feedback may come late, in any order and in batches. Each gives back the [`LoggedDecision`] that it
/// completes: these are the log for [`ips`](crate::ips) and its like (by [`logged_rewards`]), which the caller keeps where
/// logs are kept. All randomness is the caller's: one that draws decision `i` from a stream of its own
/// ([`stream`](fincoach_core::rng::stream)`(seed, online.n_decisions())`) can stop, save, load and go on as if it had not stopped.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `min_propensity` | 0 | `[0, 1/n_arms]` | the least probability of an allowed arm; of `k` allowed arms `pᵢ` becomes `m + (1 - k·m)·pᵢ` |
/// | `expiry` | none | `≥ 1` | for how many later decisions one waits for its feedback; then it is given up |
///
/// # Examples
/// ```
/// use fincoach_core::rng::stream;
/// use fincoach_recommend::{ArmSet, EpsilonGreedy, Online, Ucb1, ips, logged_rewards};
/// let mut online = Online::new(Ucb1::new(2)?).with_min_propensity(0.1)?;
/// let mut rng = stream(7, 0);
/// let first = online.choose(&[], &ArmSet::all(2), &mut rng)?;
/// let second = online.choose(&[], &ArmSet::all(2), &mut rng)?;
/// assert_eq!(online.n_pending(), 2);
///
/// let log = online.feedback_batch(&[(second.id, 1.0), (first.id, 0.0)])?;
/// assert_eq!((log[0].id, log[0].reward), (1, 1.0));
/// assert!(online.feedback(first.id, 0.0).is_err());
///
/// let coin = EpsilonGreedy::new(2, 1.0)?;
/// let judged = logged_rewards(&log, &coin)?;
/// assert_eq!(ips(&judged)?.n_decisions, 2);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Online<B> {
    bandit: B,
    min_propensity: f64,
    expiry: Option<u64>,
    n_decisions: u64,
    n_expired: u64,
    pending: BTreeMap<u64, Pending>,
}

/// A decision without its reward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pending {
    context: Vec<f64>,
    allowed: ArmSet,
    arm: usize,
    propensity: f64,
}

impl<B: Bandit> Online<B> {
    /// A bandit that starts its service.
    pub const fn new(bandit: B) -> Self {
        let pending = BTreeMap::new();
        Self { bandit, min_propensity: 0.0, expiry: None, n_decisions: 0, n_expired: 0, pending }
    }

    /// Sets the least probability of an allowed arm.
    ///
    /// # Errors
    /// [`ParamError`] outside `[0, 1/n_arms]`.
    pub fn with_min_propensity(mut self, min_propensity: f64) -> Result<Self, Error> {
        let most = 1.0 / self.bandit.n_arms() as f64;
        let ok = (0.0..=most).contains(&min_propensity);
        ParamError::ensure(ok, "min_propensity", "in [0, 1/n_arms]", min_propensity)?;
        self.min_propensity = min_propensity;
        Ok(self)
    }

    /// Sets for how many later decisions one waits for its feedback; `None` for ever.
    ///
    /// # Errors
    /// [`ParamError`] for 0.
    pub fn with_expiry(mut self, expiry: Option<u64>) -> Result<Self, Error> {
        ParamError::ensure(expiry != Some(0), "expiry", "at least 1", 0)?;
        self.expiry = expiry;
        Ok(self)
    }

    /// What has been learnt.
    pub const fn bandit(&self) -> &B {
        &self.bandit
    }

    /// The least probability of an allowed arm.
    pub const fn min_propensity(&self) -> f64 {
        self.min_propensity
    }

    /// For how many later decisions one waits for its feedback, if not for ever.
    pub const fn expiry(&self) -> Option<u64> {
        self.expiry
    }

    /// The number of decisions made.
    pub const fn n_decisions(&self) -> u64 {
        self.n_decisions
    }

    /// The number of decisions given up because no feedback came.
    pub const fn n_expired(&self) -> u64 {
        self.n_expired
    }

    /// The number of decisions that wait for feedback.
    pub fn n_pending(&self) -> usize {
        self.pending.len()
    }

    /// The numbers of the decisions that wait for feedback, oldest first.
    pub fn pending(&self) -> impl Iterator<Item = u64> + '_ {
        self.pending.keys().copied()
    }

    /// The probability with which each arm would be chosen now.
    ///
    /// # Errors
    /// As [`Bandit::probabilities`].
    pub fn probabilities(&self, context: &[f64], allowed: &ArmSet) -> Result<Vec<f64>, Error> {
        let mut probabilities = self.bandit.probabilities(context, allowed)?;
        let rest = 1.0 - self.min_propensity * allowed.n_allowed() as f64;
        for arm in allowed.iter() {
            probabilities[arm] = self.min_propensity + rest * probabilities[arm];
        }
        Ok(probabilities)
    }

    /// Chooses an arm and remembers the decision; draws one number.
    ///
    /// # Errors
    /// As [`Bandit::probabilities`]; nothing is remembered then.
    pub fn choose(&mut self, context: &[f64], allowed: &ArmSet, rng: &mut Rng) -> Result<ArmChoice, Error> {
        let probabilities = self.probabilities(context, allowed)?;
        Ok(self.choose_from(&probabilities, (context, allowed), rng))
    }

    /// The same with probabilities that are known already.
    pub(crate) fn choose_from(
        &mut self,
        probabilities: &[f64],
        (context, allowed): (&[f64], &ArmSet),
        rng: &mut Rng,
    ) -> ArmChoice {
        let decision = draw(probabilities, rng);
        let (id, arm, propensity) = (self.n_decisions, decision.arm, decision.propensity);
        let (context, allowed) = (context.to_vec(), allowed.clone());
        self.pending.insert(id, Pending { context, allowed, arm, propensity });
        self.n_decisions += 1;
        self.expire();
        ArmChoice { id, arm, propensity }
    }

    /// Learns what a decision brought, and gives back the whole of it.
    ///
    /// # Errors
    /// [`Error::UnknownDecision`] for one that does not wait for feedback; otherwise as [`Bandit::learn`], and the
    /// decision still waits.
    pub fn feedback(&mut self, id: u64, reward: f64) -> Result<LoggedDecision, Error> {
        let Some(pending) = self.pending.get(&id) else { return Err(self.unknown(id)) };
        self.bandit.learn(&pending.context, pending.arm, reward)?;
        let Some(pending) = self.pending.remove(&id) else { return Err(self.unknown(id)) };
        Ok(pending.with_reward(id, reward))
    }

    /// Learns what several decisions brought, in the order given: all of them, or none where there is an error.
    ///
    /// # Errors
    /// As [`Online::feedback`].
    pub fn feedback_batch(&mut self, rewards: &[(u64, f64)]) -> Result<Vec<LoggedDecision>, Error>
    where
        B: Clone,
    {
        let mut bandit = self.bandit.clone();
        let mut log: Vec<LoggedDecision> = Vec::with_capacity(rewards.len());
        let mut seen = std::collections::BTreeSet::new();
        for (id, reward) in rewards {
            let pending = self.pending.get(id).filter(|_| seen.insert(*id));
            let Some(pending) = pending else { return Err(self.unknown(*id)) };
            bandit.learn(&pending.context, pending.arm, *reward)?;
            log.push(pending.clone().with_reward(*id, *reward));
        }
        self.bandit = bandit;
        for id in seen {
            self.pending.remove(&id);
        }
        Ok(log)
    }

    const fn unknown(&self, id: u64) -> Error {
        Error::UnknownDecision { id, n_decisions: self.n_decisions }
    }

    /// The oldest decision that may still wait.
    fn oldest(&self) -> u64 {
        self.expiry.map_or(0, |expiry| self.n_decisions.saturating_sub(expiry.saturating_add(1)))
    }

    fn expire(&mut self) {
        let kept = self.pending.split_off(&self.oldest());
        self.n_expired += self.pending.len() as u64;
        self.pending = kept;
    }
}

impl Pending {
    fn with_reward(self, id: u64, reward: f64) -> LoggedDecision {
        let Self { context, allowed, arm, propensity } = self;
        LoggedDecision { id, context, allowed, arm, propensity, reward }
    }
}

/// A log as seen by a policy that is to be judged, for [`ips`](crate::ips) and [`snips`](crate::snips).
///
/// The policy is judged as it is, without learning from the log.
///
/// # Errors
/// As [`Bandit::probabilities`], and [`Error::UnknownArm`] for a decision for an arm that the policy does not have.
pub fn logged_rewards(log: &[LoggedDecision], policy: &impl Bandit) -> Result<Vec<LoggedReward>, Error> {
    let seen = |decision: &LoggedDecision| {
        let LoggedDecision { arm, propensity, reward, .. } = *decision;
        let probabilities = policy.probabilities(&decision.context, &decision.allowed)?;
        let n_arms = probabilities.len();
        let target = *probabilities.get(arm).ok_or(Error::UnknownArm { arm, n_arms })?;
        Ok(LoggedReward { reward, propensity, target: target.min(1.0) })
    };
    log.iter().map(seen).collect()
}

impl<B: Bandit + Artifact + Serialize + DeserializeOwned> Artifact for Online<B> {
    const KIND: &'static str = "online_bandit";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        let pending = self.pending.iter().map(|(id, pending)| (*id, pending.clone())).collect();
        let Self { bandit, min_propensity, expiry, n_decisions, n_expired, .. } = self;
        to_json::<Self, _>(&Repr {
            bandit_kind: B::KIND.to_owned(),
            bandit_format: B::FORMAT,
            bandit,
            min_propensity: *min_propensity,
            expiry: *expiry,
            n_decisions: *n_decisions,
            n_expired: *n_expired,
            pending,
        })
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let repr: Repr<serde_json::Value> = from_json::<Self, _>(bytes)?;
        fincoach_core::artifact::check_head::<B>(&repr.bandit_kind, repr.bandit_format)?;
        let damaged = |reason: String| ArtifactError::Damaged { kind: Self::KIND, reason };
        let bandit =
            serde_json::from_value(repr.bandit.clone()).map_err(|error| damaged(error.to_string()))?;
        Self::restored(bandit, repr).map_err(|error| damaged(error.to_string()))
    }
}

impl<B: Bandit> Online<B> {
    fn restored(bandit: B, repr: Repr<serde_json::Value>) -> Result<Self, Error> {
        let mut online =
            Self::new(bandit).with_min_propensity(repr.min_propensity)?.with_expiry(repr.expiry)?;
        (online.n_decisions, online.n_expired) = (repr.n_decisions, repr.n_expired);
        let n_pending = repr.pending.len();
        online.pending = repr.pending.into_iter().collect();
        DataError::ensure_len("numbers of pending decisions", n_pending, online.n_pending())?;
        let oldest = online.oldest();
        for (id, pending) in &online.pending {
            pending.ensure(&online.bandit)?;
            if *id >= online.n_decisions || *id < oldest {
                return Err(contradiction(format!("decision {id} cannot be pending")));
            }
        }
        if online.n_expired.checked_add(n_pending as u64).is_none_or(|sum| sum > online.n_decisions) {
            return Err(contradiction("more decisions are pending or expired than were made"));
        }
        Ok(online)
    }
}

impl Pending {
    fn ensure<B: Bandit>(&self, bandit: &B) -> Result<(), Error> {
        super::ensure_allowed(&self.allowed, bandit.n_arms())?;
        super::ensure_context(&self.context, bandit.context_len().unwrap_or(self.context.len()))?;
        if self.allowed.contains(self.arm) && self.propensity > 0.0 && self.propensity <= 1.0 {
            return Ok(());
        }
        Err(contradiction(format!("a pending decision for arm {} cannot have been made", self.arm)))
    }
}

/// The form on disk; the bandit is checked against its own kind and format before it is read.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr<B> {
    bandit_kind: String,
    bandit_format: u32,
    bandit: B,
    min_propensity: f64,
    expiry: Option<u64>,
    n_decisions: u64,
    n_expired: u64,
    pending: Vec<(u64, Pending)>,
}
