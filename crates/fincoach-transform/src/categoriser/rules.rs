//! What the user says about categories: it wins over what a model guesses.

use fincoach_core::{Category, DataError, Money, Transaction};
use serde::{Deserialize, Serialize};

use crate::text_map::fold;

/// A test of a text, capital and small letters and runs of spaces alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextTest {
    /// The text stands somewhere in the description or merchant.
    Contains(String),
    /// The description or merchant is the text.
    Equals(String),
    /// The description or merchant begins with the text.
    StartsWith(String),
}

impl TextTest {
    fn text(&self) -> &str {
        match self {
            Self::Contains(text) | Self::Equals(text) | Self::StartsWith(text) => text,
        }
    }

    fn folded(&self) -> Self {
        let folded = fold(self.text());
        match self {
            Self::Contains(_) => Self::Contains(folded),
            Self::Equals(_) => Self::Equals(folded),
            Self::StartsWith(_) => Self::StartsWith(folded),
        }
    }

    /// Whether a folded text passes a folded test.
    fn holds(&self, folded: &str) -> bool {
        match self {
            Self::Contains(text) => folded.contains(text.as_str()),
            Self::Equals(text) => folded == text,
            Self::StartsWith(text) => folded.starts_with(text.as_str()),
        }
    }
}

/// Which way the money goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountSign {
    /// Either way.
    #[default]
    Any,
    /// The amount is above 0.
    In,
    /// The amount is below 0.
    Out,
}

/// Bookings of this kind have this category.
///
/// | field | default | meaning |
/// | --- | --- | --- |
/// | `text` | – | what the description or the merchant must say, for example `{ contains = "LIDL" }` |
/// | `category` | – | a standard category, for example `groceries` |
/// | `sign` | `any` | `in`, `out` or `any` |
/// | `at_least` | none | least amount in minor units, without its sign |
/// | `at_most` | none | greatest amount in minor units, without its sign |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryRule {
    text: TextTest,
    category: Category,
    #[serde(default)]
    sign: AmountSign,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_least: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_most: Option<Money>,
}

impl CategoryRule {
    /// A rule for amounts of any size and sign.
    #[must_use]
    pub const fn new(text: TextTest, category: Category) -> Self {
        Self { text, category, sign: AmountSign::Any, at_least: None, at_most: None }
    }

    /// The same rule for money that goes this way only.
    #[must_use]
    pub fn with_sign(self, sign: AmountSign) -> Self {
        Self { sign, ..self }
    }

    /// The same rule for amounts from `at_least` to `at_most`, both without their sign and both included.
    #[must_use]
    pub fn with_amounts(self, at_least: Option<Money>, at_most: Option<Money>) -> Self {
        Self { at_least, at_most, ..self }
    }

    /// What the text must say.
    #[must_use]
    pub const fn text(&self) -> &TextTest {
        &self.text
    }

    /// The category it gives.
    #[must_use]
    pub const fn category(&self) -> Category {
        self.category
    }

    /// Which way the money must go.
    #[must_use]
    pub const fn sign(&self) -> AmountSign {
        self.sign
    }

    /// The least and the greatest amount.
    #[must_use]
    pub const fn amounts(&self) -> (Option<Money>, Option<Money>) {
        (self.at_least, self.at_most)
    }

    fn takes(&self, amount: Money) -> bool {
        let sign_fits = match self.sign {
            AmountSign::Any => true,
            AmountSign::In => amount > Money::ZERO,
            AmountSign::Out => amount < Money::ZERO,
        };
        let size = amount.minor().unsigned_abs();
        let bound = |money: Money| u64::try_from(money.minor()).unwrap_or(0);
        sign_fits
            && self.at_least.is_none_or(|least| size >= bound(least))
            && self.at_most.is_none_or(|most| size <= bound(most))
    }

    fn check(&self, number: usize) -> Result<(), DataError> {
        let wrong = |reason: &str| DataError::Inconsistent {
            what: "list of category rules",
            reason: format!("rule {number} {reason}"),
        };
        if fold(self.text.text()).is_empty() {
            return Err(wrong("has an empty text, which would take every booking"));
        }
        if [self.at_least, self.at_most].into_iter().flatten().any(Money::is_negative) {
            return Err(wrong("has a negative amount; amounts are given without their sign"));
        }
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least > most => Err(wrong("has at_least above at_most")),
            _ => Ok(()),
        }
    }
}

/// The user's rules; the first that takes a booking decides.
///
/// # Examples
/// ```
/// use fincoach_core::{Category, Money, Transaction, chrono::NaiveDate};
/// use fincoach_transform::UserRules;
/// let rules: UserRules = toml::from_str(r#"
///     [[rules]]
///     text = { starts_with = "uber eats" }
///     category = "dine_out"
///
///     [[rules]]
///     text = { contains = "uber" }
///     category = "transport"
///     sign = "out"
///     at_most = 20000
/// "#)?;
/// let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().into();
/// let mut row = Transaction::new("anna", day, Money::from_minor(-1250));
/// row.description = "Uber  Eats London";
/// assert_eq!(rules.decide(&row), Some((0, Category::DineOut)));
/// row.description = "UBER TRIP";
/// assert_eq!(rules.decide(&row), Some((1, Category::Transport)));
/// row.amount = Money::from_minor(-20001);
/// assert_eq!(rules.decide(&row), None);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct UserRules {
    rules: Vec<CategoryRule>,
    /// The tests as they are applied.
    folded: Vec<TextTest>,
}

