//! Schema v2 on the real account: ranges, what recurs, and one transaction at a time.

use fincoach::core::chrono::NaiveDate;
use fincoach::core::{Fit as _, Ledger};
use fincoach::features::{
    Flow, ImputerParams, Period, RecurringParams, Snapshots, V2Params, V2State, detect_recurring, schema_v2,
};
use fincoach::transform::{CsvReader, Layout};

use super::data;

pub(crate) const TESTS: super::Tests = &[
    ("months lie in their ranges and can be completed", months_lie_in_their_ranges),
    ("the salary recurs in every job", the_salary_recurs),
    ("one transaction at a time gives the same bits", one_transaction_at_a_time),
];

/// One person, the categories of the standard map.
fn ledger() -> Ledger {
    CsvReader::new(Layout::lloyds()).read(data::file("moneydata.csv")).expect("the export is readable").ledger
}

fn months_lie_in_their_ranges() {
    let months = V2Params::default().compute_snapshots(&ledger(), &Snapshots::months()).expect("features");
    let table = months.table();
    assert_eq!((table.n_rows(), table.n_columns()), (84, schema_v2().len()));
    for row in 0..table.n_rows() {
        for (spec, value) in schema_v2().iter().zip(table.row(row)) {
            assert!(value.is_none_or(|value| spec.range.contains(value)), "{}: {value:?}", spec.name);
        }
    }
    // Dates only, and nothing is booked on weekends.
    for name in ["weekend_spending_share", "morning_spending_share", "rapid_purchase_share"] {
        assert!(table.column(name).expect("a column").iter().all(Option::is_none), "{name}");
    }
    let training: Vec<usize> = (0..60).collect();
    let imputer = ImputerParams::default().fit(&table.take(&training).expect("rows")).expect("an imputer");
    let complete = imputer.transform(table).expect("a complete table");
    assert!(complete.n_columns() > table.n_columns());
}

fn the_salary_recurs() {
    let ledger = ledger();
    for (year, month, employer) in
        [(2017, 1, "SWANSEA UNI - PAY"), (2019, 6, "SWANSEA UNI - PAY"), (2022, 7, "UNIV OF NOTTINGHAM")]
    {
        let as_of = NaiveDate::from_ymd_opt(year, month, 25)
            .expect("a date")
            .and_hms_opt(23, 59, 59)
            .expect("a time");
        let found = detect_recurring(ledger.user(0), as_of, &RecurringParams::default()).expect("parameters");
        let pay = found.iter().find(|payment| payment.flow == Flow::Income).expect("a pay");
        assert_eq!((pay.merchant.as_str(), pay.period), (employer, Period::Monthly));
        assert!((10..=20).contains(&found.len()), "{}", found.len());
    }
}

fn one_transaction_at_a_time() {
    let ledger = ledger();
    let months = V2Params::default().compute_snapshots(&ledger, &Snapshots::months()).expect("features");
    let mut state = V2State::new(&V2Params::default(), ledger.currency()).expect("parameters");
    let (user, mut next) = (ledger.user(0), 0);
    for (row, key) in months.table().keys().iter().enumerate() {
        let end = user.until(key.as_of).len();
        for transaction in user.slice(next..end).iter() {
            state.push(&transaction).expect("in order");
        }
        next = end;
        let bits =
            |values: &[Option<f64>]| values.iter().map(|value| value.map(f64::to_bits)).collect::<Vec<_>>();
        assert_eq!(
            bits(&state.row(key.as_of).expect("a row")),
            bits(months.table().row(row)),
            "{}",
            key.as_of
        );
    }
}
