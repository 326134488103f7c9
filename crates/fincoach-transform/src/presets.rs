//! The shipped layouts, one file each in the folder `presets` of the crate.

use fincoach_core::DataError;

use crate::Layout;

/// Names in the order of the list below.
pub(crate) const NAMES: &[&str] = &["lloyds"];

const FILES: &[&str] = &[include_str!("../presets/lloyds.toml")];

pub(crate) fn toml(name: &str) -> Result<&'static str, DataError> {
    let known = NAMES.iter().zip(FILES).find(|(known, _)| **known == name);
    known.map(|(_, text)| *text).ok_or_else(|| DataError::unknown("bank layout", name, NAMES.iter().copied()))
}

pub(crate) fn layout(name: &str) -> Result<Layout, DataError> {
    // A shipped file that cannot be read fails the test below, so no user meets this error.
    Layout::from_toml(toml(name)?)
        .map_err(|error| DataError::Inconsistent { what: "bank layout", reason: error.to_string() })
}
