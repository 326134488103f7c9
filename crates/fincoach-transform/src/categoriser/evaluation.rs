//! A trial of the categoriser on later rows, with its spread over seeds.

use fincoach_core::{Fit, ParamError};
use serde::{Deserialize, Serialize};

use super::{Baseline, CategoriserParams, CategoriserScores, LabelledRows};
use crate::Error;

/// A trial: fit on the early rows, judge on the late ones, once for each seed.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `train_share` | 0.8 | (0, 1) | share of the rows, the earliest, that is fitted on |
/// | `n_seeds` | 5 | 1 to 1000 | fits; seed `i` is the seed of the parameters plus `i` |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CategoriserEvaluation {
    train_share: f64,
    n_seeds: u64,
}

impl Default for CategoriserEvaluation {
    fn default() -> Self {
        Self { train_share: 0.8, n_seeds: 5 }
    }
}

impl CategoriserEvaluation {
    /// Share of the rows that is fitted on.
    #[must_use]
    pub const fn train_share(&self) -> f64 {
        self.train_share
    }

    /// The number of fits.
    #[must_use]
    pub const fn n_seeds(&self) -> u64 {
        self.n_seeds
    }

    /// Sets the share of the rows that is fitted on.
    #[must_use]
    pub const fn with_train_share(self, train_share: f64) -> Self {
        Self { train_share, ..self }
    }

    /// Sets the number of fits.
    #[must_use]
    pub const fn with_n_seeds(self, n_seeds: u64) -> Self {
        Self { n_seeds, ..self }
    }

    /// Fits on the early rows and judges on the late ones. Costs `n_seeds` fits.
    ///
    /// # Errors
    /// [`Error::Param`] for a parameter out of range, [`Error::Data`] where a part has no rows.
    pub fn run(&self, params: &CategoriserParams, rows: &LabelledRows) -> Result<CategoriserReport, Error> {
        let share_fits = self.train_share > 0.0 && self.train_share < 1.0;
        ParamError::ensure(share_fits, "train_share", "in (0, 1)", self.train_share)?;
        ParamError::ensure((1..=1000).contains(&self.n_seeds), "n_seeds", "in 1..=1000", self.n_seeds)?;
        let (early, late) = rows.split_by_time(self.train_share)?;
        let run = |seed: u64| {
            let model = params.clone().with_seed(params.seed().wrapping_add(seed)).fit(&early)?;
            Ok(CategoriserScores::of(&model, &early, &late)?)
        };
        Ok(CategoriserReport {
            n_fitted_on: early.n_rows(),
            runs: (0..self.n_seeds).map(run).collect::<Result<_, Error>>()?,
            majority: Baseline::majority(&early, &late)?,
            lookup: Baseline::lookup(&early, &late)?,
        })
    }
}

/// The scores of every seed, beside those of guesses without a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoriserReport {
    /// Rows of the fits.
    pub n_fitted_on: usize,
    /// Scores on the late rows, one for each seed.
    pub runs: Vec<CategoriserScores>,
    /// Every row gets the most frequent label.
    pub majority: Baseline,
    /// Every row gets the label its very description had most often.
    pub lookup: Baseline,
}

impl CategoriserReport {
    /// Mean, standard deviation, lowest and highest of one figure over the seeds, `None` without any.
    ///
    /// # Examples
    /// ```
    /// # use fincoach_core::{Ledger, Money, Transaction, chrono::NaiveDate};
    /// use fincoach_transform::{CategoriserEvaluation, CategoriserParams, LabelledRows};
    /// # let mut builder = Ledger::builder();
    /// # for day in 1..21 {
    /// #     let date = NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
    /// #     let mut row = Transaction::new("anna", date.into(), Money::from_minor(-500));
    /// #     (row.description, row.raw_category) = if day % 2 == 0 { ("LIDL", Some("Groceries")) } else { ("KFC", Some("Dine Out")) };
    /// #     builder.push(&row)?;
    /// # }
    /// # let ledger = builder.finish();
    /// let rows = LabelledRows::from_ledger(&ledger); // ten meals, ten baskets
    /// let report = CategoriserEvaluation::default().run(&CategoriserParams::default(), &rows)?;
    /// let accuracy = report.spread(|scores| Some(scores.accuracy)).unwrap();
    /// assert_eq!((accuracy.mean, accuracy.lowest), (1.0, 1.0));
    /// assert_eq!(report.majority.accuracy, 0.5);
    /// # Ok::<(), fincoach_transform::Error>(())
    /// ```
    #[must_use]
    pub fn spread(&self, figure: impl Fn(&CategoriserScores) -> Option<f64>) -> Option<Spread> {
        Spread::of(&self.runs.iter().filter_map(figure).collect::<Vec<f64>>())
    }
}

/// How a figure differs between seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Standard deviation, divided by `n − 1`; 0 for one value.
    pub sd: f64,
    /// Least value.
    pub lowest: f64,
    /// Greatest value.
    pub highest: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Option<Self> {
        let n = super::scores::count(values.len());
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (!values.is_empty()).then(|| Self {
            mean,
            sd: (squares / (n - 1.0).max(1.0)).sqrt(),
            lowest: values.iter().copied().fold(f64::INFINITY, f64::min),
            highest: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    }
}
