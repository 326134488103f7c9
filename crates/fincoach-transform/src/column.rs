//! How a layout points at a column.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A column of an export, by its name in the header or by its position.
///
/// In files a text is a name and a number a position, the first column being 1.
///
/// # Examples
/// ```
/// use fincoach_transform::Column;
/// assert_eq!(Column::from("Amount"), Column::Name("Amount".into()));
/// assert_eq!(Column::from(3), Column::Position(3));
/// assert_eq!(Column::from("Amount").to_string(), "Amount");
/// assert_eq!(Column::from(3).to_string(), "3");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// The column of this position, counted from 1.
    Position(usize),
    /// The column the header calls so; spaces around the name in the header do not count.
    Name(String),
}

impl Column {
    /// The name, if the column goes by one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Position(_) => None,
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Position(position) => write!(f, "{position}"),
        }
    }
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Column {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<usize> for Column {
    fn from(position: usize) -> Self {
        Self::Position(position)
    }
}

impl PartialEq<str> for Column {
    fn eq(&self, name: &str) -> bool {
        self.name() == Some(name)
    }
}
