//! One page that needs nothing else.

use std::fmt::Write as _;

use crate::Table;
use crate::canvas::escaped;

const STYLE: &str = include_str!("report.css");

/// One self-contained HTML page: style and pictures inline, no script, no network. It reads on a phone, follows the
/// reader's light or dark setting (pictures stay on white) and prints without cutting a picture in two.
///
/// Titles, prose, captions and cells are texts and are escaped. Pictures are put in as they are: give it what a chart's
/// `to_svg` returned, not markup from elsewhere.
///
/// # Examples
/// ```
/// use fincoach_report::HtmlReport;
/// let page = HtmlReport::new("A & B").section("First", "One.\n\nTwo.").to_html();
/// assert!(page.contains("<h1>A &amp; B</h1>") && page.contains("<p>One.</p>\n<p>Two.</p>"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HtmlReport {
    title: String,
    body: String,
    headings: Vec<String>,
}

impl HtmlReport {
    /// A page with a title alone.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), body: String::new(), headings: Vec::new() }
    }

    /// Begins a section. Blank lines divide the prose into paragraphs.
    #[must_use]
    pub fn section(mut self, heading: impl Into<String>, prose: &str) -> Self {
        if !self.headings.is_empty() {
            self.body.push_str("</section>\n");
        }
        self.headings.push(heading.into());
        let (number, heading) = (self.headings.len(), self.headings.last().map_or("", String::as_str));
        let _ = writeln!(self.body, "<section id=\"section-{number}\">\n<h2>{}</h2>", escaped(heading));
        self.prose(prose)
    }

    /// Adds paragraphs to the section.
    #[must_use]
    pub fn prose(mut self, prose: &str) -> Self {
        for paragraph in
            prose.replace("\r\n", "\n").split("\n\n").map(str::trim).filter(|text| !text.is_empty())
        {
            let _ = writeln!(self.body, "<p>{}</p>", escaped(paragraph));
        }
        self
    }

    /// Adds a picture and the sentence below it.
    #[must_use]
    pub fn figure(mut self, svg: &str, caption: &str) -> Self {
        let caption = escaped(caption);
        let _ = writeln!(
            self.body,
            "<figure>\n{}\n<figcaption>{caption}</figcaption>\n</figure>",
            svg.trim_end()
        );
        self
    }

    /// Adds a table.
    #[must_use]
    pub fn table(mut self, table: Table) -> Self {
        table.write_html(&mut self.body);
        self
    }

    /// The page.
    #[must_use]
    pub fn to_html(&self) -> String {
        let title = escaped(&self.title);
        let end = if self.headings.is_empty() { "" } else { "</section>\n" };
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
             {}{}{end}</main>\n</body>\n</html>\n",
            self.contents(),
            self.body
        )
    }

    /// Links to the sections, once there are enough to get lost in.
    fn contents(&self) -> String {
        if self.headings.len() < 3 {
            return String::new();
        }
        let mut links = "<nav aria-label=\"Contents\"><ul>\n".to_owned();
        for (number, heading) in (1..).zip(&self.headings) {
            let _ = writeln!(links, "<li><a href=\"#section-{number}\">{}</a></li>", escaped(heading));
        }
        links + "</ul></nav>\n"
    }
}
