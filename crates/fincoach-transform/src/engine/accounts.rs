//! The accounts of a file.

use std::ops::Range;

use fincoach_core::natural_cmp;
use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::file_texts::{FileTexts, Uses};
use super::piece::Worker;
use super::text_columns::{ACCOUNT, OfTexts, USER};
use crate::Error;
use crate::error::Place;

/// The accounts, users in natural order of their names and each one's accounts in the order the file names them.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    /// Where the rows of each begin, and where the last one's end.
    pub(super) starts: Vec<u32>,
    /// The accounts by user in the order the file names users, then in its order of accounts.
    pub(super) by_first_row: Vec<usize>,
    /// The users; empty without a user column.
    pub(super) users: Vec<String>,
    /// Where the rows of each user begin, and where the last one's end.
    pub(super) user_starts: Vec<usize>,
}

/// The account of each row, a piece at a time.
pub(super) enum AccountRows {
    /// All rows are one account's.
    One,
    /// Numbers of users as the worker of a piece has them; for each worker the accounts they are.
    ByWorker(Vec<Vec<u32>>, Vec<Vec<u32>>),
    /// Accounts.
    Known(Vec<Vec<u32>>),
}

/// What tells accounts apart: a user and a text of the account column, both 0 where there is no such column.
type Key = (u32, u32);

/// An account before it has its place.
struct Found {
    key: Key,
    rows: u64,
}

impl Accounts {
    /// The accounts of the user and the account column, as far as there are such columns.
    pub(super) fn of(
        workers: &[Worker],
        (texts, of_piece): (&mut OfTexts<Vec<Vec<u32>>>, &[usize]),
        n_rows: usize,
        place: &Place,
    ) -> Result<(Self, AccountRows), Error> {
        let filled = |column: usize| texts[column].iter().any(|rows| !rows.is_empty());
        let (by_user, by_account) = (filled(USER), filled(ACCOUNT));
        let known = FileTexts::of(workers, &[USER, ACCOUNT], place)?;
        let uses = [known.uses(workers, USER), known.uses(workers, ACCOUNT)];
        let users = std::mem::take(&mut texts[USER]);
        if by_account {
            let (found, rows) = pairs((&users, &texts[ACCOUNT]), &known, of_piece);
            let (accounts, place_of) = Self::placed(found, &known, &uses);
            let rows = rows.into_iter().map(|rows| rows.iter().map(|row| place_of[*row as usize]).collect());
            return Ok((accounts, AccountRows::Known(rows.collect())));
        }
        if !by_user {
            let found =
                if n_rows == 0 { Vec::new() } else { vec![Found { key: (0, 0), rows: n_rows as u64 }] };
            return Ok((Self::placed(found, &known, &uses).0, AccountRows::One));
        }
        let found: Vec<Found> =
            uses[0].iter().map(|(number, used)| Found { key: (*number, 0), rows: used.rows }).collect();
        let mut account_of = vec![0; known.len() + 1];
        let numbers: Vec<u32> = found.iter().map(|found| found.key.0).collect();
        let (accounts, place_of) = Self::placed(found, &known, &uses);
        numbers.iter().zip(place_of).for_each(|(number, place)| account_of[*number as usize] = place);
        let of_worker =
            |worker| known.map(worker, USER).iter().map(|number| account_of[*number as usize]).collect();
        Ok((accounts, AccountRows::ByWorker(users, (0..workers.len()).map(of_worker).collect())))
    }

    /// Gives accounts their places, and the place of each.
    fn placed(found: Vec<Found>, texts: &FileTexts, [users, accounts]: &[Uses; 2]) -> (Self, Vec<u32>) {
        let name = |number: u32| texts.text(number).unwrap_or_default();
        // A blank, which has no first row here, comes before all texts.
        let first = |uses: &Uses, number: u32| uses.get(&number).map(|used| used.first);
        let first_row = |found: &Found| (first(users, found.key.0), first(accounts, found.key.1));
        let mut order: Vec<usize> = (0..found.len()).collect();
        order.sort_by(|a, b| {
            let (a, b) = (&found[*a], &found[*b]);
            natural_cmp(name(a.key.0), name(b.key.0)).then_with(|| first_row(a).1.cmp(&first_row(b).1))
        });
        let mut placed = Self { starts: vec![0], user_starts: vec![0], ..Self::default() };
        let mut place_of = vec![0; found.len()];
        let (mut end, mut last_user) = (0_u64, None);
        for (place, index) in (0..).zip(&order) {
            let account = &found[*index];
            place_of[*index] = place;
            if last_user != Some(account.key.0) {
                last_user = Some(account.key.0);
                placed.users.extend(texts.text(account.key.0).map(str::to_owned));
                placed.user_starts.push(0);
            }
            end += account.rows;
            placed.starts.push(u32::try_from(end).unwrap_or(u32::MAX));
            if let Some(user_end) = placed.user_starts.last_mut() {
                *user_end = usize::try_from(end).unwrap_or(usize::MAX);
            }
        }
        placed.by_first_row = (0..found.len()).collect();
        placed.by_first_row.sort_by_key(|place| first_row(&found[order[*place]]));
        (placed, place_of)
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The rows of an account.
    pub(super) fn rows(&self, account: usize) -> Range<usize> {
        self.starts[account] as usize..self.starts[account + 1] as usize
    }

    /// Whether a user has several accounts.
    pub(super) fn any_shared(&self) -> bool {
        self.user_starts.len() < self.starts.len()
    }

    /// Cuts a column into the rows of each account.
    pub(super) fn cut<'a, T>(&self, mut column: &'a mut [T]) -> Vec<&'a mut [T]> {
        let mut cut = |account| {
            let (rows, rest) = std::mem::take(&mut column).split_at_mut(self.rows(account).len());
            column = rest;
            rows
        };
        (0..self.len()).map(&mut cut).collect()
    }
}

/// The pairs of user and account in the order of the file, and which of them each row has.
fn pairs(
    (users, accounts): (&[Vec<u32>], &[Vec<u32>]),
    texts: &FileTexts,
    of_piece: &[usize],
) -> (Vec<Found>, Vec<Vec<u32>>) {
    let mut known: IndexMap<Key, u64, FixedState> = IndexMap::default();
    let mut rows = Vec::with_capacity(accounts.len());
    for ((users, accounts), worker) in users.iter().zip(accounts).zip(of_piece) {
        let (user_map, account_map) = (texts.map(*worker, USER), texts.map(*worker, ACCOUNT));
        let pair = |(row, account): (usize, &u32)| {
            let user = users.get(row).map_or(0, |user| user_map[*user as usize]);
            let entry = known.entry((user, account_map[*account as usize]));
            let index = entry.index();
            *entry.or_insert(0) += 1;
            u32::try_from(index).unwrap_or(u32::MAX)
        };
        rows.push(accounts.iter().enumerate().map(pair).collect());
    }
    (known.into_iter().map(|(key, rows)| Found { key, rows }).collect(), rows)
}
