//! Which columns make the amount, and which way money goes.

use std::collections::BTreeMap;

use fincoach_core::chrono::NaiveTime;

use super::chain::{Held, Step, chain};
use super::names::{Purpose, booked, leaves};
use super::numbers::{Marks, Numbers, numbers, value};
use super::table::{Profile, Table, values};
use crate::{DateFormat, SignRule};

/// The columns that make the amount of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// One column with a sign, or with none.
    One(usize),
    /// Money that leaves and money that arrives.
    Two { debit: usize, credit: usize },
    /// One column without a sign and one with words.
    Directed { amount: usize, direction: usize },
}

impl Flow {
    pub(super) fn columns(self) -> Vec<usize> {
        match self {
            Self::One(amount) | Self::Directed { amount, .. } => vec![amount],
            Self::Two { debit, credit } => vec![debit, credit],
        }
    }

    /// The rule of a layout.
    pub(super) fn rule(self, table: &Table) -> SignRule {
        match self {
            Self::One(amount) => SignRule::Signed { amount: table.place(amount) },
            Self::Two { debit, credit } => {
                SignRule::DebitCredit { debit: table.place(debit), credit: table.place(credit) }
            }
            Self::Directed { amount, direction } => {
                let (money_out, money_in) = words(table, direction);
                let (amount, direction) = (table.place(amount), table.place(direction));
                SignRule::Directed { amount, direction, money_out, money_in }
            }
        }
    }
}

/// How amounts and dates are read while the flow is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    pub(super) table: &'a Table,
    pub(super) date: (usize, DateFormat),
    pub(super) marks: Marks,
    pub(super) decimals: u32,
    /// Column whose values keep accounts apart.
    pub(super) account: Option<usize>,
    /// Column that is taken from the amount.
    pub(super) fee: Option<usize>,
    /// Column that says which rows are booked.
    pub(super) status: Option<usize>,
}

impl Reading<'_> {
    fn cell(&self, row: usize, column: usize) -> Option<i64> {
        let text = self.table.shape.rows.get(row)?.field(column);
        value(text, self.marks, self.decimals)
    }

    /// The amount of a row as the flow gives it, money that arrives above 0.
    pub(super) fn amount(&self, flow: Flow, row: usize) -> Option<i64> {
        let amount = match flow {
            Flow::One(amount) => self.cell(row, amount),
            Flow::Two { debit, credit } => match (self.cell(row, debit), self.cell(row, credit)) {
                (None, None) => None,
                (debit, credit) => credit.unwrap_or(0).checked_sub(debit.unwrap_or(0)),
            },
            Flow::Directed { amount, direction } => {
                let word = self.table.shape.rows.get(row)?.field(direction);
                let amount = self.cell(row, amount)?;
                leaves(word).map(|out| if out { -amount } else { amount })
            }
        };
        let fee = self.fee.and_then(|fee| self.cell(row, fee)).unwrap_or(0);
        amount?.checked_sub(fee)
    }

    /// How far the balances of a column follow from the amounts.
    pub(super) fn chain(&self, flow: Flow, balance: usize, sign: i64) -> Held {
        let mut accounts: BTreeMap<&str, Vec<Step>> = BTreeMap::new();
        for (row, line) in self.table.shape.rows.iter().enumerate() {
            let account = self.account.map_or("", |account| line.field(account));
            let open = self.status.is_some_and(|status| booked(line.field(status)) == Some(false));
            let step = || {
                if open {
                    return None;
                }
                let stamp = self.date.1.stamp(line.field(self.date.0))?;
                let time = stamp.date.and_time(stamp.clock.map_or(NaiveTime::MIN, |(time, _)| time));
                Some(Step { time, amount: self.amount(flow, row)?, balance: self.cell(row, balance)? })
            };
            accounts.entry(account).or_default().extend(step());
        }
        let accounts: Vec<Vec<Step>> = accounts.into_values().collect();
        chain(&accounts, sign)
    }

    /// Whether each row has an amount in exactly one of two columns.
    pub(super) fn complementary(&self, a: usize, b: usize) -> bool {
        let filled = |row, column| self.cell(row, column).is_some_and(|value| value != 0);
        let n = self.table.n_rows();
        let one = (0..n).filter(|row| filled(*row, a) != filled(*row, b)).count();
        let both = (0..n).filter(|row| filled(*row, a) && filled(*row, b)).count();
        both == 0 && one * 20 >= n * 19
    }
}

