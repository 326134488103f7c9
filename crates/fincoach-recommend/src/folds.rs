//! Folds of users, and the fits on them.

use std::collections::BTreeSet;

use fincoach_core::rng::stream;
use fincoach_core::{Control, ParamError, Progress, Step};
use rayon::prelude::*;

use crate::{Error, Replay};

/// Checks that the users of a log can form so many folds.
pub(crate) fn ensure_folds(replay: &Replay, n_folds: usize) -> Result<(), Error> {
    ParamError::ensure(n_folds >= 2, "n_folds", "at least 2", n_folds)?;
    let n_users = replay.users().len();
    if n_users < n_folds { Err(Error::TooFewUsers { n_users, n_folds }) } else { Ok(()) }
}

/// Rows to train on and rows to judge on: whole users on one side or the other.
///
/// Folds are numbered from 0; fold `n_folds` stands for all rows on both sides.
pub(crate) fn split(replay: &Replay, seed: u64, (fold, n_folds): (usize, usize)) -> (Vec<usize>, Vec<usize>) {
    if fold == n_folds {
        let all: Vec<usize> = (0..replay.n_rows()).collect();
        return (all.clone(), all);
    }
    let users = replay.users();
    let order = stream(seed, 3).permutation(users.len());
    let held: BTreeSet<&str> = order.iter().skip(fold).step_by(n_folds).map(|user| users[*user]).collect();
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for (row, user) in replay.row_users().enumerate() {
        if held.contains(user) { test.push(row) } else { train.push(row) }
    }
    (train, test)
}

/// Fits that are independent of one another, as a listener hears of them.
pub(crate) struct Fits {
    pub(crate) stage: &'static str,
    pub(crate) n_fits: usize,
    /// Steps of the stage in all; the first are the fits.
    pub(crate) n_steps: usize,
}

impl Fits {
    /// What the fits gave, in their order: all, or, when told to stop, as many as `enough` says are needed of
    /// those done at that step.
    ///
    /// A batch is as large as there are threads, yet each fit is told as a step of its own, so neither steps nor
    /// results depend on the number of threads.
    pub(crate) fn run<T: Send>(
        &self,
        fit: impl Fn(usize) -> Result<T, Error> + Sync,
        mut enough: impl FnMut(usize) -> usize,
        progress: &mut dyn Progress,
    ) -> Result<Vec<T>, Error> {
        let (mut found, mut needed) = (Vec::new(), self.n_fits);
        while found.len() < needed {
            let done = found.len();
            let batch = done..needed.min(done + rayon::current_num_threads().max(1));
            found.extend(batch.clone().into_par_iter().map(&fit).collect::<Result<Vec<T>, Error>>()?);
            for done in batch.map(|fit| fit + 1) {
                let step = Step::new(self.stage, done as u64, self.n_steps as u64);
                if done <= needed && progress.step(&step) == Control::Stop {
                    needed = needed.min(enough(done));
                }
            }
        }
        found.truncate(needed);
        Ok(found)
    }
}
