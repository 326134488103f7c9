//! What is counted about a file.

use fincoach_core::chrono::{DateTime, NaiveDate};
use fincoach_core::{Category, LedgerColumns, Money};
use rayon::prelude::*;

use super::accounts::Accounts;
use super::duplicates::duplicates;
use super::file_texts::FileTexts;
use super::ordering::AccountOrder;
use super::piece::{FilePlaces, Piece, Tally, Worker};
use super::text_columns::{CATEGORY, TYPE};
use crate::columns::Columns;
use crate::order::Chain;
use crate::quality::LISTED_BREAKS;
use crate::{
    BalanceBreak, CategoryCount, CategoryMap, ColumnBlanks, FileOrder, Flow, QualityReport, TextCount,
};

/// The figures that do not depend on order or users.
pub(super) fn of_file(source: &str, columns: &Columns, (pieces, tally): (&[Piece], &Tally)) -> QualityReport {
    let blanks = columns.names.iter().zip(&tally.blanks);
    QualityReport {
        source: source.to_owned(),
        currency: None,
        rows_read: pieces.iter().map(|piece| piece.len() as u64).sum(),
        rows_in_ledger: 0,
        rows_refused: 0,
        rows_not_booked: 0,
        users: 0,
        accounts: 0,
        first_date: date(tally.first_time),
        last_date: date(tally.last_time),
        order: FileOrder::Unknown,
        money_in: Flow::new(tally.rows_in, tally.total_in),
        money_out: Flow::new(tally.rows_out, tally.total_out),
        blanks: blanks.map(|(column, rows)| ColumnBlanks { column: column.clone(), rows: *rows }).collect(),
        types: Vec::new(),
        raw_categories: Vec::new(),
        categories: Vec::new(),
        duplicates: 0,
        rows_without_balance: tally.without_balance,
        balance_breaks: 0,
        first_breaks: Vec::new(),
        refused: Vec::new(),
        not_booked: Vec::new(),
        statement: None,
    }
}

fn date(time: i64) -> NaiveDate {
    DateTime::from_timestamp(time, 0).unwrap_or_default().date_naive()
}

impl QualityReport {
    /// Adds the counts of types and categories.
    pub(super) fn add_texts(
        &mut self,
        columns: &Columns,
        (workers, texts): (&[Worker], &FileTexts),
        map: &CategoryMap,
    ) {
        let counts = |column| text_counts(workers, texts, column);
        if columns.type_code.is_some() {
            self.types = counts(TYPE);
        }
        if columns.category.is_some() {
            self.raw_categories = counts(CATEGORY);
        }
        let mut totals = [0; Category::ALL.len()];
        for count in &self.raw_categories {
            totals[map.category(count.text.as_deref().unwrap_or("")).index()] += count.rows;
        }
        if columns.category.is_none() {
            totals[map.category("").index()] = self.rows_read;
        }
        let counts = Category::ALL.into_iter().zip(totals);
        self.categories = counts.map(|(category, rows)| CategoryCount { category, rows }).collect();
    }

    /// Adds what was found account by account.
    pub(super) fn add_accounts(
        &mut self,
        columns: &LedgerColumns,
        (accounts, orders): (&Accounts, &[AccountOrder]),
        file: &FilePlaces,
    ) {
        self.accounts = accounts.len() as u64;
        self.balance_breaks = orders.iter().map(|found| found.n_breaks).sum();
        for (n_before, account) in accounts.by_first_row.iter().enumerate() {
            let found = orders[*account];
            self.order = if n_before == 0 { found.order } else { self.order.with(found.order) };
            if found.n_breaks > 0 && self.first_breaks.len() < LISTED_BREAKS {
                self.list_breaks(columns, accounts.rows(*account), file);
            }
        }
        let LedgerColumns { times, amounts, descriptions, .. } = columns;
        let repeated = |account| {
            let rows = accounts.rows(account);
            duplicates(&times[rows.clone()], &amounts[rows.clone()], &descriptions[rows])
        };
        self.duplicates = (0..accounts.len()).into_par_iter().map(repeated).sum();
    }

    fn list_breaks(&mut self, columns: &LedgerColumns, rows: std::ops::Range<usize>, file: &FilePlaces) {
        let mut chain = Chain::default();
        for row in rows {
            let (amount, balance) = (columns.amounts[row], columns.balances[row]);
            let Some(expected) = chain.step(amount, balance) else { continue };
            let line = file.line(columns.source_rows[row]);
            self.first_breaks.push(BalanceBreak { line, expected, found: balance.unwrap_or(Money::ZERO) });
            if self.first_breaks.len() == LISTED_BREAKS {
                return;
            }
        }
    }
}

/// The rows of each text of a column, most frequent first, then by text.
fn text_counts(workers: &[Worker], texts: &FileTexts, column: usize) -> Vec<TextCount> {
    let blanks: u64 = workers.iter().map(|worker| worker.texts[column].blanks).sum();
    let uses = texts.uses(workers, column).into_iter();
    let mut counts: Vec<TextCount> = uses
        .map(|(number, used)| TextCount { text: texts.text(number).map(str::to_owned), rows: used.rows })
        .chain(std::iter::once(TextCount { text: None, rows: blanks }).filter(|_| blanks > 0))
        .collect();
    counts.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.text.cmp(&b.text)));
    counts
}