/// The numbers of these columns together.
pub(super) fn numbers_of(table: &Table, columns: &[usize], decimals: Option<u32>) -> Option<Numbers> {
    let mut texts: Vec<(usize, &str)> =
        columns.iter().flat_map(|column| values(&table.shape, *column)).collect();
    texts.sort_by_key(|(line, _)| *line);
    numbers(&texts, decimals)
}

/// The columns of amounts by their names.
pub(super) fn named_flow(table: &Table) -> Option<Flow> {
    let usable = |column: &&Profile| column.is_numeric() || column.n_filled == 0;
    let position = |purpose| table.named(purpose).find(usable).map(|column| column.position);
    let filled = |position: usize| table.column(position).is_some_and(|column| column.n_filled > 0);
    let one = table.named(Purpose::Amount).find(|column| column.is_numeric());
    let two =
        position(Purpose::Debit).zip(position(Purpose::Credit)).filter(|(a, b)| filled(*a) || filled(*b));
    let direction = direction(table).map(|column| column.position);
    match (one, two, direction) {
        // An amount with signs says as much as two columns beside it.
        (Some(one), _, _) if one.n_minus > 0 => Some(Flow::One(one.position)),
        (_, Some((debit, credit)), _) => Some(Flow::Two { debit, credit }),
        (Some(one), None, Some(direction)) => Some(Flow::Directed { amount: one.position, direction }),
        (Some(one), None, None) => Some(Flow::One(one.position)),
        (None, None, _) => None,
    }
}

/// Columns of numbers that may be amounts by content: unnamed, and with decimals where there are such.
pub(super) fn number_columns(table: &Table) -> Vec<usize> {
    let money = |column: &Profile| match column.named {
        None => true,
        Some((purpose, _)) => {
            matches!(purpose, Purpose::Amount | Purpose::Debit | Purpose::Credit | Purpose::Balance)
        }
    };
    let open =
        table.columns.iter().filter(|column| column.is_numeric() && column.dates.is_none() && money(column));
    let (marked, whole): (Vec<&Profile>, Vec<&Profile>) = open.partition(|column| column.n_marked > 0);
    let columns = if marked.is_empty() { whole } else { marked };
    columns.into_iter().map(|column| column.position).collect()
}

/// The column whose every value says which way money goes.
pub(super) fn direction(table: &Table) -> Option<&Profile> {
    let says = |column: &&Profile| {
        let n = column.distinct.len();
        (1..=4).contains(&n)
            && column.n_filled == table.n_rows()
            && column.distinct.iter().all(|word| leaves(word).is_some())
    };
    let named = table.named(Purpose::Direction).chain(table.named(Purpose::Type)).find(says);
    named.or_else(|| table.columns.iter().find(says))
}

/// The words for money out and in; where only one side occurs, the other is the word that goes with it.
fn words(table: &Table, direction: usize) -> (Vec<String>, Vec<String>) {
    const PAIRS: [(&str, &str); 10] = [
        ("debit", "credit"),
        ("dr", "cr"),
        ("d", "c"),
        ("soll", "haben"),
        ("s", "h"),
        ("af", "bij"),
        ("dbit", "crdt"),
        ("out", "in"),
        ("-", "+"),
        ("dare", "avere"),
    ];
    let Some(column) = table.column(direction) else { return (Vec::new(), Vec::new()) };
    let mut seen: Vec<String> = Vec::new();
    for word in &column.distinct {
        if !seen.iter().any(|other| other.to_lowercase() == word.to_lowercase()) {
            seen.push(word.clone());
        }
    }
    let (mut money_out, mut money_in): (Vec<String>, Vec<String>) =
        seen.into_iter().partition(|word| leaves(word) == Some(true));
    let partner = |words: &[String], out: bool| {
        let word = words.first().map(|word| word.to_lowercase()).unwrap_or_default();
        let pair =
            PAIRS.iter().find(|pair| if out { pair.0 == word } else { pair.1 == word }).unwrap_or(&PAIRS[0]);
        vec![if out { pair.1 } else { pair.0 }.to_owned()]
    };
    if money_in.is_empty() {
        money_in = partner(&money_out, true);
    } else if money_out.is_empty() {
        money_out = partner(&money_in, false);
    }
    (money_out, money_in)
}
