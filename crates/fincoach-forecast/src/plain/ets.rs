//! Exponential smoothing with additive errors.

use super::nelder_mead::least;

/// Calls of the sum of squares for one form; the answer is within 1 % of statsmodels' long before.
const MAX_CALLS: usize = 300;

/// How the level moves of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trend {
    None,
    Damped,
}

/// How the season joins the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Season {
    None,
    Additive,
    Multiplicative,
}

/// Which components there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) trend: Trend,
    pub(super) season: Season,
}

impl Form {
    pub(super) const LEVEL: Self = Self { trend: Trend::None, season: Season::None };
    pub(super) const DAMPED: Self = Self { trend: Trend::Damped, season: Season::None };

    /// The forms from which the one of least `AICc` is taken.
    const ALL: [Self; 6] = [
        Self::LEVEL,
        Self::DAMPED,
        Self { trend: Trend::None, season: Season::Additive },
        Self { trend: Trend::Damped, season: Season::Additive },
        Self { trend: Trend::None, season: Season::Multiplicative },
        Self { trend: Trend::Damped, season: Season::Multiplicative },
    ];

    /// Smoothing parameters and start values that are estimated, the variance among them.
    const fn n_parameters(self, period: usize) -> usize {
        let trend = if matches!(self.trend, Trend::None) { 0 } else { 3 };
        let season = if matches!(self.season, Season::None) { 0 } else { period };
        3 + trend + season
    }

    const fn n_smoothing(self) -> usize {
        let trend = if matches!(self.trend, Trend::None) { 0 } else { 2 };
        1 + trend + if matches!(self.season, Season::None) { 0 } else { 1 }
    }
}

/// Smoothing parameters, in Hyndman's form of the recursions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Smoothing {
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) gamma: f64,
    pub(super) phi: f64,
}

impl Smoothing {
    /// From the unit cube to `0 < β < α < 1`, `0 < γ < 1 - α`, `0.8 ≤ φ ≤ 0.98`.
    fn of(form: Form, point: &[f64]) -> Self {
        let inside = |x: f64| 1e-4 + (1.0 - 2e-4) * x;
        let alpha = inside(point[0]);
        let (beta, phi) = match form.trend {
            Trend::None => (0.0, 1.0),
            Trend::Damped => (alpha * inside(point[1]), 0.8 + 0.18 * point[2]),
        };
        let gamma = match form.season {
            Season::None => 0.0,
            _ => (1.0 - alpha) * inside(point[form.n_smoothing() - 1]),
        };
        Self { alpha, beta, gamma, phi }
    }
}

/// Level, trend and season at one moment; `season[0]` is that of the next value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub(super) level: f64,
    pub(super) trend: f64,
    pub(super) season: Vec<f64>,
}

/// A form with its parameters and the state after the last value.
#[derive(Clone, Debug)]
pub(super) struct Ets {
    pub(super) form: Form,
    pub(super) smoothing: Smoothing,
    pub(super) state: State,
    pub(super) sse: f64,
}

impl Ets {
    /// The form of least `AICc` (of equals the simplest), fitted by least squares; `None` for fewer values
    /// than `2·period + 4`.
    pub(super) fn best(values: &[f64], period: usize) -> Option<Self> {
        if values.len() < 2 * period + 4 {
            return None;
        }
        let positive = values.iter().all(|value| *value > 0.0);
        let mut best: Option<(f64, Self)> = None;
        for form in Form::ALL {
            if form.season == Season::Multiplicative && !positive {
                continue;
            }
            let fitted = Self::fit(values, period, form);
            let criterion = aicc(fitted.sse, values.len(), form.n_parameters(period));
            if best.as_ref().is_none_or(|(least, _)| criterion < *least) {
                best = Some((criterion, fitted));
            }
        }
        best.map(|(_, fitted)| fitted)
    }

    /// The parameters of least squared one-step errors, from start values taken from the first seasons.
    pub(super) fn fit(values: &[f64], period: usize, form: Form) -> Self {
        let start = start(values, period, form);
        let guess: Vec<f64> = [0.2, 0.1, 0.5, 0.1][..form.n_smoothing()].to_vec();
        let guess = if form.n_smoothing() == 2 { vec![0.2, 0.1] } else { guess };
        let mut state = start.clone();
        let point = least(&guess, MAX_CALLS, |point| {
            state.clone_from(&start);
            run(values, form, Smoothing::of(form, point), &mut state)
        });
        let smoothing = Smoothing::of(form, &point);
        state.clone_from(&start);
        let sse = run(values, form, smoothing, &mut state);
        // The season is kept in place and read from where the next value stands.
        if !state.season.is_empty() {
            let next = values.len() % state.season.len();
            state.season.rotate_left(next);
        }
        Self { form, smoothing, state, sse }
    }

