//! The rules and models that serve spending unless somebody knows better.

use std::sync::LazyLock;

use fincoach_core::DataError;

use crate::{Blend, CalendarAdjusted, Combine, PanelModel, Plain, Tamed};

/// Rules that no single day decides: tamed, and those of all the past as they are.
static TAMED_RULES: LazyLock<[Tamed; 6]> = LazyLock::new(|| Plain::STEADY.map(Tamed::new));
static LONG_RULES: [Plain; 3] =
    [Plain::Mean { last: 0 }, Plain::SeasonMean { seasons: 0 }, Plain::MonthdayMean { months: 0 }];

static HABITS: [Tamed; 2] = [Tamed::new(Plain::Habit { days: 0 }), Tamed::new(Plain::Habit { days: 365 })];
static LONG_HABIT: Plain = Plain::Habit { days: 0 };
static CLASSICAL: [Tamed; 4] = [
    Tamed::new(Plain::Mean { last: 91 }),
    Tamed::new(Plain::SeasonMedian { seasons: 8 }),
    Tamed::new(Plain::Ses),
    Tamed::new(Plain::Tsb),
];
static ADJUSTED: CalendarAdjusted = CalendarAdjusted::new(Plain::SeasonMean { seasons: 0 });
/// The mean of both habits.
static BOTH_HABITS: LazyLock<Result<Blend<'static>, DataError>> =
    LazyLock::new(|| Blend::new("habits", vec![&HABITS[0], &HABITS[1]], Combine::Median));

/// Rules to serve: [`Plain::STEADY`], tamed, and those of them that remember all of the past as they are.
#[must_use]
pub fn usual_rules() -> Vec<&'static dyn PanelModel> {
    let tamed = TAMED_RULES.iter().map(|rule| rule as &dyn PanelModel);
    tamed.chain(LONG_RULES.iter().map(|rule| rule as &dyn PanelModel)).collect()
}

/// Models to serve where they are better: habits, their mean, classical models and weekday means with calendar.
#[must_use]
pub fn usual_models() -> Vec<&'static dyn PanelModel> {
    let tamed = HABITS.iter().chain(&CLASSICAL).map(|model| model as &dyn PanelModel);
    let both = BOTH_HABITS.as_ref().ok().map(|model| model as &dyn PanelModel);
    tamed.chain([&ADJUSTED as &dyn PanelModel, &LONG_HABIT]).chain(both).collect()
}

/// What they are judged by: [`Plain::RULES`] as they are.
pub(super) fn rivals() -> Vec<&'static dyn PanelModel> {
    static RIVALS: [Plain; 8] = Plain::RULES;
    RIVALS.iter().map(|rule| rule as &dyn PanelModel).collect()
}
