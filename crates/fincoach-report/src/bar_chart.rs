//! Horizontal bars.

use crate::canvas::{Anchor, Canvas, Rect, Stroke, TextStyle};
use crate::error::ensure_drawable;
use crate::frame::{self, MARGIN, TICK_FONT};
use crate::labels::{fitted, text_width};
use crate::palette::{AXIS, GRID, QUIET_INK, Style};
use crate::scale::{Axis, Domain, TickRule};
use crate::{Error, NumberFormat, Size};

const BAR: f64 = 26.0;
const LABEL_FONT: f64 = 13.0;

/// The order of bars from the top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BarOrder {
    /// As they were given.
    #[default]
    AsGiven,
    /// The largest first; equal ones as they were given.
    Descending,
}

/// Horizontal bars with their values: spending by category, importances.
///
/// The height follows from the number of bars. Bars start at 0; negative ones go to the left.
///
/// # Examples
/// ```
/// use fincoach_report::BarChart;
/// let svg = BarChart::new("Importance").with_bars(&[("savings_rate", 0.31), ("current_balance", 0.12)]).to_svg()?;
/// assert!(svg.contains(">savings_rate<") && svg.contains(">0.31<"));
/// assert!(BarChart::new("nothing").to_svg().is_err());
/// # Ok::<(), fincoach_report::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BarChart {
    title: String,
    bars: Vec<(String, f64)>,
    order: BarOrder,
    value_label: String,
    format: NumberFormat,
    width: u32,
}

