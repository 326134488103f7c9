//! What is kept of a booking while a window can still need it.

use fincoach_core::Category;

use crate::booking::{Booking, Kind, weekday};

/// The categories of spending: the first eight, and all others as one.
pub(crate) const N_SLOTS: usize = 9;

/// Amounts beyond 2⁴⁰ minor units count as 2⁴⁰ in squares, so that no square can overflow.
pub(crate) const LARGEST_SQUARED: i64 = 1 << 40;

/// What was known of a booking when it came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(u8);

impl Marks {
    pub(crate) const RECURRING: Self = Self(1);
    /// There was enough history to tell whether it is large.
    pub(crate) const JUDGED: Self = Self(2);
    pub(crate) const LARGE: Self = Self(4);
    /// Less than an hour after another purchase.
    pub(crate) const RAPID: Self = Self(8);
    pub(crate) const NEW_MERCHANT: Self = Self(16);

    pub(crate) const fn has(self, mark: Self) -> bool {
        self.0 & mark.0 != 0
    }

    pub(crate) const fn with(self, mark: Self, on: Answer) -> Self {
        match on {
            Answer::Yes => Self(self.0 | mark.0),
            Answer::No => self,
        }
    }
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
}

impl From<bool> for Answer {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// A booking while it is within window or baseline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) day: i32,
    pub(crate) merchant: u32,
    pub(crate) city: u32,
    pub(crate) kind: Kind,
    slot: u8,
    /// Quarter of the day; 4 where the source has no time.
    quarter: u8,
    pub(crate) marks: Marks,
    /// The amount; for [`Kind::Aside`] positive where it is put aside, otherwise without a sign.
    pub(crate) size: i64,
}

impl Row {
    pub(crate) fn new(booking: &Booking, marks: Marks) -> Self {
        let kind = booking.kind();
        let size = if kind == Kind::Aside { booking.amount.saturating_neg() } else { booking.size() };
        let quarter = booking.quarter().and_then(|quarter| u8::try_from(quarter).ok()).unwrap_or(4);
        let slot = u8::try_from(slot(booking.category)).unwrap_or(0);
        let (merchant, city) = (booking.merchant, booking.city);
        Self { day: booking.day(), merchant, city, kind, slot, quarter, marks, size }
    }

    pub(crate) fn slot(&self) -> usize {
        usize::from(self.slot).min(N_SLOTS - 1)
    }

    pub(crate) fn quarter(&self) -> Option<usize> {
        Some(usize::from(self.quarter)).filter(|quarter| *quarter < 4)
    }

    pub(crate) fn weekday(&self) -> usize {
        weekday(self.day)
    }
}

/// The position of a category among those of spending.
pub(crate) fn slot(category: Category) -> usize {
    category.index().min(N_SLOTS - 1)
}
