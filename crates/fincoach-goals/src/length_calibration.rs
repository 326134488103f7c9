//! A correction for each length of goals.

use fincoach_core::{DataError, FeatureTable, ParamError};
use serde::{Deserialize, Serialize};

use crate::calibration_choice::choose;
use crate::goal_model::FoldAnswers;
use crate::{
    Calibration, CalibrationChoice, CalibrationReport, Error, GoalExamples, RepeatedStratifiedFolds,
};

/// The column that tells the length.
const LENGTH: &str = "goal_weeks";

/// The correction of goals of one range of lengths, and how it was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LengthCalibration {
    /// The most weeks that goals of this range have; `None` for the longest.
    pub up_to_weeks: Option<f64>,
    /// The correction.
    pub calibration: Calibration,
    /// How it was chosen; `None` where there was no goal of this length to choose it on.
    pub report: Option<CalibrationReport>,
}

/// Corrections by the length of goals; made by [`OutcomeModel::calibrated_by_length`].
///
/// [`OutcomeModel::calibrated_by_length`]: crate::OutcomeModel::calibrated_by_length
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<LengthCalibration>", into = "Vec<LengthCalibration>")]
pub struct LengthCalibrations(Vec<LengthCalibration>);

impl LengthCalibrations {
    /// The ranges, ascending.
    #[must_use]
    pub fn ranges(&self) -> &[LengthCalibration] {
        &self.0
    }

    pub(crate) fn fit(
        (later, plain): (&GoalExamples, &[f64]),
        (choice, folds): (CalibrationChoice, &RepeatedStratifiedFolds),
        ends: &[f64],
    ) -> Result<Self, Error> {
        ParamError::ensure(ascend(ends), "ends", "weeks above 0 that ascend", format!("{ends:?}"))?;
        let weeks = later.table().column(LENGTH)?.to_vec();
        let mut ranges = Vec::new();
        for number in 0..=ends.len() {
            let rows: Vec<usize> =
                (0..weeks.len()).filter(|row| range_of(ends, weeks[*row]) == number).collect();
            let up_to_weeks = ends.get(number).copied();
            let (calibration, report) = of_rows((later, plain), (choice, folds), &rows)?;
            ranges.push(LengthCalibration { up_to_weeks, calibration, report });
        }
        Ok(Self(ranges))
    }

    pub(crate) fn apply(&self, table: &FeatureTable, answers: &mut [f64]) -> Result<(), DataError> {
        let ends = ends_of(&self.0);
        for (answer, weeks) in answers.iter_mut().zip(table.column(LENGTH)?) {
            *answer = self.0[range_of(&ends, *weeks)].calibration.apply(*answer);
        }
        Ok(())
    }
}

/// The most weeks of each range but the longest.
fn ends_of(ranges: &[LengthCalibration]) -> Vec<f64> {
    ranges.iter().filter_map(|range| range.up_to_weeks).collect()
}

/// Whether these are weeks above 0 that ascend.
fn ascend(ends: &[f64]) -> bool {
    ends.iter().all(|end| *end > 0.0 && end.is_finite()) && ends.windows(2).all(|pair| pair[0] < pair[1])
}

/// The number of the range in which so many weeks are.
fn range_of(ends: &[f64], weeks: f64) -> usize {
    ends.partition_point(|end| weeks > *end)
}

/// The correction chosen on these rows, out of folds of their users.
fn of_rows(
    (later, plain): (&GoalExamples, &[f64]),
    (choice, folds): (CalibrationChoice, &RepeatedStratifiedFolds),
    rows: &[usize],
) -> Result<(Calibration, Option<CalibrationReport>), Error> {
    if rows.is_empty() {
        return Ok((Calibration::Identity, None));
    }
    let examples = later.take(rows)?;
    let folds = match folds.split(&examples) {
        Err(Error::TooFewUsers { .. }) if choice == CalibrationChoice::Best => Vec::new(),
        folds => folds?,
    };
    let said = |fold: &crate::Fold| fold.test.iter().map(|row| plain[rows[*row]]).collect();
    let answers: Vec<FoldAnswers> =
        folds.into_iter().map(|fold| FoldAnswers { probabilities: said(&fold), fold }).collect();
    let (calibration, report) = choose(choice, &examples, &answers)?;
    Ok((calibration, Some(report)))
}

