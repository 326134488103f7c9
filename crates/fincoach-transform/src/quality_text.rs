//! The quality report as a text for people.

use std::fmt;

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
        writeln!(f, "money in   {}", self.money_in)?;
        writeln!(f, "money out  {}", self.money_out)?;
        writeln!(f, "duplicates {}", self.duplicates)?;
        let (breaks, without) = (self.balance_breaks, self.rows_without_balance);
        writeln!(f, "balance    {breaks} breaks, {without} rows without a balance")?;
        for at in &self.first_breaks {
            writeln!(f, "  line {}: {}, expected {}", at.line, at.found, at.expected)?;
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

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {} rows, {:.2} each on average", self.total, self.rows, self.mean / 100.0)
    }
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
