//! Which actions may be taken, given what was done before.

use std::fmt;

use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::{Action, ActionSet, ParamError};
use serde::{Deserialize, Serialize};

use super::History;

/// One rule that keeps a coach from saying too much. To continue is always allowed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum MaskRule {
    /// No such action less than `days` days after the last: at most once in `days` days.
    Cooldown {
        /// The action; not to continue.
        action: Action,
        /// Days, in `(0, 3650]`.
        days: f64,
    },
    /// At most `n` nudges (all actions but to continue) in any `days` days, the new one among them.
    AtMost {
        /// Nudges, at least 1.
        n: usize,
        /// Days, in `(0, 3650]`.
        days: f64,
    },
    /// No nudge less than `days` days after one that annoyed.
    QuietAfterAnnoyance {
        /// Days, in `(0, 3650]`.
        days: f64,
    },
    /// Never this action.
    Never {
        /// The action; not to continue.
        action: Action,
    },
}

/// Rules on what may be said, checked when built.
///
/// # Examples
/// ```
/// use fincoach_core::{Action, chrono::NaiveDate};
/// use fincoach_recommend::{History, LogEntry, MaskRule, MaskRules};
/// let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
/// let rules = MaskRules::new([MaskRule::Cooldown { action: Action::SpendingAlert, days: 3.0 }])?;
/// let past = [LogEntry::new(day(1), Action::SpendingAlert)];
/// let soon = History::new(&past, day(3));
/// assert!(!rules.allowed(&soon).contains(Action::SpendingAlert));
/// assert_eq!(
///     rules.masked(&soon)[0].to_string(),
///     "spending_alert: last taken 2024-01-01T00:00:00, at most once in 3 days"
/// );
/// assert_eq!(rules.allowed(&History::new(&past, day(4))).len(), 5);
/// # Ok::<(), fincoach_core::ParamError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<MaskRule>", into = "Vec<MaskRule>")]
pub struct MaskRules(Vec<MaskRule>);

/// An action that may not be taken, and why.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Masked {
    /// The action.
    pub action: Action,
    /// Why not.
    pub reason: MaskReason,
}

/// Why an action may not be taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MaskReason {
    /// It was taken too short a time ago.
    Cooldown {
        /// When it was last taken.
        last: NaiveDateTime,
        /// The days of the rule.
        days: f64,
    },
    /// So many nudges as are allowed were given.
    AtMost {
        /// Nudges allowed.
        n: usize,
        /// The days of the rule.
        days: f64,
    },
    /// A nudge annoyed.
    Annoyed {
        /// When that nudge was given.
        last: NaiveDateTime,
        /// The days of the rule.
        days: f64,
    },
    /// It is switched off.
    Never,
}

/// The actions that are not masked.
pub(crate) fn left_allowed(masked: &[Masked]) -> ActionSet {
    masked.iter().fold(ActionSet::ALL, |set, masked| set.without(masked.action))
}

impl MaskRules {
    /// These rules.
    ///
    /// # Errors
    /// [`ParamError`] for days or a number out of range, and for a rule against continuing.
    pub fn new(rules: impl IntoIterator<Item = MaskRule>) -> Result<Self, ParamError> {
        let rules: Vec<MaskRule> = rules.into_iter().collect();
        rules.iter().try_for_each(check)?;
        Ok(Self(rules))
    }

    /// No alert twice in three days: what a coach keeps to where nothing else is said.
    #[must_use]
    pub fn usual() -> Self {
        Self(vec![MaskRule::Cooldown { action: Action::SpendingAlert, days: 3.0 }])
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &[MaskRule] {
        &self.0
    }

    /// The actions that may be taken at the moment of a history; to continue is among them.
    #[must_use]
    pub fn allowed(&self, history: &History<'_>) -> ActionSet {
        let mut allowed = ActionSet::ALL;
        self.each(history, |masked| allowed = allowed.without(masked.action));
        allowed
    }

    /// The actions that may not be taken, each with every rule that forbids it, in the order of the rules.
    #[must_use]
    pub fn masked(&self, history: &History<'_>) -> Vec<Masked> {
        let mut found = Vec::new();
        self.each(history, |masked| found.push(masked));
        found
    }

    fn each(&self, history: &History<'_>, mut tell: impl FnMut(Masked)) {
        for rule in &self.0 {
            if let Some((actions, reason)) = broken(rule, history) {
                actions.iter().for_each(|action| tell(Masked { action, reason }));
            }
        }
    }
}

const NUDGES: ActionSet = ActionSet::ALL.without(Action::ContinueCurrentBehavior);

/// What a rule forbids at the moment of a history.
fn broken(rule: &MaskRule, history: &History<'_>) -> Option<(ActionSet, MaskReason)> {
    let within = |days: f64| history.backwards().take_while(move |(since, _)| *since < days).map(|(_, e)| e);
    match *rule {
        MaskRule::Cooldown { action, days } => {
            let last = within(days).find(|entry| entry.action == action)?.time;
            Some((ActionSet::NONE.with(action), MaskReason::Cooldown { last, days }))
        }
        MaskRule::AtMost { n, days } => {
            let given = within(days).filter(|entry| entry.is_nudge()).count();
            (given >= n).then_some((NUDGES, MaskReason::AtMost { n, days }))
        }
        MaskRule::QuietAfterAnnoyance { days } => {
            let last = within(days).find(|entry| entry.is_nudge() && entry.annoyed())?.time;
            Some((NUDGES, MaskReason::Annoyed { last, days }))
        }
        MaskRule::Never { action } => Some((ActionSet::NONE.with(action), MaskReason::Never)),
    }
}

fn check(rule: &MaskRule) -> Result<(), ParamError> {
    if let MaskRule::Cooldown { action, .. } | MaskRule::Never { action } = rule {
        let nudge = *action != Action::ContinueCurrentBehavior;
        ParamError::ensure(nudge, "action", "another than to continue", action)?;
    }
    if let MaskRule::AtMost { n, .. } = rule {
        ParamError::ensure(*n >= 1, "n", "at least 1", n)?;
    }
    match *rule {
        MaskRule::Cooldown { days, .. }
        | MaskRule::AtMost { days, .. }
        | MaskRule::QuietAfterAnnoyance { days } => {
            ParamError::ensure(days > 0.0 && days <= 3650.0, "days", "in (0, 3650]", days)
        }
        MaskRule::Never { .. } => Ok(()),
    }
}

impl TryFrom<Vec<MaskRule>> for MaskRules {
    type Error = ParamError;

