//! The fitted categoriser.

use fincoach_core::{DataError, Fit, FitReport, Ledger, LedgerView, Predict, Progress};
use indexmap::{IndexMap, IndexSet};

use super::clues::{
    Context, Flow, Lengths, Surroundings, amount_clues, kind_clues, text_clues, weekday_clues,
};
use super::labelled_rows::LabelledRow;
use super::softmax::softmax;
use super::temperature::best_temperature;
use super::training::{SparseRows, Task, Weights, train};
use super::{CategoriserParams, Guess, LabelledRows};
use crate::Error;

/// Weights are kept in thousandths: the file is small and the model read is the model written.
pub(super) const PER_WEIGHT: f64 = 1000.0;
/// Fewer held-out rows than this set no temperature.
const MIN_CALIBRATION_ROWS: usize = 20;

impl Fit<LabelledRows> for CategoriserParams {
    type Model = Categoriser;
    type Error = Error;

    /// Fits on the early rows to set the temperature on the late ones (stage `temperature`), then on all (stage
    /// `categoriser`).
    ///
    /// # Errors
    /// [`Error::Param`] for a parameter out of range, [`Error::Data`] where there is no row.
    fn fit_with(&self, rows: &LabelledRows, progress: &mut dyn Progress) -> Result<Categoriser, Error> {
        self.check()?;
        if rows.n_rows() == 0 {
            return Err(DataError::Empty { what: "labelled rows" }.into());
        }
        let temperature = self.temperature(rows, progress);
        let mut model = Categoriser::trained(self, rows, "categoriser", progress);
        model.temperature = temperature;
        Ok(model)
    }
}

impl CategoriserParams {
    fn temperature(&self, rows: &LabelledRows, progress: &mut dyn Progress) -> f64 {
        let Ok((early, late)) = rows.split_by_time(1.0 - self.calibration_share()) else { return 1.0 };
        if self.calibration_share() <= 0.0 || late.n_rows() < MIN_CALIBRATION_ROWS {
            return 1.0;
        }
        let model = Categoriser::trained(self, &early, "temperature", progress);
        let labels = late.label_positions(&model.labels);
        let known =
            late.rows().iter().zip(labels).filter_map(|(row, label)| Some((model.scores(row), label?)));
        best_temperature(&known.collect::<Vec<_>>())
    }
}

/// Guesses the category of bookings; made by [`CategoriserParams`].
///
/// `P(label) = softmax((b + Σ value · w) / T)` over the clues of the booking: its words, the runs of characters in
/// them, the shape of its text, type code with sign, size class of the amount and day of the week. Each row is
/// answered by itself.
///
/// # Examples
/// ```
/// use fincoach_core::{Fit, Ledger, Money, Predict, Transaction, chrono::NaiveDate};
/// use fincoach_transform::{CategoriserParams, LabelledRows};
/// let ledger = |rows: &[(&str, Option<&str>)]| {
///     let mut builder = Ledger::builder();
///     for (number, (text, category)) in rows.iter().enumerate() {
///         let day = NaiveDate::from_ymd_opt(2024, 1, 1 + number as u32).unwrap();
///         let mut row = Transaction::new("anna", day.into(), Money::from_minor(-900));
///         (row.description, row.raw_category) = (text, *category);
///         builder.push(&row).unwrap();
///     }
///     builder.finish()
/// };
/// let known = ledger(&[
///     ("LIDL GB", Some("Groceries")),
///     ("CITY CINEMA", Some("Entertainment")),
///     ("LIDL GB", Some("Groceries")),
///     ("ODEON CINEMA", Some("Entertainment")),
/// ]);
/// let model = CategoriserParams::default().fit(&LabelledRows::from_ledger(&known))?;
/// let guesses = model.predict(&ledger(&[("LIDL UK LONDON", None), ("SCALA CINEMAS", None)]))?;
/// assert_eq!(model.labels()[guesses[0].label()].as_ref(), "Groceries");
/// assert_eq!(model.labels()[guesses[1].label()].as_ref(), "Entertainment");
/// # Ok::<(), fincoach_transform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Categoriser {
    pub(super) labels: Vec<Box<str>>,
    pub(super) lengths: Lengths,
    /// The clues in order of name.
    pub(super) clues: IndexSet<Box<str>>,
    pub(super) weights: Weights,
    pub(super) temperature: f64,
    pub(super) unsure_below: f64,
    pub(super) report: FitReport,
}

