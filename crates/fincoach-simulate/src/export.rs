//! Files in the layout of a bank's export, and the tables of the truth.

use std::io::Write;

use csv::Writer;
use fincoach_core::{Action, Ledger};

use crate::csv_row::push_row;
use crate::{Error, Simulation};

/// The first line of [`write_csv`].
pub(crate) const HEADER: &str = "Transaction Number,Transaction Date,Transaction Type,Transaction Description,\
    Debit Amount,Credit Amount,Balance,Category,Location City,Location Country,Transaction Time,User ID\n";

/// Bytes gathered before they are written.
const CHUNK: usize = 1 << 16;

/// Writes any ledger in the layout of the bank export: users one after the other, newest first within
/// each, dates `dd/mm/YYYY`, amounts without sign in one of two columns; the time of day (`HH:MM:SS`,
/// empty where unknown) and the user in two columns more.
///
/// # Errors
/// [`Error::Write`].
///
/// # Examples
/// ```
/// use fincoach_simulate::{SimulationParams, write_csv};
/// let simulation = SimulationParams::default().with_n_households(1).with_n_months(1).simulate()?;
/// let mut file = Vec::new();
/// write_csv(simulation.ledger(), &mut file)?;
/// let text = String::from_utf8_lossy(&file);
/// assert!(text.starts_with("Transaction Number,Transaction Date,Transaction Type,"));
/// assert_eq!(text.lines().count(), 1 + simulation.ledger().len());
/// # Ok::<(), fincoach_simulate::Error>(())
/// ```
pub fn write_csv(ledger: &Ledger, mut out: impl Write) -> Result<(), Error> {
    let mut bytes = Vec::with_capacity(CHUNK + 1024);
    bytes.extend_from_slice(HEADER.as_bytes());
    let mut number = 0;
    for user in ledger.iter_users() {
        for row in (0..user.len()).rev() {
            number += 1;
            push_row(&mut bytes, number, &user.row(row));
            if bytes.len() >= CHUNK {
                out.write_all(&bytes)?;
                bytes.clear();
            }
        }
    }
    out.write_all(&bytes)?;
    Ok(out.flush()?)
}

/// Writes what is true of each household: a row each, traits first, then the expected effects of every
/// action. Money in pounds, shares as fractions; `pay_day` is empty unless pay is monthly.
///
/// # Errors
/// [`Error::Write`].
pub fn write_truth_csv(simulation: &Simulation, out: impl Write) -> Result<(), Error> {
    const TRAITS: [&str; 17] = [
        "user",
        "archetype",
        "archetype_name",
        "city",
        "pay_pattern",
        "pay_day",
        "monthly_income",
        "saving_share",
        "discretionary_rate",
        "price_level",
        "spread",
        "payday_effect",
        "weekend_share",
        "invested_share",
        "rounds_up",
        "opening_balance",
        "overdraft_limit",
    ];
    let mut writer = Writer::from_writer(out);
    let effects = Action::ALL.iter().flat_map(|action| {
        ["acceptance", "annoyance", "discretionary", "saving"].map(|figure| format!("{action}_{figure}"))
    });
    let more = ["opening_savings", "sensitivity"].map(str::to_owned);
    let header: Vec<String> = TRAITS.iter().map(ToString::to_string).chain(more).chain(effects).collect();
    writer.write_record(header).map_err(refused)?;
    for truth in simulation.truth() {
        writer.write_record(truth_row(truth)).map_err(refused)?;
    }
    Ok(writer.flush()?)
}

fn truth_row(truth: &crate::HouseholdTruth) -> Vec<String> {
    let pay_day = match truth.pay_pattern {
        crate::PayPattern::Monthly { day } => day.to_string(),
        _ => String::new(),
    };
    let mut row = vec![
        truth.user.clone(),
        truth.archetype.id().to_owned(),
        truth.archetype.name().to_owned(),
        truth.city.to_owned(),
        truth.pay_pattern.name().to_owned(),
        pay_day,
        truth.monthly_income.to_string(),
    ];
    row.extend(
        [
            truth.saving_share,
            truth.discretionary_rate,
            truth.price_level,
            truth.spread,
            truth.payday_effect,
            truth.weekend_share,
            truth.invested_share,
        ]
        .map(|share| share.to_string()),
    );
    row.push(truth.rounds_up.to_string());
    row.extend(
        [truth.opening_balance, truth.overdraft_limit, truth.opening_savings].map(|money| money.to_string()),
    );
    row.push(truth.sensitivity.to_string());
    for effect in &truth.effects {
        row.extend([
            effect.acceptance.to_string(),
            effect.annoyance.to_string(),
            effect.discretionary.to_string(),
            effect.saving.to_string(),
        ]);
    }
    row
}

/// Writes the log of interventions: user, time (`YYYY-mm-ddTHH:MM:SS`), number and name of the action,
/// propensity and feedback. Only the header where there are none.
///
/// # Errors
/// [`Error::Write`].
pub fn write_interventions_csv(simulation: &Simulation, out: impl Write) -> Result<(), Error> {
    let mut writer = Writer::from_writer(out);
    let header = ["user", "time", "action", "action_name", "propensity", "feedback"];
    writer.write_record(header).map_err(refused)?;
    let mut field = Vec::new();
    for entry in simulation.interventions() {
        writer.write_field(&entry.user).map_err(refused)?;
        put(&mut writer, &mut field, format_args!("{:?}", entry.time))?;
        put(&mut writer, &mut field, format_args!("{}", entry.action.index()))?;
        writer.write_field(entry.action.name()).map_err(refused)?;
        put(&mut writer, &mut field, format_args!("{}", entry.propensity))?;
        put(&mut writer, &mut field, format_args!("{}", entry.feedback))?;
        end_row(&mut writer)?;
    }
    Ok(writer.flush()?)
}

fn put<W: Write>(
    writer: &mut Writer<W>,
    field: &mut Vec<u8>,
    text: std::fmt::Arguments<'_>,
) -> Result<(), Error> {
    field.clear();
    field.write_fmt(text)?;
    writer.write_field(&field).map_err(refused)
}

fn end_row<W: Write>(writer: &mut Writer<W>) -> Result<(), Error> {
    writer.write_record(None::<&[u8]>).map_err(refused)
}

fn refused(error: csv::Error) -> Error {
    Error::Write(error.into())
}
