//! From a table to a layout, with what is open.

use std::collections::BTreeMap;

use super::currency::Currencies;
use super::finding::{Notes, Topic};
use super::flow::{Flow, Reading, direction, named_flow, number_columns, numbers_of};
use super::names::Purpose;
use super::numbers::{Marks, Numbers};
use super::optional::{account_column, descriptions, optional_columns};
use super::question::{Answers, Question};
use super::sign::Sign;
use super::table::{Profile, Table, values};
use crate::{DateFormat, Encoding, Layout, OptionalColumn};

/// A layout as far as the file tells, and what is left open.
#[derive(Clone, Debug)]
pub(super) struct Proposal {
    pub(super) layout: Layout,
    pub(super) questions: Vec<Question>,
    /// Whether more than a habit tells which way money goes.
    pub(super) sign_proven: bool,
}

/// A layout for a table; a text says what no layout can be without.
pub(super) fn propose(
    table: &Table,
    encoding: Encoding,
    answers: &Answers,
    notes: &mut Notes,
) -> Result<Proposal, String> {
    let mut questions = Vec::new();
    let dates = date_column(table, notes).ok_or("no column of dates was found")?;
    let form = date_form(table, dates, answers, notes).unwrap_or_else(|question| {
        questions.extend(question);
        dates.dates.as_ref().and_then(|dates| dates.forms.first()).copied().unwrap_or(DateFormat::ISO)
    });
    let currencies = Currencies::of(table, notes);
    let money = Money::of(table, (dates.position, form), &currencies, (answers, notes))?;
    questions.extend(money.questions.iter().cloned());
    let texts =
        descriptions(table, &money.used(dates.position), notes).ok_or("no column of texts was found")?;
    let mut layout = Layout::new(table.place(dates.position), form, "", money.rule(table))
        .with_descriptions(texts.into_iter().map(|column| table.place(column)))
        .with_delimiter(table.shape.dialect.delimiter)
        .with_quote(table.shape.dialect.quote)
        .with_encoding(encoding)
        .with_skip_before(table.shape.skip_before)
        .with_skip_after(table.shape.skip_after)
        .with_numbers(money.numbers.format(money.marks));
    if table.shape.header.is_none() {
        layout = layout.without_header();
    }
    if let Some(currency) = currencies.one {
        layout = layout.with_currency(currency);
    }
    if money.sign.inverted {
        layout = layout.with_signs_inverted();
    }
    for (column, position) in money.optional(&currencies).into_iter().chain(optional_columns(table, notes)) {
        layout = layout.with_optional(column, table.place(position));
    }
    let layout = super::optional::with_status(layout, table, notes);
    Ok(Proposal { layout, questions, sign_proven: money.sign.proven })
}

fn date_column<'a>(table: &'a Table, notes: &mut Notes) -> Option<&'a Profile> {
    let is_date = |column: &&Profile| column.dates.is_some();
    let named = table.named(Purpose::Date).chain(table.named(Purpose::OtherDate));
    let parted = |column: &&Profile| !column.is_numeric();
    let unnamed = table.columns.iter().filter(is_date);
    let column = named.filter(is_date).chain(unnamed.clone().filter(parted)).chain(unnamed.clone()).next()?;
    let others: Vec<String> = unnamed
        .filter(|other| other.position != column.position)
        .filter(parted)
        .map(Profile::shown)
        .collect();
    notes.reason(
        Topic::Columns,
        format!("{} is the date: {}", column.shown(), by_name(column, "its values are dates")),
    );
    if !others.is_empty() {
        notes.doubt(
            Topic::Dates,
            format!("{} could be the date as well as {}", others.join(", "), column.shown()),
        );
    }
    Some(column)
}

/// Why a column is what it is: by its name, or else by its values.
fn by_name(column: &Profile, otherwise: &str) -> String {
    if column.named.is_some() { "by its name and its values".to_owned() } else { otherwise.to_owned() }
}

/// The form of the dates, or the question for it.
fn date_form(
    table: &Table,
    column: &Profile,
    answers: &Answers,
    notes: &mut Notes,
) -> Result<DateFormat, Option<Question>> {
    let dates = column.dates.as_ref().ok_or(None)?;
    let shown = column.shown();
    let form = dates.form(answers.order).ok_or_else(|| {
        let texts = values(&table.shape, column.position);
        Some(
            dates.question(&column.name.clone().unwrap_or_else(|| (column.position + 1).to_string()), &texts),
        )
    })?;
    let evidence = match &dates.proof {
        _ if dates.forms.len() > 1 => "as answered".to_owned(),
        Some((line, text)) => format!("`{text}` in line {line} is none in any other order"),
        None => "no other form reads them".to_owned(),
    };
    let (n_read, n_filled) = (dates.n_read, dates.n_filled);
    notes.reason(Topic::Dates, format!("{shown} is {form}, {n_read} of {n_filled} values: {evidence}"));
    if let Some((line, text)) = &dates.first_unread {
        notes.doubt(Topic::Dates, format!("line {line}: `{text}` in {shown} is no {form}"));
    }
    Ok(form)
}

