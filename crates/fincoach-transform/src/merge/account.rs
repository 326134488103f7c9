//! Two inputs of one account as one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::day::{Day, Edge, shared};
use super::item::{Item, Origins};
use super::texts::MergeTexts;

/// The rows of both, those they share once, in their true order.
pub(super) fn merge_account(
    one: &[Item],
    other: &[Item],
    origins: &mut Origins,
    texts: &MergeTexts,
) -> Vec<Item> {
    if one.is_empty() || other.is_empty() {
        return [one, other].concat();
    }
    let mut pairs = Pairs::find(one, other, texts);
    pairs.combine(one, other, origins);
    let (days_one, days_other) = (days(one), days(other));
    let all: BTreeSet<i64> = days_one.keys().chain(days_other.keys()).copied().collect();
    let range = |days: &BTreeMap<i64, Range<usize>>, day| days.get(&day).cloned().unwrap_or(0..0);
    let lay_out = |day| pairs.lay_out(day, (one, range(&days_one, day)), (other, range(&days_other, day)));
    all.into_iter().flat_map(lay_out).collect()
}

fn days(rows: &[Item]) -> BTreeMap<i64, Range<usize>> {
    let mut days = BTreeMap::new();
    let mut start = 0;
    for day in rows.chunk_by(|a, b| a.day() == b.day()) {
        days.insert(day[0].day(), start..start + day.len());
        start += day.len();
    }
    days
}

/// For each row its row in the other input.
struct Pairs {
    of_one: Vec<Option<usize>>,
    of_other: Vec<Option<usize>>,
    /// For each row of one the item it becomes.
    combined: Vec<Item>,
}

impl Pairs {
    fn find(one: &[Item], other: &[Item], texts: &MergeTexts) -> Self {
        let (of_one, of_other) = (vec![None; one.len()], vec![None; other.len()]);
        let mut pairs = Self { of_one, of_other, combined: Vec::new() };
        pairs.by_reference(one, other);
        let days_other = days(other);
        for (day, a) in days(one) {
            let Some(b) = days_other.get(&day).cloned() else { continue };
            pairs.by_day((one, a), (other, b), texts);
        }
        pairs
    }

    fn by_reference(&mut self, one: &[Item], other: &[Item]) {
        let numbered = |rows: &[Item]| -> BTreeMap<u32, usize> {
            let all = rows.iter().enumerate().map(|(row, item)| (item.reference, row));
            all.filter(|(reference, _)| *reference != 0).collect()
        };
        let of_other = numbered(other);
        for (reference, a) in numbered(one) {
            if let Some(b) = of_other.get(&reference) {
                self.of_one[a] = Some(*b);
                self.of_other[*b] = Some(a);
            }
        }
    }

    fn by_day(
        &mut self,
        (one, a): (&[Item], Range<usize>),
        (other, b): (&[Item], Range<usize>),
        texts: &MergeTexts,
    ) {
        let taken = |pairs: &[Option<usize>]| -> Vec<bool> { pairs.iter().map(Option::is_some).collect() };
        let mut taken_one = taken(&self.of_one[a.clone()]);
        let mut taken_other = taken(&self.of_other[b.clone()]);
        let of = |rows: &[Item], range: &Range<usize>| Edge {
            is_first: range.start == 0,
            is_last: range.end == rows.len(),
        };
        let day_one = Day { rows: &one[a.clone()], edge: of(one, &a) };
        let day_other = Day { rows: &other[b.clone()], edge: of(other, &b) };
        for (x, y) in shared(day_one, day_other, [&mut taken_one, &mut taken_other], texts) {
            self.of_one[a.start + x] = Some(b.start + y);
            self.of_other[b.start + y] = Some(a.start + x);
        }
    }

    fn combine(&mut self, one: &[Item], other: &[Item], origins: &mut Origins) {
        let join = |(item, pair): (&Item, &Option<usize>)| {
            let Some(pair) = pair.map(|row| other[row]) else { return *item };
            let mut joined = *item;
            origins.join(&mut joined, &pair);
            Item { first: joined.first, last: joined.last, ..item.better(pair) }
        };
        self.combined = one.iter().zip(&self.of_one).map(join).collect();
    }

    /// The rows of a day: those of one in their order, each row that only the other has behind the row it
    /// follows there.
    fn lay_out(
        &self,
        day: i64,
        (one, a): (&[Item], Range<usize>),
        (other, b): (&[Item], Range<usize>),
    ) -> Vec<Item> {
        // behind[k]: rows put behind the first k rows of one.
        let mut behind: Vec<Vec<Item>> = vec![Vec::new(); a.len() + 1];
        let anchored = self.of_other[b.clone()].iter().flatten().any(|row| a.contains(row));
        let mut at =
            if anchored || other_comes_first(&one[a.clone()], &other[b.clone()]) { 0 } else { a.len() };
        for row in b {
            match self.of_other[row] {
                Some(pair) if a.contains(&pair) => at = pair - a.start + 1,
                Some(pair) if self.combined[pair].day() == day => behind[at].push(self.combined[pair]),
                Some(_) => {}
                None => behind[at].push(other[row]),
            }
        }
        let mut behind = behind.into_iter();
        let mut merged: Vec<Item> = behind.next().into_iter().flatten().collect();
        for (item, followers) in self.combined[a].iter().zip(behind) {
            // A row booked on another day stands there.
            merged.extend(Some(*item).filter(|item| item.day() == day));
            merged.extend(followers);
        }
        merged
    }
}

/// Where two inputs share no row of a day: whether the balances say that the other's rows come first.
fn other_comes_first(one: &[Item], other: &[Item]) -> bool {
    let follows = |before: &[Item], after: &[Item]| {
        let (Some(last), Some(next)) = (before.last(), after.first()) else { return false };
        let reached = last.balance.and_then(|balance| balance.checked_add(next.amount));
        reached.is_some() && reached == next.balance
    };
    !follows(one, other) && follows(other, one)
}
