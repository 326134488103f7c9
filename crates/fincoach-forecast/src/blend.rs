//! Several models as one.

use std::sync::Arc;

use fincoach_core::ndarray::{Array2, Axis};
use fincoach_core::{DataError, json_artifact};
use serde::{Deserialize, Serialize};

use crate::backtest::{Block, Said, ScoreLoss};
use crate::fill::median;
use crate::{Backtest, Error, FittedModel, Outlook, Panel, PanelModel, Scope};

/// Steps of the greedy search: weights are multiples of a fortieth.
const STEPS: usize = 40;

/// The name under which a total is served that is the sum of its categories.
pub(crate) const OF_PARTS: &str = "sum_of_categories";

/// What each model counts for, per target: none below 0, the sum over the models 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct BlendWeights {
    models: Vec<String>,
    targets: Vec<String>,
    weights: Array2<f64>,
    /// Whether the last target is the sum of the others, whatever its weights.
    total_of_parts: bool,
}

impl BlendWeights {
    /// Weights `(n_targets, n_models)`.
    ///
    /// # Errors
    /// [`DataError::Length`] for another shape, [`DataError::Inconsistent`] for weights below 0 or a sum that
    /// is not 1.
    pub fn new(models: Vec<String>, targets: Vec<String>, weights: Array2<f64>) -> Result<Self, DataError> {
        DataError::ensure_len("targets of a blend", targets.len(), weights.nrows())?;
        DataError::ensure_len("models of a blend", models.len(), weights.ncols())?;
        for (row, target) in weights.rows().into_iter().zip(&targets) {
            let sum: f64 = row.sum();
            let in_range = row.iter().all(|weight| *weight >= 0.0) && (sum - 1.0).abs() < 1e-9;
            if !in_range {
                let reason = format!("weights of `{target}` are not at least 0 with a sum of 1");
                return Err(DataError::Inconsistent { what: "blend", reason });
            }
        }
        Ok(Self { models, targets, weights, total_of_parts: false })
    }

    /// The weights under which the models together were best in a back-test, found by greedy selection with
    /// replacement (Caruana and others 2004): from nothing, the model that helps most is added again and
    /// again; of equals the first. `O(steps · models · forecasts)`.
    ///
    /// Where a target has no forecasts, the first model has it alone.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] for a model that is not in the back-test, [`DataError::Empty`] without models.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{chrono::NaiveDate, ndarray::Array2};
    /// use fincoach_forecast::{BacktestParams, BlendWeights, Panel, Plain, ScoreLoss, Series};
    /// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    /// let spent = Array2::from_shape_fn((140, 1), |(day, _)| if day % 7 == 5 { 30.0 } else { 0.0 });
    /// let panel = Panel::new(vec!["groceries".into()], vec![Series::new("anna", monday, spent)?])?;
    /// let backtest = BacktestParams::default().run(&panel, &[&Plain::Zero, &Plain::SeasonalNaive])?;
    /// let weights = BlendWeights::best(&backtest, &["zero", "seasonal_naive"], ScoreLoss::Absolute)?;
    /// assert_eq!(weights.of("groceries"), Some(vec![0.0, 1.0]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn best(backtest: &Backtest, models: &[&str], loss: ScoreLoss) -> Result<Self, DataError> {
        if models.is_empty() {
            return Err(DataError::Empty { what: "models" });
        }
        let targets = backtest.targets().to_vec();
        let mut weights = Array2::zeros((targets.len(), models.len()));
        for (mut row, target) in weights.rows_mut().into_iter().zip(&targets) {
            let scope = Scope::default().with_target(target);
            let said = models.iter().map(|model| backtest.forecasts(model, &scope));
            let said = said.collect::<Result<Vec<_>, _>>()?;
            let actual: Vec<f64> = said[0].iter().map(|one| one.actual).collect();
            let said: Vec<Vec<f64>> =
                said.into_iter().map(|all| all.iter().map(|one| one.forecast).collect()).collect();
            for (cell, weight) in row.iter_mut().zip(greedy(&actual, &said, loss)) {
                *cell = weight;
            }
        }
        Self::new(models.iter().map(|model| (*model).to_owned()).collect(), targets, weights)
    }

    /// The same weight for every model: the mean, such as of one network from several seeds.
    ///
    /// # Errors
    /// [`DataError::Empty`] without models.
    pub fn equal(models: &[&str], targets: &[String]) -> Result<Self, DataError> {
        if models.is_empty() {
            return Err(DataError::Empty { what: "models" });
        }
        let weights = Array2::from_elem((targets.len(), models.len()), 1.0 / count(models.len()));
        Self::new(models.iter().map(|model| (*model).to_owned()).collect(), targets.to_vec(), weights)
    }

    /// The same weights, but for the total, the last of several targets: it is the sum of what the categories are given, so
    /// that they add up to it.
    #[must_use]
    pub fn with_total_of_parts(mut self) -> Self {
        self.total_of_parts = self.targets.len() > 1;
        self
    }

    /// Whether the total is the sum of the categories.
    #[must_use]
    pub const fn is_total_of_parts(&self) -> bool {
        self.total_of_parts
    }

    /// Whether the weights of a target are what serves it.
    fn has_own(&self, target: usize) -> bool {
        !(self.total_of_parts && target + 1 == self.targets.len())
    }

    /// Own weights for the targets that keep them, those of another for the rest.
    pub(crate) fn mixed_with(&self, other: &Self, keeps: impl Fn(usize) -> bool) -> Result<Self, DataError> {
        DataError::ensure_len("targets of a blend", self.targets.len(), other.targets.len())?;
        let weight = |at: (usize, usize)| if keeps(at.0) { self.weights[at] } else { other.weights[at] };
        let weights = Array2::from_shape_fn(self.weights.dim(), weight);
        Self::new(self.models.clone(), self.targets.clone(), weights)
    }

    /// Names of the targets.
    #[must_use]
    pub fn targets(&self) -> &[String] {
        &self.targets
    }

    /// Names of the models.
    #[must_use]
    pub fn models(&self) -> &[String] {
        &self.models
    }

    /// The weights of one target; those of a total say nothing where it is the sum of its categories
    /// ([`BlendWeights::is_total_of_parts`]).
    #[must_use]
    pub fn of(&self, target: &str) -> Option<Vec<f64>> {
        let place = self.targets.iter().position(|one| one == target)?;
        Some(self.weights.row(place).to_vec())
    }
}

