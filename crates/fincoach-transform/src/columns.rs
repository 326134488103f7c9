//! Where the columns of a layout stand in one file.

use fincoach_core::DataError;

use crate::error::{Error, Place};
use crate::{Column, Layout, OptionalColumn, SignRule, StatusRule};

/// Where the amount of a row stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AmountAt {
    DebitCredit { debit: usize, credit: usize },
    Signed { amount: usize },
    Directed { amount: usize, direction: usize },
}

/// The names of the columns of a file and the positions of those that are read.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) names: Vec<String>,
    pub(crate) date: usize,
    pub(crate) descriptions: Vec<usize>,
    pub(crate) amount: AmountAt,
    pub(crate) status: Option<usize>,
    pub(crate) balance: Option<usize>,
    pub(crate) fee: Option<usize>,
    pub(crate) currency: Option<usize>,
    pub(crate) time: Option<usize>,
    pub(crate) type_code: Option<usize>,
    pub(crate) category: Option<usize>,
    pub(crate) city: Option<usize>,
    pub(crate) country: Option<usize>,
    pub(crate) account: Option<usize>,
    pub(crate) reference: Option<usize>,
    pub(crate) user: Option<usize>,
}

impl Columns {
    /// The columns of a layout, and the user column where there must be one.
    ///
    /// Without a header the names are the positions: `1`, `2` and so on.
    pub(crate) fn find(
        names: Vec<String>,
        place: &Place,
        layout: &Layout,
        user: Option<&str>,
    ) -> Result<Self, Error> {
        let header = Header { names, place };
        let optional = |column| layout.optional(column).map_or(Ok(None), |at| header.optional(at));
        let descriptions = layout.descriptions().iter().map(|column| header.needed("column", column));
        let status = layout.status().map(StatusRule::column);
        Ok(Self {
            date: header.needed("column", layout.date())?,
            descriptions: descriptions.collect::<Result<_, _>>()?,
            amount: header.amount(layout.amount())?,
            status: status.map(|column| header.needed("status column", column)).transpose()?,
            balance: optional(OptionalColumn::Balance)?,
            fee: optional(OptionalColumn::Fee)?,
            currency: optional(OptionalColumn::Currency)?,
            time: optional(OptionalColumn::Time)?,
            type_code: optional(OptionalColumn::Type)?,
            category: optional(OptionalColumn::Category)?,
            city: optional(OptionalColumn::City)?,
            country: optional(OptionalColumn::Country)?,
            account: optional(OptionalColumn::Account)?,
            reference: optional(OptionalColumn::Reference)?,
            user: user.map(|name| header.user(layout, name)).transpose()?,
            names: header.names,
        })
    }

    pub(crate) fn name(&self, position: usize) -> &str {
        self.names.get(position).map_or("", String::as_str)
    }
}

struct Header<'a> {
    names: Vec<String>,
    place: &'a Place,
}

impl Header<'_> {
    fn amount(&self, rule: &SignRule) -> Result<AmountAt, Error> {
        let at = |column| self.needed("column", column);
        Ok(match rule {
            SignRule::DebitCredit { debit, credit } => {
                AmountAt::DebitCredit { debit: at(debit)?, credit: at(credit)? }
            }
            SignRule::Signed { amount } => AmountAt::Signed { amount: at(amount)? },
            SignRule::Directed { amount, direction, .. } => {
                AmountAt::Directed { amount: at(amount)?, direction: at(direction)? }
            }
        })
    }

    /// The user column; the layout may say that it is a position.
    fn user(&self, layout: &Layout, name: &str) -> Result<usize, Error> {
        match layout.optional(OptionalColumn::User) {
            Some(column @ Column::Position(at)) if name.parse() == Ok(*at) => {
                self.needed("user column", column)
            }
            _ => self.needed("user column", &Column::from(name)),
        }
    }

    /// A column with a name may be missing; one with a position is meant to be there.
    fn optional(&self, column: &Column) -> Result<Option<usize>, Error> {
        match column {
            Column::Name(name) => self.position(name),
            Column::Position(_) => self.needed("column", column).map(Some),
        }
    }

    fn position(&self, name: &str) -> Result<Option<usize>, Error> {
        let mut positions = (0..self.names.len()).filter(|position| self.names[*position] == name);
        let first = positions.next();
        if positions.next().is_some() {
            return Err(Error::DuplicateColumn { place: self.place.clone(), column: name.to_owned() });
        }
        Ok(first)
    }

    fn needed(&self, what: &'static str, column: &Column) -> Result<usize, Error> {
        let place = || self.place.clone();
        match column {
            Column::Name(name) => self.position(name)?.ok_or_else(|| Error::MissingColumn {
                place: place(),
                unknown: DataError::unknown(what, name, self.names.iter().cloned()),
                columns: self.names.clone(),
            }),
            Column::Position(position) => {
                let n_columns = self.names.len();
                let at = position.checked_sub(1).filter(|at| *at < n_columns);
                at.ok_or_else(|| Error::MissingPosition { place: place(), position: *position, n_columns })
            }
        }
    }
}
