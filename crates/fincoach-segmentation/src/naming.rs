//! Names of segments, chosen from what the segments are.

use fincoach_core::ndarray::{Array2, ArrayView1, ArrayView2};

use crate::Archetype;
use crate::archetype::in_schema_v2;
use crate::evidence::describe;

/// Least mean lean, in standard deviations, that supports an archetype; at the least for evidence, too.
const LEAST_LEAN: f64 = 0.3;
/// Beyond this one column shall not decide alone.
const MOST_LEAN: f64 = 3.0;
/// Reasons given at most.
const N_REASONS: usize = 3;

/// What naming looks at.
pub(crate) struct Portrait<'a> {
    /// Names of the columns.
    pub(crate) columns: &'a [String],
    /// Standardised centres, `(n_segments, n_columns)`.
    pub(crate) centres: ArrayView2<'a, f64>,
    /// Medians of each segment in the units of the columns, `(n_segments, n_columns)`.
    pub(crate) medians: Array2<f64>,
    /// Medians of all rows.
    pub(crate) overall: Vec<f64>,
    /// Whether a column varies at all; one that does not says nothing.
    pub(crate) varies: Vec<bool>,
}

/// A name with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Naming {
    pub(crate) name: String,
    pub(crate) archetype: Option<Archetype>,
    pub(crate) evidence: Vec<String>,
}

/// How far a segment leans towards an archetype, and why.
struct Lean {
    score: f64,
    evidence: Vec<String>,
}

impl Portrait<'_> {
    /// One name per segment, all different.
    pub(crate) fn names(&self) -> Vec<Naming> {
        let leans: Vec<Vec<Option<Lean>>> = (0..self.centres.nrows())
            .map(|segment| Archetype::ALL.iter().map(|archetype| self.lean(segment, *archetype)).collect())
            .collect();
        let scores: Vec<Vec<Option<f64>>> = leans
            .iter()
            .map(|row| row.iter().map(|lean| lean.as_ref().map(|lean| lean.score)).collect())
            .collect();
        let chosen = assign(&scores);
        let typical = self.typical(&chosen);
        leans
            .into_iter()
            .zip(chosen)
            .enumerate()
            .map(|(segment, (mut leans, chosen))| {
                match chosen.and_then(|index| leans[index].take().zip(Some(index))) {
                    Some((lean, index)) => Naming {
                        name: Archetype::ALL[index].name().to_owned(),
                        archetype: Some(Archetype::ALL[index]),
                        evidence: lean.evidence,
                    },
                    None => self.neutral(segment, typical == Some(segment)),
                }
            })
            .collect()
    }

    /// The mean lean of a segment in the direction of an archetype; nothing without support: fewer than
    /// half of the columns by weight, too little lean, or medians that do not bear it out.
    fn lean(&self, segment: usize, archetype: Archetype) -> Option<Lean> {
        let direction = archetype.direction();
        let found: Vec<(usize, f64)> = direction
            .iter()
            .filter_map(|(name, weight)| Some((self.position(name)?, *weight)))
            .filter(|(column, _)| self.varies[*column])
            .collect();
        let total: f64 = direction.iter().map(|(_, weight)| weight.abs()).sum();
        let weight: f64 = found.iter().map(|(_, weight)| weight.abs()).sum();
        if weight < total / 2.0 {
            return None;
        }
        let centre = self.centres.row(segment);
        let pull = |&(column, weight): &(usize, f64)| weight * centre[column].clamp(-MOST_LEAN, MOST_LEAN);
        let score = found.iter().map(pull).sum::<f64>() / weight;
        let evidence = self.evidence(segment, &found);
        (score >= LEAST_LEAN && !evidence.is_empty()).then_some(Lean { score, evidence })
    }

    /// Where a column of schema v1 stands, or the one of schema v2 that says the same.
    fn position(&self, name: &str) -> Option<usize> {
        let at = |name: &str| self.columns.iter().position(|column| column == name);
        at(name).or_else(|| at(in_schema_v2(name)?))
    }

    /// The strongest reasons among columns with the sign that is wanted there.
    fn evidence(&self, segment: usize, wanted: &[(usize, f64)]) -> Vec<String> {
        let centre = self.centres.row(segment);
        let mut reasons: Vec<(usize, f64)> = wanted
            .iter()
            .map(|&(column, weight)| (column, weight * centre[column], weight))
            .filter(|&(column, pull, weight)| {
                let higher = self.medians[[segment, column]] - self.overall[column];
                pull / weight.abs() >= LEAST_LEAN && higher * weight > 0.0
            })
            .map(|(column, pull, _)| (column, pull))
            .collect();
        reasons.sort_by(|a, b| b.1.total_cmp(&a.1));
        reasons.iter().take(N_REASONS).map(|(column, _)| self.reason(segment, *column)).collect()
    }

    fn reason(&self, segment: usize, column: usize) -> String {
        describe(&self.columns[column], self.medians[[segment, column]], self.overall[column])
    }

    /// A name that claims nothing, with what stands out.
    fn neutral(&self, segment: usize, typical: bool) -> Naming {
        let name = if typical { "Typical".to_owned() } else { format!("Segment {}", segment + 1) };
        let centre = self.centres.row(segment);
        let wanted: Vec<(usize, f64)> = (0..centre.len())
            .filter(|column| self.varies[*column])
            .map(|column| (column, centre[column].signum()))
            .collect();
        let mut evidence = self.evidence(segment, &wanted);
        if evidence.is_empty() {
            evidence.push("close to the average in every column".to_owned());
        }
        Naming { name, archetype: None, evidence }
    }

    /// The unnamed segment nearest to the average of all rows, if it is near.
    fn typical(&self, chosen: &[Option<usize>]) -> Option<usize> {
        let mut best = (None, LEAST_LEAN);
        for (segment, centre) in self.centres.rows().into_iter().enumerate() {
            let size = mean_size(centre, &self.varies);
            if chosen[segment].is_none() && size < best.1 {
                best = (Some(segment), size);
            }
        }
        best.0
    }
}

