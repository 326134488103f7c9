//! Which method serves which category.

use fincoach_core::ndarray::Array2;
use fincoach_core::{DataError, json_artifact};
use serde::{Deserialize, Serialize};

use crate::{DayForecasts, Error, Forecaster, History, LstmForecaster, Method, Panel, Rule};

/// The method that serves each category: the one that was best on the validation days.
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::array};
/// use fincoach_forecast::{Forecaster, Method, Panel, Selection, Series};
/// let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let anna = Series::new("anna", start, array![[4.0], [2.0]])?;
/// let panel = Panel::new(vec!["groceries".into()], vec![anna])?;
/// let served = Selection::fallback(&panel);
/// let next = served.forecaster(None)?.forecast(&panel.series()[0].history(2), 1)?;
/// assert_eq!((next.methods()[0], next.amounts()[[0, 0]]), (Method::Mean, 3.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct Selection {
    choices: Vec<(String, Method)>,
}

impl Selection {
    pub(crate) fn new(choices: impl IntoIterator<Item = (String, Method)>) -> Self {
        Self { choices: choices.into_iter().collect() }
    }

    /// [`Rule::Mean`] for every category: what is left where nothing can be trained or compared.
    #[must_use]
    pub fn fallback(panel: &Panel) -> Self {
        Self::new(panel.categories().iter().map(|category| (category.clone(), Method::Mean)))
    }

    /// Categories with their methods, in the order of the panel.
    #[must_use]
    pub fn choices(&self) -> &[(String, Method)] {
        &self.choices
    }

    /// The forecaster that follows this selection.
    ///
    /// # Errors
    /// [`Error::Data`] when a category is served by the LSTM and there is none, or one over other categories.
    pub fn forecaster<'a>(&self, lstm: Option<&'a LstmForecaster>) -> Result<Selected<'a>, Error> {
        let needed = self.choices.iter().any(|(_, method)| *method == Method::Lstm);
        match lstm.filter(|_| needed) {
            None if needed => Err(DataError::Empty { what: "LSTM for a selection that serves one" }.into()),
            Some(lstm) if !lstm.categories().iter().eq(self.choices.iter().map(|(category, _)| category)) => {
                let reason = "the LSTM has other categories".to_owned();
                Err(DataError::Inconsistent { what: "selection", reason }.into())
            }
            lstm => Ok(Selected { methods: self.choices.iter().map(|(_, method)| *method).collect(), lstm }),
        }
    }
}

/// Follows a [`Selection`]: each category from its own method.
#[derive(Clone, Debug)]
pub struct Selected<'a> {
    methods: Vec<Method>,
    lstm: Option<&'a LstmForecaster>,
}

impl Selected<'_> {
    fn method_for(&self, method: Method) -> Option<&dyn Forecaster> {
        match method {
            Method::Lstm => self.lstm.map(|lstm| lstm as &dyn Forecaster),
            rule => Rule::ALL.iter().find(|one| one.method() == rule).map(|one| one as &dyn Forecaster),
        }
    }
}

impl Forecaster for Selected<'_> {
    fn method(&self) -> Method {
        Method::Selected
    }

    fn forecast(&self, history: &History<'_>, horizon: usize) -> Result<DayForecasts, Error> {
        DataError::ensure_len("categories of a history", self.methods.len(), history.n_categories())?;
        let mut amounts = Array2::zeros((horizon, self.methods.len()));
        let mut used = self.methods.clone();
        let mut distinct = self.methods.clone();
        distinct.sort_unstable();
        distinct.dedup();
        for method in distinct {
            let Some(forecaster) = self.method_for(method) else { continue };
            let days = forecaster.forecast(history, horizon)?;
            for place in (0..used.len()).filter(|place| self.methods[*place] == method) {
                amounts.column_mut(place).assign(&days.amounts().column(place));
                used[place] = days.methods()[place];
            }
        }
        Ok(DayForecasts::new(amounts, used))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    category: String,
    method: Method,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    choices: Vec<Choice>,
}

impl From<Selection> for Repr {
    fn from(selection: Selection) -> Self {
        let choices = selection.choices.into_iter();
        Self { choices: choices.map(|(category, method)| Choice { category, method }).collect() }
    }
}

impl TryFrom<Repr> for Selection {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        if repr.choices.is_empty() {
            return Err(DataError::Empty { what: "categories in a selection" });
        }
        if repr.choices.iter().any(|choice| choice.method == Method::Selected) {
            let reason = "a category is served by no method of its own".to_owned();
            return Err(DataError::Inconsistent { what: "selection", reason });
        }
        Ok(Self::new(repr.choices.into_iter().map(|choice| (choice.category, choice.method))))
    }
}

json_artifact!(Selection, "forecast_selection", 1);
