//! The loss of one transition and its slope in the values of the actions.

use crate::{CqlParams, NextValue, QStep, TdLoss};

/// What counts for one head in one transition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    pub(crate) step: QStep,
    /// Values of the state's actions.
    pub(crate) q: &'a [f32],
    /// Values of the next state's actions by the target network.
    pub(crate) next: &'a [f32],
    /// The same by the trained network; read for [`NextValue::Double`] only.
    pub(crate) next_online: &'a [f32],
    /// Which actions were allowed, and which are in the next state; all where there are none.
    pub(crate) allowed: Option<(&'a [bool], &'a [bool])>,
    /// What the transition counts for this head, over heads and transitions.
    pub(crate) weight: f32,
}

/// How the parts are made and weighed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    td_loss: TdLoss,
    next_value: NextValue,
    alpha: f32,
}

/// Sums of the parts of the loss.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sums {
    pub(crate) td: f64,
    pub(crate) conservative: f64,
}

impl Rule {
    #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
    pub(crate) fn new(params: &CqlParams, alpha: f64) -> Self {
        Self { td_loss: params.td_loss(), next_value: params.next_value(), alpha: alpha as f32 }
    }

    /// Writes the slope of the weighted loss in each value and gives the weighted parts.
    pub(crate) fn lay(&self, case: &Case<'_>, slope: &mut [f32]) -> Sums {
        let allowed = case.allowed.map(|(now, _)| now);
        let taken = case.q[case.step.action];
        let top = over(case.q, allowed).map(|(_, q)| q).fold(f32::NEG_INFINITY, f32::max);
        let mut total = 0.0;
        slope.fill(0.0);
        for (action, q) in over(case.q, allowed) {
            let share = (q - top).exp();
            slope[action] = share;
            total += share;
        }
        let conservative = total.ln() + top - taken;
        let scale = self.alpha * case.weight / total;
        slope.iter_mut().for_each(|share| *share *= scale);
        let (td, td_slope) = self.td(taken, case);
        slope[case.step.action] += case.weight * (td_slope - self.alpha);
        let weighed = |part: f32| f64::from(case.weight) * f64::from(part);
        Sums { td: weighed(td), conservative: weighed(conservative) }
    }

    /// The loss of the temporal difference and its slope.
    fn td(&self, taken: f32, case: &Case<'_>) -> (f32, f32) {
        let error = || taken - (case.step.reward + self.bootstrap(case));
        match self.td_loss {
            TdLoss::Squared => {
                let error = error();
                (error * error, 2.0 * error)
            }
            TdLoss::Huber => {
                let error = error();
                let size = error.abs();
                let loss = if size <= 1.0 { 0.5 * error * error } else { size - 0.5 };
                (loss, error.clamp(-1.0, 1.0))
            }
            TdLoss::Off => (0.0, 0.0),
        }
    }

    /// What the next state is worth today.
    fn bootstrap(&self, case: &Case<'_>) -> f32 {
        if case.step.discount == 0.0 {
            return 0.0;
        }
        let chooser = match self.next_value {
            NextValue::Max => case.next,
            NextValue::Double => case.next_online,
        };
        let mut best = (0, f32::NEG_INFINITY);
        for (action, q) in over(chooser, case.allowed.map(|(_, next)| next)) {
            // A NaN is taken, so that the loss shows it.
            if q > best.1 || q.is_nan() {
                best = (action, q);
            }
        }
        case.step.discount * case.next[best.0]
    }
}

/// The allowed actions and their values.
fn over<'a>(q: &'a [f32], allowed: Option<&'a [bool]>) -> impl Iterator<Item = (usize, f32)> {
    let may = move |action: usize| allowed.is_none_or(|allowed| allowed[action]);
    q.iter().copied().enumerate().filter(move |(action, _)| may(*action))
}
