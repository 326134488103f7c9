//! The choices that parameters of a forest take.

use fincoach_core::ParamError;
use serde::{Deserialize, Serialize};

/// How many columns a node looks at, drawn anew for every node.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MaxFeatures {
    /// The root of the number of columns, rounded down.
    Sqrt,
    /// All columns.
    All,
    /// This many, at least 1 and at most all.
    Count(usize),
    /// This share of the columns, in `(0, 1]`, rounded down, at least one.
    Share(f64),
}

/// Which rows a tree learns from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// Draws with replacement, `bootstrap_share` times as many as there are rows.
    Bootstrap,
    /// Every row once.
    AllRows,
}

/// How much each outcome counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClassWeight {
    /// Every row counts 1.
    Equal,
    /// Each outcome counts the same in sum: a row counts `n_rows / (2 · rows of its outcome)`. Probabilities
    /// are then those of a world where half of all goals are reached.
    Balanced,
    /// These weights, above 0. Weights of 1 and 2 give the splits and probabilities of data in which every
    /// reached goal stands twice, but for `min_samples_*`, which count draws.
    Given {
        /// Weight of a missed goal.
        missed: f64,
        /// Weight of a reached goal.
        reached: f64,
    },
}

impl ClassWeight {
    pub(super) fn check(self) -> Result<(), ParamError> {
        let Self::Given { missed, reached } = self else { return Ok(()) };
        // Below 1e-100 or above 1e100 the squares of the impurity leave the numbers there are.
        let allowed = |weight: f64| (1e-100..=1e100).contains(&weight);
        ParamError::ensure(allowed(missed), "class_weight", "from 1e-100 to 1e100", missed)?;
        ParamError::ensure(allowed(reached), "class_weight", "from 1e-100 to 1e100", reached)
    }
}

/// Where a split may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Splitter {
    /// [`Splitter::Exact`] up to 10,000 rows, [`Splitter::Histogram`] above.
    Auto,
    /// Between any two neighbouring values.
    Exact,
    /// Between any two neighbouring bins. Values of a column are put into at most `max_bins` bins of about equal
    /// numbers of rows; a column with no more distinct values than that has one bin for each.
    Histogram,
}

/// Rows above which [`Splitter::Auto`] takes bins: below, an exact fit of 100 trees takes under a second.
const MOST_EXACT_ROWS: usize = 10_000;

impl Splitter {
    /// The splitter itself, or what `Auto` means for so many rows.
    pub(super) const fn resolved(self, n_rows: usize) -> Self {
        match self {
            Self::Auto if n_rows > MOST_EXACT_ROWS => Self::Histogram,
            Self::Auto => Self::Exact,
            chosen => chosen,
        }
    }
}

/// How the probability may change when one column rises and all others stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Monotone {
    /// It never falls.
    Rising,
    /// It never rises.
    Falling,
}
