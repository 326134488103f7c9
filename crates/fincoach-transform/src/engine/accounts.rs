//! The accounts of a file.

use fincoach_core::natural_cmp;

use super::file_texts::FileTexts;
use super::piece::Worker;
use crate::Error;
use crate::error::Place;
use crate::rows::USER;

/// The accounts in natural order of their names; without a user column there is one and it has no name.
#[derive(Debug)]
pub(super) struct Accounts {
    pub(super) names: Vec<String>,
    /// Where the rows of each begin, and where the last one's end.
    pub(super) starts: Vec<u32>,
    /// The accounts in the order the file first names them.
    pub(super) by_first_row: Vec<usize>,
    /// For each worker: its number of a user → account.
    pub(super) of_worker: Vec<Vec<u32>>,
}

impl Accounts {
    /// All rows are one account's.
    pub(super) fn one(n_rows: u32) -> Self {
        Self { names: Vec::new(), starts: vec![0, n_rows], by_first_row: vec![0], of_worker: Vec::new() }
    }

    /// Those of the user column.
    pub(super) fn of_users(workers: &[Worker], place: &Place) -> Result<Self, Error> {
        let texts = FileTexts::of(workers, &[USER], place)?;
        let mut users: Vec<_> = texts.uses(workers, USER).into_iter().collect();
        let name = |number: u32| texts.text(number).unwrap_or_default();
        users.sort_by(|a, b| natural_cmp(name(a.0), name(b.0)));
        let mut account_of = vec![0; texts.len() + 1];
        let (mut starts, mut end) = (vec![0], 0_u32);
        for (account, (number, used)) in (0..).zip(&users) {
            account_of[*number as usize] = account;
            end = end.saturating_add(u32::try_from(used.rows).unwrap_or(u32::MAX));
            starts.push(end);
        }
        let mut by_first_row: Vec<usize> = (0..users.len()).collect();
        by_first_row.sort_by_key(|account| users[*account].1.first);
        let of_worker = (0..workers.len())
            .map(|worker| texts.map(worker, USER).iter().map(|number| account_of[*number as usize]).collect())
            .collect();
        Ok(Self { names: users.iter().map(|(number, _)| name(*number).to_owned()).collect(), starts, by_first_row, of_worker })
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The rows of an account.
    pub(super) fn rows(&self, account: usize) -> std::ops::Range<usize> {
        self.starts[account] as usize..self.starts[account + 1] as usize
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