    fn try_from(rules: Vec<MaskRule>) -> Result<Self, ParamError> {
        Self::new(rules)
    }
}

impl From<MaskRules> for Vec<MaskRule> {
    fn from(rules: MaskRules) -> Self {
        rules.0
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.action, self.reason)
    }
}

impl fmt::Display for MaskReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cooldown { last, days } => {
                write!(f, "last taken {last:?}, at most once in {days} days")
            }
            Self::AtMost { n, days } => write!(f, "at most {n} nudges in {days} days"),
            Self::Annoyed { last, days } => write!(f, "the nudge of {last:?} annoyed, {days} days of quiet"),
            Self::Never => f.write_str("switched off"),
        }
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::chrono::{NaiveDate, TimeDelta};

    use super::super::LogEntry;
    use super::*;

    fn at(day: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into()
    }

    fn rules(rule: MaskRule) -> MaskRules {
        MaskRules::new([rule]).unwrap()
    }

    #[test]
    fn no_alert_twice_in_three_days() {
        let rules = rules(MaskRule::Cooldown { action: Action::SpendingAlert, days: 3.0 });
        let past = [LogEntry::new(at(1), Action::SpendingAlert), LogEntry::new(at(2), Action::SavingsNudge)];
        let second = TimeDelta::seconds(1);
        // At the very moment of the alert it is not yet past.
        let moments = [(at(1), true), (at(1) + second, false), (at(4) - second, false), (at(4), true)];
        for (moment, expected) in moments {
            let allowed = rules.allowed(&History::new(&past, moment));
            assert_eq!(allowed.contains(Action::SpendingAlert), expected, "{moment}");
            assert!(allowed.len() >= 4);
        }
    }

    #[test]
    fn at_most_two_nudges_in_a_week() {
        let rules = rules(MaskRule::AtMost { n: 2, days: 7.0 });
        let past = [
            LogEntry::new(at(1), Action::SpendingAlert),
            LogEntry::new(at(2), Action::ContinueCurrentBehavior),
            LogEntry::new(at(3), Action::SavingsNudge),
        ];
        let n_allowed = |day| rules.allowed(&History::new(&past, at(day))).len();
        assert_eq!([3, 4, 7, 8].map(n_allowed), [5, 1, 1, 5]);
        let masked = rules.masked(&History::new(&past, at(4)));
        assert_eq!(masked.len(), 4);
        assert_eq!(masked[3].to_string(), "positive_reinforcement: at most 2 nudges in 7 days");
    }

    #[test]
    fn those_who_are_annoyed_are_left_alone() {
        let rules = rules(MaskRule::QuietAfterAnnoyance { days: 14.0 });
        let past = [
            LogEntry::new(at(1), Action::SavingsNudge).with_feedback(-1.0),
            LogEntry::new(at(8), Action::ContinueCurrentBehavior).with_feedback(-1.0),
        ];
        assert_eq!(
            rules.allowed(&History::new(&past, at(14))),
            ActionSet::ALL.intersection(ActionSet::from_iter([Action::ContinueCurrentBehavior]))
        );
        assert_eq!(rules.allowed(&History::new(&past, at(15))), ActionSet::ALL);
        let told = rules.masked(&History::new(&past, at(9)))[0].reason.to_string();
        assert_eq!(told, "the nudge of 2024-01-01T00:00:00 annoyed, 14 days of quiet");
    }

    #[test]
    fn an_action_forbidden_twice_is_told_twice() {
        let rules = MaskRules::new([
            MaskRule::Never { action: Action::SpendingAlert },
            MaskRule::Cooldown { action: Action::SpendingAlert, days: 3.0 },
        ])
        .unwrap();
        let past = [LogEntry::new(at(1), Action::SpendingAlert)];
        assert_eq!(rules.masked(&History::new(&past, at(2))).len(), 2);
        assert_eq!(rules.allowed(&History::new(&past, at(2))).len(), 4);
    }

    #[test]
    fn rules_check_themselves_also_from_files() {
        for days in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(MaskRules::new([MaskRule::QuietAfterAnnoyance { days }]).is_err(), "{days}");
        }
        assert!(MaskRules::new([MaskRule::AtMost { n: 0, days: 7.0 }]).is_err());
        let quiet = Action::ContinueCurrentBehavior;
        assert!(MaskRules::new([MaskRule::Never { action: quiet }]).is_err());
        let rules = rules(MaskRule::AtMost { n: 2, days: 7.0 });
        let text = serde_json::to_string(&rules).unwrap();
        assert_eq!(text, r#"[{"at_most":{"n":2,"days":7.0}}]"#);
        assert_eq!(serde_json::from_str::<MaskRules>(&text).unwrap(), rules);
        assert!(serde_json::from_str::<MaskRules>(&text.replace("\"n\":2", "\"n\":0")).is_err());
    }
}
