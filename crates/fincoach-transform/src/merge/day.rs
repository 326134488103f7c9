//! Which rows of one day of an account two inputs share.

use std::collections::BTreeMap;

use super::item::Item;
use super::texts::MergeTexts;

/// How a day lies in an input: whether it may hold only a part of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

impl Edge {
    const fn is_inside(self) -> bool {
        !self.is_first && !self.is_last
    }
}

/// The rows of a day in one input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day<'a> {
    pub(super) rows: &'a [Item],
    pub(super) edge: Edge,
}

/// Amount and balance, or amount, text and time.
type Key = (i64, i64, i64);

/// Pairs `(row of one, row of other)`, both counted within the day; `taken` marks rows that have their pair already.
pub(super) fn shared(
    one: Day<'_>,
    other: Day<'_>,
    taken: [&mut [bool]; 2],
    texts: &MergeTexts,
) -> Vec<(usize, usize)> {
    let [taken_one, taken_other] = taken;
    let keys = keys(one.rows, other.rows);
    if taken_one.iter().chain(taken_other.iter()).all(|taken| !taken)
        && let Some(run) = shared_run(&keys, one, other)
    {
        return run;
    }
    let mut matching = Matching { one, other, taken_one, taken_other, pairs: Vec::new() };
    // Balances may come back to what they were within a day; texts tell which time it was.
    matching.equal_keys(&keys, |a, b| a.text == b.text);
    matching.equal_keys(&keys, |_, _| true);
    let inside = one.edge.is_inside() && other.edge.is_inside();
    matching.left(|a, b| by_text(a, b, texts, inside));
    if inside {
        matching.left(|a, b| a.balance.is_none() || b.balance.is_none());
    }
    matching.pairs
}

/// What is left of a day is one booking when the texts say so and no balance gainsays; within both inputs a balance
/// may have been restated.
fn by_text(a: &Item, b: &Item, texts: &MergeTexts, inside: bool) -> bool {
    if a.balance.is_some() && b.balance.is_some() {
        return inside && a.text == b.text;
    }
    let other_time = a.precise && b.precise && a.time != b.time && !inside;
    !other_time && texts.alike(a.text, b.text)
}

fn keys(one: &[Item], other: &[Item]) -> [Vec<Key>; 2] {
    let all = || one.iter().chain(other);
    let with_balances = all().all(|item| item.balance.is_some());
    let with_times = all().all(|item| item.precise);
    let key = |item: &Item| match item.balance.filter(|_| with_balances) {
        Some(balance) => (item.amount, balance, 0),
        None => (item.amount, i64::from(item.text), if with_times { item.time } else { 0 }),
    };
    [one.iter().map(key).collect(), other.iter().map(key).collect()]
}

/// Where one input ends and the other begins on this day (or both hold nothing else): the longest run of rows they
/// share, one holding the other or the end of one being the beginning of the other.
fn shared_run([a, b]: &[Vec<Key>; 2], one: Day<'_>, other: Day<'_>) -> Option<Vec<(usize, usize)>> {
    let one_before = one.edge.is_last && other.edge.is_first;
    let other_before = other.edge.is_last && one.edge.is_first;
    let equal = a == b;
    if !(one_before || other_before || equal) {
        return None;
    }
    // First shared row of one, of other, length.
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    runs.extend(places(a, b).map(|at| (at, 0, b.len())));
    runs.extend(places(b, a).map(|at| (0, at, a.len())));
    if one_before {
        runs.extend(overlap(a, b).map(|length| (a.len() - length, 0, length)));
    }
    if other_before {
        runs.extend(overlap(b, a).map(|length| (0, b.len() - length, length)));
    }
    // Of the longest runs the one with most equal texts, then one that ends the day where an input goes on.
    let worth = |(at, other_at, length): &(usize, usize, usize)| {
        let steps = || (0..*length).map(|step| (&one.rows[at + step], &other.rows[other_at + step]));
        let clash = steps().any(|(x, y)| x.surely_another(y));
        let texts = steps().filter(|(x, y)| x.text == y.text).count();
        let at_end = at + length == a.len() && other_at + length == b.len();
        (*length, !clash, texts, at_end != (one.edge.is_last && other.edge.is_last))
    };
    // The first of equals, where `max_by_key` alone would give the last.
    let (at, other_at, length) = runs.into_iter().rev().max_by_key(worth)?;
    let pairs = (0..length).map(|step| (at + step, other_at + step));
    pairs.clone().all(|(x, y)| !one.rows[x].surely_another(&other.rows[y])).then(|| pairs.collect())
}

/// Where `part` stands within `whole`.
fn places(whole: &[Key], part: &[Key]) -> impl Iterator<Item = usize> {
    let last = whole.len().checked_sub(part.len());
    last.into_iter().flat_map(|last| 0..=last).filter(|at| whole[*at..*at + part.len()] == *part)
}

/// The longest end of `before` that is a beginning of `after`.
fn overlap(before: &[Key], after: &[Key]) -> Option<usize> {
    (1..=before.len().min(after.len()))
        .rev()
        .find(|length| before[before.len() - length..] == after[..*length])
}

struct Matching<'a> {
    one: Day<'a>,
    other: Day<'a>,
    taken_one: &'a mut [bool],
    taken_other: &'a mut [bool],
    pairs: Vec<(usize, usize)>,
}

impl Matching<'_> {
    fn pair(&mut self, a: usize, b: usize) {
        self.taken_one[a] = true;
        self.taken_other[b] = true;
        self.pairs.push((a, b));
    }

    /// The k-th row of a key in one belongs to the k-th in the other: counted from the end of the day where one of
    /// them may have missed its beginning.
    fn equal_keys(&mut self, [a_keys, b_keys]: &[Vec<Key>; 2], same: impl Fn(&Item, &Item) -> bool) {
        let edges = [self.one.edge, self.other.edge];
        let from_end = edges.iter().any(|edge| edge.is_first) && !edges.iter().any(|edge| edge.is_last);
        let mut places: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        let free = |taken: &[bool]| -> Vec<usize> { (0..taken.len()).filter(|row| !taken[*row]).collect() };
        let (mut a_rows, mut b_rows) = (free(self.taken_one), free(self.taken_other));
        if from_end {
            a_rows.reverse();
            b_rows.reverse();
        }
        // The last in the list is the next to be taken.
        for b in b_rows.into_iter().rev() {
            places.entry(b_keys[b]).or_default().push(b);
        }
        for a in a_rows {
            let Some(rows) = places.get_mut(&a_keys[a]) else { continue };
            let row = &self.one.rows[a];
            let fits =
                |b: &usize| !row.surely_another(&self.other.rows[*b]) && same(row, &self.other.rows[*b]);
            if let Some(at) = rows.iter().rposition(fits) {
                let b = rows.remove(at);
                self.pair(a, b);
            }
        }
    }

    /// Pairs of what is left, first with first, where amounts are equal and `same` holds.
    fn left(&mut self, same: impl Fn(&Item, &Item) -> bool) {
        for a in 0..self.taken_one.len() {
            if self.taken_one[a] {
                continue;
            }
            let row = &self.one.rows[a];
            let fits = |b: &usize| {
                let candidate = &self.other.rows[*b];
                !self.taken_other[*b]
                    && row.amount == candidate.amount
                    && !row.surely_another(candidate)
                    && same(row, candidate)
            };
            if let Some(b) = (0..self.taken_other.len()).find(fits) {
                self.pair(a, b);
            }
        }
    }
}
