//! A goal as data.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Category, DataError, Money, ParamError};
use serde::{Deserialize, Serialize};

use crate::Error;

/// What is to be reached.
///
/// Day ends count: a figure of a day is what the account shows after its last booking.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GoalKind {
    /// Money put aside after the start adds up to this much at the end of a day up to the date. Put aside is `−amount`
    /// of rows of [`Category::Savings`] that are no transfer: what is drawn back counts against it.
    Save(Money),
    /// The balance covers this many months of spending: its lowest day end of four weeks is at least
    /// `months · 30.4375 · spending of the 91 days up to the start / 91`.
    Buffer(f64),
    /// At most this much is owed: the lowest day end of four weeks is at least `−amount`.
    PayDown(Money),
    /// Spending in a category after the start, refunds taken off, stays at or under this much at every day end up to
    /// the date.
    Cap(Category, Money),
}

impl GoalKind {
    /// The name used in files.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Save(_) => "save",
            Self::Buffer(_) => "buffer",
            Self::PayDown(_) => "pay_down",
            Self::Cap(..) => "cap",
        }
    }

    fn check(&self) -> Result<(), ParamError> {
        match self {
            Self::Save(amount) => {
                ParamError::ensure(amount.is_positive(), "target", "a positive amount", amount.minor())
            }
            Self::Buffer(months) => {
                let ok = *months > 0.0 && *months <= 120.0;
                ParamError::ensure(ok, "target", "in (0, 120] months", months)
            }
            Self::PayDown(amount) | Self::Cap(_, amount) => {
                ParamError::ensure(!amount.is_negative(), "target", "an amount not below 0", amount.minor())
            }
        }
    }
}

/// A goal of one user: set at the end of `start`, due at the end of `date`.
///
/// # Examples
/// ```
/// use fincoach_core::{Money, chrono::NaiveDate};
/// use fincoach_goals::{Goal, GoalKind};
/// let day = |month| NaiveDate::from_ymd_opt(2024, month, 1).unwrap();
/// let goal = Goal::new("anna", GoalKind::Save(Money::from_minor(50_000)), day(1), day(4))?;
/// assert_eq!(goal.days(), 91);
/// assert!(Goal::new("anna", goal.kind(), day(4), day(4)).is_err(), "no day is left");
/// # Ok::<(), fincoach_goals::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "GoalRepr", into = "GoalRepr")]
pub struct Goal {
    user: String,
    kind: GoalKind,
    start: NaiveDate,
    date: NaiveDate,
}

impl Goal {
    /// A goal.
    ///
    /// # Errors
    /// [`DataError::Empty`] for a user without a name; [`ParamError`] unless the date is one to 3,660 days after the
    /// start and the target in its range: positive for `Save`, not negative for `PayDown` and `Cap`, in (0, 120]
    /// months for `Buffer`.
    pub fn new(
        user: impl Into<String>,
        kind: GoalKind,
        start: NaiveDate,
        date: NaiveDate,
    ) -> Result<Self, Error> {
        let user = user.into();
        if user.is_empty() {
            return Err(DataError::Empty { what: "characters in the name of the user" }.into());
        }
        kind.check()?;
        let days = (date - start).num_days();
        ParamError::ensure((1..=3660).contains(&days), "date", "1 to 3660 days after the start", date)?;
        Ok(Self { user, kind, start, date })
    }

    /// Whose goal.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// What is to be reached.
    #[must_use]
    pub const fn kind(&self) -> GoalKind {
        self.kind
    }

    /// The day at whose end the goal is set; what is booked on it is known and does not count.
    #[must_use]
    pub const fn start(&self) -> NaiveDate {
        self.start
    }

    /// The last day that counts.
    #[must_use]
    pub const fn date(&self) -> NaiveDate {
        self.date
    }

    /// Days from the start to the date; at least 1.
    #[must_use]
    pub fn days(&self) -> i64 {
        (self.date - self.start).num_days()
    }

    /// The same, in weeks.
    pub(crate) fn weeks(&self) -> f64 {
        self.days() as f64 / 7.0
    }
}

/// The form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GoalRepr {
    user: String,
    kind: GoalKind,
    start: NaiveDate,
    date: NaiveDate,
}

impl From<Goal> for GoalRepr {
    fn from(goal: Goal) -> Self {
        let Goal { user, kind, start, date } = goal;
        Self { user, kind, start, date }
    }
}

impl TryFrom<GoalRepr> for Goal {
    type Error = Error;

    fn try_from(repr: GoalRepr) -> Result<Self, Error> {
        let GoalRepr { user, kind, start, date } = repr;
        Self::new(user, kind, start, date)
    }
}
