//! Intervals as a file.

use fincoach_core::artifact::{from_json, to_json};
use fincoach_core::{Artifact, ArtifactError, DataError};
use serde::{Deserialize, Serialize};

use super::{Conformal, Margin};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repr {
    levels: Vec<f64>,
    targets: Vec<String>,
    users: Vec<String>,
    horizon: usize,
    margins: Vec<Margin>,
    own: Vec<Option<Margin>>,
}

impl From<Conformal> for Repr {
    fn from(conformal: Conformal) -> Self {
        let Conformal { levels, targets, users, horizon, margins, own } = conformal;
        Self { levels, targets, users, horizon, margins, own }
    }
}

impl TryFrom<Repr> for Conformal {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let Repr { levels, targets, users, horizon, margins, own } = repr;
        if levels.iter().any(|level| !(*level > 0.0 && *level < 1.0)) {
            let reason = format!("levels {levels:?} do not lie in (0, 1)");
            return Err(DataError::Inconsistent { what: "intervals", reason });
        }
        let n = |a: usize, b: usize| levels.len().saturating_mul(a).saturating_mul(b);
        DataError::ensure_len("margins", n(targets.len(), horizon), margins.len())?;
        DataError::ensure_len("margins of series", n(users.len(), targets.len()), own.len())?;
        if horizon == 0 || !margins.iter().chain(own.iter().flatten()).all(Margin::is_finite) {
            let reason = "a margin is missing or not finite".to_owned();
            return Err(DataError::Inconsistent { what: "intervals", reason });
        }
        Ok(Self { levels, targets, users, horizon, margins, own })
    }
}

impl Margin {
    fn is_finite(&self) -> bool {
        self.above.is_finite() && self.below.unwrap_or(0.0).is_finite()
    }
}

impl Artifact for Conformal {
    const KIND: &'static str = "forecast_intervals";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        to_json::<Self, _>(self)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        from_json::<Self, _>(bytes)
    }
}
