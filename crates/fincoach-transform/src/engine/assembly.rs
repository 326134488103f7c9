//! From the rows of a file to a ledger and a report.

use fincoach_core::{Ledger, LedgerColumns, LedgerParts};

use super::FileRows;
use super::accounts::Accounts;
use super::file_texts::FileTexts;
use super::numbering::number_texts;
use super::ordering::{PieceColumns, SYMBOLS};
use super::piece::{Piece, RowLines};
use super::report;
use super::user_spans::UserSpans;
use crate::columns::Columns;
use crate::error::Place;
use crate::rows::{CITY, COUNTRY};
use crate::users::Timeline;
use crate::{CsvReader, Error, QualityReport, TextCleaning};

/// What is known of a file beside its rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assembly<'a> {
    pub(crate) reader: &'a CsvReader,
    pub(crate) columns: &'a Columns,
    /// The file and the line of its header.
    pub(crate) header: &'a Place,
}

impl Assembly<'_> {
    /// The ledger of all rows and the report.
    pub(crate) fn finish(&self, rows: FileRows) -> Result<(Ledger, QualityReport), Error> {
        let FileRows { mut pieces, workers } = rows;
        let n_rows: usize = pieces.iter().map(Piece::len).sum();
        let mut quality = report::of_file(&self.header.file, self.columns, &pieces);
        let lines = RowLines::of(&mut pieces);
        // Row numbers are u32 in a ledger, counted from 1.
        let n_rows = u32::try_from(n_rows).ok().filter(|n_rows| *n_rows < u32::MAX);
        let n_rows = n_rows.ok_or_else(|| Error::TooManyRows {
            place: Place { line: lines.line(u32::MAX as usize - 1), ..self.header.clone() },
        })?;
        let mut texts = FileTexts::of(&workers, &SYMBOLS, self.header)?;
        quality.add_texts(self.columns, (&workers, &texts), self.reader.categories());
        if self.reader.cleaning() == TextCleaning::Trim {
            texts.unify(&workers, CITY);
            texts.unify(&workers, COUNTRY);
        }
        let accounts = match self.columns.user {
            Some(_) => Accounts::of_users(&workers, self.header)?,
            None => Accounts::one(n_rows),
        };
        drop(workers);
        let (mut columns, orders) = PieceColumns::of(pieces).in_true_order(&accounts, &texts, self.reader);
        let texts = number_texts(&mut columns, texts, &accounts);
        quality.add_accounts(&columns, (&accounts, &orders), &lines);
        let (users, offsets) = self.users(accounts, &mut columns, &quality);
        let ledger = Ledger::try_from(LedgerParts { currency: None, users, offsets, texts, columns })?;
        quality.rows_in_ledger = ledger.len() as u64;
        quality.users = ledger.n_users() as u64;
        Ok((ledger, quality))
    }

    /// The users and where their rows begin.
    fn users(
        &self,
        accounts: Accounts,
        columns: &mut LedgerColumns,
        quality: &QualityReport,
    ) -> (Vec<String>, Vec<usize>) {
        let starts = accounts.starts.iter().map(|start| *start as usize).collect();
        if self.columns.user.is_some() {
            return (accounts.names, starts);
        }
        let Some(timeline) = Timeline::of(&self.reader.users(), (quality.first_date, quality.last_date)) else {
            return (vec!["0".to_owned()], starts);
        };
        let spans = UserSpans::of(timeline, &columns.times);
        let (rows, place) = spans.rotation();
        if rows > 0 {
            columns.rotate(rows, place);
        }
        spans.users()
    }
}
