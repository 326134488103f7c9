//! How often intervals of nominal 95 % hold the true value, over 200 logs of a small world whose values are computed
//! exactly. `cargo test -p fincoach-recommend --release --test off_policy_coverage -- --nocapture` prints the tables.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test stops when something is wrong"
)]

use fincoach_core::ndarray::Array2;
use fincoach_core::rng::{Rng, stream};
use fincoach_recommend::{
    DecisionEstimator, Decisions, Ended, Estimate, Horizon, IntervalMethod, OffPolicyParams, OverlapWarning,
    SequenceEstimator, Trajectories,
};

const N_LOGS: u64 = 200;
const GAMMA: f64 = 0.9;
const N_STATES: usize = 4;
const N_ACTIONS: usize = 3;
/// What is added to the target's random weights of actions before they are divided by their sum; the log's have 0.3.
const NEAR: f64 = 0.2;
const FAR: f64 = 0.02;
/// Chance that a story ends after a step.
const ENDS: f64 = 0.1;

type PerAction = [[f64; N_ACTIONS]; N_STATES];

/// Four states, three actions; every user has a level of their own, 0 on average, so that rows of a user hang together.
struct World {
    moves: [[[f64; N_STATES]; N_ACTIONS]; N_STATES],
    rewards: PerAction,
    logged: PerAction,
    target: PerAction,
}

impl World {
    fn new(spread: f64) -> Self {
        let mut rng = stream(11, 0);
        let mut draw = |weight: f64| weight + rng.uniform();
        let mut probabilities = |weight| {
            let raw = [draw(weight), draw(weight), draw(weight)];
            raw.map(|p| p / raw.iter().sum::<f64>())
        };
        let (logged, target) =
            ([0.3; N_STATES].map(&mut probabilities), [spread; N_STATES].map(&mut probabilities));
        let mut rng = stream(11, 1);
        let rewards = [[0; N_ACTIONS]; N_STATES].map(|row| row.map(|_| 2.0 * rng.uniform()));
        let moves = [[0; N_ACTIONS]; N_STATES].map(|row| {
            row.map(|_| {
                let raw = [0; N_STATES].map(|_| rng.gamma(1.0, 1.0));
                raw.map(|p| p / raw.iter().sum::<f64>())
            })
        });
        Self { moves, rewards, logged, target }
    }

    /// The mean reward of a decision of the target where states are equally frequent.
    fn decision_value(&self) -> f64 {
        self.values(1).iter().sum::<f64>() / N_STATES as f64
    }

    /// The discounted sum over so many steps from a first state that is any with the same chance.
    fn value(&self, n_steps: usize) -> f64 {
        self.values(n_steps).iter().sum::<f64>() / N_STATES as f64
    }

    fn values(&self, n_steps: usize) -> [f64; N_STATES] {
        (0..n_steps).fold([0.0; N_STATES], |after, _| {
            std::array::from_fn(|state| {
                let worth = |action: usize| {
                    let moves = &self.moves[state][action];
                    let next: f64 = moves.iter().zip(&after).map(|(p, value)| p * value).sum();
                    self.rewards[state][action] + GAMMA * (1.0 - ENDS) * next
                };
                (0..N_ACTIONS).map(|action| self.target[state][action] * worth(action)).sum()
            })
        })
    }

    /// Users with one trajectory of at most so many steps each.
    fn log(&self, (n_users, n_steps): (usize, usize), rng: &mut Rng) -> Log {
        let mut log = Log::default();
        for user in 0..n_users {
            let (mut state, level) = (rng.below(N_STATES), 0.5 * rng.normal());
            for step in 0..n_steps {
                let action = rng.weighted(&self.logged[state]);
                let reward = self.rewards[state][action] + level + rng.normal();
                let next = rng.weighted(&self.moves[state][action]);
                let over = rng.bernoulli(ENDS);
                let last = step + 1 == n_steps;
                let ended = if over {
                    Ended::Terminal
                } else if last {
                    Ended::Truncated
                } else {
                    Ended::No
                };
                log.push((user, state, action), (reward, next, ended));
                state = next;
                if over {
                    break;
                }
            }
        }
        log
    }

