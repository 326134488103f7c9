//! What training makes small, and its slope.

/// The loss of one output.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pointwise {
    Squared,
    Huber,
    Absolute,
    /// `2·|e| / (|forecast| + |value| + floor)`.
    Symmetric {
        floor: f32,
    },
    /// One output for each of these shares, next to one another.
    Pinball(Vec<f32>),
}

/// What the outputs of one example should have been.
#[derive(Clone, Copy)]
pub(crate) struct Targets<'a> {
    /// Values; with quantiles there is one for each group of outputs.
    pub(crate) values: &'a [f32],
    /// What the network's outputs are added to.
    pub(crate) bases: &'a [f32],
    /// 0 where a value is not known, else its weight.
    pub(crate) weights: &'a [f32],
}

impl Pointwise {
    /// Outputs for each value.
    pub(crate) fn n_shares(&self) -> usize {
        if let Self::Pinball(shares) = self { shares.len() } else { 1 }
    }

    /// The loss of some outputs, which are replaced by the slopes times `scale`.
    pub(super) fn slopes(&self, outputs: &mut [f32], targets: Targets<'_>, scale: f32) -> f64 {
        let n_shares = self.n_shares();
        let known = targets.values.iter().zip(targets.bases).zip(targets.weights);
        let mut total = 0.0;
        for (outputs, ((value, base), weight)) in outputs.chunks_exact_mut(n_shares).zip(known) {
            for (place, output) in outputs.iter_mut().enumerate() {
                let (loss, slope) =
                    if *weight > 0.0 { self.of(base + *output, *value, place) } else { (0.0, 0.0) };
                total += f64::from(loss * weight);
                *output = slope * weight * scale;
            }
        }
        total
    }

    fn of(&self, forecast: f32, value: f32, place: usize) -> (f32, f32) {
        let error = forecast - value;
        let sign = if error > 0.0 {
            1.0
        } else if error < 0.0 {
            -1.0
        } else {
            0.0
        };
        match self {
            Self::Squared => (error * error, 2.0 * error),
            Self::Huber if error.abs() <= 1.0 => (0.5 * error * error, error),
            Self::Huber => (error.abs() - 0.5, sign),
            Self::Absolute => (error.abs(), sign),
            Self::Symmetric { floor } => {
                let size = forecast.abs() + value.abs() + floor;
                let share = 2.0 * error.abs() / size;
                let side = if forecast < 0.0 { -1.0 } else { 1.0 };
                (share, (2.0 * sign - share * side) / size)
            }
            Self::Pinball(shares) => {
                let share = shares[place];
                if error < 0.0 { (-share * error, -share) } else { ((1.0 - share) * error, 1.0 - share) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_the_losses() {
        let pinball = Pointwise::Pinball(vec![0.1, 0.5]);
        let symmetric = Pointwise::Symmetric { floor: 0.1 };
        for loss in [Pointwise::Squared, Pointwise::Huber, Pointwise::Absolute, symmetric, pinball] {
            for (forecast, value) in [(0.3, 0.7), (2.5, 0.4), (-0.2, 0.3), (1.0, -2.0)] {
                for place in 0..loss.n_shares() {
                    let slope = loss.of(forecast, value, place).1;
                    let at = |by: f32| loss.of(forecast + by, value, place).0;
                    let expected = (at(1e-2) - at(-1e-2)) / 2e-2;
                    assert!(
                        (slope - expected).abs() < 2e-3,
                        "{loss:?} {forecast} {value}: {slope} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_not_known_counts_nothing() {
        let mut outputs = [0.5, 0.5];
        let targets = Targets { values: &[1.0, 1.0], bases: &[0.0, 0.0], weights: &[1.0, 0.0] };
        assert_eq!(Pointwise::Absolute.slopes(&mut outputs, targets, 0.5), 0.5);
        assert_eq!(outputs, [-0.5, 0.0]);
    }
}
