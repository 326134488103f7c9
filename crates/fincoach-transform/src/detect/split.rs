//! Cuts a text into records, forgiving where the reader is strict.

/// One record: the line it begins on (from 1) and its fields.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) fields: Vec<String>,
}

impl Line {
    pub(super) fn is_blank(&self) -> bool {
        self.fields.iter().all(|field| field.trim().is_empty())
    }

    pub(super) fn field(&self, column: usize) -> &str {
        self.fields.get(column).map_or("", |field| field.trim())
    }
}

/// Records of a text; a quote opens a field only at its start, and everything is taken somehow.
///
/// Empty lines give no record. `faults` counts quotes that are not written as they should be.
#[derive(Clone, Debug, Default)]
pub(super) struct Split {
    pub(super) lines: Vec<Line>,
    pub(super) faults: usize,
    /// Fields that stood in quotes.
    pub(super) quoted: usize,
    /// Bytes behind the last record that was taken.
    pub(super) unread: usize,
}

/// How fields are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: char,
    pub(super) quote: Option<char>,
}

/// At most this many records are taken.
pub(super) const MOST: usize = 20_000;

pub(super) fn split(text: &str, dialect: Dialect) -> Split {
    let mut out = Split::default();
    let mut cutter = Cutter { rest: text, dialect, line: 1 };
    while !cutter.rest.is_empty() && out.lines.len() < MOST {
        let number = cutter.line;
        let fields = cutter.record(&mut out);
        if fields.len() > 1 || fields.iter().any(|field| !field.is_empty()) {
            out.lines.push(Line { number, fields });
        }
    }
    out.unread = cutter.rest.len();
    out
}

struct Cutter<'a> {
    rest: &'a str,
    dialect: Dialect,
    line: usize,
}

/// What ended a field.
enum End {
    Delimiter,
    Record,
}

impl Cutter<'_> {
    fn record(&mut self, out: &mut Split) -> Vec<String> {
        let mut fields = Vec::new();
        loop {
            let (field, end) = self.field(out);
            fields.push(field);
            if matches!(end, End::Record) {
                return fields;
            }
        }
    }

    fn field(&mut self, out: &mut Split) -> (String, End) {
        match self.dialect.quote {
            Some(quote) if self.rest.starts_with(quote) => self.quoted(quote, out),
            quote => {
                let (plain, end) = self.plain();
                out.faults += usize::from(quote.is_some_and(|quote| plain.contains(quote)));
                (plain, end)
            }
        }
    }

    /// Up to the next delimiter or line end, which are taken too.
    fn plain(&mut self) -> (String, End) {
        let stop = self.rest.find([self.dialect.delimiter, '\n']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(stop);
        let mut after = rest.chars();
        let end = match after.next() {
            Some('\n') | None => End::Record,
            Some(_) => End::Delimiter,
        };
        if matches!(end, End::Record) {
            self.line += 1;
        }
        self.rest = after.as_str();
        let field =
            if matches!(end, End::Record) { field.strip_suffix('\r').unwrap_or(field) } else { field };
        (field.to_owned(), end)
    }

    fn quoted(&mut self, quote: char, out: &mut Split) -> (String, End) {
        let mut field = String::new();
        let mut inside = self.rest.char_indices().skip(1).peekable();
        let mut close = self.rest.len();
        while let Some((at, c)) = inside.next() {
            if c != quote {
                field.push(c);
            } else if inside.next_if(|(_, next)| *next == quote).is_some() {
                field.push(quote);
            } else {
                close = at;
                break;
            }
        }
        let (_, after) = self.rest.split_at(close);
        self.line += field.matches('\n').count();
        out.faults += usize::from(after.is_empty());
        self.rest = after.strip_prefix(quote).unwrap_or(after);
        let (more, end) = self.plain();
        out.faults += usize::from(!more.trim().is_empty());
        out.quoted += 1;
        field.push_str(&more);
        (field, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> (Vec<(usize, Vec<String>)>, usize) {
        let split = split(text, Dialect { delimiter: ',', quote: Some('"') });
        (split.lines.into_iter().map(|line| (line.number, line.fields)).collect(), split.faults)
    }

    #[test]
    fn quotes_hide_delimiters_and_line_ends() {
        let (lines, faults) = fields("a,\"b,\n\"\"c\"\"\",d\r\n\r\ne,f");
        assert_eq!(faults, 0);
        assert_eq!(lines[0], (1, vec!["a".into(), "b,\n\"c\"".into(), "d".into()]));
        assert_eq!(lines[1], (4, vec!["e".into(), "f".into()]));
    }

    #[test]
    fn broken_quotes_are_counted_and_nothing_is_lost() {
        let (lines, faults) = fields("a,12\" pipe\n\"open,b\nc");
        assert_eq!(faults, 2);
        assert_eq!(lines[0].1, ["a", "12\" pipe"]);
        assert_eq!(lines[1].1, ["open,b\nc"]);
    }
}
