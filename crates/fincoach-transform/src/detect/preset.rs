//! Shipped layouts that fit a file.

use super::finding::{Notes, Topic};
use super::numbers::{Marks, value};
use super::propose::Proposal;
use super::question::{Answers, Question, SignReading};
use super::table::{Table, values};
use crate::{Column, Encoding, Layout, OptionalColumn, SignRule};

/// A shipped layout and how much of a file it takes.
struct Fit {
    name: &'static str,
    layout: Layout,
    n_columns: usize,
}

const OPTIONAL: [OptionalColumn; 12] = [
    OptionalColumn::Number,
    OptionalColumn::Time,
    OptionalColumn::Type,
    OptionalColumn::Balance,
    OptionalColumn::Category,
    OptionalColumn::City,
    OptionalColumn::Country,
    OptionalColumn::User,
    OptionalColumn::Account,
    OptionalColumn::Reference,
    OptionalColumn::Fee,
    OptionalColumn::Currency,
];

/// Columns whose loss changes what amounts mean.
const WEIGHTY: [OptionalColumn; 3] = [OptionalColumn::Balance, OptionalColumn::Fee, OptionalColumn::Time];

/// A layout with so many columns tells what a question would ask.
const TELLING: usize = 5;

/// Takes the shipped layout that fits best, where one does; an open date order stays open.
pub(super) fn prefer_preset(
    table: &Table,
    proposal: &mut Proposal,
    answers: &Answers,
    notes: &mut Notes,
) -> Option<&'static str> {
    let fits: Vec<Fit> =
        Layout::preset_names().iter().filter_map(|name| fit(name, table, proposal, answers)).collect();
    let most = fits.iter().map(|fit| fit.n_columns).max()?;
    let best: Vec<&Fit> = fits.iter().filter(|fit| fit.n_columns == most).collect();
    let first = best.first()?;
    if best.iter().any(|fit| !same_meaning(&fit.layout, &first.layout)) {
        let names: Vec<&str> = best.iter().map(|fit| fit.name).collect();
        notes.doubt(
            Topic::Preset,
            format!("the layouts {} fit, and they differ: none is taken", names.join(", ")),
        );
        return None;
    }
    // A few columns with common names are no bank's mark, and an order of dates is never taken on trust.
    let telling = most >= TELLING;
    proposal.questions.retain(|question| matches!(question, Question::DateOrder { .. }) || !telling);
    let names: Vec<String> = best.iter().map(|fit| format!("`{}`", fit.name)).collect();
    notes.reason(
        Topic::Preset,
        format!(
            "the shipped layout {} fits: its {most} columns are there and its forms read every row",
            names.join(" and ")
        ),
    );
    if first.layout.inverted() && !proposal.layout.inverted() {
        notes.doubt(
            Topic::Sign,
            format!("signs are turned only because the layout `{}` turns them", first.name),
        );
    }
    proposal.layout = adapted(&first.layout, &proposal.layout);
    Some(first.name)
}

/// The preset in the encoding and between the lines of this file, with the columns it does not know of.
fn adapted(preset: &Layout, found: &Layout) -> Layout {
    let mut layout = preset.clone().with_skip_before(found.skip_before()).with_skip_after(found.skip_after());
    if found.quote() != Some('"') {
        layout = layout.with_quote(found.quote());
    }
    if found.encoding() != Encoding::Utf8 {
        layout = layout.with_encoding(found.encoding());
    }
    let used: Vec<Column> = used(preset).cloned().collect();
    for column in OPTIONAL {
        // A clock beside dates that have one would be a second time of day.
        let clashes = column == OptionalColumn::Time && preset.date_format().has_time();
        let place = found.optional(column).filter(|place| !used.contains(place));
        if let Some(place) = place.filter(|_| preset.optional(column).is_none() && !clashes) {
            layout = layout.with_optional(column, place.clone());
        }
    }
    layout
}

/// The columns a layout reads.
fn used(layout: &Layout) -> impl Iterator<Item = &Column> {
    needed(layout).into_iter().chain(OPTIONAL.into_iter().filter_map(|column| layout.optional(column)))
}

