//! Which way money goes, and what proves it.

use super::chain::Held;
use super::finding::{Notes, Topic};
use super::flow::{Flow, Reading, direction};
use super::names::leaves;
use super::numbers::parts;
use super::question::{Answers, Question, SignReading};
use super::table::{Profile, Table};

/// How the signs of a file are turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts, private to detection")]
pub(super) struct Sign {
    /// Amounts and balances have the opposite sign.
    pub(super) inverted: bool,
    /// Debit and credit change places.
    pub(super) swapped: bool,
    /// Whether the balance goes with the amounts.
    pub(super) keep_balance: bool,
    /// Whether a balance, words or an answer prove it.
    pub(super) proven: bool,
}

const PLAIN: Sign = Sign { inverted: false, swapped: false, keep_balance: true, proven: true };

/// The chain with amounts as they are and turned round.
struct Proof {
    plain: Option<Held>,
    turned: Option<Held>,
    balance: String,
}

impl Proof {
    fn of(reading: &Reading<'_>, flow: Flow, balance: Option<usize>) -> Self {
        let shown =
            balance.and_then(|balance| reading.table.column(balance)).map_or(String::new(), Profile::shown);
        let held = |sign| balance.map(|balance| reading.chain(flow, balance, sign));
        Self { plain: held(1), turned: held(-1), balance: shown }
    }

    fn proves(&self) -> bool {
        self.plain.is_some_and(Held::proves)
    }

    fn refutes(&self) -> bool {
        !self.proves() && self.turned.is_some_and(Held::proves)
    }

    /// Writes down what the chain says.
    fn note(&self, notes: &mut Notes) {
        let Some(held) = self.plain else { return };
        let (balance, shown) = (&self.balance, held.shown());
        if self.proves() {
            notes.reason(
                Topic::Balance,
                format!("{balance}: the chain balance[i] = balance[i-1] + amount[i] {shown}"),
            );
            if held.held < held.steps {
                notes.doubt(Topic::Balance, format!("the chain breaks {} times", held.steps - held.held));
            }
        } else if self.refutes() {
            let turned = self.turned.map_or(String::new(), Held::shown);
            notes.doubt(
                Topic::Balance,
                format!("{balance}: the chain balance[i] = balance[i-1] - amount[i] {turned}"),
            );
        } else if held.steps > 0 {
            notes.doubt(
                Topic::Balance,
                format!("{balance}: the chain balance[i] = balance[i-1] + amount[i] {shown}"),
            );
        } else {
            notes.doubt(Topic::Balance, format!("{balance}: one row is no chain"));
        }
    }
}

impl Sign {
    /// The sign of a flow, and the question where nothing tells it.
    pub(super) fn of(
        reading: &Reading<'_>,
        (flow, balance): (Flow, Option<usize>),
        named: bool,
        (answers, notes): (&Answers, &mut Notes),
    ) -> (Self, Option<Question>) {
        let proof = Proof::of(reading, flow, balance);
        proof.note(notes);
        match flow {
            Flow::One(amount) => one(reading.table, amount, &proof, (answers, notes)),
            Flow::Two { debit, credit } if named => (two(reading, (debit, credit), &proof, notes), None),
            Flow::Two { debit, credit } => two_unnamed(reading, (debit, credit), &proof, (answers, notes)),
            Flow::Directed { amount, direction } => {
                (directed(reading.table, (amount, direction), &proof, notes), None)
            }
        }
    }
}

fn one(
    table: &Table,
    amount: usize,
    proof: &Proof,
    (answers, notes): (&Answers, &mut Notes),
) -> (Sign, Option<Question>) {
    let Some(column) = table.column(amount) else { return (PLAIN, None) };
    let (n, n_minus) = (column.n_numbers, column.n_minus);
    let counts = format!("{n_minus} of {n} amounts are below 0");
    let shown = column.shown();
    let sign = Sign { keep_balance: !proof.refutes(), ..PLAIN };
    if proof.refutes() {
        notes.doubt(Topic::Balance, "no layout turns amounts but not balances: the balance is left out");
    }
    if let Some(reading) = answers.sign {
        notes.reason(Topic::Sign, format!("{shown}: {counts}; which way they go is as answered"));
        return (Sign { inverted: reading == SignReading::Inverted, ..sign }, None);
    }
    if proof.proves() && n_minus > 0 {
        notes.reason(Topic::Sign, format!("{shown} has signs: {counts}, and the balance follows them"));
        if n_minus * 4 < n {
            notes.doubt(
                Topic::Sign,
                "few amounts are below 0: with a credit card whose balance is a debt all signs are turned",
            );
        }
        return (sign, None);
    }
    match words_agree(table, amount) {
        Some((reading, text)) if !proof.refutes() => {
            notes.reason(Topic::Sign, format!("{shown} has signs: {counts}, {text}"));
            (Sign { inverted: reading == SignReading::Inverted, ..sign }, None)
        }
        _ if n_minus > 0 && n_minus * 2 >= n && !proof.refutes() => {
            notes.reason(Topic::Sign, format!("{shown} has signs: {counts}"));
            notes.doubt(Topic::Sign, "no balance proves that amounts below 0 leave the account");
            (Sign { proven: false, ..sign }, None)
        }
        _ => {
            let column = column.name.clone().unwrap_or_else(|| (amount + 1).to_string());
            (
                Sign { proven: false, ..sign },
                Some(Question::Sign { column, hint: format!("{counts}, and no balance tells") }),
            )
        }
    }
}