    /// Users with so many decisions each in states that are equally frequent.
    fn decisions(&self, (n_users, n_each): (usize, usize), rng: &mut Rng) -> Decisions {
        let mut log = Log::default();
        for user in 0..n_users {
            let level = 0.5 * rng.normal();
            for _ in 0..n_each {
                let state = rng.below(N_STATES);
                let action = rng.weighted(&self.logged[state]);
                let reward = self.rewards[state][action] + level + rng.normal();
                log.push((user, state, action), (reward, 0, Ended::Terminal));
            }
        }
        log.decisions(self)
    }
}

#[derive(Default)]
struct Log {
    users: Vec<usize>,
    states: Vec<usize>,
    actions: Vec<usize>,
    rewards: Vec<f64>,
    next: Vec<usize>,
    ended: Vec<Ended>,
}

fn indicators(states: &[usize]) -> Array2<f64> {
    Array2::from_shape_fn((states.len(), N_STATES), |(row, state)| f64::from(u8::from(states[row] == state)))
}

fn rows_of(policy: &PerAction, states: &[usize]) -> Array2<f64> {
    Array2::from_shape_fn((states.len(), N_ACTIONS), |(row, action)| policy[states[row]][action])
}

impl Log {
    fn push(
        &mut self,
        (user, state, action): (usize, usize, usize),
        (reward, next, ended): (f64, usize, Ended),
    ) {
        self.users.push(user);
        self.states.push(state);
        self.actions.push(action);
        self.rewards.push(reward);
        self.next.push(next);
        self.ended.push(ended);
    }

    fn decisions(&self, world: &World) -> Decisions {
        let propensities =
            self.states.iter().zip(&self.actions).map(|(state, action)| world.logged[*state][*action]);
        Decisions::new(self.actions.clone(), self.rewards.clone(), rows_of(&world.target, &self.states))
            .and_then(|log| log.with_users(&self.users))
            .and_then(|log| log.with_propensities(propensities.collect()))
            .and_then(|log| log.with_states(indicators(&self.states)))
            .unwrap()
    }

    fn trajectories(&self, world: &World) -> Trajectories {
        Trajectories::new(self.decisions(world), &self.ended)
            .and_then(|log| log.with_next(indicators(&self.next), rows_of(&world.target, &self.next)))
            .unwrap()
    }
}

/// What estimates of one kind over all logs say about a value.
struct Found {
    coverage: f64,
    bias: f64,
    spread: f64,
    mean_error: f64,
    mean_size: f64,
}

fn found(estimates: &[Estimate], truth: f64) -> Found {
    let n = estimates.len() as f64;
    let mean = |of: &dyn Fn(&Estimate) -> f64| estimates.iter().map(of).sum::<f64>() / n;
    let value = mean(&|estimate| estimate.value);
    let variance = mean(&|estimate| (estimate.value - value).powi(2)) * n / (n - 1.0);
    Found {
        coverage: mean(&|estimate| f64::from(u8::from(estimate.interval.contains(truth)))),
        bias: value - truth,
        spread: variance.sqrt(),
        mean_error: mean(&|estimate| estimate.standard_error),
        mean_size: mean(&|estimate| estimate.effective_sample_size),
    }
}

fn report(name: &str, found: &Found) {
    let Found { coverage, bias, spread, mean_error, mean_size } = found;
    let coverage = 100.0 * coverage;
    println!("| {name} | {coverage:.1} % | {bias:+.4} | {spread:.4} | {mean_error:.4} | {mean_size:.0} |");
}

fn params(method: IntervalMethod) -> OffPolicyParams {
    OffPolicyParams::default().with_gamma(GAMMA).with_interval(method).with_n_resamples(400).with_n_refits(40)
}

/// The default, the normal one, is in the other tests.
const METHODS: [IntervalMethod; 2] = [IntervalMethod::Studentised, IntervalMethod::Percentile];

