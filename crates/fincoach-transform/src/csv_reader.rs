//! From a file to a ledger.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use fincoach_core::Ledger;
use serde::{Deserialize, Serialize};

use crate::columns::Columns;
use crate::engine::{Assembly, Form, Sizes, read_rows};
use crate::record::{Record, Records};
use crate::rows::Parser;
use crate::{CategoryMap, Error, Layout, OptionalColumn, QualityReport, TextCleaning, TypeMap, Users};

/// A ledger and what was found while reading it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Import {
    /// All rows of the file, in true order.
    pub ledger: Ledger,
    /// What the file holds and lacks.
    pub quality: QualityReport,
}

/// Reads delimited exports of one layout.
///
/// | setting | default | meaning |
/// | --- | --- | --- |
/// | `layout` | – | columns and forms of the file |
/// | `categories` | [`CategoryMap::standard`] | raw → standard category |
/// | `types` | [`TypeMap::standard`] | type code → direction |
/// | `users` | the user column of the layout, else [`Users::One`] | whose rows are whose |
/// | `cleaning` | [`TextCleaning::Trim`] with a category map that folds, [`TextCleaning::Keep`] with an exact one | whether texts are tidied |
///
/// Reading takes `O(n)` time and memory for `n` rows in order of date, `O(n log n)` otherwise; the file itself
/// is never held in memory.
///
/// # Examples
/// ```
/// use fincoach_transform::{CsvReader, Layout, Users};
/// let export = "\
/// Transaction Date,Transaction Description,Debit Amount,Credit Amount,User ID
/// 01/03/2024,LIDL,15.02,,anna
/// 02/03/2024,TESCO,3.50,,ben
/// ";
/// let reader = CsvReader::new(Layout::lloyds()).with_users(Users::Column("User ID".into()));
/// assert_eq!(reader.read_from(export.as_bytes(), "two people")?.ledger.users(), ["anna", "ben"]);
/// # Ok::<(), fincoach_transform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvReader {
    layout: Layout,
    #[serde(default)]
    categories: CategoryMap,
    #[serde(default)]
    types: TypeMap,
    #[serde(default)]
    users: Option<Users>,
    #[serde(default)]
    cleaning: Option<TextCleaning>,
}

impl CsvReader {
    /// A reader with the standard maps.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        Self {
            layout,
            categories: CategoryMap::standard(),
            types: TypeMap::standard(),
            users: None,
            cleaning: None,
        }
    }

    /// A reader with the notebook's maps that leaves every text as it is.
    #[must_use]
    pub fn notebook(layout: Layout) -> Self {
        Self::new(layout).with_categories(CategoryMap::notebook()).with_types(TypeMap::notebook())
    }

    /// Sets the map of categories; unless told by [`CsvReader::with_cleaning`], cleaning follows it.
    #[must_use]
    pub fn with_categories(mut self, categories: CategoryMap) -> Self {
        self.categories = categories;
        self
    }

    /// Sets the map of type codes.
    #[must_use]
    pub fn with_types(mut self, types: TypeMap) -> Self {
        self.types = types;
        self
    }

    /// Sets whose rows are whose.
    #[must_use]
    pub fn with_users(mut self, users: Users) -> Self {
        self.users = Some(users);
        self
    }

    /// Sets whether texts are tidied.
    #[must_use]
    pub const fn with_cleaning(mut self, cleaning: TextCleaning) -> Self {
        self.cleaning = Some(cleaning);
        self
    }

    /// The form of the file.
    #[must_use]
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The map of categories.
    #[must_use]
    pub const fn categories(&self) -> &CategoryMap {
        &self.categories
    }

    /// The map of type codes.
    #[must_use]
    pub const fn types(&self) -> &TypeMap {
        &self.types
    }

    /// Whose rows are whose.
    #[must_use]
    pub fn users(&self) -> Users {
        let column = || self.layout.optional(OptionalColumn::User).map(|name| Users::Column(name.to_owned()));
        self.users.clone().or_else(column).unwrap_or_default()
    }

    /// Whether texts are tidied.
    #[must_use]
    pub fn cleaning(&self) -> TextCleaning {
        self.cleaning.unwrap_or_else(|| TextCleaning::fitting(self.categories.matching()))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be opened or read, and as [`CsvReader::read_from`].
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Import, Error> {
        let file = path.as_ref().display().to_string();
        match File::open(path) {
            Ok(source) => self.read_from(source, &file),
            Err(cause) => Err(Error::Io { file, cause }),
        }
    }

    /// Reads a source, called `name` in errors and in the report. It is buffered here.
    ///
    /// # Errors
    /// [`Error::Param`] for a layout or a user rule out of range, then whatever is first wrong in the file: any
    /// variant with a place. Nothing is read in part: it is all rows or an error.
    pub fn read_from(&self, source: impl Read, name: &str) -> Result<Import, Error> {
        let sizes = Sizes::for_threads(rayon::current_num_threads());
        self.read_in_pieces(source, name, sizes)
    }

    fn read_in_pieces(&self, source: impl Read, name: &str, sizes: Sizes) -> Result<Import, Error> {
        let users = self.users();
        users.check()?;
        let delimiter = self.layout.delimiter_byte()?;
        let mut records = Records::new(BufReader::with_capacity(1 << 16, source), name, delimiter);
        let columns = self.read_header(&mut records, name, &users)?;
        let header = records.place(records.line());
        let (date_format, cleaning) = (self.layout.date_format(), self.cleaning());
        let parser = Parser { file: name, columns: &columns, date_format, cleaning };
        let form = Form { delimiter, quote: b'"' };
        let rows = read_rows(records.into_source(), &parser, (form, sizes), header.line)?;
        let assembly = Assembly { reader: self, columns: &columns, header: &header };
        let (ledger, quality) = assembly.finish(rows)?;
        Ok(Import { ledger, quality })
    }

    fn read_header(
        &self,
        records: &mut Records<'_, impl BufRead>,
        name: &str,
        users: &Users,
    ) -> Result<Columns, Error> {
        let mut header = Record::default();
        if !records.read(&mut header)? {
            return Err(Error::EmptyFile { file: name.to_owned() });
        }
        let user = if let Users::Column(column) = users { Some(column.as_str()) } else { None };
        Columns::find(&header, &records.place(header.line()), &self.layout, user)
    }
}
