//! A table on the page.

use std::fmt::Write as _;

use crate::canvas::escaped;

/// Rows of texts under column names. A column whose cells all begin like numbers is set flush right.
///
/// Rows may have fewer or more cells than there are names; nothing is lost.
///
/// # Examples
/// ```
/// use fincoach_report::Table;
/// let table = Table::new(["segment", "users"]).with_row(["careful", "31"]).with_row(["spender", "19"]);
/// assert_eq!(table.n_rows(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    caption: String,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Adds a row.
    #[must_use]
    pub fn with_row<S: Into<String>>(mut self, cells: impl IntoIterator<Item = S>) -> Self {
        self.rows.push(cells.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the sentence above the table.
    #[must_use]
    pub fn with_caption(self, caption: impl Into<String>) -> Self {
        Self { caption: caption.into(), ..self }
    }

    /// The number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn write_html(&self, html: &mut String) {
        let widths = self.rows.iter().map(Vec::len).chain([self.columns.len()]);
        let n_columns = widths.max().unwrap_or(0);
        let is_number: Vec<bool> = (0..n_columns).map(|column| self.is_number(column)).collect();
        html.push_str("<div class=\"wide\"><table>\n");
        if !self.caption.is_empty() {
            let _ = writeln!(html, "<caption>{}</caption>", escaped(&self.caption));
        }
        html.push_str("<thead><tr>");
        write_cells(html, "th", &self.columns, &is_number);
        html.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            html.push_str("<tr>");
            write_cells(html, "td", row, &is_number);
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody></table></div>\n");
    }

    fn is_number(&self, column: usize) -> bool {
        let mut cells =
            self.rows.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty()).peekable();
        let is_number = |cell: &String| {
            let start = cell.trim_start_matches(['-', '−', '+', '±', '£', '€', '$', ' ']);
            start.starts_with(|character: char| character.is_ascii_digit())
        };
        cells.peek().is_some() && cells.all(is_number)
    }
}

fn write_cells(html: &mut String, tag: &str, cells: &[String], is_number: &[bool]) {
    for (column, is_number) in is_number.iter().enumerate() {
        let class = if *is_number { " class=\"number\"" } else { "" };
        let scope = if tag == "th" { " scope=\"col\"" } else { "" };
        let text = escaped(cells.get(column).map_or("", String::as_str));
        let _ = write!(html, "<{tag}{scope}{class}>{text}</{tag}>");
    }
}
