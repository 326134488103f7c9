//! Multinomial logistic regression on sparse rows by stochastic gradient steps.

use fincoach_core::{Control, Outcome, Progress, Step, rng};

use super::CategoriserParams;
use super::softmax::softmax;

/// Sparse rows: the clues of row `r` are `columns[offsets[r]..offsets[r + 1]]`, each at most once.
#[derive(Clone, Debug, Default)]
pub(super) struct SparseRows {
    offsets: Vec<usize>,
    columns: Vec<usize>,
    values: Vec<f64>,
    n_columns: usize,
}

impl SparseRows {
    pub(super) fn new() -> Self {
        Self { offsets: vec![0], ..Self::default() }
    }

    /// Adds a row; values of a column that comes more than once add up.
    pub(super) fn push(&mut self, mut clues: Vec<(usize, f64)>) {
        clues.sort_by_key(|(column, _)| *column);
        let begin = self.columns.len();
        for (column, value) in clues {
            match (self.columns[begin..].last(), self.values.last_mut()) {
                (Some(last), Some(sum)) if *last == column => *sum += value,
                _ => {
                    self.columns.push(column);
                    self.values.push(value);
                    self.n_columns = self.n_columns.max(column + 1);
                }
            }
        }
        self.offsets.push(self.columns.len());
    }

    fn row(&self, row: usize) -> (&[usize], &[f64]) {
        let range = self.offsets[row]..self.offsets[row + 1];
        (&self.columns[range.clone()], &self.values[range])
    }

    fn n_rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The number of rows that each column occurs in.
    fn occurrences(&self) -> Vec<f64> {
        let mut counts = vec![0.0; self.n_columns];
        self.columns.iter().for_each(|column| counts[*column] += 1.0);
        counts
    }
}

/// One weight for each clue and label, and one for each label alone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weights {
    pub(super) n_labels: usize,
    pub(super) bias: Vec<f64>,
    /// `(n_columns, n_labels)`, row by row.
    pub(super) values: Vec<f64>,
}

impl Weights {
    fn zeros(n_columns: usize, n_labels: usize) -> Self {
        Self { n_labels, bias: vec![0.0; n_labels], values: vec![0.0; n_columns * n_labels] }
    }

    pub(super) fn of_column(&self, column: usize) -> &[f64] {
        &self.values[column * self.n_labels..(column + 1) * self.n_labels]
    }

    fn scores(&self, (columns, values): (&[usize], &[f64]), scores: &mut [f64]) {
        scores.copy_from_slice(&self.bias);
        for (column, value) in columns.iter().zip(values) {
            add(scores, self.of_column(*column), *value);
        }
    }

    fn accumulate(&mut self, other: &Self, share: f64) {
        add(&mut self.bias, &other.bias, share);
        add(&mut self.values, &other.values, share);
    }

    fn scaled(mut self, by: f64) -> Self {
        self.bias.iter_mut().chain(&mut self.values).for_each(|weight| *weight *= by);
        self
    }
}

/// `to += factor · from`.
fn add(to: &mut [f64], from: &[f64], factor: f64) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += factor * from;
    }
}

/// Weights, the loss of each pass, and how it ended.
pub(super) struct Trained {
    pub(super) weights: Weights,
    pub(super) losses: Vec<f64>,
    pub(super) outcome: Outcome,
}

/// What is learnt from: rows with the position of the label of each.
pub(super) struct Task<'a> {
    pub(super) rows: &'a SparseRows,
    pub(super) labels: &'a [usize],
    pub(super) n_labels: usize,
    pub(super) stage: &'static str,
}

/// Minimises the mean log loss plus `l2/2 · |W|²`.
///
/// The step of a clue falls with the squared gradients it has seen: `AdaGrad` (Duchi, Hazan and Singer 2011) with
/// one rate per clue, so that a clue seen once learns as fast as one seen a thousand times. The penalty is applied
/// where a clue occurs, divided by how often it does, which leaves its mean effect what it is. The weights are the
/// mean of those after each pass of the second half.
pub(super) fn train(task: &Task<'_>, params: &CategoriserParams, progress: &mut dyn Progress) -> Trained {
    let mut descent = Descent::new(task, params);
    let first_kept = params.n_epochs() / 2;
    let (mut sum, mut n_kept) = (Weights::zeros(task.rows.n_columns, task.n_labels), 0.0);
    let mut losses = Vec::with_capacity(params.n_epochs());
    let mut outcome = Outcome::MaxIter;
    for epoch in 0..params.n_epochs() {
        let order = rng::stream(params.seed(), epoch as u64).permutation(task.rows.n_rows());
        let loss = descent.pass(task, &order);
        losses.push(loss);
        if epoch >= first_kept {
            sum.accumulate(&descent.weights, 1.0);
            n_kept += 1.0;
        }
        let step = Step::new(task.stage, epoch as u64 + 1, params.n_epochs() as u64).with_loss(loss);
        if progress.step(&step) == Control::Stop && epoch + 1 < params.n_epochs() {
            outcome = Outcome::Stopped;
            break;
        }
    }
    let weights = if n_kept > 0.0 { sum.scaled(1.0 / n_kept) } else { descent.weights };
    Trained { weights, losses, outcome }
}

struct Descent {
    weights: Weights,
    /// Sum of the squared gradients of each clue, over its labels.
    seen: Vec<f64>,
    /// The penalty per occurrence of each clue.
    decay: Vec<f64>,
    seen_bias: f64,
    rate: f64,
    scores: Vec<f64>,
}

impl Descent {
    fn new(task: &Task<'_>, params: &CategoriserParams) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
        let penalty = params.l2() * task.rows.n_rows() as f64;
        let n_columns = task.rows.n_columns;
        Self {
            weights: Weights::zeros(n_columns, task.n_labels),
            seen: vec![0.0; n_columns],
            decay: task.rows.occurrences().into_iter().map(|count| penalty / count.max(1.0)).collect(),
            seen_bias: 0.0,
            rate: params.learning_rate(),
            scores: vec![0.0; task.n_labels],
        }
    }

    /// One step for each row in this order. Returns the mean log loss of each row just before its step.
    #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
    fn pass(&mut self, task: &Task<'_>, order: &[usize]) -> f64 {
        let total: f64 = order.iter().map(|row| self.step(task.rows.row(*row), task.labels[*row])).sum();
        total / order.len().max(1) as f64
    }

    fn step(&mut self, row: (&[usize], &[f64]), label: usize) -> f64 {
        self.weights.scores(row, &mut self.scores);
        let score = self.scores[label];
        let loss = softmax(&mut self.scores) - score;
        // From here on the scores hold the gradient: probability minus what happened.
        self.scores[label] -= 1.0;
        let square: f64 = self.scores.iter().map(|gradient| gradient * gradient).sum();
        self.seen_bias += square;
        let n_labels = self.weights.n_labels;
        add(&mut self.weights.bias, &self.scores, -self.rate / self.seen_bias.sqrt().max(f64::MIN_POSITIVE));
        for (column, value) in row.0.iter().zip(row.1) {
            self.seen[*column] += square * value * value;
            let rate = self.rate / self.seen[*column].sqrt().max(1e-9);
            // A rate times a penalty above 1 would turn weights round.
            let keep = 1.0 - (rate * self.decay[*column]).min(1.0);
            let weights = &mut self.weights.values[column * n_labels..(column + 1) * n_labels];
            for (weight, gradient) in weights.iter_mut().zip(&self.scores) {
                *weight = keep * *weight - rate * value * gradient;
            }
        }
        loss
    }
}