impl Backtest {
    /// The back-test with one more model: the mean of others by weights. No model is run again.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] for a model that is not in the back-test, [`DataError::Length`] for other
    /// targets, [`DataError::Duplicate`] for a name that is taken.
    pub fn with_blend(&self, name: &str, weights: &BlendWeights) -> Result<Self, DataError> {
        if self.models.iter().any(|model| model == name) {
            return Err(DataError::Duplicate { what: "model", name: name.to_owned() });
        }
        let said = self.blended(weights, &self.blocks.iter().collect::<Vec<_>>())?;
        let mut with = self.clone();
        with.models.push(name.to_owned());
        with.blocks.iter_mut().zip(said).for_each(|(block, said)| block.said.push(said));
        Ok(with)
    }

    /// The back-test of a blend of its models alone, from some of its origins.
    pub(crate) fn only_blend(
        &self,
        name: &str,
        weights: &BlendWeights,
        origins: std::ops::Range<usize>,
    ) -> Result<Self, DataError> {
        let inside: Vec<&Block> =
            self.blocks.iter().filter(|block| origins.contains(&block.origin)).collect();
        let said = self.blended(weights, &inside)?;
        let blocks = inside.into_iter().zip(said).map(|(block, said)| block.saying(vec![said])).collect();
        Ok(Self { models: vec![name.to_owned()], ..self.with_blocks(blocks) })
    }

    /// What a blend of its models says in some of its blocks.
    fn blended(&self, weights: &BlendWeights, blocks: &[&Block]) -> Result<Vec<Said>, DataError> {
        DataError::ensure_len("targets of a blend", self.targets.len(), weights.targets.len())?;
        let places = weights.models.iter().map(|model| self.model(model)).collect::<Result<Vec<_>, _>>()?;
        let blend = |block: &&Block| {
            let mut points = Array2::from_shape_fn(block.actual.dim(), |(ahead, target)| {
                let weighed = places.iter().zip(weights.weights.row(target));
                weighed.map(|(place, weight)| weight * block.said[*place].points[[ahead, target]]).sum()
            });
            if weights.total_of_parts {
                add_up(&mut points);
            }
            let alone = |target: usize| {
                let own = weights.has_own(target).then(|| weights.weights.row(target));
                let one = own.and_then(|own| own.iter().position(|weight| *weight == 1.0));
                one.is_some_and(|member| block.said[places[member]].is_stand_in[target])
            };
            let is_stand_in = (0..self.targets.len()).map(alone).collect();
            Said { points, quantiles: Vec::new(), is_stand_in }
        };
        Ok(blocks.iter().map(blend).collect())
    }
}

