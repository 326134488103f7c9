//! Categories for the rows of a ledger that have none.

use fincoach_core::{Category, Ledger, Predict, Transaction};
use serde::{Deserialize, Serialize};

use super::{Categoriser, Guess, UserRules};
use crate::{CategoryMap, Error};

/// Gives standard categories to rows without one: the user's rules first, then a model where it is sure.
///
/// A row whose export has a category (`raw_category`, not blank) keeps what it has. Rows that nothing decides are
/// [`Category::Other`].
///
/// # Examples
/// ```
/// use fincoach_core::{Category, Ledger, Money, Transaction, chrono::NaiveDate};
/// use fincoach_transform::{CategoryFiller, CategoryRule, CategorySource, TextTest, UserRules};
/// let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().into();
/// let mut builder = Ledger::builder();
/// for text in ["CITY VETS", "UNHEARD OF"] {
///     let mut row = Transaction::new("anna", day, Money::from_minor(-4000));
///     row.description = text;
///     builder.push(&row)?;
/// }
/// let vet = CategoryRule::new(TextTest::Contains("vets".to_owned()), Category::Health);
/// let rules = UserRules::new(vec![vet])?;
/// let (ledger, report) = CategoryFiller::new(&rules).fill(builder.finish())?;
/// assert_eq!(ledger.all().categories(), [Category::Health, Category::Other]);
/// assert_eq!(report.sources, [CategorySource::Rule(0), CategorySource::Undecided]);
/// # Ok::<(), fincoach_transform::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CategoryFiller<'a> {
    rules: &'a UserRules,
    model: Option<&'a Categoriser>,
    map: CategoryMap,
}

/// Where the category of a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CategorySource {
    /// The export.
    Kept,
    /// The user's rule at this position.
    Rule(usize),
    /// The model, which was sure.
    Model,
    /// Nothing: no rule takes the row, and there is no model or it is unsure.
    Undecided,
}

/// What a [`CategoryFiller`] did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FillReport {
    /// Rows that had a category.
    pub n_kept: usize,
    /// Rows that each rule decided; a rule with 0 took none.
    pub n_by_rule: Vec<usize>,
    /// Rows that the model decided.
    pub n_by_model: usize,
    /// Rows left as other because nothing decided them.
    pub n_undecided: usize,
    /// Labels of the model that the category map does not list: their rows became other.
    pub unplaced_labels: Vec<String>,
    /// The source of each row, in the order of [`Ledger::all`].
    pub sources: Vec<CategorySource>,
}

impl<'a> CategoryFiller<'a> {
    /// A filler without a model, whose map is [`CategoryMap::standard`].
    #[must_use]
    pub fn new(rules: &'a UserRules) -> Self {
        Self { rules, model: None, map: CategoryMap::standard() }
    }

    /// The same filler with a model for what the rules leave.
    #[must_use]
    pub fn with_model(self, model: &'a Categoriser) -> Self {
        Self { model: Some(model), ..self }
    }

    /// The same filler with another map from the labels of the model to standard categories.
    #[must_use]
    pub fn with_map(self, map: CategoryMap) -> Self {
        Self { map, ..self }
    }

    /// The ledger with its categories filled, and what was done.
    ///
    /// # Errors
    /// As [`Categoriser::predict`].
    pub fn fill(&self, ledger: Ledger) -> Result<(Ledger, FillReport), Error> {
        let places = self.model.map(|model| self.places(model)).unwrap_or_default();
        let guesses = self.model.map(|model| model.predict(&ledger)).transpose()?.unwrap_or_default();
        let mut categories = Vec::with_capacity(ledger.len());
        let mut report = FillReport::new(self.rules.rules().len());
        for (at, row) in ledger.all().iter().enumerate() {
            let (category, source) = self.decide(&row, guesses.get(at), &places);
            categories.push(category);
            report.count(source);
        }
        report.unplaced_labels = self.unplaced();
        Ok((ledger.with_categories(categories)?, report))
    }

    fn decide(
        &self,
        row: &Transaction<'_>,
        guess: Option<&Guess>,
        places: &[Category],
    ) -> (Category, CategorySource) {
        if row.raw_category.is_some_and(|raw| !raw.trim().is_empty()) {
            return (row.category, CategorySource::Kept);
        }
        if let Some((rule, category)) = self.rules.decide(row) {
            return (category, CategorySource::Rule(rule));
        }
        let sure = guess.filter(|guess| !guess.is_unsure());
        sure.and_then(|guess| places.get(guess.label()))
            .map_or((Category::Other, CategorySource::Undecided), |place| (*place, CategorySource::Model))
    }

    /// The standard category of each label.
    fn places(&self, model: &Categoriser) -> Vec<Category> {
        model.labels().iter().map(|label| self.map.category(label)).collect()
    }

    fn unplaced(&self) -> Vec<String> {
        let listed = |label: &str| {
            let key = self.map.matching().key(label);
            self.map.iter().any(|(text, _)| text == key)
        };
        let labels = self.model.map(Categoriser::labels).unwrap_or_default();
        labels.iter().filter(|label| !listed(label)).map(ToString::to_string).collect()
    }
}

impl FillReport {
    fn new(n_rules: usize) -> Self {
        Self {
            n_kept: 0,
            n_by_rule: vec![0; n_rules],
            n_by_model: 0,
            n_undecided: 0,
            unplaced_labels: Vec::new(),
            sources: Vec::new(),
        }
    }

    fn count(&mut self, source: CategorySource) {
        self.sources.push(source);
        match source {
            CategorySource::Kept => self.n_kept += 1,
            CategorySource::Rule(rule) => self.n_by_rule.iter_mut().skip(rule).take(1).for_each(|n| *n += 1),
            CategorySource::Model => self.n_by_model += 1,
            CategorySource::Undecided => self.n_undecided += 1,
        }
    }
}
