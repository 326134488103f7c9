//! Several networks of one kind that answer together.

use fincoach_core::{Control, DataError, Fit, Progress, Silent, Step};
use rayon::prelude::*;

use super::{GlobalForecast, GlobalNetwork, GlobalParams, SeriesSet};
use crate::Error;

/// Networks of the same parameters from several seeds; the forecast is their mean.
#[derive(Clone, Debug, PartialEq)]
pub struct GlobalEnsemble {
    members: Vec<GlobalNetwork>,
}

impl GlobalEnsemble {
    /// # Errors
    /// [`DataError::Empty`] without members.
    pub fn new(members: Vec<GlobalNetwork>) -> Result<Self, Error> {
        if members.is_empty() {
            return Err(DataError::Empty { what: "networks" }.into());
        }
        Ok(Self { members })
    }

    /// The networks in the order of their seeds.
    #[must_use]
    pub fn members(&self) -> &[GlobalNetwork] {
        &self.members
    }

    /// The forecast of each member.
    ///
    /// # Errors
    /// As [`GlobalNetwork::forecast`].
    pub fn forecasts(&self, set: &SeriesSet) -> Result<Vec<GlobalForecast>, Error> {
        self.members.iter().map(|member| member.forecast(set)).collect()
    }

    /// The mean of the members' forecasts, quantile by quantile.
    ///
    /// # Errors
    /// As [`GlobalNetwork::forecast`].
    pub fn forecast(&self, set: &SeriesSet) -> Result<GlobalForecast, Error> {
        self.mean(self.forecasts(set)?)
    }

    /// The same from a day of its own on, for each of some series.
    pub(super) fn forecast_from(
        &self,
        set: &SeriesSet,
        starts: &[(usize, usize)],
    ) -> Result<GlobalForecast, Error> {
        let forecasts = self.members.iter().map(|member| member.forecast_from(set, starts));
        self.mean(forecasts.collect::<Result<_, _>>()?)
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of networks")]
    fn mean(&self, forecasts: Vec<GlobalForecast>) -> Result<GlobalForecast, Error> {
        let mut forecasts = forecasts.into_iter();
        let Some(mut mean) = forecasts.next() else {
            return Err(DataError::Empty { what: "networks" }.into());
        };
        for more in forecasts {
            DataError::ensure_len("quantiles", mean.shares.len(), more.shares.len())?;
            mean.point += &more.point;
            mean.quantiles += &more.quantiles;
        }
        mean.point /= self.members.len() as f64;
        mean.quantiles /= self.members.len() as f64;
        Ok(mean)
    }

    /// Every member after [`GlobalNetwork::updated`].
    ///
    /// # Errors
    /// As there.
    pub fn updated(&self, set: &SeriesSet, update: &super::Update) -> Result<Self, Error> {
        let members = self.members.iter().map(|member| member.updated(set, update));
        Ok(Self { members: members.collect::<Result<_, _>>()? })
    }
}

impl GlobalParams {
    /// Networks with the seeds `seed`, `seed + 1`, ….
    ///
    /// # Errors
    /// As [`Fit::fit`]; of several, that of the lowest seed.
    pub fn fit_ensemble(&self, set: &SeriesSet, n_seeds: usize) -> Result<GlobalEnsemble, Error> {
        self.fit_ensemble_with(set, n_seeds, &mut Silent)
    }

    /// [`GlobalParams::fit_ensemble`], telling each finished network in the order of the seeds (stage
    /// `global_seeds`). As many are trained side by side as there are threads; told to stop after one, it
    /// returns those up to that one.
    ///
    /// # Errors
    /// As there.
    pub fn fit_ensemble_with(
        &self,
        set: &SeriesSet,
        n_seeds: usize,
        progress: &mut dyn Progress,
    ) -> Result<GlobalEnsemble, Error> {
        let fit = |more: usize| self.clone().with_seed(self.seed().wrapping_add(more as u64)).fit(set);
        let at_once = rayon::current_num_threads().max(1);
        let mut members = Vec::with_capacity(n_seeds);
        while members.len() < n_seeds {
            let seeds = members.len()..n_seeds.min(members.len() + at_once);
            let fitted: Vec<_> = seeds.into_par_iter().map(fit).collect();
            for member in fitted {
                members.push(member?);
                let step = Step::new("global_seeds", members.len() as u64, n_seeds as u64);
                if progress.step(&step) == Control::Stop {
                    return GlobalEnsemble::new(members);
                }
            }
        }
        GlobalEnsemble::new(members)
    }
}
