//! From a file to a ledger.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use fincoach_core::{Ledger, ParamError};
use serde::{Deserialize, Serialize};

use crate::columns::Columns;
use crate::decoded::Decoded;
use crate::engine::{Assembly, Form, Reading, Sizes};
use crate::error::Place;
use crate::held_back::HeldBack;
use crate::plan::{Fields, Plan};
use crate::record::{Record, Records};
use crate::{
    CategoryMap, Error, Layout, OptionalColumn, QualityReport, RowPolicy, TextCleaning, TypeMap, Users,
};

/// A ledger and what was found while reading it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Import {
    /// All rows of the file that can be read and are booked, in true order.
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
/// | `account` | – | the account of every row of a file without an account column; the column wins where there is one |
/// | `cleaning` | [`TextCleaning::Trim`] with a category map that folds, [`TextCleaning::Keep`] with an exact one | whether texts are tidied |
/// | `policy` | [`RowPolicy::Fail`] | what happens to rows that cannot be read |
///
/// Reading takes `O(n)` time and memory for `n` rows in order of date, `O(n log n)` otherwise; the file itself
/// is never held in memory. All threads of the current rayon pool take part; the result does not depend on them.
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
    account: Option<String>,
    #[serde(default)]
    cleaning: Option<TextCleaning>,
    #[serde(default)]
    policy: RowPolicy,
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
            account: None,
            cleaning: None,
            policy: RowPolicy::Fail,
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

    /// Names the account of a file that has no account column. Exports of several accounts of one user need it before
    /// they are [merged](crate::merge) or their [transfers are matched](crate::match_transfers): rows without an
    /// account are all taken for rows of one account.
    ///
    /// # Examples
    /// ```
    /// use fincoach_transform::{CsvReader, Layout, merge};
    /// let header = "Transaction Date,Transaction Description,Debit Amount,Credit Amount\n";
    /// let read = |account: &str| {
    ///     let file = format!("{header}01/03/2024,FEE,2.00,\n");
    ///     CsvReader::new(Layout::lloyds()).with_account(account).read_from(file.as_bytes(), account)
    /// };
    /// let both = merge(&[&read("current")?.ledger, &read("savings")?.ledger])?;
    /// assert_eq!(both.ledger.len(), 2); // a fee on each account, not one fee exported twice
    /// # Ok::<(), fincoach_transform::Error>(())
    /// ```
    #[must_use]
    pub fn with_account(mut self, name: impl Into<String>) -> Self {
        self.account = Some(name.into());
        self
    }

    /// Sets whether texts are tidied.
    #[must_use]
    pub const fn with_cleaning(mut self, cleaning: TextCleaning) -> Self {
        self.cleaning = Some(cleaning);
        self
    }

    /// Sets what happens to rows that cannot be read.
    #[must_use]
    pub const fn with_policy(mut self, policy: RowPolicy) -> Self {
        self.policy = policy;
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
        let column =
            || self.layout.optional(OptionalColumn::User).map(|column| Users::Column(column.to_string()));
        self.users.clone().or_else(column).unwrap_or_default()
    }

    /// The account of a file without an account column, `None` for rows without an account.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Whether texts are tidied.
    #[must_use]
    pub fn cleaning(&self) -> TextCleaning {
        self.cleaning.unwrap_or_else(|| TextCleaning::fitting(self.categories.matching()))
    }

    /// What happens to rows that cannot be read.
    #[must_use]
    pub const fn policy(&self) -> RowPolicy {
        self.policy
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
    /// Where no row can be read or is booked, the ledger is empty and the dates of the report are 1970-01-01.
    ///
    /// # Errors
    /// [`Error::Param`] for a layout or a user rule out of range or a blank account, then whatever is first wrong in the file: any
    /// variant with a place, or [`Error::TooManyRefused`]. Nothing is read in part: it is all rows that the
    /// [`RowPolicy`] lets pass, or an error.
    pub fn read_from(&self, source: impl Read, name: &str) -> Result<Import, Error> {
        self.read_in_pieces(source, name, Sizes::for_threads(rayon::current_num_threads()))
    }

    /// The same in pieces of these sizes.
    pub(crate) fn read_in_pieces(
        &self,
        source: impl Read,
        name: &str,
        sizes: Sizes,
    ) -> Result<Import, Error> {
        let users = self.users();
        users.check()?;
        check_account(self.account())?;
        self.layout.check()?;
        let io = |cause| Error::Io { file: name.to_owned(), cause };
        let source = Decoded::new(source, self.layout.encoding()).map_err(io)?;
        let source = HeldBack::new(source, self.layout.skip_after());
        let source = BufReader::with_capacity(1 << 16, source);
        let records = Records::new(source, name, self.layout.delimiter_byte()?);
        let mut records = records.with_quote(self.layout.quote_byte()?);
        records.skip_lines(self.layout.skip_before())?;

        let Opened { columns, first, header } = self.open(&mut records, name, &users)?;
        let mut plan = Plan::new(name, &columns, (&self.layout, self.cleaning()));
        let form = Form { delimiter: self.layout.delimiter_byte()?, quote: self.layout.quote_byte()? };
        let reading = Reading { form, policy: self.policy, sizes };
        let lines = records.lines();
        let rows = reading.rows(records.into_source(), &mut plan, (first.as_ref(), lines))?;
        if rows.is_empty() {
            return Err(Error::NoRows { place: header });
        }
        let currency = plan.currency();
        let assembly = Assembly { reader: self, columns: &columns, header: &header, currency };
        let (ledger, mut quality) = assembly.finish(rows)?;
        quality.currency = ledger.currency();
        Ok(Import { ledger, quality })
    }

    /// Finds the columns by the header, or by the first record where there is none, and reads the first row.
    fn open(
        &self,
        records: &mut Records<'_, impl BufRead>,
        name: &str,
        users: &Users,
    ) -> Result<Opened, Error> {
        let mut first = Record::default();
        if !records.read(&mut first)? {
            return Err(Error::EmptyFile { file: name.to_owned() });
        }
        let header = self.layout.header();
        let names = if header {
            first.fields().map(|name| name.trim().to_owned()).collect()
        } else {
            (1..=first.n_fields()).map(|position| position.to_string()).collect()
        };
        let user = if let Users::Column(column) = users { Some(column.as_str()) } else { None };
        let place = records.place(first.line());
        let columns = Columns::find(names, &place, &self.layout, user)?;
        Ok(Opened { columns, first: (!header).then_some(first), header: place })
    }
}

/// The name of an account must not be blank: a blank means that none is known.
pub(crate) fn check_account(account: Option<&str>) -> Result<(), ParamError> {
    let name = account.unwrap_or("-");
    ParamError::ensure(!name.trim().is_empty(), "account", "a name", name)
}

/// A file whose columns are known.
struct Opened {
    columns: Columns,
    /// The first record, where it is a row and not the header.
    first: Option<Record>,
    header: Place,
}
