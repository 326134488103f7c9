//! From pieces in the order of the file to columns in the order of the ledger.

use fincoach_core::{LedgerColumns, Money, Role, Symbol, TimePrecision};
use rayon::prelude::*;

use super::accounts::{AccountRows, Accounts};
use super::file_texts::FileTexts;
use super::piece::{FilePlaces, NO_BALANCE, Piece};
use super::places::Places;
use super::text_columns::{ACCOUNT, CATEGORY, CITY, COUNTRY, DESCRIPTION, OfTexts, REFERENCE, SYMBOLS, TYPE};
use crate::order::{Bookings, Reading};
use crate::{CsvReader, FileOrder};

/// The columns of the pieces; each is given up as soon as the ledger has it.
pub(super) struct PieceColumns {
    /// The worker of each piece, and its number of rows.
    pub(super) workers: Vec<usize>,
    lengths: Vec<usize>,
    times: Vec<Vec<i64>>,
    amounts: Vec<Vec<Money>>,
    balances: Vec<Vec<i64>>,
    precisions: Vec<Vec<TimePrecision>>,
    pub(super) texts: OfTexts<Vec<Vec<u32>>>,
}

/// What was found out about an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct AccountOrder {
    pub(super) order: FileOrder,
    pub(super) n_breaks: u64,
}

/// The rows of an account, in the order of the file at first.
struct Account<'a> {
    times: &'a mut [i64],
    amounts: &'a mut [Money],
    balances: &'a mut [Option<Money>],
    source_rows: &'a mut [u32],
    /// Their places, in the order of the file.
    places: &'a mut [u32],
}

impl PieceColumns {
    pub(super) fn of(pieces: Vec<Piece>) -> Self {
        let mut columns = Self {
            workers: Vec::new(),
            lengths: Vec::new(),
            times: Vec::new(),
            amounts: Vec::new(),
            balances: Vec::new(),
            precisions: Vec::new(),
            texts: Default::default(),
        };
        for piece in pieces {
            columns.workers.push(piece.worker);
            columns.lengths.push(piece.len());
            columns.times.push(piece.times);
            columns.amounts.push(piece.amounts);
            columns.balances.push(piece.balances);
            columns.precisions.push(piece.precisions);
            columns.texts.iter_mut().zip(piece.texts).for_each(|(column, rows)| column.push(rows));
        }
        columns
    }

    pub(super) fn n_rows(&self) -> usize {
        self.lengths.iter().sum()
    }

    /// The columns of the ledger, account by account and each account's rows in their true order; the symbols
    /// are still numbers of `texts`.
    pub(super) fn in_true_order(
        mut self,
        (accounts, rows): (&Accounts, AccountRows),
        (texts, reader): (&FileTexts, &CsvReader),
        file: &FilePlaces,
    ) -> (LedgerColumns, Vec<AccountOrder>) {
        let starts = &accounts.starts;
        let places = match rows {
            AccountRows::One => Places::of_file(self.n_rows()),
            AccountRows::Known(rows) => Places::by_account(rows, starts, |_, account| account as usize),
            AccountRows::ByWorker(users, of_worker) => {
                let account =
                    |piece: usize, user: u32| of_worker[self.workers[piece]][user as usize] as usize;
                Places::by_account(users, starts, account)
            }
        };
        let mut columns = self.figures(&places, file);
        let (orders, moved) = find_orders(&mut columns, accounts);
        let places = if moved.is_empty() { places } else { places.then(&moved, &self.lengths) };
        drop(moved);
        self.add_texts(&mut columns, &places, texts);
        let (directions, categories) = rayon::join(
            || meanings(&columns.raw_types, texts, |text| reader.types().direction(text)),
            || meanings(&columns.raw_categories, texts, |text| reader.categories().category(text)),
        );
        (columns.directions, columns.categories) = (directions, categories);
        (columns, orders)
    }

    /// The columns that tell the order.
    fn figures(&mut self, places: &Places, file: &FilePlaces) -> LedgerColumns {
        let Self { times, amounts, balances, .. } = self;
        let (times, amounts, balances) =
            (std::mem::take(times), std::mem::take(amounts), std::mem::take(balances));
        let ((times, source_rows), (amounts, balances)) = rayon::join(
            || (places.bring(times, 0, |_| |time| time), places.bring(file.records(), 0, |_| |row| row)),
            || {
                let balance = |minor| (minor != NO_BALANCE).then_some(Money::from_minor(minor));
                (
                    places.bring(amounts, Money::ZERO, |_| |amount| amount),
                    places.bring(balances, None, |_| balance),
                )
            },
        );
        LedgerColumns { times, source_rows, amounts, balances, ..LedgerColumns::default() }
    }

