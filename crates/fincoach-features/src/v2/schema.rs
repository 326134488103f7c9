//! What is known about a column of schema v2 without computing it.

use std::fmt;
use std::sync::LazyLock;

use serde::Serialize;

use super::columns;
use super::facts::Facts;
use crate::schema::Interval;

/// One column of schema v2.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct V2Spec {
    /// Name of the column.
    pub name: &'static str,
    /// The group it belongs to.
    pub group: V2Group,
    /// Its unit.
    pub unit: V2Unit,
    /// The values it can take.
    pub range: Interval,
    /// How it is computed, in the notation of [`schema_v2`].
    pub formula: &'static str,
    /// When it is missing; empty where it never is.
    pub missing: &'static str,
    /// Where the idea is from.
    pub source: V2Source,
    /// Its value in the worked example (`docs/features-v2.md`), with the arithmetic: `what = value`.
    pub example: &'static str,
    #[serde(skip)]
    compute: fn(&Facts<'_>) -> Option<f64>,
}

impl V2Spec {
    pub(crate) const fn new(group: V2Group, name: &'static str, formula: &'static str) -> Self {
        Self {
            name,
            group,
            unit: V2Unit::Ratio,
            range: Interval::ANY,
            formula,
            missing: "",
            source: V2Source::Own,
            example: "",
            compute: |_| None,
        }
    }

    pub(crate) const fn of(self, unit: V2Unit, range: Interval) -> Self {
        Self { unit, range, ..self }
    }

    pub(crate) const fn missing(self, missing: &'static str) -> Self {
        Self { missing, ..self }
    }

    pub(crate) const fn from(self, source: V2Source) -> Self {
        Self { source, ..self }
    }

    pub(crate) const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }

    pub(crate) const fn by(self, compute: fn(&Facts<'_>) -> Option<f64>) -> Self {
        Self { compute, ..self }
    }

    /// The value; never NaN and never infinite.
    pub(crate) fn value(&self, facts: &Facts<'_>) -> Option<f64> {
        (self.compute)(facts).filter(|value| value.is_finite())
    }

    /// Whether it can be missing.
    #[must_use]
    pub const fn is_optional(&self) -> bool {
        !self.missing.is_empty()
    }
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$variant => $text,)* })
            }
        }
    };
}

named! {
    /// A group of columns of schema v2.
    V2Group {
        /// Sums of the window.
        Totals = "totals",
        /// What of the income is kept.
        Saving = "saving",
        /// What money is spent on.
        Categories = "categories",
        /// When money is spent and earned.
        Timing = "timing",
        /// Spending against budgets.
        Budget = "budget",
        /// Payments that come again.
        Recurring = "recurring",
        /// Regular income and its days.
        Income = "income",
        /// Balance and how long it lasts.
        Reserve = "reserve",
        /// Where money is spent.
        Merchants = "merchants",
        /// Purchases large for this user.
        Large = "large",
        /// Against the user's own past.
        Trend = "trend",
        /// Against the user's own last year.
        Season = "season",
        /// How much is known of the user.
        History = "history",
    }
}

named! {
    /// The unit of a column of schema v2.
    V2Unit {
        /// Major units of the account's currency: pounds, euros.
        Money = "money",
        /// Money a day.
        MoneyPerDay = "money / day",
        /// Change of money a day from one day to the next.
        MoneyPerDaySquared = "money / day²",
        /// A number of bookings, merchants, payments, ….
        Count = "count",
        /// Days.
        Days = "days",
        /// No unit.
        Ratio = "ratio",
        /// A ratio's change from one window to the next.
        RatioPerWindow = "ratio / window",
        /// Bits of information.
        Bits = "bits",
        /// 0 for no, 1 for yes.
        Flag = "flag",
    }
}

/// Where the idea of a column is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum V2Source {
    /// A feature of schema v1, kept as it was meant.
    V1(&'static str),
    /// Common in budgeting applications and bank reports.
    Practice,
    /// A publication.
    Paper(&'static str),
    /// Our own.
    Own,
}

impl fmt::Display for V2Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V1(name) => write!(f, "v1 `{name}`"),
            Self::Practice => f.pad("field practice"),
            Self::Paper(paper) => f.pad(paper),
            Self::Own => f.pad("own reasoning"),
        }
    }
}

/// The columns of schema v2, in column order.
///
#[doc = include_str!("schema_v2.md")]
///
/// # Notation
/// The window is the `window_days` calendar days that end with the day of `as_of`, rows after `as_of` left out; `w` is
/// the number of its days from the user's first booking on. The baseline is the `baseline_days` before the window, as
/// far as the history goes, `b` their number; it exists once it has as many days as a window. Transfers are neither
/// income nor spending. `P` are purchases (negative amounts outside the category savings), `R` refunds, `S = P − R`
/// spending, `I` income (positive amounts outside savings), `A` money put aside (category savings, out less in). `s(c)`
/// is spending on category `c`, `B` the balance over all accounts. Sums are over the window unless another stretch is
/// given in brackets.
///
/// # Examples
/// ```
/// let schema = fincoach_features::schema_v2();
/// assert!(schema.len() >= 60);
/// assert_eq!(schema[0].name, "spending");
/// ```
#[must_use]
pub fn schema_v2() -> &'static [V2Spec] {
    static V2: LazyLock<Vec<V2Spec>> = LazyLock::new(columns::all);
    &V2
}

/// The schema as a Markdown table: position, name, group, unit, range, formula, when missing, source.
///
/// # Examples
/// ```
/// use fincoach_features::schema_v2_table;
/// assert!(schema_v2_table().starts_with("| # | name | group | unit | range | formula | missing | source |\n"));
/// ```
#[must_use]
pub fn schema_v2_table() -> String {
    let mut text = "| # | name | group | unit | range | formula | missing | source |\n\
        | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for (position, spec) in schema_v2().iter().enumerate() {
        let V2Spec { name, group, unit, range, formula, missing, source, .. } = spec;
        let missing = if missing.is_empty() { "never" } else { missing };
        text += &format!(
            "| {position} | `{name}` | {group} | {unit} | {range} | {formula} | {missing} | {source} |\n"
        );
    }
    text
}

/// The worked example of every column as a Markdown table: name, arithmetic and value.
///
/// # Examples
/// ```
/// use fincoach_features::schema_v2_examples;
/// assert!(schema_v2_examples().starts_with("| name | worked example |\n"));
/// ```
#[must_use]
pub fn schema_v2_examples() -> String {
    let mut text = "| name | worked example |\n| --- | --- |\n".to_owned();
    for spec in schema_v2() {
        text += &format!("| `{}` | {} |\n", spec.name, spec.example);
    }
    text
}
