//! Examples of the network: a series, and a day from which it is forecast.

use fincoach_core::StandardScaler;
use fincoach_core::ndarray::Axis;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::past::Past;
use super::{GlobalParams, SeriesSet};
use crate::Error;
use crate::engine::{Batch, Example, Plan, Table, UNKNOWN};

/// A number of the network is at most this: one mistyped amount shall not drown the rest.
const FARTHEST: f64 = 10.0;

/// Widths of the data a network was trained on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Widths {
    pub(super) n_targets: usize,
    pub(super) n_known: usize,
    /// Levels of each category.
    pub(super) levels: Vec<usize>,
}

/// What all series have in common; read from training days alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Norms {
    /// The smallest scale of each target.
    pub(super) floors: Vec<f64>,
    pub(super) known: Option<StandardScaler>,
}

impl Widths {
    pub(super) fn of(set: &SeriesSet) -> Self {
        let highest = |column: fincoach_core::ndarray::ArrayView1<'_, usize>| {
            column.iter().max().map_or(0, |level| level.saturating_add(1))
        };
        let levels = set.levels().columns().into_iter().map(highest).collect();
        Self { n_targets: set.n_targets(), n_known: set.known().ncols(), levels }
    }

    pub(super) fn plan(&self, params: &GlobalParams) -> Plan {
        let (days, targets) = (params.days_per_step(), self.n_targets);
        let year = if params.year_lag() > 0 { 2 * targets * (1 + days) + 1 } else { 0 };
        let tables = self.levels.iter().map(|levels| Table { levels: *levels, width: params.embedding() });
        Plan {
            n_inputs: 2 * targets * days + targets + year + days * self.n_known + 1,
            tables: if params.embedding() > 0 { tables.collect() } else { Vec::new() },
            hidden: params.hidden(),
            layers: params.layers(),
            n_outputs: days * targets * params.loss().n_shares(),
            steps: params.past_steps() + params.future_steps(),
            head_steps: params.future_steps(),
        }
    }
}

impl Norms {
    /// Of the days before `end`.
    #[expect(clippy::cast_precision_loss, reason = "numbers of values")]
    pub(super) fn fit(set: &SeriesSet, end: usize) -> Result<Self, Error> {
        let floor = |target: usize| {
            let (mut sum, mut n) = (0.0, 0_usize);
            for series in 0..set.n_series() {
                for value in (0..end.cast_signed()).filter_map(|day| set.get(series, day, target)) {
                    sum += value.abs();
                    n += 1;
                }
            }
            let mean = sum / n.max(1) as f64;
            if mean > 0.0 && mean.is_finite() { 1e-3 * mean } else { 1.0 }
        };
        let known = set.known();
        let (rows, _) = known.split_at(Axis(0), end.max(1).min(known.nrows()));
        let fits = rows.nrows() > 0 && rows.ncols() > 0;
        let known = if fits { Some(StandardScaler::fit(rows)?) } else { None };
        Ok(Self { floors: (0..set.n_targets()).map(floor).collect(), known })
    }
}

/// Examples of one set.
pub(super) struct Frame<'a> {
    params: &'a GlobalParams,
    set: &'a SeriesSet,
    norms: &'a Norms,
    /// Series and day, in this order.
    examples: Vec<(usize, usize)>,
    /// What all series did after the same day last year, for each day that stands in `examples`.
    shared: Vec<Option<Year>>,
}

/// What was around the same day last year, in scales of the window before it.
#[derive(Clone)]
struct Year {
    /// The mean of each step, `(steps, n_targets)`.
    steps: Vec<f64>,
    /// What the days after it differed by from their weekday, `(future days, n_targets)`.
    days: Vec<f64>,
}

