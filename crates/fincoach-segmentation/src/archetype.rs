//! The five archetypes and the directions in which a segment leans towards each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A way of handling money that a segment can be named after.
///
/// | archetype | leans towards (weight) |
/// | --- | --- |
/// | Conservative Savers | high `savings_rate` (1), high `emergency_fund_ratio` (1), low `total_spending` (½), low `large_transaction_ratio` (½), low `spending_volatility` (½) |
/// | Impulse Buyers | high `impulse_buying_score` (1), high `transaction_count` (½), high `shopping_spending` (½), high `entertainment_spending` (½), high `category_diversity` (½) |
/// | Goal-Oriented | high `savings_consistency` (1), high `savings_spending` (1), high `savings_rate` (½) |
/// | Budget Conscious | low `total_spending` (1), low `spending_volatility` (1), high `spending_consistency` (½), low `impulse_buying_score` (½) |
/// | High Spenders | high `total_spending` (1), high `spending_velocity` (½), high `spending_volatility` (½), high `large_transaction_ratio` (½) |
///
/// A table of schema v2 has its counterparts in their place: `saving_rate`, `buffer_days`, `spending`,
/// `large_purchase_share`, `purchase_deviation`, `rapid_purchase_share`, `category_entropy`, `put_aside_rate`,
/// `put_aside` and `spending_per_day`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Archetype {
    /// Keeps a buffer and spends less than comes in.
    ConservativeSavers,
    /// Buys often and in quick succession.
    ImpulseBuyers,
    /// Puts money aside steadily.
    GoalOriented,
    /// Spends little and evenly.
    BudgetConscious,
    /// Spends much, and in large amounts.
    HighSpenders,
}

impl Archetype {
    /// All archetypes.
    pub const ALL: [Self; 5] = [
        Self::ConservativeSavers,
        Self::ImpulseBuyers,
        Self::GoalOriented,
        Self::BudgetConscious,
        Self::HighSpenders,
    ];

    /// The name, for example `Conservative Savers`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConservativeSavers => "Conservative Savers",
            Self::ImpulseBuyers => "Impulse Buyers",
            Self::GoalOriented => "Goal-Oriented",
            Self::BudgetConscious => "Budget Conscious",
            Self::HighSpenders => "High Spenders",
        }
    }

    /// Columns with their weights; a negative weight wants low values.
    pub(crate) const fn direction(self) -> &'static [(&'static str, f64)] {
        match self {
            Self::ConservativeSavers => &[
                ("savings_rate", 1.0),
                ("emergency_fund_ratio", 1.0),
                ("total_spending", -0.5),
                ("large_transaction_ratio", -0.5),
                ("spending_volatility", -0.5),
            ],
            Self::ImpulseBuyers => &[
                ("impulse_buying_score", 1.0),
                ("transaction_count", 0.5),
                ("shopping_spending", 0.5),
                ("entertainment_spending", 0.5),
                ("category_diversity", 0.5),
            ],
            Self::GoalOriented => {
                &[("savings_consistency", 1.0), ("savings_spending", 1.0), ("savings_rate", 0.5)]
            }
            Self::BudgetConscious => &[
                ("total_spending", -1.0),
                ("spending_volatility", -1.0),
                ("spending_consistency", 0.5),
                ("impulse_buying_score", -0.5),
            ],
            Self::HighSpenders => &[
                ("total_spending", 1.0),
                ("spending_velocity", 0.5),
                ("spending_volatility", 0.5),
                ("large_transaction_ratio", 0.5),
            ],
        }
    }
}

/// The column of schema v2 that stands for one of schema v1.
pub(crate) fn in_schema_v2(column: &str) -> Option<&'static str> {
    Some(match column {
        "savings_rate" => "saving_rate",
        "emergency_fund_ratio" => "buffer_days",
        "total_spending" => "spending",
        "large_transaction_ratio" => "large_purchase_share",
        "spending_volatility" => "purchase_deviation",
        "impulse_buying_score" => "rapid_purchase_share",
        "category_diversity" => "category_entropy",
        "savings_consistency" => "put_aside_rate",
        "savings_spending" => "put_aside",
        "spending_velocity" => "spending_per_day",
        _ => return None,
    })
}

impl fmt::Display for Archetype {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
