//! What is known about a feature without computing it.

use std::fmt;

use serde::Serialize;

use crate::window::Window;

/// One feature of a schema: its name, what it means and how it is computed.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct FeatureSpec {
    /// Name of the column.
    pub name: &'static str,
    /// The group it belongs to.
    pub group: Group,
    /// Its unit.
    pub unit: Unit,
    /// The values it can take.
    pub range: Interval,
    /// How it is computed, in the notation of the [schema](crate::schema_v1).
    pub formula: &'static str,
    #[serde(skip)]
    compute: fn(&Window) -> f64,
}

impl FeatureSpec {
    pub(crate) const fn new(group: Group, name: &'static str, formula: &'static str) -> Self {
        Self { name, group, unit: Unit::Ratio, range: Interval::ANY, formula, compute: |_| f64::NAN }
    }

    pub(crate) const fn of(self, unit: Unit, range: Interval) -> Self {
        Self { unit, range, ..self }
    }

    pub(crate) const fn by(self, compute: fn(&Window) -> f64) -> Self {
        Self { compute, ..self }
    }

    pub(crate) fn value(&self, window: &Window) -> f64 {
        (self.compute)(window)
    }
}

/// A group of features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Group {
    /// Totals, categories and rates.
    Base,
    /// When money moves.
    Temporal,
    /// How money is spent.
    Behaviour,
    /// Saving and keeping a reserve.
    Discipline,
    /// Where and with whom.
    Context,
    /// Signs of trouble.
    Risk,
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Base => "base",
            Self::Temporal => "temporal",
            Self::Behaviour => "behaviour",
            Self::Discipline => "discipline",
            Self::Context => "context",
            Self::Risk => "risk",
        })
    }
}

/// The unit of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// Major units of the account's currency: pounds, euros.
    Money,
    /// Money for each transaction.
    MoneyPerTransaction,
    /// A number of transactions.
    Transactions,
    /// No unit.
    Ratio,
    /// Bits of information.
    Bits,
    /// 0 for no, 1 for yes.
    Flag,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Money => "money",
            Self::MoneyPerTransaction => "money per transaction",
            Self::Transactions => "transactions",
            Self::Ratio => "ratio",
            Self::Bits => "bits",
            Self::Flag => "flag",
        })
    }
}

/// The values a feature can take, both ends included; `None` where there is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Interval {
    /// Smallest value.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
}

impl Interval {
    /// Every number.
    pub const ANY: Self = Self { min: None, max: None };
    /// 0 and above.
    pub const NOT_NEGATIVE: Self = Self { min: Some(0.0), max: None };
    /// From 0 to 1.
    pub const UNIT: Self = Self::between(0.0, 1.0);

    /// From `min` to `max`.
    #[must_use]
    pub const fn between(min: f64, max: f64) -> Self {
        Self { min: Some(min), max: Some(max) }
    }

    /// From `min` on.
    #[must_use]
    pub const fn from(min: f64) -> Self {
        Self { min: Some(min), max: None }
    }

    /// Up to `max`.
    #[must_use]
    pub const fn up_to(max: f64) -> Self {
        Self { min: None, max: Some(max) }
    }

    /// Whether a value lies within; NaN never does.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        !value.is_nan() && self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (None, None) => f.write_str("any"),
            (Some(min), None) => write!(f, "≥ {min}"),
            (None, Some(max)) => write!(f, "≤ {max}"),
            (Some(min), Some(max)) if min == max => write!(f, "{min}"),
            (Some(min), Some(max)) => write!(f, "{min} to {max}"),
        }
    }
}

/// A schema as a Markdown table: position, name, group, unit, range, formula; one line per feature.
///
/// # Examples
/// ```
/// use fincoach_features::{schema_table, schema_v1};
/// let table = schema_table(&schema_v1()[..1]);
/// assert_eq!(table.lines().count(), 3);
/// assert!(table.ends_with("| 0 | `current_balance` | base | money | any | B = the balance after the last row |\n"));
/// ```
#[must_use]
pub fn schema_table(schema: &[FeatureSpec]) -> String {
    let mut text =
        "| # | name | group | unit | range | formula |\n| --- | --- | --- | --- | --- | --- |\n".to_owned();
    for (position, spec) in schema.iter().enumerate() {
        let FeatureSpec { name, group, unit, range, formula, .. } = spec;
        text += &format!("| {position} | `{name}` | {group} | {unit} | {range} | {formula} |\n");
    }
    text
}