/// Makes the last column the sum of the others.
fn add_up(points: &mut Array2<f64>) {
    for mut row in points.rows_mut() {
        if let Some(last) = row.len().checked_sub(1) {
            row[last] = row.iter().take(last).sum();
        }
    }
}

/// Greedy selection with replacement.
fn greedy(actual: &[f64], said: &[Vec<f64>], loss: ScoreLoss) -> Vec<f64> {
    let mut counts = vec![0_usize; said.len()];
    let mut sum = vec![0.0; actual.len()];
    for step in 1..=STEPS {
        let error = |model: &Vec<f64>| -> f64 {
            let mix = sum.iter().zip(model).map(|(sum, said)| (sum + said) / count(step));
            actual.iter().zip(mix).map(|(actual, mix)| loss.of(*actual, mix)).sum()
        };
        let errors: Vec<f64> = said.iter().map(error).collect();
        let best =
            (0..said.len()).fold(0, |best, place| if errors[place] < errors[best] { place } else { best });
        counts[best] += 1;
        for (sum, said) in sum.iter_mut().zip(&said[best]) {
            *sum += said;
        }
    }
    counts.into_iter().map(|times| count(times) / count(STEPS)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "numbers of steps")]
const fn count(n: usize) -> f64 {
    n as f64
}

/// How the members of a [`Blend`] become one forecast.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Combine {
    /// The weighted mean.
    Weights(BlendWeights),
    /// The median of all members, step by step.
    Median,
}

impl Combine {
    /// The panel has the targets of the weights.
    fn ensure_targets(&self, past: &Panel) -> Result<(), DataError> {
        match self {
            Self::Weights(weights) => {
                DataError::ensure_len("targets of a panel", weights.targets.len(), past.n_targets())
            }
            Self::Median => Ok(()),
        }
    }
}

/// Several models as one: the weighted mean, or the median.
///
/// A target that one member has to itself is said to be served by it; any other by the blend's name.
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::array};
/// use fincoach_forecast::{Blend, Combine, FittedModel, Panel, PanelModel, Plain, Series};
/// let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let anna = Series::new("anna", start, array![[6.0], [4.0], [2.0]])?;
/// let panel = Panel::new(vec!["groceries".into()], vec![anna])?;
/// let blend = Blend::new("median", vec![&Plain::Zero, &Plain::Naive, &Plain::Mean { last: 0 }], Combine::Median)?;
/// let next = blend.fit(&panel)?.forecast(&panel, 1)?;
/// assert_eq!(next[0].points()[[0, 0]], 2.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Blend<'a> {
    name: String,
    members: Vec<&'a dyn PanelModel>,
    combine: Combine,
}

impl<'a> Blend<'a> {
    /// A blend of members, whose names are those of the weights.
    ///
    /// # Errors
    /// [`DataError::Empty`] without members, [`DataError::Columns`] for weights of other models.
    pub fn new(
        name: impl Into<String>,
        members: Vec<&'a dyn PanelModel>,
        combine: Combine,
    ) -> Result<Self, DataError> {
        if members.is_empty() {
            return Err(DataError::Empty { what: "members" });
        }
        if let Combine::Weights(weights) = &combine {
            let names: Vec<String> = members.iter().map(|member| member.name()).collect();
            let n = names.len().max(weights.models.len());
            if let Some(position) = (0..n).find(|place| names.get(*place) != weights.models.get(*place)) {
                let (expected, got) = (weights.models.get(position).cloned(), names.get(position).cloned());
                return Err(DataError::Columns { position, expected, got });
            }
        }
        Ok(Self { name: name.into(), members, combine })
    }
}

impl PanelModel for Blend<'_> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn fit(&self, past: &Panel) -> Result<Box<dyn FittedModel>, Error> {
        self.combine.ensure_targets(past)?;
        // What counts for nothing anywhere need not be fitted.
        let is_used = |place: usize| match &self.combine {
            Combine::Weights(weights) => {
                let mut column = weights.weights.column(place).into_iter().enumerate();
                column.any(|(target, weight)| *weight > 0.0 && weights.has_own(target))
            }
            Combine::Median => true,
        };
        let fit = |(place, member): (usize, &&dyn PanelModel)| {
            if is_used(place) { member.fit(past).map(|fitted| Some(Arc::from(fitted))) } else { Ok(None) }
        };
        let members = self.members.iter().enumerate().map(fit).collect::<Result<_, _>>()?;
        Ok(Box::new(Fitted { name: self.name.clone(), members, combine: self.combine.clone() }))
    }

    fn is_local(&self) -> bool {
        self.members.iter().all(|member| member.is_local())
    }
}

