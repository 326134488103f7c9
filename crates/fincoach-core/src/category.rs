//! The eleven standard categories.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::DataError;

/// What money was spent on or came from; the order is the order of feature columns and panel channels.
///
/// # Examples
/// ```
/// use fincoach_core::Category;
/// assert_eq!(Category::ALL.len(), 11);
/// assert_eq!("dine_out".parse::<Category>()?, Category::DineOut);
/// assert_eq!(Category::Other.index(), 10);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Category {
    /// Food and household goods.
    Groceries,
    /// Restaurants, cafés, take-away.
    DineOut,
    /// Film, music, games, events.
    Entertainment,
    /// Rent, mortgage, utilities, phone.
    Bills,
    /// Travel and commuting.
    Transport,
    /// Goods that are not food.
    Shopping,
    /// Health and insurance.
    Health,
    /// Sport.
    Fitness,
    /// Money put aside.
    Savings,
    /// Salary and other money in.
    Income,
    /// All the rest.
    #[default]
    Other,
}

impl Category {
    /// Every category, in order.
    pub const ALL: [Self; 11] = [
        Self::Groceries,
        Self::DineOut,
        Self::Entertainment,
        Self::Bills,
        Self::Transport,
        Self::Shopping,
        Self::Health,
        Self::Fitness,
        Self::Savings,
        Self::Income,
        Self::Other,
    ];

    /// The name used in columns and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Groceries => "groceries",
            Self::DineOut => "dine_out",
            Self::Entertainment => "entertainment",
            Self::Bills => "bills",
            Self::Transport => "transport",
            Self::Shopping => "shopping",
            Self::Health => "health",
            Self::Fitness => "fitness",
            Self::Savings => "savings",
            Self::Income => "income",
            Self::Other => "other",
        }
    }

    /// The position in [`Category::ALL`], 0 to 10.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Category {
    type Err = DataError;

    fn from_str(name: &str) -> Result<Self, DataError> {
        Self::ALL
            .into_iter()
            .find(|category| category.name() == name)
            .ok_or_else(|| DataError::unknown("category", name, Self::ALL.map(Self::name)))
    }
}
