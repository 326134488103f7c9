//! The global network as a model of panels.

use std::collections::BTreeSet;

use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::{Array2, Array3};

use super::{GlobalEnsemble, GlobalForecast, GlobalNetwork, GlobalParams, SeriesSet, Update, weekday_inputs};
use crate::{Error, FittedModel, Frequency, KnownInputs, Outlook, Panel, PanelModel, Payday, Plain, Series};

/// Known days of its window that a series needs; with fewer a plain model stands in.
const FEWEST_DAYS: usize = 14;

/// The [`GlobalParams`] as a [`PanelModel`]: beside plain models in a back-test, a blend or a serving.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `params` | given | see there | the network; its horizon bounds what can be asked |
/// | `n_seeds` | 1 | at least 1 | networks from `seed`, `seed + 1`, …; the forecast is their mean |
/// | `update` | its default | see [`Update`] | how [`Refit::Update`](crate::Refit::Update) goes on with it |
/// | `attributes` | none | – | facts about the series that are inputs, where `embedding` is above 0 |
/// | `payday` | none | – | the day is described by [`KnownInputs`] of this payday, not by its weekday alone |
///
/// The targets are all categories and, where there are several, the total by itself; the weekday is an input, and with a
/// `payday` the place in month and year, paydays and bank holidays too. From less than three years the place in the year
/// teaches what only those years had.
/// Gaps and days before a series begins are unknown to the network. Where it has nothing to go by, `SeasonMedian`
/// of eight weeks (`SeasonMean` with [`Profile::WeekdayMean`](super::Profile)) stands in and the outlook names it:
/// for series with fewer than 14 known days in the window, for targets that are zero all through it,
/// for panels too short for one training forecast, and for weeks.
///
/// # Examples
/// ```
/// use fincoach_core::{chrono::NaiveDate, ndarray::Array2};
/// use fincoach_forecast::{FittedModel, GlobalModel, GlobalParams, Panel, PanelModel, Series};
/// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
/// let week = |days| Array2::from_shape_fn((days, 1), |(day, _)| if day % 7 == 5 { 30.0 } else { 1.0 });
/// let (anna, ben) = (Series::new("anna", monday, week(90))?, Series::new("ben", monday, week(9))?);
/// let panel = Panel::new(vec!["groceries".into()], vec![anna, ben])?;
/// let params = GlobalParams::default().with_hidden(4).with_window(28).with_horizon(7).with_max_epochs(2);
/// let model = GlobalModel::new("lstm", params);
/// let next = model.fit(&panel)?.forecast(&panel, 7)?;
/// assert!((next[0].points()[[6, 0]] - 30.0).abs() < 3.0);
/// assert_eq!((next[0].served_by()[0].as_str(), next[1].served_by()[0].as_str()), ("lstm", "season_median_8"));
/// assert_eq!(next[1].date(0), NaiveDate::from_ymd_opt(2024, 1, 10).unwrap());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GlobalModel {
    name: String,
    params: GlobalParams,
    n_seeds: usize,
    update: Update,
    attributes: Vec<String>,
    payday: Option<Payday>,
}

impl GlobalModel {
    /// One network of these parameters.
    #[must_use]
    pub fn new(name: impl Into<String>, params: GlobalParams) -> Self {
        let (update, attributes) = (Update::default(), Vec::new());
        Self { name: name.into(), params, n_seeds: 1, update, attributes, payday: None }
    }

    /// Sets `n_seeds`.
    #[must_use]
    pub const fn with_n_seeds(mut self, n_seeds: usize) -> Self {
        self.n_seeds = n_seeds;
        self
    }

    /// Sets `update`.
    #[must_use]
    pub const fn with_update(mut self, update: Update) -> Self {
        self.update = update;
        self
    }

