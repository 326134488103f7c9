//! The forecasts of a back-test, made as they would have been made then.

use fincoach_core::DataError;
use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;

use super::{Backtest, BacktestParams, Block, Refit, Said};
use crate::scale::Scales;
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
            let Some(target) = target(&panel.series()[whole], date, params.horizon()) else { continue };
            let said = said.iter().map(|outlooks| Said::of(&outlooks[place])).collect();
            let (actual, observed) = target;
            let naive = scales.naive(place).to_vec();
            let spread = scales.spread(place).to_vec();
            backtest.blocks.push(Block { origin, series: whole, actual, observed, naive, spread, said });
        }
    }
    if backtest.blocks.is_empty() {
        return Err(DataError::Empty { what: "series with a past and all steps to come at an origin" }.into());
    }
    Ok(backtest)
}

/// What came after an origin, and whether it was observed: categories, and the total where there are several.
fn target(series: &Series, origin: NaiveDate, horizon: usize) -> Option<(Array2<f64>, Array2<bool>)> {
    let first = series.frequency().steps_until(series.start(), origin);
    if first == 0 || first + horizon > series.n_days() {
        return None;
    }
    let n_categories = series.values().ncols();
    let shape = (horizon, n_categories + usize::from(n_categories > 1));
    let columns: Vec<Vec<f64>> = (0..shape.1).map(|place| series.target(place)).collect();
    let actual = Array2::from_shape_fn(shape, |(ahead, place)| columns[place][first + ahead]);
    let observed = Array2::from_shape_fn(shape, |(ahead, place)| {
        let cells = if place < n_categories { place..place + 1 } else { 0..n_categories };
        cells.into_iter().all(|column| series.is_observed(first + ahead, column))
    });
    Some((actual, observed))
}