impl UserRules {
    /// Rules in this order.
    ///
    /// # Errors
    /// [`DataError::Inconsistent`] for a rule with an empty text, a negative amount or an empty range, with its
    /// number counted from 0.
    pub fn new(rules: Vec<CategoryRule>) -> Result<Self, DataError> {
        rules.iter().enumerate().try_for_each(|(number, rule)| rule.check(number))?;
        let folded = rules.iter().map(|rule| rule.text.folded()).collect();
        Ok(Self { rules, folded })
    }

    /// The rules in order.
    #[must_use]
    pub fn rules(&self) -> &[CategoryRule] {
        &self.rules
    }

    /// The position and category of the first rule that takes the booking. `O(n_rules)`.
    #[must_use]
    pub fn decide(&self, row: &Transaction<'_>) -> Option<(usize, Category)> {
        if self.rules.is_empty() {
            return None;
        }
        let texts = [Some(row.description), row.merchant].map(|text| text.map(fold));
        self.decide_folded(&texts, row.amount)
    }

    fn decide_folded(&self, texts: &[Option<String>; 2], amount: Money) -> Option<(usize, Category)> {
        let mut rules = self.rules.iter().zip(&self.folded).enumerate();
        rules.find_map(|(number, (rule, test))| {
            let takes = rule.takes(amount) && texts.iter().flatten().any(|text| test.holds(text));
            takes.then_some((number, rule.category))
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    rules: Vec<CategoryRule>,
}

impl From<UserRules> for Repr {
    fn from(rules: UserRules) -> Self {
        Self { rules: rules.rules }
    }
}

impl TryFrom<Repr> for UserRules {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        Self::new(repr.rules)
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::chrono::NaiveDate;

    use super::*;

    fn decide(rule: CategoryRule, description: &str, minor: i64) -> bool {
        let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().into();
        let mut row = Transaction::new("anna", day, Money::from_minor(minor));
        row.description = description;
        UserRules::new(vec![rule]).unwrap().decide(&row).is_some()
    }

    #[test]
    fn each_test_of_a_text_takes_what_it_says() {
        let rule = |text: TextTest| CategoryRule::new(text, Category::Health);
        let (contains, equals, starts) = (TextTest::Contains, TextTest::Equals, TextTest::StartsWith);
        assert!(decide(rule(contains(" Vet ".into())), "THE  vet", -1));
        assert!(!decide(rule(equals("vet".into())), "the vet", -1));
        assert!(decide(rule(equals("the VET".into())), " The Vet ", -1));
        assert!(!decide(rule(starts("vet".into())), "the vet", -1));
        assert!(decide(rule(starts("the".into())), "the vet", -1));
    }

    #[test]
    fn sign_and_range_include_their_bounds() {
        let rule = CategoryRule::new(TextTest::Contains("x".into()), Category::Bills)
            .with_sign(AmountSign::Out)
            .with_amounts(Some(Money::from_minor(100)), Some(Money::from_minor(200)));
        let taken = [-99, -100, -200, -201, 150].map(|minor| decide(rule.clone(), "x", minor));
        assert_eq!(taken, [false, true, true, false, false]);
    }

    #[test]
    fn a_merchant_counts_as_much_as_a_description() {
        let rules =
            UserRules::new(vec![CategoryRule::new(TextTest::Equals("Lidl".into()), Category::Groceries)])
                .unwrap();
        let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().into();
        let mut row = Transaction::new("anna", day, Money::from_minor(-1));
        row.description = "CARD 1234 LIDL GB";
        assert_eq!(rules.decide(&row), None);
        row.merchant = Some("LIDL");
        assert_eq!(rules.decide(&row), Some((0, Category::Groceries)));
    }

    #[test]
    fn rules_that_cannot_be_meant_are_refused_with_their_number() {
        let good = CategoryRule::new(TextTest::Contains("x".into()), Category::Bills);
        let empty = CategoryRule::new(TextTest::Contains("  ".into()), Category::Bills);
        let error = UserRules::new(vec![good.clone(), empty]).unwrap_err().to_string();
        assert!(error.contains("rule 1 has an empty text"), "{error}");
        let two = Money::from_minor(2);
        let crossed = good.clone().with_amounts(Some(two), Some(Money::from_minor(1)));
        assert!(UserRules::new(vec![crossed]).is_err());
        assert!(UserRules::new(vec![good.with_amounts(Some(-two), None)]).is_err());
    }

    #[test]
    fn rules_survive_a_file_and_unknown_words_in_it_do_not() {
        let rule =
            CategoryRule::new(TextTest::StartsWith("x".into()), Category::Bills).with_sign(AmountSign::In);
        let rules = UserRules::new(vec![rule]).unwrap();
        let text = toml::to_string(&rules).unwrap();
        assert_eq!(toml::from_str::<UserRules>(&text).unwrap(), rules);
        let typo = text.replace("bills", "bils");
        assert!(toml::from_str::<UserRules>(&typo).is_err());
        let unknown = text.replace("sign", "sing");
        assert!(toml::from_str::<UserRules>(&unknown).unwrap_err().to_string().contains("sing"));
    }
}
