//! Lines over x.

use fincoach_core::DataError;

use crate::canvas::{Anchor, Point, Stroke, TextStyle};
use crate::error::{ensure_drawable, out_of_range};
use crate::frame::{Frame, Plot, TICK_FONT};
use crate::labels::{fitted, text_width};
use crate::legend::{Entry, Swatch};
use crate::palette::{QUIET_INK, Style};
use crate::scale::{Axis, Domain, TickRule};
use crate::{Error, NumberFormat, Size};

/// The scale of the upright axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum YScale {
    /// Equal distances are equal differences.
    #[default]
    Linear,
    /// Equal distances are equal factors; every y must be positive.
    Log,
}

/// Named series over x, joined by lines: elbow, silhouette, losses.
///
/// Series with at most 30 points show them. Long series are drawn by their extremes in each pixel column, so no
/// peak is lost and the file stays small.
///
/// # Examples
/// ```
/// use fincoach_report::LineChart;
/// let svg = LineChart::new("Inertia over the number of segments")
///     .with_x_label("number of segments")
///     .with_series("inertia", &[2.0, 3.0, 4.0], &[900.0, 410.0, 380.0])
///     .with_mark(3.0, "chosen")
///     .to_svg()?;
/// assert!(svg.contains(">chosen<"));
/// # Ok::<(), fincoach_report::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LineChart {
    title: String,
    x_label: String,
    y_label: String,
    series: Vec<Series>,
    mark: Option<(f64, String)>,
    y_scale: YScale,
    format: NumberFormat,
    size: Size,
}

#[derive(Clone, Debug, PartialEq)]
struct Series {
    name: String,
    xs: Vec<f64>,
    ys: Vec<f64>,
}

