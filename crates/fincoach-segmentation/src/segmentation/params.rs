//! Parameters of a segmentation and its fit.

use std::ops::RangeInclusive;

use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, FeatureTable, Fit, Progress, StandardScaler};
use serde::{Deserialize, Serialize};

use super::model::Segmentation;
use super::portrait::{key_columns, profiles};
use super::reach::reach;
use crate::{Error, KChoice, KMeansParams, PreparationParams, Recommendation, choose_k, recommend_k};

/// Parameters of a segmentation of users.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `kmeans` | [`KMeansParams::default`]: 5 clusters, 32 restarts | see there | the clustering of the standardised columns |
/// | `preparation` | none | see [`PreparationParams`] | signed logarithms, cut tails, columns left out; without it every column is standardised as it is |
/// | `more_columns` | none | names of columns of the table | summarised in the profiles beside `current_balance`, `total_spending`, `savings_rate`, `spending_volatility`, `category_diversity` and `emergency_fund_ratio` |
///
/// # Examples
/// ```
/// use fincoach_segmentation::SegmentationParams;
/// let params = SegmentationParams::default().with_n_clusters(4).with_more_columns(["total_income"]);
/// assert_eq!(params.kmeans().n_clusters(), 4);
/// assert_eq!(params.more_columns(), ["total_income"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SegmentationParams {
    kmeans: KMeansParams,
    preparation: Option<PreparationParams>,
    more_columns: Vec<String>,
}

impl SegmentationParams {
    /// Sets the parameters of the clustering.
    #[must_use]
    pub fn with_kmeans(self, kmeans: KMeansParams) -> Self {
        Self { kmeans, ..self }
    }

    /// Sets the number of segments.
    #[must_use]
    pub fn with_n_clusters(self, n_clusters: usize) -> Self {
        let kmeans = self.kmeans.clone().with_n_clusters(n_clusters);
        self.with_kmeans(kmeans)
    }

    /// Sets the number of restarts.
    #[must_use]
    pub fn with_n_init(self, n_init: usize) -> Self {
        let kmeans = self.kmeans.clone().with_n_init(n_init);
        self.with_kmeans(kmeans)
    }

    /// Sets the seed.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        let kmeans = self.kmeans.clone().with_seed(seed);
        self.with_kmeans(kmeans)
    }

    /// Sets how columns are prepared; `None` standardises them as they are.
    #[must_use]
    pub fn with_preparation(self, preparation: impl Into<Option<PreparationParams>>) -> Self {
        Self { preparation: preparation.into(), ..self }
    }

    /// How columns are prepared.
    #[must_use]
    pub const fn preparation(&self) -> Option<&PreparationParams> {
        self.preparation.as_ref()
    }

    /// Sets the columns to summarise beside the six that always are.
    #[must_use]
    pub fn with_more_columns<S: Into<String>>(self, columns: impl IntoIterator<Item = S>) -> Self {
        Self { more_columns: columns.into_iter().map(Into::into).collect(), ..self }
    }

    /// The parameters of the clustering.
    #[must_use]
    pub const fn kmeans(&self) -> &KMeansParams {
        &self.kmeans
    }

    /// The columns to summarise beside the six that always are.
    #[must_use]
    pub fn more_columns(&self) -> &[String] {
        &self.more_columns
    }

    /// Elbow and silhouette of the prepared table over a range of k: see [`choose_k`].
    ///
    /// # Errors
    /// As [`choose_k`].
    pub fn choose_k(&self, table: &FeatureTable, ks: RangeInclusive<usize>) -> Result<KChoice, Error> {
        choose_k(self.prepared(table)?.view(), &self.kmeans, ks)
    }

    /// A number of segments with its reason: see [`recommend_k`].
    ///
    /// # Errors
    /// As [`recommend_k`].
    pub fn recommend_k(
        &self,
        table: &FeatureTable,
        ks: RangeInclusive<usize>,
    ) -> Result<Recommendation, Error> {
        recommend_k(self.prepared(table)?.view(), &self.kmeans, ks)
    }

    fn prepared(&self, table: &FeatureTable) -> Result<Array2<f64>, Error> {
        match &self.preparation {
            Some(preparation) => preparation.fit(table)?.transform(table),
            None => Ok(StandardScaler::fit(table.values())?.transform(table.values())?),
        }
    }

    /// Columns to summarise, as positions: those of the six that there are, then the others.
    fn summarised(&self, table: &FeatureTable) -> Result<Vec<usize>, DataError> {
        let mut positions = key_columns(table);
        for name in &self.more_columns {
            let position = table.column_index(name)?;
            if !positions.contains(&position) {
                positions.push(position);
            }
        }
        Ok(positions)
    }
}

/// Cost: those of preparation and K-means; profiles add `O(n_rows · log n_rows · n_columns)`.
impl Fit<FeatureTable> for SegmentationParams {
    type Model = Segmentation;
    type Error = Error;

    /// # Errors
    /// As the fit of [`KMeansParams`], and [`DataError::UnknownName`] for one of `more_columns`.
    fn fit_with(&self, data: &FeatureTable, progress: &mut dyn Progress) -> Result<Segmentation, Error> {
        self.kmeans.check()?;
        let summarised = self.summarised(data)?;
        let scaler = StandardScaler::fit(data.values())?;
        let preparation = self.preparation.as_ref().map(|params| params.fit(data)).transpose()?;
        let prepared = match &preparation {
            Some(preparation) => preparation.transform(data)?,
            None => scaler.transform(data.values())?,
        };
        let kmeans = self.kmeans.fit_with(&prepared, progress)?;
        let profiles = profiles(data, &kmeans, &summarised, preparation.is_some());
        Ok(Segmentation {
            columns: data.columns().to_vec(),
            scaler,
            preparation,
            reach: Some(reach(prepared.view(), &kmeans)),
            centres: kmeans.centres().to_owned(),
            inertia: kmeans.inertia(),
            profiles,
            report: kmeans.report().clone(),
        })
    }
}
