//! Checks of the fit.

use std::fmt::Debug;

use fincoach_core::{Artifact, Control, Fit, Step};

use crate::failure::{ensure, ensure_same_bytes, fail, name, worked};

/// Checks that a second fit gives an equal model and equal bytes, and that fitting leaves the parameters
/// as they were. Returns the model.
///
/// # Panics
/// When the check fails.
#[track_caller]
pub fn check_refit<P, D, M>(params: &P, data: &D) -> M
where
    D: ?Sized,
    P: Fit<D, Model = M> + Clone + PartialEq + Debug,
    P::Error: Debug,
    M: Artifact + PartialEq,
{
    let (subject, check) = (name::<P>(), "refit");
    let before = params.clone();
    let first = worked(params.fit(data), subject, check);
    let second = worked(params.fit(data), subject, check);
    ensure(*params == before, subject, check, "the fit changed its parameters");
    ensure(first == second, subject, check, "a second fit gives another model");
    let (a, b) = (worked(first.to_bytes(), subject, check), worked(second.to_bytes(), subject, check));
    ensure_same_bytes(&a, &b, subject, check);
    first
}

/// Checks that a fit gives the same bytes on one thread and on two.
///
/// # Panics
/// When the check fails.
#[track_caller]
pub fn check_threads<P, D, M>(params: &P, data: &D)
where
    D: ?Sized + Sync,
    P: Fit<D, Model = M> + Sync,
    P::Error: Debug + Send,
    M: Artifact + Send,
{
    let (subject, check) = (name::<P>(), "threads");
    let fitted_on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build();
        let fitted = worked(pool, subject, check).install(|| params.fit(data));
        worked(worked(fitted, subject, check).to_bytes(), subject, check)
    };
    ensure_same_bytes(&fitted_on(1), &fitted_on(2), subject, check);
}

/// Checks what a fit tells of its progress, and that listening changes nothing.
///
/// At least one step is told; `done` is at most `total` and never falls within a stage; losses are finite;
/// the model is the one of a silent fit; told to stop at the first step, the fit still gives a model.
///
/// # Panics
/// When the check fails.
#[track_caller]
pub fn check_progress<P, D, M>(params: &P, data: &D)
where
    D: ?Sized,
    P: Fit<D, Model = M>,
    P::Error: Debug,
    M: Artifact,
{
    let (subject, check) = (name::<P>(), "progress");
    let mut steps: Vec<(String, u64)> = Vec::new();
    let mut complaint = None;
    let mut listen = |step: &Step<'_>| {
        let fell = steps.last().is_some_and(|(stage, done)| stage == step.stage && step.done < *done);
        if fell || step.done > step.total || step.loss.is_some_and(|loss| !loss.is_finite()) {
            complaint.get_or_insert_with(|| format!("{step:?} after {:?}", steps.last()));
        }
        steps.push((step.stage.to_owned(), step.done));
        Control::Continue
    };
    let heard = worked(params.fit_with(data, &mut listen), subject, check);
    if let Some(complaint) = complaint {
        fail(subject, check, complaint);
    }
    ensure(!steps.is_empty(), subject, check, "no step was told");
    let silent = worked(params.fit(data), subject, check);
    let bytes = |model: &M| worked(model.to_bytes(), subject, check);
    ensure_same_bytes(&bytes(&heard), &bytes(&silent), subject, check);
    worked(params.fit_with(data, &mut |_: &Step<'_>| Control::Stop), subject, "stopping at the first step");
}

/// Checks that none of these parameters can be fitted: each is an error, and no fit panics.
///
/// Give a set of parameters for each range check: NaN, infinity, the bound that is excluded.
///
/// # Panics
/// When one is fitted, saying which.
#[track_caller]
pub fn check_refused<P, D>(refused: &[P], data: &D)
where
    D: ?Sized,
    P: Fit<D> + Debug,
{
    for params in refused {
        if params.fit(data).is_ok() {
            fail(name::<P>(), "refused parameters", format_args!("{params:?} were fitted"));
        }
    }
}
