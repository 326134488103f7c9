//! What the categoriser thinks of one booking.

/// How many labels a guess ranks.
const RANKED: usize = 3;

/// One label and its probability.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Choice {
    /// Position in [`Categoriser::labels`](crate::Categoriser::labels).
    pub label: usize,
    /// How probable it is, 0 to 1.
    pub probability: f64,
}

/// The most probable labels of one booking, and whether the first is probable enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guess {
    choices: [Choice; RANKED],
    n_choices: usize,
    unsure: bool,
}

impl Guess {
    /// Ranks probabilities; of equal ones the first label comes first.
    pub(super) fn of(probabilities: &[f64], unsure_below: f64) -> Self {
        let mut choices = [Choice::default(); RANKED];
        let mut n_choices = 0;
        for (label, &probability) in probabilities.iter().enumerate() {
            let place = choices[..n_choices].partition_point(|choice| choice.probability >= probability);
            if place < RANKED {
                n_choices = (n_choices + 1).min(RANKED);
                choices[place..n_choices].rotate_right(1);
                choices[place] = Choice { label, probability };
            }
        }
        Self { choices, n_choices, unsure: choices[0].probability < unsure_below }
    }

    /// Position of the most probable label in [`Categoriser::labels`](crate::Categoriser::labels).
    #[must_use]
    pub const fn label(&self) -> usize {
        self.choices[0].label
    }

    /// How probable that label is, 0 to 1.
    #[must_use]
    pub const fn probability(&self) -> f64 {
        self.choices[0].probability
    }

    /// The most probable labels, at most three, the best first.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        &self.choices[..self.n_choices]
    }

    /// Whether the best label is less probable than the threshold of the model.
    #[must_use]
    pub const fn is_unsure(&self) -> bool {
        self.unsure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_come_first_and_ties_go_to_the_first_label() {
        let guess = Guess::of(&[0.1, 0.3, 0.2, 0.3, 0.1], 0.3);
        let labels: Vec<usize> = guess.choices().iter().map(|choice| choice.label).collect();
        assert_eq!(labels, [1, 3, 2]);
        assert!(!guess.is_unsure());
        assert!(Guess::of(&[0.1, 0.3, 0.2, 0.3, 0.1], 0.31).is_unsure());
        assert_eq!(Guess::of(&[1.0], 0.5).choices(), [Choice { label: 0, probability: 1.0 }]);
    }
}
