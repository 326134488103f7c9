//! Which arms may be chosen.

use fincoach_core::DataError;
use serde::{Deserialize, Serialize};

/// The arms that may be chosen at one moment: at least one.
///
/// # Examples
/// ```
/// use fincoach_core::{Action, ActionSet};
/// use fincoach_recommend::ArmSet;
/// let quiet = ArmSet::from_mask(&ActionSet::ALL.without(Action::SpendingAlert).mask())?;
/// assert_eq!(quiet.iter().collect::<Vec<_>>(), [0, 2, 3, 4]);
/// assert!(ArmSet::from_mask(&[false, false]).is_err());
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<bool>", into = "Vec<bool>")]
pub struct ArmSet(Vec<bool>);

impl ArmSet {
    /// Every one of `n_arms` arms.
    #[must_use]
    pub fn all(n_arms: usize) -> Self {
        // A set is never empty, so that no choice has to fail for want of arms.
        Self(vec![true; n_arms.max(1)])
    }

    /// The arms at whose place is `true`.
    ///
    /// # Errors
    /// [`DataError::Empty`] when there is none.
    pub fn from_mask(mask: &[bool]) -> Result<Self, DataError> {
        Self::try_from(mask.to_vec())
    }

    /// The same set without this arm.
    ///
    /// # Errors
    /// [`DataError::Empty`] when it was the only one.
    pub fn without(mut self, arm: usize) -> Result<Self, DataError> {
        if let Some(member) = self.0.get_mut(arm) {
            *member = false;
        }
        Self::try_from(self.0)
    }

    /// The number of arms there are, allowed or not.
    #[must_use]
    pub const fn n_arms(&self) -> usize {
        self.0.len()
    }

    /// The number of arms allowed; at least 1.
    #[must_use]
    pub fn n_allowed(&self) -> usize {
        self.iter().count()
    }

    /// Whether an arm is allowed.
    #[must_use]
    pub fn contains(&self, arm: usize) -> bool {
        self.0.get(arm).is_some_and(|member| *member)
    }

    /// The allowed arms, lowest first.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.0.len()).filter(|arm| self.0[*arm])
    }
}

impl TryFrom<Vec<bool>> for ArmSet {
    type Error = DataError;

    fn try_from(mask: Vec<bool>) -> Result<Self, DataError> {
        if mask.contains(&true) { Ok(Self(mask)) } else { Err(DataError::Empty { what: "allowed arms" }) }
    }
}

impl From<ArmSet> for Vec<bool> {
    fn from(set: ArmSet) -> Self {
        set.0
    }
}
