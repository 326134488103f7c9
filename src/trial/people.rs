//! Who a household is: the segment of its life before the coaching.

use fincoach_core::{FeatureTable, Fit as _, Predict as _};
use fincoach_features::{Imputer, ImputerParams, PartialTable, V2Params};
use fincoach_segmentation::{Assignment, PreparationParams, Segmentation, SegmentationParams};

use crate::Error;

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
    pub(super) fn columns() -> Vec<String> {
        PreparationParams::way_of_life().needed_columns()
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
        let income = lives.column("income")?;
        let parts = HABITS.iter().map(|part| lives.column(part)).collect::<Result<Vec<_>, _>>()?;
        let life = |(row, placed): (usize, Assignment)| {
            let share = |part: usize| (parts[part][row] / income[row].max(1.0)).clamp(-FARTHEST, FARTHEST);
            Life { segment: placed.segment, habits: std::array::from_fn(share) }
        };
        Ok(placed.into_iter().enumerate().map(life).collect())
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
pub(super) const HABITS: [&str; 5] =
    ["spending", "shopping_spending", "dine_out_spending", "entertainment_spending", "mean_balance"];

const FARTHEST: f64 = 5.0;
