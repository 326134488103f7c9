//! From a statement file to a ledger.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use fincoach_core::{Currency, ParamError};
use serde::{Deserialize, Serialize};

use super::booking::Statement;
use super::check::{check, derive_balances, drop_shared_references};
use super::import::import;
use super::source::{Source, decode, read_bytes};
use crate::csv_reader::check_account;
use crate::policy::LeftOut;
use crate::record::Record;
use crate::{
    CategoryMap, DateOrder, Error, Import, RowPolicy, StatementFormat, StatementReport, StatementSummary,
    TextCleaning, TypeMap,
};

/// Reads OFX (and QFX), QIF, MT940 and camt.053 files.
///
/// | setting | default | meaning |
/// | --- | --- | --- |
/// | `format` | by content | the format; a file that is of another is refused |
/// | `date_order` | – | order of day and month, which QIF needs and no other format uses |
/// | `currency` | what the file says | the currency of QIF amounts; of the other formats, the one that is read |
/// | `categories` | [`CategoryMap::standard`] | raw → standard category; only QIF has categories |
/// | `types` | [`TypeMap::standard`] | type code → direction; what it does not know is as the file marks it |
/// | `user` | `0` | whose rows they are; account numbers go to [`Transaction::account`](fincoach_core::Transaction::account) |
/// | `account` | – | the account of statements that name none, as in most QIF files; what the file says wins |
/// | `cleaning` | [`TextCleaning::Trim`] with a category map that folds, else [`TextCleaning::Keep`] | whether texts are tidied |
/// | `policy` | [`RowPolicy::Fail`] | what happens to entries that cannot be read |
///
/// Each format is a cargo feature: `ofx`, `qif`, `mt940`, `camt`. The file, at most 64 MiB, is held in memory.
/// `O(n log n)` for `n` bookings. Files are read strictly: nothing is guessed, and what is no booking is counted and
/// listed in [`QualityReport`](crate::QualityReport).
///
/// # Examples
/// ```
/// # #[cfg(feature = "mt940")] {
/// use fincoach_core::{Currency, Money};
/// use fincoach_transform::StatementReader;
/// let file = "\
/// :20:1\r\n:25:DE02120300000000202051\r\n:28C:1/1\r\n:60F:C240229EUR100,00\r\n\
/// :61:2403010301D12,5NDDTNONREF//77\r\n:86:Stadtwerke\r\n:62F:C240301EUR87,50\r\n-\r\n";
/// let import = StatementReader::new().read_from(file.as_bytes(), "march.sta")?;
/// let row = import.ledger.all().row(0);
/// assert_eq!((row.amount, row.balance), (Money::from_minor(-1250), Some(Money::from_minor(8750))));
/// assert_eq!((row.description, row.reference), ("Stadtwerke", Some("77")));
/// assert_eq!(import.ledger.currency(), Some(Currency::EUR));
/// # }
/// # Ok::<(), fincoach_transform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatementReader {
    format: Option<StatementFormat>,
    date_order: Option<DateOrder>,
    currency: Option<Currency>,
    categories: CategoryMap,
    types: TypeMap,
    user: String,
    account: Option<String>,
    cleaning: Option<TextCleaning>,
    policy: RowPolicy,
}

impl Default for StatementReader {
    fn default() -> Self {
        Self {
            format: None,
            date_order: None,
            currency: None,
            categories: CategoryMap::standard(),
            types: TypeMap::standard(),
            user: "0".to_owned(),
            account: None,
            cleaning: None,
            policy: RowPolicy::Fail,
        }
    }
}

