//! Parts of a calendar: training, validation, test, in the order of time.

use std::ops::Range;

use fincoach_core::ParamError;
use fincoach_core::chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::panel::day_after;
use crate::{Panel, Series};

/// Which part of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The first days: weights and scales come from here.
    Train,
    /// The days after: when to stop training, which method to serve.
    Validation,
    /// The last days: read by nothing but the scores.
    Test,
}

/// Whose calendar is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SplitBy {
    /// The panel's, from its first day to its last: one pair of dates for all users, and nothing dated
    /// after them reaches a fit. The strict rule, and the only right one where users are connected: slices
    /// of one account, members of one household, people who live through the same winter. Users who come
    /// after the training part are scored by a network that never saw them.
    Calendar,
    /// Each user's own, from the first day to the last: every user has days in all parts. Right where users
    /// are independent people observed at different times; else the network has seen the future.
    User,
}

/// Shares of the days that come last, so that every part lies after the one before it.
///
/// Of `n` days the last `floor(n·test)` are the test part, the `floor(n·validation)` before them the
/// validation part, the rest is for training. The days are those of the panel, or with [`SplitBy::User`]
/// those of each user. A window belongs to the part that holds **all** its target days; the days it looks
/// back on may lie earlier. So no target day is in two parts.
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::Array2};
/// use fincoach_forecast::{Panel, Part, Series, Split};
/// let split = Split::default();
/// assert_eq!(split.days(51, Part::Train), 0..31);
/// assert_eq!(split.days(51, Part::Validation), 31..41);
/// assert_eq!(split.days(51, Part::Test), 41..51);
///
/// // Anna has the first 20 days of January and Ben the last 11: ⌊31/5⌋ = 6 days are for the test.
/// let january = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
/// let anna = Series::new("anna", january(1), Array2::zeros((20, 1)))?;
/// let ben = Series::new("ben", january(21), Array2::zeros((11, 1)))?;
/// let panel = Panel::new(vec!["groceries".into()], vec![anna, ben])?;
/// let cut_offs = split.cut_offs(&panel).unwrap();
/// assert_eq!((cut_offs.validation(), cut_offs.test()), (january(20), january(26)));
/// assert_eq!(cut_offs.days(&panel.series()[0], Part::Train), 0..19);
/// assert_eq!(cut_offs.days(&panel.series()[1], Part::Train), 0..0);
/// assert_eq!(cut_offs.days(&panel.series()[1], Part::Test), 5..11);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Split {
    validation: f64,
    test: f64,
    by: SplitBy,
}

impl Default for Split {
    /// One fifth each for validation and test, by the calendar.
    fn default() -> Self {
        Self::new(0.2, 0.2)
    }
}

impl Split {
    /// By the calendar, with shares in `[0, 1)` and a sum under 1; they are checked by the fit.
    #[must_use]
    pub const fn new(validation: f64, test: f64) -> Self {
        Self { validation, test, by: SplitBy::Calendar }
    }

    /// The same shares of another calendar.
    #[must_use]
    pub const fn with_by(mut self, by: SplitBy) -> Self {
        self.by = by;
        self
    }

    /// Whose calendar is cut.
    #[must_use]
    pub const fn by(&self) -> SplitBy {
        self.by
    }

    /// The share of days for validation.
    #[must_use]
    pub const fn validation(&self) -> f64 {
        self.validation
    }

    /// The share of days for the test.
    #[must_use]
    pub const fn test(&self) -> f64 {
        self.test
    }

    /// The days of one part in a calendar of `n_days`.
    #[must_use]
    pub fn days(&self, n_days: usize, part: Part) -> Range<usize> {
        let test = n_days - share(n_days, self.test);
        let validation = test.saturating_sub(share(n_days, self.validation));
        match part {
            Part::Train => 0..validation,
            Part::Validation => validation..test,
            Part::Test => test..n_days,
        }
    }

    /// The dates at which a panel is cut; `None` for [`SplitBy::User`], and for a panel without users.
    #[must_use]
    pub fn cut_offs(&self, panel: &Panel) -> Option<CutOffs> {
        let (first, last) = panel.span().filter(|_| self.by == SplitBy::Calendar)?;
        let n_days = usize::try_from((last - first).num_days()).unwrap_or(0) + 1;
        let start = |part| day_after(first, self.days(n_days, part).start);
        Some(CutOffs { validation: start(Part::Validation), test: start(Part::Test) })
    }

    /// The parts of every user of a panel.
    pub(crate) fn parts(&self, panel: &Panel) -> Parts {
        Parts { split: *self, cut_offs: self.cut_offs(panel) }
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        let share = |share: f64| (0.0..1.0).contains(&share);
        ParamError::ensure(share(self.validation), "split.validation", "in [0, 1)", self.validation)?;
        ParamError::ensure(share(self.test), "split.test", "in [0, 1)", self.test)?;
        let sum = self.validation + self.test;
        ParamError::ensure(sum < 1.0, "split.validation + split.test", "under 1", sum)
    }
}

