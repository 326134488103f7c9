//! The quality report as a text for people.

use std::fmt;

use fincoach_core::Currency;

use crate::{FileOrder, Flow, QualityReport, TextCount};

/// How many refused rows the text shows; the report has them all.
const SHOWN: usize = 10;

impl fmt::Display for QualityReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} rows read, {} in the ledger", self.source, self.rows_read, self.rows_in_ledger)?;
        if self.rows_not_booked > 0 {
            writeln!(f, "not booked {} rows", self.rows_not_booked)?;
        }
        if self.rows_refused > 0 {
            writeln!(f, "refused    {} rows", self.rows_refused)?;
            for refused in self.refused.iter().take(SHOWN) {
                writeln!(f, "  {refused}")?;
            }
            if self.refused.len() > SHOWN {
                writeln!(f, "  and {} more", self.refused.len() - SHOWN)?;
            }
        }
        writeln!(f, "dates      {} to {}", self.first_date, self.last_date)?;
        writeln!(f, "order      {}", self.order)?;
        writeln!(f, "users      {} (accounts in the file: {})", self.users, self.accounts)?;
        let decimals = self.currency.map_or(2, Currency::decimals);
        let code = self.currency.map_or_else(String::new, |currency| format!(" {}", currency.code()));
        writeln!(f, "money in   {}", flow_text(self.money_in, decimals, &code))?;
        writeln!(f, "money out  {}", flow_text(self.money_out, decimals, &code))?;
        writeln!(f, "duplicates {}", self.duplicates)?;
        let (breaks, without) = (self.balance_breaks, self.rows_without_balance);
        writeln!(f, "balance    {breaks} breaks, {without} rows without a balance")?;
        for at in &self.first_breaks {
            let (found, expected) = (at.found.to_text(decimals), at.expected.to_text(decimals));
            writeln!(f, "  line {}: {found}, expected {expected}", at.line)?;
        }
        if let Some(statement) = &self.statement {
            write!(f, "{statement}")?;
        }
        writeln!(f, "blank fields")?;
        for blanks in &self.blanks {
            writeln!(f, "  {:<26} {:>8}", blanks.column, blanks.rows)?;
        }
        write_counts(f, "types", &self.types)?;
        write_counts(f, "categories of the export", &self.raw_categories)?;
        writeln!(f, "standard categories")?;
        for count in &self.categories {
            writeln!(f, "  {:<26} {:>8}", count.category, count.rows)?;
        }
        Ok(())
    }
}

fn write_counts(f: &mut fmt::Formatter<'_>, title: &str, counts: &[TextCount]) -> fmt::Result {
    if counts.is_empty() {
        return writeln!(f, "{title}: no such column");
    }
    writeln!(f, "{title}")?;
    for count in counts {
        // Quoted, so that stray spaces show.
        let text = count.text.as_ref().map_or_else(|| "(blank)".to_owned(), |text| format!("{text:?}"));
        writeln!(f, "  {text:<26} {:>8}", count.rows)?;
    }
    Ok(())
}

/// Total, rows and mean; a mean is shown to the minor unit.
fn flow_text(flow: Flow, decimals: u8, code: &str) -> String {
    let (total, rows, places) = (flow.total.to_text(decimals), flow.rows, usize::from(decimals));
    let mean = flow.mean / 10_f64.powi(i32::from(decimals));
    format!("{total}{code} in {rows} rows, {mean:.places$} each on average")
}

impl fmt::Display for FileOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NewestFirst => "newest first",
            Self::OldestFirst => "oldest first",
            Self::Unknown => "unknown",
            Self::Mixed => "differs between accounts",
        })
    }
}