/// What makes the amounts of a file.
struct Money {
    flow: Flow,
    numbers: Numbers,
    marks: Marks,
    balance: Option<usize>,
    fee: Option<usize>,
    sign: Sign,
    questions: Vec<Question>,
}

impl Money {
    fn of(
        table: &Table,
        date: (usize, DateFormat),
        currencies: &Currencies,
        (answers, notes): (&Answers, &mut Notes),
    ) -> Result<Self, String> {
        let open = number_columns(table);
        let named = named_flow(table);
        let mut columns: Vec<usize> = named.map_or_else(|| open.clone(), Flow::columns);
        columns.extend(
            table.named(Purpose::Balance).find(|column| column.is_numeric()).map(|column| column.position),
        );
        columns.sort_unstable();
        columns.dedup();
        let numbers =
            numbers_of(table, &columns, currencies.decimals()).ok_or("no column of amounts was found")?;
        let (marks, question) = marks(table, &columns, &numbers, answers);
        note_numbers(&numbers, marks, question.is_some(), notes);
        let decimals = currencies.decimals().unwrap_or(2);
        let account = account_column(table);
        let status = table.named(Purpose::Status).next().map(|column| column.position);
        let mut reading = Reading { table, date, marks, decimals, account, fee: None, status };
        let (flow, balance) = match named {
            Some(flow) => (flow, balance_column(&reading, flow, &open)),
            None => flow_by_content(&reading, &open, notes).ok_or("no column of amounts was found")?,
        };
        reading.fee = fee_column(&reading, flow, balance, notes);
        let (sign, sign_question) = Sign::of(&reading, (flow, balance), named.is_some(), (answers, notes));
        let balance = balance.filter(|_| sign.keep_balance);
        let questions = question.into_iter().chain(sign_question).collect();
        Ok(Self { flow, numbers, marks, balance, fee: reading.fee, sign, questions })
    }

    fn rule(&self, table: &Table) -> crate::SignRule {
        match self.flow {
            Flow::Two { debit, credit } if self.sign.swapped => Flow::Two { debit: credit, credit: debit },
            flow => flow,
        }
        .rule(table)
    }

    fn used(&self, date: usize) -> Vec<usize> {
        let direction = if let Flow::Directed { direction, .. } = self.flow { Some(direction) } else { None };
        let mut used = self.flow.columns();
        used.extend([Some(date), direction, self.balance, self.fee].into_iter().flatten());
        used
    }

    fn optional(&self, currencies: &Currencies) -> BTreeMap<OptionalColumn, usize> {
        let columns = [
            (OptionalColumn::Balance, self.balance),
            (OptionalColumn::Fee, self.fee),
            (OptionalColumn::Currency, currencies.column),
        ];
        columns.into_iter().filter_map(|(column, position)| Some((column, position?))).collect()
    }
}

/// The marks of the amounts, and the question for the decimal one where it is open.
fn marks(
    table: &Table,
    columns: &[usize],
    numbers: &Numbers,
    answers: &Answers,
) -> (Marks, Option<Question>) {
    let Some((rival, example)) = &numbers.rival else { return (numbers.marks, None) };
    match answers.decimal {
        Some(mark) if mark == numbers.marks.decimal => (numbers.marks, None),
        Some(mark) if mark == rival.decimal => (*rival, None),
        _ => {
            let column = columns
                .first()
                .and_then(|column| table.column(*column))
                .map_or(String::new(), Profile::shown);
            let marks = vec![numbers.marks.decimal, rival.decimal];
            (numbers.marks, Some(Question::DecimalMark { column, example: example.clone(), marks }))
        }
    }
}

