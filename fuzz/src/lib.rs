//! What must hold for every file that is read, whatever its bytes were.

use fincoach_core::Money;
use fincoach_transform::{
    CsvReader, DateOrder, Error, Import, Layout, RowPolicy, StatementFormat, StatementReader,
};

/// Panics where an import contradicts itself.
pub fn check_import(import: &Import) {
    let Import { ledger, quality, .. } = import;
    assert_eq!(quality.rows_in_ledger as usize, ledger.len(), "every row of the ledger is counted");
    let all = quality.rows_in_ledger + quality.rows_refused + quality.rows_not_booked;
    assert_eq!(quality.rows_read, all, "every row is in the ledger or counted");
    assert_eq!(quality.refused.len() as u64, quality.rows_refused, "every refused row is listed");
    assert_eq!(quality.users as usize, ledger.n_users(), "users are counted");
    for user in 0..ledger.n_users() {
        assert!(ledger.user(user).times().is_sorted(), "the rows of a user are in order of time");
    }
    let amounts = ledger.all().amounts();
    let total = |sign: fn(&Money) -> bool| amounts.iter().copied().filter(sign).sum::<Money>();
    assert_eq!(quality.money_in.total, total(|amount| amount.is_positive()), "money in adds up");
    assert_eq!(quality.money_out.total.abs(), total(|amount| amount.is_negative()).abs(), "money out adds up");
    assert!(!quality.to_string().is_empty());
}

/// Panics where rows of a delimited file are lost, or the two policies differ in what they can read.
pub fn check_csv(layout: &Layout, data: &[u8]) {
    check_policies(|policy| CsvReader::new(layout.clone()).with_policy(policy).read_from(data, "fuzz"));
}

/// Panics where entries of a statement file are lost, or the two policies differ in what they can read.
pub fn check_statement(format: StatementFormat, data: &[u8]) {
    // QIF does not say how its dates are ordered.
    let reader = StatementReader::new().with_format(format).with_date_order(DateOrder::DayMonthYear);
    check_policies(|policy| reader.clone().with_policy(policy).read_from(data, "fuzz"));
}

/// Panics where rows are lost, or where the strict read and the one that collects what it refuses contradict each other.
fn check_policies(read: impl Fn(RowPolicy) -> Result<Import, Error>) {
    let strict = read(RowPolicy::Fail);
    match (read(RowPolicy::Collect), strict) {
        (Ok(import), strict) => {
            check_import(&import);
            match strict {
                Ok(strict) => {
                    check_import(&strict);
                    assert_eq!(import.quality.rows_refused, 0, "only the strict read takes every row");
                    assert_eq!(strict.ledger, import.ledger, "both policies read the same");
                }
                Err(error) => {
                    check_error(&error);
                    assert!(import.quality.rows_refused > 0, "only the strict read fails: {error}");
                }
            }
        }
        (Err(error), strict) => {
            check_error(&error);
            assert!(strict.is_err(), "only the lenient read fails: {error}");
        }
    }
}

/// Panics where an error says nothing.
pub fn check_error(error: &Error) {
    assert!(!error.to_string().is_empty());
}
