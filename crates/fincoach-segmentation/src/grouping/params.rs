//! Parameters of a grouping and its fit.

use fincoach_core::ndarray::Array2;
use fincoach_core::{FeatureTable, Fit, Progress};
use serde::{Deserialize, Serialize};

use super::model::Grouping;
use crate::segmentation::{describe, key_columns, reach_of};
use crate::{Clusters, Error, Place, PreparationParams, SegmentProfile};

/// Parameters of groups of users that are formed by any method with [`Clusters`].
///
/// | name | default | meaning |
/// | --- | --- | --- |
/// | `clusters` | that of the method | K-means, mini-batch K-means, a Gaussian mixture or DBSCAN, on the prepared columns |
/// | `preparation` | [`PreparationParams::default`] | signed logarithms, cut tails, columns left out |
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, Fit, Predict, RowKey, chrono::NaiveDate, ndarray::array};
/// use fincoach_segmentation::{GroupingParams, KMeansParams};
///
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..5).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let values = array![[900.0, 50.0], [950.0, 60.0], [1000.0, 55.0], [3000.0, 700.0], [3100.0, 800.0]];
/// let table = FeatureTable::new(keys, ["total_spending", "spending_volatility"], values)?;
///
/// let model = GroupingParams::new(KMeansParams::default().with_n_clusters(2)).fit(&table)?;
/// let groups: Vec<Option<usize>> = model.predict(&table)?.iter().map(|place| place.cluster).collect();
/// assert_eq!(groups, [Some(0), Some(0), Some(0), Some(1), Some(1)]);
/// assert_eq!(model.profiles()[1].name, "High Spenders");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupingParams<P: Default> {
    clusters: P,
    preparation: PreparationParams,
}

impl<P: Default> GroupingParams<P> {
    /// Groups by this method, after the default preparation.
    #[must_use]
    pub fn new(clusters: P) -> Self {
        Self { clusters, preparation: PreparationParams::default() }
    }

    /// Sets how columns are prepared.
    #[must_use]
    pub fn with_preparation(self, preparation: PreparationParams) -> Self {
        Self { preparation, ..self }
    }

    /// The parameters of the method.
    #[must_use]
    pub const fn clusters(&self) -> &P {
        &self.clusters
    }

    /// How columns are prepared.
    #[must_use]
    pub const fn preparation(&self) -> &PreparationParams {
        &self.preparation
    }
}

/// Cost: those of the preparation and of the method.
impl<P> Fit<FeatureTable> for GroupingParams<P>
where
    P: Default + Fit<Array2<f64>, Error = Error>,
    P::Model: Clusters,
{
    type Model = Grouping<P::Model>;
    type Error = Error;

    /// # Errors
    /// As the fit of the preparation and that of the method.
    fn fit_with(&self, data: &FeatureTable, progress: &mut dyn Progress) -> Result<Self::Model, Error> {
        let preparation = self.preparation.fit(data)?;
        let prepared = preparation.transform(data)?;
        let clusters = self.clusters.fit_with(&prepared, progress)?;
        let places = clusters.place(prepared.view())?;
        let profiles = profiles(data, members(&places, clusters.n_clusters()));
        let reach = match clusters.own_reach() {
            Some(reach) => vec![reach; clusters.n_clusters()],
            None => reach_of(distances(&places, clusters.n_clusters())),
        };
        Ok(Grouping { preparation, clusters, reach, profiles })
    }
}

/// The profiles of the clusters that have rows.
fn profiles(table: &FeatureTable, members: Vec<Vec<usize>>) -> Vec<SegmentProfile> {
    let filled = members.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty());
    let (filled, rows): (Vec<usize>, Vec<Vec<usize>>) = filled.unzip();
    let profiles = describe(table, &rows, &key_columns(table));
    profiles.into_iter().zip(filled).map(|(profile, segment)| SegmentProfile { segment, ..profile }).collect()
}

/// The rows of each cluster, ascending.
fn members(places: &[Place], n_clusters: usize) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); n_clusters];
    let placed =
        places.iter().enumerate().filter_map(|(row, place)| place.cluster.map(|cluster| (row, cluster)));
    placed.for_each(|(row, cluster)| members[cluster].push(row));
    members
}

fn distances(places: &[Place], n_clusters: usize) -> Vec<Vec<f64>> {
    let mut distances = vec![Vec::new(); n_clusters];
    let placed = places.iter().filter_map(|place| place.cluster.map(|cluster| (cluster, place.distance)));
    placed.for_each(|(cluster, distance)| distances[cluster].push(distance));
    distances
}
