//! Groups of points.

use fincoach_core::DataError;

use crate::error::ensure_drawable;
use crate::frame::Frame;
use crate::legend::{Entry, Swatch};
use crate::palette::Style;
use crate::scale::{Axis, Domain, TickRule};
use crate::{Error, NumberFormat, Size};

/// Points in named groups: users by segment on two principal components.
///
/// # Examples
/// ```
/// use fincoach_report::ScatterChart;
/// let svg = ScatterChart::new("Segments")
///     .with_group("careful", &[0.0, 1.0], &[0.5, 0.2])
///     .with_group("spender", &[4.0], &[3.0])
///     .to_svg()?;
/// assert!(svg.contains(">spender (1)<"));
/// # Ok::<(), fincoach_report::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ScatterChart {
    title: String,
    x_label: String,
    y_label: String,
    groups: Vec<Group>,
    size: Size,
}

#[derive(Clone, Debug, PartialEq)]
struct Group {
    name: String,
    xs: Vec<f64>,
    ys: Vec<f64>,
}

impl ScatterChart {
    /// A chart without points, 720 × 520.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            x_label: String::new(),
            y_label: String::new(),
            groups: Vec::new(),
            size: Size::new(720, 520),
        }
    }

    /// Adds a group of points; the legend gives its name and how many they are.
    #[must_use]
    pub fn with_group(mut self, name: impl Into<String>, xs: &[f64], ys: &[f64]) -> Self {
        self.groups.push(Group { name: name.into(), xs: xs.to_vec(), ys: ys.to_vec() });
        self
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

    /// Sets width and height.
    #[must_use]
    pub fn with_size(self, size: Size) -> Self {
        Self { size, ..self }
    }

    /// The picture. `O(n)` in the number of points.
    ///
    /// # Errors
    /// [`Error::Data`] without groups, for an empty group, lengths that differ and values that cannot be drawn;
    /// [`Error::Param`] for the size.
    pub fn to_svg(&self) -> Result<String, Error> {
        self.check()?;
        let size = self.size.check()?;
        let plain = NumberFormat::Plain;
        let axis = |label: &str, values: fn(&Group) -> &[f64], target: u32| {
            let domain = Domain::of(self.groups.iter().flat_map(|group| values(group).iter().copied()));
            Axis::linear(label, domain.padded(0.05), &TickRule::new(&plain, target))
        };
        let (x, y) = (axis(&self.x_label, |group| &group.xs, 8), axis(&self.y_label, |group| &group.ys, 7));
        let legend: Vec<Entry> =
            self.groups.iter().enumerate().map(|(index, group)| group.entry(index)).collect();
        let mut plot = Frame { title: &self.title, legend: &legend, x: &x, y: &y }.draw(size);
        for (index, group) in self.groups.iter().enumerate() {
            let style = Style::nth(index);
            for (x, y) in group.xs.iter().zip(&group.ys) {
                let at = plot.at(*x, *y);
                plot.canvas.mark(at, 5.0, (style.shape, style.colour));
            }
        }
        Ok(plot.canvas.finish(&self.title))
    }

    fn check(&self) -> Result<(), Error> {
        if self.groups.is_empty() {
            return Err(DataError::Empty { what: "points to draw" }.into());
        }
        for group in &self.groups {
            DataError::ensure_len("values of y", group.xs.len(), group.ys.len())?;
            ensure_drawable(&format!("{} x", group.name), &group.xs)?;
            ensure_drawable(&format!("{} y", group.name), &group.ys)?;
        }
        Ok(())
    }
}

impl Group {
    fn entry(&self, index: usize) -> Entry {
        Entry { name: format!("{} ({})", self.name, self.xs.len()), swatch: Swatch::Mark(Style::nth(index)) }
    }
}
