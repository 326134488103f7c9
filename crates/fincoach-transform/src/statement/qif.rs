//! QIF files of bank, cash and card accounts.

use fincoach_core::Currency;

use super::amount;
use super::booking::Statement;
use super::qif_record::{Record, bookings};
use super::source::Source;
use crate::{DateOrder, Error};

/// Sections with bookings.
const ACCOUNTS: [&str; 5] = ["bank", "cash", "ccard", "oth a", "oth l"];
/// Sections that only name things: categories, classes, templates. None of them is a booking.
const LISTS: [&str; 6] = ["cat", "class", "tag", "memorized", "budget", "payee"];

/// What the records below a heading are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    /// Before the first heading.
    None,
    Bookings,
    Account,
    List,
}

pub(super) fn statements(
    source: Source<'_>,
    order: DateOrder,
    currency: Option<Currency>,
) -> Result<Vec<Statement>, Error> {
    let mut parser = Parser {
        source,
        order,
        currency,
        account: String::new(),
        section: Section::None,
        record: Record::default(),
        statements: Vec::new(),
    };
    let mut number = 0;
    for line in source.text.lines() {
        number += 1;
        parser.line(number, line.trim_end())?;
    }
    parser.whole()?;
    Ok(parser.statements)
}

struct Parser<'a> {
    source: Source<'a>,
    order: DateOrder,
    currency: Option<Currency>,
    account: String,
    section: Section,
    record: Record<'a>,
    statements: Vec<Statement>,
}

impl<'a> Parser<'a> {
    fn line(&mut self, number: u64, line: &'a str) -> Result<(), Error> {
        if let Some(heading) = line.strip_prefix('!') {
            self.whole()?;
            return self.heading(number, heading);
        }
        let mut characters = line.chars();
        match (characters.next(), characters.as_str()) {
            (None, _) => Ok(()),
            (Some('^'), "") => self.end_record(),
            (Some(letter), value) if self.section != Section::None => {
                self.record.add(number, letter, value);
                Ok(())
            }
            _ => Err(self.source.wrong((number, "heading"), line, "a heading like !Type:Bank first")),
        }
    }

    fn heading(&mut self, number: u64, heading: &str) -> Result<(), Error> {
        let folded = heading.trim().to_ascii_lowercase();
        let kind = folded.strip_prefix("type:").map(str::trim);
        self.section = match (folded.as_str(), kind) {
            ("account", _) => Section::Account,
            (_, Some(kind)) if ACCOUNTS.contains(&kind) => {
                let mut statement = Statement::new(number);
                statement.account.clone_from(&self.account);
                statement.currency = self.currency;
                self.statements.push(statement);
                Section::Bookings
            }
            (_, Some(kind)) if LISTS.contains(&kind) => Section::List,
            // Options say how a program should file what follows, not what it is.
            (option, _) if option.starts_with("option:") || option.starts_with("clear:") => self.section,
            _ => {
                let expected = "a bank, cash or card account (Bank, Cash, CCard, Oth A, Oth L); investments, \
                                prices and invoices are not read";
                return Err(self.source.wrong((number, "heading"), heading, expected));
            }
        };
        Ok(())
    }

    fn end_record(&mut self) -> Result<(), Error> {
        let record = std::mem::take(&mut self.record);
        match (self.section, self.statements.last_mut()) {
            (Section::Account, _) => record.text('N').clone_into(&mut self.account),
            (Section::Bookings, Some(statement)) if !record.is_empty() => {
                let decimals = amount::decimals(self.currency);
                if let Err(error) = bookings(&record, statement, (self.order, decimals), self.source) {
                    statement.bad.push(error);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A heading or the end of the file must not stand within a record.
    fn whole(&self) -> Result<(), Error> {
        match self.record.line() {
            Some(line) => Err(self.source.truncated("a record without its ^", line)),
            None => Ok(()),
        }
    }
}
