//! Every check passes a sound model and catches the fault it is there for.
#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

use std::sync::atomic::{AtomicU64, Ordering};

use fincoach_core::artifact::{from_json, to_json};
use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;
use fincoach_core::{
    Artifact, ArtifactError, Control, DataError, FeatureTable, Fit, ParamError, Predict, Progress, RowKey,
    Step, rng,
};
use fincoach_testkit as testkit;
use serde::{Deserialize, Serialize};

/// What is wrong with a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Fault {
    #[default]
    None,
    AnotherModelEachFit,
    CountsThreads,
    LosesABit,
    LooksAtItsNeighbours,
    DrawsWhenAsked,
    TakesAnyColumns,
    SilentWhenFitted,
    WrongTotal,
    AllAnswersOnce,
}

/// The mean of the first column; `offset` is added to every answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct MeanParams {
    offset: f64,
    fault: Fault,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mean {
    columns: Vec<String>,
    mean: f64,
    fault: Fault,
}

static CALLS: AtomicU64 = AtomicU64::new(0);

fn calls() -> f64 {
    CALLS.fetch_add(1, Ordering::Relaxed) as f64
}

impl Fit<FeatureTable> for MeanParams {
    type Model = Mean;
    type Error = DataError;

    fn fit_with(&self, table: &FeatureTable, progress: &mut dyn Progress) -> Result<Mean, DataError> {
        let checked = ParamError::ensure(self.offset.is_finite(), "offset", "finite", self.offset);
        checked.map_err(|error| DataError::Inconsistent { what: "params", reason: error.to_string() })?;
        let column = table.values().column(0).to_owned();
        let mut mean = self.offset + column.sum() / column.len() as f64;
        for step in 1..=3 {
            let total = if self.fault == Fault::WrongTotal { 2 } else { 3 };
            let step = Step::new("mean", step, total).with_loss(1.0);
            if self.fault != Fault::SilentWhenFitted && progress.step(&step) == Control::Stop {
                break;
            }
        }
        match self.fault {
            Fault::AnotherModelEachFit => mean += calls(),
            Fault::CountsThreads => mean += rayon::current_num_threads() as f64,
            _ => {}
        }
        Ok(Mean { columns: table.columns().to_vec(), mean, fault: self.fault })
    }
}

impl Predict<FeatureTable> for Mean {
    type Output = Vec<f64>;
    type Error = DataError;

    fn predict(&self, table: &FeatureTable) -> Result<Vec<f64>, DataError> {
        if self.fault != Fault::TakesAnyColumns {
            table.expect_columns(&self.columns)?;
        }
        let mut answers: Vec<f64> = table.values().column(0).iter().map(|value| value - self.mean).collect();
        match self.fault {
            Fault::LooksAtItsNeighbours => answers.iter_mut().fold(0.0, |sum, answer| {
                *answer += sum;
                *answer
            }),
            Fault::DrawsWhenAsked => answers.iter_mut().fold(calls(), |sum, answer| {
                *answer += sum;
                sum
            }),
            _ => 0.0,
        };
        if self.fault == Fault::AllAnswersOnce {
            answers.truncate(1);
        }
        Ok(answers)
    }
}

impl Artifact for Mean {
    const KIND: &'static str = "mean";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        let mut model = self.clone();
        if self.fault == Fault::LosesABit {
            model.mean = f64::from(self.mean as f32);
        }
        to_json::<Self, Self>(&model)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        from_json::<Self, Self>(bytes)
    }
}

fn table() -> FeatureTable {
    let mut rng = rng::stream(11, 0);
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..8).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    FeatureTable::new(keys, ["income", "spending"], Array2::from_shape_fn((8, 2), |_| rng.normal())).unwrap()
}

fn params(fault: Fault) -> MeanParams {
    MeanParams { offset: 0.1, fault }
}

fn model(fault: Fault) -> Mean {
    params(fault).fit(&table()).unwrap()
}

#[test]
fn a_sound_model_passes_every_check() {
    let model = testkit::check_estimator(&params(Fault::None), &table());
    testkit::check_params(&params(Fault::None));
    testkit::check_progress(&params(Fault::None), &table());
    testkit::check_columns(&model, &table());
    testkit::check_damage::<Mean>(&model.to_bytes().unwrap());
    assert_eq!(testkit::check_stored::<Mean>(&model.to_bytes().unwrap()), model);
    let refused = [f64::NAN, f64::INFINITY].map(|offset| MeanParams { offset, ..MeanParams::default() });
    testkit::check_refused(&refused, &table());
}

