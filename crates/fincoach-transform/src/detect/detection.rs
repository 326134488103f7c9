//! What came out, and how it is answered.

use std::fmt;

use super::finding::{Finding, Notes, Topic};
use super::preset::prefer_preset;
use super::propose::propose;
use super::question::{Answer, Answers, Question};
use super::sample::Sample;
use super::shape::Shape;
use super::statement::{ExportFormat, other_text};
use super::table::Table;
use super::text::Text;
use crate::{CsvReader, Error, Layout, StatementFormat};

/// A proposal for a file: its layout, the reasons for it, the doubts that remain and the questions that are open.
///
/// It prints as one line for each of these. With a question open there is no layout; answer it and ask again.
///
/// # Examples
/// ```
/// use fincoach_transform::{DateOrder, Question, detect_from};
/// let export = "Date,Description,Amount,Balance\n\
///     01/02/2024,RENT,-500.00,500.00\n\
///     02/02/2024,LIDL,-15.02,484.98\n\
///     03/02/2024,PAY,1500.00,1984.98\n";
/// let detection = detect_from(export.as_bytes(), "export.csv")?;
/// assert!(matches!(detection.questions(), [Question::DateOrder { .. }]));
/// assert!(detection.layout().is_err());
///
/// let detection = detection.answer(DateOrder::DayMonthYear)?;
/// assert_eq!(detection.layout()?.date_format().to_string(), "dd/mm/yyyy");
/// # Ok::<(), fincoach_transform::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Detection {
    sample: Sample,
    answers: Answers,
    format: ExportFormat,
    layout: Option<Layout>,
    preset: Option<&'static str>,
    notes: Notes,
    questions: Vec<Question>,
}

impl Detection {
    pub(super) fn of(sample: Sample, answers: Answers) -> Result<Self, Error> {
        let mut notes = Notes::default();
        let text = Text::of(&sample, &mut notes)?;
        let mut detection = Self {
            sample,
            answers,
            format: ExportFormat::Delimited,
            layout: None,
            preset: None,
            notes,
            questions: Vec::new(),
        };
        if let Some((format, evidence)) = StatementFormat::sniff_with_evidence(&text.head) {
            detection.sample.note(0, &mut detection.notes);
            detection.notes.reason(Topic::Format, format!("{format}: {evidence}"));
            detection.format = ExportFormat::Statement(format);
            return Ok(detection);
        }
        match detection.delimited(&text) {
            Ok(()) => Ok(detection),
            Err(reason) => Err(Error::NoLayout { file: detection.sample.name, reason }),
        }
    }

    fn delimited(&mut self, text: &Text) -> Result<(), String> {
        let notes = &mut self.notes;
        let shape = Shape::of(text, notes).map_err(|reason| match other_text(&text.head) {
            Some(what) => format!("it is {what}"),
            None => reason,
        })?;
        self.sample.note(shape.left_out, notes);
        let table = Table::of(shape);
        let mut proposal = propose(&table, text.encoding, &self.answers, notes)?;
        self.preset = prefer_preset(&table, &mut proposal, &self.answers, notes);
        self.questions = proposal.questions;
        if self.questions.is_empty() {
            try_out(&self.sample, text, &proposal.layout, notes);
            self.layout = Some(proposal.layout);
        }
        Ok(())
    }

    /// The same file with a question answered; everything is worked out anew from the bytes kept.
    ///
    /// An answer that no question asks for changes nothing, and one that is not among the possible ones leaves
    /// the question open.
    ///
    /// # Errors
    /// Those of [`detect`](crate::detect), which do not come if they did not come before.
    pub fn answer(self, answer: impl Into<Answer>) -> Result<Self, Error> {
        Self::of(self.sample, self.answers.with(answer.into()))
    }

    /// The layout to read the file with.
    ///
    /// # Errors
    /// [`Error::OpenQuestions`] with the first question while one is open, [`Error::NotDelimited`] for a
    /// statement format, which has a reader of its own.
    pub fn layout(&self) -> Result<&Layout, Error> {
        let file = || self.sample.name.clone();
        match (&self.layout, self.questions.first()) {
            (Some(layout), None) => Ok(layout),
            (_, Some(first)) => Err(Error::OpenQuestions {
                file: file(),
                first: first.to_string(),
                n_questions: self.questions.len(),
            }),
            (None, None) => Err(Error::NotDelimited { file: file(), format: self.format }),
        }
    }

    /// Delimited text, or which statement format.
    #[must_use]
    pub const fn format(&self) -> ExportFormat {
        self.format
    }

    /// The name of the shipped layout that was preferred, if one was.
    #[must_use]
    pub const fn preset(&self) -> Option<&'static str> {
        self.preset
    }

    /// Why the layout is what it is.
    #[must_use]
    pub fn reasons(&self) -> &[Finding] {
        &self.notes.reasons
    }

    /// What may be wrong with it.
    #[must_use]
    pub fn doubts(&self) -> &[Finding] {
        &self.notes.doubts
    }

    /// What has to be answered before there is a layout.
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }
}

impl fmt::Display for Detection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.sample.name, self.format)?;
        self.notes.reasons.iter().try_for_each(|reason| writeln!(f, "  {reason}"))?;
        self.notes.doubts.iter().try_for_each(|doubt| writeln!(f, "  doubt, {doubt}"))?;
        self.questions.iter().try_for_each(|question| writeln!(f, "  question: {question}"))
    }
}

/// Reads the part that was looked at with the layout, and doubts it where that fails.
fn try_out(sample: &Sample, text: &Text, layout: &Layout, notes: &mut Notes) {
    let reader = |layout: &Layout| CsvReader::new(layout.clone());
    let read = if sample.cut {
        // The mark makes it UTF-8 whatever the layout says; what stands behind the last row is not in the head.
        let head = format!("\u{feff}{}", text.head);
        reader(&layout.clone().with_skip_after(0)).read_from(head.as_bytes(), &sample.name)
    } else {
        reader(layout).read_from(sample.head.as_slice(), &sample.name)
    };
    match read {
        Ok(import) => {
            notes.reason(
                Topic::Sample,
                format!("the layout reads {} rows of what was looked at", import.quality.rows_read),
            );
        }
        Err(error) => notes.doubt(Topic::Sample, format!("the layout does not read every row: {error}")),
    }
}