fn covers(name: &str, found: &Found) {
    assert!((0.90..=0.98).contains(&found.coverage), "{name}: {}", found.coverage);
}

fn decision_logs(world: &World) -> Vec<Decisions> {
    (0..N_LOGS).map(|log| world.decisions((100, 5), &mut stream(21, log))).collect()
}

fn trajectory_logs(world: &World) -> Vec<Trajectories> {
    (0..N_LOGS).map(|log| world.log((200, 8), &mut stream(22, log)).trajectories(world)).collect()
}

fn decision_table(world: &World, method: IntervalMethod) -> Vec<(&'static str, Found)> {
    println!("decisions, {method:?}, true value {:.4}", world.decision_value());
    let (logs, params) = (decision_logs(world), params(method));
    let of = |estimator: DecisionEstimator| {
        let estimates: Vec<Estimate> =
            logs.iter().map(|log| params.estimate(log, estimator).unwrap()).collect();
        let found = found(&estimates, world.decision_value());
        report(estimator.name(), &found);
        (estimator.name(), found)
    };
    DecisionEstimator::ALL.map(of).into()
}

fn trajectory_table(
    world: &World,
    method: IntervalMethod,
    horizon: Horizon,
) -> Vec<(&'static str, Found, Vec<Estimate>)> {
    let truth = world.value(if let Horizon::Steps(steps) = horizon { steps } else { 1000 });
    println!("trajectories, {horizon:?}, {method:?}, true value {truth:.4}");
    let (logs, params) = (trajectory_logs(world), params(method).with_horizon(horizon));
    let of = |estimator: SequenceEstimator| {
        let of = |log: &Trajectories| params.estimate_sequence(log, estimator).unwrap();
        let estimates: Vec<Estimate> = logs.iter().map(of).collect();
        let found = found(&estimates, truth);
        report(estimator.name(), &found);
        (estimator.name(), found, estimates)
    };
    SequenceEstimator::ALL.map(of).into()
}

#[test]
fn intervals_of_single_decisions_cover() {
    for (name, found) in decision_table(&World::new(NEAR), IntervalMethod::Normal) {
        covers(name, &found);
    }
}

#[test]
fn intervals_of_a_number_of_steps_cover() {
    for (name, found, _) in trajectory_table(&World::new(NEAR), IntervalMethod::Normal, Horizon::Steps(6)) {
        covers(name, &found);
    }
}

#[test]
fn intervals_without_end_cover_where_values_are_fitted_and_the_others_say_what_they_lack() {
    let cut = |warning: &OverlapWarning| matches!(warning, OverlapWarning::CutShort { .. });
    for (name, found, estimates) in
        trajectory_table(&World::new(NEAR), IntervalMethod::Normal, Horizon::Endless)
    {
        if name.ends_with("per_decision") {
            assert!(estimates.iter().all(|estimate| estimate.warnings().iter().any(cut)));
        } else {
            covers(name, &found);
        }
    }
}

#[test]
fn poor_overlap_is_told_where_weights_carry_the_estimate() {
    let low = |warning: &OverlapWarning| matches!(warning, OverlapWarning::LowEffectiveSampleSize { .. });
    for (name, found, estimates) in
        trajectory_table(&World::new(FAR), IntervalMethod::Normal, Horizon::Steps(6))
    {
        let told = estimates.iter().filter(|estimate| estimate.warnings().iter().any(low)).count();
        assert!(
            found.coverage >= 0.85 && (name == "fitted_q" || told as u64 > N_LOGS * 9 / 10),
            "{name}: {told}"
        );
    }
}

#[test]
#[ignore = "prints the coverage of the bootstrap; takes minutes"]
fn intervals_of_the_bootstrap() {
    for method in METHODS {
        for spread in [NEAR, FAR] {
            let world = World::new(spread);
            println!("\nchance left to every action: {spread}");
            decision_table(&world, method);
            trajectory_table(&world, method, Horizon::Steps(6));
            trajectory_table(&world, method, Horizon::Endless);
        }
    }
}
