//! What a coach of today leaves behind: a ledger and a log.

use std::collections::BTreeMap;

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Currency, FeatureTable, Ledger, RowKey};
use fincoach_features::{PartialTable, Snapshots};
use fincoach_recommend::{
    CoachingReward, HistoryParams, InterventionLog, LogSources, Outcome, Replay, Reward as _,
    TransitionParams,
};
use fincoach_simulate::{
    Households, LoggingPolicy, Moment, Objective, Observation, Policy as _, RolloutParams, Week,
};

use super::memory::{entry, key};
use super::people::{Life, People};
use super::states::{self, Seen};
use crate::Error;

/// Households that were coached by the rules of today, as their bank knows them.
#[derive(Clone, Debug, PartialEq)]
pub struct Logs {
    ledger: Ledger,
    log: InterventionLog,
    /// The first day of all.
    start: NaiveDate,
    /// What the accounts showed before each decision and after the last: moment by moment, user by user.
    seen: Vec<Vec<(RowKey, Observation)>>,
    /// What the simulator says each week was worth: user by user, week by week.
    rewards: Vec<f64>,
}

impl Logs {
    /// Lets households live under the rules, with this share of actions left to chance.
    ///
    /// # Errors
    /// [`Error::Simulate`] for a parameter out of range.
    pub fn record(params: &RolloutParams, exploration: f64) -> Result<Self, Error> {
        let mut households = Households::new(params.households())?;
        let start = params.households().start_date();
        for _ in 0..params.lead_in_weeks() {
            households.live_week();
        }
        let mut policy = LoggingPolicy { exploration };
        let (mut weeks, mut seen) = (Vec::with_capacity(params.n_weeks()), Vec::new());
        for week in 0..params.n_weeks() {
            seen.push(look(&households));
            let moment = Moment::new(week, params.n_weeks() - week, params.gamma());
            let chances = policy.chances(&households, &moment);
            let actions = households.draw(&chances)?;
            let lived = households.step(&actions)?;
            let told = lived.into_iter().zip(chances).map(|(week, row)| (week, row[week.action.index()]));
            weeks.push(told.collect::<Vec<(Week, f64)>>());
        }
        seen.push(look(&households));
        let (ledger, log, rewards) = assemble(params, &households, &weeks)?;
        Ok(Self { ledger, log, start, seen, rewards })
    }

    /// The bookings, those of the lead-in too.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What was said.
    #[must_use]
    pub const fn log(&self) -> &InterventionLog {
        &self.log
    }

    /// What each decision brought by the simulator's own count, in the order of [`Logs::log`].
    #[must_use]
    pub fn rewards(&self) -> &[f64] {
        &self.rewards
    }

    /// Features of the life before the first decision, a row for each household.
    pub(super) fn lives(&self) -> Result<PartialTable, Error> {
        let first = self.seen.first().and_then(|seen| seen.first());
        let moment = Snapshots::at(first.map(|(key, _)| key.as_of).into_iter().collect());
        let features = People::features().compute_snapshots(&self.ledger, &moment)?;
        Ok(features.into_table().select(&People::columns())?)
    }

    /// The transitions of the log, rewarded by bookings and log alone; `lives` are [`Logs::lives`].
    pub(super) fn transitions(
        &self,
        (people, lives): (&People, &PartialTable),
        (history, objective): (&HistoryParams, &Objective),
    ) -> Result<Replay, Error> {
        let table = self.states(people, lives)?;
        let coaching = CoachingReward::default()
            .with_saving(objective.saving())
            .with_flexible(objective.flexible_weight())
            .with_annoyance(objective.annoyance())
            .with_known_since(self.start);
        let reward = |outcome: &Outcome<'_>| Ok(REWARD_SCALE * coaching.reward(outcome)?);
        let params = TransitionParams::default().with_history(history.clone());
        let sources = LogSources::new(&table, &self.log).with_ledger(&self.ledger);
        Ok(params.build(&sources, &reward)?.into_replay())
    }

    fn states(&self, people: &People, lives: &PartialTable) -> Result<FeatureTable, Error> {
        let users = lives.keys().iter().map(|key| key.user.as_str());
        let lived: BTreeMap<&str, Life> = users.zip(people.lives(lives)?).collect();
        let (mut keys, mut seen) = (Vec::new(), Vec::new());
        for (key, account) in self.seen.iter().flatten() {
            // A household without a booking has no features, and no segment.
            if let Some(life) = lived.get(key.user.as_str()) {
                keys.push(key.clone());
                seen.push(Seen { life: *life, account: *account });
            }
        }
        Ok(states::table(keys, &seen, people.n_segments())?)
    }

    /// The largest difference between the rewards of a replay and the simulator's own.
    pub(super) fn largest_difference(&self, replay: &Replay) -> f64 {
        let pairs = replay.transitions().iter().zip(&self.rewards);
        pairs.map(|(step, reward)| (step.reward() / REWARD_SCALE - reward).abs()).fold(0.0, f64::max)
    }
}

fn look(households: &Households) -> Vec<(RowKey, Observation)> {
    households.iter().map(|household| (key(household), household.observe())).collect()
}

/// The ledger of all households, the log, and what each decision brought.
fn assemble(
    params: &RolloutParams,
    households: &Households,
    weeks: &[Vec<(Week, f64)>],
) -> Result<(Ledger, InterventionLog, Vec<f64>), Error> {
    let mut builder = Ledger::builder().with_currency(Currency::GBP);
    let (mut entries, mut rewards) = (Vec::new(), Vec::new());
    for (index, household) in households.iter().enumerate() {
        for row in household.rows() {
            builder.push(&row)?;
        }
        for (week, propensity) in weeks.iter().map(|all| all[index]) {
            let told = entry(&week).with_propensity(propensity);
            entries.push((household.truth().user.clone(), told));
            rewards.push(params.objective().reward(&week));
        }
    }
    Ok((builder.finish(), InterventionLog::new(entries)?, rewards))
}

/// Rewards are learnt in hundredths of the usual weekly income.
pub(super) const REWARD_SCALE: f64 = 100.0;
