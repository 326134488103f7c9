//! All checks of a model in one call.

use std::fmt::Debug;

use fincoach_core::{Artifact, Fit, Predict};

use crate::failure::{name, worked};
use crate::{Rows, check_refit, check_round_trip, check_rows_independent, check_threads};

/// Checks a model that is fitted on and answers for the same kind of data. Returns the model.
///
/// | check | function |
/// | --- | --- |
/// | a second fit gives the same model and bytes, and leaves the parameters alone | [`check_refit`] |
/// | one thread and two give the same bytes | [`check_threads`] |
/// | bytes and file give the model back, and the same bytes again | [`check_round_trip`] |
/// | the model read answers as the one written | – |
/// | rows do not influence one another, in any order and batch | [`check_rows_independent`] |
///
/// It fits four times: hand over small data.
///
/// # Panics
/// When a check fails, saying which.
#[track_caller]
pub fn check_estimator<P, D, M, T>(params: &P, data: &D) -> M
where
    D: Rows + Sync,
    P: Fit<D, Model = M> + Clone + PartialEq + Debug + Sync,
    P::Error: Debug + Send,
    M: Predict<D, Output = Vec<T>> + Artifact + PartialEq + Debug + Send,
    M::Error: Debug,
    T: PartialEq + Debug,
{
    check_fit_and_predict(params, data, data)
}

/// Checks a model that is fitted on one kind of data and answers for another: as [`check_estimator`].
///
/// # Panics
/// When a check fails, saying which.
#[track_caller]
pub fn check_fit_and_predict<P, F, D, M, T>(params: &P, examples: &F, data: &D) -> M
where
    F: ?Sized + Sync,
    D: Rows,
    P: Fit<F, Model = M> + Clone + PartialEq + Debug + Sync,
    P::Error: Debug + Send,
    M: Predict<D, Output = Vec<T>> + Artifact + PartialEq + Debug + Send,
    M::Error: Debug,
    T: PartialEq + Debug,
{
    let model = check_refit(params, examples);
    check_threads(params, examples);
    let read = check_round_trip(&model);
    check_same_answers(&model, &read, data);
    check_rows_independent(&model, data);
    model
}

#[track_caller]
fn check_same_answers<M, D, T>(written: &M, read: &M, data: &D)
where
    M: Predict<D, Output = Vec<T>>,
    M::Error: Debug,
    T: PartialEq + Debug,
{
    let (subject, check) = (name::<M>(), "answers after loading");
    let (before, after) =
        (worked(written.predict(data), subject, check), worked(read.predict(data), subject, check));
    let differs = before.iter().zip(&after).position(|(a, b)| a != b);
    let what = format!("row {differs:?} is answered otherwise");
    crate::failure::ensure(before == after, subject, check, &what);
}
