//! Money that moves between two accounts of one user.

mod evidence;
mod group;
mod matching;
mod params;
mod report;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use evidence::Evidence;
use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::{Ledger, Role};
use matching::{Found, match_amount};
pub use params::{OwnAccount, TransferParams};
pub use report::{AmbiguousTransfer, TransferPair, TransferReport};

use crate::Error;

/// A ledger whose transfers are marked, and why they are.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Transfers {
    /// The ledger with [`Role::Transfer`] where one was found.
    pub ledger: Ledger,
    /// The pairs, and what was left alone.
    pub report: TransferReport,
    known_from: Vec<i64>,
}

impl Transfers {
    /// For each row of [`Ledger::all`], the time its role is known from, in seconds like
    /// [`LedgerView::times`](fincoach_core::LedgerView::times): its own time, or that of the other side where this
    /// came later.
    #[must_use]
    pub fn known_from(&self) -> &[i64] {
        &self.known_from
    }

    /// The role of a row as it could be known at `as_of`: [`Role::Ordinary`] for a transfer whose other side is
    /// dated later. For rows dated up to `as_of` this is the role that matching the ledger cut at `as_of` gives.
    ///
    /// # Panics
    /// When `row` is not below the number of rows.
    #[must_use]
    pub fn role_at(&self, row: usize, as_of: NaiveDateTime) -> Role {
        let role = self.ledger.all().roles()[row];
        let known = role != Role::Transfer || self.known_from[row] <= as_of.and_utc().timestamp();
        if known { role } else { Role::Ordinary }
    }

    /// The ledger whose roles are those of [`Transfers::role_at`], for features of this one moment. Rows dated
    /// later stand in it as [`Role::Ordinary`] where their transfer was not complete.
    ///
    /// # Errors
    /// [`Error::Data`] never with the rows of one ledger.
    pub fn as_known_at(&self, as_of: NaiveDateTime) -> Result<Ledger, Error> {
        let roles = (0..self.ledger.len()).map(|row| self.role_at(row, as_of)).collect();
        Ok(self.ledger.clone().with_roles(roles)?)
    }
}

/// Marks transfers between accounts of one user, which are neither income nor spending.
///
/// A transfer is a pair of rows of one user in two accounts, with opposite amounts, no more than
/// [`TransferParams::max_days`] apart; each row is in at most one pair. Rows without an account count as one account
/// more; nothing is matched within an account. Rows that [`TransferParams::own_accounts`] names are marked without
/// another side. Rows marked before are judged anew; [`Role::Refund`] is left alone.
///
/// Rows are looked at in the order of time, as they would arrive, and a pair once made stays. Among the rows of one
/// instant and those before them that are free, pairs fewer days apart come first, then those with more hints (see
/// [`TransferParams`]); then as many pairs as possible are made, lower rows first. Where rows of *different accounts*
/// fit equally well and there is no other side for all of them, none is marked, now or later, and the report lists
/// them: which of them is the transfer, nobody can tell. Twins of one account are alike: the lowest row is taken.
///
/// **Looking ahead.** The role of a row may be decided by a row up to `max_days` later. What is known at `as_of`
/// does not change with rows dated later: [`Transfers::role_at`] gives it, and equals what the ledger cut at `as_of`
/// gives. Features for a past date that must not look ahead take their roles from it (or from
/// [`Transfers::as_known_at`]), not from the ledger itself.
///
/// `O(n log n)`, and for `k` rows of one user and amount within the days `O(k² log k)` time and `O(k²)` memory;
/// `O(k³)` steps of 64 rows each at worst, where most of them fit most others.
///
/// # Errors
/// [`Error::Param`] for more than 31 days.
///
/// # Examples
/// ```
/// use fincoach_core::{Ledger, Money, Role, Transaction, chrono::NaiveDate};
/// use fincoach_transform::{TransferParams, match_transfers};
/// let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).unwrap().into();
/// let mut builder = Ledger::builder();
/// for (account, d, amount) in [("current", 1, -5000), ("current", 2, -5000), ("savings", 3, 5000)] {
///     let mut row = Transaction::new("anna", day(d), Money::from_minor(amount));
///     row.account = Some(account);
///     builder.push(&row)?;
/// }
/// let found = match_transfers(builder.finish(), &TransferParams::default())?;
/// assert_eq!(found.ledger.all().roles(), [Role::Ordinary, Role::Transfer, Role::Transfer]);
/// assert_eq!(found.role_at(1, day(2)), Role::Ordinary); // the money has not arrived yet
/// assert_eq!(found.role_at(1, day(3)), Role::Transfer);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn match_transfers(ledger: Ledger, params: &TransferParams) -> Result<Transfers, Error> {
    params.check()?;
    let all = ledger.all();
    let unmarked = |role: &Role| if *role == Role::Transfer { Role::Ordinary } else { *role };
    let mut roles: Vec<Role> = all.roles().iter().map(unmarked).collect();
    let mut known_from = all.times().to_vec();
    let mut report = TransferReport::default();
    let mut evidence = Evidence::new(&ledger, params);
    let mut start = 0;
    for user in ledger.iter_users() {
        let rows = start..start + user.len();
        start = rows.end;
        for row in rows.clone().filter(|row| roles[*row] == Role::Ordinary) {
            if evidence.is_own_account(row) {
                report.by_rule.push(row);
            }
        }
        let mut found = Found::default();
        for group in by_amount(&ledger, rows, &roles) {
            match_amount(&group, &mut evidence, &mut found);
        }
        report.extend(&ledger, found);
    }
    report.by_rule.iter().for_each(|row| roles[*row] = Role::Transfer);
    let by_rule: BTreeSet<usize> = report.by_rule.iter().copied().collect();
    for pair in &report.pairs {
        for row in [pair.out_row, pair.in_row] {
            roles[row] = Role::Transfer;
            if !by_rule.contains(&row) {
                known_from[row] = pair.known_from.and_utc().timestamp();
            }
        }
    }
    Ok(Transfers { ledger: ledger.with_roles(roles)?, report, known_from })
}

/// The rows of a user by amount without sign, where at least two accounts and both signs occur; in order of time.
fn by_amount(ledger: &Ledger, rows: Range<usize>, roles: &[Role]) -> Vec<Vec<usize>> {
    let all = ledger.all();
    let accounts = &all.accounts()[rows.clone()];
    if accounts.windows(2).all(|pair| pair[0] == pair[1]) {
        return Vec::new();
    }
    let mut groups: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for row in rows.filter(|row| roles[*row] == Role::Ordinary) {
        let amount = all.amounts()[row].minor();
        if amount != 0 {
            groups.entry(amount.unsigned_abs()).or_default().push(row);
        }
    }
    let is_open = |rows: &Vec<usize>| {
        let differs = |same: &dyn Fn(usize, usize) -> bool| rows.iter().any(|row| !same(*row, rows[0]));
        let (amounts, accounts) = (all.amounts(), all.accounts());
        differs(&|a, b| amounts[a] == amounts[b]) && differs(&|a, b| accounts[a] == accounts[b])
    };
    groups.into_values().filter(is_open).collect()
}