impl<'a> Frame<'a> {
    pub(super) fn new(
        (params, set, norms): (&'a GlobalParams, &'a SeriesSet, &'a Norms),
        examples: Vec<(usize, usize)>,
    ) -> Self {
        let mut frame = Self { params, set, norms, examples, shared: Vec::new() };
        let mut needed = vec![false; frame.examples.iter().map(|(_, day)| day + 1).max().unwrap_or(0)];
        frame.examples.iter().for_each(|(_, day)| needed[*day] = params.year_lag() > 0);
        let shared = |(day, needed): (usize, bool)| needed.then(|| frame.shared_year(day)).flatten();
        frame.shared = needed.into_par_iter().enumerate().map(shared).collect();
        frame
    }

    /// Every series at these days, where its window and its target have something known.
    pub(super) fn trained_on(
        (params, set, norms): (&'a GlobalParams, &'a SeriesSet, &'a Norms),
        days: &[usize],
    ) -> Self {
        let any = |series: usize, from: usize, to: usize| {
            (0..set.n_targets()).any(|target| {
                (from.cast_signed()..to.cast_signed()).any(|day| set.get(series, day, target).is_some())
            })
        };
        let useful = |series: usize, day: usize| {
            any(series, day.saturating_sub(params.window()), day) && any(series, day, day + params.horizon())
        };
        let all = (0..set.n_series()).flat_map(|series| days.iter().map(move |day| (series, *day)));
        Self::new((params, set, norms), all.filter(|(series, day)| useful(*series, *day)).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.examples.len()
    }

    pub(super) fn past(&self, (series, day): (usize, usize), target: usize) -> Past {
        self.window((series, day.cast_signed()), target)
    }

    fn window(&self, (series, day): (usize, isize), target: usize) -> Past {
        let how = (self.set, self.params.profile(), self.norms.floors[target]);
        Past::new(how, (series, target), (day, self.params.window()))
    }

    /// The days of step `step`, counted from the day of the forecast.
    fn days(&self, step: usize) -> impl Iterator<Item = isize> + use<> {
        let days = self.params.days_per_step();
        let first = (step * days).cast_signed() - self.params.window().cast_signed();
        (0..days.cast_signed()).map(move |day| first + day)
    }

    /// What a series did around the same day last year, where at least half of the window is known.
    #[expect(clippy::cast_precision_loss, reason = "numbers of days")]
    fn year(&self, (series, day): (usize, usize)) -> Option<Year> {
        let n_targets = self.set.n_targets();
        let origin = day.cast_signed() - self.params.year_lag().cast_signed();
        let n_steps = self.params.past_steps() + self.params.future_steps();
        let n_future = self.params.future_steps() * self.params.days_per_step();
        let mut year = Year { steps: vec![0.0; n_steps * n_targets], days: vec![0.0; n_future * n_targets] };
        for target in 0..n_targets {
            let past = self.window((series, origin), target);
            if 2 * past.n_known < self.params.window() {
                return None;
            }
            // Days from the forecast on are never looked up: the lag is at least the horizon, but the last
            // step may be longer.
            let value = |after: isize| {
                let known = self
                    .set
                    .get(series, origin + after, target)
                    .filter(|_| origin + after < day.cast_signed());
                known.map(|value| near(value / past.scale - past.expected(after)))
            };
            for step in 0..n_steps {
                let found: Vec<f64> =
                    self.days(step).filter_map(|after| Some(value(after)? + past.expected(after))).collect();
                let mean = found.iter().sum::<f64>() / found.len().max(1) as f64;
                year.steps[step * n_targets + target] =
                    if found.is_empty() { 0.0 } else { mean - past.level() };
            }
            for after in 0..n_future {
                year.days[after * n_targets + target] = value(after.cast_signed()).unwrap_or(0.0);
            }
        }
        Some(year)
    }

    /// The mean over all series.
    fn shared_year(&self, day: usize) -> Option<Year> {
        let mut years = (0..self.set.n_series()).filter_map(|series| self.year((series, day)));
        let (mut sum, mut n) = (years.next()?, 1_u32);
        for year in years {
            n += 1;
            let add =
                |to: &mut [f64], more: &[f64]| to.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            add(&mut sum.steps, &year.steps);
            add(&mut sum.days, &year.days);
        }
        sum.steps.iter_mut().chain(&mut sum.days).for_each(|value| *value /= f64::from(n));
        Some(sum)
    }

    /// One step of inputs.
    fn write_step(&self, step: usize, known: &Known<'_>, to: &mut Inputs<'_>) {
        let (series, day) = known.example;
        let is_past = step < self.params.past_steps();
        for (target, past) in known.pasts.iter().enumerate() {
            let mut n_known = 0.0;
            for after in self.days(step) {
                let value = self.set.get(series, day.cast_signed() + after, target).filter(|_| is_past);
                n_known += f64::from(u8::from(value.is_some()));
                to.push(value.map_or(0.0, |value| near(value / past.scale - past.expected(after))));
            }
            self.days(step).for_each(|after| to.push(past.expected(after)));
            to.push(n_known / f64::from(u32::try_from(self.params.days_per_step()).unwrap_or(1)));
        }
        if self.params.year_lag() > 0 {
            self.write_year(step, known, to);
        }
        if let Some(scaler) = &self.norms.known {
            let last = self.set.known().nrows().saturating_sub(1);
            for after in self.days(step) {
                let row = usize::try_from(day.cast_signed() + after).unwrap_or(0).min(last);
                let scales = scaler.means().iter().zip(scaler.scales());
                for (value, (mean, scale)) in self.set.known().row(row).iter().zip(scales) {
                    to.push(near((value - mean) / scale));
                }
            }
        }
        to.push(f64::from(u8::from(!is_past)));
    }

    fn write_year(&self, step: usize, known: &Known<'_>, to: &mut Inputs<'_>) {
        let (days, n_targets) = (self.params.days_per_step(), known.pasts.len());
        for year in [known.own.as_ref(), known.shared] {
            for target in 0..n_targets {
                to.push(year.map_or(0.0, |year| year.steps[step * n_targets + target]));
                for day in 0..days {
                    let after = (step * days + day).checked_sub(self.params.window());
                    let found = year.zip(after).map(|(year, after)| year.days[after * n_targets + target]);
                    to.push(found.unwrap_or(0.0));
                }
            }
        }
        to.push(f64::from(u8::from(known.own.is_some())));
    }

    /// What the outputs should have been, and what they are added to.
    #[expect(clippy::cast_possible_truncation, reason = "the network computes in f32")]
    fn write_targets(&self, (series, day): (usize, usize), pasts: &[Past], into: &mut Example) {
        let (days, mut at) = (self.params.days_per_step(), 0);
        for step in 0..self.params.future_steps() {
            for (target, past) in pasts.iter().enumerate() {
                for after in step * days..(step + 1) * days {
                    let value = self.set.get(series, (day + after).cast_signed(), target);
                    let value = value.filter(|_| after < self.params.horizon());
                    into.values[at] = value.map_or(0.0, |value| (value / past.scale).clamp(-1e3, 1e3)) as f32;
                    into.bases[at] = past.expected(after.cast_signed()) as f32;
                    into.weights[at] = f32::from(u8::from(value.is_some()));
                    at += 1;
                }
            }
        }
    }
}

/// What is known at the day of a forecast.
struct Known<'a> {
    example: (usize, usize),
    pasts: Vec<Past>,
    own: Option<Year>,
    shared: Option<&'a Year>,
}

/// Numbers written one after the other.
struct Inputs<'a> {
    numbers: &'a mut [f32],
    at: usize,
}

impl Inputs<'_> {
    #[expect(clippy::cast_possible_truncation, reason = "the network computes in f32")]
    fn push(&mut self, number: f64) {
        if let Some(place) = self.numbers.get_mut(self.at) {
            *place = number as f32;
        }
        self.at += 1;
    }
}

