//! Goals of the caller's own, asked of the model of a study.

use fincoach_core::Ledger;
use fincoach_features::Imputer;
use fincoach_goals::{Goal, GoalOutcome, GoalTableParams, NeededSaving, NeededSavingParams, Refusal};
use serde::Serialize;

use super::GoalStudy;
use super::looked_at::LookedAt;
use crate::Error;

/// What it takes to ask a model of goals that were not part of its study.
pub(super) struct Asking {
    pub(super) look: GoalTableParams,
    pub(super) needed: NeededSavingParams,
    pub(super) imputer: Imputer,
}

/// What is said of a goal of one's own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OwnGoal {
    /// The goal.
    pub goal: Goal,
    /// Its probability and what it would take; or why nothing is said of it.
    pub answer: Result<NeededSaving, Refusal>,
    /// What became of it, as far as the bookings tell; `None` where nothing is said.
    pub outcome: Option<GoalOutcome>,
}

impl GoalStudy {
    /// What the model says of other goals, with the bookings of their users; in the order they were given.
    ///
    /// A study of [`GoalKinds::Save`](super::GoalKinds::Save) has learnt from no other kind.
    ///
    /// # Errors
    /// What features and the search may say. Goals of which nothing can be said are no errors.
    pub fn ask(&self, ledger: &Ledger, goals: &[Goal]) -> Result<Vec<OwnGoal>, Error> {
        let Asking { look, needed, imputer } = &self.asking;
        // First which goals can be spoken of: snapshots of a user before the first booking do not exist.
        let first = look.look(ledger, goals)?;
        let mut refused = first.refused().iter();
        let rows = match first.goals() {
            [] => None,
            kept => Some(LookedAt::new(ledger.clone(), kept, look)?.complete(imputer)?),
        };
        let mut place = 0;
        let mut own = Vec::new();
        for goal in goals {
            let known = rows.as_ref().filter(|rows| rows.goals().get(place) == Some(goal));
            if let Some(rows) = known {
                let row = rows.table().take(&[place])?;
                let found = needed.search((look, ledger, goal), &self.model, &row)?;
                let outcome = Some(rows.outcomes()[place]);
                own.push(OwnGoal { goal: goal.clone(), answer: Ok(found), outcome });
                place += 1;
            } else if let Some(refused) = refused.next() {
                own.push(OwnGoal { goal: goal.clone(), answer: Err(refused.refusal), outcome: None });
            }
        }
        Ok(own)
    }
}
