//! Delimiter, quote, header and the rows between the lines that are none.

use std::collections::BTreeMap;

use super::dates::dates;
use super::finding::{Notes, Topic};
use super::numbers::is_number;
use super::sample::TAIL;
use super::split::{Dialect, Line, Split, split};
use super::text::Text;

/// The rows of a file and what stands around them.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) dialect: Dialect,
    pub(super) header: Option<Vec<String>>,
    pub(super) n_columns: usize,
    pub(super) rows: Vec<Line>,
    pub(super) skip_before: usize,
    pub(super) skip_after: usize,
    /// Bytes between the rows and the end that were not looked at, because there are so many rows.
    pub(super) left_out: usize,
}

const NO_TABLE: &str = "no delimiter cuts it into columns with a date and an amount in each row";
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
/// Characters of the start with which ways to cut it are compared.
const TRIED: usize = 1 << 17;

/// How well a way to cut a text does; more is better, the first fields count most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    has_date_and_number: bool,
    /// Of a thousand lines, those with the commonest number of fields.
    same_width: usize,
    n_typed: usize,
    few_faults: std::cmp::Reverse<usize>,
}

impl Shape {
    /// The shape of a text; a text says why there is none.
    pub(super) fn of(text: &Text, notes: &mut Notes) -> Result<Self, String> {
        let dialect = dialect(&text.head, notes)?;
        let Split { lines, unread, .. } = split(&text.head, dialect);
        let width = commonest_width(&lines);
        let dated = dated_columns(&lines, width);
        let is_row = |line: &Line| line.fields.len() == width && dated.iter().any(|date| date.holds(line));
        let first = lines.iter().position(is_row).ok_or("no line has a date in a column of dates")?;
        let last = lines.iter().rposition(is_row).unwrap_or(first);
        let shape = Around { lines: &lines, width, first };
        let header = shape.header(notes);
        let skip_before = shape.skip_before(header.is_some(), notes);
        let tail = if text.tail.is_empty() { end_of(&text.head, unread) } else { &text.tail };
        let skip_after = if tail.is_empty() {
            lines.len() - 1 - last
        } else {
            let tail = split(tail, dialect).lines;
            tail.len() - tail.iter().rposition(is_row).map_or(tail.len(), |last| last + 1)
        };
        let left_out = if text.tail.is_empty() { unread - tail.len() } else { unread };
        if skip_after > 0 {
            notes.reason(Topic::Lines, format!("{skip_after} lines behind the last row are no rows"));
        }
        let mut rows = shape.rows(last, is_row, notes);
        let n_columns = header.as_ref().map_or(width, Vec::len);
        rows.iter_mut().for_each(|row| row.fields.truncate(n_columns));
        Ok(Self { dialect, header, n_columns, rows, skip_before, skip_after, left_out })
    }
}

/// The whole lines of the last 64 KiB of a text, of which so many bytes were not taken.
fn end_of(text: &str, unread: usize) -> &str {
    let from = text.len() - unread.min(TAIL);
    let from = (from..=text.len()).find(|from| text.is_char_boundary(*from)).unwrap_or(text.len());
    let (before, end) = text.split_at(from);
    if unread <= TAIL || before.ends_with('\n') {
        return end;
    }
    end.split_once('\n').map_or("", |(_, lines)| lines)
}

/// A column of dates, by the form that reads most of it.
struct Dated {
    column: usize,
    forms: Vec<crate::DateFormat>,
}

impl Dated {
    fn holds(&self, line: &Line) -> bool {
        self.forms.iter().any(|form| form.parse(line.field(self.column)).is_some())
    }
}

fn dated_columns(lines: &[Line], width: usize) -> Vec<Dated> {
    let filled = |column| filled(lines, width, column);
    (0..width)
        .filter_map(|column| {
            let values = filled(column);
            let values: Vec<(usize, &str)> =
                values.iter().skip(usize::from(values.len() > 1)).copied().collect();
            dates(&values)
                .filter(super::dates::Dates::half_hold)
                .map(|dates| Dated { column, forms: dates.forms })
        })
        .collect()
}