    /// Sets `attributes`.
    #[must_use]
    pub fn with_attributes(mut self, attributes: &[&str]) -> Self {
        self.attributes = attributes.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Sets `payday`.
    #[must_use]
    pub const fn with_payday(mut self, payday: Payday) -> Self {
        self.payday = Some(payday);
        self
    }

    /// The parameters of the network.
    #[must_use]
    pub const fn params(&self) -> &GlobalParams {
        &self.params
    }

    /// One model for each seed, named `name_seed`: in a back-test they tell the spread
    /// ([`Backtest::spread`](crate::Backtest::spread)), and their mean
    /// ([`BlendWeights::equal`](crate::BlendWeights::equal)) is this model.
    #[must_use]
    pub fn seeds(&self) -> Vec<Self> {
        let one = |more: usize| {
            let seed = self.params.seed().wrapping_add(more as u64);
            let (name, params) = (format!("{}_{seed}", self.name), self.params.clone().with_seed(seed));
            Self { name, params, n_seeds: 1, ..self.clone() }
        };
        (0..self.n_seeds).map(one).collect()
    }

    /// [`PanelModel::fit`], with its own type.
    ///
    /// # Errors
    /// As [`GlobalParams::fit_ensemble`].
    pub fn train(&self, past: &Panel) -> Result<FittedGlobal, Error> {
        fincoach_core::ParamError::ensure(self.n_seeds >= 1, "n_seeds", "at least 1", self.n_seeds)?;
        let levels_of = |name: &String| -> BTreeSet<String> {
            past.series().iter().filter_map(|series| series.attributes().get(name).cloned()).collect()
        };
        let levels = self.attributes.iter().map(|name| levels_of(name).into_iter().collect()).collect();
        let mut fitted = FittedGlobal { model: self.clone(), levels, ensemble: None };
        if past.n_users() > 0 && past.frequency() == Frequency::Daily {
            let ensemble = self.params.fit_ensemble(&fitted.set(past)?.0, self.n_seeds)?;
            fitted.ensemble =
                Some(ensemble).filter(|found| found.members().iter().all(GlobalNetwork::is_trained));
        }
        Ok(fitted)
    }

    /// What answers where the network has nothing to go by.
    const fn stand_in(&self) -> Plain {
        match self.params.profile() {
            super::Profile::WeekdayMean => Plain::SeasonMean { seasons: 8 },
            super::Profile::WeekdayMedian => Plain::SeasonMedian { seasons: 8 },
        }
    }
}

impl PanelModel for GlobalModel {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn fit(&self, past: &Panel) -> Result<Box<dyn FittedModel>, Error> {
        Ok(Box::new(self.train(past)?))
    }
}

/// A fitted [`GlobalModel`].
#[derive(Clone, Debug, PartialEq)]
pub struct FittedGlobal {
    model: GlobalModel,
    /// Per attribute, the values there were in training.
    levels: Vec<Vec<String>>,
    ensemble: Option<GlobalEnsemble>,
}

impl FittedGlobal {
    /// The networks; `None` where there was nothing to train on.
    #[must_use]
    pub const fn ensemble(&self) -> Option<&GlobalEnsemble> {
        self.ensemble.as_ref()
    }

    /// A panel as arrays on one calendar, and the day after the last of each series.
    fn set(&self, panel: &Panel) -> Result<(SeriesSet, Vec<usize>), Error> {
        let (first, last) = panel.span().unwrap_or((NaiveDate::MIN, NaiveDate::MIN));
        let place = |date: NaiveDate| usize::try_from((date - first).num_days()).unwrap_or(0);
        let (n_days, n_categories) = (place(last) + 1, panel.categories().len());
        let dim = (panel.n_users(), n_days, n_categories);
        let (mut values, mut observed) = (Array3::zeros(dim), Array3::from_elem(dim, false));
        let mut ends = Vec::with_capacity(panel.n_users());
        for (at, series) in panel.series().iter().enumerate() {
            let start = place(series.start());
            ends.push(start + series.n_days());
            for ((day, category), value) in series.values().indexed_iter() {
                values[[at, start + day, category]] = *value;
                observed[[at, start + day, category]] = series.is_observed(day, category);
            }
        }
        let set = SeriesSet::new(values, observed)?;
        let set = if panel.n_targets() > n_categories { set.with_total()? } else { set };
        let n_known = n_days + self.model.params.horizon();
        let known = self.model.payday.map_or_else(
            || weekday_inputs(first, n_known),
            |payday| KnownInputs::new(first, Frequency::Daily, n_known, payday).values().to_owned(),
        );
        let set = set.with_known(known)?;
        Ok((set.with_levels(self.levels_of(panel))?, ends))
    }

