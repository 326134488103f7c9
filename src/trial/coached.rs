//! A learnt policy, put in charge of households.

use fincoach_core::{FeatureTable, Predict as _};
use fincoach_recommend::{CqlPolicy, HistoryParams};
use fincoach_simulate::{Households, Moment, Policy, Week, certain};

use super::memory::Memory;
use super::people::People;
use crate::Error;

/// Coaches households by a learnt policy, which sees what a bank sees: bookings and the log.
pub(super) struct Coached<'a> {
    policy: &'a CqlPolicy,
    people: &'a People,
    history: &'a HistoryParams,
    memory: Memory,
    /// The first thing that went wrong; a roll-out cannot hear of it, so it is asked for afterwards.
    failed: Option<Error>,
}

impl<'a> Coached<'a> {
    pub(super) fn new(policy: &'a CqlPolicy, people: &'a People, history: &'a HistoryParams) -> Self {
        Self { policy, people, history, memory: Memory::default(), failed: None }
    }

    /// What went wrong, if anything.
    pub(super) fn finish(self) -> Result<(), Error> {
        self.failed.map_or(Ok(()), Err)
    }

    fn note<T: Default>(&mut self, result: Result<T, Error>) -> T {
        result.unwrap_or_else(|error| {
            self.failed.get_or_insert(error);
            T::default()
        })
    }

    fn decide(&mut self, households: &Households) -> Result<Vec<[f64; 5]>, Error> {
        let table: FeatureTable = self.memory.states(households, self.people, self.history)?;
        let known = table.select(self.policy.columns())?;
        Ok(self.policy.predict(&known)?.into_iter().map(certain).collect())
    }
}

impl Policy for Coached<'_> {
    fn begin(&mut self, households: &Households) {
        let memory = Memory::begin(households);
        self.memory = self.note(memory);
    }

    fn lived(&mut self, households: &Households, weeks: &[Week]) {
        let taken_in = self.memory.take_in(households, weeks);
        self.note(taken_in);
    }

    fn chances(&mut self, households: &Households, _: &Moment) -> Vec<[f64; 5]> {
        let decided = self.decide(households);
        self.note(decided)
    }
}
