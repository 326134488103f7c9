//! Where a household's chance comes from.

use fincoach_core::rng::{self, Rng};

/// What a stream of chance is for; each has numbers of its own, so that no use shifts another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Traits, habits and everything of a week but its purchases.
    Life,
    /// The week's discretionary purchases.
    Purchases,
    /// How the week's action is taken.
    Response,
    /// What a coach draws.
    Coach,
}

/// Weeks of one household; the longest simulation has 5,218.
const WEEKS: u64 = 1 << 14;

/// The luck of one household: every week has its own streams, so that what was done in one week changes
/// nothing of the chance of another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Luck {
    seed: u64,
    household: u64,
}

impl Luck {
    pub(crate) const fn new(seed: u64, household: u64) -> Self {
        Self { seed, household }
    }

    /// The stream from which traits and habits are drawn.
    pub(crate) fn birth(self) -> Rng {
        self.stream(WEEKS - 1, Lane::Life)
    }

    /// The stream of one week's lane.
    pub(crate) fn week(self, week: u64, lane: Lane) -> Rng {
        self.stream(week % (WEEKS - 1), lane)
    }

    fn stream(self, week: u64, lane: Lane) -> Rng {
        rng::stream(self.seed, (self.household.wrapping_mul(WEEKS) + week).wrapping_mul(4) + lane as u64)
    }

    /// Other luck from the next week on.
    pub(crate) fn fresh(self, salt: u64) -> Self {
        Self { seed: rng::stream(self.seed, salt ^ 0x5eed_0f1c_0ffe_e000).bits(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_streams_are_one() {
        let mut firsts = std::collections::BTreeSet::new();
        for household in 0..5 {
            let luck = Luck::new(3, household);
            firsts.insert(luck.birth().bits());
            for week in 0..20 {
                for lane in [Lane::Life, Lane::Purchases, Lane::Response, Lane::Coach] {
                    firsts.insert(luck.week(week, lane).bits());
                }
            }
        }
        assert_eq!(firsts.len(), 5 * (1 + 20 * 4));
    }

    #[test]
    fn fresh_luck_is_other_luck() {
        let luck = Luck::new(3, 1);
        assert_ne!(luck.fresh(1), luck.fresh(2));
        assert_ne!(luck.fresh(1).week(0, Lane::Life), luck.week(0, Lane::Life));
        assert_eq!(luck.fresh(1), luck.fresh(1));
    }
}