struct Fitted {
    name: String,
    members: Vec<Option<Arc<dyn FittedModel>>>,
    combine: Combine,
}

impl FittedModel for Fitted {
    fn forecast(&self, past: &Panel, horizon: usize) -> Result<Vec<Outlook>, Error> {
        self.combine.ensure_targets(past)?;
        let forecast = |(place, member): (usize, &Option<Arc<dyn FittedModel>>)| {
            let member = member.as_ref()?;
            Some(member.forecast(past, horizon).map(|outlooks| (place, outlooks)))
        };
        let all = self.members.iter().enumerate().filter_map(forecast).collect::<Result<Vec<_>, _>>()?;
        let outlook = |(place, series)| {
            let said: Vec<(usize, &Outlook)> =
                all.iter().filter_map(|(member, outlooks)| Some((*member, outlooks.get(place)?))).collect();
            self.mix(&said, Outlook::new(series, Array2::zeros((horizon, past.n_targets())), &self.name))
        };
        Ok(past.series().iter().enumerate().map(outlook).collect())
    }

    /// Members that cannot learn on stay as they are.
    fn updated(&self, past: &Panel) -> Result<Option<Box<dyn FittedModel>>, Error> {
        let update = |member: &Option<Arc<dyn FittedModel>>| {
            let Some(member) = member else { return Ok(None) };
            Ok(Some(member.updated(past)?.map_or_else(|| Arc::clone(member), Arc::from)))
        };
        let members = self.members.iter().map(update).collect::<Result<_, Error>>()?;
        Ok(Some(Box::new(Self { name: self.name.clone(), members, combine: self.combine.clone() })))
    }
}

impl Fitted {
    fn mix(&self, said: &[(usize, &Outlook)], mut outlook: Outlook) -> Outlook {
        let mut points = outlook.points().to_owned();
        for (place, mut column) in points.axis_iter_mut(Axis(1)).enumerate() {
            let weight = |member: usize| match &self.combine {
                Combine::Weights(weights) => weights.weights[[place, member]],
                Combine::Median => 0.0,
            };
            for (ahead, cell) in column.iter_mut().enumerate() {
                let each = said.iter().map(|(_, outlook)| outlook.points()[[ahead, place]]);
                *cell = match &self.combine {
                    Combine::Weights(_) => {
                        said.iter().zip(each).map(|((member, _), value)| weight(*member) * value).sum()
                    }
                    Combine::Median => median(each.collect()).unwrap_or(0.0),
                };
            }
            if let Some((_, alone)) = said.iter().find(|(member, _)| weight(*member) == 1.0) {
                outlook = outlook.served_like(place, alone);
            }
        }
        if matches!(&self.combine, Combine::Weights(weights) if weights.total_of_parts) {
            add_up(&mut points);
            let last = points.ncols() - 1;
            outlook = outlook.served_as(last, OF_PARTS);
        }
        outlook.with_points(points)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    models: Vec<String>,
    targets: Vec<String>,
    weights: Vec<Vec<f64>>,
    #[serde(default, skip_serializing_if = "is_false")]
    total_of_parts: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl From<BlendWeights> for Repr {
    fn from(blend: BlendWeights) -> Self {
        let weights = blend.weights.rows().into_iter().map(|row| row.to_vec()).collect();
        let BlendWeights { models, targets, total_of_parts, .. } = blend;
        Self { models, targets, weights, total_of_parts }
    }
}

impl TryFrom<Repr> for BlendWeights {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let shape = (repr.targets.len(), repr.models.len());
        for row in &repr.weights {
            DataError::ensure_len("models of a blend", shape.1, row.len())?;
        }
        DataError::ensure_len("targets of a blend", shape.0, repr.weights.len())?;
        let weights = Array2::from_shape_fn(shape, |(target, model)| repr.weights[target][model]);
        let weights = Self::new(repr.models, repr.targets, weights)?;
        if repr.total_of_parts && shape.0 < 2 {
            let reason = "a single target is not the sum of others".to_owned();
            return Err(DataError::Inconsistent { what: "blend", reason });
        }
        Ok(if repr.total_of_parts { weights.with_total_of_parts() } else { weights })
    }
}

json_artifact!(BlendWeights, "blend_weights", 1);