/// The values of a column in lines of the commonest width, with their lines.
fn filled(lines: &[Line], width: usize, column: usize) -> Vec<(usize, &str)> {
    let whole = lines.iter().filter(|line| line.fields.len() == width);
    let values = whole.map(|line| (line.number, line.field(column)));
    values.filter(|(_, text)| !text.is_empty()).collect()
}

fn commonest_width(lines: &[Line]) -> usize {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.fields.len() > 1) {
        *counts.entry(line.fields.len()).or_default() += 1;
    }
    // The greatest width of equals: `max_by_key` takes the last.
    counts.into_iter().max_by_key(|(_, n)| *n).map_or(0, |(width, _)| width)
}

fn dialect(text: &str, notes: &mut Notes) -> Result<Dialect, String> {
    let end = (0..=TRIED.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let start = &text[..end];
    let start = if end < text.len() { &start[..start.rfind('\n').map_or(end, |end| end + 1)] } else { start };
    let mut best: Option<(Score, Dialect)> = None;
    for delimiter in DELIMITERS.into_iter().filter(|delimiter| start.contains(*delimiter)) {
        for quote in [Some('"'), Some('\''), None] {
            let dialect = Dialect { delimiter, quote };
            let better = score(start, dialect).filter(|score| best.is_none_or(|(best, _)| *score > best));
            best = better.map(|score| (score, dialect)).or(best);
        }
    }
    let Some((score, dialect)) = best.filter(|(score, _)| score.has_date_and_number) else {
        let old_ends = text.contains('\r') && !text.contains('\n');
        let reason = if old_ends { "its lines end with a carriage return alone" } else { NO_TABLE };
        return Err(reason.to_owned());
    };
    note_dialect(dialect, score, start, notes);
    Ok(dialect)
}

/// `None` for a quote that is not used.
fn score(text: &str, dialect: Dialect) -> Option<Score> {
    let split = split(text, dialect);
    let used = split.quoted > 0;
    // Apostrophes are quotes only where fields do stand in them; `"` is one unless it breaks fields.
    if dialect.quote == Some('\'') && (!used || split.faults > 0)
        || dialect.quote.is_none() && !text.contains('"')
    {
        return None;
    }
    let width = commonest_width(&split.lines);
    let same = split.lines.iter().filter(|line| line.fields.len() == width).count();
    let kinds: Vec<(bool, bool)> = (0..width).map(|column| kind(&split.lines, width, column)).collect();
    let has_date = kinds.iter().any(|(date, _)| *date);
    let has_number = kinds.iter().any(|(_, number)| *number);
    Some(Score {
        has_date_and_number: has_date && has_number && width > 1,
        same_width: same * 1000 / split.lines.len().max(1),
        n_typed: kinds.iter().filter(|(date, number)| *date || *number).count(),
        few_faults: std::cmp::Reverse(split.faults),
    })
}

/// Whether a column holds dates, or numbers; its first value may be a name.
fn kind(lines: &[Line], width: usize, column: usize) -> (bool, bool) {
    let values = filled(lines, width, column);
    let values: Vec<(usize, &str)> =
        values.iter().skip(usize::from(values.len() > 1)).take(200).copied().collect();
    if dates(&values).is_some_and(|dates| dates.half_hold()) {
        // Dates without marks are numbers, too.
        return (true, values.iter().all(|(_, text)| is_number(text)));
    }
    let n = values.iter().filter(|(_, text)| is_number(text)).count();
    (false, n > 0 && n * 2 >= values.len())
}

fn note_dialect(dialect: Dialect, score: Score, text: &str, notes: &mut Notes) {
    let share = score.same_width / 10;
    let shown = dialect.delimiter.escape_default();
    let evidence = format!("`{shown}`: {share} % of the lines looked at have the same number of fields");
    let typed = format!("{} columns are dates or numbers throughout", score.n_typed);
    notes.reason(Topic::Delimiter, format!("{evidence}, {typed}"));
    match dialect.quote {
        Some('"') if text.contains('"') => notes.reason(Topic::Quote, "`\"` stands around fields"),
        Some('"') => notes.reason(Topic::Quote, "no quote was seen; `\"` is the usual one"),
        Some(quote) => notes.reason(Topic::Quote, format!("`{quote}` stands around fields")),
        None => {
            notes.reason(Topic::Quote, "none: `\"` stands in fields without being closed as a quote is");
            notes.doubt(Topic::Quote, "`\"` is taken as a text like any other");
        }
    }
    if score.few_faults.0 > 0 && dialect.quote.is_some() {
        notes.doubt(Topic::Quote, format!("{} quotes are not written as they should be", score.few_faults.0));
    }
}

/// Whether a field of a line is a number or a date: names of columns are neither.
fn has_number(line: &Line) -> bool {
    line.fields.iter().any(|field| is_number(field) || dates(&[(line.number, field.trim())]).is_some())
}

/// The lines of a file and the first one that is a row.
struct Around<'a> {
    lines: &'a [Line],
    width: usize,
    first: usize,
}

