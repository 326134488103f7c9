//! The form of a segmentation on disk.

use std::collections::BTreeSet;

use fincoach_core::{DataError, FitReport, StandardScaler};
use serde::{Deserialize, Serialize};

use super::model::Segmentation;
use crate::kmeans::{Points, matrix_of, rows_of};
use crate::{Preparation, SegmentProfile};

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repr {
    columns: Vec<String>,
    scaler: StandardScaler,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    preparation: Option<Preparation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reach: Option<Vec<f64>>,
    centres: Vec<Vec<f64>>,
    inertia: f64,
    profiles: Vec<SegmentProfile>,
    report: FitReport,
}

impl From<Segmentation> for Repr {
    fn from(model: Segmentation) -> Self {
        let Segmentation { columns, scaler, preparation, reach, centres, inertia, profiles, report } = model;
        let centres = rows_of(&centres);
        Self { columns, scaler, preparation, reach, centres, inertia, profiles, report }
    }
}

impl TryFrom<Repr> for Segmentation {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let centres = matrix_of(&repr.centres)?;
        Points::checked(&centres).map_err(|error| inconsistent(format!("centres: {error}")))?;
        check_preparation(&repr, centres.ncols())?;
        check_reach(repr.reach.as_deref(), centres.nrows())?;
        DataError::ensure_len("columns of the scaler", repr.columns.len(), repr.scaler.n_columns())?;
        DataError::ensure_len("profiles", centres.nrows(), repr.profiles.len())?;
        ensure_distinct("column", repr.columns.iter().map(String::as_str))?;
        if !(repr.inertia >= 0.0 && repr.inertia.is_finite()) {
            return Err(inconsistent(format!("inertia is {}", repr.inertia)));
        }
        check_profiles(&repr.profiles)?;
        let Repr { columns, scaler, preparation, reach, inertia, profiles, report, .. } = repr;
        Ok(Self { columns, scaler, preparation, reach, centres, inertia, profiles, report })
    }
}

fn check_preparation(repr: &Repr, n_prepared: usize) -> Result<(), DataError> {
    let Some(preparation) = &repr.preparation else {
        return DataError::ensure_len("columns of the centres", repr.columns.len(), n_prepared);
    };
    preparation.check()?;
    if preparation.columns() != repr.columns {
        return Err(inconsistent("the preparation has other columns".to_owned()));
    }
    DataError::ensure_len("columns of the centres", preparation.n_prepared(), n_prepared)
}

pub(crate) fn check_reach(reach: Option<&[f64]>, n_segments: usize) -> Result<(), DataError> {
    let Some(reach) = reach else { return Ok(()) };
    DataError::ensure_len("reaches", n_segments, reach.len())?;
    if reach.iter().all(|distance| *distance >= 0.0 && distance.is_finite()) {
        return Ok(());
    }
    Err(inconsistent("a reach is negative or not finite".to_owned()))
}

fn check_profiles(profiles: &[SegmentProfile]) -> Result<(), DataError> {
    for (segment, profile) in profiles.iter().enumerate() {
        if profile.segment != segment {
            return Err(inconsistent(format!("profile {segment} is of segment {}", profile.segment)));
        }
        profile.check()?;
    }
    ensure_distinct("segment name", profiles.iter().map(|profile| profile.name.as_str()))
}

fn ensure_distinct<'a>(what: &'static str, names: impl Iterator<Item = &'a str>) -> Result<(), DataError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(DataError::Duplicate { what, name: name.to_owned() });
        }
    }
    Ok(())
}

fn inconsistent(reason: String) -> DataError {
    DataError::Inconsistent { what: "segmentation", reason }
}
