//! The part of a batch that one thread works on.

use fincoach_core::nn::Dropout;
use fincoach_core::rng::Rng;
use rayon::prelude::*;

use crate::mlp::{Back, Flow, Plan};
use crate::q_loss::{Case, Rule, Sums};
use crate::{CqlParams, NextValue, QData, TdLoss};

/// What all parts of a step share.
pub(crate) struct Work<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) n_heads: usize,
    pub(crate) online: &'a [f32],
    pub(crate) target: &'a [f32],
    pub(crate) data: &'a QData,
    pub(crate) rule: Rule,
    pub(crate) params: &'a CqlParams,
    /// What one head counts in one transition.
    pub(crate) share: f32,
    pub(crate) dropout: Dropout,
}

/// The memory of a part, and what it gives.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    inputs: Vec<f32>,
    flow: Flow,
    next_online: Flow,
    next_target: Flow,
    back: Back,
    pub(crate) sums: Sums,
}

impl Part {
    pub(crate) fn new(plan: &Plan, n_rows: usize, dropout: Dropout) -> Self {
        Self {
            inputs: vec![0.0; n_rows * plan.n_inputs()],
            flow: Flow::new(plan, n_rows),
            next_online: Flow::new(plan, n_rows),
            next_target: Flow::new(plan, n_rows),
            back: Back::new(plan, n_rows, dropout),
            sums: Sums::default(),
        }
    }

    /// The gradients of all weights.
    pub(crate) fn gradients(&self) -> &[f32] {
        &self.back.gradients
    }
}

impl Work<'_> {
    /// Works on every part, side by side where there are several.
    pub(crate) fn share_out(
        &self,
        parts: &mut [Part],
        rows: std::slice::Chunks<'_, usize>,
        stream: impl Fn(usize) -> Rng + Sync,
    ) {
        if let [part] = parts {
            rows.for_each(|rows| self.part(part, rows, &mut stream(0)));
            return;
        }
        let rows: Vec<&[usize]> = rows.collect();
        parts
            .par_iter_mut()
            .zip(&rows)
            .enumerate()
            .for_each(|(at, (part, rows))| self.part(part, rows, &mut stream(at)));
    }

    fn part(&self, part: &mut Part, rows: &[usize], rng: &mut Rng) {
        let looks_ahead = self.params.td_loss() != TdLoss::Off
            && rows.iter().any(|row| self.data.steps()[*row].discount != 0.0);
        let Part { inputs, flow, next_online, next_target, .. } = part;
        let inputs = &mut inputs[..rows.len() * self.plan.n_inputs()];
        if looks_ahead {
            gather(rows, inputs, |row| self.data.next_state(row));
            self.plan.forward((self.target, inputs), next_target, None);
            if self.params.next_value() == NextValue::Double {
                self.plan.forward((self.online, inputs), next_online, None);
            }
        }
        gather(rows, inputs, |row| self.data.state(row));
        self.plan.forward((self.online, inputs), flow, Some((self.dropout, rng)));
        part.sums = self.losses(part, rows);
        let inputs = &part.inputs[..rows.len() * self.plan.n_inputs()];
        self.plan.backward((self.online, inputs), &part.flow, &mut part.back);
    }

    /// The losses of all rows and heads, and their slopes as gradients of the outputs.
    fn losses(&self, part: &mut Part, rows: &[usize]) -> Sums {
        let (width, n_actions) = (self.plan.n_outputs(), self.data.n_actions());
        let mut sums = Sums::default();
        for (at, row) in rows.iter().enumerate() {
            for head in 0..self.n_heads {
                let start = at * width + head * n_actions;
                let values = start..start + n_actions;
                let case = Case {
                    step: self.data.steps()[*row],
                    q: &part.flow.outputs[values.clone()],
                    next: &part.next_target.outputs[values.clone()],
                    next_online: &part.next_online.outputs[values.clone()],
                    allowed: self.data.allowed(*row),
                    weight: self.share * self.data.weight(*row, head),
                };
                let told = self.rule.lay(&case, &mut part.back.outputs[values]);
                sums.td += told.td;
                sums.conservative += told.conservative;
            }
        }
        sums
    }
}

fn gather<'a>(rows: &[usize], to: &mut [f32], of: impl Fn(usize) -> &'a [f32]) {
    let width = to.len() / rows.len().max(1);
    for (row, to) in rows.iter().zip(to.chunks_exact_mut(width)) {
        to.copy_from_slice(of(*row));
    }
}
