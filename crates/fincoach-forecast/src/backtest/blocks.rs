//! What was said and what came.

use std::collections::BTreeMap;

use fincoach_core::DataError;
use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::BacktestParams;
use crate::{Outlook, Panel, PanelModel};

/// Forecasts of several models from several origins, beside what came.
///
/// Made by [`BacktestParams::run`]. Everything that is learnt from the past is learnt from one of these:
/// weights of a blend, the choice of a model, intervals, the errors that reconciliation weighs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backtest {
    pub(crate) params: BacktestParams,
    pub(crate) origins: Vec<NaiveDate>,
    pub(crate) targets: Vec<String>,
    pub(crate) models: Vec<String>,
    pub(crate) users: Vec<String>,
    pub(crate) attributes: Vec<BTreeMap<String, String>>,
    pub(crate) blocks: Vec<Block>,
}

/// One series from one origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Block {
    pub(crate) origin: usize,
    pub(crate) series: usize,
    pub(crate) actual: Array2<f64>,
    /// What came as far as it was usual by the year before it: no single day of years shall decide what is served.
    pub(crate) usual: Array2<f64>,
    pub(crate) observed: Array2<bool>,
    pub(crate) naive: Vec<Option<f64>>,
    pub(crate) spread: Vec<f64>,
    pub(crate) said: Vec<Said>,
}

impl Block {
    /// The block of one of its models.
    pub(crate) fn only(&self, model: usize) -> Self {
        self.saying(vec![self.said[model].clone()])
    }

    /// The block of other models.
    pub(crate) fn saying(&self, said: Vec<Said>) -> Self {
        Self {
            said,
            actual: self.actual.clone(),
            usual: self.usual.clone(),
            observed: self.observed.clone(),
            naive: self.naive.clone(),
            spread: self.spread.clone(),
            ..*self
        }
    }
}

/// What one model said there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) points: Array2<f64>,
    pub(crate) quantiles: Vec<(f64, Array2<f64>)>,
    pub(crate) is_stand_in: Vec<bool>,
}

impl Said {
    pub(super) fn of(outlook: &Outlook) -> Self {
        Self {
            points: outlook.points().to_owned(),
            quantiles: outlook.quantiles().to_vec(),
            is_stand_in: outlook.is_stand_in().to_vec(),
        }
    }
}

impl Backtest {
    pub(super) fn empty(params: &BacktestParams, panel: &Panel, models: &[&dyn PanelModel]) -> Self {
        let mut targets = panel.categories().to_vec();
        if panel.n_targets() > targets.len() {
            targets.push("total".to_owned());
        }
        Self {
            params: params.clone(),
            origins: Vec::new(),
            targets,
            models: models.iter().map(|model| model.name()).collect(),
            users: panel.series().iter().map(|series| series.user().to_owned()).collect(),
            attributes: panel.series().iter().map(|series| series.attributes().clone()).collect(),
            blocks: Vec::new(),
        }
    }

    /// How it was made.
    #[must_use]
    pub const fn params(&self) -> &BacktestParams {
        &self.params
    }

    /// The dates of the last rows that forecasts knew.
    #[must_use]
    pub fn origins(&self) -> &[NaiveDate] {
        &self.origins
    }

    /// What was forecast: the categories, and `total` where there are several.
    #[must_use]
    pub fn targets(&self) -> &[String] {
        &self.targets
    }

    /// Names of the models, in order.
    #[must_use]
    pub fn models(&self) -> &[String] {
        &self.models
    }

    /// Series and origins that were scored: one each.
    #[must_use]
    pub fn n_blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The same back-test of the sums over the whole horizon: what is spent in the coming week or month.
    /// Quantiles are left out, since those of days do not add up.
    #[must_use]
    pub fn sums(&self) -> Self {
        let total = |days: &Array2<f64>| days.sum_axis(Axis(0)).insert_axis(Axis(0));
        let length = self.params.horizon() as f64;
        let said = |said: &Said| Said {
            points: total(&said.points),
            quantiles: Vec::new(),
            is_stand_in: said.is_stand_in.clone(),
        };
        let sum = |block: &Block| Block {
            actual: total(&block.actual),
            usual: total(&block.usual),
            observed: block
                .observed
                .map_axis(Axis(0), |days| days.iter().all(|seen| *seen))
                .insert_axis(Axis(0)),
            naive: block.naive.iter().map(|scale| scale.map(|scale| scale * length)).collect(),
            spread: block.spread.clone(),
            said: block.said.iter().map(said).collect(),
            ..*block
        };
        self.with_blocks(self.blocks.iter().map(sum).collect())
    }

    /// The same back-test where nothing came that was unusual: no value is more than three times the fourth largest of the
    /// year before it (where that is above 0), as with [`Tamed`](crate::Tamed). What is learnt from it is not decided by one day of years.
    #[must_use]
    pub fn tamed(&self) -> Self {
        let tame = |block: &Block| Block { actual: block.usual.clone(), ..block.clone() };
        self.with_blocks(self.blocks.iter().map(tame).collect())
    }

    /// The part of the back-test from some of its origins: with the earlier ones a choice is made, with the
    /// later ones it is judged.
    #[must_use]
    pub fn from_origins(&self, origins: std::ops::Range<usize>) -> Self {
        let inside = |block: &&Block| origins.contains(&block.origin);
        self.with_blocks(self.blocks.iter().filter(inside).cloned().collect())
    }

    /// The same back-test with other blocks; its own are not copied.
    pub(crate) fn with_blocks(&self, blocks: Vec<Block>) -> Self {
        Self {
            params: self.params.clone(),
            origins: self.origins.clone(),
            targets: self.targets.clone(),
            models: self.models.clone(),
            users: self.users.clone(),
            attributes: self.attributes.clone(),
            blocks,
        }
    }

    /// The back-test of one of its models.
    pub(crate) fn only(&self, model: &str) -> Result<Self, DataError> {
        let place = self.model(model)?;
        let blocks = self.blocks.iter().map(|block| block.only(place)).collect();
        Ok(Self { models: vec![model.to_owned()], ..self.with_blocks(blocks) })
    }

    /// Origins until the last step of one has come.
    pub(crate) fn wait(&self) -> usize {
        self.params.horizon().div_ceil(self.params.step())
    }

    pub(crate) fn model(&self, name: &str) -> Result<usize, DataError> {
        self.models.iter().position(|model| model == name).ok_or_else(|| {
            let known = self.models.clone();
            DataError::UnknownName { what: "model", name: name.to_owned(), known }
        })
    }

    pub(crate) fn target(&self, name: &str) -> Result<usize, DataError> {
        self.targets.iter().position(|target| target == name).ok_or_else(|| {
            let known = self.targets.clone();
            DataError::UnknownName { what: "target", name: name.to_owned(), known }
        })
    }
}
