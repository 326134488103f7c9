//! What texts and type codes say about two rows.

use fincoach_core::{Ledger, LedgerView, Symbol};
use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::params::TransferParams;
use crate::text_map::fold;

/// An account's name must have this many signs to be looked for in descriptions.
const NAME_AT_LEAST: usize = 3;

/// What a type code is known as.
#[derive(Clone, Copy)]
struct TypeCode {
    transfer: bool,
    card: bool,
}

/// Looks at the texts of rows, each text once.
pub(super) struct Evidence<'a> {
    ledger: &'a Ledger,
    pub(super) all: LedgerView<'a>,
    pub(super) max_days: i64,
    words: Vec<String>,
    types: Vec<String>,
    card_types: Vec<String>,
    own_accounts: Vec<(Option<String>, String)>,
    /// By symbol of a description: whether it has one of the words.
    has_word: Vec<Option<bool>>,
    /// By symbol of a type code: what it is known as.
    type_of: Vec<Option<TypeCode>>,
    /// By description and account: whether the one names the other.
    named: IndexMap<(Symbol, Symbol), bool, FixedState>,
}

/// With single spaces around all words, so that only whole words are found.
fn spaced(text: &str) -> String {
    let marks = |c: char| if c.is_alphanumeric() || matches!(c, '/' | '-' | '&') { c } else { ' ' };
    format!(" {} ", fold(&text.chars().map(marks).collect::<String>()))
}

impl<'a> Evidence<'a> {
    pub(super) fn new(ledger: &'a Ledger, params: &TransferParams) -> Self {
        let filled = |texts: &[String]| -> Vec<String> {
            texts.iter().map(|text| spaced(text)).filter(|text| !text.trim().is_empty()).collect()
        };
        let folded = |texts: &[String]| texts.iter().map(|text| fold(text)).collect();
        let own = params.own_accounts().iter().map(|own| (own.user.clone(), spaced(&own.text)));
        Self {
            ledger,
            all: ledger.all(),
            max_days: i64::from(params.max_days()),
            words: filled(params.words()),
            types: folded(params.types()),
            card_types: folded(params.card_types()),
            own_accounts: own.filter(|(_, text)| !text.trim().is_empty()).collect(),
            has_word: vec![None; ledger.n_symbols() + 1],
            type_of: vec![None; ledger.n_symbols() + 1],
            named: IndexMap::default(),
        }
    }

    /// Whether a rule of the user marks the row as a transfer.
    pub(super) fn is_own_account(&self, row: usize) -> bool {
        if self.own_accounts.is_empty() {
            return false;
        }
        let booking = self.all.row(row);
        let text = spaced(booking.description);
        let of_user = |user: &Option<String>| user.as_deref().is_none_or(|user| user == booking.user);
        self.own_accounts.iter().any(|(user, words)| of_user(user) && text.contains(words))
    }

    /// The number of hints that two rows are a transfer; `None` where one is a card payment and there is no hint.
    pub(super) fn hints(&mut self, one: usize, other: usize) -> Option<u32> {
        let word = self.has_word(one) || self.has_word(other);
        let (type_one, type_other) = (self.type_of(one), self.type_of(other));
        let is_type = type_one.transfer || type_other.transfer;
        let named = self.names(one, other) || self.names(other, one);
        let hints = u32::from(word) + u32::from(is_type) + u32::from(named);
        let by_card = type_one.card || type_other.card;
        (hints > 0 || !by_card).then_some(hints)
    }

    fn has_word(&mut self, row: usize) -> bool {
        let symbol = self.all.descriptions()[row];
        let known = self.has_word[symbol.index()];
        known.unwrap_or_else(|| {
            let text = spaced(self.ledger.text(symbol).unwrap_or(""));
            let found = self.words.iter().any(|word| text.contains(word));
            self.has_word[symbol.index()] = Some(found);
            found
        })
    }

    fn type_of(&mut self, row: usize) -> TypeCode {
        let symbol = self.all.raw_types()[row];
        let known = self.type_of[symbol.index()];
        known.unwrap_or_else(|| {
            let code = self.ledger.text(symbol).map(fold);
            let is_of = |types: &[String]| code.as_ref().is_some_and(|code| types.contains(code));
            let found = TypeCode { transfer: is_of(&self.types), card: is_of(&self.card_types) };
            self.type_of[symbol.index()] = Some(found);
            found
        })
    }

    /// Whether the description of one names the account of the other.
    fn names(&mut self, one: usize, other: usize) -> bool {
        let (description, account) = (self.all.descriptions()[one], self.all.accounts()[other]);
        *self.named.entry((description, account)).or_insert_with(|| {
            let text = |symbol: Symbol| spaced(self.ledger.text(symbol).unwrap_or(""));
            let account = text(account);
            let long = account.chars().filter(|c| c.is_alphanumeric()).count() >= NAME_AT_LEAST;
            long && text(description).contains(&account)
        })
    }
}