impl Categoriser {
    fn trained(
        params: &CategoriserParams,
        rows: &LabelledRows,
        stage: &'static str,
        progress: &mut dyn Progress,
    ) -> Self {
        let lengths = Lengths { min_chars: params.min_chars(), max_chars: params.max_chars() };
        let clues = names_of_clues(rows, lengths);
        let mut sparse = SparseRows::new();
        for row in rows.rows() {
            let mut found = Vec::new();
            each_clue(row, lengths, &mut |name, value| {
                found.extend(clues.get_index_of(name).map(|column| (column, value)));
            });
            sparse.push(found);
        }
        let labels = rows.label_positions(rows.names()).into_iter().flatten().collect::<Vec<usize>>();
        let n_labels = rows.names().len();
        let task = Task { rows: &sparse, labels: &labels, n_labels, stage };
        let trained = train(&task, params, progress);
        let report = FitReport::new(trained.outcome).with_curve("loss", trained.losses);
        Self {
            labels: rows.names().to_vec(),
            lengths,
            clues,
            weights: rounded(trained.weights),
            temperature: 1.0,
            unsure_below: params.unsure_below(),
            report,
        }
    }

    /// The labels it chooses from, sorted.
    #[must_use]
    pub fn labels(&self) -> &[Box<str>] {
        &self.labels
    }

    /// The number of clues it knows.
    #[must_use]
    pub fn n_clues(&self) -> usize {
        self.clues.len()
    }

    /// By how much scores are divided: above 1 where the fit was too sure of itself.
    #[must_use]
    pub const fn temperature(&self) -> f64 {
        self.temperature
    }

    /// The probability under which a guess is unsure.
    #[must_use]
    pub const fn unsure_below(&self) -> f64 {
        self.unsure_below
    }

    /// The same model with another threshold for unsure guesses.
    ///
    /// # Errors
    /// [`Error::Param`] outside `[0, 1]`.
    pub fn with_unsure_below(self, unsure_below: f64) -> Result<Self, Error> {
        super::params::ensure_threshold(unsure_below)?;
        Ok(Self { unsure_below, ..self })
    }

    /// Passes and the mean log loss of each, every row just before its step.
    #[must_use]
    pub const fn report(&self) -> &FitReport {
        &self.report
    }

    /// The probability of every label for each row, `n_rows` lists of `labels().len()` that add up to 1.
    #[must_use]
    pub fn probabilities(&self, rows: &LabelledRows) -> Vec<Vec<f64>> {
        rows.rows().iter().map(|row| self.cooled(self.scores(row))).collect()
    }

    fn cooled(&self, mut scores: Vec<f64>) -> Vec<f64> {
        scores.iter_mut().for_each(|score| *score /= self.temperature);
        softmax(&mut scores);
        scores
    }

    fn scores(&self, row: &LabelledRow) -> Vec<f64> {
        let Context { raw_type, surroundings } = &row.context;
        let mut scores = self.weights.bias.clone();
        let kind = self.kind_scores(raw_type, surroundings.flow);
        let size = self.size_scores(*surroundings);
        for part in
            [self.text_scores(&row.description), kind, size, self.weekday_scores(surroundings.weekday)]
        {
            add(&mut scores, &part);
        }
        scores
    }

    fn text_scores(&self, description: &str) -> Vec<f64> {
        self.sum(|visit| text_clues(description, self.lengths, visit))
    }

    fn kind_scores(&self, raw_type: &str, flow: Flow) -> Vec<f64> {
        self.sum(|visit| kind_clues(raw_type, flow, visit))
    }

    fn size_scores(&self, surroundings: Surroundings) -> Vec<f64> {
        self.sum(|visit| amount_clues(surroundings, visit))
    }

    fn weekday_scores(&self, weekday: u8) -> Vec<f64> {
        self.sum(|visit| weekday_clues(weekday, visit))
    }

    /// The weights of the clues that are told, times their values.
    fn sum(&self, tell: impl FnOnce(&mut dyn FnMut(&str, f64))) -> Vec<f64> {
        let mut scores = vec![0.0; self.labels.len()];
        tell(&mut |name, value| {
            if let Some(column) = self.clues.get_index_of(name) {
                let weights = self.weights.of_column(column);
                scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += value * weight);
            }
        });
        scores
    }
}

impl Predict<Ledger> for Categoriser {
    type Output = Vec<Guess>;
    type Error = Error;