    fn add_texts(&mut self, columns: &mut LedgerColumns, places: &Places, texts: &FileTexts) {
        let n_rows = columns.times.len();
        let workers = &self.workers;
        let mut symbols: Vec<Vec<Symbol>> = self
            .texts
            .par_iter_mut()
            .take(SYMBOLS.len())
            .enumerate()
            .map(|(column, rows)| {
                if rows.iter().all(Vec::is_empty) {
                    return missing(n_rows);
                }
                places.bring(std::mem::take(rows), Symbol::MISSING, |piece| {
                    let map = texts.map(workers[piece], column);
                    move |number| Symbol::from_index(map[number as usize])
                })
            })
            .collect();
        let mut take = |column: usize| symbols.get_mut(column).map(std::mem::take).unwrap_or_default();
        columns.raw_types = take(TYPE);
        columns.raw_categories = take(CATEGORY);
        columns.descriptions = take(DESCRIPTION);
        columns.cities = take(CITY);
        columns.countries = take(COUNTRY);
        columns.precisions = self.precisions(places, n_rows);
        columns.roles = vec![Role::Ordinary; n_rows];
        columns.accounts = take(ACCOUNT);
        columns.references = take(REFERENCE);
        columns.merchants = missing(n_rows);
    }

    fn precisions(&mut self, places: &Places, n_rows: usize) -> Vec<TimePrecision> {
        let mut precisions = std::mem::take(&mut self.precisions);
        if precisions.iter().all(Vec::is_empty) {
            return vec![TimePrecision::Day; n_rows];
        }
        for (rows, length) in precisions.iter_mut().zip(&self.lengths) {
            rows.resize(*length, TimePrecision::Day);
        }
        places.bring(precisions, TimePrecision::Day, |_| |precision| precision)
    }
}

/// A column without texts. Made of zeros, which the system gives out without writing them.
fn missing(n_rows: usize) -> Vec<Symbol> {
    vec![0; n_rows].into_iter().map(Symbol::from_index).collect()
}

/// Brings the rows of each account into true order; what was found, and where each row went (nothing when none
/// was moved).
fn find_orders(columns: &mut LedgerColumns, accounts: &Accounts) -> (Vec<AccountOrder>, Vec<u32>) {
    let LedgerColumns { times, amounts, balances, source_rows, .. } = columns;
    let mut moved = vec![0; times.len()];
    let cut = accounts.cut(times).into_iter().zip(accounts.cut(amounts)).zip(accounts.cut(balances));
    let rows: Vec<Account<'_>> = cut
        .zip(accounts.cut(source_rows))
        .zip(accounts.cut(&mut moved))
        .map(|((((times, amounts), balances), source_rows), places)| Account {
            times,
            amounts,
            balances,
            source_rows,
            places,
        })
        .collect();
    let starts = &accounts.starts;
    let orders: Vec<(AccountOrder, bool)> =
        rows.into_par_iter().zip(starts).map(|(account, start)| account.bring_into_order(*start)).collect();
    let any_moved = orders.iter().any(|(_, moved)| *moved);
    (orders.into_iter().map(|(order, _)| order).collect(), if any_moved { moved } else { Vec::new() })
}

impl Account<'_> {
    /// What was found, and whether rows were moved.
    fn bring_into_order(self, start: u32) -> (AccountOrder, bool) {
        let rows = Bookings { times: self.times, amounts: self.amounts, balances: self.balances };
        let found = rows.true_order();
        found.reading.apply(self.times);
        found.reading.apply(self.amounts);
        found.reading.apply(self.balances);
        found.reading.apply(self.source_rows);
        match &found.reading {
            Reading::Sorted(order) => {
                (start..).zip(order).for_each(|(place, row)| self.places[*row as usize] = place);
            }
            turn => {
                self.places.iter_mut().zip(start..).for_each(|(place, row)| *place = row);
                turn.apply(self.places);
            }
        }
        let moved = found.reading != Reading::Downwards;
        (AccountOrder { order: found.order, n_breaks: found.n_breaks }, moved)
    }
}

/// What each text of a column means, looked up once per text that is there; a blank means nothing.
fn meanings<T: Copy + Default + Send + Sync>(
    column: &[Symbol],
    texts: &FileTexts,
    meaning: impl Fn(&str) -> T,
) -> Vec<T> {
    let mut known: Vec<Option<T>> = vec![None; texts.len() + 1];
    known[0] = Some(T::default());
    let mut of_symbol = |symbol: &Symbol| {
        let number = symbol.index();
        let look_up =
            || meaning(u32::try_from(number).ok().and_then(|number| texts.text(number)).unwrap_or(""));
        *known[number].get_or_insert_with(look_up)
    };
    column.iter().map(&mut of_symbol).collect()
}

/// Brings the rows of users with several accounts into the order of time; rows of one instant stay in the order
/// of accounts.
pub(super) fn join_accounts(columns: &mut LedgerColumns, accounts: &Accounts) {
    if !accounts.any_shared() {
        return;
    }
    let mut order: Vec<u32> = (0..).zip(&columns.times).map(|(row, _)| row).collect();
    for user in accounts.user_starts.windows(2) {
        order[user[0]..user[1]].sort_by_key(|row| columns.times[*row as usize]);
    }
    if !order.is_sorted() {
        columns.reorder(&order);
    }
}
