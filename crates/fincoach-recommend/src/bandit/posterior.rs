//! What is believed of the score of one arm.

/// A density with one peak, given by its shape alone: no normalising constant is needed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posterior {
    /// The place of the peak, or close to it.
    pub(super) centre: f64,
    /// The unit in which the density changes near its centre.
    pub(super) width: f64,
    /// How many widths to the left and to the right hold all but about 10⁻⁹.
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
const LOG_LEFT_OUT: f64 = 21.0;

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
        let reach = [log_odds_reach(a, b, width) / width, log_odds_reach(b, a, width) / width];
        let peak = log_odds_density(&Point::new(centre), a, b);
        Self { centre, width, reach, shape: Shape::LogOdds { a, b, peak } }
    }

    /// Where the density begins to matter, and where it ends.
    pub(super) fn support(&self) -> [f64; 2] {
        [self.centre - self.reach[0] * self.width, self.centre + self.reach[1] * self.width]
    }

    /// The density at a point times a constant that keeps its integral near 1.
    pub(super) fn density(&self, point: &Point) -> f64 {
        let z = (point.x - self.centre) / self.width;
        let logarithm = match self.shape {
            Shape::Normal => -0.5 * z * z,
            Shape::Student { freedom } => -0.5 * (freedom + 1.0) * (z * z / freedom).ln_1p(),
            Shape::LogOdds { a, b, peak } => log_odds_density(point, a, b) - peak,
        };
        logarithm.exp() / (SQRT_TAU * self.width)
    }
}

/// A number, and what the densities of log odds need of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    x: f64,
    /// `ln(1 + e^-|x|)`.
    soft: f64,
}

impl Point {
    pub(super) fn new(x: f64) -> Self {
        Self { x, soft: (-x.abs()).exp().ln_1p() }
    }
}

/// `sqrt(2π)`.
const SQRT_TAU: f64 = 2.506_628_274_631_000_5;

/// `a·ln σ(x) + b·ln σ(-x)` with the logistic function σ.
fn log_odds_density(point: &Point, a: f64, b: f64) -> f64 {
    // ln σ(x) = -ln(1 + e⁻ˣ) = min(x, 0) - ln(1 + e^-|x|).
    a * (point.x.min(0.0) - point.soft) + b * ((-point.x).min(0.0) - point.soft)
}

/// How far to the left of its peak the density has fallen far enough; to the right with `a` and `b` exchanged.
fn log_odds_reach(a: f64, b: f64, width: f64) -> f64 {
    let (share, rest) = (a / (a + b), b / (a + b));
    let mut reach = width * (2.0 * LOG_LEFT_OUT).sqrt();
    // Newton's method on a convex function: from the first step on the solution is approached from beyond.
    for _ in 0..4 {
        let inside = rest + share * (-reach).exp();
        let fallen = a * reach + (a + b) * inside.ln();
        let slope = (a + b) * share * (1.0 - (-reach).exp()) * rest / inside;
        reach -= (fallen - LOG_LEFT_OUT) / slope;
    }
    reach
}
