//! Where the real data is.

use std::path::PathBuf;

use fincoach::core::chrono::NaiveDate;
use fincoach::core::ndarray::Array2;
use fincoach::core::{FeatureTable, Ledger, RowKey};
use fincoach::transform::{CategoryMap, CsvReader, Layout};

/// The folder of the real data, if the environment names one.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os("FINCOACH_DATA").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// A file of the real data.
pub(crate) fn file(name: &str) -> PathBuf {
    folder().expect("FINCOACH_DATA is set").join(name)
}

/// A file with numbers to compare with.
pub(crate) fn golden(name: &str) -> PathBuf {
    file("..").join("golden").join(name)
}

/// The real account with the notebook's categories, cut into users by this rule.
pub(crate) fn notebook_ledger(users: &str) -> Ledger {
    let reader = CsvReader::new(Layout::lloyds()).with_categories(CategoryMap::notebook());
    let reader = reader.with_users(users.parse().expect("a rule for users"));
    reader.read(file("moneydata.csv")).expect("the export is readable").ledger
}

/// The numbers of a golden CSV file without a header, `(n_rows, n_columns)`.
pub(crate) fn numbers(name: &str) -> Array2<f64> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_path(golden(name)).expect("the file is there");
    let rows: Vec<Vec<f64>> = reader
        .records()
        .map(|row| row.expect("a row").iter().map(|cell| cell.parse().expect("a number")).collect())
        .collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).expect("rows of one length")
}

/// The golden features of the users that `timeline` or `timeline-notebook` gives.
pub(crate) fn golden_features(users: &str) -> FeatureTable {
    let path = golden(&format!("moneydata_features_v1_{users}.csv"));
    let mut reader = csv::Reader::from_path(path).expect("the golden file is there");
    let columns: Vec<String> =
        reader.headers().expect("a header").iter().skip(1).map(str::to_owned).collect();
    let as_of = NaiveDate::from_ymd_opt(2022, 7, 25).expect("a date").into();
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for row in reader.records() {
        let row = row.expect("a row");
        keys.push(RowKey { user: row[0].to_owned(), as_of });
        values.extend(row.iter().skip(1).map(|cell| cell.parse::<f64>().expect("a number")));
    }
    let values = Array2::from_shape_vec((keys.len(), columns.len()), values).expect("rows of one length");
    FeatureTable::new(keys, columns, values).expect("a table")
}
