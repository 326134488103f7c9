//! The columns of a file, each with what its values look like.

use std::collections::BTreeSet;

use super::dates::{Dates, dates};
use super::names::{Purpose, purpose};
use super::numbers::{is_number, parts};
use super::shape::Shape;
use crate::Column;

/// Distinct values kept of a column.
const DISTINCT: usize = 40;

/// A column and its values.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) position: usize,
    pub(super) name: Option<String>,
    /// What its name says it is for, and how good a name for it that is.
    pub(super) named: Option<(Purpose, usize)>,
    pub(super) n_filled: usize,
    pub(super) n_numbers: usize,
    /// Numbers with a mark for decimals or thousands.
    pub(super) n_marked: usize,
    pub(super) n_minus: usize,
    pub(super) dates: Option<Dates>,
    pub(super) n_times: usize,
    /// Distinct values, no more than 40.
    pub(super) distinct: BTreeSet<String>,
    pub(super) mean_len: usize,
}

impl Profile {
    fn of(shape: &Shape, position: usize) -> Self {
        let name = shape.header.as_ref().and_then(|header| header.get(position)).cloned();
        let values = values(shape, position);
        let taken: Vec<_> =
            values.iter().filter(|(_, text)| is_number(text)).filter_map(|(_, text)| parts(text)).collect();
        let marked = |body: &str| !body.bytes().all(|byte| byte.is_ascii_digit());
        Self {
            position,
            named: name.as_deref().and_then(purpose),
            name: name.filter(|name| !name.is_empty()),
            n_filled: values.len(),
            n_numbers: taken.len(),
            n_marked: taken.iter().filter(|parts| marked(parts.body)).count(),
            n_minus: taken.iter().filter(|parts| parts.minus.is_some()).count(),
            // Dates in both orders are dates, too: half of them are read by either.
            dates: dates(&values).filter(|dates| dates.hold() || dates.forms.len() > 1 && dates.half_hold()),
            n_times: values.iter().filter(|(_, text)| is_time(text)).count(),
            distinct: distinct(&values),
            mean_len: values.iter().map(|(_, text)| text.chars().count()).sum::<usize>()
                / values.len().max(1),
        }
    }

    /// How reasons and doubts call it.
    pub(super) fn shown(&self) -> String {
        match &self.name {
            Some(name) => format!("column {} `{name}`", self.position + 1),
            None => format!("column {}", self.position + 1),
        }
    }

    pub(super) fn is_numeric(&self) -> bool {
        self.n_numbers > 0 && self.n_numbers * 10 >= self.n_filled * 9
    }

    pub(super) fn is_time(&self) -> bool {
        self.n_times > 0 && self.n_times * 10 >= self.n_filled * 9
    }

    pub(super) fn is_text(&self) -> bool {
        self.n_filled > 0 && !self.is_numeric() && !self.is_time() && self.dates.is_none()
    }

    pub(super) fn is_named(&self, purpose: Purpose) -> bool {
        self.named.is_some_and(|(named, _)| named == purpose)
    }

    /// Whether every value is a code of three capital letters.
    pub(super) fn is_currency(&self) -> bool {
        let code = |text: &String| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        self.n_filled > 0 && self.distinct.len() < 8 && self.distinct.iter().all(code)
    }
}

fn is_time(text: &str) -> bool {
    crate::date_format::parse_time(text).is_some()
}

fn distinct(values: &[(usize, &str)]) -> BTreeSet<String> {
    let mut distinct = BTreeSet::new();
    for (_, text) in values {
        if distinct.len() < DISTINCT && !distinct.contains(*text) {
            distinct.insert((*text).to_owned());
        }
    }
    distinct
}

/// The values of a column that are not blank, with their lines.
pub(super) fn values(shape: &Shape, position: usize) -> Vec<(usize, &str)> {
    let all = shape.rows.iter().map(|row| (row.number, row.field(position)));
    all.filter(|(_, text)| !text.is_empty()).collect()
}

/// All columns of a file.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) columns: Vec<Profile>,
    pub(super) shape: Shape,
}

impl Table {
    pub(super) fn of(shape: Shape) -> Self {
        let columns = (0..shape.n_columns).map(|position| Profile::of(&shape, position)).collect();
        Self { columns, shape }
    }

    pub(super) fn n_rows(&self) -> usize {
        self.shape.rows.len()
    }

    /// The column as a layout points at it: by name where it has one that no other has.
    pub(super) fn place(&self, position: usize) -> Column {
        let name = self.columns.get(position).and_then(|column| column.name.as_ref());
        let same =
            |name: &String| self.columns.iter().filter(|other| other.name.as_ref() == Some(name)).count();
        match name.filter(|name| same(name) == 1) {
            Some(name) => Column::Name(name.clone()),
            None => Column::Position(position + 1),
        }
    }

    /// The columns of a purpose by name, the best name first and of equals the first.
    pub(super) fn named(&self, purpose: Purpose) -> impl Iterator<Item = &Profile> {
        let mut columns: Vec<&Profile> =
            self.columns.iter().filter(|column| column.is_named(purpose)).collect();
        columns.sort_by_key(|column| column.named.map_or(0, |(_, rank)| rank));
        columns.into_iter()
    }

    pub(super) fn column(&self, position: usize) -> Option<&Profile> {
        self.columns.get(position)
    }
}
