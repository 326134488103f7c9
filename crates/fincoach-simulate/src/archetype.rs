//! The five kinds of household.

use std::fmt;
use std::str::FromStr;

use fincoach_core::DataError;
use serde::{Deserialize, Serialize};

/// How a household deals with money: a distribution over its traits, not a template.
///
/// Neighbouring archetypes overlap: a thrifty impulse buyer spends less than a careless saver. The
/// distributions stand in `docs/models/simulate.md`.
///
/// # Examples
/// ```
/// use fincoach_simulate::Archetype;
/// assert_eq!(Archetype::ALL.len(), 5);
/// assert_eq!(Archetype::HighSpender.name(), "High Spenders");
/// assert_eq!("impulse_buyer".parse::<Archetype>()?, Archetype::ImpulseBuyer);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Archetype {
    /// Puts a fifth aside, spends little, keeps months of income in the account.
    ConservativeSaver,
    /// Spends all there is, soon after payday, in purchases of very different size.
    ImpulseBuyer,
    /// Saves and invests a steady share.
    GoalOriented,
    /// Has less income and watches every purchase.
    BudgetConscious,
    /// Earns much and spends it.
    HighSpender,
}

impl Archetype {
    /// Every archetype, in order.
    pub const ALL: [Self; 5] = [
        Self::ConservativeSaver,
        Self::ImpulseBuyer,
        Self::GoalOriented,
        Self::BudgetConscious,
        Self::HighSpender,
    ];

    /// The name people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConservativeSaver => "Conservative Savers",
            Self::ImpulseBuyer => "Impulse Buyers",
            Self::GoalOriented => "Goal-Oriented",
            Self::BudgetConscious => "Budget Conscious",
            Self::HighSpender => "High Spenders",
        }
    }

    /// The name used in files.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::ConservativeSaver => "conservative_saver",
            Self::ImpulseBuyer => "impulse_buyer",
            Self::GoalOriented => "goal_oriented",
            Self::BudgetConscious => "budget_conscious",
            Self::HighSpender => "high_spender",
        }
    }

    /// The position in [`Archetype::ALL`], 0 to 4.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    pub(crate) const fn profile(self) -> &'static Profile {
        &PROFILES[self.index()]
    }
}

impl fmt::Display for Archetype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Archetype {
    type Err = DataError;

    fn from_str(id: &str) -> Result<Self, DataError> {
        Self::ALL
            .into_iter()
            .find(|archetype| archetype.id() == id)
            .ok_or_else(|| DataError::unknown("archetype", id, Self::ALL.map(Self::id)))
    }
}

/// Mean and standard deviation of a normal distribution.
pub(crate) type Normal = (f64, f64);

/// Where the traits of an archetype's households are drawn from.
pub(crate) struct Profile {
    /// Median net income, pounds a month (log-normal).
    pub(crate) income: f64,
    /// Share of each pay that is put aside.
    pub(crate) saving_share: Normal,
    /// Share of what is left after fixed costs, groceries and saving that is meant to be spent.
    pub(crate) discretionary_rate: Normal,
    /// Logarithm of the price level of purchases; 0 is the real account's.
    pub(crate) price: Normal,
    /// How widely purchases differ in size; 1 is the real account's.
    pub(crate) spread: Normal,
    /// How much more is spent on payday than long after it, as a share.
    pub(crate) payday_effect: Normal,
    /// Share of purchases on Saturdays and Sundays.
    pub(crate) weekend_share: Normal,
    /// Median months of income in the account (log-normal).
    pub(crate) buffer_months: f64,
    /// Median arranged overdraft in pounds (log-normal, rounded to 100).
    pub(crate) overdraft: f64,
    /// Chances of being paid monthly, weekly and irregularly.
    pub(crate) pay_patterns: [f64; 3],
    /// Chance that card purchases are rounded up into savings.
    pub(crate) round_up: f64,
    /// Chance that a part of the saving is invested.
    pub(crate) invests: f64,
}

const PROFILES: [Profile; 5] = [
    Profile {
        income: 2950.0,
        saving_share: (0.22, 0.027),
        discretionary_rate: (0.72, 0.048),
        price: (-0.08, 0.084),
        spread: (0.96, 0.048),
        payday_effect: (0.25, 0.09),
        weekend_share: (0.31, 0.03),
        buffer_months: 2.6,
        overdraft: 150.0,
        pay_patterns: [0.85, 0.07, 0.08],
        round_up: 0.71,
        invests: 0.3,
    },
    Profile {
        income: 2450.0,
        saving_share: (0.035, 0.018),
        discretionary_rate: (1.1, 0.036),
        price: (0.0, 0.084),
        spread: (1.13, 0.06),
        payday_effect: (0.95, 0.15),
        weekend_share: (0.4, 0.036),
        buffer_months: 0.25,
        overdraft: 800.0,
        pay_patterns: [0.62, 0.2, 0.18],
        round_up: 0.5,
        invests: 0.1,
    },
    Profile {
        income: 3050.0,
        saving_share: (0.145, 0.021),
        discretionary_rate: (0.88, 0.036),
        price: (-0.02, 0.084),
        spread: (0.98, 0.048),
        payday_effect: (0.3, 0.09),
        weekend_share: (0.33, 0.03),
        buffer_months: 1.2,
        overdraft: 250.0,
        pay_patterns: [0.82, 0.08, 0.1],
        round_up: 0.75,
        invests: 0.6,
    },
    Profile {
        income: 2050.0,
        saving_share: (0.08, 0.018),
        discretionary_rate: (0.85, 0.036),
        price: (-0.18, 0.078),
        spread: (0.9, 0.048),
        payday_effect: (0.35, 0.09),
        weekend_share: (0.3, 0.03),
        buffer_months: 0.7,
        overdraft: 300.0,
        pay_patterns: [0.6, 0.28, 0.12],
        round_up: 0.6,
        invests: 0.2,
    },
    Profile {
        income: 4150.0,
        saving_share: (0.055, 0.021),
        discretionary_rate: (0.99, 0.03),
        price: (0.24, 0.084),
        spread: (1.06, 0.054),
        payday_effect: (0.6, 0.12),
        weekend_share: (0.37, 0.036),
        buffer_months: 0.8,
        overdraft: 1000.0,
        pay_patterns: [0.8, 0.03, 0.17],
        round_up: 0.55,
        invests: 0.35,
    },
];
