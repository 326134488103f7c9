//! A fitted segmentation.

use fincoach_core::ndarray::{Array2, ArrayView2};
use fincoach_core::{FeatureTable, FitReport, Predict, StandardScaler, json_artifact};
use serde::{Deserialize, Serialize};

use super::saved::Repr;
use crate::kmeans::by_centre;
use crate::{Error, Preparation, SegmentProfile};

/// Where a row belongs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Assignment {
    /// The segment whose centre is nearest; the lowest number wins a tie.
    pub segment: usize,
    /// Euclidean distance to that centre, in the units of [`Segmentation::standardised`].
    pub distance: f64,
    /// The segment whose centre is next; `None` where there is but one segment.
    pub second_best: Option<usize>,
    /// Whether the row lies farther out than the reach of its segment: it is unlike any that the model knows.
    /// See [`Segmentation::reach`].
    #[serde(default)]
    pub unlike_any: bool,
}

/// Segments of users, with everything needed to place another user: columns, scaler, centres, profiles.
///
/// Segments are numbered by descending size.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, Fit, Predict, RowKey, chrono::NaiveDate, ndarray::array};
/// use fincoach_segmentation::SegmentationParams;
///
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..5).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let values = array![[900.0, 50.0], [950.0, 60.0], [1000.0, 55.0], [3000.0, 700.0], [3100.0, 800.0]];
/// let table = FeatureTable::new(keys, ["total_spending", "spending_volatility"], values)?;
///
/// let model = SegmentationParams::default().with_n_clusters(2).fit(&table)?;
/// let segments: Vec<usize> = model.predict(&table)?.iter().map(|found| found.segment).collect();
/// assert_eq!(segments, [0, 0, 0, 1, 1]);
/// assert_eq!(model.profiles()[0].name, "Budget Conscious");
/// assert_eq!(model.profiles()[1].name, "High Spenders");
/// assert_eq!(model.profiles()[1].evidence[0], "spends 3.0 times the median");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct Segmentation {
    pub(super) columns: Vec<String>,
    pub(super) scaler: StandardScaler,
    pub(super) preparation: Option<Preparation>,
    pub(super) reach: Option<Vec<f64>>,
    pub(super) centres: Array2<f64>,
    pub(super) inertia: f64,
    pub(super) profiles: Vec<SegmentProfile>,
    pub(super) report: FitReport,
}

impl Segmentation {
    /// The number of segments.
    #[must_use]
    pub fn n_segments(&self) -> usize {
        self.centres.nrows()
    }

    /// The columns a table must have, in this order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The scaler of the columns; in use where there is no preparation.
    #[must_use]
    pub const fn scaler(&self) -> &StandardScaler {
        &self.scaler
    }

    /// The preparation in use, if one was asked for.
    #[must_use]
    pub const fn preparation(&self) -> Option<&Preparation> {
        self.preparation.as_ref()
    }

    /// For each segment the distance beyond which a row is unlike any: the upper quartile of the training
    /// distances and three times their interquartile range (far out, Tukey 1977), of all segments together
    /// where one has fewer than ten rows. Empty for a model from an older file.
    #[must_use]
    pub fn reach(&self) -> &[f64] {
        self.reach.as_deref().unwrap_or_default()
    }

    /// Centres as [`Segmentation::standardised`] has the rows, `(n_segments, n_prepared)`.
    #[must_use]
    pub fn centres(&self) -> ArrayView2<'_, f64> {
        self.centres.view()
    }

    /// The sum of squared distances from the training rows to their centres, standardised.
    #[must_use]
    pub const fn inertia(&self) -> f64 {
        self.inertia
    }

    /// What each segment looks like, by its number. Serialised, this is the file of segment profiles.
    #[must_use]
    pub fn profiles(&self) -> &[SegmentProfile] {
        &self.profiles
    }

    /// The names of the segments, by their numbers.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().map(|profile| profile.name.as_str())
    }

    /// How the best restart went: curve `inertia`.
    #[must_use]
    pub const fn report(&self) -> &FitReport {
        &self.report
    }

    /// The table as the model sees it: prepared, or standardised where there is no preparation;
    /// `(n_rows, n_prepared)`. For a silhouette or [`Pca`](crate::Pca).
    ///
    /// # Errors
    /// [`DataError::Columns`](fincoach_core::DataError::Columns) when the columns are others or in another
    /// order.
    pub fn standardised(&self, table: &FeatureTable) -> Result<Array2<f64>, Error> {
        table.expect_columns(&self.columns)?;
        if let Some(preparation) = &self.preparation {
            return preparation.transform(table);
        }
        Ok(self.scaler.transform(table.values())?)
    }
}

/// Cost: `O(n_rows · n_segments · n_columns)`.
impl Predict<FeatureTable> for Segmentation {
    type Output = Vec<Assignment>;
    type Error = Error;

    /// # Errors
    /// As [`Segmentation::standardised`], and [`Error::Data`] for a value more than 1e100 deviations away.
    fn predict(&self, data: &FeatureTable) -> Result<Vec<Assignment>, Error> {
        by_centre(&self.centres, self.standardised(data)?.view(), |segment, distance, second_best| {
            let unlike_any = self.reach().get(segment).is_some_and(|reach| distance > *reach);
            Assignment { segment, distance, second_best, unlike_any }
        })
    }
}

json_artifact!(Segmentation, "segmentation", 1);
