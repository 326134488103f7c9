//! The snapshots of each user in the order of time.

use std::collections::BTreeMap;

use fincoach_core::FeatureTable;
use fincoach_core::chrono::{NaiveDateTime, TimeDelta, Timelike as _};

/// A moment and the row of the table that knows everything up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Snapshot {
    pub(crate) as_of: NaiveDateTime,
    pub(crate) row: usize,
}

impl Snapshot {
    /// The first whole second at which the snapshot may be used: strictly after all it knows of.
    pub(crate) fn serves_from(&self) -> NaiveDateTime {
        self.as_of.with_nanosecond(0).unwrap_or(self.as_of) + TimeDelta::seconds(1)
    }
}

/// Each user's snapshots, earliest first.
pub(crate) struct Snapshots<'a>(BTreeMap<&'a str, Vec<Snapshot>>);

impl<'a> Snapshots<'a> {
    pub(crate) fn of(table: &'a FeatureTable) -> Self {
        let mut by_user: BTreeMap<&str, Vec<Snapshot>> = BTreeMap::new();
        for (row, key) in table.keys().iter().enumerate() {
            by_user.entry(&key.user).or_default().push(Snapshot { as_of: key.as_of, row });
        }
        by_user.values_mut().for_each(|snapshots| snapshots.sort_unstable());
        Self(by_user)
    }

    pub(crate) fn user(&self, name: &str) -> &[Snapshot] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The latest snapshot strictly before a moment.
pub(crate) fn latest_before(snapshots: &[Snapshot], moment: NaiveDateTime) -> Option<Snapshot> {
    let n_before = snapshots.partition_point(|snapshot| snapshot.as_of < moment);
    n_before.checked_sub(1).map(|last| snapshots[last])
}

/// The first snapshot that may be used at a moment or later, and not before.
pub(crate) fn first_serving_from(snapshots: &[Snapshot], moment: NaiveDateTime) -> Option<Snapshot> {
    let n_before = snapshots.partition_point(|snapshot| snapshot.serves_from() < moment);
    snapshots.get(n_before).copied()
}