    /// Values that training did not have, and missing ones, are a level of their own.
    fn levels_of(&self, panel: &Panel) -> Array2<usize> {
        Array2::from_shape_fn((panel.n_users(), self.levels.len()), |(series, attribute)| {
            let value = panel.series()[series].attributes().get(&self.model.attributes[attribute]);
            let known = &self.levels[attribute];
            value.and_then(|value| known.iter().position(|one| one == value)).unwrap_or(known.len())
        })
    }

    /// Whether the network has something to go by: enough known days, and not all of them zero.
    fn is_forecast(&self, set: &SeriesSet, (series, end): (usize, usize), target: usize) -> bool {
        let window = end.saturating_sub(self.model.params.window())..end;
        let known = window.filter_map(|day| set.get(series, day.cast_signed(), target));
        let (n_known, n_above) = known.fold((0, 0), |(n, m), value| (n + 1, m + usize::from(value != 0.0)));
        n_known >= FEWEST_DAYS && n_above > 0
    }

    /// The outlook of one series: of the networks `by` target, else of the plain model.
    fn outlook(
        &self,
        series: &Series,
        plain: &Outlook,
        said: Option<(usize, &GlobalForecast, &[bool])>,
    ) -> Outlook {
        let is_ours = |place: usize| said.is_some_and(|(_, _, by)| by[place]);
        let ours = |value: &dyn Fn(usize, usize, &GlobalForecast) -> f64| {
            Array2::from_shape_fn(plain.points().dim(), |(ahead, place)| match said {
                Some((_, said, by)) if by[place] => value(ahead, place, said),
                _ => plain.points()[[ahead, place]],
            })
        };
        let at = said.map_or(0, |(at, _, _)| at);
        let points = ours(&|ahead, place, said| said.point[[at, ahead, place]]);
        let shares = said.map_or(&[][..], |(_, said, _)| &said.shares);
        let quantile = |(share, level): (usize, &f64)| {
            (*level, ours(&|ahead, place, said| said.quantiles[[at, ahead, place, share]]))
        };
        let quantiles = shares.iter().enumerate().map(quantile).collect();
        let outlook = Outlook::new(series, points, &self.model.name).with_quantiles(quantiles);
        let stand_ins = (0..plain.points().ncols()).filter(|place| !is_ours(*place));
        stand_ins.fold(outlook, |outlook, place| outlook.with_stand_in(place, &plain.served_by()[place]))
    }
}

impl FittedModel for FittedGlobal {
    fn forecast(&self, past: &Panel, horizon: usize) -> Result<Vec<Outlook>, Error> {
        let fitted = self.model.params.horizon();
        if horizon > fitted {
            return Err(Error::Horizon { asked: horizon, fitted });
        }
        let plain = self.model.stand_in().forecast(past, horizon)?;
        let each = past.series().iter().zip(&plain);
        let Some(ensemble) = self.ensemble.as_ref().filter(|_| past.frequency() == Frequency::Daily) else {
            return Ok(each.map(|(series, plain)| self.outlook(series, plain, None)).collect());
        };
        let (set, ends) = self.set(past)?;
        let starts: Vec<(usize, usize)> = ends.into_iter().enumerate().collect();
        let said = ensemble.forecast_from(&set, &starts)?;
        let outlook = |((series, plain), start): ((&Series, &Outlook), &(usize, usize))| {
            let is_ours = |target: usize| self.is_forecast(&set, *start, target);
            let by: Vec<bool> = (0..set.n_targets()).map(is_ours).collect();
            self.outlook(series, plain, Some((start.0, &said, &by)))
        };
        Ok(each.zip(&starts).map(outlook).collect())
    }

    fn updated(&self, past: &Panel) -> Result<Option<Box<dyn FittedModel>>, Error> {
        let Some(ensemble) = self.ensemble.as_ref().filter(|_| past.frequency() == Frequency::Daily) else {
            return Ok(None);
        };
        let ensemble = Some(ensemble.updated(&self.set(past)?.0, &self.model.update)?);
        Ok(Some(Box::new(Self { ensemble, ..self.clone() })))
    }
}
