//! How the records of one file become rows: a layout made ready once, then shared by all threads.

use fincoach_core::chrono::{NaiveDateTime, NaiveTime};
use fincoach_core::{Currency, Money, TimePrecision};

use crate::amount_text::{AmountText, Signs};
use crate::columns::{AmountAt, Columns};
use crate::date_format::parse_time;
use crate::error::{Error, Place, excerpt};
use crate::time_zone::Zones;
use crate::words::is_one_of;
use crate::{Layout, SignRule, TextCleaning};

/// One record of a file, cut into fields.
pub(crate) trait Fields {
    /// How many fields there are.
    fn n_fields(&self) -> usize;
    /// The field at a position; empty where there is none.
    fn field(&self, position: usize) -> &str;
    /// Line of the file the record begins on.
    fn line(&self) -> u64;
}

/// What a record is.
#[derive(Debug)]
pub(crate) enum Parsed<'r> {
    Booked(Entry<'r>),
    /// The bank has not booked it, or not yet; the text of its state.
    NotBooked(&'r str),
}

/// A booking with its texts still in the record; a blank text is empty.
#[derive(Debug)]
pub(crate) struct Entry<'r> {
    pub(crate) time: NaiveDateTime,
    pub(crate) precision: TimePrecision,
    pub(crate) amount: Money,
    pub(crate) balance: Option<Money>,
    pub(crate) description: &'r str,
    pub(crate) type_code: &'r str,
    pub(crate) category: &'r str,
    pub(crate) city: &'r str,
    pub(crate) country: &'r str,
    pub(crate) account: &'r str,
    pub(crate) reference: &'r str,
    pub(crate) user: &'r str,
}

/// Parses the records of one file. Parsing never changes it, so threads can share it; parsing allocates only where a
/// description has several columns and the scratch text is too short for it.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) file: &'a str,
    pub(crate) columns: &'a Columns,
    pub(crate) layout: &'a Layout,
    pub(crate) cleaning: TextCleaning,
    amounts: AmountText,
    currency: Option<Currency>,
    zones: Zones,
}

