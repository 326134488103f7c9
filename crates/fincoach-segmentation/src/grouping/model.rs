//! A fitted grouping.

use fincoach_core::artifact::{from_json, to_json};
use fincoach_core::{Artifact, ArtifactError, DataError, FeatureTable, Predict};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::segmentation::check_reach;
use crate::{Clusters, Error, Place, Preparation, SegmentProfile};

/// Groups of users with everything needed to place another user: preparation, clusters, profiles.
///
/// Made by [`GroupingParams`](crate::GroupingParams).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    try_from = "Repr<M>",
    into = "Repr<M>",
    bound(serialize = "M: Clusters + Clone + Serialize", deserialize = "M: Clusters + DeserializeOwned")
)]
pub struct Grouping<M> {
    pub(super) preparation: Preparation,
    pub(super) clusters: M,
    pub(super) reach: Vec<f64>,
    pub(super) profiles: Vec<SegmentProfile>,
}

impl<M: Clusters> Grouping<M> {
    /// The columns a table must have, in this order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.preparation.columns()
    }

    /// How columns are prepared, and which are left out.
    #[must_use]
    pub const fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    /// The clusters of the prepared rows.
    #[must_use]
    pub const fn clusters(&self) -> &M {
        &self.clusters
    }

    /// For each group the distance beyond which a row is unlike any: that of the method where it draws a line, else
    /// as [`Segmentation::reach`](crate::Segmentation::reach).
    #[must_use]
    pub fn reach(&self) -> &[f64] {
        &self.reach
    }

    /// What each group looks like, ascending by its number. Shares are of all training rows, noise among them; a
    /// component of a mixture that is no row's likeliest has no profile.
    #[must_use]
    pub fn profiles(&self) -> &[SegmentProfile] {
        &self.profiles
    }

    /// What one group looks like.
    #[must_use]
    pub fn profile(&self, cluster: usize) -> Option<&SegmentProfile> {
        self.profiles.iter().find(|profile| profile.segment == cluster)
    }
}

/// Cost: those of the preparation and of the clusters.
impl<M: Clusters> Predict<FeatureTable> for Grouping<M> {
    type Output = Vec<Place>;
    type Error = Error;

    /// # Errors
    /// [`Error::Data`] when the columns are others or in another order.
    fn predict(&self, data: &FeatureTable) -> Result<Vec<Place>, Error> {
        let mut places = self.clusters.place(self.preparation.transform(data)?.view())?;
        for place in &mut places {
            let within = place.cluster.is_some_and(|cluster| place.distance <= self.reach[cluster]);
            place.unlike_any = !within;
        }
        Ok(places)
    }
}

/// JSON of the kind [`Clusters::GROUPING`].
impl<M: Clusters + Clone + Serialize + DeserializeOwned> Artifact for Grouping<M> {
    const KIND: &'static str = M::GROUPING;
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        to_json::<Self, _>(self)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        from_json::<Self, Self>(bytes)
    }
}

/// The form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr<M> {
    preparation: Preparation,
    clusters: M,
    reach: Vec<f64>,
    profiles: Vec<SegmentProfile>,
}

impl<M> From<Grouping<M>> for Repr<M> {
    fn from(model: Grouping<M>) -> Self {
        let Grouping { preparation, clusters, reach, profiles } = model;
        Self { preparation, clusters, reach, profiles }
    }
}

impl<M: Clusters> TryFrom<Repr<M>> for Grouping<M> {
    type Error = DataError;

    fn try_from(repr: Repr<M>) -> Result<Self, DataError> {
        let Repr { preparation, clusters, reach, profiles } = repr;
        preparation.check()?;
        DataError::ensure_len("columns of the clusters", preparation.n_prepared(), clusters.n_columns())?;
        check_reach(Some(&reach), clusters.n_clusters())?;
        profiles.iter().try_for_each(SegmentProfile::check)?;
        let ascending = profiles.windows(2).all(|pair| pair[0].segment < pair[1].segment);
        if !ascending || profiles.last().is_some_and(|last| last.segment >= clusters.n_clusters()) {
            let reason = "profiles are not those of the clusters".to_owned();
            return Err(DataError::Inconsistent { what: "grouping", reason });
        }
        Ok(Self { preparation, clusters, reach, profiles })
    }
}
