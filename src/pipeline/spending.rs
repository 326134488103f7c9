//! The stage that forecasts spending.

use fincoach_core::{DataError, Ledger, Progress};
use fincoach_forecast::{
    Error as ForecastError, Evaluation, EvaluationParams, Forecast, LstmForecaster, LstmParams, Panel,
    Selection, forecast,
};

use crate::Error;

/// What the stage gives.
pub(super) struct Spending {
    pub(super) panel: Panel,
    /// The network of the first seed; `None` where nobody has enough days to train on.
    pub(super) forecaster: Option<LstmForecaster>,
    pub(super) selection: Selection,
    pub(super) forecasts: Vec<Forecast>,
    pub(super) evaluation: Result<Evaluation, String>,
}

/// Tells each finished network of the seeds; told to stop, it goes on with those there are.
pub(super) fn predict(
    params: &LstmParams,
    ledger: &Ledger,
    seeds: (u64, usize),
    progress: &mut dyn Progress,
) -> Result<Spending, Error> {
    let params = params.clone().with_seed(seeds.0);
    let panel = Panel::from_ledger(ledger)?;
    let mut models = match params.fit_seeds_with(&panel, seeds.1, progress) {
        Err(ForecastError::NoWindows { .. }) => Vec::new(),
        models => models?,
    };
    let evaluation = match EvaluationParams::of(&params).evaluate(&panel, &models) {
        Err(ForecastError::Data(error @ DataError::Empty { .. })) => Err(error.to_string()),
        evaluation => Ok(evaluation?),
    };
    let fallback = |_: &String| Selection::fallback(&panel);
    let selection = evaluation.as_ref().map_or_else(fallback, Evaluation::selection);
    let forecaster = (!models.is_empty()).then(|| models.swap_remove(0));
    let served = selection.forecaster(forecaster.as_ref())?;
    let forecasts = forecast(&panel, &served, params.horizon())?;
    Ok(Spending { panel, forecaster, selection, forecasts, evaluation })
}
