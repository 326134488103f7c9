//! Which inputs of a network made the difference.

use fincoach_core::nn::Linear;

/// How much each input of a network adds to a weighted sum of its outputs, beside an input of zeros.
///
/// Integrated gradients (Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", 2017): the input
/// times the mean gradient on the straight way from zero to it. Here without a sum over points: on that way every
/// hidden unit of the first layer is switched on or off at most once, and between two such moments those of the
/// second change evenly, so that for how long each is on follows from a division. The contributions add up to the
/// difference of the sums at both ends but for rounding. States are standardised, so zero is the average of the
/// data the network was trained on. `O(n_inputs · hidden + hidden²)`, as much as an answer.
pub(super) fn contributions(
    [first, second, last]: &[Linear; 3],
    input: &[f64],
    direction: &[f64],
) -> Vec<f64> {
    let worth: Vec<f64> = (0..last.n_inputs()).map(|unit| dot(last.of_input(unit), direction)).collect();
    let mut slopes = vec![0.0; first.n_outputs()];
    for (index, value) in input.iter().enumerate() {
        add(&mut slopes, first.of_input(index), *value);
    }
    let earned = Walk::new(first.bias(), slopes, (second, &worth)).walked();
    // Plus 0, so that what moved nothing is 0 and not −0.
    let added = |(index, value): (usize, &f64)| value * dot(first.of_input(index), &earned) + 0.0;
    input.iter().enumerate().map(added).collect()
}

/// The way from zero (moment 0) to the input (moment 1).
struct Walk<'a> {
    second: &'a Linear,
    /// What a unit of the second layer is worth while it is on.
    worth: &'a [f64],
    /// Units of the first layer: before its activation each is `start + moment · slope`.
    units: Vec<[f64; 2]>,
    /// Which of them are on.
    on: Vec<bool>,
    /// The same of the second layer, up to the next switch in the first.
    sums: Vec<[f64; 2]>,
    /// For how long each unit of the second layer has been on.
    on_for: Vec<f64>,
    /// What each unit of the first layer has brought: its weights times worth times how long both were on.
    earned: Vec<f64>,
}

impl<'a> Walk<'a> {
    fn new(bias: &[f32], slopes: Vec<f64>, (second, worth): (&'a Linear, &'a [f64])) -> Self {
        let units: Vec<[f64; 2]> =
            bias.iter().map(|bias| f64::from(*bias)).zip(slopes).map(Into::into).collect();
        let sums = second.bias().iter().map(|bias| [f64::from(*bias), 0.0]).collect();
        let (on_for, earned) = (vec![0.0; second.n_outputs()], vec![0.0; units.len()]);
        let on = vec![false; units.len()];
        Self { second, worth, units, on, sums, on_for, earned }
    }

    fn walked(mut self) -> Vec<f64> {
        let mut switches: Vec<(f64, usize)> = Vec::new();
        for unit in 0..self.units.len() {
            let [start, slope] = self.units[unit];
            let moment = -start / slope;
            if moment > 0.0 && moment < 1.0 {
                switches.push((moment, unit));
            }
            if start > 0.0 || (start == 0.0 && slope > 0.0) {
                self.switch(unit);
            }
        }
        switches.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut now = 0.0;
        for (moment, unit) in switches {
            self.pass([now, moment]);
            self.switch(unit);
            now = moment;
        }
        self.pass([now, 1.0]);
        for unit in 0..self.units.len() {
            if self.on[unit] {
                self.earned[unit] += self.worth_so_far(unit);
            }
        }
        self.earned
    }

    /// Switches a unit of the first layer on, or off if it is on, at the moment reached.
    fn switch(&mut self, unit: usize) {
        self.on[unit] = !self.on[unit];
        let sign = if self.on[unit] { 1.0 } else { -1.0 };
        self.earned[unit] -= sign * self.worth_so_far(unit);
        let [start, slope] = self.units[unit];
        for (sum, weight) in self.sums.iter_mut().zip(self.second.of_input(unit)) {
            let weight = sign * f64::from(weight);
            sum[0] += weight * start;
            sum[1] += weight * slope;
        }
    }

