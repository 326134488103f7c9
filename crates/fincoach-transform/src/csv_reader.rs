//! From a file to a ledger.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Category, Currency, Direction, Ledger, LedgerBuilder, Transaction};
use serde::{Deserialize, Serialize};

use crate::columns::Columns;
use crate::decoded::Decoded;
use crate::error::Place;
use crate::held_back::HeldBack;
use crate::order::true_order;
use crate::plan::{Fields, Parsed, Plan};
use crate::policy::LeftOut;
use crate::quality::{Counted, date_range};
use crate::record::{Record, Records};
use crate::rows::{Row, Rows};
use crate::texts::TextId;
use crate::users::Timeline;
use crate::{
    CategoryMap, ColumnBlanks, Error, Layout, OptionalColumn, QualityReport, RowPolicy, TextCleaning,
    TypeMap, Users,
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
/// | `cleaning` | [`TextCleaning::Trim`] with a category map that folds, [`TextCleaning::Keep`] with an exact one | whether texts are tidied |
/// | `policy` | [`RowPolicy::Fail`] | what happens to rows that cannot be read |
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
    /// [`Error::Param`] for a layout or a user rule out of range, then whatever is first wrong in the file: any
    /// variant with a place, or [`Error::TooManyRefused`]. Nothing is read in part: it is all rows that the
    /// [`RowPolicy`] lets pass, or an error.
    pub fn read_from(&self, source: impl Read, name: &str) -> Result<Import, Error> {
        let users = self.users();
        users.check()?;
        self.layout.check()?;
        let io = |cause| Error::Io { file: name.to_owned(), cause };
        let source = Decoded::new(source, self.layout.encoding()).map_err(io)?;
        let source = HeldBack::new(source, self.layout.skip_after());
        let records = Records::new(source, name, self.layout.delimiter_byte()?);
        let mut records = records.with_quote(self.layout.quote_byte()?);
        records.skip_lines(self.layout.skip_before())?;

        let Opened { columns, first, header } = self.open(&mut records, name, &users)?;
        let mut plan = Plan::new(name, &columns, (&self.layout, self.cleaning()));
        let (rows, left_out) = self.read_rows(&mut records, &mut plan, (first, header))?;
        left_out.check(self.policy, name)?;
        let counted = Counted { types: columns.type_code.is_some(), categories: columns.category.is_some() };
        let mut quality = QualityReport::of_rows(name, &rows, counted, &self.categories);
        quality.add_left_out(left_out);
        let blanks = columns.names.iter().zip(&rows.blanks);
        quality.blanks =
            blanks.map(|(name, rows)| ColumnBlanks { column: name.clone(), rows: *rows }).collect();
        let ledger = self.ledger(&rows, (&users, plan.currency()), &mut quality)?;
        Ok(Import { ledger, quality })
    }

    /// Finds the columns by the header, or by the first record where there is none, and reads the first row.
    fn open(&self, records: &mut Records<impl Read>, name: &str, users: &Users) -> Result<Opened, Error> {
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
        records.set_columns(&columns.names);
        Ok(Opened { columns, first: (!header).then_some(first), header: place })
    }

    fn read_rows(
        &self,
        records: &mut Records<impl Read>,
        plan: &mut Plan<'_>,
        (first, header): (Option<Record>, Place),
    ) -> Result<(Rows, LeftOut), Error> {
        let (mut rows, mut left_out) = (Rows::new(plan.columns.names.len()), LeftOut::default());
        let (mut scratch, mut number) = (String::new(), 0_u32);
        let mut waiting = first.is_some();
        let mut record = first.unwrap_or_default();
        loop {
            if !std::mem::take(&mut waiting) {
                match records.read(&mut record) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        left_out.refuse(self.policy, error, None::<&Record>)?;
                        number = number.saturating_add(1);
                        continue;
                    }
                }
            }
            // Row numbers are u32 in a ledger.
            number =
                number.checked_add(1).ok_or_else(|| Error::TooManyRows { place: plan.place(&record) })?;
            if plan.needs_currency() {
                plan.take_currency(&record);
            }
            match plan.parse(&record, &mut scratch) {
                Ok(Parsed::Booked(entry)) => {
                    rows.push(&entry, (number, record.line()))
                        .ok_or_else(|| Error::TooManyRows { place: plan.place(&record) })?;
                    rows.count_blanks(&record, self.cleaning());
                }
                Ok(Parsed::NotBooked(state)) => left_out.add_not_booked(state, &record),
                Err(error) => left_out.refuse(self.policy, error, Some(&record))?,
            }
        }
        if number == 0 {
            return Err(Error::NoRows { place: header });
        }
        if self.cleaning() == TextCleaning::Trim {
            rows.unify_places();
        }
        Ok((rows, left_out))
    }

    /// Brings the rows of each account into true order and hands them to the ledger.
    fn ledger(
        &self,
        rows: &Rows,
        (users, currency): (&Users, Option<Currency>),
        quality: &mut QualityReport,
    ) -> Result<Ledger, Error> {
        let meanings = Meanings::of(rows, self);
        let mut naming = Naming::new(users, date_range(&rows.rows));
        let mut builder = Ledger::builder();
        if let Some(currency) = currency {
            builder = builder.with_currency(currency);
        }
        for ((user, _), file_order) in accounts(&rows.rows) {
            let (ordered, order) = true_order(&rows.rows, file_order);
            quality.add_account(&rows.rows, &ordered, order);
            for index in ordered {
                let user = naming.user(rows.texts.get(user), rows.rows[index].time.date());
                push(&mut builder, rows, (index, user), &meanings)?;
            }
        }
        let ledger = builder.finish();
        quality.rows_in_ledger = ledger.len() as u64;
        quality.users = ledger.n_users() as u64;
        Ok(ledger)
    }
}

