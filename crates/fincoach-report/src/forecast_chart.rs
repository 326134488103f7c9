//! What was and what may come.

use chrono::{Days, NaiveDate};
use fincoach_core::{DataError, chrono};

use crate::canvas::{Point, Stroke};
use crate::error::{ensure_drawable, out_of_range};
use crate::frame::{Frame, Plot};
use crate::legend::{Entry, Swatch};
use crate::line_chart::by_extremes;
use crate::palette::{QUIET_INK, Style};
use crate::scale::{Axis, Domain, Tick, TickRule};
use crate::{Error, NumberFormat, Size};

/// Daily history, the forecast that follows it, and optionally its band and what really came.
///
/// # Examples
/// ```
/// use fincoach_core::chrono::NaiveDate;
/// use fincoach_report::ForecastChart;
/// let svg = ForecastChart::new("Groceries")
///     .with_start(NaiveDate::from_ymd_opt(2024, 1, 1).unwrap())
///     .with_history(&[10.0, 12.0, 9.0])
///     .with_forecast(&[11.0, 10.5])
///     .with_band(&[8.0, 7.0], &[14.0, 15.0])
///     .to_svg()?;
/// assert!(svg.contains(">2024-01-01<"));
/// # Ok::<(), fincoach_report::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastChart {
    title: String,
    y_label: String,
    start: Option<NaiveDate>,
    history: Vec<f64>,
    forecast: Vec<f64>,
    band: Option<Band>,
    actual: Vec<f64>,
    format: NumberFormat,
    size: Size,
}

#[derive(Clone, Debug, PartialEq)]
struct Band {
    name: String,
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl ForecastChart {
    /// A chart without values; y is plain numbers from 0 on.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            y_label: String::new(),
            start: None,
            history: Vec::new(),
            forecast: Vec::new(),
            band: None,
            actual: Vec::new(),
            format: NumberFormat::Plain,
            size: Size::default(),
        }
    }

    /// Sets the values up to the day before the forecast, one a day.
    #[must_use]
    pub fn with_history(self, history: &[f64]) -> Self {
        Self { history: history.to_vec(), ..self }
    }

    /// Sets the forecast, one value a day.
    #[must_use]
    pub fn with_forecast(self, forecast: &[f64]) -> Self {
        Self { forecast: forecast.to_vec(), ..self }
    }

    /// Sets the lower and upper bound of each forecast day.
    #[must_use]
    pub fn with_band(self, lower: &[f64], upper: &[f64]) -> Self {
        let band = Band { name: "likely range".to_owned(), lower: lower.to_vec(), upper: upper.to_vec() };
        Self { band: Some(band), ..self }
    }

    /// Sets what the legend calls the band, for example `9 days of 10`; without a band it does nothing.
    #[must_use]
    pub fn with_band_name(mut self, name: impl Into<String>) -> Self {
        if let Some(band) = &mut self.band {
            band.name = name.into();
        }
        self
    }

    /// Sets what really came on the days of the forecast, as far as it is known.
    #[must_use]
    pub fn with_actual(self, actual: &[f64]) -> Self {
        Self { actual: actual.to_vec(), ..self }
    }

    /// Sets the date of the first day of the history. Without it, days are counted from the first forecast day.
    #[must_use]
    pub fn with_start(self, start: NaiveDate) -> Self {
        Self { start: Some(start), ..self }
    }

    /// Sets what y is, with its unit.
    #[must_use]
    pub fn with_y_label(self, label: impl Into<String>) -> Self {
        Self { y_label: label.into(), ..self }
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

    /// The picture. `O(n)` in the number of days.
    ///
    /// # Errors
    /// [`Error::Data`] without history or forecast, for a band of another length than the forecast or upside down, for
    /// more actual days than forecast ones and for values that cannot be drawn; [`Error::Param`] for the size.
    pub fn to_svg(&self) -> Result<String, Error> {
        self.check()?;
        let size = self.size.check()?;
        let (x, y, legend) = (self.x_axis(size.0), self.y_axis(), self.legend());
        let mut plot = Frame { title: &self.title, legend: &legend, x: &x, y: &y }.draw(size);
        let (today, area) = (plot.x_at(-0.5), plot.area);
        let divider = Stroke { colour: QUIET_INK, width: 1.0, dash: "4 3" };
        plot.canvas.line((today, area.top), (today, area.bottom()), divider);
        if let Some(band) = &self.band {
            let mut outline = points(&plot, 0.0, &band.lower);
            outline.extend(points(&plot, 0.0, &band.upper).into_iter().rev());
            plot.canvas.area(&widened(outline, &plot), FORECAST.colour(), 0.25);
        }
        draw_series(&mut plot, -count(self.history.len()), (&self.history, HISTORY));
        draw_series(&mut plot, 0.0, (&self.actual, ACTUAL));
        draw_series(&mut plot, 0.0, (&self.forecast, FORECAST));
        Ok(plot.canvas.finish(&self.title))
    }

    fn check(&self) -> Result<(), Error> {
        ensure_drawable("history", &self.history)?;
        ensure_drawable("forecast", &self.forecast)?;
        if !self.actual.is_empty() {
            ensure_drawable("actual", &self.actual)?;
        }
        if self.actual.len() > self.forecast.len() {
            DataError::ensure_len("actual days", self.forecast.len(), self.actual.len())?;
        }
        let Some(Band { lower, upper, .. }) = &self.band else { return Ok(()) };
        for bound in [lower, upper] {
            DataError::ensure_len("days of the band", self.forecast.len(), bound.len())?;
            ensure_drawable("band", bound)?;
        }
        match (0..lower.len()).find(|day| lower[*day] > upper[*day]) {
            Some(day) => Err(out_of_range(day, "upper bound", "at least the lower bound", upper[day])),
            None => Ok(()),
        }
    }

    /// Day 0 is the first of the forecast.
    fn x_axis(&self, width: f64) -> Axis {
        let (first, last) = (-count(self.history.len()), count(self.forecast.len()) - 1.0);
        let domain = Domain { min: first - 0.5, max: last + 0.5 };
        let Some(start) = self.start else {
            let format = &NumberFormat::Plain;
            let rule = TickRule { is_whole: true, ..TickRule::new(format, 8) };
            return Axis::linear("days from the first day of the forecast", domain, &rule);
        };
        let n_days = self.history.len() + self.forecast.len();
        let steps = [1, 2, 7, 14, 28, 56, 91, 182, 364, 728, 3640, 36_400];
        let fits = |step: &usize| count(n_days / step + 1) * 95.0 <= width;
        let step = steps.into_iter().find(fits).unwrap_or(n_days);
        let tick = |day: usize| {
            let date = start.checked_add_days(Days::new(day as u64))?;
            Some(Tick { value: first + count(day), text: date.format("%Y-%m-%d").to_string() })
        };
        Axis::with_ticks("", domain, (0..n_days).step_by(step).filter_map(tick).collect())
    }

    fn y_axis(&self) -> Axis {
        let band = self.band.iter().flat_map(|band| band.lower.iter().chain(&band.upper));
        let all = self.history.iter().chain(&self.forecast).chain(&self.actual).chain(band).copied();
        Axis::rounded(&self.y_label, Domain::from_zero(all), &TickRule::new(&self.format, 6))
    }

    fn legend(&self) -> Vec<Entry> {
        let line =
            |name: &str, look: Look| Entry { name: name.to_owned(), swatch: Swatch::Line(look.style()) };
        let mut entries = vec![line("history", HISTORY), line("forecast", FORECAST)];
        if !self.actual.is_empty() {
            entries.insert(1, line("what really came", ACTUAL));
        }
        if let Some(band) = &self.band {
            entries.push(Entry { name: band.name.clone(), swatch: Swatch::Area(FORECAST.colour()) });
        }
        entries
    }
}

