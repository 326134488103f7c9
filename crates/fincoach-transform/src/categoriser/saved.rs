//! The form of a categoriser on disk, checked on the way in.

use fincoach_core::{Artifact, ArtifactError, DataError, FitReport, artifact};
use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

use super::Categoriser;
use super::clues::Lengths;
use super::model::PER_WEIGHT;
use super::params::MAX_CHARS;
use super::training::Weights;

/// Scores stay far from the end of the numbers: 2³¹ clues of this weight add up to 2⁵².
const LARGEST_WEIGHT: i32 = 2_000_000;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    labels: Vec<Box<str>>,
    min_chars: usize,
    max_chars: usize,
    temperature: f64,
    unsure_below: f64,
    /// In thousandths, one for each label.
    bias: Vec<i32>,
    clues: Vec<Box<str>>,
    /// In thousandths, `n_labels` for each clue one after the other.
    weights: Vec<i32>,
    report: FitReport,
}

impl Artifact for Categoriser {
    const KIND: &'static str = "categoriser";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        let unwritable = |reason: String| ArtifactError::Unwritable { kind: Self::KIND, reason };
        let thousandths = |weights: &[f64]| weights.iter().map(|weight| thousandth(*weight)).collect();
        let too_large = || unwritable("a weight is beyond 2000".to_owned());
        let repr = Repr {
            labels: self.labels.clone(),
            min_chars: self.lengths.min_chars,
            max_chars: self.lengths.max_chars,
            temperature: self.temperature,
            unsure_below: self.unsure_below,
            bias: Option::<Vec<i32>>::ok_or_else(thousandths(&self.weights.bias), too_large)?,
            clues: self.clues.iter().cloned().collect(),
            weights: Option::<Vec<i32>>::ok_or_else(thousandths(&self.weights.values), too_large)?,
            report: self.report.clone(),
        };
        artifact::to_json::<Self, _>(&repr)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let repr = artifact::from_json::<Self, Repr>(bytes)?;
        let damaged =
            |error: DataError| ArtifactError::Damaged { kind: Self::KIND, reason: error.to_string() };
        repr.check().map_err(damaged)?;
        Ok(repr.into_model())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be at most 2,000,000")]
fn thousandth(weight: f64) -> Option<i32> {
    let whole = (weight * PER_WEIGHT).round();
    (whole.abs() <= f64::from(LARGEST_WEIGHT)).then_some(whole as i32)
}

impl Repr {
    fn check(&self) -> Result<(), DataError> {
        let ascending = |texts: &[Box<str>]| texts.windows(2).all(|pair| pair[0] < pair[1]);
        ensure(!self.labels.is_empty(), "there is no label")?;
        ensure(ascending(&self.labels), "the labels are not in order")?;
        ensure(ascending(&self.clues), "the clues are not in order")?;
        ensure((1..=self.max_chars).contains(&self.min_chars), "min_chars is not in 1..=max_chars")?;
        ensure(self.max_chars <= MAX_CHARS, "max_chars is above 12")?;
        ensure(
            self.temperature >= 0.01 && self.temperature <= 100.0,
            "the temperature is not in [0.01, 100]",
        )?;
        ensure((0.0..=1.0).contains(&self.unsure_below), "unsure_below is not in [0, 1]")?;
        let small = |weight: &i32| weight.unsigned_abs() <= LARGEST_WEIGHT.unsigned_abs();
        ensure(self.bias.iter().chain(&self.weights).all(small), "a weight is beyond 2000")?;
        DataError::ensure_len("bias, one for each label", self.labels.len(), self.bias.len())?;
        let expected = self.labels.len() * self.clues.len();
        DataError::ensure_len("weights, one for each clue and label", expected, self.weights.len())
    }

    fn into_model(self) -> Categoriser {
        let real =
            |weights: Vec<i32>| weights.into_iter().map(|weight| f64::from(weight) / PER_WEIGHT).collect();
        Categoriser {
            weights: Weights {
                n_labels: self.labels.len(),
                bias: real(self.bias),
                values: real(self.weights),
            },
            labels: self.labels,
            lengths: Lengths { min_chars: self.min_chars, max_chars: self.max_chars },
            clues: self.clues.into_iter().collect::<IndexSet<Box<str>>>(),
            temperature: self.temperature,
            unsure_below: self.unsure_below,
            report: self.report,
        }
    }
}

fn ensure(ok: bool, reason: &str) -> Result<(), DataError> {
    if ok { Ok(()) } else { Err(DataError::Inconsistent { what: "categoriser", reason: reason.to_owned() }) }
}
