//! Which rows of an export are booked.

use serde::{Deserialize, Serialize};

use crate::Column;

/// The column that says whether a row is booked, and its words.
///
/// Rows that are not booked do not reach the ledger; they are counted and listed. Case and spaces around a word
/// do not count.
///
/// # Examples
/// ```
/// use fincoach_transform::StatusRule;
/// let rule = StatusRule::new("State", ["COMPLETED"]).with_not_booked(["PENDING", "REVERTED"]);
/// assert_eq!(rule.booked(), ["COMPLETED"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRule {
    column: Column,
    booked: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    not_booked: Vec<String>,
}

impl StatusRule {
    /// The rule that rows with one of these words are booked and all others are not.
    #[must_use]
    pub fn new<W: Into<String>>(column: impl Into<Column>, booked: impl IntoIterator<Item = W>) -> Self {
        let booked = booked.into_iter().map(Into::into).collect();
        Self { column: column.into(), booked, not_booked: Vec::new() }
    }

    /// Names the words of rows that are not booked; a word in neither list is then an unreadable row.
    #[must_use]
    pub fn with_not_booked<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.not_booked = words.into_iter().map(Into::into).collect();
        self
    }

    /// The column that says it.
    #[must_use]
    pub const fn column(&self) -> &Column {
        &self.column
    }

    /// The words of rows that are booked.
    #[must_use]
    pub fn booked(&self) -> &[String] {
        &self.booked
    }

    /// The words of rows that are not; where empty, all other words.
    #[must_use]
    pub fn not_booked(&self) -> &[String] {
        &self.not_booked
    }
}