    /// What a unit of the first layer would have brought, had it been on all the time.
    fn worth_so_far(&self, unit: usize) -> f64 {
        let on = self.worth.iter().zip(&self.on_for);
        self.second.of_input(unit).zip(on).map(|(weight, (worth, on))| f64::from(weight) * worth * on).sum()
    }

    fn pass(&mut self, way: [f64; 2]) {
        for (on_for, sum) in self.on_for.iter_mut().zip(&self.sums) {
            *on_for += above_zero(*sum, way);
        }
    }
}

/// For how long `start + moment · slope` is above 0 between two moments.
fn above_zero([start, slope]: [f64; 2], [from, to]: [f64; 2]) -> f64 {
    let zero = || (-start / slope).clamp(from, to);
    match (start + from * slope > 0.0, start + to * slope > 0.0) {
        (true, true) => to - from,
        (true, false) => zero() - from,
        (false, true) => to - zero(),
        (false, false) => 0.0,
    }
}

fn dot(weights: impl Iterator<Item = f32>, values: &[f64]) -> f64 {
    weights.zip(values).map(|(weight, value)| f64::from(weight) * value).sum()
}

fn add(sums: &mut [f64], weights: impl Iterator<Item = f32>, factor: f64) {
    for (sum, weight) in sums.iter_mut().zip(weights) {
        *sum += f64::from(weight) * factor;
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::nn::uniform;
    use fincoach_core::rng::stream;

    use super::*;

    fn layer([n_inputs, n_outputs]: [usize; 2], seed: u64) -> Linear {
        let mut rng = stream(seed, 0);
        let weight = uniform(&mut rng, n_inputs * n_outputs, 0.5);
        Linear::new(n_inputs, &weight, uniform(&mut rng, n_outputs, 0.5))
    }

    fn forward(layer: &Linear, inputs: &[f64]) -> Vec<f64> {
        let mut sums: Vec<f64> = layer.bias().iter().map(|bias| f64::from(*bias)).collect();
        for (index, value) in inputs.iter().enumerate() {
            add(&mut sums, layer.of_input(index), *value);
        }
        sums
    }

    fn relu(values: Vec<f64>) -> Vec<f64> {
        values.into_iter().map(|value| value.max(0.0)).collect()
    }

    #[test]
    fn contributions_are_the_integral_of_the_gradient_and_add_up() {
        for seed in 0..20 {
            let layers = [layer([6, 40], seed), layer([40, 40], seed + 100), layer([40, 4], seed + 200)];
            let mut rng = stream(seed, 1);
            let input: Vec<f64> = (0..6).map(|_| 3.0 * rng.normal()).collect();
            let direction = [1.0, 0.0, -1.0, 0.5];
            let value = |input: &[f64]| {
                let low = relu(forward(&layers[0], input));
                let high = relu(forward(&layers[1], &low));
                let outputs = forward(&layers[2], &high);
                outputs.iter().zip(direction).map(|(output, d)| output * d).sum::<f64>()
            };
            let got = contributions(&layers, &input, &direction);
            let change = value(&input) - value(&[0.0; 6]);
            assert!((got.iter().sum::<f64>() - change).abs() < 1e-9, "seed {seed}");

            // The midpoint rule with gradients by differences.
            let n_points = 4000;
            for (index, got) in got.iter().enumerate() {
                let slope = |point: usize| {
                    let share = (point as f64 + 0.5) / n_points as f64;
                    let at = |step: f64| {
                        let mut at: Vec<f64> = input.iter().map(|value| value * share).collect();
                        at[index] += step;
                        value(&at)
                    };
                    (at(1e-5) - at(-1e-5)) / 2e-5
                };
                let mean = (0..n_points).map(slope).sum::<f64>() / n_points as f64;
                assert!(
                    (mean * input[index] - got).abs() < 2e-3,
                    "seed {seed}: {} {got}",
                    mean * input[index]
                );
            }
        }
    }

    #[test]
    fn time_above_zero_is_that_worked_out_by_hand() {
        assert_eq!(above_zero([1.0, -2.0], [0.0, 1.0]), 0.5);
        assert_eq!(above_zero([-1.0, 4.0], [0.0, 1.0]), 0.75);
        assert_eq!(above_zero([1.0, 0.0], [0.25, 0.5]), 0.25);
        assert_eq!(above_zero([0.0, 0.0], [0.0, 1.0]), 0.0);
    }
}