impl BarChart {
    /// A chart without bars, 720 pixels wide.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            bars: Vec::new(),
            order: BarOrder::AsGiven,
            value_label: String::new(),
            format: NumberFormat::Plain,
            width: 720,
        }
    }

    /// Adds bars: name and value.
    #[must_use]
    pub fn with_bars<S: AsRef<str>>(mut self, bars: &[(S, f64)]) -> Self {
        self.bars.extend(bars.iter().map(|(name, value)| (name.as_ref().to_owned(), *value)));
        self
    }

    /// Sets the order.
    #[must_use]
    pub fn with_order(self, order: BarOrder) -> Self {
        Self { order, ..self }
    }

    /// Sets what the values are, with their unit.
    #[must_use]
    pub fn with_value_label(self, label: impl Into<String>) -> Self {
        Self { value_label: label.into(), ..self }
    }

    /// Sets how values read.
    #[must_use]
    pub fn with_format(self, format: NumberFormat) -> Self {
        Self { format, ..self }
    }

    /// Sets the width in pixels, 200 to 4000.
    #[must_use]
    pub fn with_width(self, width: u32) -> Self {
        Self { width, ..self }
    }

    /// The picture. `O(n log n)` in the number of bars.
    ///
    /// # Errors
    /// [`Error::Data`] without bars and for values that cannot be drawn, [`Error::Param`] for the width.
    pub fn to_svg(&self) -> Result<String, Error> {
        let values: Vec<f64> = self.bars.iter().map(|bar| bar.1).collect();
        ensure_drawable("bars", &values)?;
        let (width, _) = Size::new(self.width, 200).check()?;
        let mut bars: Vec<&(String, f64)> = self.bars.iter().collect();
        if self.order == BarOrder::Descending {
            bars.sort_by(|a, b| b.1.total_cmp(&a.1));
        }
        let target = if width < 400.0 { 3 } else { 5 };
        let axis =
            Axis::rounded(&self.value_label, Domain::from_zero(values), &TickRule::new(&self.format, target));
        Ok(self.draw(&bars, &axis, width))
    }

    fn draw(&self, bars: &[&(String, f64)], axis: &Axis, width: f64) -> String {
        // The height is only known once the title has taken its lines, so a first canvas measures them.
        let top = frame::title(&mut Canvas::new(width, 0.0), &self.title, width);
        #[expect(clippy::cast_precision_loss, reason = "a count of bars")]
        let length = bars.len() as f64 * BAR;
        let below = if self.value_label.is_empty() { 30.0 } else { 54.0 };
        let mut canvas = Canvas::new(width, top + length + below);
        frame::title(&mut canvas, &self.title, width);
        let area = self.area(bars, (width, top, length));
        let x_at = |value: f64| area.left + axis.place(value) * area.width;
        self.draw_axis(&mut canvas, axis, &area);
        for (place, (name, value)) in bars.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a count of bars")]
            let middle = area.top + (place as f64 + 0.5) * BAR;
            let (from, to) = (x_at(value.min(0.0)), x_at(value.max(0.0)));
            let colour = Style::nth(usize::from(*value < 0.0)).colour;
            canvas.rect(&Rect { left: from, top: middle - 9.0, width: to - from, height: 18.0 }, colour);
            self.draw_name(&mut canvas, name, (MARGIN, middle, area.left));
            self.draw_value(&mut canvas, *value, (from, middle, to));
        }
        let zero = x_at(0.0);
        canvas.line((zero, area.top), (zero, area.bottom()), Stroke { colour: AXIS, width: 1.0, dash: "" });
        canvas.finish(&self.title)
    }

    /// Room for names on the left, as wide as they need up to two fifths, and for values at both ends.
    fn area(&self, bars: &[&(String, f64)], (width, top, height): (f64, f64, f64)) -> Rect {
        let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        let names = widest(&mut bars.iter().map(|bar| text_width(&bar.0, LABEL_FONT))).min(width * 0.4);
        let value_width = |bar: &&&(String, f64)| text_width(&self.format.write(bar.1), TICK_FONT) + 8.0;
        let right = widest(&mut bars.iter().filter(|bar| bar.1 >= 0.0).map(|bar| value_width(&bar)));
        let left = widest(&mut bars.iter().filter(|bar| bar.1 < 0.0).map(|bar| value_width(&bar)));
        let start = MARGIN + names + 10.0 + left;
        Rect { left: start, top, width: (width - start - right.max(16.0) - MARGIN).max(40.0), height }
    }

    fn draw_axis(&self, canvas: &mut Canvas, axis: &Axis, area: &Rect) {
        let widest =
            axis.ticks.iter().map(|tick| text_width(&tick.text, TICK_FONT)).fold(0.0, f64::max) + 12.0;
        let mut free_from = f64::NEG_INFINITY;
        for tick in &axis.ticks {
            let x = area.left + axis.place(tick.value) * area.width;
            canvas.line((x, area.top), (x, area.bottom()), Stroke { colour: GRID, width: 1.0, dash: "" });
            if x - widest / 2.0 >= free_from {
                let style = TextStyle { colour: QUIET_INK, ..TextStyle::new(TICK_FONT, Anchor::Middle) };
                canvas.text((x, area.bottom() + 17.0), style, &tick.text);
                free_from = x + widest / 2.0;
            }
        }
        let style = TextStyle { colour: QUIET_INK, ..TextStyle::new(13.0, Anchor::Middle) };
        let label = fitted(&axis.label, area.width + area.left - MARGIN, 13.0);
        let half = text_width(&label, 13.0) / 2.0;
        let middle = (area.left + area.width / 2.0).min(area.right() + MARGIN - half).max(MARGIN + half);
        canvas.text((middle, area.bottom() + 39.0), style, &label);
    }

    fn draw_name(&self, canvas: &mut Canvas, name: &str, (left, middle, right): (f64, f64, f64)) {
        let negative_room = self
            .bars
            .iter()
            .filter(|bar| bar.1 < 0.0)
            .map(|bar| text_width(&self.format.write(bar.1), TICK_FONT) + 8.0)
            .fold(0.0, f64::max);
        let end = right - negative_room - 8.0;
        let shown = fitted(name, end - left + 4.0, LABEL_FONT);
        let tooltip = (shown != name).then_some(name);
        canvas.text_with_tooltip(
            (end, middle + 4.5),
            TextStyle::new(LABEL_FONT, Anchor::End),
            (&shown, tooltip),
        );
    }

    fn draw_value(&self, canvas: &mut Canvas, value: f64, (from, middle, to): (f64, f64, f64)) {
        let text = self.format.write(value);
        let (x, anchor) = if value < 0.0 { (from - 5.0, Anchor::End) } else { (to + 5.0, Anchor::Start) };
        canvas.text((x, middle + 4.2), TextStyle::new(TICK_FONT, anchor), &text);
    }
}
