//! From the type codes of a bank to directions.

use fincoach_core::{DataError, Direction};
use serde::{Deserialize, Serialize};

use crate::text_map::{Matching, TextMap};

/// What each type code of a bank means; a code that is not listed, or none, is [`Direction::Other`].
///
/// | direction | [`TypeMap::notebook`] (exact) | [`TypeMap::standard`] adds (spaces and case ignored) |
/// | --- | --- | --- |
/// | debit | DEB card, BP bill payment, DD direct debit, CPT cash machine, CHQ cheque, FEE | D/D and C/P (other spellings), FPO faster payment out, SO standing order, PAY payment, TFR transfer |
/// | credit | DEP deposit, BGC bank giro credit, FPI faster payment in | |
///
/// The direction is the bank's word, not the sign: refunds arrive under DEB, and transfers (TFR) and standing
/// orders (SO) arrive as well as leave. Use the sign of the amount to tell money in from money out.
///
/// # Examples
/// ```
/// use fincoach_core::Direction;
/// use fincoach_transform::TypeMap;
/// assert_eq!(TypeMap::standard().direction("fpo "), Direction::Debit);
/// assert_eq!(TypeMap::notebook().direction("FPO"), Direction::Other);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TypeMap(TextMap<Direction>);

const NOTEBOOK: [(Direction, &[&str]); 2] = [
    (Direction::Debit, &["DEB", "BP", "DD", "CPT", "CHQ", "FEE"]),
    (Direction::Credit, &["DEP", "BGC", "FPI"]),
];

const ADDED_DEBITS: [&str; 6] = ["D/D", "C/P", "FPO", "SO", "PAY", "TFR"];

impl TypeMap {
    /// A map without entries.
    #[must_use]
    pub const fn new(matching: Matching) -> Self {
        Self(TextMap::new(matching))
    }

    /// The notebook's map, compared exactly.
    #[must_use]
    pub fn notebook() -> Self {
        Self(TextMap::of(Matching::Exact, &NOTEBOOK))
    }

    /// The default map.
    #[must_use]
    pub fn standard() -> Self {
        let mut map = TextMap::of(Matching::Folded, &NOTEBOOK);
        ADDED_DEBITS.iter().for_each(|code| map.insert(code, Direction::Debit));
        Self(map)
    }

    /// The preset of this name.
    ///
    /// # Errors
    /// [`DataError::UnknownName`].
    pub fn named(name: &str) -> Result<Self, DataError> {
        match name {
            "standard" => Ok(Self::standard()),
            "notebook" => Ok(Self::notebook()),
            _ => Err(DataError::unknown("type map", name, Self::names())),
        }
    }

    /// The names of the presets.
    #[must_use]
    pub const fn names() -> [&'static str; 2] {
        ["standard", "notebook"]
    }

    /// The same map with one code placed anew.
    #[must_use]
    pub fn with_direction(mut self, code: &str, direction: Direction) -> Self {
        self.0.insert(code, direction);
        self
    }

    /// The direction of a code.
    #[must_use]
    pub fn direction(&self, code: &str) -> Direction {
        self.0.get(code).unwrap_or_default()
    }

    /// How codes are compared.
    #[must_use]
    pub const fn matching(&self) -> Matching {
        self.0.matching()
    }

    /// The entries, in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Direction)> {
        self.0.iter()
    }
}

impl Default for TypeMap {
    /// [`TypeMap::standard`].
    fn default() -> Self {
        Self::standard()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_map_knows_the_codes_the_notebook_leaves_out() {
        let (standard, notebook) = (TypeMap::standard(), TypeMap::notebook());
        for code in ADDED_DEBITS {
            assert_eq!(
                (standard.direction(code), notebook.direction(code)),
                (Direction::Debit, Direction::Other)
            );
        }
        for map in [standard, notebook] {
            assert_eq!(map.direction("BGC"), Direction::Credit);
            assert_eq!(map.direction("DD"), Direction::Debit);
            assert_eq!(map.direction(""), Direction::Other);
        }
    }

    #[test]
    fn a_map_survives_the_disk() {
        for name in TypeMap::names() {
            let map = TypeMap::named(name).unwrap();
            let text = serde_json::to_string(&map).unwrap();
            assert_eq!(serde_json::from_str::<TypeMap>(&text).unwrap(), map);
        }
        assert!(TypeMap::named("none").is_err());
    }
}