/// The dates at which the calendar of a panel is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutOffs {
    validation: NaiveDate,
    test: NaiveDate,
}

impl CutOffs {
    /// The first day of the validation part.
    #[must_use]
    pub const fn validation(&self) -> NaiveDate {
        self.validation
    }

    /// The first day of the test part.
    #[must_use]
    pub const fn test(&self) -> NaiveDate {
        self.test
    }

    /// The days of one part in a series; empty where the user has none there.
    #[must_use]
    pub fn days(&self, series: &Series, part: Part) -> Range<usize> {
        let place = |date: NaiveDate| {
            usize::try_from((date - series.start()).num_days()).unwrap_or(0).min(series.n_days())
        };
        match part {
            Part::Train => 0..place(self.validation),
            Part::Validation => place(self.validation)..place(self.test),
            Part::Test => place(self.test)..series.n_days(),
        }
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        let (validation, test) = (self.validation, self.test);
        let reason = || format!("the test part begins on {test}, before the validation part on {validation}");
        if validation <= test { Ok(()) } else { Err(reason()) }
    }
}

/// A split brought down to the users of one panel: fit and evaluation both ask it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    split: Split,
    cut_offs: Option<CutOffs>,
}

impl Parts {
    pub(crate) fn days(&self, series: &Series, part: Part) -> Range<usize> {
        let by_user = || self.split.days(series.n_days(), part);
        self.cut_offs.map_or_else(by_user, |cut_offs| cut_offs.days(series, part))
    }

    /// First target days whose `horizon` target days all lie in the part and that have `window` days before.
    pub(crate) fn targets(
        &self,
        series: &Series,
        part: Part,
        (window, horizon): (usize, usize),
    ) -> Range<usize> {
        let part = self.days(series, part);
        let first = part.start.max(window);
        first..(part.end + 1).saturating_sub(horizon).max(first)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "days"
)]
fn share(n_days: usize, share: f64) -> usize {
    ((n_days as f64 * share).floor() as usize).min(n_days)
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::Array2;
    use proptest::prelude::*;

    use super::*;

    fn panel(users: &[(usize, usize)]) -> Panel {
        let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let series = users.iter().enumerate().map(|(user, (start, n_days))| {
            Series::new(user.to_string(), day_after(first, *start), Array2::zeros((*n_days, 1))).unwrap()
        });
        Panel::new(vec!["x".into()], series.collect()).unwrap()
    }

    proptest! {
        #[test]
        fn parts_follow_one_another_and_targets_stay_inside(
            users in proptest::collection::vec((0_usize..300, 1_usize..100), 1..5),
            shares in (0.0..0.5, 0.0..0.49), window in 1_usize..15, horizon in 1_usize..9,
            by in prop_oneof![Just(SplitBy::Calendar), Just(SplitBy::User)],
        ) {
            let split = Split::new(shares.0, shares.1).with_by(by);
            prop_assert!(split.check().is_ok());
            let panel = panel(&users);
            let parts = split.parts(&panel);
            prop_assert_eq!(split.cut_offs(&panel).is_some(), by == SplitBy::Calendar);
            for series in panel.series() {
                let mut end = 0;
                for part in [Part::Train, Part::Validation, Part::Test] {
                    let range = parts.days(series, part);
                    prop_assert_eq!(range.start, end);
                    end = range.end;
                    for target in parts.targets(series, part, (window, horizon)) {
                        prop_assert!(target >= window && range.contains(&target) && target + horizon <= end);
                    }
                }
                prop_assert_eq!(end, series.n_days());
            }
        }

        #[test]
        fn no_training_day_is_later_than_a_test_day_of_anybody(
            users in proptest::collection::vec((0_usize..300, 1_usize..100), 1..6),
        ) {
            let panel = panel(&users);
            let parts = Split::default().parts(&panel);
            let dates = |part| panel.series().iter().flat_map(move |series| {
                parts.days(series, part).map(move |day| day_after(series.start(), day))
            });
            let (train, validation) = (dates(Part::Train).max(), dates(Part::Validation).max());
            let first = dates(Part::Test).min();
            prop_assert!(first.is_none() || validation.max(train) < first);
            prop_assert!(dates(Part::Validation).min().is_none_or(|first| train.is_none_or(|last| last < first)));
        }
    }

    #[test]
    fn users_of_the_same_days_are_cut_alike_either_way() {
        let panel = panel(&[(3, 51), (3, 51)]);
        let by_user = Split::default().with_by(SplitBy::User).parts(&panel);
        for part in [Part::Train, Part::Validation, Part::Test] {
            let series = &panel.series()[1];
            assert_eq!(Split::default().parts(&panel).days(series, part), by_user.days(series, part));
        }
    }

    #[test]
    fn shares_that_leave_no_training_part_are_refused() {
        for split in
            [Split::new(0.5, 0.5), Split::new(-0.1, 0.2), Split::new(f64::NAN, 0.2), Split::new(0.1, 1.0)]
        {
            assert!(split.check().is_err(), "{split:?}");
        }
    }
}
