//! What a normaliser is made of, as data.

use serde::{Deserialize, Serialize};

use super::alias::MerchantAlias;
use super::builtin;
use super::words::tidy;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Rules {
    pub(super) aliases: Vec<MerchantAlias>,
    pub(super) known: Vec<MerchantAlias>,
    pub(super) processors: Vec<String>,
    pub(super) leading: Vec<String>,
    pub(super) legal_forms: Vec<String>,
    pub(super) places: Vec<String>,
    pub(super) countries: Vec<String>,
}

impl Default for Rules {
    fn default() -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            aliases: Vec::new(),
            known: builtin::aliases(),
            processors: owned(&builtin::PROCESSORS),
            leading: owned(&builtin::LEADING),
            legal_forms: owned(&builtin::LEGAL_FORMS),
            places: owned(&builtin::PLACES),
            countries: owned(&builtin::COUNTRIES),
        }
    }
}

impl Rules {
    /// The same rules with every text as it is compared, empty ones left out.
    pub(super) fn tidied(mut self) -> Self {
        for list in [
            &mut self.processors,
            &mut self.leading,
            &mut self.legal_forms,
            &mut self.places,
            &mut self.countries,
        ] {
            list.iter_mut().for_each(|text| *text = tidy(text));
            list.retain(|text| !text.is_empty());
        }
        self
    }
}
