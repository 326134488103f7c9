//! Errors of one model in a back-test.

use std::ops::Range;

use fincoach_core::DataError;
use serde::{Deserialize, Serialize};

use super::{Backtest, Block};

/// What is done with steps whose value was missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gaps {
    /// They are not scored.
    #[default]
    Skip,
    /// The filled value counts as what came, as published scores on NN5 have it.
    AsFilled,
}

/// The error by which models are weighed and compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Loss {
    /// Absolute error.
    Absolute,
    /// Squared error; ratios and scores are of its root.
    #[default]
    Squared,
    /// `200·|y - ŷ|/(|y| + |ŷ|)`, 0 where both are 0.
    Smape,
}

impl Loss {
    pub(crate) fn of(self, actual: f64, said: f64) -> f64 {
        let error = (actual - said).abs();
        match self {
            Self::Absolute => error,
            Self::Squared => error * error,
            Self::Smape if error == 0.0 => 0.0,
            Self::Smape => 200.0 * error / (actual.abs() + said.abs()),
        }
    }

    /// The score of a mean loss.
    pub(crate) fn score(self, mean: f64) -> f64 {
        if self == Self::Squared { mean.sqrt() } else { mean }
    }
}

/// Which part of a back-test is scored.
///
/// # Examples
/// ```
/// use fincoach_forecast::Scope;
/// let second_week_of_groceries = Scope::default().with_target("groceries").with_ahead(7..14);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    target: Option<String>,
    ahead: Option<Range<usize>>,
    attribute: Option<(String, String)>,
    gaps: Gaps,
}

impl Scope {
    /// A category or `total`; without one, all of them together.
    #[must_use]
    pub fn with_target(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// Steps ahead, 0 being the first.
    #[must_use]
    pub fn with_ahead(mut self, ahead: Range<usize>) -> Self {
        self.ahead = Some(ahead);
        self
    }

    /// Series with that fact, such as a segment.
    #[must_use]
    pub fn with_attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attribute = Some((name.into(), value.into()));
        self
    }

    /// What is done with steps whose value was missing.
    #[must_use]
    pub const fn with_gaps(mut self, gaps: Gaps) -> Self {
        self.gaps = gaps;
        self
    }
}

/// Errors over a part of a back-test.
///
/// `smape` and `mase` are means over the series of each one's own mean, as in the Monash archive; the others
/// are over all forecasts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BacktestScores {
    /// Mean absolute error.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Symmetric absolute percentage error, 0 to 200; 0 where forecast and value are 0.
    pub smape: f64,
    /// Absolute error over the mean absolute seasonal difference of the past; `None` where no series has one.
    pub mase: Option<f64>,
    /// Mean over the quantiles of `2·max(τ(y - q), (τ - 1)(y - q))`; `None` for models that give none.
    pub pinball: Option<f64>,
    /// The share of values within the outermost pair of quantiles; `None` for models that give none.
    pub coverage: Option<f64>,
    /// Forecasts scored.
    pub n: usize,
    /// Those that another model stood in for.
    pub n_stand_in: usize,
}

/// What a part of a back-test without forecasts is answered with.
pub(super) const NO_FORECASTS: DataError =
    DataError::Empty { what: "forecasts in this part of the back-test" };

/// One forecast of a back-test and what came; places as in the lists of the [`Backtest`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Forecasted {
    /// Place of the series in the panel.
    pub series: usize,
    /// Place in [`Backtest::origins`].
    pub origin: usize,
    /// Steps ahead, 0 being the first.
    pub ahead: usize,
    /// Place in [`Backtest::targets`].
    pub target: usize,
    /// What was said.
    pub forecast: f64,
    /// What came.
    pub actual: f64,
}

impl Backtest {
    /// Errors of one model.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] for a model or target that is not there, [`DataError::Empty`] for a part
    /// without forecasts.
    pub fn scores(&self, model: &str, scope: &Scope) -> Result<BacktestScores, DataError> {
        let model = self.model(model)?;
        let mut sums = Sums::new(self.users.len());
        self.visit(scope, |block, ahead, place| sums.add(block, (ahead, place), model))?;
        sums.scores()
    }

    /// Every forecast of a model in a part, with what came: by origin and series, then by step, then by target; none where
    /// the part has none.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] for an unknown model or target.
    pub fn forecasts(&self, model: &str, scope: &Scope) -> Result<Vec<Forecasted>, DataError> {
        let model = self.model(model)?;
        let mut all = Vec::new();
        self.visit(scope, |block, ahead, target| {
            let (actual, forecast) =
                (block.actual[[ahead, target]], block.said[model].points[[ahead, target]]);
            let (series, origin) = (block.series, block.origin);
            all.push(Forecasted { series, origin, ahead, target, forecast, actual });
        })?;
        Ok(all)
    }

