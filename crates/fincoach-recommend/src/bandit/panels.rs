//! Gauss–Legendre panels with which functions are integrated up to each node.

use std::sync::LazyLock;

/// Nodes of a panel.
pub(super) const N_NODES: usize = 8;

/// Nodes on `[-1, 1]`, weights, and the integrals from -1 to each node.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) nodes: [f64; N_NODES],
    pub(super) weights: [f64; N_NODES],
    /// `partial[k][m]`: what the value at node `m` adds to the integral from -1 to node `k`.
    pub(super) partial: [[f64; N_NODES]; N_NODES],
}

/// The rule of [`N_NODES`] nodes: exact for polynomials up to degree 15, partial integrals up to degree 7.
pub(super) static RULE: LazyLock<Rule> = LazyLock::new(Rule::new);

impl Rule {
    fn new() -> Self {
        let nodes = std::array::from_fn(node);
        let weights = nodes.map(|x| {
            let (_, slope) = legendre_and_slope(x);
            2.0 / ((1.0 - x * x) * slope * slope)
        });
        let up_to = nodes.map(integrals);
        let at = nodes.map(legendre);
        // The interpolating polynomial in Legendre's basis: Σₖ (2k+1)/2 · Σₘ wₘ Pₖ(xₘ) f(xₘ) · ∫ Pₖ.
        let part = |k: usize, m: usize| -> f64 {
            (0..N_NODES).map(|d| (d as f64 + 0.5) * weights[m] * at[m][d] * up_to[k][d]).sum()
        };
        let partial = std::array::from_fn(|k| std::array::from_fn(|m| part(k, m)));
        Self { nodes, weights, partial }
    }
}

/// `P₀(x) … Pₙ(x)`.
fn legendre(x: f64) -> [f64; N_NODES + 1] {
    let mut values = [1.0; N_NODES + 1];
    values[1] = x;
    for k in 1..N_NODES {
        let degree = k as f64;
        values[k + 1] = ((2.0 * degree + 1.0) * x * values[k] - degree * values[k - 1]) / (degree + 1.0);
    }
    values
}

fn legendre_and_slope(x: f64) -> (f64, f64) {
    let values = legendre(x);
    let n = N_NODES as f64;
    (values[N_NODES], n * (x * values[N_NODES] - values[N_NODES - 1]) / (x * x - 1.0))
}

/// The root of `Pₙ` with this number, lowest first, by Newton's method.
fn node(index: usize) -> f64 {
    let mut x = -(std::f64::consts::PI * (index as f64 + 0.75) / (N_NODES as f64 + 0.5)).cos();
    for _ in 0..8 {
        let (value, slope) = legendre_and_slope(x);
        x -= value / slope;
    }
    x
}

/// The integrals of `P₀ … Pₙ₋₁` from -1 to `x`.
fn integrals(x: f64) -> [f64; N_NODES] {
    let values = legendre(x);
    std::array::from_fn(|k| match k {
        0 => x + 1.0,
        _ => (values[k + 1] - values[k - 1]) / (2.0 * k as f64 + 1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_integrated_up_to_each_node() {
        for power in 0..8 {
            let f = |x: f64| x.powi(power);
            let integral = |x: f64| (x.powi(power + 1) - (-1.0_f64).powi(power + 1)) / f64::from(power + 1);
            let whole: f64 = (0..N_NODES).map(|m| RULE.weights[m] * f(RULE.nodes[m])).sum();
            assert!((whole - integral(1.0)).abs() < 1e-14, "power {power}");
            for k in 0..N_NODES {
                let part: f64 = (0..N_NODES).map(|m| RULE.partial[k][m] * f(RULE.nodes[m])).sum();
                assert!((part - integral(RULE.nodes[k])).abs() < 1e-14, "power {power} to node {k}");
            }
        }
    }
}