impl From<LengthCalibrations> for Vec<LengthCalibration> {
    fn from(calibrations: LengthCalibrations) -> Self {
        calibrations.0
    }
}

impl TryFrom<Vec<LengthCalibration>> for LengthCalibrations {
    type Error = DataError;

    fn try_from(ranges: Vec<LengthCalibration>) -> Result<Self, DataError> {
        let ends = ends_of(&ranges);
        let last_is_open = ranges.last().is_some_and(|range| range.up_to_weeks.is_none());
        if last_is_open && ends.len() + 1 == ranges.len() && ascend(&ends) {
            return Ok(Self(ranges));
        }
        let reason = "lengths do not ascend to an open end".to_owned();
        Err(DataError::Inconsistent { what: "calibrations by length", reason })
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::{Artifact as _, Fit as _, Predict as _};

    use super::*;
    use crate::synthetic::table;
    use crate::{OutcomeModel, OutcomeModelParams};

    /// Short goals are reached as the rate says, long ones half as often.
    fn examples(n: usize) -> GoalExamples {
        let mut rng = fincoach_core::rng::stream(3, n as u64);
        let mut labels = Vec::new();
        let rows = (0..n).map(|row| {
            let (weeks, rate) = (if row % 2 == 0 { 13.0 } else { 52.0 }, rng.uniform());
            labels.push(rng.bernoulli(if row % 2 == 0 { rate } else { rate / 2.0 }));
            vec![weeks, rate]
        });
        let table = table(rows.collect());
        let named = FeatureTable::new(table.keys().to_vec(), [LENGTH, "rate"], table.values().to_owned());
        GoalExamples::new(named.unwrap(), labels).unwrap()
    }

    #[test]
    fn each_length_is_corrected_by_itself() {
        let blind = examples(300);
        // A model that has learnt from short goals alone.
        let short: Vec<usize> = (0..300).step_by(2).collect();
        let model = OutcomeModelParams::default().fit(&blind.take(&short).unwrap()).unwrap();
        let (later, judged) = (examples(600), examples(2000));
        let folds = RepeatedStratifiedFolds::default().with_n_repeats(2);
        let how = (CalibrationChoice::Best, &folds);
        let brier = |model: &OutcomeModel| {
            let said = model.predict(judged.table()).unwrap();
            fincoach_core::metrics::brier(judged.labels(), &said).unwrap()
        };
        let one = model.clone().calibrated_on(&later, crate::CalibrationMethod::Platt).unwrap();
        let each = model.clone().calibrated_by_length(&later, how, &[30.0]).unwrap();
        assert!(brier(&each) < brier(&one) - 0.005, "{} {}", brier(&each), brier(&one));
        let ranges = each.by_length().unwrap().ranges();
        assert_eq!((ranges.len(), ranges[0].up_to_weeks, ranges[1].up_to_weeks), (2, Some(30.0), None));
        assert!(ranges[1].report.as_ref().unwrap().scores().len() == 3);
        let again = OutcomeModel::from_bytes(&each.to_bytes().unwrap()).unwrap();
        assert_eq!(again, each);
        let refused = |ends: &[f64]| model.clone().calibrated_by_length(&later, how, ends).is_err();
        assert!(refused(&[30.0, 20.0]) && refused(&[f64::NAN]) && refused(&[0.0]));
    }

    #[test]
    fn a_length_without_goals_stays_as_it_is() {
        let all = examples(200);
        let model = OutcomeModelParams::default().fit(&all).unwrap();
        let folds = RepeatedStratifiedFolds::default();
        let how = (CalibrationChoice::Best, &folds);
        let model = model.calibrated_by_length(&all, how, &[1.0, 30.0]).unwrap();
        let first = &model.by_length().unwrap().ranges()[0];
        assert_eq!((&first.calibration, &first.report), (&Calibration::Identity, &None));
        let text = String::from_utf8(model.to_bytes().unwrap()).unwrap();
        assert!(text.contains("\"up_to_weeks\":1.0"));
        let wrong = text.replace("\"up_to_weeks\":1.0", "\"up_to_weeks\":40.0");
        assert!(OutcomeModel::from_bytes(wrong.as_bytes()).is_err());
    }
}
