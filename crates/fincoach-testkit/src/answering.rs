//! Checks of the answers.

use std::fmt::Debug;

use fincoach_core::{FeatureTable, Predict};

use crate::Rows;
use crate::failure::{ensure, fail, name, worked};

/// Checks that each row is answered by itself: [`check_rows_independent_with`] for `predict`.
///
/// # Panics
/// When the check fails.
#[track_caller]
pub fn check_rows_independent<M, D, T>(model: &M, data: &D)
where
    D: Rows,
    M: Predict<D, Output = Vec<T>>,
    M::Error: Debug,
    T: PartialEq + Debug,
{
    check_rows_independent_with(data, |rows| model.predict(rows));
}

/// Checks that asking twice, in reverse order, in batches of 1 and of 3 or in two halves gives every row
/// the same answer, one answer a row, and no rows no answer or an error.
///
/// For models with several ways to answer: `check_rows_independent_with(&table, |t| model.distances(t))`.
///
/// # Panics
/// When the check fails, naming the row.
#[track_caller]
pub fn check_rows_independent_with<D, T, E>(data: &D, answer: impl Fn(&D) -> Result<Vec<T>, E>)
where
    D: Rows,
    T: PartialEq + Debug,
    E: Debug,
{
    let n_rows = data.n_rows();
    let whole = worked(answer(data), name::<T>(), "all rows");
    ensure(whole.len() == n_rows, name::<T>(), "all rows", "there is not one answer a row");
    let compare = |rows: &[usize], check: &str| {
        let answers = worked(answer(&data.take(rows)), name::<T>(), check);
        ensure(answers.len() == rows.len(), name::<T>(), check, "there is not one answer a row");
        for (row, given) in rows.iter().zip(&answers) {
            if *given != whole[*row] {
                let expected = &whole[*row];
                fail(name::<T>(), check, format_args!("row {row} is {given:?}, was {expected:?}"));
            }
        }
    };
    let rows: Vec<usize> = (0..n_rows).collect();
    compare(&rows, "asking twice");
    compare(&rows.iter().rev().copied().collect::<Vec<_>>(), "rows in reverse");
    for (size, check) in [(1, "rows one by one"), (3, "rows in threes"), (n_rows.div_ceil(2), "two halves")] {
        rows.chunks(size.max(1)).for_each(|batch| compare(batch, check));
    }
    if let Ok(answers) = answer(&data.take(&[])) {
        ensure(answers.is_empty(), name::<T>(), "no rows", "there are answers");
    }
}

/// Checks what a model says to a table with other columns than it was fitted on.
///
/// A column that is missing or has another name must be an error. A column too many, or another order, must
/// be an error or, where a model takes its columns by name, change no answer. `table` must hold no column
/// that the model does not use.
///
/// # Panics
/// When the check fails.
#[track_caller]
pub fn check_columns<M, T>(model: &M, table: &FeatureTable)
where
    M: Predict<FeatureTable, Output = Vec<T>>,
    M::Error: Debug,
    T: PartialEq + Debug,
{
    let (subject, check) = (name::<M>(), "columns");
    let answers = worked(model.predict(table), subject, check);
    let columns = table.columns();
    for missing in 0..columns.len() {
        let mut rest = columns.to_vec();
        rest[missing] = "a column of another name".to_owned();
        let renamed = FeatureTable::new(table.keys().to_vec(), rest.clone(), table.values().to_owned());
        rest.remove(missing);
        for wrong in [worked(renamed, subject, check), worked(table.select(&rest), subject, check)] {
            let refused = model.predict(&wrong).is_err();
            let what = format!("answers without column `{}`", columns[missing]);
            ensure(refused, subject, check, &what);
        }
    }
    let reversed: Vec<&String> = columns.iter().rev().collect();
    let wider = table.with_column("one column too many", vec![0.0; table.n_rows()]);
    for other in [worked(table.select(&reversed), subject, check), worked(wider, subject, check)] {
        let same = model.predict(&other).map_or(true, |given| given == answers);
        ensure(same, subject, check, "other columns or another order change the answers");
    }
}
