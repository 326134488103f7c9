//! How users move between segments over time.

use fincoach_core::{DataError, FeatureTable};
use serde::Serialize;

use crate::Assignment;

/// Counts of moves between segments, from each snapshot of a user to the next.
///
/// # Examples
/// ```
/// use fincoach_segmentation::Movement;
/// let movement = Movement::of_paths(2, &[vec![0, 0, 1], vec![1, 1]])?;
/// assert_eq!(movement.counts(), [[1, 1], [0, 1]]);
/// assert_eq!(movement.shares(), [[0.5, 0.5], [0.0, 1.0]]);
/// assert_eq!(movement.stay_share(), Some(2.0 / 3.0));
/// # Ok::<(), fincoach_segmentation::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Movement {
    counts: Vec<Vec<usize>>,
}

impl Movement {
    /// The moves of users whose segments are known one snapshot after the other.
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) for a segment that is not below `n_segments`.
    pub fn of_paths(n_segments: usize, paths: &[Vec<usize>]) -> Result<Self, crate::Error> {
        let mut counts = vec![vec![0; n_segments]; n_segments];
        for path in paths {
            if let Some(segment) = path.iter().find(|segment| **segment >= n_segments) {
                let reason = format!("segment {segment} of {n_segments}");
                return Err(DataError::Inconsistent { what: "movement", reason }.into());
            }
            path.windows(2).for_each(|pair| counts[pair[0]][pair[1]] += 1);
        }
        Ok(Self { counts })
    }

    /// The moves in a table of snapshots and where a model places its rows; a user's rows in order of time,
    /// whatever their order in the table.
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) unless there is an assignment for each row, with a segment below
    /// `n_segments`.
    pub fn of_snapshots(
        n_segments: usize,
        table: &FeatureTable,
        assignments: &[Assignment],
    ) -> Result<Self, crate::Error> {
        DataError::ensure_len("assignments", table.n_rows(), assignments.len())?;
        let mut rows: Vec<usize> = (0..table.n_rows()).collect();
        let key = |row: &usize| (&table.keys()[*row].user, table.keys()[*row].as_of);
        rows.sort_by(|a, b| key(a).cmp(&key(b)));
        let users = rows.chunk_by(|a, b| table.keys()[*a].user == table.keys()[*b].user);
        let paths: Vec<Vec<usize>> =
            users.map(|rows| rows.iter().map(|row| assignments[*row].segment).collect()).collect();
        Self::of_paths(n_segments, &paths)
    }

    /// Moves from each segment (row) to each (column).
    #[must_use]
    pub fn counts(&self) -> &[Vec<usize>] {
        &self.counts
    }

    /// The counts as shares of their row; zeros where nobody was.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub fn shares(&self) -> Vec<Vec<f64>> {
        let share = |row: &Vec<usize>| {
            let total = row.iter().sum::<usize>().max(1) as f64;
            row.iter().map(|count| *count as f64 / total).collect()
        };
        self.counts.iter().map(share).collect()
    }

    /// The share of moves that end where they began; `None` without moves.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub fn stay_share(&self) -> Option<f64> {
        let total: usize = self.counts.iter().flatten().sum();
        let stayed: usize = self.counts.iter().enumerate().map(|(segment, row)| row[segment]).sum();
        (total > 0).then(|| stayed as f64 / total as f64)
    }
}
