//! The series of every merchant of one user.

use fincoach_core::Category;
use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::series::{LONGEST_SILENCE, Occurrence};
use super::{Found, RecurringParams, Series};

/// How many different amounts of one merchant are followed.
const MAX_STREAMS: usize = 4;

/// Which way the money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    /// It leaves.
    Out,
    /// It arrives.
    In,
}

/// A merchant's bookings: all as one series, and parted by amount.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) category: Category,
    whole: Series,
    streams: Vec<Series>,
    /// Whether it stands among those that recur.
    listed: bool,
}

impl Entry {
    /// The series that recur now: all bookings as one, or else those amounts that do.
    pub(crate) fn recurring(&self) -> impl Iterator<Item = (&Series, &Found)> {
        let parted = if self.whole.found().is_some() { &[][..] } else { &self.streams };
        std::iter::once(&self.whole).chain(parted).filter_map(|series| Some((series, series.found()?)))
    }

    /// Whether this booking belongs to a series that recurs.
    fn push(&mut self, next: Occurrence, params: &RecurringParams) -> bool {
        self.whole.push(next, params);
        let stream = self.stream_of(next, params.amount_tolerance());
        let in_stream = self.streams.get_mut(stream).is_some_and(|stream| {
            stream.push(next, params);
            stream.found().is_some()
        });
        in_stream || self.whole.found().is_some()
    }

    /// The position of the stream whose last amount is nearest, if near enough, or of a new one; when there are too
    /// many, the one longest silent makes place.
    fn stream_of(&mut self, next: Occurrence, tolerance: f64) -> usize {
        let distances = self.streams.iter().enumerate().filter_map(|(at, stream)| {
            let last = stream.last()?.amount;
            #[expect(clippy::cast_precision_loss, reason = "a share, not money")]
            let share = last.abs_diff(next.amount) as f64 / last.max(1) as f64;
            (share <= tolerance).then_some((at, share))
        });
        let nearest = distances.min_by(|(_, a), (_, b)| a.total_cmp(b));
        if let Some((at, _)) = nearest {
            return at;
        }
        if self.streams.len() < MAX_STREAMS {
            self.streams.push(Series::default());
            return self.streams.len() - 1;
        }
        let day_of = |stream: &Series| stream.last().map(|last| last.day);
        let oldest = self.streams.iter().enumerate().min_by_key(|(_, stream)| day_of(stream));
        let oldest = oldest.map_or(0, |(at, _)| at);
        if let Some(stream) = self.streams.get_mut(oldest) {
            *stream = Series::default();
        }
        oldest
    }

    fn last_day(&self) -> i32 {
        self.whole.last().map_or(i32::MIN, |last| last.day)
    }
}

/// What a booking was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// It belongs to a series that recurs.
    pub(crate) recurring: bool,
    /// The merchant was not met before, or not for a long time.
    pub(crate) new: bool,
}

/// All merchants of one user, in the order they were first met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    entries: IndexMap<(u32, Side), Entry, FixedState>,
    /// Positions of entries that recur or did so lately.
    recurring: Vec<usize>,
    /// As many entries make the next clearing worth its while.
    clear_at: usize,
}

impl Book {
    /// Adds a booking of a known merchant. `O(1)`, now and then a clearing of the merchants long silent.
    pub(crate) fn push(
        &mut self,
        key: (u32, Side),
        next: (Occurrence, Category),
        params: &RecurringParams,
    ) -> Seen {
        let (occurrence, category) = next;
        if self.entries.len() >= self.clear_at.max(64) {
            self.clear(occurrence.day);
        }
        let slot = self.entries.entry(key);
        let at = slot.index();
        let blank = |listed: bool| Entry { category, whole: Series::default(), streams: Vec::new(), listed };
        let entry = slot.or_insert_with(|| blank(false));
        if occurrence.day - entry.last_day().max(i32::MIN / 2) > LONGEST_SILENCE {
            *entry = blank(entry.listed);
        }
        let new = entry.whole.n() == 0;
        entry.category = category;
        let recurring = entry.push(occurrence, params);
        if recurring && !entry.listed {
            entry.listed = true;
            self.recurring.push(at);
        }
        Seen { recurring, new }
    }

    /// Merchants with a series that recurs, or did before it was lost, in the order they were found.
    pub(crate) fn recurring(&self) -> impl Iterator<Item = (&(u32, Side), &Entry)> {
        self.recurring.iter().filter_map(|at| self.entries.get_index(*at))
    }

    /// Forgets merchants that a new booking would begin anew anyway, so nobody can tell.
    fn clear(&mut self, today: i32) {
        let silent = |entry: &Entry| today - entry.last_day() > LONGEST_SILENCE;
        let keys: Vec<(u32, Side)> = self.recurring().map(|(key, _)| *key).collect();
        self.entries.retain(|_, entry| !silent(entry));
        self.recurring = keys.iter().filter_map(|key| self.entries.get_index_of(key)).collect();
        self.clear_at = 2 * self.entries.len();
    }
}