/// A file whose columns are known.
struct Opened {
    columns: Columns,
    /// The first record, where it is a row and not the header.
    first: Option<Record>,
    header: Place,
}

/// What each text means as a category and as a type code, looked up once per text.
struct Meanings {
    categories: Vec<Category>,
    directions: Vec<Direction>,
}

impl Meanings {
    fn of(rows: &Rows, reader: &CsvReader) -> Self {
        let n = rows.texts.n_ids();
        let (mut categories, mut directions) = (vec![Category::Other; n], vec![Direction::Other; n]);
        let used = |column: fn(&Row) -> TextId| rows.texts.count(rows.rows.iter().map(column));
        for (id, count) in (0_u32..).zip(used(|row| row.category)) {
            if let Some(text) = rows.texts.get(id).filter(|_| count > 0) {
                categories[id as usize] = reader.categories.category(text);
            }
        }
        for (id, count) in (0_u32..).zip(used(|row| row.type_code)) {
            if let Some(text) = rows.texts.get(id).filter(|_| count > 0) {
                directions[id as usize] = reader.types.direction(text);
            }
        }
        Self { categories, directions }
    }
}

/// The row indices of each account in the order of the file, by user and account; without such columns all are
/// of account (0, 0).
fn accounts(rows: &[Row]) -> BTreeMap<(TextId, TextId), Vec<usize>> {
    let mut accounts: BTreeMap<(TextId, TextId), Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        accounts.entry((row.user, row.account)).or_default().push(index);
    }
    accounts
}

/// Names users; the last name is kept, as rows come in the order of time.
struct Naming {
    timeline: Option<Timeline>,
    last: (i64, String),
}

impl Naming {
    fn new(users: &Users, dates: (NaiveDate, NaiveDate)) -> Self {
        Self { timeline: Timeline::of(users, dates), last: (0, "0".to_owned()) }
    }

    fn user<'a>(&'a mut self, account: Option<&'a str>, date: NaiveDate) -> &'a str {
        let number = self.timeline.map_or(0, |timeline| timeline.user(date));
        if number != self.last.0 {
            self.last = (number, number.to_string());
        }
        account.unwrap_or(&self.last.1)
    }
}

fn push(
    builder: &mut LedgerBuilder,
    rows: &Rows,
    (index, user): (usize, &str),
    meanings: &Meanings,
) -> Result<(), Error> {
    let (row, texts) = (&rows.rows[index], &rows.texts);
    let mut transaction = Transaction::new(user, row.time, row.amount);
    transaction.precision = row.precision;
    transaction.balance = row.balance;
    transaction.direction = meanings.directions[row.type_code as usize];
    transaction.category = meanings.categories[row.category as usize];
    transaction.raw_type = texts.get(row.type_code);
    transaction.raw_category = texts.get(row.category);
    transaction.description = texts.get(row.description).unwrap_or("");
    transaction.city = texts.get(row.city);
    transaction.country = texts.get(row.country);
    transaction.account = texts.get(row.account);
    transaction.reference = texts.get(row.reference);
    transaction.source_row = row.number;
    Ok(builder.push(&transaction)?)
}
