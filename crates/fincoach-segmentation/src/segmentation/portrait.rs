//! From clustered rows to profiles with names.

use fincoach_core::FeatureTable;
use fincoach_core::ndarray::{Array2, ArrayView2};

use crate::naming::Portrait;
use crate::preparation::leanings;
use crate::profile::{median, summarise};
use crate::{KMeans, SegmentProfile};

/// Columns that every profile summarises where the table has them.
const KEY_COLUMNS: [&str; 6] = [
    "current_balance",
    "total_spending",
    "savings_rate",
    "spending_volatility",
    "category_diversity",
    "emergency_fund_ratio",
];

/// The positions of the columns that every profile summarises.
pub(crate) fn key_columns(table: &FeatureTable) -> Vec<usize> {
    KEY_COLUMNS.iter().filter_map(|name| table.column_index(name).ok()).collect()
}

/// The profiles of all segments; `summarised` holds positions of columns. Where the centres are of
/// `prepared` columns, names are chosen by the means of all columns after the default preparation.
pub(super) fn profiles(
    table: &FeatureTable,
    kmeans: &KMeans,
    summarised: &[usize],
    prepared: bool,
) -> Vec<SegmentProfile> {
    let members = members(kmeans);
    if prepared {
        return describe(table, &members, summarised);
    }
    described(table, &members, summarised, kmeans.centres())
}

/// The profiles of groups of rows, named by the means of all columns after the default preparation.
pub(crate) fn describe(
    table: &FeatureTable,
    members: &[Vec<usize>],
    summarised: &[usize],
) -> Vec<SegmentProfile> {
    described(table, members, summarised, leans(table, members).view())
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn described<'a>(
    table: &'a FeatureTable,
    members: &[Vec<usize>],
    summarised: &[usize],
    centres: ArrayView2<'a, f64>,
) -> Vec<SegmentProfile> {
    let names = portrait(table, centres, members).names();
    let summary =
        |rows: &[usize], column: &usize| summarise(&table.columns()[*column], &values(table, rows, *column));
    let pairs = names.into_iter().zip(members).enumerate();
    pairs
        .map(|(segment, (naming, rows))| SegmentProfile {
            segment,
            name: naming.name,
            archetype: naming.archetype,
            evidence: naming.evidence,
            size: rows.len(),
            share: rows.len() as f64 / table.n_rows() as f64,
            features: summarised.iter().map(|column| summary(rows, column)).collect(),
        })
        .collect()
}

/// The rows of each cluster, ascending.
fn members(kmeans: &KMeans) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); kmeans.n_clusters()];
    kmeans.labels().iter().enumerate().for_each(|(row, label)| members[*label].push(row));
    members
}

/// The means of the segments in all columns after the default preparation, `(n_segments, n_columns)`.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn leans(table: &FeatureTable, members: &[Vec<usize>]) -> Array2<f64> {
    let prepared = leanings(table.values());
    let mut centres = Array2::zeros((members.len(), table.n_columns()));
    for (mut centre, rows) in centres.rows_mut().into_iter().zip(members) {
        rows.iter().for_each(|row| centre += &prepared.row(*row));
        centre /= rows.len().max(1) as f64;
    }
    centres
}

fn portrait<'a>(
    table: &'a FeatureTable,
    centres: ArrayView2<'a, f64>,
    members: &[Vec<usize>],
) -> Portrait<'a> {
    let everyone: Vec<usize> = (0..table.n_rows()).collect();
    let columns = 0..table.n_columns();
    Portrait {
        columns: table.columns(),
        centres,
        medians: Array2::from_shape_fn((members.len(), table.n_columns()), |(segment, column)| {
            median(&values(table, &members[segment], column))
        }),
        overall: columns.clone().map(|column| median(&values(table, &everyone, column))).collect(),
        varies: columns.map(|column| varies(table, column)).collect(),
    }
}

fn values(table: &FeatureTable, rows: &[usize], column: usize) -> Vec<f64> {
    rows.iter().map(|row| table.values()[[*row, column]]).collect()
}

fn varies(table: &FeatureTable, column: usize) -> bool {
    let values = table.values();
    let column = values.column(column);
    column.iter().any(|value| *value != column[0])
}
