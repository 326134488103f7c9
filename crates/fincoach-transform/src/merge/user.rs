//! All accounts of one user.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use fincoach_core::{DataError, Ledger, LedgerBuilder, LedgerView, TimePrecision};

use super::account::merge_account;
use super::combine::combine;
use super::item::{Item, Origins};
use super::report::MergeReport;
use super::texts::MergeTexts;
use crate::Error;

/// An input that knows the user.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    /// Its number among all inputs.
    number: usize,
    rows: LedgerView<'a>,
}

pub(super) struct UserMerge<'a> {
    /// In an order that does not depend on the one they were given in.
    inputs: Vec<Input<'a>>,
    origins: Origins,
}

impl<'a> UserMerge<'a> {
    /// The inputs that know each user.
    pub(super) fn by_user(ledgers: &[&'a Ledger]) -> BTreeMap<&'a str, Vec<Input<'a>>> {
        let mut users: BTreeMap<&'a str, Vec<Input<'a>>> = BTreeMap::new();
        for (number, ledger) in ledgers.iter().enumerate() {
            for (user, rows) in ledger.users().iter().zip(ledger.iter_users()) {
                users.entry(user).or_default().push(Input { number, rows });
            }
        }
        users
    }

    /// The merge of one user's inputs.
    pub(super) fn new(mut inputs: Vec<Input<'a>>) -> Result<Self, Error> {
        inputs.sort_by(|a, b| by_content(&a.rows, &b.rows));
        let n_rows: usize = inputs.iter().map(|input| input.rows.len()).sum();
        if u32::try_from(n_rows).is_err() {
            let reason = format!("one user has {n_rows} rows, more than 2^32");
            return Err(DataError::Inconsistent { what: "merge", reason }.into());
        }
        Ok(Self { inputs, origins: Origins::default() })
    }

    pub(super) fn run(
        mut self,
        texts: &mut MergeTexts,
        builder: &mut LedgerBuilder,
        report: &mut MergeReport,
    ) -> Result<(), Error> {
        if let [only] = self.inputs[..] {
            return Ok(only
                .rows
                .iter()
                .try_for_each(|row| builder.push(&combine(&[(only.number, row)], report)))?);
        }
        let accounts: BTreeSet<Option<&str>> =
            self.inputs.iter().flat_map(|input| input.rows.iter().map(|row| row.account)).collect();
        let merged: Vec<Vec<Item>> = accounts.iter().map(|account| self.account(*account, texts)).collect();
        for item in self.interleaved(merged) {
            let origins = self.origins.of(&item);
            let rows: Vec<_> = origins
                .map(|origin| {
                    let input = self.inputs[origin.rank as usize];
                    (input.number, input.rows.row(origin.row as usize))
                })
                .collect();
            builder.push(&combine(&rows, report)).map_err(Error::from)?;
        }
        Ok(())
    }

    fn account(&mut self, account: Option<&str>, texts: &mut MergeTexts) -> Vec<Item> {
        let references = self.references(account);
        let mut merged: Vec<Item> = Vec::new();
        for rank in 0..self.inputs.len() {
            let items = self.items((rank, account), &references, texts);
            merged = merge_account(&merged, &items, &mut self.origins, texts);
        }
        merged
    }

    /// Numbers of the references that no input uses twice in this account.
    fn references(&self, account: Option<&str>) -> BTreeMap<&'a str, u32> {
        let mut used: BTreeMap<&'a str, bool> = BTreeMap::new();
        for input in &self.inputs {
            let mut seen: BTreeMap<&'a str, bool> = BTreeMap::new();
            for row in input.rows.iter().filter(|row| row.account == account) {
                let Some(reference) = row.reference else { continue };
                seen.entry(reference).and_modify(|unique| *unique = false).or_insert(true);
            }
            for (reference, unique) in seen {
                *used.entry(reference).or_insert(true) &= unique;
            }
        }
        used.into_iter().filter(|(_, unique)| *unique).map(|(reference, _)| reference).zip(1..).collect()
    }

    fn items(
        &mut self,
        (rank, account): (usize, Option<&str>),
        references: &BTreeMap<&str, u32>,
        texts: &mut MergeTexts,
    ) -> Vec<Item> {
        let Input { number, rows } = self.inputs[rank];
        let ledger = rows.ledger();
        let mut items = Vec::new();
        for row in (0..rows.len()).filter(|row| ledger.text(rows.accounts()[*row]) == account) {
            let text = texts.number(ledger, number, rows.descriptions()[row]);
            let reference = ledger.text(rows.references()[row]);
            // Both fit: `new` has counted the rows.
            let origin = self.origins.push(rank as u32, row as u32);
            items.push(Item {
                time: rows.times()[row],
                precise: rows.precisions()[row] == TimePrecision::Second,
                amount: rows.amounts()[row].minor(),
                balance: rows.balances()[row].map(fincoach_core::Money::minor),
                text,
                reference: reference.and_then(|reference| references.get(reference)).copied().unwrap_or(0),
                pending: texts.is_pending(text),
                first: origin,
                last: origin,
            });
        }
        items
    }

    /// The accounts as one list. Rows of one instant stand as they do in the inputs.
    fn interleaved(&self, accounts: Vec<Vec<Item>>) -> Vec<Item> {
        if accounts.len() == 1 {
            return accounts.into_iter().flatten().collect();
        }
        let place = |item: &Item| {
            let first = self.origins.of(item).map(|origin| (origin.rank, origin.row)).min();
            (item.time, first)
        };
        let mut lists: Vec<_> = accounts.iter().map(|account| account.iter().peekable()).collect();
        let mut all = Vec::with_capacity(accounts.iter().map(Vec::len).sum());
        loop {
            let heads = lists
                .iter_mut()
                .enumerate()
                .filter_map(|(list, items)| items.peek().map(|item| (list, place(item))));
            let Some((list, _)) = heads.min_by_key(|(_, place)| *place) else { return all };
            all.extend(lists[list].next().copied());
        }
    }
}

/// Inputs by the time they begin and end, then by what they hold.
fn by_content(a: &LedgerView<'_>, b: &LedgerView<'_>) -> Ordering {
    let span =
        |rows: &LedgerView<'_>| (rows.times().first().copied(), rows.times().last().copied(), rows.len());
    let texts = |row: fincoach_core::Transaction<'_>| {
        (
            row.account.map(str::to_owned),
            row.description.to_owned(),
            row.reference.map(str::to_owned),
            (row.raw_category.map(str::to_owned), row.city.map(str::to_owned), row.source_row),
        )
    };
    span(a)
        .cmp(&span(b))
        .then_with(|| a.times().cmp(b.times()))
        .then_with(|| a.amounts().cmp(b.amounts()))
        .then_with(|| a.balances().cmp(b.balances()))
        .then_with(|| a.iter().map(texts).cmp(b.iter().map(texts)))
}
