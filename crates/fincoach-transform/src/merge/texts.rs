//! Texts of several ledgers, compared without regard to case and spaces.

use fincoach_core::{Ledger, Symbol};
use indexmap::IndexSet;

use crate::MerchantNormaliser;
use crate::text_map::fold;

/// How banks mark what is not yet booked, in small letters.
const PENDING: [&str; 5] = ["pending", "pend ", "vorgemerkt", "en attente", "pendiente"];

/// A text shorter than this is not taken for the beginning of another.
const CUT_AT_LEAST: usize = 6;

/// Numbers of folded texts; equal numbers are equal texts.
pub(super) struct MergeTexts {
    folded: IndexSet<String>,
    /// By input and symbol; 0 is a text not looked at yet.
    of_symbols: Vec<Vec<u32>>,
    merchants: MerchantNormaliser,
}

impl MergeTexts {
    pub(super) fn new(ledgers: &[&Ledger]) -> Self {
        let of_symbols = ledgers.iter().map(|ledger| vec![0; ledger.n_symbols() + 1]).collect();
        // The empty text stands at 0, so that no other text has the mark of one not looked at.
        let folded = IndexSet::from([String::new()]);
        Self { folded, of_symbols, merchants: MerchantNormaliser::default() }
    }

    /// The number of a text of this input; 0 for a missing one.
    pub(super) fn number(&mut self, ledger: &Ledger, input: usize, symbol: Symbol) -> u32 {
        let Some(text) = ledger.text(symbol) else { return 0 };
        let Some(known) = self.of_symbols.get_mut(input).and_then(|row| row.get_mut(symbol.index())) else {
            return 0;
        };
        if *known == 0 {
            let (index, _) = self.folded.insert_full(fold(text));
            *known = u32::try_from(index).unwrap_or(u32::MAX);
        }
        *known
    }

    fn text(&self, number: u32) -> &str {
        self.folded.get_index(number as usize).map_or("", String::as_str)
    }

    pub(super) fn is_pending(&self, number: u32) -> bool {
        is_pending(self.text(number))
    }

    /// Whether one is the other one cut, or one is pending and both name the same merchant.
    pub(super) fn alike(&self, one: u32, other: u32) -> bool {
        let (one, other) = (self.text(one), self.text(other));
        let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
        let cut = short.chars().count() >= CUT_AT_LEAST && long.starts_with(short);
        let same_merchant = || self.merchants.normalise(one, None) == self.merchants.normalise(other, None);
        cut || one == other || (is_pending(one) || is_pending(other)) && same_merchant()
    }
}

/// Whether a text in any case says that the booking is not final.
pub(super) fn is_pending(text: &str) -> bool {
    let begins = |mark: &&str| text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    PENDING.iter().any(begins)
}