/// Position in the palette and dash.
#[derive(Clone, Copy)]
struct Look(usize, &'static str);

const HISTORY: Look = Look(6, "");
const ACTUAL: Look = Look(2, "2 3");
const FORECAST: Look = Look(0, "");

impl Look {
    fn style(self) -> Style {
        Style { dash: self.1, ..Style::nth(self.0) }
    }

    fn colour(self) -> &'static str {
        self.style().colour
    }
}

fn points(plot: &Plot<'_>, first_day: f64, values: &[f64]) -> Vec<Point> {
    values.iter().enumerate().map(|(day, value)| plot.at(first_day + count(day), *value)).collect()
}

fn draw_series(plot: &mut Plot<'_>, first_day: f64, (values, look): (&[f64], Look)) {
    let (points, style) = (points(plot, first_day, values), look.style());
    plot.canvas
        .polyline(&by_extremes(&points), Stroke { colour: style.colour, width: 2.0, dash: style.dash });
    if points.len() <= 31 {
        for point in points {
            plot.canvas.mark(point, 3.2, (style.shape, style.colour));
        }
    }
}

/// A band of one day alone would have no width.
fn widened(outline: Vec<Point>, plot: &Plot<'_>) -> Vec<Point> {
    let [(x, lower), (_, upper)] = outline[..] else { return outline };
    let half = (plot.x_at(0.4) - plot.x_at(0.0)).abs();
    vec![(x - half, lower), (x + half, lower), (x + half, upper), (x - half, upper)]
}

#[expect(clippy::cast_precision_loss, reason = "a count of days")]
fn count(n: usize) -> f64 {
    n as f64
}