impl LineChart {
    /// A chart without series.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            x_label: String::new(),
            y_label: String::new(),
            series: Vec::new(),
            mark: None,
            y_scale: YScale::Linear,
            format: NumberFormat::Plain,
            size: Size::default(),
        }
    }

    /// Adds a series: `ys` over `xs`, joined in the order given.
    #[must_use]
    pub fn with_series(mut self, name: impl Into<String>, xs: &[f64], ys: &[f64]) -> Self {
        self.series.push(Series { name: name.into(), xs: xs.to_vec(), ys: ys.to_vec() });
        self
    }

    /// Adds a series over 1, 2, 3, …: the steps of a fit.
    #[must_use]
    pub fn with_steps(self, name: impl Into<String>, ys: &[f64]) -> Self {
        let xs: Vec<f64> = (1..=u32::try_from(ys.len()).unwrap_or(u32::MAX)).map(f64::from).collect();
        self.with_series(name, &xs, ys)
    }

    /// Sets what x is, with its unit.
    #[must_use]
    pub fn with_x_label(self, label: impl Into<String>) -> Self {
        Self { x_label: label.into(), ..self }
    }

    /// Sets what y is, with its unit.
    #[must_use]
    pub fn with_y_label(self, label: impl Into<String>) -> Self {
        Self { y_label: label.into(), ..self }
    }

    /// Marks one x with an upright line and a word.
    #[must_use]
    pub fn with_mark(self, x: f64, label: impl Into<String>) -> Self {
        Self { mark: Some((x, label.into())), ..self }
    }

    /// Sets the scale of y.
    #[must_use]
    pub fn with_y_scale(self, y_scale: YScale) -> Self {
        Self { y_scale, ..self }
    }

    /// Sets how y reads.
    #[must_use]
    pub fn with_format(self, format: NumberFormat) -> Self {
        Self { format, ..self }
    }

    /// Sets width and height.
    #[must_use]
    pub fn with_size(self, size: Size) -> Self {
        Self { size, ..self }
    }

    /// The picture. `O(n)` in the number of points.
    ///
    /// # Errors
    /// [`Error::Data`] without series or points, for lengths that differ, values that cannot be drawn, and values that
    /// are not positive on a logarithmic scale; [`Error::Param`] for the size.
    pub fn to_svg(&self) -> Result<String, Error> {
        self.check()?;
        let size = self.size.check()?;
        let (x, y) = (self.x_axis(), self.y_axis());
        let entries: Vec<Entry> =
            self.series.iter().enumerate().map(|(index, series)| series.entry(index)).collect();
        let legend = if entries.len() > 1 { entries.as_slice() } else { &[] };
        let mut plot = Frame { title: &self.title, legend, x: &x, y: &y }.draw(size);
        self.draw_mark(&mut plot);
        for (index, series) in self.series.iter().enumerate() {
            series.draw(&mut plot, Style::nth(index), self.mark.as_ref().map(|mark| mark.0));
        }
        Ok(plot.canvas.finish(&self.title))
    }

    fn check(&self) -> Result<(), Error> {
        if self.series.is_empty() {
            return Err(DataError::Empty { what: "series to draw" }.into());
        }
        for series in &self.series {
            DataError::ensure_len("values of y", series.xs.len(), series.ys.len())?;
            ensure_drawable("x", &series.xs)?;
            ensure_drawable(&series.name, &series.ys)?;
            let tiny = series.ys.iter().position(|value| *value < 1e-300);
            if let (YScale::Log, Some(row)) = (self.y_scale, tiny) {
                let (what, allowed) = ("value on a logarithmic scale", "at least 1e-300");
                return Err(out_of_range(row, what, allowed, series.ys[row]));
            }
        }
        self.mark.as_ref().map_or(Ok(()), |mark| ensure_drawable("mark", &[mark.0]))
    }

    fn x_axis(&self) -> Axis {
        let xs = || self.series.iter().flat_map(|series| series.xs.iter().copied());
        let marked = self.mark.as_ref().map(|mark| mark.0);
        let domain = Domain::of(xs().chain(marked));
        let rule =
            TickRule { is_whole: xs().all(|x| x.fract() == 0.0), ..TickRule::new(&NumberFormat::Plain, 10) };
        Axis::linear(&self.x_label, domain.padded(0.02), &rule)
    }

    fn y_axis(&self) -> Axis {
        let ys = self.series.iter().flat_map(|series| series.ys.iter().copied());
        match self.y_scale {
            YScale::Linear => Axis::rounded(&self.y_label, Domain::of(ys), &TickRule::new(&self.format, 6)),
            YScale::Log => Axis::log(&self.y_label, Domain::of(ys), &self.format),
        }
    }

    fn draw_mark(&self, plot: &mut Plot<'_>) {
        let Some((x, label)) = &self.mark else { return };
        let (x, area) = (plot.x_at(*x), plot.area);
        let stroke = Stroke { colour: QUIET_INK, width: 1.2, dash: "4 3" };
        plot.canvas.line((x, area.top), (x, area.bottom()), stroke);
        let is_right = x > area.left + area.width * 0.6;
        let room = if is_right { x - area.left } else { area.right() - x } - 8.0;
        let (at, anchor) = if is_right { (x - 6.0, Anchor::End) } else { (x + 6.0, Anchor::Start) };
        let label = fitted(label, room, TICK_FONT);
        let width = text_width(&label, TICK_FONT);
        let left = if is_right { at - width } else { at };
        let behind = crate::canvas::Rect { left, top: area.top, width, height: 17.0 };
        plot.canvas.rect(&behind, "#ffffff");
        plot.canvas.text((at, area.top + 13.0), TextStyle::new(TICK_FONT, anchor), &label);
    }
}

impl Series {
    fn entry(&self, index: usize) -> Entry {
        Entry { name: self.name.clone(), swatch: Swatch::Line(Style::nth(index)) }
    }

    fn draw(&self, plot: &mut Plot<'_>, style: Style, marked: Option<f64>) {
        let points: Vec<Point> = self.xs.iter().zip(&self.ys).map(|(x, y)| plot.at(*x, *y)).collect();
        let stroke = Stroke { colour: style.colour, width: 2.0, dash: style.dash };
        plot.canvas.polyline(&by_extremes(&points), stroke);
        for ((x, point), _) in self.xs.iter().zip(&points).zip(0..) {
            let is_marked = marked == Some(*x);
            if is_marked || points.len() <= 30 {
                plot.canvas.mark(*point, if is_marked { 6.5 } else { 3.6 }, (style.shape, style.colour));
            }
        }
    }
}

/// Of points that share a pixel column only the first, lowest, highest and last, in their order.
pub(crate) fn by_extremes(points: &[Point]) -> Vec<Point> {
    if points.len() <= 1000 {
        return points.to_vec();
    }
    let mut kept = Vec::new();
    for column in points.chunk_by(|a, b| a.0.floor() == b.0.floor()) {
        let last = column.len() - 1;
        let place = |better: fn(f64, f64) -> bool| {
            (1..=last).fold(0, |best, i| if better(column[i].1, column[best].1) { i } else { best })
        };
        let mut places = vec![0, place(|a, b| a < b), place(|a, b| a > b), last];
        places.sort_unstable();
        places.dedup();
        kept.extend(places.into_iter().map(|place| column[place]));
    }
    kept
}
