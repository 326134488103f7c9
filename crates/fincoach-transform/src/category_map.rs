//! From the categories of an export to the eleven standard ones.

use fincoach_core::{Category, DataError};
use serde::{Deserialize, Serialize};

use crate::text_map::{Matching, TextMap};
use Category::{
    Bills, DineOut, Entertainment, Fitness, Groceries, Health, Income, Other, Savings, Shopping, Transport,
};

/// Where each category of an export belongs; whatever is not listed is [`Category::Other`].
///
/// | standard | [`CategoryMap::notebook`] (exact) | [`CategoryMap::standard`] adds (spaces and case ignored) | why |
/// | --- | --- | --- | --- |
/// | groceries | Groceries | Food Shopping | the same shops |
/// | `dine_out` | Dine Out | | |
/// | entertainment | Entertainment | | |
/// | bills | Bills | Rent, Mortgage | housing is a bill that comes every month |
/// | transport | Travel, Transport | Hotels, Travel Reimbursement | costs of a journey; a refund stays with what it refunds |
/// | shopping | Amazon, Other Shopping | Clothes | goods that are not food |
/// | health | Health, Insurance | | |
/// | fitness | Fitness | | |
/// | savings | Savings, Investment | | |
/// | income | Supplementary Income | Paycheck, Interest | money earned |
/// | other | Others, Cash, Services, Home Improvement | Services/Home Improvement, Safety Deposit Return, Account transfer | both halves of the first are there; the others are money that only moves, neither earned nor spent |
///
/// The standard map also places the eleven standard names at themselves, so that a standardised file reads
/// back as it was. A blank category is `other` in both.
///
/// # Examples
/// ```
/// use fincoach_core::Category;
/// use fincoach_transform::CategoryMap;
/// assert_eq!(CategoryMap::standard().category(" groceries"), Category::Groceries);
/// assert_eq!(CategoryMap::notebook().category("Groceries "), Category::Other);
/// let mine = CategoryMap::standard().with_category("Vet", Category::Health);
/// assert_eq!(mine.category("vet"), Category::Health);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CategoryMap(TextMap<Category>);

const NOTEBOOK: [(Category, &[&str]); 11] = [
    (Groceries, &["Groceries"]),
    (DineOut, &["Dine Out"]),
    (Entertainment, &["Entertainment"]),
    (Bills, &["Bills"]),
    (Transport, &["Travel", "Transport"]),
    (Shopping, &["Amazon", "Other Shopping"]),
    (Health, &["Health", "Insurance"]),
    (Fitness, &["Fitness"]),
    (Savings, &["Savings", "Investment"]),
    (Income, &["Supplementary Income"]),
    (Other, &["Others", "Cash", "Services", "Home Improvement"]),
];

/// What the standard map adds to the notebook's.
const ADDED: [(Category, &[&str]); 6] = [
    (Groceries, &["Food Shopping"]),
    (Bills, &["Rent", "Mortgage"]),
    (Transport, &["Hotels", "Travel Reimbursement"]),
    (Shopping, &["Clothes"]),
    (Income, &["Paycheck", "Interest"]),
    (Other, &["Services/Home Improvement", "Safety Deposit Return", "Account transfer"]),
];

impl CategoryMap {
    /// A map without entries.
    #[must_use]
    pub const fn new(matching: Matching) -> Self {
        Self(TextMap::new(matching))
    }

    /// The notebook's map, compared exactly: it sends Rent, Mortgage, Paycheck and others to `other`.
    #[must_use]
    pub fn notebook() -> Self {
        Self(TextMap::of(Matching::Exact, &NOTEBOOK))
    }

    /// The default map, which also places what the notebook's drops.
    #[must_use]
    pub fn standard() -> Self {
        let mut map = TextMap::of(Matching::Folded, &NOTEBOOK);
        for category in Category::ALL {
            map.insert(category.name(), category);
        }
        for (category, texts) in ADDED {
            texts.iter().for_each(|text| map.insert(text, category));
        }
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
            _ => Err(DataError::unknown("category map", name, Self::names())),
        }
    }

    /// The names of the presets.
    #[must_use]
    pub const fn names() -> [&'static str; 2] {
        ["standard", "notebook"]
    }

    /// The same map with one text placed anew.
    #[must_use]
    pub fn with_category(mut self, text: &str, category: Category) -> Self {
        self.0.insert(text, category);
        self
    }

    /// The standard category of a text.
    #[must_use]
    pub fn category(&self, text: &str) -> Category {
        self.0.get(text).unwrap_or_default()
    }

    /// How texts are compared.
    #[must_use]
    pub const fn matching(&self) -> Matching {
        self.0.matching()
    }

    /// The entries, in the order of their texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Category)> {
        self.0.iter()
    }
}

impl Default for CategoryMap {
    /// [`CategoryMap::standard`].
    fn default() -> Self {
        Self::standard()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_map_places_what_the_notebook_drops() {
        let (standard, notebook) = (CategoryMap::standard(), CategoryMap::notebook());
        for (text, category) in [
            ("Rent", Bills),
            ("mortgage", Bills),
            ("PAYCHECK", Income),
            ("Interest", Income),
            ("Clothes", Shopping),
            ("Hotels", Transport),
            ("Food  Shopping ", Groceries),
        ] {
            assert_eq!(standard.category(text), category, "{text}");
            assert_eq!(notebook.category(text), Other, "{text}");
        }
        assert_eq!(standard.category(""), Other);
    }

    #[test]
    fn the_standard_names_stand_for_themselves() {
        let map = CategoryMap::default();
        assert!(Category::ALL.iter().all(|category| map.category(category.name()) == *category));
    }

    #[test]
    fn a_map_survives_the_disk_and_a_contradicting_one_is_refused() {
        for name in CategoryMap::names() {
            let map = CategoryMap::named(name).unwrap();
            let text = serde_json::to_string(&map).unwrap();
            assert_eq!(serde_json::from_str::<CategoryMap>(&text).unwrap(), map);
        }
        let twice = r#"{"entries": {"Rent": "bills", "rent ": "other"}}"#;
        assert!(serde_json::from_str::<CategoryMap>(twice).unwrap_err().to_string().contains("twice"));
    }

    #[test]
    fn an_unknown_preset_suggests_the_nearest() {
        let error = CategoryMap::named("notebok").unwrap_err();
        assert_eq!(error.to_string(), "no category map `notebok`; did you mean `notebook`?");
    }
}
