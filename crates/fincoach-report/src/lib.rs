//! Draws pictures (SVG) of a run and binds them into one self-contained HTML page.
//!
//! ```
//! use fincoach_report::{BarChart, BarOrder, HtmlReport, NumberFormat, Table};
//!
//! let spending = BarChart::new("Spending by category")
//!     .with_bars(&[("groceries", 242.7), ("bills", 1340.5), ("shopping", 403.1)])
//!     .with_order(BarOrder::Descending)
//!     .with_value_label("Spending in 30 days (£)")
//!     .with_format(NumberFormat::money("£"))
//!     .to_svg()?;
//! assert!(spending.starts_with("<svg") && spending.contains("£1,340.50"));
//!
//! let page = HtmlReport::new("One month <2024-01>")
//!     .section("Spending", "Bills come first.")
//!     .figure(&spending, "Where the money went")
//!     .table(Table::new(["category", "share"]).with_row(["bills", "67 %"]))
//!     .to_html();
//! assert!(page.contains("One month &lt;2024-01&gt;") && !page.contains("<script"));
//! # Ok::<(), fincoach_report::Error>(())
//! ```
//!
//! # Map
//! - [`BarChart`] ([`BarOrder`]): horizontal bars, for spending by category and importances.
//! - [`LineChart`] ([`YScale`]): named series over x, for elbow, silhouette and losses.
//! - [`ScatterChart`]: groups of points, for two principal components.
//! - [`ForecastChart`]: history, forecast and its band over days.
//! - [`HtmlReport`] and [`Table`]: the page.
//! - [`NumberFormat`], [`Size`]: how numbers read and how large a picture is. [`Error`]: what cannot be drawn.
//!
//! Every chart takes plain slices and texts, is checked in `to_svg`, and gives the same bytes for the same input.
//! Colours are the Okabe–Ito palette, told apart in all common forms of colour blindness; series also differ in
//! their dashes and groups in the shapes of their points.
//!
//! # Limits
//! - Nothing is read or written: the caller saves the strings.
//! - No fonts are read, so widths of texts are estimated (generously); labels that would not fit end in `…`, with
//!   the full text as a tooltip.
//! - Values up to 10³⁰⁰ in size can be drawn.

mod bar_chart;
mod canvas;
mod error;
mod forecast_chart;
mod frame;
mod html_report;
mod labels;
mod legend;
mod line_chart;
mod number;
mod palette;
mod scale;
mod scatter_chart;
mod size;
mod table;

pub use bar_chart::{BarChart, BarOrder};
pub use error::Error;
pub use forecast_chart::ForecastChart;
pub use html_report::HtmlReport;
pub use line_chart::{LineChart, YScale};
pub use number::NumberFormat;
pub use scatter_chart::ScatterChart;
pub use size::Size;
pub use table::Table;