    /// Calls with every step and target of a part.
    fn visit(&self, scope: &Scope, mut each: impl FnMut(&Block, usize, usize)) -> Result<(), DataError> {
        let target = scope.target.as_deref().map(|name| self.target(name)).transpose()?;
        let has = |series: usize| {
            let fact = |(name, value): &(String, String)| self.attributes[series].get(name) == Some(value);
            scope.attribute.as_ref().is_none_or(fact)
        };
        for block in self.blocks.iter().filter(|block| has(block.series)) {
            let ahead = scope.ahead.clone().unwrap_or(0..block.actual.nrows());
            for ahead in ahead.start..ahead.end.min(block.actual.nrows()) {
                for place in target.map_or(0..self.targets.len(), |place| place..place + 1) {
                    if scope.gaps == Gaps::AsFilled || block.observed[[ahead, place]] {
                        each(block, ahead, place);
                    }
                }
            }
        }
        Ok(())
    }

    /// Mean and standard deviation (divisor n - 1) of a score over models that differ by their seed alone.
    ///
    /// # Errors
    /// As [`Backtest::scores`]; [`DataError::Empty`] for fewer than two models.
    pub fn spread(&self, models: &[&str], scope: &Scope, loss: Loss) -> Result<(f64, f64), DataError> {
        let score = |model: &&str| {
            let all = self.forecasts(model, scope)?;
            if all.is_empty() {
                return Err(NO_FORECASTS);
            }
            let losses = all.iter().map(|one| loss.of(one.actual, one.forecast));
            Ok::<_, DataError>(loss.score(losses.sum::<f64>() / all.len() as f64))
        };
        let scores = models.iter().map(score).collect::<Result<Vec<f64>, _>>()?;
        if scores.len() < 2 {
            return Err(DataError::Empty { what: "pairs of models of different seeds" });
        }
        let n = scores.len() as f64;
        let mean = scores.iter().sum::<f64>() / n;
        let squares: f64 = scores.iter().map(|score| (score - mean) * (score - mean)).sum();
        Ok((mean, (squares / (n - 1.0)).sqrt()))
    }
}

/// Running sums, per series where the score is a mean over series.
struct Sums {
    absolute: f64,
    squared: f64,
    n: usize,
    n_stand_in: usize,
    smape: Vec<(f64, f64)>,
    mase: Vec<(f64, f64)>,
    pinball: (f64, f64),
    covered: (f64, f64),
}

impl Sums {
    fn new(n_series: usize) -> Self {
        let empty = vec![(0.0, 0.0); n_series];
        let (smape, mase) = (empty.clone(), empty);
        let (pinball, covered) = ((0.0, 0.0), (0.0, 0.0));
        Self { absolute: 0.0, squared: 0.0, n: 0, n_stand_in: 0, smape, mase, pinball, covered }
    }

    fn add(&mut self, block: &Block, at: (usize, usize), model: usize) {
        let (actual, said) = (block.actual[at], &block.said[model]);
        let error = (actual - said.points[at]).abs();
        self.absolute += error;
        self.squared += error * error;
        self.n += 1;
        self.n_stand_in += usize::from(said.is_stand_in[at.1]);
        tally(&mut self.smape[block.series], Loss::Smape.of(actual, said.points[at]));
        if let Some(scale) = block.naive[at.1] {
            tally(&mut self.mase[block.series], error / scale);
        }
        for (level, values) in &said.quantiles {
            let short = actual - values[at];
            tally(&mut self.pinball, 2.0 * (level * short).max((level - 1.0) * short));
        }
        if let [(_, low), .., (_, high)] = &said.quantiles[..] {
            let inside = (low[at]..=high[at]).contains(&actual);
            tally(&mut self.covered, f64::from(u8::from(inside)));
        }
    }

    fn scores(&self) -> Result<BacktestScores, DataError> {
        if self.n == 0 {
            return Err(NO_FORECASTS);
        }
        let n = self.n as f64;
        Ok(BacktestScores {
            mae: self.absolute / n,
            rmse: (self.squared / n).sqrt(),
            smape: over_series(&self.smape).unwrap_or(0.0),
            mase: over_series(&self.mase),
            pinball: ratio(self.pinball),
            coverage: ratio(self.covered),
            n: self.n,
            n_stand_in: self.n_stand_in,
        })
    }
}

fn tally(sum: &mut (f64, f64), value: f64) {
    *sum = (sum.0 + value, sum.1 + 1.0);
}

fn ratio((sum, n): (f64, f64)) -> Option<f64> {
    (n > 0.0).then_some(sum / n)
}

fn over_series(sums: &[(f64, f64)]) -> Option<f64> {
    let means: Vec<f64> = sums.iter().filter_map(|sum| ratio(*sum)).collect();
    (!means.is_empty()).then(|| means.iter().sum::<f64>() / means.len() as f64)
}