/// What a column of words like debit and credit says about the signs, where they agree in every row.
fn words_agree(table: &Table, amount: usize) -> Option<(SignReading, String)> {
    let column = direction(table)?;
    let shown = column.shown();
    let mut pairs = table.shape.rows.iter().filter_map(|row| {
        let minus = parts(row.field(amount))?.minus.is_some();
        Some(leaves(row.field(column.position))? == minus)
    });
    let first = pairs.next()?;
    let both = column.distinct.len() > 1;
    let agree = both && pairs.all(|same| same == first);
    let reading = if first { SignReading::AsWritten } else { SignReading::Inverted };
    agree.then(|| (reading, format!("which agrees with the words of {shown} in every row")))
}

fn two(reading: &Reading<'_>, (debit, credit): (usize, usize), proof: &Proof, notes: &mut Notes) -> Sign {
    let shown = |column| reading.table.column(column).map_or(String::new(), Profile::shown);
    let names = format!("{} leaves and {} arrives, by their names", shown(debit), shown(credit));
    note_pair(reading, (debit, credit), notes);
    if proof.refutes() {
        notes.reason(Topic::Sign, names);
        notes.doubt(
            Topic::Sign,
            "the balance grows with what leaves: it is taken as a debt, as with a credit card",
        );
        return Sign { inverted: true, swapped: true, ..PLAIN };
    }
    let proved = if proof.proves() { ", and the balance follows" } else { "" };
    notes.reason(Topic::Sign, format!("{names}{proved}"));
    PLAIN
}

fn two_unnamed(
    reading: &Reading<'_>,
    (debit, credit): (usize, usize),
    proof: &Proof,
    (answers, notes): (&Answers, &mut Notes),
) -> (Sign, Option<Question>) {
    let shown = |column| reading.table.column(column).map_or(String::new(), Profile::shown);
    let (left, right) = (shown(debit), shown(credit));
    note_pair(reading, (debit, credit), notes);
    if proof.proves() {
        notes.reason(Topic::Sign, format!("{left} leaves and {right} arrives: the balance follows"));
        return (PLAIN, None);
    }
    if let Some(reading) = answers.sign {
        let swapped = reading == SignReading::Inverted;
        notes.reason(Topic::Sign, format!("{left} and {right}: which one leaves is as answered"));
        return (Sign { swapped, ..PLAIN }, None);
    }
    let hint = format!("`as written`: {left} leaves and {right} arrives, `inverted`: the other way round");
    (PLAIN, Some(Question::Sign { column: (debit + 1).to_string(), hint }))
}

/// What would keep the reader from taking two columns as money out and in.
fn note_pair(reading: &Reading<'_>, (debit, credit): (usize, usize), notes: &mut Notes) {
    if !reading.complementary(debit, credit) {
        notes.doubt(
            Topic::Sign,
            "not every row has an amount in one of the two columns and nothing in the other",
        );
    }
    for column in [debit, credit].into_iter().filter_map(|column| reading.table.column(column)) {
        if column.n_minus > 0 {
            let (n, shown) = (column.n_minus, column.shown());
            notes.doubt(
                Topic::Sign,
                format!("{n} amounts of {shown} have a minus, which the reader refuses there"),
            );
        }
    }
}

fn directed(table: &Table, (amount, direction): (usize, usize), proof: &Proof, notes: &mut Notes) -> Sign {
    let shown = |column| table.column(column).map_or(String::new(), Profile::shown);
    let words: Vec<&str> = table
        .column(direction)
        .map_or(Vec::new(), |column| column.distinct.iter().map(String::as_str).collect());
    let proved = if proof.proves() { ", and the balance follows" } else { "" };
    notes.reason(
        Topic::Sign,
        format!("{} has no signs; {} says it: {}{proved}", shown(amount), shown(direction), words.join(", ")),
    );
    if proof.refutes() {
        notes.doubt(Topic::Sign, "the balance goes against the words: it is left out");
    }
    if let Some(column) = table.column(amount).filter(|column| column.n_minus > 0) {
        notes.doubt(
            Topic::Sign,
            format!("{} amounts have a minus, which the reader refuses there", column.n_minus),
        );
    }
    Sign { keep_balance: !proof.refutes(), ..PLAIN }
}