impl StatementReader {
    /// A reader that knows the format by its content.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the format.
    #[must_use]
    pub const fn with_format(mut self, format: StatementFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets the order of day and month in QIF dates.
    #[must_use]
    pub const fn with_date_order(mut self, order: DateOrder) -> Self {
        self.date_order = Some(order);
        self
    }

    /// Sets the currency: of the amounts of a QIF file, which does not say; in the other formats statements in
    /// another currency are left out, each listed in the report.
    #[must_use]
    pub const fn with_currency(mut self, currency: Currency) -> Self {
        self.currency = Some(currency);
        self
    }

    /// Sets the map of categories; unless told by [`StatementReader::with_cleaning`], cleaning follows it.
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

    /// Sets whose rows they are.
    #[must_use]
    pub fn with_user(mut self, user: impl Into<String>) -> Self {
        self.user = user.into();
        self
    }

    /// Names the account of statements that name none. Files of several accounts of one user need it before they are
    /// [merged](crate::merge) or their [transfers are matched](crate::match_transfers).
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

    /// Sets what happens to entries that cannot be read.
    #[must_use]
    pub const fn with_policy(mut self, policy: RowPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The format, `None` for the one that the content tells.
    #[must_use]
    pub const fn format(&self) -> Option<StatementFormat> {
        self.format
    }

    /// The order of day and month in QIF dates.
    #[must_use]
    pub const fn date_order(&self) -> Option<DateOrder> {
        self.date_order
    }

    /// The currency, `None` for what the file says.
    #[must_use]
    pub const fn currency(&self) -> Option<Currency> {
        self.currency
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

    /// Whose rows they are.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The account of statements that name none, `None` for rows without an account.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Whether texts are tidied.
    #[must_use]
    pub fn cleaning(&self) -> TextCleaning {
        self.cleaning.unwrap_or_else(|| TextCleaning::fitting(self.categories.matching()))
    }

    /// What happens to entries that cannot be read.
    #[must_use]
    pub const fn policy(&self) -> RowPolicy {
        self.policy
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be opened or read, and as [`StatementReader::read_from`].
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Import, Error> {
        let file = path.as_ref().display().to_string();
        match File::open(path) {
            Ok(source) => self.read_from(source, &file),
            Err(cause) => Err(Error::Io { file, cause }),
        }
    }

    /// Reads a source, called `name` in errors and in the report.
    ///
    /// Where no entry can be read or is booked, as in the statement of a month without any, the ledger is empty and
    /// the dates of the report are 1970-01-01.
    ///
    /// # Errors
    /// [`Error::Param`] for a user without a name or a blank account, [`Error::TooLarge`], [`Error::StatementFormat`] for content that
    /// is of no known format or of another than the one set, [`Error::DateOrderNeeded`] for QIF without one,
    /// [`Error::Tag`] and [`Error::Truncated`] for whatever is first wrong in the file, [`Error::Currencies`] for
    /// several currencies, [`Error::TooManyRefused`], and [`Error::NoStatements`].
    pub fn read_from(&self, source: impl Read, name: &str) -> Result<Import, Error> {
        ParamError::ensure(!self.user.is_empty(), "user", "a name", &self.user)?;
        check_account(self.account())?;
        let (text, encoding) = decode(&read_bytes(source, name)?, name)?;
        let source = Source { file: name, text: &text };
        let format = self.format_of(source)?;
        let mut statements = self.parse(format, source)?;
        self.name_accounts(&mut statements);
        if statements.is_empty() {
            return Err(Error::NoStatements { file: name.to_owned() });
        }
        let mut left_out = self.refused(&mut statements, name)?;
        let currency = self.one_currency(&statements, source)?;
        let mut report = StatementReport {
            format,
            encoding: encoding.to_owned(),
            statements: Vec::new(),
            shared_references: 0,
        };
        for statement in &mut statements {
            report.statements.push(settle(statement, currency));
            let not_booked = statement.not_booked.drain(..);
            left_out.not_booked.extend(not_booked.map(|entry| entry.listed(currency)));
        }
        derive_balances(&mut statements, &mut report.statements);
        report.shared_references = drop_shared_references(&mut statements);
        let mut import = import(&statements, currency, (self, name))?;
        import.quality.statement = Some(report);
        import.quality.add_left_out(left_out);
        Ok(import)
    }

    fn format_of(&self, source: Source<'_>) -> Result<StatementFormat, Error> {
        let found = StatementFormat::sniff(source.text);
        let refused = |reason: String| Error::StatementFormat { file: source.file.to_owned(), reason };
        match (found, self.format) {
            (None, _) => Err(refused("begins like none of OFX, QIF, MT940 and camt.053".to_owned())),
            (Some(found), Some(wanted)) if found != wanted => {
                Err(refused(format!("begins like {found}, expected {wanted}")))
            }
            (Some(found), _) if !found.is_built() => {
                Err(refused(format!("is {found}, whose cargo feature is not turned on")))
            }
            (Some(found), _) => Ok(found),
        }
    }

    fn parse(&self, format: StatementFormat, source: Source<'_>) -> Result<Vec<Statement>, Error> {
        match format {
            #[cfg(feature = "ofx")]
            StatementFormat::Ofx => super::ofx::statements(source),
            #[cfg(feature = "qif")]
            StatementFormat::Qif => match self.date_order {
                Some(order) => super::qif::statements(source, order, self.currency),
                None => Err(Error::DateOrderNeeded { file: source.file.to_owned() }),
            },
            #[cfg(feature = "mt940")]
            StatementFormat::Mt940 => super::mt940::statements(source),
            #[cfg(feature = "camt")]
            StatementFormat::Camt => super::camt::statements(source),
            #[cfg(not(all(feature = "ofx", feature = "qif", feature = "mt940", feature = "camt")))]
            _ => Err(Error::StatementFormat {
                file: source.file.to_owned(),
                reason: format!("is {format}, whose cargo feature is not turned on"),
            }),
        }
    }

    /// Gives statements that name no account the one of the reader.
    fn name_accounts(&self, statements: &mut [Statement]) {
        let Some(name) = self.account() else { return };
        for statement in statements.iter_mut().filter(|statement| statement.account.trim().is_empty()) {
            name.clone_into(&mut statement.account);
        }
    }

    /// The entries that cannot be read, listed as far as the policy allows.
    fn refused(&self, statements: &mut [Statement], file: &str) -> Result<LeftOut, Error> {
        let mut left_out = LeftOut::default();
        for statement in statements {
            statement.n_bad = statement.bad.len();
            for error in statement.bad.drain(..) {
                left_out.refuse(self.policy, error, None::<&Record>)?;
            }
        }
        left_out.check(self.policy, file)?;
        Ok(left_out)
    }

    /// The currency that is read.
    fn one_currency(&self, statements: &[Statement], source: Source<'_>) -> Result<Option<Currency>, Error> {
        if self.currency.is_some() {
            return Ok(self.currency);
        }
        let mut named = statements.iter().filter_map(|statement| Some((statement.line, statement.currency?)));
        let Some((_, first)) = named.next() else { return Ok(None) };
        match named.find(|(_, other)| *other != first) {
            None => Ok(Some(first)),
            Some((line, other)) => Err(Error::Currencies { place: source.place(line), first, other }),
        }
    }
}

/// Checks a statement, or empties one of another currency.
fn settle(statement: &mut Statement, currency: Option<Currency>) -> StatementSummary {
    let mut summary = check(statement);
    // A code with other decimals, as set by the caller, would give other amounts: only the same one will do.
    if statement.currency.is_some_and(|own| Some(own) != currency) {
        statement.bookings.clear();
        statement.not_booked.clear();
        summary.left_out = true;
    }
    summary
}
