//! Pictures of models and data as SVG texts: what the examples write and the report shows.

use std::collections::BTreeMap;

use fincoach_core::ndarray::ArrayView2;
use fincoach_core::{Category, Currency, FitReport, Money};
use fincoach_forecast::{Forecast, Panel};
use fincoach_goals::Forest;
use fincoach_recommend::PolicyCard;
use fincoach_report::{BarChart, BarOrder, Error, ForecastChart, LineChart, NumberFormat, ScatterChart};
use fincoach_segmentation::{Assignment, KChoice, Segmentation};

/// Money spent in each category, the largest first; an unknown currency is taken for one with hundredths.
///
/// # Errors
/// [`Error::Data`] without categories.
pub fn category_spending(spent: &[(Category, Money)], currency: Option<Currency>) -> Result<String, Error> {
    let minor_per_major = currency.map_or(100.0, Currency::minor_per_major);
    let bars: Vec<(&str, f64)> =
        spent.iter().map(|(category, money)| (category.name(), money.to_major_of(minor_per_major))).collect();
    BarChart::new("Spending by category")
        .with_bars(&bars)
        .with_order(BarOrder::Descending)
        .with_value_label(unit(currency))
        .with_format(money_format(currency))
        .to_svg()
}

/// Inertia over the number of segments, with the number in use.
///
/// # Errors
/// [`Error::Data`] without rows.
pub fn elbow(choice: &KChoice, chosen: usize) -> Result<String, Error> {
    let inertia: Vec<f64> = choice.rows().iter().map(|row| row.inertia).collect();
    over_k(choice, chosen, ("Elbow: inertia by number of segments", "inertia"), &inertia)
}

/// Silhouette over the number of segments, with the number in use.
///
/// # Errors
/// [`Error::Data`] without rows.
pub fn silhouette(choice: &KChoice, chosen: usize) -> Result<String, Error> {
    let silhouette: Vec<f64> = choice.rows().iter().map(|row| row.silhouette).collect();
    over_k(choice, chosen, ("Silhouette by number of segments", "mean silhouette"), &silhouette)
}

#[expect(clippy::cast_precision_loss, reason = "numbers of segments")]
fn over_k(choice: &KChoice, chosen: usize, names: (&str, &str), values: &[f64]) -> Result<String, Error> {
    let ks: Vec<f64> = choice.rows().iter().map(|row| row.k as f64).collect();
    let chart = LineChart::new(names.0).with_x_label("number of segments").with_y_label(names.1);
    let chart = chart.with_series(names.1, &ks, values);
    // Few users can make the model smaller than the range of the table.
    if ks.contains(&(chosen as f64)) { chart.with_mark(chosen as f64, "in use") } else { chart }.to_svg()
}

/// Users on two principal components, by segment.
///
/// # Errors
/// [`Error::Data`] without users.
pub fn segments(
    model: &Segmentation,
    assignments: &[Assignment],
    points: ArrayView2<'_, f64>,
    explained: &[f64],
) -> Result<String, Error> {
    let axis = |number: usize| {
        let share = explained.get(number).copied().unwrap_or_default() * 100.0;
        format!("principal component {} ({share:.0} % of variance)", number + 1)
    };
    let mut chart = ScatterChart::new("Users by segment").with_x_label(axis(0)).with_y_label(axis(1));
    for (segment, name) in model.names().enumerate() {
        let members = assignments.iter().zip(points.rows()).filter(|(found, _)| found.segment == segment);
        let (xs, ys): (Vec<f64>, Vec<f64>) = members.map(|(_, point)| (point[0], point[1])).unzip();
        if !xs.is_empty() {
            chart = chart.with_group(name, &xs, &ys);
        }
    }
    chart.to_svg()
}

/// Every loss of a fit over its steps.
///
/// # Errors
/// [`Error::Data`] for a report without curves.
pub fn losses(title: &str, report: &FitReport) -> Result<String, Error> {
    let chart = LineChart::new(title).with_x_label("epoch").with_y_label("loss");
    let curves = report.curves().iter().filter(|curve| !curve.values.is_empty());
    curves.fold(chart, |chart, curve| chart.with_steps(curve.name.clone(), &curve.values)).to_svg()
}

/// What moved a policy's choice between its action and the next best, the strongest columns first.
///
/// # Errors
/// [`Error::Data`] for a card without a runner-up.
pub fn card(card: &PolicyCard) -> Result<String, Error> {
    const N_SHOWN: usize = 10;
    let shown = card.moved_by.iter().take(N_SHOWN);
    let bars: Vec<(&str, f64)> = shown.map(|moved| (moved.column.as_str(), moved.contribution)).collect();
    let other = card.runner_up.map_or("", fincoach_core::Action::name);
    BarChart::new(format!("{}: {} rather than {other}", card.user, card.action))
        .with_bars(&bars)
        .with_value_label(format!("what the column adds to the value of {}", card.action))
        .to_svg()
}

/// How much each column matters to the forest.
///
/// # Errors
/// [`Error::Data`] for a forest without columns.
pub fn importances(forest: &Forest) -> Result<String, Error> {
    let bars: Vec<(&str, f64)> =
        forest.columns().iter().map(String::as_str).zip(forest.importances().iter().copied()).collect();
    BarChart::new("What the goal depends on")
        .with_bars(&bars)
        .with_order(BarOrder::Descending)
        .with_value_label("share of the impurity decrease")
        .with_format(NumberFormat::Percent)
        .to_svg()
}

/// The last six weeks of a user's spending a day, all categories, and the days to come.
///
/// # Errors
/// [`Error::Data`] for a user who is not in the panel or has no forecast.
pub fn next_days(panel: &Panel, forecasts: &[Forecast], user: &str) -> Result<String, Error> {
    const HISTORY_DAYS: usize = 42;
    let series = panel.series().iter().find(|series| series.user() == user);
    let totals: Vec<f64> = series
        .map_or_else(Vec::new, |series| series.values().rows().into_iter().map(|day| day.sum()).collect());
    let first = totals.len().saturating_sub(HISTORY_DAYS);
    let mut coming = BTreeMap::new();
    for forecast in forecasts.iter().filter(|forecast| forecast.user == user) {
        *coming.entry(forecast.date).or_insert(0.0) += forecast.amount;
    }
    let coming: Vec<f64> = coming.into_values().collect();
    let mut chart = ForecastChart::new(format!("Spending a day, user {user}"))
        .with_history(&totals[first..])
        .with_forecast(&coming)
        .with_y_label(format!("{} a day", unit(panel.currency())))
        .with_format(money_format(panel.currency()));
    if let Some(series) = series {
        chart = chart.with_start(series.start() + fincoach_core::chrono::Days::new(first as u64));
    }
    chart.to_svg()
}

/// What amounts are counted in, for labels.
pub(crate) fn unit(currency: Option<Currency>) -> String {
    currency.map_or_else(|| "money".to_owned(), |currency| currency.code().to_owned())
}

fn money_format(currency: Option<Currency>) -> NumberFormat {
    NumberFormat::money(currency.map(|currency| currency.sign()).unwrap_or_default())
}
