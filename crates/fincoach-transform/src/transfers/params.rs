//! What counts as a transfer.

use fincoach_core::ParamError;
use serde::{Deserialize, Serialize};

/// A text by which a user's bookings name an account of their own that is not in the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnAccount {
    /// Whose account; everybody's without a name.
    #[serde(default)]
    pub user: Option<String>,
    /// Whole words of the description, in any case: `ESAVINGS ACCOUNT`, an account number.
    pub text: String,
}

/// Settings of [`match_transfers`](crate::match_transfers).
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `max_days` | 4 | 0 to 31 | days between the two sides: a weekend and a holiday |
/// | `words` | `transfer`, `tfr`, `own account`, `umbuchung`, … | | a hint where they stand in either description |
/// | `types` | `TFR`, `XFER`, `TRF`, `IAT`, `TRANSFER` | | type codes that are a hint |
/// | `card_types` | `DEB`, `CPT`, `POS`, `ATM`, `VIS`, `CR CARD`, `FEE` | | type codes of card payments, cash and fees: such a row is matched only with a hint |
/// | `own_accounts` | none | | names of accounts that are not in the data: rows that name them are transfers without another side |
///
/// A hint is one each for a word, for a type, and for a description that names the other row's account (three signs
/// or more of it). Days come before hints. A text alone marks a row only through `own_accounts`, so nothing is
/// taken out of income and spending that the user did not say or that has no other side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransferParams {
    max_days: u32,
    words: Vec<String>,
    types: Vec<String>,
    card_types: Vec<String>,
    own_accounts: Vec<OwnAccount>,
}

impl Default for TransferParams {
    fn default() -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            max_days: 4,
            words: owned(&[
                "transfer",
                "tfr",
                "trf",
                "xfer",
                "own account",
                "to a/c",
                "from a/c",
                "internal",
                "savings",
                "umbuchung",
                "übertrag",
                "uebertrag",
                "virement interne",
                "traspaso",
                "giroconto",
                "overboeking",
                "standing order",
                "save the change",
                "top-up",
                "topup",
            ]),
            types: owned(&["TFR", "XFER", "TRF", "IAT", "TRANSFER"]),
            card_types: owned(&["DEB", "CPT", "POS", "ATM", "VIS", "CR CARD", "FEE"]),
            own_accounts: Vec::new(),
        }
    }
}

impl TransferParams {
    /// Sets the most days between the two sides, 0 to 31.
    #[must_use]
    pub const fn with_max_days(mut self, max_days: u32) -> Self {
        self.max_days = max_days;
        self
    }

    /// Sets the words that are a hint.
    #[must_use]
    pub fn with_words(mut self, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.words = words.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the type codes that are a hint.
    #[must_use]
    pub fn with_types(mut self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.types = types.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the type codes that need a hint.
    #[must_use]
    pub fn with_card_types(mut self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.card_types = types.into_iter().map(Into::into).collect();
        self
    }

    /// Adds an account that is not in the data.
    #[must_use]
    pub fn with_own_account(mut self, account: OwnAccount) -> Self {
        self.own_accounts.push(account);
        self
    }

    /// The most days between the two sides.
    #[must_use]
    pub const fn max_days(&self) -> u32 {
        self.max_days
    }

    /// The words that are a hint.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The type codes that are a hint.
    #[must_use]
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// The type codes that need a hint.
    #[must_use]
    pub fn card_types(&self) -> &[String] {
        &self.card_types
    }

    /// The accounts that are not in the data.
    #[must_use]
    pub fn own_accounts(&self) -> &[OwnAccount] {
        &self.own_accounts
    }

    pub(super) fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure(self.max_days <= 31, "max_days", "0 to 31", self.max_days)
    }
}
