//! Scores become probabilities that hold on later rows.

use super::softmax::softmax;

/// The hottest and coldest temperature considered, as logarithms: a tenth and ten.
const LIMIT: f64 = std::f64::consts::LN_10;
/// `0.618^40` of the range is 2e-8.
const N_STEPS: usize = 40;

/// The temperature `T` in [0.1, 10] whose probabilities `softmax(scores / T)` give the least mean log loss
/// (Guo, Pleiss, Sun and Weinberger 2017), by golden section; 1 where there are no rows.
pub(super) fn best_temperature(scores: &[(Vec<f64>, usize)]) -> f64 {
    if scores.is_empty() {
        return 1.0;
    }
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-LIMIT, LIMIT);
    for _ in 0..N_STEPS {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        if total_loss(scores, left.exp()) <= total_loss(scores, right.exp()) {
            high = right;
        } else {
            low = left;
        }
    }
    f64::midpoint(low, high).exp()
}

fn total_loss(scores: &[(Vec<f64>, usize)], temperature: f64) -> f64 {
    let loss = |(scores, label): &(Vec<f64>, usize)| {
        let mut cooled: Vec<f64> = scores.iter().map(|score| score / temperature).collect();
        let own = cooled.get(*label).copied().unwrap_or(0.0);
        softmax(&mut cooled) - own
    };
    scores.iter().map(loss).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_temperature_of_a_known_share() {
        // Three of four right with scores 4 apart: ln 3 = 4/T.
        let rows: Vec<(Vec<f64>, usize)> = [0, 0, 0, 1].map(|label| (vec![4.0, 0.0], label)).into();
        assert!((best_temperature(&rows) - 4.0 / 3.0_f64.ln()).abs() < 1e-6);
        assert_eq!(best_temperature(&[]), 1.0);
        assert!(best_temperature(&[(vec![1.0, 0.0], 0)]) >= 0.1);
    }
}