impl Around<'_> {
    /// The last line with text above the first row, passing over up to three that are rows but for their date.
    fn above(&self) -> Option<usize> {
        let mut lines =
            (0..self.first).rev().filter(|at| self.lines.get(*at).is_some_and(|line| !line.is_blank()));
        let nearest = lines.clone().next();
        lines
            .by_ref()
            .take(4)
            .find(|at| self.lines.get(*at).is_some_and(|line| !has_number(line)))
            .or(nearest)
    }

    /// The line before the first row, if it has names.
    fn header(&self, notes: &mut Notes) -> Option<Vec<String>> {
        let line = self.lines.get(self.above()?)?;
        let names: Vec<String> = line.fields.iter().map(|name| name.trim().to_owned()).collect();
        let typed = has_number(line);
        if names.len() < self.width && names.len() > 1 && !typed && self.blank_from(names.len()) {
            let text = format!(
                "line {} names {} columns; what stands behind them is blank",
                line.number,
                names.len()
            );
            notes.reason(Topic::Lines, text);
            return Some(names);
        }
        if line.fields.len() != self.width {
            let (n, width) = (line.fields.len(), self.width);
            notes.doubt(
                Topic::Lines,
                format!(
                    "line {} before the rows has {n} fields and not {width}: not taken as a header",
                    line.number
                ),
            );
            return None;
        }
        if typed || line.is_blank() {
            notes
                .doubt(Topic::Lines, format!("line {} before the rows has no names of columns", line.number));
            return None;
        }
        notes.reason(Topic::Lines, format!("line {} names {} columns", line.number, names.len()));
        Some(names)
    }

    /// Whether no row has anything in the columns from this one on: many rows end with a delimiter.
    fn blank_from(&self, column: usize) -> bool {
        let rows = self.lines.iter().skip(self.first).filter(|line| line.fields.len() == self.width);
        rows.into_iter().all(|row| row.fields.iter().skip(column).all(|field| field.trim().is_empty()))
    }

    fn skip_before(&self, header: bool, notes: &mut Notes) -> usize {
        let at = self.above().filter(|_| header).unwrap_or(self.first);
        let skip = self.lines.get(at).map_or(0, |line| line.number - 1);
        if !header {
            notes.reason(Topic::Lines, "there is no line with names: columns go by position");
        }
        if self.lines.iter().take(at).count() > 0 {
            notes.reason(Topic::Lines, format!("{skip} lines before are skipped: they are no rows"));
            return skip;
        }
        // Blank lines alone are no lines to skip.
        0
    }

    fn rows(&self, last: usize, is_row: impl Fn(&Line) -> bool, notes: &mut Notes) -> Vec<Line> {
        let between = self.lines.get(self.first..=last).unwrap_or_default();
        let odd: Vec<&Line> = between.iter().filter(|line| !is_row(line)).collect();
        if let Some(line) = odd.first() {
            let n = odd.len();
            notes.doubt(
                Topic::Lines,
                format!(
                    "{n} lines between the rows have no date or not {} fields, the first is line {}",
                    self.width, line.number
                ),
            );
        }
        between.iter().filter(|line| is_row(line)).cloned().collect()
    }
}
