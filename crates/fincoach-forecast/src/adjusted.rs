//! A plain model on series without the calendar's effects.

use std::collections::BTreeMap;

use fincoach_core::ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::calendar::Effects;
use crate::plain::Past;
use crate::{Error, FittedModel, Frequency, Outlook, Panel, PanelModel, Plain, Series};

/// A plain model that forecasts each series without what the calendar does to all of them, and puts it back.
///
/// The days around Easter, other bank holidays and Christmas and the days of the month have a factor each,
/// shared by all series of a target and drawn towards 1 as far as it may be noise. Values are divided by the
/// factors of their days, the forecast is multiplied by those of the days to come. A series with fewer than
/// eight weeks takes the factors of the others. A panel of weeks is left to the plain model alone.
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::{Datelike, NaiveDate}, ndarray::Array2};
/// use fincoach_forecast::{CalendarAdjusted, FittedModel, Panel, PanelModel, Plain, Series};
/// // Everybody spends 10 a day, and 40 on the first of the month.
/// let start = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap();
/// let day = |step: usize| start + fincoach_core::chrono::Days::new(step as u64);
/// let values = Array2::from_shape_fn((365, 1), |(step, _)| if day(step).day() == 1 { 40.0 } else { 10.0 });
/// let panel = Panel::new(vec!["all".into()], vec![Series::new("anna", start, values)?])?;
/// let model = CalendarAdjusted::new(Plain::SeasonMean { seasons: 8 });
/// let next = model.fit(&panel)?.forecast(&panel, 40)?;
/// // 1 February 2024 is the 32nd day to come.
/// assert!(next[0].points()[[31, 0]] > 30.0 && next[0].points()[[20, 0]] < 12.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarAdjusted {
    inner: Plain,
}

impl CalendarAdjusted {
    /// The adjusted version of a plain model.
    #[must_use]
    pub const fn new(inner: Plain) -> Self {
        Self { inner }
    }
}

impl PanelModel for CalendarAdjusted {
    fn name(&self) -> String {
        format!("{}_calendar", self.inner.name())
    }

    fn fit(&self, past: &Panel) -> Result<Box<dyn FittedModel>, Error> {
        let effects = |place: usize| {
            if past.frequency() != Frequency::Daily {
                return Effects::default();
            }
            let values: Vec<Vec<f64>> = past.series().iter().map(|series| series.target(place)).collect();
            let view = |(series, values)| past_of(series, values);
            Effects::of(&past.series().iter().zip(&values).map(view).collect::<Vec<_>>())
        };
        let effects = (0..past.n_targets()).into_par_iter().map(effects).collect();
        Ok(Box::new(Fitted { model: *self, effects }))
    }

    fn is_local(&self) -> bool {
        true
    }
}

struct Fitted {
    model: CalendarAdjusted,
    effects: Vec<Effects>,
}

fn past_of<'a>(series: &Series, values: &'a Vec<f64>) -> Past<'a> {
    Past { start: series.start(), frequency: series.frequency(), values }
}

impl Fitted {
    fn outlook(&self, series: &Series, horizon: usize) -> Outlook {
        let mut points = Array2::zeros((horizon, self.effects.len()));
        let mut stand_ins = BTreeMap::new();
        for (place, (effects, mut column)) in self.effects.iter().zip(points.columns_mut()).enumerate() {
            let mut values = series.target(place);
            for (step, value) in values.iter_mut().enumerate() {
                *value /= effects.factor(series.date(step));
            }
            let (path, by) = self.model.inner.path(&past_of(series, &values), horizon);
            for (ahead, (cell, value)) in column.iter_mut().zip(path).enumerate() {
                *cell = value * effects.factor(series.date(series.n_days() + ahead));
            }
            if by != self.model.inner {
                stand_ins.insert(place, by.name());
            }
        }
        let outlook = Outlook::new(series, points, &self.model.name());
        stand_ins.iter().fold(outlook, |outlook, (place, name)| outlook.with_stand_in(*place, name))
    }
}

impl FittedModel for Fitted {
    fn forecast(&self, past: &Panel, horizon: usize) -> Result<Vec<Outlook>, Error> {
        fincoach_core::DataError::ensure_len("targets of a panel", self.effects.len(), past.n_targets())?;
        Ok(past.series().par_iter().map(|series| self.outlook(series, horizon)).collect())
    }
}
