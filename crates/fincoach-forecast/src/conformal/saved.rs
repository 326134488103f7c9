//! Intervals as a file.

use fincoach_core::{DataError, json_artifact};
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
        if !(1..=366).contains(&horizon) || !margins.iter().chain(own.iter().flatten()).all(Margin::is_finite)
        {
            let reason = "steps are not 1 to 366, or a margin is not finite".to_owned();
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

json_artifact!(Conformal, "forecast_intervals", 1);