    /// A guess for each row of [`Ledger::all`].
    ///
    /// # Errors
    /// None today.
    fn predict(&self, ledger: &Ledger) -> Result<Vec<Guess>, Error> {
        self.predict(&ledger.all())
    }
}

impl Predict<LedgerView<'_>> for Categoriser {
    type Output = Vec<Guess>;
    type Error = Error;

    /// A guess for each row. Each distinct text is looked at once: `O(n_rows · n_labels)` and the clues of the
    /// distinct texts.
    ///
    /// # Errors
    /// None today.
    fn predict(&self, view: &LedgerView<'_>) -> Result<Vec<Guess>, Error> {
        let mut known = KnownScores::new(self, view.ledger());
        Ok((0..view.len()).map(|row| known.guess(view, row)).collect())
    }
}

impl Predict<LabelledRows> for Categoriser {
    type Output = Vec<Guess>;
    type Error = Error;

    /// A guess for each row, its label unseen.
    ///
    /// # Errors
    /// None today.
    fn predict(&self, rows: &LabelledRows) -> Result<Vec<Guess>, Error> {
        let probabilities = self.probabilities(rows);
        Ok(probabilities.iter().map(|row| Guess::of(row, self.unsure_below)).collect())
    }
}

/// The scores of parts of bookings, worked out when first met.
struct KnownScores<'a> {
    model: &'a Categoriser,
    minor_per_major: f64,
    texts: Vec<Option<Vec<f64>>>,
    kinds: IndexMap<(usize, char), Vec<f64>>,
    sizes: Vec<Option<Vec<f64>>>,
    weekdays: [Option<Vec<f64>>; 7],
}

impl<'a> KnownScores<'a> {
    fn new(model: &'a Categoriser, ledger: &Ledger) -> Self {
        Self {
            model,
            minor_per_major: ledger.minor_per_major(),
            texts: vec![None; ledger.n_symbols() + 1],
            kinds: IndexMap::new(),
            sizes: vec![None; 2 * Surroundings::N_MAGNITUDES],
            weekdays: Default::default(),
        }
    }

    fn guess(&mut self, view: &LedgerView<'_>, at: usize) -> Guess {
        let row = view.row(at);
        let surroundings = Surroundings::of(&row, self.minor_per_major);
        let model = self.model;
        let mut scores = model.weights.bias.clone();
        let text = self.texts[view.descriptions()[at].index()]
            .get_or_insert_with(|| model.text_scores(row.description));
        add(&mut scores, text);
        let kind = (view.raw_types()[at].index(), surroundings.flow.sign());
        let kind_scores = || model.kind_scores(row.raw_type.unwrap_or(""), surroundings.flow);
        add(&mut scores, self.kinds.entry(kind).or_insert_with(kind_scores));
        let place = usize::from(surroundings.magnitude)
            + if surroundings.flow == Flow::In { Surroundings::N_MAGNITUDES } else { 0 };
        add(&mut scores, self.sizes[place].get_or_insert_with(|| model.size_scores(surroundings)));
        let day = usize::from(surroundings.weekday);
        let weekday = || model.weekday_scores(surroundings.weekday);
        add(&mut scores, self.weekdays[day].get_or_insert_with(weekday));
        Guess::of(&model.cooled(scores), model.unsure_below)
    }
}

fn add(to: &mut [f64], from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

fn each_clue(row: &LabelledRow, lengths: Lengths, visit: &mut dyn FnMut(&str, f64)) {
    let Context { raw_type, surroundings } = &row.context;
    text_clues(&row.description, lengths, visit);
    kind_clues(raw_type, surroundings.flow, visit);
    amount_clues(*surroundings, visit);
    weekday_clues(surroundings.weekday, visit);
}

/// The clues of all rows, in order of name.
fn names_of_clues(rows: &LabelledRows, lengths: Lengths) -> IndexSet<Box<str>> {
    let mut names: IndexSet<Box<str>> = IndexSet::new();
    for row in rows.rows() {
        each_clue(row, lengths, &mut |name, _| {
            if !names.contains(name) {
                names.insert(name.into());
            }
        });
    }
    names.sort_unstable();
    names
}

/// Weights in whole thousandths.
fn rounded(mut weights: Weights) -> Weights {
    for weight in weights.bias.iter_mut().chain(&mut weights.values) {
        // Adding 0 turns −0 into 0, which an integer cannot tell apart.
        *weight = (*weight * PER_WEIGHT).round() / PER_WEIGHT + 0.0;
    }
    weights
}
