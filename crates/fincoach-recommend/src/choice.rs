//! How a policy chooses by values, as probabilities.

use fincoach_core::ParamError;
use serde::{Deserialize, Serialize};

use crate::greedy::{argmax_among, softmax_among};

/// How values become probabilities of actions, among those that are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Choice {
    /// The highest value; of equal ones the lowest action.
    Greedy,
    /// The highest value, but with this probability, in `[0, 1]`, any allowed action by even chance.
    EpsilonSoft(f64),
    /// Softmax at this temperature, above 0.
    Softmax(f64),
}

impl Choice {
    pub(crate) fn check(self) -> Result<(), ParamError> {
        match self {
            Self::Greedy => Ok(()),
            Self::EpsilonSoft(epsilon) => {
                ParamError::ensure((0.0..=1.0).contains(&epsilon), "epsilon", "in [0, 1]", epsilon)
            }
            Self::Softmax(temperature) => {
                let fine = temperature > 0.0 && temperature.is_finite();
                ParamError::ensure(fine, "temperature", "above 0 and finite", temperature)
            }
        }
    }

    /// The probabilities for these values; all 0 where nothing is allowed.
    pub(crate) fn probabilities(self, q: [f64; 5], allowed: [bool; 5]) -> [f64; 5] {
        let Some(best) = argmax_among(&q, &allowed) else { return [0.0; 5] };
        let epsilon = match self {
            Self::Softmax(temperature) => return softmax_among(q, allowed, temperature),
            Self::Greedy => 0.0,
            Self::EpsilonSoft(epsilon) => epsilon,
        };
        let n_allowed = allowed.iter().filter(|allowed| **allowed).count() as f64;
        let mut probabilities = allowed.map(|allowed| if allowed { epsilon / n_allowed } else { 0.0 });
        probabilities[best] += 1.0 - epsilon;
        probabilities
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const Q: [f64; 5] = [1.0, 5.0, 3.0, 3.0, 0.0];
    const ALLOWED: [bool; 5] = [true, false, true, true, true];

    #[test]
    fn what_is_not_allowed_has_no_probability() {
        for choice in [Choice::Greedy, Choice::EpsilonSoft(0.4), Choice::Softmax(0.5)] {
            let probabilities = choice.probabilities(Q, ALLOWED);
            assert_eq!(probabilities[1], 0.0);
            assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert_eq!(choice.probabilities(Q, [false; 5]), [0.0; 5]);
        }
    }

    #[test]
    fn probabilities_are_those_worked_out_by_hand() {
        assert_eq!(Choice::Greedy.probabilities(Q, ALLOWED), [0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(Choice::EpsilonSoft(0.4).probabilities(Q, ALLOWED), [0.1, 0.0, 0.7, 0.1, 0.1]);
        let soft = Choice::Softmax(2.0).probabilities(Q, ALLOWED);
        assert_eq!(soft[2], soft[3]);
        assert!((soft[2] / soft[0] - 1.0_f64.exp()).abs() < 1e-12);
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        for choice in [
            Choice::EpsilonSoft(-0.1),
            Choice::EpsilonSoft(f64::NAN),
            Choice::Softmax(0.0),
            Choice::Softmax(f64::NAN),
        ] {
            assert!(choice.check().is_err());
        }
        assert!(Choice::Greedy.check().is_ok());
    }
}
