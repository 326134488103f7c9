//! What a categoriser has to beat.

use fincoach_core::DataError;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::LabelledRows;
use super::scores::Hits;

/// How good guesses without a model are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Share of the rows that are right.
    pub accuracy: f64,
    /// The same on descriptions the early rows do not have; `None` where there are none.
    pub unseen_accuracy: Option<f64>,
    /// Mean F1 over the labels that occur or are guessed.
    pub macro_f1: f64,
}

impl Baseline {
    /// Every row gets the most frequent label of `early`, the first in order of name where several are.
    ///
    /// # Errors
    /// [`DataError::Empty`] where a part has no rows.
    pub fn majority(early: &LabelledRows, late: &LabelledRows) -> Result<Self, DataError> {
        let label = most_frequent(early.rows().iter().map(|row| row.label.as_ref()))?;
        Self::judge(&vec![label; late.n_rows()], early, late)
    }

    /// Every row gets the most frequent label its very description has in `early`, else the majority's.
    ///
    /// # Errors
    /// [`DataError::Empty`] where a part has no rows.
    pub fn lookup(early: &LabelledRows, late: &LabelledRows) -> Result<Self, DataError> {
        let mut labels: IndexMap<&str, Vec<&str>> = IndexMap::new();
        for row in early.rows() {
            labels.entry(&row.description).or_default().push(&row.label);
        }
        let otherwise = most_frequent(early.rows().iter().map(|row| row.label.as_ref()))?;
        let known = labels
            .into_iter()
            .map(|(text, labels)| Ok((text, most_frequent(labels.into_iter())?)))
            .collect::<Result<IndexMap<&str, &str>, DataError>>()?;
        let guess = |text: &str| known.get(text).copied().unwrap_or(otherwise);
        let guessed: Vec<&str> = late.rows().iter().map(|row| guess(&row.description)).collect();
        Self::judge(&guessed, early, late)
    }

    fn judge(guessed: &[&str], early: &LabelledRows, late: &LabelledRows) -> Result<Self, DataError> {
        let hits = Hits::of(guessed, early, late)?;
        let accuracy = hits.accuracy();
        Ok(Self { accuracy, unseen_accuracy: hits.unseen_accuracy, macro_f1: hits.macro_f1 })
    }
}

/// The label that comes most often, the first in order of name where several do.
fn most_frequent<'a>(labels: impl Iterator<Item = &'a str>) -> Result<&'a str, DataError> {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    labels.for_each(|label| *counts.entry(label).or_default() += 1);
    let most = counts.iter().fold(None, |best: Option<(&str, usize)>, (label, n)| match best {
        Some((_, most)) if most >= *n => best,
        _ => Some((label, *n)),
    });
    most.map(|(label, _)| label).ok_or(DataError::Empty { what: "labelled rows" })
}
