//! The forecasts of a back-test, made as they would have been made then.

use fincoach_core::DataError;
use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;

use super::{Backtest, BacktestParams, Block, Refit, Said};
use crate::scale::Scales;
use crate::tamed::usual;
use crate::{Error, FittedModel, Panel, PanelModel, Series};

pub(super) fn run(
    params: &BacktestParams,
    panel: &Panel,
    models: &[&dyn PanelModel],
) -> Result<Backtest, Error> {
    // The end that is left alone must not fill gaps before it.
    let origins = params.origins(panel);
    let end = origins.last().map(|last| panel.frequency().after(*last, params.horizon()));
    let panel = &end.map_or_else(|| panel.clone(), |end| panel.until(end));
    let mut backtest = Backtest::empty(params, panel, models);
    backtest.origins = origins;
    let whole = |series| Whole::new(series, panel.n_targets());
    let came: Vec<Whole<'_>> = panel.series().iter().map(whole).collect();
    let mut fitted: Vec<Option<Box<dyn FittedModel>>> = models.iter().map(|_| None).collect();
    for (origin, date) in backtest.origins.clone().into_iter().enumerate() {
        let past = panel.until(date);
        let mut said = Vec::with_capacity(models.len());
        for (model, slot) in models.iter().zip(&mut fitted) {
            let again = model.is_local() || params.refit() == Refit::EachOrigin;
            let ready = match slot.take().filter(|_| !again) {
                Some(ready) if params.refit() == Refit::Update => {
                    let updated = ready.updated(&past)?;
                    updated.unwrap_or(ready)
                }
                Some(ready) => ready,
                None => model.fit(&past)?,
            };
            let outlooks = ready.forecast(&past, params.horizon())?;
            DataError::ensure_len("outlooks of a model", past.n_users(), outlooks.len())?;
            said.push(outlooks);
            *slot = Some(ready);
        }
        let scales = Scales::of(&past);
        for (place, series) in past.series().iter().enumerate() {
            let Some(whole) = panel.series().iter().position(|one| one.user() == series.user()) else {
                continue;
            };
            let Some(Came { actual, usual, observed }) = came[whole].after(date, params.horizon()) else {
                continue;
            };
            let said = said.iter().map(|outlooks| Said::of(&outlooks[place])).collect();
            let naive = scales.naive(place).to_vec();
            let spread = scales.spread(place).to_vec();
            backtest.blocks.push(Block {
                origin,
                series: whole,
                actual,
                usual,
                observed,
                naive,
                spread,
                said,
            });
        }
    }
    if backtest.blocks.is_empty() {
        return Err(DataError::Empty { what: "series with a past and all steps to come at an origin" }.into());
    }
    Ok(backtest)
}

/// A series with what was usual in it: categories, and the total where there are several.
struct Whole<'a> {
    series: &'a Series,
    values: Vec<Vec<f64>>,
    usual: Vec<Vec<f64>>,
}

/// What came after an origin, as far as it was usual, and whether it was observed.
struct Came {
    actual: Array2<f64>,
    usual: Array2<f64>,
    observed: Array2<bool>,
}

impl<'a> Whole<'a> {
    fn new(series: &'a Series, n_targets: usize) -> Self {
        let n_categories = series.values().ncols();
        let values: Vec<Vec<f64>> = (0..n_targets).map(|place| series.target(place)).collect();
        let of_category = |(category, values): (usize, &Vec<f64>)| {
            usual(values, |day| series.is_observed(day, category), series.frequency())
        };
        let mut usual: Vec<Vec<f64>> = values[..n_categories].iter().enumerate().map(of_category).collect();
        if n_targets > n_categories {
            let total = |day: usize| usual.iter().map(|values| values[day]).sum();
            usual.push((0..series.n_days()).map(total).collect());
        }
        Self { series, values, usual }
    }

    fn after(&self, origin: NaiveDate, horizon: usize) -> Option<Came> {
        let series = self.series;
        let first = series.frequency().steps_until(series.start(), origin);
        if first == 0 || first + horizon > series.n_days() {
            return None;
        }
        let n_categories = series.values().ncols();
        let shape = (horizon, self.values.len());
        let of = |columns: &[Vec<f64>]| {
            Array2::from_shape_fn(shape, |(ahead, place)| columns[place][first + ahead])
        };
        let observed = Array2::from_shape_fn(shape, |(ahead, place)| {
            let cells = if place < n_categories { place..place + 1 } else { 0..n_categories };
            cells.into_iter().all(|column| series.is_observed(first + ahead, column))
        });
        Some(Came { actual: of(&self.values), usual: of(&self.usual), observed })
    }
}