fn note_numbers(numbers: &Numbers, marks: Marks, open: bool, notes: &mut Notes) {
    let thousands = marks.thousands.map_or("no mark".to_owned(), |mark| format!("`{}`", mark.escape_debug()));
    let read = format!("{} of {} amounts", numbers.n_read, numbers.n_filled);
    let form = format!("`{}` before decimals and {thousands} between thousands reads {read}", marks.decimal);
    if !open {
        let example = numbers.proof.as_ref().map_or(String::new(), |text| format!(", such as `{text}`"));
        notes.reason(Topic::Numbers, format!("{form}{example}"));
    }
    if numbers.proof.is_none() && !open {
        notes.doubt(
            Topic::Numbers,
            "no amount has decimals: whole numbers are taken as major units, not as cents",
        );
    }
    if let Some((line, text)) = &numbers.first_unread {
        notes.doubt(Topic::Numbers, format!("line {line}: `{text}` is no amount of this form"));
    }
    let symbols: Vec<&str> = numbers.symbols().collect();
    if !symbols.is_empty() {
        notes.reason(Topic::Numbers, format!("beside amounts stands {}", symbols.join(", ")));
    }
}

/// The balance by its name, or the first column whose chain holds.
fn balance_column(reading: &Reading<'_>, flow: Flow, open: &[usize]) -> Option<usize> {
    let named = reading.table.named(Purpose::Balance).find(|column| column.is_numeric());
    let proved = |column: &&usize| {
        let chain = |sign| reading.chain(flow, **column, sign).proves();
        !flow.columns().contains(column) && (chain(1) || chain(-1))
    };
    named.map(|column| column.position).or_else(|| open.iter().take(8).find(proved).copied())
}

/// The amount and the balance of columns without names: the pair whose chain holds best.
fn flow_by_content(
    reading: &Reading<'_>,
    open: &[usize],
    notes: &mut Notes,
) -> Option<(Flow, Option<usize>)> {
    let open = &open[..open.len().min(8)];
    let flows = flows(reading, open);
    let mut best: Option<(usize, Flow, usize)> = None;
    for flow in &flows {
        for balance in open.iter().filter(|column| !flow.columns().contains(column)) {
            let held = reading.chain(*flow, *balance, 1);
            if held.proves() && best.is_none_or(|(most, ..)| held.held > most) {
                best = Some((held.held, *flow, *balance));
            }
        }
    }
    if let Some((_, flow, balance)) = best {
        return Some((flow, Some(balance)));
    }
    let flow = *flows.first()?;
    if open.len() > flow.columns().len() {
        notes.doubt(
            Topic::Columns,
            "several columns could be the amount and no balance tells which: the first is taken",
        );
    }
    Some((flow, None))
}

/// Flows these columns allow: two that are filled in turn, an amount with words beside it, an amount alone.
fn flows(reading: &Reading<'_>, open: &[usize]) -> Vec<Flow> {
    let pairs = open.iter().flat_map(|debit| open.iter().map(move |credit| (*debit, *credit)));
    let pairs = pairs.filter(|(debit, credit)| debit != credit && reading.complementary(*debit, *credit));
    let mut flows: Vec<Flow> = pairs.map(|(debit, credit)| Flow::Two { debit, credit }).collect();
    let full = |column: &&usize| {
        let n_rows = reading.table.n_rows();
        let full =
            |column: &Profile| column.n_filled * 20 >= n_rows * 19 && !column.is_named(Purpose::Balance);
        reading.table.column(**column).is_some_and(full)
    };
    let unsigned = |column: &usize| reading.table.column(*column).is_some_and(|column| column.n_minus == 0);
    if let Some(direction) = direction(reading.table) {
        let direction = direction.position;
        let directed = open.iter().filter(full).filter(|column| unsigned(column));
        flows.extend(directed.map(|amount| Flow::Directed { amount: *amount, direction }));
    }
    flows.extend(open.iter().filter(full).map(|amount| Flow::One(*amount)));
    flows
}

/// The fee, where it has one and it is taken from the amount.
fn fee_column(reading: &Reading<'_>, flow: Flow, balance: Option<usize>, notes: &mut Notes) -> Option<usize> {
    let column = reading.table.named(Purpose::Fee).find(|column| column.is_numeric())?;
    let (shown, with) = (column.shown(), Reading { fee: Some(column.position), ..*reading });
    if column.n_minus > 0 {
        notes.doubt(Topic::Columns, format!("{shown} has fees below 0 and is left out of the amounts"));
        return None;
    }
    let held = balance.map(|balance| (with.chain(flow, balance, 1), reading.chain(flow, balance, 1)));
    match held {
        Some((with, without)) if with.proves() && with.held >= without.held => {
            notes.reason(
                Topic::Columns,
                format!("{shown} is taken from the amount: with it the chain {}", with.shown()),
            );
            Some(column.position)
        }
        Some((_, without)) if without.proves() => {
            notes.reason(
                Topic::Columns,
                format!("{shown} is no part of the balance and left out of the amounts"),
            );
            None
        }
        _ => {
            notes
                .doubt(Topic::Columns, format!("{shown} is taken from the amount, and no balance proves it"));
            Some(column.position)
        }
    }
}