/// Mean size of the values in the columns that vary.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn mean_size(centre: ArrayView1<'_, f64>, varies: &[bool]) -> f64 {
    let n = varies.iter().filter(|varies| **varies).count().max(1) as f64;
    centre.iter().zip(varies).filter(|(_, varies)| **varies).map(|(value, _)| value.abs()).sum::<f64>() / n
}

/// For each segment the archetype it gets, so that the sum of the scores is the largest there is and no
/// archetype is given twice.
///
/// Exact, by dynamic programming over the sets of archetypes given so far: `O(n_segments · 2⁵ · 5)`. Among
/// equal sums the earlier segment stays unnamed first, then takes the earlier archetype.
fn assign(scores: &[Vec<Option<f64>>]) -> Vec<Option<usize>> {
    let n_sets = 1 << Archetype::ALL.len();
    // best[set]: the largest sum over the segments so far that gives exactly this set away.
    let mut best: Vec<Option<f64>> = vec![None; n_sets];
    best[0] = Some(0.0);
    let mut choices: Vec<Vec<Option<usize>>> = Vec::new();
    for row in scores {
        let mut next = best.clone();
        let mut choice = vec![None; n_sets];
        for (index, score) in row.iter().enumerate() {
            let with = (0..n_sets).filter(|set| set & (1 << index) != 0);
            for set in with {
                let sum = best[set ^ (1 << index)].zip(*score).map(|(sum, score)| sum + score);
                if sum.is_some_and(|sum| next[set].is_none_or(|known| sum > known)) {
                    (next[set], choice[set]) = (sum, Some(index));
                }
            }
        }
        best = next;
        choices.push(choice);
    }
    trace(&best, &choices)
}

/// Walks back from the best set.
fn trace(best: &[Option<f64>], choices: &[Vec<Option<usize>>]) -> Vec<Option<usize>> {
    let mut set = 0;
    for candidate in 0..best.len() {
        if best[candidate].is_some_and(|sum| best[set].is_none_or(|known| sum > known)) {
            set = candidate;
        }
    }
    let mut chosen: Vec<Option<usize>> = choices
        .iter()
        .rev()
        .map(|choice| {
            let index = choice[set];
            set ^= index.map_or(0, |index| 1 << index);
            index
        })
        .collect();
    chosen.reverse();
    chosen
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::array;
    use fincoach_core::rng;

    use super::*;

    /// All ways to give archetypes away, one by one.
    fn brute_force(scores: &[Vec<Option<f64>>], used: usize) -> f64 {
        let Some((first, rest)) = scores.split_first() else { return 0.0 };
        let mut best = brute_force(rest, used);
        for (index, score) in first.iter().enumerate() {
            if let (Some(score), 0) = (score, used & (1 << index)) {
                best = best.max(score + brute_force(rest, used | (1 << index)));
            }
        }
        best
    }

    #[test]
    fn the_assignment_is_the_best_there_is() {
        let mut rng = rng::stream(5, 0);
        for n_segments in 0..=6 {
            for _ in 0..10 {
                let scores: Vec<Vec<Option<f64>>> = (0..n_segments)
                    .map(|_| {
                        (0..5).map(|_| Some(rng.range(0.1, 2.0)).filter(|_| rng.bernoulli(0.6))).collect()
                    })
                    .collect();
                let chosen = assign(&scores);
                let sum: f64 = chosen.iter().zip(&scores).filter_map(|(index, row)| row[(*index)?]).sum();
                assert!((sum - brute_force(&scores, 0)).abs() < 1e-12);
                let mut given: Vec<usize> = chosen.iter().flatten().copied().collect();
                given.sort_unstable();
                given.dedup();
                assert_eq!(given.len(), chosen.iter().flatten().count());
            }
        }
    }

    fn names(columns: &[&str], centres: Array2<f64>) -> Vec<Naming> {
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        let (overall, varies) = (vec![0.0; columns.len()], vec![true; columns.len()]);
        Portrait { columns: &columns, medians: centres.clone(), centres: centres.view(), overall, varies }
            .names()
    }

    #[test]
    fn an_archetype_needs_its_columns_and_a_lean() {
        let found =
            names(&["total_spending", "spending_volatility"], array![[1.0, 1.0], [-1.0, -1.0], [0.1, 0.0]]);
        assert_eq!(found[0].archetype, Some(Archetype::HighSpenders));
        assert_eq!(found[1].archetype, Some(Archetype::BudgetConscious));
        assert_eq!((found[2].name.as_str(), found[2].archetype), ("Typical", None));
        let found = names(&["total_spending"], array![[1.0], [-1.0]]);
        assert_eq!([found[0].name.as_str(), found[1].name.as_str()], ["Segment 1", "Segment 2"]);
    }

    #[test]
    fn a_sixth_segment_gets_a_neutral_name() {
        let columns = ["savings_rate", "emergency_fund_ratio", "total_spending", "spending_volatility"];
        let found = names(&columns, Array2::from_elem((6, 4), 1.0));
        assert!(found.iter().filter(|naming| naming.archetype.is_some()).count() <= 5);
        let neutral = found.iter().find(|naming| naming.archetype.is_none()).unwrap();
        assert!(neutral.name.starts_with("Segment "), "{}", neutral.name);
        assert!(!neutral.evidence.is_empty());
    }
}
