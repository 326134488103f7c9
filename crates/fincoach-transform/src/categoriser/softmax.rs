//! From scores to probabilities.

/// Turns scores into probabilities in place: `exp(z − max) / Σ exp(z − max)`. Returns `ln Σ exp z`.
pub(super) fn softmax(scores: &mut [f64]) -> f64 {
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - highest).exp();
        sum += *score;
    }
    let inverse = 1.0 / sum;
    scores.iter_mut().for_each(|score| *score *= inverse);
    highest + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_share_and_far_ones_do_not_overflow() {
        let mut scores = [2.0, 2.0];
        assert!((softmax(&mut scores) - (2.0 + 2.0_f64.ln())).abs() < 1e-15);
        assert_eq!(scores, [0.5, 0.5]);
        let mut far = [1e6, 0.0];
        assert_eq!(softmax(&mut far), 1e6);
        assert_eq!(far, [1.0, 0.0]);
    }
}
