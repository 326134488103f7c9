//! Symbols in the order a ledger meets its texts.

use fincoach_core::{LedgerColumns, Symbol};
use rayon::prelude::*;

use super::accounts::Accounts;
use super::file_texts::FileTexts;
use super::text_columns::SYMBOLS;

/// Numbers the texts anew, in the order in which they stand first when rows are taken account by account, accounts
/// in the order the file names them and each one's rows in true order. Texts that no row has are left out.
pub(super) fn number_texts(
    columns: &mut LedgerColumns,
    texts: FileTexts,
    accounts: &Accounts,
) -> Vec<Box<str>> {
    let met = in_order_met(columns, &texts, accounts);
    let mut new = vec![Symbol::MISSING; texts.len() + 1];
    for (place, symbol) in (1..).zip(&met) {
        new[symbol.index()] = Symbol::from_index(place);
    }
    let renumber = |column: &mut Vec<Symbol>| {
        column.iter_mut().for_each(|symbol| *symbol = new[symbol.index()]);
    };
    if !met.is_sorted() || met.len() < texts.len() {
        filled(columns).into_par_iter().for_each(renumber);
    }
    let mut texts = texts.into_texts();
    met.iter().map(|symbol| std::mem::take(&mut texts[symbol.index() - 1])).collect()
}

/// The columns of [`SYMBOLS`].
fn filled(columns: &mut LedgerColumns) -> [&mut Vec<Symbol>; SYMBOLS.len()] {
    let LedgerColumns { raw_types, raw_categories, descriptions, cities, countries, .. } = columns;
    [
        raw_types,
        raw_categories,
        descriptions,
        cities,
        countries,
        &mut columns.accounts,
        &mut columns.references,
    ]
}

fn in_order_met(columns: &mut LedgerColumns, texts: &FileTexts, accounts: &Accounts) -> Vec<Symbol> {
    let n_used = texts.n_used();
    let mut known = vec![false; texts.len() + 1];
    known[0] = true;
    let mut met = Vec::with_capacity(n_used);
    let columns = filled(columns);
    for account in &accounts.by_first_row {
        for row in accounts.rows(*account) {
            if met.len() == n_used {
                return met;
            }
            for column in &columns {
                let symbol = column[row];
                if !known[symbol.index()] {
                    known[symbol.index()] = true;
                    met.push(symbol);
                }
            }
        }
    }
    met
}
