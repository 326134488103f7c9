//! Exact integrals of polynomials over [0, 1].

use std::f64::consts::PI;

/// Points in (0, 1) and their weights, which are positive and add up to 1.
pub(super) struct Quadrature {
    pub(super) points: Vec<f64>,
    pub(super) weights: Vec<f64>,
}

/// The Gauss–Legendre rule of `n` points: exact for polynomials up to degree `2n − 1`.
///
/// The points are the roots of the Legendre polynomial, found with Newton's method from Tricomi's first guess.
pub(super) fn gauss_legendre(n: usize) -> Quadrature {
    let mut rule = Quadrature { points: Vec::new(), weights: Vec::new() };
    for place in 0..n {
        let mut x = (PI * (place as f64 + 0.75) / (n as f64 + 0.5)).cos();
        // Newton doubles the right digits: six steps from three digits are more than enough.
        for _ in 0..6 {
            let (value, slope) = legendre(n, x);
            x -= value / slope;
        }
        let slope = legendre(n, x).1;
        rule.points.push(f64::midpoint(1.0, x));
        rule.weights.push(1.0 / ((1.0 - x * x) * slope * slope));
    }
    rule
}

/// The Legendre polynomial of degree `n` at `x` and its slope.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for degree in 2..=n {
        let k = degree as f64;
        (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
    }
    (value, n as f64 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_integrated_exactly() {
        for n in 1..40 {
            let rule = gauss_legendre(n);
            for degree in 0..2 * n {
                let terms = rule.points.iter().zip(&rule.weights).map(|(x, w)| w * x.powi(degree as i32));
                let integral: f64 = terms.sum();
                assert!((integral - 1.0 / (degree as f64 + 1.0)).abs() < 1e-14, "{n} {degree} {integral}");
            }
        }
    }
}
