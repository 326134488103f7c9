//! From clustered rows to profiles with names.

use fincoach_core::FeatureTable;
use fincoach_core::ndarray::Array2;

use crate::naming::Portrait;
use crate::profile::{median, summarise};
use crate::{KMeans, SegmentProfile};

/// The profiles of all segments; `summarised` holds positions of columns.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(super) fn profiles(table: &FeatureTable, kmeans: &KMeans, summarised: &[usize]) -> Vec<SegmentProfile> {
    let members = members(kmeans);
    let names = portrait(table, kmeans, &members).names();
    names
        .into_iter()
        .zip(&members)
        .enumerate()
        .map(|(segment, (naming, rows))| SegmentProfile {
            segment,
            name: naming.name,
            archetype: naming.archetype,
            evidence: naming.evidence,
            size: rows.len(),
            share: rows.len() as f64 / table.n_rows() as f64,
            features: summarised
                .iter()
                .map(|column| summarise(&table.columns()[*column], &values(table, rows, *column)))
                .collect(),
        })
        .collect()
}

/// The rows of each cluster, ascending.
fn members(kmeans: &KMeans) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); kmeans.n_clusters()];
    kmeans.labels().iter().enumerate().for_each(|(row, label)| members[*label].push(row));
    members
}

fn portrait<'a>(table: &'a FeatureTable, kmeans: &'a KMeans, members: &[Vec<usize>]) -> Portrait<'a> {
    let everyone: Vec<usize> = (0..table.n_rows()).collect();
    let columns = 0..table.n_columns();
    Portrait {
        columns: table.columns(),
        centres: kmeans.centres(),
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
