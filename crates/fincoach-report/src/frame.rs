//! Title, legend, axes and grid around a plot.

use crate::canvas::{Anchor, Canvas, Point, Rect, Stroke, TextStyle};
use crate::labels::{fitted, text_width, wrapped};
use crate::legend::{self, Entry};
use crate::palette::{AXIS, GRID, INK, QUIET_INK};
use crate::scale::{Axis, Tick};

pub(crate) const MARGIN: f64 = 18.0;
pub(crate) const TICK_FONT: f64 = 12.0;
const TITLE_FONT: f64 = 17.0;

/// What stands around the plot.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) title: &'a str,
    pub(crate) legend: &'a [Entry],
    pub(crate) x: &'a Axis,
    pub(crate) y: &'a Axis,
}

/// A canvas with the frame drawn and the plot still empty.
#[derive(Debug)]
pub(crate) struct Plot<'a> {
    pub(crate) canvas: Canvas,
    pub(crate) area: Rect,
    x: &'a Axis,
    y: &'a Axis,
}

impl Plot<'_> {
    /// Where a pair of values lies on the canvas.
    pub(crate) fn at(&self, x: f64, y: f64) -> Point {
        (self.x_at(x), self.area.bottom() - self.y.place(y) * self.area.height)
    }

    pub(crate) fn x_at(&self, x: f64) -> f64 {
        self.area.left + self.x.place(x) * self.area.width
    }
}

impl<'a> Frame<'a> {
    pub(crate) fn draw(&self, (width, height): (f64, f64)) -> Plot<'a> {
        let mut canvas = Canvas::new(width, height);
        let inner = Rect {
            left: MARGIN,
            top: title(&mut canvas, self.title, width),
            width: width - 2.0 * MARGIN,
            height: 0.0,
        };
        let mut top = legend::draw(&mut canvas, self.legend, &inner);
        top = y_label(&mut canvas, &self.y.label, &Rect { top, ..inner });
        let below = if self.x.label.is_empty() { 26.0 } else { 48.0 };
        let widest = self.y.ticks.iter().map(|tick| text_width(&tick.text, TICK_FONT)).fold(0.0, f64::max);
        let left = MARGIN + widest.min(width * 0.3) + 8.0;
        // A legend of many rows must not eat the plot.
        let bottom = (height - MARGIN / 2.0 - below).max(top + 20.0);
        let area = Rect { left, top, width: width - left - MARGIN - 6.0, height: bottom - top };
        let mut plot = Plot { canvas, area, x: self.x, y: self.y };
        self.draw_y_ticks(&mut plot);
        self.draw_x_ticks(&mut plot);
        let middle = (area.left + area.width / 2.0, area.bottom() + 40.0);
        let label = fitted(&self.x.label, width - 2.0 * MARGIN, 13.0);
        let style = TextStyle { colour: QUIET_INK, ..TextStyle::new(13.0, Anchor::Middle) };
        plot.canvas.text(middle, style, &label);
        plot
    }

    fn draw_y_ticks(&self, plot: &mut Plot<'_>) {
        let area = plot.area;
        for tick in &self.y.ticks {
            let y = plot.at(0.0, tick.value).1;
            plot.canvas.line(
                (area.left, y),
                (area.right(), y),
                Stroke { colour: GRID, width: 1.0, dash: "" },
            );
            let style = TextStyle { colour: QUIET_INK, ..TextStyle::new(TICK_FONT, Anchor::End) };
            plot.canvas.text((area.left - 8.0, y + 4.2), style, &tick.text);
        }
    }

    fn draw_x_ticks(&self, plot: &mut Plot<'_>) {
        let (area, axis) = (plot.area, Stroke { colour: AXIS, width: 1.0, dash: "" });
        plot.canvas.line((area.left, area.bottom()), (area.right(), area.bottom()), axis);
        for tick in thinned(&self.x.ticks, area.width) {
            let x = plot.x_at(tick.value);
            plot.canvas.line((x, area.bottom()), (x, area.bottom() + 5.0), axis);
            let style = TextStyle { colour: QUIET_INK, ..TextStyle::new(TICK_FONT, Anchor::Middle) };
            plot.canvas.text((x, area.bottom() + 19.0), style, &tick.text);
        }
    }
}

/// Draws the title and returns where it ends.
pub(crate) fn title(canvas: &mut Canvas, title: &str, width: f64) -> f64 {
    let mut y = MARGIN - 6.0;
    for line in wrapped(title, (width - 2.0 * MARGIN) * 0.97, TITLE_FONT, 2) {
        y += 22.0;
        let style = TextStyle { is_bold: true, colour: INK, ..TextStyle::new(TITLE_FONT, Anchor::Start) };
        canvas.text((MARGIN, y), style, &line);
    }
    y + 12.0
}

/// The label of the upright axis lies above it: it reads without turning the head and has room.
fn y_label(canvas: &mut Canvas, label: &str, place: &Rect) -> f64 {
    if label.is_empty() {
        return place.top + 10.0;
    }
    let style = TextStyle { colour: QUIET_INK, ..TextStyle::new(13.0, Anchor::Start) };
    canvas.text((place.left, place.top + 15.0), style, &fitted(label, place.width, 13.0));
    place.top + 30.0
}

/// Every tick, or every second, third, …, so that their texts do not touch.
fn thinned(ticks: &[Tick], width: f64) -> impl Iterator<Item = &Tick> {
    let widest = ticks.iter().map(|tick| text_width(&tick.text, TICK_FONT)).fold(0.0, f64::max) + 10.0;
    let mut stride = 1;
    while stride < ticks.len() && (ticks.len().div_ceil(stride) as f64) * widest > width {
        stride += 1;
    }
    ticks.iter().step_by(stride)
}
