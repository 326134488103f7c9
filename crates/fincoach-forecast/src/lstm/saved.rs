//! The trained network as a file.

use fincoach_core::nn::{from_safetensors, to_safetensors};
use fincoach_core::{Artifact, ArtifactError, FitReport, StandardScaler};
use serde::{Deserialize, Serialize};

use super::examples::Scaling;
use super::{LstmForecaster, LstmParams, WindowCounts};
use crate::{CutOffs, SplitBy};

/// Everything but the weights.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta {
    params: LstmParams,
    categories: Vec<String>,
    scaler: StandardScaler,
    report: FitReport,
    counts: WindowCounts,
    cut_offs: Option<CutOffs>,
}

impl Artifact for LstmForecaster {
    const KIND: &'static str = "lstm_forecaster";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        let meta = Meta {
            params: self.params.clone(),
            categories: self.categories.clone(),
            scaler: self.scaling.scaler.clone(),
            report: self.report.clone(),
            counts: self.counts,
            cut_offs: self.cut_offs,
        };
        to_safetensors::<Self, _>(&self.state, &meta)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let (state, meta) = from_safetensors::<Self, Meta>(bytes)?;
        let damaged = |reason: String| ArtifactError::Damaged { kind: Self::KIND, reason };
        meta.params.check().map_err(|error| damaged(error.to_string()))?;
        let n_categories = meta.categories.len();
        if meta.scaler.n_columns() != n_categories {
            return Err(damaged(format!("{n_categories} categories, {} scales", meta.scaler.n_columns())));
        }
        if meta.cut_offs.is_some() != (meta.params.split().by() == SplitBy::Calendar) {
            return Err(damaged(
                "cut-off dates belong to a split by the calendar and to no other".to_owned(),
            ));
        }
        meta.cut_offs.map_or(Ok(()), |dates| dates.check()).map_err(damaged)?;
        let shapes = meta.params.shapes(n_categories, n_categories * meta.params.horizon());
        let shapes: Vec<_> = shapes.iter().map(|(name, shape)| (name.as_str(), shape.clone())).collect();
        state.expect(Self::KIND, &shapes)?;
        let scaling = Scaling { scaler: meta.scaler, centring: meta.params.centring() };
        let what = (meta.report, (meta.counts, meta.cut_offs));
        Self::new(&meta.params, meta.categories, (scaling, state), what)
            .map_err(|error| damaged(error.to_string()))
    }
}