    /// The values to come.
    pub(super) fn forecast(&self, horizon: usize) -> Vec<f64> {
        let (mut damping, mut sum) = (1.0, 0.0);
        (0..horizon)
            .map(|ahead| {
                damping *= self.smoothing.phi;
                sum += damping;
                let level = self.state.level + sum * self.state.trend;
                match self.form.season {
                    Season::None => level,
                    Season::Additive => level + self.state.season[ahead % self.state.season.len()],
                    Season::Multiplicative => level * self.state.season[ahead % self.state.season.len()],
                }
            })
            .collect()
    }
}

/// The sum of squared one-step errors; the state is left as it is after the last value.
///
/// Hyndman, Koehler, Ord and Snyder, *Forecasting with Exponential Smoothing* (2008), table 2.2, error A.
pub(super) fn run(values: &[f64], form: Form, smoothing: Smoothing, state: &mut State) -> f64 {
    let Smoothing { alpha, beta, gamma, phi } = smoothing;
    let period = state.season.len().max(1);
    let mut sse = 0.0;
    for (time, value) in values.iter().enumerate() {
        let base = state.level + phi * state.trend;
        let place = time % period;
        let (error, by_level, by_season) = match form.season {
            Season::None => (value - base, 1.0, 1.0),
            Season::Additive => (value - base - state.season[place], 1.0, 1.0),
            Season::Multiplicative => {
                let season = state.season[place];
                (value - base * season, away_from_zero(season), away_from_zero(base))
            }
        };
        sse += error * error;
        state.level = base + alpha * error / by_level;
        state.trend = phi * state.trend + beta * error / by_level;
        if form.season != Season::None {
            state.season[place] += gamma * error / by_season;
        }
    }
    sse
}

fn away_from_zero(divisor: f64) -> f64 {
    if divisor.abs() < 1e-10 { 1e-10 } else { divisor }
}

/// Start values: the season from up to five first cycles, level and trend from the line through what is left
/// of the first ten values (Hyndman and others 2008, 2.6.1).
#[expect(clippy::cast_precision_loss, reason = "numbers of values")]
pub(super) fn start(values: &[f64], period: usize, form: Form) -> State {
    let season = match form.season {
        Season::None => Vec::new(),
        season => first_season(values, period, season == Season::Multiplicative),
    };
    let n = values.len().min(10.max(period));
    let rest: Vec<f64> = (0..n)
        .map(|time| match form.season {
            Season::None => values[time],
            Season::Additive => values[time] - season[time % period],
            Season::Multiplicative => values[time] / away_from_zero(season[time % period]),
        })
        .collect();
    let mean = rest.iter().sum::<f64>() / n.max(1) as f64;
    if form.trend == Trend::None {
        return State { level: mean, trend: 0.0, season };
    }
    let middle = (n as f64 - 1.0) / 2.0;
    let (mut up, mut across) = (0.0, 0.0);
    for (time, value) in rest.iter().enumerate() {
        let x = time as f64 - middle;
        up += x * (value - mean);
        across += x * x;
    }
    let trend = if across > 0.0 { up / across } else { 0.0 };
    State { level: mean - trend * (middle + 1.0), trend, season }
}

/// Mean deviation from (or ratio to) the mean of each of the first cycles.
#[expect(clippy::cast_precision_loss, reason = "numbers of values")]
fn first_season(values: &[f64], period: usize, multiplicative: bool) -> Vec<f64> {
    let cycles = (values.len() / period).clamp(1, 5);
    let mut season = vec![0.0; period];
    for cycle in values.chunks_exact(period).take(cycles) {
        let mean = cycle.iter().sum::<f64>() / period as f64;
        for (sum, value) in season.iter_mut().zip(cycle) {
            *sum += if multiplicative { value / away_from_zero(mean) } else { value - mean };
        }
    }
    season.iter().map(|sum| sum / cycles as f64).collect()
}

#[expect(clippy::cast_precision_loss, reason = "numbers of values")]
fn aicc(sse: f64, n: usize, k: usize) -> f64 {
    let (n, k) = (n as f64, k as f64);
    if n - k - 1.0 <= 0.0 {
        return f64::INFINITY;
    }
    n * (sse / n).max(1e-300).ln() + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0)
}
