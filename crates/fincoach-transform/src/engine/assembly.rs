//! From the rows of a file to a ledger and a report.

use fincoach_core::{Currency, Ledger, LedgerColumns, LedgerParts, Symbol};

use super::FileRows;
use super::accounts::Accounts;
use super::file_texts::FileTexts;
use super::numbering::number_texts;
use super::ordering::{PieceColumns, join_accounts};
use super::piece::FilePlaces;
use super::report;
use super::text_columns::{CITY, COUNTRY, SYMBOLS};
use super::user_spans::UserSpans;
use crate::columns::Columns;
use crate::error::Place;
use crate::users::Timeline;
use crate::{CsvReader, Error, QualityReport, TextCleaning};

/// What is known of a file beside its rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assembly<'a> {
    pub(crate) reader: &'a CsvReader,
    pub(crate) columns: &'a Columns,
    /// The file and the line of its header.
    pub(crate) header: &'a Place,
    pub(crate) currency: Option<Currency>,
}

impl Assembly<'_> {
    /// The ledger of all rows and the report.
    pub(crate) fn finish(&self, rows: FileRows) -> Result<(Ledger, QualityReport), Error> {
        let FileRows { mut pieces, workers, left_out, tally, lines, .. } = rows;
        left_out.check(self.reader.policy(), &self.header.file)?;
        let mut quality = report::of_file(&self.header.file, self.columns, (&pieces, &tally));
        quality.add_left_out(left_out);
        let file = FilePlaces::of(&mut pieces);
        // Row numbers are u32 in a ledger.
        if u32::try_from(file.n_records()).is_err() {
            return Err(Error::TooManyRows { place: Place { line: lines, ..self.header.clone() } });
        }
        let mut texts = FileTexts::of(&workers, &SYMBOLS, self.header)?;
        quality.add_texts(self.columns, (&workers, &texts), self.reader.categories());
        if self.reader.cleaning() == TextCleaning::Trim {
            texts.unify(&workers, CITY);
            texts.unify(&workers, COUNTRY);
        }
        let mut columns = PieceColumns::of(pieces);
        let n_rows = columns.n_rows();
        let (accounts, rows) =
            Accounts::of(&workers, (&mut columns.texts, &columns.workers), n_rows, self.header)?;
        drop(workers);
        let (mut columns, orders) = columns.in_true_order((&accounts, rows), (&texts, self.reader), &file);
        let mut texts = number_texts(&mut columns, texts, &accounts);
        quality.add_accounts(&columns, (&accounts, &orders), &file);
        join_accounts(&mut columns, &accounts);
        self.name_account(&mut columns, &mut texts)?;
        let (users, offsets) = self.users(accounts, &mut columns, &quality);
        let currency = self.currency;
        let ledger = Ledger::try_from(LedgerParts { currency, users, offsets, texts, columns })?;
        quality.rows_in_ledger = ledger.len() as u64;
        quality.users = ledger.n_users() as u64;
        Ok((ledger, quality))
    }

    /// Gives all rows the account of the reader where the file has no account column.
    fn name_account(&self, columns: &mut LedgerColumns, texts: &mut Vec<Box<str>>) -> Result<(), Error> {
        let Some(name) = self.reader.account().filter(|_| self.columns.account.is_none()) else {
            return Ok(());
        };
        if columns.accounts.is_empty() {
            return Ok(());
        }
        let known = texts.iter().position(|text| **text == *name);
        let place = known.unwrap_or_else(|| {
            texts.push(name.into());
            texts.len() - 1
        });
        let too_many = |_| Error::TooManyRows { place: self.header.clone() };
        let symbol = Symbol::from_index(u32::try_from(place + 1).map_err(too_many)?);
        columns.accounts.fill(symbol);
        Ok(())
    }

    /// The users and where their rows begin.
    fn users(
        &self,
        accounts: Accounts,
        columns: &mut LedgerColumns,
        quality: &QualityReport,
    ) -> (Vec<String>, Vec<usize>) {
        if self.columns.user.is_some() {
            return (accounts.users, accounts.user_starts);
        }
        let Some(timeline) = Timeline::of(&self.reader.users(), (quality.first_date, quality.last_date))
        else {
            let one = if columns.times.is_empty() { Vec::new() } else { vec!["0".to_owned()] };
            return (one, accounts.user_starts);
        };
        let spans = UserSpans::of(timeline, &columns.times);
        let (rows, place) = spans.rotation();
        if rows > 0 {
            columns.rotate(rows, place);
        }
        spans.users()
    }
}
