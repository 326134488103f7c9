//! How likely each arm is the best one.

use super::ArmSet;
use super::panels::{N_NODES, RULE};
use super::posterior::{Point, Posterior};

/// `∫ fᵢ(x) Πⱼ Fⱼ(x) dx` over `j ≠ i`: the probability that the score of each allowed arm is the largest of all.
///
/// Integrated on panels that are as short as the narrowest density asks for at each place, with the `Fⱼ`
/// integrated along. `O(n_panels · n_arms)`; a dozen panels where the arms are alike, a few dozen where not.
pub(super) fn best_probabilities(posteriors: &[Posterior], allowed: &ArmSet) -> Vec<f64> {
    let mut probabilities = vec![0.0; posteriors.len()];
    let arms: Vec<Posterior> = allowed.iter().map(|arm| posteriors[arm]).collect();
    for (arm, probability) in allowed.iter().zip(integrate(&widened(arms))) {
        probabilities[arm] = probability;
    }
    probabilities
}

/// Arms whose widths are at least 10⁻¹² of the largest number at hand, so that panels have a length.
fn widened(mut arms: Vec<Posterior>) -> Vec<Posterior> {
    let largest = arms.iter().fold(f64::MIN_POSITIVE, |top, arm| top.max(arm.centre.abs()).max(arm.width));
    for arm in &mut arms {
        arm.width = arm.width.max(1e-12 * largest);
    }
    arms
}

fn integrate(arms: &[Posterior]) -> Vec<f64> {
    let n_arms = arms.len();
    let even = vec![1.0 / n_arms as f64; n_arms];
    let end = arms.iter().fold(f64::NEG_INFINITY, |end, arm| end.max(arm.support()[1]));
    let mut from = arms.iter().fold(f64::INFINITY, |from, arm| from.min(arm.support()[0]));
    if n_arms == 1 || !(from < end && end.is_finite() && from.is_finite()) {
        return even;
    }
    let mut sums = Sums::new(n_arms);
    while from < end {
        let to = next(arms, from).min(end);
        sums.add(arms, [from, to]);
        from = to;
    }
    let total: f64 = sums.best.iter().sum();
    if total > 0.0 { sums.best.iter().map(|best| best / total).collect() } else { even }
}

/// Where the panel that begins at `from` has to end.
///
/// Lengths halve towards a centre and double away from it, but for the last width on either side.
fn next(arms: &[Posterior], from: f64) -> f64 {
    let end = |arm: &Posterior| {
        let [start, stop] = arm.support();
        let z = (from - arm.centre) / arm.width;
        if from < start {
            start
        } else if from >= stop {
            f64::INFINITY
        } else if z < 0.0 {
            from + arm.width * (-z / 2.0).max(1.0)
        } else {
            from + arm.width * z.max(1.0)
        }
    };
    arms.iter().map(end).fold(f64::INFINITY, f64::min)
}

/// Integrals up to the end of the last panel, and room to work in.
struct Sums {
    /// Of each density.
    below: Vec<f64>,
    /// Of each density times the distribution functions of the others.
    best: Vec<f64>,
    /// Each density at the nodes of the panel, times half its length.
    densities: Vec<[f64; N_NODES]>,
    /// Each integral up to the nodes of the panel.
    partial: Vec<[f64; N_NODES]>,
    after: Vec<f64>,
}

impl Sums {
    fn new(n_arms: usize) -> Self {
        let (zeros, nodes) = (vec![0.0; n_arms], vec![[0.0; N_NODES]; n_arms]);
        let (densities, partial) = (nodes.clone(), nodes);
        Self { below: zeros.clone(), best: zeros.clone(), densities, partial, after: zeros }
    }

    fn add(&mut self, arms: &[Posterior], [from, to]: [f64; 2]) {
        let half = 0.5 * (to - from);
        let points = RULE.nodes.map(|node| Point::new(from + half * (node + 1.0)));
        for (arm, posterior) in arms.iter().enumerate() {
            self.partial[arm] = [self.below[arm]; N_NODES];
            self.densities[arm] = [0.0; N_NODES];
            let [start, stop] = posterior.support();
            if to <= start || from >= stop {
                continue;
            }
            let densities = points.each_ref().map(|point| half * posterior.density(point));
            for (sum, row) in self.partial[arm].iter_mut().zip(&RULE.partial) {
                *sum += dot(row, &densities);
            }
            self.below[arm] += dot(&RULE.weights, &densities);
            self.densities[arm] = densities;
        }
        self.add_best();
    }

    fn add_best(&mut self) {
        for node in 0..N_NODES {
            // Products of all before and of all after an arm: nothing is divided by a distribution of 0.
            let mut after = 1.0;
            for (arm, partial) in self.partial.iter().enumerate().rev() {
                self.after[arm] = after;
                after *= partial[node];
            }
            let mut before = RULE.weights[node];
            for (arm, best) in self.best.iter_mut().enumerate() {
                *best += self.densities[arm][node] * before * self.after[arm];
                before *= self.partial[arm][node];
            }
        }
    }
}

fn dot(a: &[f64; N_NODES], b: &[f64; N_NODES]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