#[test]
fn rows_that_cannot_be_taken_at_all_are_no_fault() {
    // One row only: the batches are the whole.
    let one = table().take(&[3]).unwrap();
    testkit::check_rows_independent(&model(Fault::None), &one);
}

#[test]
#[should_panic(expected = "refit: a second fit gives another model")]
fn a_fit_that_differs_each_time_is_caught() {
    testkit::check_refit(&params(Fault::AnotherModelEachFit), &table());
}

#[test]
#[should_panic(expected = "threads: the bytes differ from byte")]
fn a_model_that_depends_on_threads_is_caught() {
    testkit::check_threads(&params(Fault::CountsThreads), &table());
}

#[test]
#[should_panic(expected = "save and load: the model read is not the model written")]
fn a_lossy_file_is_caught() {
    testkit::check_round_trip(&model(Fault::LosesABit));
}

#[test]
#[should_panic(expected = "rows in reverse: row")]
fn rows_that_influence_one_another_are_caught() {
    testkit::check_rows_independent(&model(Fault::LooksAtItsNeighbours), &table());
}

#[test]
#[should_panic(expected = "asking twice: row 0")]
fn answers_that_are_drawn_are_caught() {
    testkit::check_rows_independent(&model(Fault::DrawsWhenAsked), &table());
}

#[test]
#[should_panic(expected = "all rows: there is not one answer a row")]
fn a_missing_answer_is_caught() {
    testkit::check_rows_independent(&model(Fault::AllAnswersOnce), &table());
}

#[test]
#[should_panic(expected = "columns: answers without column `income`")]
fn unchecked_columns_are_caught() {
    testkit::check_columns(&model(Fault::TakesAnyColumns), &table());
}

#[test]
#[should_panic(expected = "progress: no step was told")]
fn a_fit_that_tells_nothing_is_caught() {
    testkit::check_progress(&params(Fault::SilentWhenFitted), &table());
}

#[test]
#[should_panic(expected = "progress: Step")]
fn a_wrong_total_is_caught() {
    testkit::check_progress(&params(Fault::WrongTotal), &table());
}

#[test]
#[should_panic(expected = "refused parameters: MeanParams")]
fn parameters_that_should_be_refused_are_caught() {
    testkit::check_refused(&[params(Fault::None)], &table());
}

/// A reader with the faults that damage brings to light.
#[derive(Debug, PartialEq)]
struct Careless<const FAULT: u8>(Vec<u8>);

impl<const FAULT: u8> Artifact for Careless<FAULT> {
    const KIND: &'static str = "careless";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        let reason = "no longer a text".to_owned();
        if FAULT == 2 && !self.0.is_ascii() {
            return Err(ArtifactError::Unwritable { kind: Self::KIND, reason });
        }
        Ok(self.0.clone())
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let damaged = |reason: &str| ArtifactError::Damaged { kind: Self::KIND, reason: reason.to_owned() };
        match FAULT {
            0 => assert!(bytes.is_ascii(), "a panic"),
            1 => {}
            _ if bytes.len() != 8 => return Err(damaged("length")),
            _ => {}
        }
        if bytes.is_empty() { Err(damaged("empty")) } else { Ok(Self(bytes.to_vec())) }
    }
}

#[test]
#[should_panic(expected = "damage: byte 0 changed by 0x80: panics")]
fn a_reader_that_panics_is_caught() {
    // Starts with white space, so that the cuts are not what is found first.
    testkit::check_damage::<Careless<0>>(b" ");
}

#[test]
#[should_panic(expected = "damage: cut to 1 of 8 bytes: read as a model")]
fn a_file_cut_short_is_caught() {
    testkit::check_damage::<Careless<1>>(b"12345678");
}

#[test]
#[should_panic(expected = "damage: byte 0 changed by 0x80: gives a model that is not sound")]
fn an_unsound_model_is_caught() {
    testkit::check_damage::<Careless<2>>(b"12345678");
}

/// Parameters without `#[serde(default, deny_unknown_fields)]`.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct LaxParams {
    offset: f64,
}

/// Parameters whose defaults are given to single fields, and so are those of the fields' types.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ZeroParams {
    #[serde(default)]
    offset: f64,
}

impl Default for ZeroParams {
    fn default() -> Self {
        Self { offset: 0.5 }
    }
}

#[test]
#[should_panic(expected = "a field that does not exist is read without a word")]
fn lax_parameters_are_caught() {
    testkit::check_params(&LaxParams { offset: 1.0 });
}

#[test]
#[should_panic(expected = "fields left out do not have their defaults")]
fn wrong_defaults_are_caught() {
    testkit::check_params(&ZeroParams { offset: 1.0 });
}
