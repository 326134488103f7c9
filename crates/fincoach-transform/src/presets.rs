//! The shipped layouts, one file each in the folder `presets` of the crate.

use fincoach_core::DataError;

use crate::Layout;

/// Names in the order of the files below.
pub(crate) const NAMES: &[&str] = &[
    "lloyds",
    "barclays",
    "hsbc",
    "nationwide",
    "monzo",
    "starling",
    "revolut",
    "n26",
    "ing",
    "chase",
    "chase-card",
    "american-express",
    "mint",
    "ynab",
    "plain",
];

const FILES: [&str; NAMES.len()] = [
    include_str!("../presets/lloyds.toml"),
    include_str!("../presets/barclays.toml"),
    include_str!("../presets/hsbc.toml"),
    include_str!("../presets/nationwide.toml"),
    include_str!("../presets/monzo.toml"),
    include_str!("../presets/starling.toml"),
    include_str!("../presets/revolut.toml"),
    include_str!("../presets/n26.toml"),
    include_str!("../presets/ing.toml"),
    include_str!("../presets/chase.toml"),
    include_str!("../presets/chase-card.toml"),
    include_str!("../presets/american-express.toml"),
    include_str!("../presets/mint.toml"),
    include_str!("../presets/ynab.toml"),
    include_str!("../presets/plain.toml"),
];

pub(crate) fn toml(name: &str) -> Result<&'static str, DataError> {
    // Of the same group, and of the same form.
    let name = if name == "halifax" { "lloyds" } else { name };
    let known = NAMES.iter().zip(FILES).find(|(known, _)| **known == name);
    known.map(|(_, text)| text).ok_or_else(|| DataError::unknown("bank layout", name, NAMES.iter().copied()))
}

pub(crate) fn layout(name: &str) -> Result<Layout, DataError> {
    // A shipped file that cannot be read fails the test below, so no user meets this error.
    Layout::from_toml(toml(name)?)
        .map_err(|error| DataError::Inconsistent { what: "bank layout", reason: error.to_string() })
}
