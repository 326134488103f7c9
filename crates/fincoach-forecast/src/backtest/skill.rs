//! Whether one model is better than another, and how sure that is.

use fincoach_core::ParamError;
use fincoach_core::rng::stream;
use serde::{Deserialize, Serialize};

use super::Backtest;
use super::scores::{Forecasted, Loss, NO_FORECASTS, Scope};
use crate::Error;

/// Draws of the bootstrap: the ends of a 90 % interval then vary by about a tenth of its width.
const DRAWS: u64 = 500;

/// How far one model's error lies below another's on the same forecasts: `1 - error/error of the other`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Skill {
    /// The skill: above 0 the model is better; 0 where both are perfect, −∞ where the other alone is.
    pub skill: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Its level, such as 0.9.
    pub level: f64,
}

impl Skill {
    /// Whether the whole interval lies above 0.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.low > 0.0
    }
}

impl Backtest {
    /// The skill of a model against another, with a paired interval.
    ///
    /// The interval is that of the bootstrap over series and over blocks of neighbouring origins at once:
    /// each draw takes series and blocks with replacement and weighs a forecast by how often both were drawn
    /// (Owen and Eckles 2012). Origins nearer than the horizon share days, so that they are drawn
    /// together. With one series origins alone are drawn, with one origin series alone; with one of each the
    /// interval is the skill itself and shows nothing. The draws are the same whenever it is asked.
    ///
    /// # Errors
    /// [`Error::Param`] for a level outside (0, 1); as [`Backtest::scores`].
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{chrono::NaiveDate, ndarray::Array2};
    /// use fincoach_forecast::{BacktestParams, Panel, Plain, Scope, ScoreLoss, Series};
    /// let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    /// let spent = Array2::from_shape_fn((140, 1), |(day, _)| if day % 7 == 5 { 30.0 } else { 0.0 });
    /// let panel = Panel::new(vec!["groceries".into()], vec![Series::new("anna", monday, spent)?])?;
    /// let backtest = BacktestParams::default().run(&panel, &[&Plain::Zero, &Plain::SeasonalNaive])?;
    /// let skill = backtest.skill(["seasonal_naive", "zero"], &Scope::default(), (ScoreLoss::Squared, 0.9))?;
    /// assert!(skill.skill == 1.0 && skill.is_shown());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn skill(
        &self,
        models: [&str; 2],
        scope: &Scope,
        (loss, level): (Loss, f64),
    ) -> Result<Skill, Error> {
        ParamError::ensure(level > 0.0 && level < 1.0, "level", "in (0, 1)", level)?;
        let both = [self.forecasts(models[0], scope)?, self.forecasts(models[1], scope)?];
        if both[0].is_empty() {
            return Err(NO_FORECASTS.into());
        }
        let sums = self.sums_by_unit(&both, loss);
        let one = vec![1.0; self.users.len().max(self.origins.len())];
        let skill = skill_of(&sums, &one, &one, loss);
        let mut draws: Vec<f64> = (0..DRAWS)
            .map(|draw| {
                let mut rng = stream(0, draw);
                let mut often = |n: usize, together: usize| {
                    let mut counts = vec![0.0; n];
                    let n_blocks = n.div_ceil(together.max(1));
                    for _ in 0..n_blocks {
                        let first = rng.below(n);
                        for offset in 0..together.max(1) {
                            counts[(first + offset) % n] += 1.0;
                        }
                    }
                    if n == 1 { vec![1.0] } else { counts }
                };
                let together = self.wait().min(self.origins.len());
                let (series, origins) = (often(self.users.len(), 1), often(self.origins.len(), together));
                skill_of(&sums, &series, &origins, loss)
            })
            .filter(|skill| skill.is_finite())
            .collect();
        draws.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - level) / 2.0;
        let at = |share: f64| quantile(&draws, share).unwrap_or(skill);
        Ok(Skill { skill, low: at(tail), high: at(1.0 - tail), level })
    }

    /// Losses of both models per series and origin.
    fn sums_by_unit(&self, both: &[Vec<Forecasted>; 2], loss: Loss) -> Vec<(usize, usize, [f64; 2])> {
        let mut sums = vec![[0.0; 2]; self.users.len() * self.origins.len()];
        for (model, all) in both.iter().enumerate() {
            for one in all {
                let unit = one.series * self.origins.len() + one.origin;
                sums[unit][model] += loss.of(one.actual, one.forecast);
            }
        }
        let n = self.origins.len();
        sums.into_iter().enumerate().map(|(unit, sums)| (unit / n, unit % n, sums)).collect()
    }
}

fn skill_of(sums: &[(usize, usize, [f64; 2])], series: &[f64], origins: &[f64], loss: Loss) -> f64 {
    let (mut ours, mut others) = (0.0, 0.0);
    for (one, origin, [a, b]) in sums {
        let weight = series[*one] * origins[*origin];
        ours += weight * a;
        others += weight * b;
    }
    if ours == others { 0.0 } else { 1.0 - loss.score(ours / others) }
}

/// The value at a share of sorted values, by linear interpolation.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place"
)]
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share.clamp(0.0, 1.0) * (sorted.len().checked_sub(1)?) as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let next = sorted.get(low + 1).unwrap_or(&sorted[low]);
    Some(sorted[low] + part * (next - sorted[low]))
}
