//! Logistic loss brought to its minimum by Newton's method.

use fincoach_core::ndarray::{Array2, ArrayView2};

/// What a minimisation found.
pub(crate) struct Minimum {
    /// Weights of the columns, then the intercept.
    pub(crate) weights: Vec<f64>,
    /// Mean penalised loss after each step.
    pub(crate) losses: Vec<f64>,
    pub(crate) converged: bool,
}

/// What is minimised: `Σ ln(1 + exp(z)) − t·z + l2/2·|w|²` with `z = x·w + b`; the intercept `b` is free.
pub(crate) struct LogisticLoss<'a> {
    /// `(n_rows, n_columns)`.
    pub(crate) columns: ArrayView2<'a, f64>,
    /// What should come out for each row, 0 to 1.
    pub(crate) targets: &'a [f64],
    pub(crate) l2: f64,
}

/// The logistic function, `1 / (1 + exp(−z))`, without overflow.
pub(crate) fn sigmoid(z: f64) -> f64 {
    if z >= 0.0 { 1.0 / (1.0 + (-z).exp()) } else { z.exp() / (1.0 + z.exp()) }
}

impl LogisticLoss<'_> {
    /// Steps until the loss falls by less than `tol` of itself, or `max_iter` is reached.
    pub(crate) fn minimise(&self, max_iter: usize, tol: f64) -> Minimum {
        let n_columns = self.columns.ncols();
        let mut found = Minimum { weights: vec![0.0; n_columns + 1], losses: Vec::new(), converged: false };
        let mut loss = self.value(&found.weights);
        while found.losses.len() < max_iter && !found.converged {
            let (gradient, hessian) = self.derivatives(&found.weights);
            let Some(step) = solve(hessian, &gradient) else { break };
            let (weights, next) = self.descend(&found.weights, &step, loss);
            // Half the product is what the quadratic form promises: near the minimum it tells more than the
            // fall of the loss, which drowns in rounding.
            let promised = 0.5 * dot(&gradient, &step);
            found.converged = promised <= tol * (1.0 + loss);
            found.weights = weights;
            loss = next;
            found.losses.push(loss / self.targets.len() as f64);
        }
        found
    }

    /// The whole step, or as many halvings of it as it takes for the loss not to rise.
    fn descend(&self, from: &[f64], step: &[f64], loss: f64) -> (Vec<f64>, f64) {
        let mut length = 1.0;
        for _ in 0..40 {
            let to: Vec<f64> = from.iter().zip(step).map(|(weight, step)| weight - length * step).collect();
            let next = self.value(&to);
            if next <= loss + 1e-12 * (1.0 + loss.abs()) {
                return (to, next);
            }
            length *= 0.5;
        }
        (from.to_vec(), loss)
    }

    fn linear(&self, row: usize, weights: &[f64]) -> f64 {
        let n_columns = self.columns.ncols();
        let sum: f64 = self.columns.row(row).iter().zip(weights).map(|(x, w)| x * w).sum();
        sum + weights[n_columns]
    }

    fn value(&self, weights: &[f64]) -> f64 {
        let penalty: f64 = weights[..self.columns.ncols()].iter().map(|w| w * w).sum();
        let loss = |row: usize| {
            let z = self.linear(row, weights);
            // ln(1 + exp(z)) without overflow.
            z.max(0.0) + (-z.abs()).exp().ln_1p() - self.targets[row] * z
        };
        (0..self.targets.len()).map(loss).sum::<f64>() + 0.5 * self.l2 * penalty
    }

    fn derivatives(&self, weights: &[f64]) -> (Vec<f64>, Array2<f64>) {
        let n_columns = self.columns.ncols();
        let size = n_columns + 1;
        let (mut gradient, mut hessian) = (vec![0.0; size], Array2::zeros((size, size)));
        let mut extended = vec![1.0; size];
        for (row, target) in self.targets.iter().enumerate() {
            extended.iter_mut().zip(self.columns.row(row)).for_each(|(place, x)| *place = *x);
            let p = sigmoid(self.linear(row, weights));
            for i in 0..size {
                gradient[i] += (p - target) * extended[i];
                for j in 0..=i {
                    hessian[[i, j]] += p * (1.0 - p) * extended[i] * extended[j];
                }
            }
        }
        for i in 0..n_columns {
            gradient[i] += self.l2 * weights[i];
            hessian[[i, i]] += self.l2;
        }
        (gradient, hessian)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Solves `matrix · x = right` for a symmetric positive matrix, of which the lower half is read (Cholesky).
fn solve(mut matrix: Array2<f64>, right: &[f64]) -> Option<Vec<f64>> {
    let n = right.len();
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| matrix[[i, k]] * matrix[[j, k]]).sum();
            let rest = matrix[[i, j]] - known;
            if i > j {
                matrix[[i, j]] = rest / matrix[[j, j]];
            } else if rest > 0.0 && rest.is_finite() {
                matrix[[i, i]] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    let mut x = right.to_vec();
    for i in 0..n {
        let known: f64 = (0..i).map(|k| matrix[[i, k]] * x[k]).sum();
        x[i] = (x[i] - known) / matrix[[i, i]];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| matrix[[k, i]] * x[k]).sum();
        x[i] = (x[i] - known) / matrix[[i, i]];
    }
    x.iter().all(|value| value.is_finite()).then_some(x)
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::{Array2, array};

    use super::*;

    #[test]
    fn a_system_is_solved() {
        let x = solve(array![[4.0, 0.0], [2.0, 3.0]], &[8.0, 10.0]).unwrap();
        assert!((x[0] - 0.5).abs() < 1e-15 && (x[1] - 3.0).abs() < 1e-15, "{x:?}");
        assert!(solve(array![[1.0, 0.0], [1.0, 1.0]], &[1.0, 1.0]).is_none());
    }

    #[test]
    fn without_columns_the_intercept_is_the_log_odds_of_the_mean() {
        let columns = Array2::zeros((4, 0));
        let loss = LogisticLoss { columns: columns.view(), targets: &[1.0, 0.0, 1.0, 1.0], l2: 1.0 };
        let found = loss.minimise(50, 1e-14);
        assert!(found.converged && (found.weights[0] - 3.0_f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        let columns = array![[0.5, -1.0], [2.0, 0.3], [-1.2, 0.8]];
        let loss = LogisticLoss { columns: columns.view(), targets: &[1.0, 0.0, 0.7], l2: 0.4 };
        let at = [0.3, -0.6, 0.2];
        let (gradient, _) = loss.derivatives(&at);
        for place in 0..3 {
            let (mut up, mut down) = (at, at);
            up[place] += 1e-6;
            down[place] -= 1e-6;
            let slope = (loss.value(&up) - loss.value(&down)) / 2e-6;
            assert!((slope - gradient[place]).abs() < 1e-8, "{place}: {slope} {}", gradient[place]);
        }
    }

    #[test]
    fn the_logistic_function_does_not_overflow() {
        assert_eq!([sigmoid(-800.0), sigmoid(0.0), sigmoid(800.0)], [0.0, 0.5, 1.0]);
    }
}
