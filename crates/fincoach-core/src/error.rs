//! Errors that every crate of the workspace shares.

use std::fmt::Display;

/// A parameter outside its allowed range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parameter `{name}` is {value}, must be {allowed}")]
pub struct ParamError {
    /// Name of the parameter, spelled like its setter without `with_`.
    pub name: &'static str,
    /// What is allowed, for example `in (0, 1]`.
    pub allowed: &'static str,
    /// The value that was given.
    pub value: String,
}

impl ParamError {
    /// Returns an error unless `ok` holds.
    ///
    /// Say what is allowed, never what is forbidden: NaN fails every comparison and so cannot slip through.
    ///
    /// # Errors
    /// `ParamError` when `ok` is false.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::ParamError;
    /// let share = f64::NAN;
    /// let checked = ParamError::ensure(share > 0.0 && share <= 1.0, "share", "in (0, 1]", share);
    /// assert_eq!(checked.unwrap_err().to_string(), "parameter `share` is NaN, must be in (0, 1]");
    /// ```
    pub fn ensure(
        ok: bool,
        name: &'static str,
        allowed: &'static str,
        value: impl Display,
    ) -> Result<(), Self> {
        if ok { Ok(()) } else { Err(Self { name, allowed, value: value.to_string() }) }
    }
}

/// Data that does not have the form a function needs.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Nothing to work on.
    #[error("no {what}")]
    Empty {
        /// What is missing, in the plural.
        what: &'static str,
    },
    /// A name that is not known.
    #[error("no {what} `{name}`{}", hint(name, known))]
    UnknownName {
        /// The kind of thing that was asked for: `column`, `category`, `action`, ….
        what: &'static str,
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A name or key given twice.
    #[error("{what} `{name}` stands twice")]
    Duplicate {
        /// The kind of thing.
        what: &'static str,
        /// The name or key.
        name: String,
    },
    /// A value that is NaN or infinite.
    #[error("row {row}, column `{column}`: {value} is not a finite number")]
    NotFinite {
        /// Row, counted from 0.
        row: usize,
        /// Column name.
        column: String,
        /// The value found.
        value: f64,
    },
    /// A value outside the range a function is defined on.
    #[error("row {row}: {what} is {value}, must be {allowed}")]
    OutOfRange {
        /// Row, counted from 0.
        row: usize,
        /// What the value is.
        what: &'static str,
        /// What is allowed.
        allowed: &'static str,
        /// The value found.
        value: f64,
    },
    /// Two lengths that should be equal.
    #[error("{what}: expected {expected}, got {got}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// The count that was expected.
        expected: usize,
        /// The count that was found.
        got: usize,
    },
    /// The columns of a table are not those a model was fitted on.
    #[error("column {position} is {}, expected {}", quoted(got.as_deref()), quoted(expected.as_deref()))]
    Columns {
        /// First position, counted from 0, at which the two lists differ.
        position: usize,
        /// Name expected there, if any.
        expected: Option<String>,
        /// Name found there, if any.
        got: Option<String>,
    },
    /// A figure that the data does not determine.
    #[error("{figure} is undefined: {reason}")]
    Undefined {
        /// The figure asked for.
        figure: &'static str,
        /// Why it has no value here.
        reason: &'static str,
    },
    /// A structure whose parts contradict each other.
    #[error("{what} is inconsistent: {reason}")]
    Inconsistent {
        /// The structure.
        what: &'static str,
        /// What contradicts what.
        reason: String,
    },
}

impl DataError {
    /// The error for an unknown name, with the known names to choose from.
    pub fn unknown<S: Into<String>>(
        what: &'static str,
        name: impl Into<String>,
        known: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::UnknownName { what, name: name.into(), known: known.into_iter().map(Into::into).collect() }
    }

    /// Returns an error unless the two counts are equal.
    ///
    /// # Errors
    /// [`DataError::Length`] when they differ.
    pub fn ensure_len(what: &'static str, expected: usize, got: usize) -> Result<(), Self> {
        if expected == got { Ok(()) } else { Err(Self::Length { what, expected, got }) }
    }
}

/// A saved model that cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactError {
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// File or folder.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is not of the kind asked for.
    #[error("kind is `{got}`, expected `{expected}`")]
    Kind {
        /// Kind asked for.
        expected: &'static str,
        /// Kind found.
        got: String,
    },
    /// The file was written by a format this version does not read.
    #[error("format is {got}, this version reads {expected}")]
    Format {
        /// Format this version reads.
        expected: u32,
        /// Format found.
        got: u32,
    },
    /// The file is damaged or not what it says it is.
    #[error("damaged {kind}: {reason}")]
    Damaged {
        /// Kind asked for.
        kind: &'static str,
        /// What is wrong, with place.
        reason: String,
    },
    /// A tensor is missing, extra or of another shape.
    #[error("tensor `{name}`: expected {expected}, got {got}")]
    Tensor {
        /// Name of the tensor.
        name: String,
        /// Shape expected, or `none`.
        expected: String,
        /// Shape found, or `none`.
        got: String,
    },
    /// The model holds a value that cannot be written.
    #[error("cannot write {kind}: {reason}")]
    Unwritable {
        /// Kind of the artifact.
        kind: &'static str,
        /// Why not.
        reason: String,
    },
}

impl ArtifactError {
    /// Wraps an error of the file system with the path it happened on.
    #[must_use]
    pub fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::Io { path: path.display().to_string(), source }
    }
}

fn quoted(name: Option<&str>) -> String {
    name.map_or_else(|| "missing".to_owned(), |name| format!("`{name}`"))
}

fn hint(name: &str, known: &[String]) -> String {
    if let Some(near) = nearest(name, known) {
        return format!("; did you mean `{near}`?");
    }
    if known.is_empty() { String::new() } else { format!("; there are: {}", known.join(", ")) }
}

/// The known name closest to `name`, if one is close enough to be what was meant.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let limit = name.chars().count() / 3 + 1;
    known
        .iter()
        .map(|candidate| (edit_distance(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.as_str())
}

/// Levenshtein distance, counted in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        let error = DataError::unknown("column", "incme", ["income", "spending"]);
        assert_eq!(error.to_string(), "no column `incme`; did you mean `income`?");
    }

    #[test]
    fn a_far_name_lists_what_there_is() {
        let error = DataError::unknown("column", "zzzzzz", ["income", "rent"]);
        assert_eq!(error.to_string(), "no column `zzzzzz`; there are: income, rent");
    }

    #[test]
    fn edit_distance_of_kitten_and_sitting_is_three() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
    }

    #[test]
    fn errors_travel_between_threads() {
        fn travels<T: Send + Sync + 'static>() {}
        travels::<ParamError>();
        travels::<DataError>();
        travels::<ArtifactError>();
    }
}
