//! What a coach of today leaves behind: a ledger and a log.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Currency, Ledger};
use fincoach_features::{PartialTable, Snapshots, V2Params};
use fincoach_recommend::{
    CoachingReward, HistoryParams, InterventionLog, LogSources, Outcome, Replay, Reward as _,
    TransitionParams,
};
use fincoach_simulate::{
    Household, Households, LoggingPolicy, Moment, Objective, Policy as _, RolloutParams, Week,
};

use super::memory::{day_before, entry};
use super::states::{self, States};
use crate::Error;

/// Households that were coached by the rules of today, as their bank knows them.
#[derive(Clone, Debug, PartialEq)]
pub struct Logs {
    ledger: Ledger,
    log: InterventionLog,
    /// First days of the decided weeks, and the day after the last.
    days: Vec<NaiveDate>,
    /// The first day of all.
    start: NaiveDate,
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
        let (mut weeks, mut days) = (Vec::with_capacity(params.n_weeks()), Vec::new());
        for week in 0..params.n_weeks() {
            days.extend(households.iter().next().map(Household::date));
            let moment = Moment::new(week, params.n_weeks() - week, params.gamma());
            let chances = policy.chances(&households, &moment);
            let actions = households.draw(&chances)?;
            let lived = households.step(&actions)?;
            let told = lived.into_iter().zip(chances).map(|(week, row)| (week, row[week.action.index()]));
            weeks.push(told.collect::<Vec<(Week, f64)>>());
        }
        days.extend(households.iter().next().map(Household::date));
        Self::assemble(params, &households, &weeks, (start, days))
    }

    fn assemble(
        params: &RolloutParams,
        households: &Households,
        weeks: &[Vec<(Week, f64)>],
        (start, days): (NaiveDate, Vec<NaiveDate>),
    ) -> Result<Self, Error> {
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
        Ok(Self { ledger: builder.finish(), log: InterventionLog::new(entries)?, days, start, rewards })
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

    /// The rows of schema v2 from which states are made: at the end of the day before each decision.
    pub(super) fn snapshots(&self) -> Result<PartialTable, Error> {
        let moments = Snapshots::at(self.days.iter().map(|day| day_before(*day)).collect());
        let features = V2Params::default().compute_snapshots(&self.ledger, &moments)?;
        Ok(features.into_table().select(&states::names())?)
    }

    /// The transitions of the log, rewarded by bookings and log alone.
    pub(super) fn transitions(
        &self,
        snapshots: &PartialTable,
        states: &States,
        (history, objective): (&HistoryParams, &Objective),
    ) -> Result<Replay, Error> {
        let table = states.of(snapshots)?;
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

    /// The largest difference between the rewards of a replay and the simulator's own.
    pub(super) fn largest_difference(&self, replay: &Replay) -> f64 {
        let pairs = replay.transitions().iter().zip(&self.rewards);
        pairs.map(|(step, reward)| (step.reward() / REWARD_SCALE - reward).abs()).fold(0.0, f64::max)
    }
}

/// Rewards are learnt in hundredths of the usual weekly income.
pub(super) const REWARD_SCALE: f64 = 100.0;