impl<'a> Plan<'a> {
    /// The plan for a file. Where [`Plan::needs_currency`], show it rows until it has one.
    pub(crate) fn new(
        file: &'a str,
        columns: &'a Columns,
        (layout, cleaning): (&'a Layout, TextCleaning),
    ) -> Self {
        let currency = layout.currency();
        let amounts = AmountText::new(layout.numbers(), currency);
        let zones = Zones::of(layout.file_zone(), layout.local_zone());
        Self { file, columns, layout, cleaning, amounts, currency, zones }
    }

    /// Whether the rows must tell the currency and none has yet.
    pub(crate) const fn needs_currency(&self) -> bool {
        self.currency.is_none() && self.columns.currency.is_some()
    }

    /// The currency a row tells; `None` where the row is not booked or is cut short: it never reaches the ledger.
    pub(crate) fn currency_of(&self, record: &impl Fields) -> Option<Currency> {
        let position = self.columns.currency?;
        let booked = self.ensure_length(record).is_ok() && matches!(self.not_booked(record), Ok(None));
        record.field(position).trim().parse().ok().filter(|_| booked)
    }

    /// Takes the currency of a row, if it has one, for that of the file.
    pub(crate) fn take_currency(&mut self, record: &impl Fields) {
        self.currency = self.currency_of(record);
        self.amounts = AmountText::new(self.layout.numbers(), self.currency);
    }

    /// The currency of all rows, if it is known.
    pub(crate) const fn currency(&self) -> Option<Currency> {
        self.currency
    }

    pub(crate) fn place(&self, record: &impl Fields) -> Place {
        Place { file: self.file.into(), line: record.line() }
    }

    /// What a record says. `scratch` may come to hold the description.
    pub(crate) fn parse<'r>(
        &self,
        record: &'r impl Fields,
        scratch: &'r mut String,
    ) -> Result<Parsed<'r>, Error> {
        self.ensure_length(record)?;
        if let Some(state) = self.not_booked(record)? {
            return Ok(Parsed::NotBooked(state));
        }
        let columns = self.columns;
        let (time, precision) = self.time(record)?;
        let (amount, balance) = (self.amount(record)?, self.balance(record)?);
        self.ensure_currency(record)?;
        self.ensure_user(record)?;
        let text = |position: Option<usize>, cleaning: TextCleaning| {
            position.map_or("", |position| cleaning.apply(record.field(position)))
        };
        Ok(Parsed::Booked(Entry {
            time,
            precision,
            amount,
            balance,
            description: self.description(record, scratch),
            type_code: text(columns.type_code, TextCleaning::Keep),
            category: text(columns.category, TextCleaning::Keep),
            city: text(columns.city, self.cleaning),
            country: text(columns.country, self.cleaning),
            account: text(columns.account, TextCleaning::Trim),
            reference: text(columns.reference, TextCleaning::Trim),
            user: text(columns.user, self.cleaning),
        }))
    }

    fn wrong(&self, record: &impl Fields, position: usize, expected: impl Into<String>) -> Error {
        Error::field(self.place(record), self.columns.name(position), record.field(position), expected)
    }

    fn ensure_length(&self, record: &impl Fields) -> Result<(), Error> {
        let (expected, got) = (self.columns.names.len(), record.n_fields());
        let one_more = self.layout.trailing_delimiter()
            && got == expected + 1
            && record.field(expected).trim().is_empty();
        if got == expected || one_more {
            return Ok(());
        }
        Err(Error::FieldCount { place: self.place(record), expected, got })
    }

    /// The state of a row that is not booked.
    fn not_booked<'r>(&self, record: &'r impl Fields) -> Result<Option<&'r str>, Error> {
        let (Some(rule), Some(position)) = (self.layout.status(), self.columns.status) else {
            return Ok(None);
        };
        let state = record.field(position);
        if is_one_of(state, rule.booked()) {
            Ok(None)
        } else if rule.not_booked().is_empty() || is_one_of(state, rule.not_booked()) {
            Ok(Some(state))
        } else {
            let words = [rule.booked(), rule.not_booked()].concat().join(", ");
            Err(self.wrong(record, position, format!("one of {words}")))
        }
    }

    fn time(&self, record: &impl Fields) -> Result<(NaiveDateTime, TimePrecision), Error> {
        let position = self.columns.date;
        let format = self.layout.date_format();
        let stamp = format
            .stamp(record.field(position).trim())
            .ok_or_else(|| self.wrong(record, position, format!("a date like {format} from 1900 to 2199")))?;
        let (position, clock) = match (stamp.clock, self.columns.time) {
            (Some(clock), _) => (position, Some(clock)),
            (None, Some(position)) => {
                (position, self.time_of_day(record, position)?.map(|time| (time, None)))
            }
            (None, None) => (position, None),
        };
        let Some((time, offset)) = clock else {
            return Ok((stamp.date.and_time(NaiveTime::MIN), TimePrecision::Day));
        };
        let written = stamp.date.and_time(time);
        let local = self.zones.local(written, offset).ok_or_else(|| {
            let zone = self.layout.file_zone().map_or("", |zone| zone.name());
            self.wrong(record, position, format!("a time that there was in {zone}"))
        })?;
        Ok((local, TimePrecision::Second))
    }

    fn time_of_day(&self, record: &impl Fields, position: usize) -> Result<Option<NaiveTime>, Error> {
        match record.field(position).trim() {
            "" => Ok(None),
            text => parse_time(text)
                .map(Some)
                .ok_or_else(|| self.wrong(record, position, "a time of day like 09:30 or 09:30:15")),
        }
    }

    /// The amount of a field, `None` for a blank.
    fn money(&self, record: &impl Fields, position: usize, signs: Signs) -> Result<Option<Money>, Error> {
        match record.field(position).trim() {
            "" => Ok(None),
            text => self
                .amounts
                .parse(text, signs)
                .map(Some)
                .ok_or_else(|| self.wrong(record, position, self.amounts.form(signs))),
        }
    }

    fn needed_money(&self, record: &impl Fields, position: usize, signs: Signs) -> Result<Money, Error> {
        self.money(record, position, signs)?
            .ok_or_else(|| self.wrong(record, position, self.amounts.form(signs)))
    }

    /// What the row does to the account.
    fn amount(&self, record: &impl Fields) -> Result<Money, Error> {
        let amount = match self.columns.amount {
            AmountAt::DebitCredit { debit, credit } => self.debit_credit(record, debit, credit)?,
            AmountAt::Signed { amount } => self.needed_money(record, amount, Signs::Allowed)?,
            AmountAt::Directed { amount, direction } => self.directed(record, amount, direction)?,
        };
        let fee = match self.columns.fee {
            Some(position) => self.money(record, position, Signs::Allowed)?.unwrap_or_default(),
            None => Money::ZERO,
        };
        Ok(self.turned(amount) - fee)
    }

    fn turned(&self, amount: Money) -> Money {
        if self.layout.inverted() { -amount } else { amount }
    }

    fn debit_credit(&self, record: &impl Fields, debit_at: usize, credit_at: usize) -> Result<Money, Error> {
        let unsigned = |position| self.money(record, position, Signs::Refused);
        match (unsigned(debit_at)?, unsigned(credit_at)?) {
            (Some(debit), None | Some(Money::ZERO)) => Ok(-debit),
            (None | Some(Money::ZERO), Some(credit)) => Ok(credit),
            (None, None) => Err(Error::NoAmount {
                place: self.place(record),
                debit_column: self.columns.name(debit_at).to_owned(),
                credit_column: self.columns.name(credit_at).to_owned(),
            }),
            (Some(_), Some(_)) => Err(Error::BothAmounts {
                place: self.place(record),
                debit_column: self.columns.name(debit_at).to_owned(),
                debit: excerpt(record.field(debit_at)),
                credit_column: self.columns.name(credit_at).to_owned(),
                credit: excerpt(record.field(credit_at)),
            }),
        }
    }

    fn directed(&self, record: &impl Fields, amount: usize, direction: usize) -> Result<Money, Error> {
        let (money_out, money_in) = match self.layout.amount() {
            SignRule::Directed { money_out, money_in, .. } => (money_out.as_slice(), money_in.as_slice()),
            SignRule::DebitCredit { .. } | SignRule::Signed { .. } => (&[][..], &[][..]),
        };
        let amount = self.needed_money(record, amount, Signs::Refused)?;
        let word = record.field(direction);
        if is_one_of(word, money_out) {
            Ok(-amount)
        } else if is_one_of(word, money_in) {
            Ok(amount)
        } else {
            let words = [money_out, money_in].concat().join(", ");
            Err(self.wrong(record, direction, format!("one of {words}")))
        }
    }

    fn balance(&self, record: &impl Fields) -> Result<Option<Money>, Error> {
        let Some(position) = self.columns.balance else { return Ok(None) };
        Ok(self.money(record, position, Signs::Allowed)?.map(|balance| self.turned(balance)))
    }

    /// A row in another currency cannot be added to the others.
    fn ensure_currency(&self, record: &impl Fields) -> Result<(), Error> {
        let Some(position) = self.columns.currency else { return Ok(()) };
        match self.currency {
            Some(currency) if record.field(position).trim() == currency.code() => Ok(()),
            Some(currency) => {
                let code = currency.code();
                Err(self.wrong(
                    record,
                    position,
                    format!("{code}, as all amounts of a ledger have one currency"),
                ))
            }
            None => Err(self.wrong(record, position, "the code of a currency like GBP")),
        }
    }

    fn ensure_user(&self, record: &impl Fields) -> Result<(), Error> {
        match self.columns.user {
            Some(position) if self.cleaning.apply(record.field(position)).is_empty() => {
                Err(self.wrong(record, position, "the name of a user in every row"))
            }
            _ => Ok(()),
        }
    }

    fn description<'r>(&self, record: &'r impl Fields, scratch: &'r mut String) -> &'r str {
        if let [position] = self.columns.descriptions.as_slice() {
            return self.cleaning.apply(record.field(*position));
        }
        scratch.clear();
        let mut last = "";
        for position in &self.columns.descriptions {
            let part = self.cleaning.apply(record.field(*position));
            if part.trim().is_empty() || part == last {
                continue;
            }
            if !last.is_empty() {
                scratch.push(' ');
            }
            scratch.push_str(part);
            last = part;
        }
        scratch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_can_share_a_plan() {
        fn shared<T: Sync>() {}
        shared::<Plan<'_>>();
    }
}
