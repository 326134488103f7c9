//! Imitation by a linear model: the baseline of learning what the log does.

use fincoach_core::ndarray::{Array2, ArrayView2, Axis};
use fincoach_core::{Action, DataError, StandardScaler};

use crate::greedy::{argmax, rows_of_five, softmax};

/// Multinomial logistic regression on standardised columns, with a ridge of 1 on the sum of losses (the
/// default of scikit-learn): behaviour cloning as simple as it gets.
pub(crate) struct Logistic {
    scaler: StandardScaler,
    /// `(n_columns, 5)`.
    weights: Array2<f64>,
    bias: [f64; 5],
}

/// Steps of gradient descent; the loss is convex and the argmax settles long before.
const STEPS: usize = 500;

impl Logistic {
    pub(crate) fn fit(states: ArrayView2<'_, f64>, actions: &[Action]) -> Result<Self, DataError> {
        let scaler = StandardScaler::fit(states)?;
        let x = scaler.transform(states)?;
        let n = x.nrows() as f64;
        let (mut weights, mut bias) = (Array2::zeros((x.ncols(), 5)), [0.0; 5]);
        // The softmax's curvature is at most half that of least squares, whose largest is below the trace.
        let rate = 2.0 / (x.ncols() as f64 + 2.0);
        for _ in 0..STEPS {
            let mut residual = probabilities(&x, &weights, bias)?;
            for (row, action) in actions.iter().enumerate() {
                residual[(row, action.index())] -= 1.0;
            }
            let gradient = (x.t().dot(&residual) + &weights) / n;
            weights = weights - gradient * rate;
            for (bias, sum) in bias.iter_mut().zip(residual.sum_axis(Axis(0))) {
                *bias -= rate * sum / n;
            }
        }
        Ok(Self { scaler, weights, bias })
    }

    pub(crate) fn predict(&self, states: ArrayView2<'_, f64>) -> Result<Vec<Action>, DataError> {
        let p = probabilities(&self.scaler.transform(states)?, &self.weights, self.bias)?;
        Ok(rows_of_five(p.view())?.iter().map(|p| Action::ALL[argmax(p)]).collect())
    }
}

fn probabilities(x: &Array2<f64>, weights: &Array2<f64>, bias: [f64; 5]) -> Result<Array2<f64>, DataError> {
    let mut values = x.dot(weights);
    for (row, mut score) in rows_of_five(values.view())?.into_iter().enumerate() {
        for (score, bias) in score.iter_mut().zip(bias) {
            *score += bias;
        }
        for (action, p) in softmax(score, 1.0).into_iter().enumerate() {
            values[(row, action)] = p;
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng::stream;

    use super::*;

    #[test]
    fn a_linear_rule_is_learnt() {
        let mut rng = stream(1, 0);
        let x = Array2::from_shape_fn((300, 4), |_| rng.normal());
        let actions: Vec<Action> =
            x.rows().into_iter().map(|x| Action::ALL[usize::from(x[2] > 0.3) * 3]).collect();
        let model = Logistic::fit(x.view(), &actions).unwrap();
        let learnt = model.predict(x.view()).unwrap();
        let hits = learnt.iter().zip(&actions).filter(|(a, b)| a == b).count();
        assert!(hits >= 285, "{hits}");
    }
}