fn near(number: f64) -> f64 {
    number.clamp(-FARTHEST, FARTHEST)
}

impl Batch for Frame<'_> {
    fn write(&self, which: usize, into: &mut Example) {
        let example @ (series, day) = self.examples[which];
        let pasts = (0..self.set.n_targets()).map(|target| self.past(example, target)).collect();
        let own = if self.params.year_lag() > 0 { self.year(example) } else { None };
        let known = Known { example, pasts, own, shared: self.shared.get(day).and_then(Option::as_ref) };
        let mut numbers = std::mem::take(&mut into.inputs);
        let mut inputs = Inputs { numbers: &mut numbers, at: 0 };
        for step in 0..self.params.past_steps() + self.params.future_steps() {
            self.write_step(step, &known, &mut inputs);
        }
        into.inputs = numbers;
        self.write_targets(example, &known.pasts, into);
        let levels = self.set.levels();
        for (column, level) in into.levels.iter_mut().enumerate() {
            *level = levels.get([series, column]).copied().unwrap_or(UNKNOWN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fincoach_core::ndarray::{Array2, Array3};

    #[test]
    fn no_input_of_an_example_depends_on_days_from_its_day_on() {
        let params = GlobalParams::default().with_window(14).with_horizon(10).with_year_lag(14);
        let values = |change: f64| {
            let of = |(series, day, target): (usize, usize, usize)| {
                ((series * 7 + day * 3 + target) % 11) as f64 + if day >= 40 { change } else { 0.0 }
            };
            let set =
                SeriesSet::new(Array3::from_shape_fn((3, 60, 2), of), Array3::from_elem((3, 60, 2), true));
            set.unwrap().with_known(Array2::from_shape_fn((60, 1), |(day, _)| (day % 5) as f64)).unwrap()
        };
        let inputs = |set: &SeriesSet| {
            let norms = Norms::fit(set, 40).unwrap();
            let frame = Frame::new((&params, set, &norms), vec![(1, 40)]);
            let plan = Widths::of(set).plan(&params);
            let room = vec![f32::NAN; plan.steps * plan.n_inputs];
            let n = plan.head_steps * plan.n_outputs;
            let mut example = Example { inputs: room, ..Example::default() };
            (example.values, example.bases, example.weights) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
            frame.write(0, &mut example);
            example
        };
        let (a, b) = (inputs(&values(0.0)), inputs(&values(5.0)));
        assert!(a.inputs.iter().all(|number| number.is_finite()));
        assert_eq!((&a.inputs, &a.bases), (&b.inputs, &b.bases));
        assert_ne!(a.values, b.values);
        assert_eq!(a.weights.iter().filter(|weight| **weight == 0.0).count(), 2 * 4);
    }
}
