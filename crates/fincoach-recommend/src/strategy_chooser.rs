//! Who is answered by which strategy.

use fincoach_core::artifact::{from_json, to_json};
use fincoach_core::{Artifact, ArtifactError, DataError};
use serde::{Deserialize, Serialize};

use crate::{Bandit as _, BanditContext, Error, MaskRules, Online, Strategy, StrategyBandit};

/// Chooses the strategy by which each user is answered, and learns from what came of it: rules on what may be said,
/// the context of a decision, and the bandit in service with the decisions that wait for feedback.
///
/// Everything of a [`Recommender`](crate::Recommender) that changes while it serves is in here: save it, with the log, and
/// a service that stopped goes on where it was.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `rules` | none | | what may not be said, see [`MaskRules::usual`] |
/// | `min_propensity` | 0 | `[0, 1/5]` | the least probability of each strategy, so that others can be judged from the log |
/// | `expiry` | none | `≥ 1` | for how many later decisions one waits for its feedback |
///
/// # Examples
/// ```
/// use fincoach_core::Artifact;
/// use fincoach_recommend::{LinThompson, MaskRules, StrategyChooser};
/// let bandit = LinThompson::new(5, 1)?.with_noise(0.5)?.with_forgetting(0.999)?;
/// let chooser = StrategyChooser::new(bandit, None)?
///     .with_rules(MaskRules::usual())
///     .with_min_propensity(0.02)?;
/// assert_eq!(StrategyChooser::from_bytes(&chooser.to_bytes()?)?, chooser);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StrategyChooser {
    rules: MaskRules,
    context: Option<BanditContext>,
    online: Online<StrategyBandit>,
}

impl StrategyChooser {
    /// A chooser that begins its service; without a context all users are alike to it (an intercept alone).
    ///
    /// # Errors
    /// [`Error::Data`] when the bandit has not one arm a strategy or reads contexts of another length.
    pub fn new(bandit: impl Into<StrategyBandit>, context: Option<BanditContext>) -> Result<Self, Error> {
        Self::of_online(Online::new(bandit.into()), context)
    }

    fn of_online(online: Online<StrategyBandit>, context: Option<BanditContext>) -> Result<Self, Error> {
        DataError::ensure_len("arms of the bandit", Strategy::ALL.len(), online.bandit().n_arms())?;
        let length = context.as_ref().map_or(1, BanditContext::len);
        let read = online.bandit().context_len().unwrap_or(length);
        DataError::ensure_len("numbers of the context", read, length)?;
        Ok(Self { rules: MaskRules::default(), context, online })
    }

    /// Sets the rules on what may be said.
    #[must_use]
    pub fn with_rules(self, rules: MaskRules) -> Self {
        Self { rules, ..self }
    }

    /// Sets the least probability of each strategy.
    ///
    /// # Errors
    /// As [`Online::with_min_propensity`].
    pub fn with_min_propensity(self, min_propensity: f64) -> Result<Self, Error> {
        Ok(Self { online: self.online.with_min_propensity(min_propensity)?, ..self })
    }

    /// Sets for how many later decisions one waits for its feedback; `None` for ever.
    ///
    /// # Errors
    /// As [`Online::with_expiry`].
    pub fn with_expiry(self, expiry: Option<u64>) -> Result<Self, Error> {
        Ok(Self { online: self.online.with_expiry(expiry)?, ..self })
    }

    /// What may not be said.
    #[must_use]
    pub const fn rules(&self) -> &MaskRules {
        &self.rules
    }

    /// What of a user the bandit looks at.
    #[must_use]
    pub const fn context(&self) -> Option<&BanditContext> {
        self.context.as_ref()
    }

    /// What has been learnt.
    #[must_use]
    pub const fn bandit(&self) -> &StrategyBandit {
        self.online.bandit()
    }

    /// The bandit in service: its decisions, and which of them wait for feedback.
    #[must_use]
    pub const fn online(&self) -> &Online<StrategyBandit> {
        &self.online
    }

    pub(crate) const fn online_mut(&mut self) -> &mut Online<StrategyBandit> {
        &mut self.online
    }
}

impl Artifact for StrategyChooser {
    const KIND: &'static str = "strategy_chooser";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        let online = serde_json::from_slice(&self.online.to_bytes()?)
            .map_err(|error| ArtifactError::Unwritable { kind: Self::KIND, reason: error.to_string() })?;
        let (rules, context) = (self.rules.clone(), self.context.clone());
        to_json::<Self, _>(&Repr { rules, context, online })
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let Repr { rules, context, online } = from_json::<Self, Repr>(bytes)?;
        let online = Online::from_bytes(online.to_string().as_bytes())?;
        let chooser = Self::of_online(online, context)
            .map_err(|error| ArtifactError::Damaged { kind: Self::KIND, reason: error.to_string() })?;
        Ok(chooser.with_rules(rules))
    }
}

/// The form on disk; the bandit in service is a file of its own inside.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    rules: MaskRules,
    context: Option<BanditContext>,
    online: serde_json::Value,
}
