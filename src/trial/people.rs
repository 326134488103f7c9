//! Who a household is: the segment of its life before the coaching.

use fincoach_core::{FeatureTable, Fit as _, Predict as _};
use fincoach_features::{Imputer, ImputerParams, PartialTable, V2Params};
use fincoach_segmentation::{PreparationParams, Segmentation, SegmentationParams};

use crate::Error;

/// The columns of schema v2 that [`PreparationParams::way_of_life`] looks at.
const COLUMNS: [&str; 10] = [
    "income",
    "put_aside_rate",
    "groceries_spending",
    "transport_spending",
    "purchase_deviation",
    "mean_balance",
    "spending",
    "shopping_spending",
    "dine_out_spending",
    "entertainment_spending",
];

/// Segments of households by the way they lived before the first decision.
///
/// A segment stays as it was on that day: what an action moves must not make a household look like another.
#[derive(Clone, Debug)]
pub(super) struct People {
    imputer: Imputer,
    segmentation: Segmentation,
}

impl People {
    /// The features of a year.
    pub(super) fn features() -> V2Params {
        V2Params::default().with_window_days(365)
    }

    /// The names of the columns in schema v2.
    pub(super) const fn columns() -> [&'static str; COLUMNS.len()] {
        COLUMNS
    }

    /// Finds segments among the households of a log, a row for each.
    pub(super) fn fit(lives: &PartialTable, n_segments: usize, seed: u64) -> Result<Self, Error> {
        let imputer = ImputerParams::default().fit(lives)?;
        let params = SegmentationParams::default()
            .with_n_clusters(n_segments)
            .with_seed(seed)
            .with_preparation(PreparationParams::way_of_life());
        let segmentation = params.fit(&imputer.transform(lives)?)?;
        Ok(Self { imputer, segmentation })
    }

    /// How many segments there are.
    pub(super) fn n_segments(&self) -> usize {
        self.segmentation.n_segments()
    }

    /// How each household lived: its segment and its habits.
    pub(super) fn lives(&self, lives: &PartialTable) -> Result<Vec<Life>, Error> {
        let lives: FeatureTable = self.imputer.transform(lives)?;
        let placed = self.segmentation.predict(&lives)?;
        let at = HABITS
            .iter()
            .map(|[part, whole]| Ok((lives.column_index(part)?, lives.column_index(whole)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        let mut habits = Vec::with_capacity(lives.n_rows());
        for row in lives.values().rows() {
            let mut own = [0.0; HABITS.len()];
            for (habit, (part, whole)) in own.iter_mut().zip(&at) {
                *habit = (row[*part] / row[*whole].max(1.0)).clamp(-FARTHEST, FARTHEST);
            }
            habits.push(own);
        }
        Ok(placed
            .into_iter()
            .zip(habits)
            .map(|(placed, habits)| Life { segment: placed.segment, habits })
            .collect())
    }
}

/// How a household lived before the first decision.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    pub(super) segment: usize,
    /// Values of [`HABITS`].
    pub(super) habits: [f64; HABITS.len()],
}

/// Habits: these columns as shares of the income, at most [`FARTHEST`] either way.
pub(super) const HABITS: [[&str; 2]; 5] = [
    ["spending", "income"],
    ["shopping_spending", "income"],
    ["dine_out_spending", "income"],
    ["entertainment_spending", "income"],
    ["mean_balance", "income"],
];

const FARTHEST: f64 = 5.0;
