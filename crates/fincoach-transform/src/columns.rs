//! Where the columns of a layout stand in one file.

use fincoach_core::DataError;

use crate::error::{Error, Place};
use crate::record::Record;
use crate::rows::N_TEXTS;
use crate::{Layout, OptionalColumn, SignRule};

/// The header of a file and the positions of the columns that are read.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) names: Vec<String>,
    pub(crate) date: usize,
    pub(crate) description: usize,
    pub(crate) debit: usize,
    pub(crate) credit: usize,
    pub(crate) balance: Option<usize>,
    pub(crate) time: Option<usize>,
    pub(crate) type_code: Option<usize>,
    pub(crate) category: Option<usize>,
    pub(crate) city: Option<usize>,
    pub(crate) country: Option<usize>,
    pub(crate) user: Option<usize>,
}

impl Columns {
    /// The columns of a layout, and the user column where there must be one.
    pub(crate) fn find(
        header: &Record,
        place: &Place,
        layout: &Layout,
        user: Option<&str>,
    ) -> Result<Self, Error> {
        let header = Header { names: header.fields().map(|name| name.trim().to_owned()).collect(), place };
        let optional = |column| layout.optional(column).map_or(Ok(None), |name| header.position(name));
        let SignRule::DebitCredit { debit, credit } = layout.amount();
        Ok(Self {
            date: header.needed("column", layout.date())?,
            description: header.needed("column", layout.description())?,
            debit: header.needed("column", debit)?,
            credit: header.needed("column", credit)?,
            balance: optional(OptionalColumn::Balance)?,
            time: optional(OptionalColumn::Time)?,
            type_code: optional(OptionalColumn::Type)?,
            category: optional(OptionalColumn::Category)?,
            city: optional(OptionalColumn::City)?,
            country: optional(OptionalColumn::Country)?,
            user: user.map(|name| header.needed("user column", name)).transpose()?,
            names: header.names,
        })
    }

    /// The columns of the texts of a row.
    pub(crate) const fn texts(&self) -> [Option<usize>; N_TEXTS] {
        [self.type_code, self.category, Some(self.description), self.city, self.country, self.user]
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
    fn position(&self, name: &str) -> Result<Option<usize>, Error> {
        let mut positions = (0..self.names.len()).filter(|position| self.names[*position] == name);
        let first = positions.next();
        if positions.next().is_some() {
            return Err(Error::DuplicateColumn { place: self.place.clone(), column: name.to_owned() });
        }
        Ok(first)
    }

    fn needed(&self, what: &'static str, name: &str) -> Result<usize, Error> {
        self.position(name)?.ok_or_else(|| Error::MissingColumn {
            place: self.place.clone(),
            unknown: DataError::unknown(what, name, self.names.iter().cloned()),
            columns: self.names.clone(),
        })
    }
}
