//! Reading the file a person names, whatever its form.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use fincoach::transform::{
    CategoryMap, CsvReader, DateOrder, Detection, ExportFormat, Import, Layout, RowPolicy, StatementFormat,
    StatementReader, Users, detect,
};

use super::Result;

/// The form of an export, and what to do where it is not kept.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Export {
    /// Layout of the export: the name of a bank (`lloyds`, `monzo`, …), or `auto` to find it out. Statement files
    /// (.ofx, .qfx, .qif, .sta, .mt940, camt .xml) need none.
    #[arg(long, default_value = "lloyds")]
    pub(crate) preset: String,
    /// Layout of the export in a TOML file, instead of a preset.
    #[arg(long, value_name = "FILE", conflicts_with = "preset")]
    pub(crate) layout: Option<PathBuf>,
    /// Order of day and month where the file leaves it open: `dmy`, `mdy` or `ymd`.
    #[arg(long, value_parser = date_order)]
    pub(crate) date_order: Option<DateOrder>,
    /// What to do with rows that cannot be read: `fail`, `skip:N` (at most N) or `collect`.
    #[arg(long, default_value = "fail", value_parser = row_policy)]
    pub(crate) unreadable: RowPolicy,
    /// Name of the account, for exports that do not tell; said once for each file, in their order.
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Vec<String>,
    /// Map from the bank's categories to the standard ones: `standard` or `notebook`.
    #[arg(long, default_value = "standard")]
    pub(crate) categories: String,
}

/// An import and, where the layout was found out, how.
pub(crate) struct Read {
    /// The ledger and its report.
    pub(crate) import: Import,
    /// The layout it was read with; `None` for a statement file.
    pub(crate) layout: Option<Layout>,
    /// The reasons and doubts of `auto`.
    pub(crate) detection: Option<Detection>,
}

impl Export {
    /// The same for the `n`-th further file: with its account.
    pub(crate) fn of_further(&self, n: usize) -> Self {
        Self { account: self.account.get(n + 1).cloned().into_iter().collect(), ..self.clone() }
    }

    /// The reader of delimited exports with the layout that is named.
    pub(crate) fn reader(&self) -> Result<CsvReader> {
        match &self.layout {
            Some(file) => self.reader_of(Layout::load(file)?),
            // Without a file there is nothing to find a layout from.
            None if self.preset == "auto" => self.reader_of(Layout::lloyds()),
            None => self.reader_of(Layout::preset(&self.preset)?),
        }
    }

    /// Reads a file; `users` are whose rows are whose, `None` where the arguments do not say.
    pub(crate) fn read(&self, path: &Path, users: Option<&Users>) -> Result<Read> {
        if StatementFormat::usual_for(path).is_some() {
            return self.read_statement(path, users);
        }
        if self.preset != "auto" || self.layout.is_some() {
            return self.read_delimited(self.reader()?, path, users);
        }
        let detection = self.detect(path)?;
        if detection.format() != ExportFormat::Delimited {
            return self.read_statement(path, users);
        }
        let layout = detection.layout().map_err(|error| {
            format!("{error}: `--date-order` answers for dates, a layout of your own (`--layout FILE`) for all else")
        })?;
        let reader = self.reader_of(layout.clone())?;
        let read = self.read_delimited(reader, path, users)?;
        Ok(Read { detection: Some(detection), ..read })
    }

    fn detect(&self, path: &Path) -> Result<Detection> {
        let detection = detect(path)?;
        Ok(match self.date_order {
            Some(order) => detection.answer(order)?,
            None => detection,
        })
    }

    fn reader_of(&self, layout: Layout) -> Result<CsvReader> {
        let categories = CategoryMap::named(&self.categories)?;
        let reader = CsvReader::new(layout).with_categories(categories).with_policy(self.unreadable);
        Ok(match self.account.first() {
            Some(account) => reader.with_account(account),
            None => reader,
        })
    }

    fn read_delimited(&self, reader: CsvReader, path: &Path, users: Option<&Users>) -> Result<Read> {
        let reader = reader.with_users(users.cloned().unwrap_or(Users::Timeline(50)));
        let import = reader.read(path)?;
        Ok(Read { import, layout: Some(reader.layout().clone()), detection: None })
    }

    fn read_statement(&self, path: &Path, users: Option<&Users>) -> Result<Read> {
        if users.is_some_and(|users| *users != Users::One) {
            return Err("a statement file is of one person: say `--users one`".into());
        }
        let mut reader = StatementReader::new()
            .with_categories(CategoryMap::named(&self.categories)?)
            .with_policy(self.unreadable);
        if let Some(order) = self.date_order {
            reader = reader.with_date_order(order);
        }
        if let Some(account) = self.account.first() {
            reader = reader.with_account(account);
        }
        Ok(Read { import: reader.read(path)?, layout: None, detection: None })
    }
}

fn date_order(text: &str) -> std::result::Result<DateOrder, String> {
    match text {
        "dmy" => Ok(DateOrder::DayMonthYear),
        "mdy" => Ok(DateOrder::MonthDayYear),
        "ymd" => Ok(DateOrder::YearMonthDay),
        _ => Err("expected `dmy`, `mdy` or `ymd`".to_owned()),
    }
}

fn row_policy(text: &str) -> std::result::Result<RowPolicy, String> {
    let at_most = |n: &str| u64::from_str(n).ok();
    match (text, text.strip_prefix("skip:").and_then(at_most)) {
        ("fail", _) => Ok(RowPolicy::Fail),
        ("collect", _) => Ok(RowPolicy::Collect),
        (_, Some(at_most)) => Ok(RowPolicy::Skip { at_most }),
        _ => Err("expected `fail`, `skip:N` or `collect`".to_owned()),
    }
}
