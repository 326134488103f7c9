//! Which look belongs to which name.

use crate::canvas::{Anchor, Canvas, Point, Rect, Stroke, TextStyle};
use crate::labels::{fitted, text_width};
use crate::palette::Style;

const FONT: f64 = 12.5;
const ROW: f64 = 20.0;
const SWATCH: f64 = 26.0;
const GAP: f64 = 18.0;

/// One name and its look.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) swatch: Swatch,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Swatch {
    Line(Style),
    Mark(Style),
    Area(&'static str),
}

/// Draws the entries in rows from `top` on and returns where they end.
pub(crate) fn draw(canvas: &mut Canvas, entries: &[Entry], place: &Rect) -> f64 {
    let (mut x, mut y) = (place.left, place.top + ROW / 2.0);
    for entry in entries {
        let label = fitted(&entry.name, place.width - SWATCH, FONT);
        let width = SWATCH + text_width(&label, FONT) + GAP;
        if x > place.left && x + width - GAP > place.right() {
            (x, y) = (place.left, y + ROW);
        }
        entry.swatch.draw(canvas, (x, y));
        let tooltip = (label != entry.name).then_some(entry.name.as_str());
        let style = TextStyle::new(FONT, Anchor::Start);
        canvas.text_with_tooltip((x + SWATCH, y + 4.3), style, (&label, tooltip));
        x += width;
    }
    if entries.is_empty() { place.top } else { y + ROW / 2.0 }
}

impl Swatch {
    fn draw(self, canvas: &mut Canvas, (x, y): Point) {
        match self {
            Self::Line(style) => {
                let stroke = Stroke { colour: style.colour, width: 2.2, dash: style.dash };
                canvas.line((x, y), (x + SWATCH - 7.0, y), stroke);
            }
            Self::Mark(style) => canvas.mark((x + SWATCH - 13.0, y), 5.0, (style.shape, style.colour)),
            Self::Area(colour) => {
                let (left, top) = (x, y - 6.0);
                let corners =
                    [(left, top), (left + 19.0, top), (left + 19.0, top + 12.0), (left, top + 12.0)];
                canvas.area(&corners, colour, 0.25);
            }
        }
    }
}
