//! What is believed of the score of one arm.

/// A density with one peak, given by its shape alone: no normalising constant is needed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posterior {
    /// The place of the peak, or close to it.
    pub(super) centre: f64,
    /// The unit in which the density changes near its centre.
    pub(super) width: f64,
    /// How many widths to the left and to the right hold all but about 10⁻¹¹.
    pub(super) reach: [f64; 2],
    shape: Shape,
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Normal,
    Student { freedom: f64 },
    LogOdds { a: f64, b: f64, peak: f64 },
}

/// `-ln` of the share that a reach may leave out, generously.
const LOG_LEFT_OUT: f64 = 28.0;

impl Posterior {
    /// A normal distribution.
    pub(super) fn normal(mean: f64, deviation: f64) -> Self {
        let reach = (2.0 * LOG_LEFT_OUT).sqrt();
        Self { centre: mean, width: deviation, reach: [reach; 2], shape: Shape::Normal }
    }

    /// Student's t distribution, moved and scaled.
    pub(super) fn student(centre: f64, width: f64, freedom: f64) -> Self {
        // Where (1 + z²/ν)^(-ν/2) has fallen far enough; the normal reach for ν → ∞.
        let reach = (freedom * (2.0 * LOG_LEFT_OUT / freedom).exp_m1()).sqrt();
        Self { centre, width, reach: [reach; 2], shape: Shape::Student { freedom } }
    }

    /// The log odds `ln(p/(1 - p))` of a share `p` with a beta distribution.
    ///
    /// Their density `pᵃ(1 - p)ᵇ` is smooth with exponential tails for any `a` and `b`, where that of `p` itself
    /// has poles at 0 and 1. Whose log odds are largest has the largest share.
    pub(super) fn beta(a: f64, b: f64) -> Self {
        let (centre, width) = ((a / b).ln(), (1.0 / a + 1.0 / b).sqrt());
        // The slopes of the logarithm are a and -b far out, and at least half of that soon.
        let reach = [a, b].map(|slope| 8.0 + 2.0 * LOG_LEFT_OUT / (slope * width));
        Self { centre, width, reach, shape: Shape::LogOdds { a, b, peak: log_odds_density(centre, a, b) } }
    }

    /// Where the density begins to matter, and where it ends.
    pub(super) fn support(&self) -> [f64; 2] {
        [self.centre - self.reach[0] * self.width, self.centre + self.reach[1] * self.width]
    }

    /// The density at `x` times a constant that keeps its integral near 1.
    pub(super) fn density(&self, x: f64) -> f64 {
        let z = (x - self.centre) / self.width;
        let logarithm = match self.shape {
            Shape::Normal => -0.5 * z * z,
            Shape::Student { freedom } => -0.5 * (freedom + 1.0) * (z * z / freedom).ln_1p(),
            Shape::LogOdds { a, b, peak } => log_odds_density(x, a, b) - peak,
        };
        logarithm.exp() / (SQRT_TAU * self.width)
    }
}

/// `a·ln σ(x) + b·ln σ(-x)` with the logistic function σ.
fn log_odds_density(x: f64, a: f64, b: f64) -> f64 {
    let soft = (-x.abs()).exp().ln_1p();
    // ln σ(x) = -ln(1 + e⁻ˣ) = min(x, 0) - ln(1 + e^-|x|).
    a * (x.min(0.0) - soft) + b * ((-x).min(0.0) - soft)
}

/// `sqrt(2π)`.
const SQRT_TAU: f64 = 2.506_628_274_631_000_5;
