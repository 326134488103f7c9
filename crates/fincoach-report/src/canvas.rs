//! The text of an SVG picture.

use std::fmt::Write as _;

use crate::palette::{INK, Shape};

/// A picture in the making. Lengths are pixels with two decimals, so equal input gives equal bytes.
#[derive(Debug)]
pub(crate) struct Canvas {
    width: f64,
    height: f64,
    body: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn right(&self) -> f64 {
        self.left + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.top + self.height
    }
}

pub(crate) type Point = (f64, f64);

/// A line's look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stroke<'a> {
    pub(crate) colour: &'a str,
    pub(crate) width: f64,
    pub(crate) dash: &'a str,
}

/// How a text stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextStyle {
    pub(crate) size: f64,
    pub(crate) anchor: Anchor,
    pub(crate) colour: &'static str,
    pub(crate) is_bold: bool,
    pub(crate) is_upright: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl TextStyle {
    pub(crate) const fn new(size: f64, anchor: Anchor) -> Self {
        Self { size, anchor, colour: INK, is_bold: false, is_upright: false }
    }
}

impl Canvas {
    pub(crate) const fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    pub(crate) fn rect(&mut self, area: &Rect, fill: &str) {
        let Rect { left, top, width, height } = area;
        self.push(format_args!(
            r#"<rect x="{}" y="{}" width="{}" height="{}" fill="{fill}"/>"#,
            Px(*left),
            Px(*top),
            Px(*width),
            Px(*height)
        ));
    }

    pub(crate) fn line(&mut self, from: Point, to: Point, stroke: Stroke<'_>) {
        self.push(format_args!(
            r#"<line x1="{}" y1="{}" x2="{}" y2="{}" {stroke}/>"#,
            Px(from.0),
            Px(from.1),
            Px(to.0),
            Px(to.1)
        ));
    }

    pub(crate) fn polyline(&mut self, points: &[Point], stroke: Stroke<'_>) {
        let points = joined(points);
        self.push(format_args!(
            r#"<polyline points="{points}" fill="none" stroke-linejoin="round" {stroke}/>"#
        ));
    }

    pub(crate) fn area(&mut self, points: &[Point], fill: &str, opacity: f64) {
        let points = joined(points);
        self.push(format_args!(r#"<polygon points="{points}" fill="{fill}" fill-opacity="{opacity}"/>"#));
    }

    /// A point's mark, `radius` from its middle to its edge.
    pub(crate) fn mark(&mut self, (x, y): Point, radius: f64, look: (Shape, &str)) {
        let (shape, colour) = look;
        let look = format!(r##"fill="{colour}" fill-opacity="0.75" stroke="#ffffff" stroke-width="0.6""##);
        let corners = match shape {
            Shape::Circle => {
                let (x, y, r) = (Px(x), Px(y), Px(radius));
                return self.push(format_args!(r#"<circle cx="{x}" cy="{y}" r="{r}" {look}/>"#));
            }
            Shape::Square => {
                let r = radius * 0.88;
                vec![(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]
            }
            Shape::Triangle => {
                let r = radius * 1.2;
                vec![(x, y - r), (x + r * 0.9, y + r * 0.7), (x - r * 0.9, y + r * 0.7)]
            }
            Shape::Diamond => {
                let r = radius * 1.25;
                vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
            }
        };
        self.push(format_args!(r#"<polygon points="{}" {look}/>"#, joined(&corners)));
    }

    pub(crate) fn text(&mut self, at: Point, style: TextStyle, text: &str) {
        self.text_with_tooltip(at, style, (text, None));
    }

    /// A text, and where it had to be cut the whole of it as a tooltip.
    pub(crate) fn text_with_tooltip(&mut self, (x, y): Point, style: TextStyle, texts: (&str, Option<&str>)) {
        let anchor = match style.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y, size, colour) = (Px(x), Px(y), Px(style.size), style.colour);
        let bold = if style.is_bold { r#" font-weight="600""# } else { "" };
        let turn =
            if style.is_upright { format!(r#" transform="rotate(-90 {x} {y})""#) } else { String::new() };
        let tooltip = texts.1.map_or_else(String::new, |full| format!("<title>{}</title>", escaped(full)));
        self.push(format_args!(
            r#"<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{bold}{turn}>{}{tooltip}</text>"#,
            escaped(texts.0)
        ));
    }

    /// The whole picture, named for those who cannot see it.
    pub(crate) fn finish(self, title: &str) -> String {
        let (width, height, title) = (Px(self.width), Px(self.height), escaped(title));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" \
             font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif\">\n\
             <title>{title}</title>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            self.body
        )
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing into a String cannot fail.
        let _ = writeln!(self.body, "{element}");
    }
}

impl std::fmt::Display for Stroke<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, r#"stroke="{}" stroke-width="{}""#, self.colour, Px(self.width))?;
        if self.dash.is_empty() { Ok(()) } else { write!(f, r#" stroke-dasharray="{}""#, self.dash) }
    }
}

/// A length with at most two decimals.
#[derive(Clone, Copy)]
struct Px(f64);

impl std::fmt::Display for Px {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Adding 0 makes -0 plain 0.
        write!(f, "{}", (self.0 * 100.0).round() / 100.0 + 0.0)
    }
}

fn joined(points: &[Point]) -> String {
    let mut text = String::new();
    for (x, y) in points {
        let _ = write!(text, "{}{},{}", if text.is_empty() { "" } else { " " }, Px(*x), Px(*y));
    }
    text
}

/// A text as XML and HTML show it; characters XML forbids become `�`.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            '\u{0}'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}