fn same_meaning(a: &Layout, b: &Layout) -> bool {
    let money = |layout: &Layout| (layout.amount().clone(), layout.inverted(), layout.numbers().clone());
    a.date() == b.date()
        && a.date_format() == b.date_format()
        && money(a) == money(b)
        && a.currency() == b.currency()
}

fn fit(name: &'static str, table: &Table, proposal: &Proposal, answers: &Answers) -> Option<Fit> {
    let layout = Layout::preset(name).ok()?;
    let found = &proposal.layout;
    let same = layout.delimiter() == found.delimiter() && layout.header() == table.shape.header.is_some();
    let needed: Vec<&Column> = needed(&layout);
    let there = |column: &Column| position(table, column);
    if !same || needed.iter().any(|column| there(column).is_none()) {
        return None;
    }
    let n_needed = needed.len();
    let weighty = |column: &OptionalColumn| {
        let clock = *column == OptionalColumn::Time && layout.date_format().has_time();
        clock || found.optional(*column).is_none() || layout.optional(*column).and_then(&there).is_some()
    };
    let optional =
        OPTIONAL.iter().filter(|column| layout.optional(**column).and_then(&there).is_some()).count();
    let fits =
        WEIGHTY.iter().all(weighty) && dates_fit(table, &layout, answers) && amounts_fit(table, &layout);
    let n_columns = n_needed + optional;
    let fits = fits && sign_fits(&layout, n_columns, proposal, answers);
    fits.then_some(Fit { name, n_columns, layout })
}

fn needed(layout: &Layout) -> Vec<&Column> {
    let amount = match layout.amount() {
        SignRule::DebitCredit { debit, credit } => vec![debit, credit],
        SignRule::Signed { amount } => vec![amount],
        SignRule::Directed { amount, direction, .. } => vec![amount, direction],
    };
    let status = layout.status().map(crate::StatusRule::column);
    std::iter::once(layout.date()).chain(layout.descriptions()).chain(amount).chain(status).collect()
}

/// Where a column stands in the table, if it does.
fn position(table: &Table, column: &Column) -> Option<usize> {
    match column {
        Column::Position(position) => {
            position.checked_sub(1).filter(|position| *position < table.columns.len())
        }
        Column::Name(name) => {
            let mut places = table.columns.iter().filter(|column| column.name.as_deref() == Some(name));
            places.next().filter(|_| places.next().is_none()).map(|column| column.position)
        }
    }
}

fn dates_fit(table: &Table, layout: &Layout, answers: &Answers) -> bool {
    let format = layout.date_format();
    let Some(column) = position(table, layout.date()) else { return false };
    let answered = answers.order.is_none_or(|order| {
        let open = table
            .column(column)
            .and_then(|column| column.dates.as_ref())
            .is_some_and(|dates| dates.forms.len() > 1);
        !open || order == format.order()
    });
    answered && values(&table.shape, column).iter().all(|(_, text)| format.parse(text).is_some())
}

fn amounts_fit(table: &Table, layout: &Layout) -> bool {
    let numbers = layout.numbers();
    let marks = Marks { decimal: numbers.decimal(), thousands: numbers.thousands() };
    let decimals = layout.currency().map_or(2, |currency| u32::from(currency.decimals()));
    let columns: Vec<&Column> = match layout.amount() {
        SignRule::DebitCredit { debit, credit } => vec![debit, credit],
        SignRule::Signed { amount } | SignRule::Directed { amount, .. } => vec![amount],
    };
    let read = |column: &&Column| {
        position(table, column).is_some_and(|column| {
            values(&table.shape, column).iter().all(|(_, text)| value(text, marks, decimals).is_some())
        })
    };
    columns.iter().all(read)
}

/// Whether the signs of a preset go with what the file or an answer tells.
fn sign_fits(layout: &Layout, n_columns: usize, proposal: &Proposal, answers: &Answers) -> bool {
    let told = match answers.sign {
        Some(reading) => layout.inverted() == (reading == SignReading::Inverted),
        None => {
            !proposal.sign_proven && n_columns >= TELLING || layout.inverted() == proposal.layout.inverted()
        }
    };
    told || !matches!(layout.amount(), SignRule::Signed { .. })
}
