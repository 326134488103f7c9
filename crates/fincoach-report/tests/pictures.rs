//! What every picture must be: well formed, escaped, the same each time, and refused when it cannot be drawn.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

use fincoach_core::DataError;
use fincoach_core::chrono::NaiveDate;
use fincoach_report::{
    BarChart, BarOrder, Error, ForecastChart, HtmlReport, LineChart, NumberFormat, ScatterChart, Size, Table,
    YScale,
};
use proptest::prelude::*;

/// Checks that tags balance, attributes are quoted and no stray `<`, `>` or `&` is left.
fn assert_well_formed(markup: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in markup.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        assert!(!text.contains('>'), "stray > in {text}");
        assert_entities(text);
        assert_entities(tag);
        if tag.starts_with('!') || tag.starts_with("meta") {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.split([' ', '/']).next().unwrap();
        assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()), "{tag}");
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    assert!(!markup.chars().any(|c| c.is_control() && c != '\n'), "a control character");
    assert!(!markup.contains("NaN") && !markup.contains("inf\""), "a coordinate that is no number");
}

fn assert_entities(text: &str) {
    for after in text.split('&').skip(1) {
        let name = after.split(';').next().unwrap();
        assert!(["amp", "lt", "gt", "quot", "#39"].contains(&name), "stray & before {after}");
    }
}

const NASTY: &str = "</text><script>alert('x')</script> & \"q\" \u{1}\u{7}\n]]>";

fn all_charts(name: &str, values: &[f64]) -> Vec<Result<String, Error>> {
    let bars: Vec<(&str, f64)> = values.iter().map(|value| (name, *value)).collect();
    let bar = BarChart::new(name).with_bars(&bars).with_order(BarOrder::Descending).with_value_label(name);
    let line = LineChart::new(name).with_x_label(name).with_y_label(name).with_steps(name, values);
    let line = line.with_steps(name, values).with_mark(1.0, name);
    let scatter =
        ScatterChart::new(name).with_group(name, values, values).with_x_label(name).with_y_label(name);
    let start = NaiveDate::from_ymd_opt(2024, 2, 28).unwrap();
    let forecast = ForecastChart::new(name).with_history(values).with_forecast(values).with_y_label(name);
    let forecast =
        forecast.with_band(values, values).with_band_name(name).with_format(NumberFormat::money(name));
    vec![
        bar.with_format(NumberFormat::money(name)).to_svg(),
        line.clone().to_svg(),
        line.with_size(Size::new(200, 200)).to_svg(),
        scatter.to_svg(),
        forecast.clone().with_actual(&values[..values.len().min(1)]).to_svg(),
        forecast.with_start(start).to_svg(),
    ]
}

#[test]
fn texts_are_escaped_everywhere() {
    for svg in all_charts(NASTY, &[1.0, 2.0, -3.0]) {
        let svg = svg.unwrap();
        assert_well_formed(&svg);
        assert!(!svg.contains("<script") && svg.contains("&lt;/text&gt;"));
    }
    let page = HtmlReport::new(NASTY)
        .section(NASTY, NASTY)
        .table(
            Table::new([NASTY])
                .with_row([NASTY, "more cells than names"])
                .with_row(["fewer"])
                .with_caption(NASTY),
        )
        .section(NASTY, "")
        .figure(&all_charts(NASTY, &[1.0])[0].clone().unwrap(), NASTY)
        .section(NASTY, "one\n\ntwo")
        .to_html();
    assert_well_formed(&page);
    assert!(
        !page.contains("<script") && page.contains("more cells than names") && page.contains("<p>two</p>")
    );
    assert!(!page.contains("http://") || page.matches("http://").count() == page.matches("xmlns=").count());
    assert_well_formed(&HtmlReport::new("empty").to_html());
}

#[test]
fn extreme_values_are_drawn() {
    for values in [
        vec![0.0],
        vec![-5.0],
        vec![7.0; 40],
        vec![1e300, -1e300],
        vec![5e-324, 1e-300],
        vec![1e15, 1e15 + 0.25],
        vec![0.1, 1e12, -3.0],
        (0..3000).map(f64::from).collect(),
    ] {
        for svg in all_charts("x", &values) {
            assert_well_formed(&svg.unwrap());
        }
    }
    for values in [vec![1e-300, 1e300], vec![3.0], vec![3.1, 3.2], vec![0.5, 2000.0]] {
        let chart = LineChart::new("log").with_steps("loss", &values).with_y_scale(YScale::Log);
        assert_well_formed(&chart.to_svg().unwrap());
    }
}

#[test]
fn what_cannot_be_drawn_is_refused_with_its_place() {
    for svg in all_charts("x", &[]) {
        assert!(matches!(svg, Err(Error::Data(DataError::Empty { .. }))), "{svg:?}");
    }
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for svg in all_charts("x", &[1.0, bad]) {
            assert!(matches!(svg, Err(Error::Data(DataError::NotFinite { row: 1, .. }))), "{svg:?}");
        }
    }
    let error = BarChart::new("x").with_bars(&[("a", f64::MAX)]).to_svg().unwrap_err();
    assert!(error.to_string().contains("must be between -1e300 and 1e300"), "{error}");
    let log = LineChart::new("x").with_steps("loss", &[1.0, 0.0]).with_y_scale(YScale::Log).to_svg();
    assert!(matches!(log, Err(Error::Data(DataError::OutOfRange { row: 1, .. }))));
    assert!(LineChart::new("x").with_series("a", &[1.0], &[1.0, 2.0]).to_svg().is_err());
    assert!(LineChart::new("x").with_steps("a", &[1.0]).with_mark(f64::NAN, "m").to_svg().is_err());
    assert!(LineChart::new("x").with_steps("a", &[1.0]).with_size(Size::new(10, 300)).to_svg().is_err());
    assert!(BarChart::new("x").with_bars(&[("a", 1.0)]).with_width(5000).to_svg().is_err());
    assert!(LineChart::new("x").to_svg().is_err() && ScatterChart::new("x").to_svg().is_err());
    let forecast = ForecastChart::new("x").with_history(&[1.0]).with_forecast(&[2.0]);
    assert!(forecast.clone().with_band(&[1.0], &[0.5]).to_svg().is_err());
    assert!(forecast.clone().with_band(&[1.0], &[]).to_svg().is_err());
    assert!(forecast.with_actual(&[1.0, 2.0]).to_svg().is_err());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let values = [3.0, 1.0, 4.0, 1.0, 5.0];
    assert_eq!(all_charts("same", &values), all_charts("same", &values));
}

#[test]
fn bars_stand_in_the_order_asked_for() {
    let chart = BarChart::new("t").with_bars(&[("low", 1.0), ("high", 9.0), ("also high", 9.0)]);
    let order = |svg: String| {
        let mut places =
            ["low", "high", "also high"].map(|name| (svg.find(&format!(">{name}<")).unwrap(), name));
        places.sort_unstable();
        places.map(|(_, name)| name)
    };
    assert_eq!(order(chart.to_svg().unwrap()), ["low", "high", "also high"]);
    let sorted = chart.with_order(BarOrder::Descending).to_svg().unwrap();
    assert_eq!(order(sorted), ["high", "also high", "low"]);
}

#[test]
fn a_long_series_keeps_its_peak_and_stays_small() {
    let mut values = vec![0.0; 100_000];
    values[61_803] = 1000.0;
    let svg = LineChart::new("peak").with_steps("loss", &values).to_svg().unwrap();
    let line = svg.split("<polyline points=\"").nth(1).unwrap().split('"').next().unwrap();
    let lowest = line.split(' ').map(|pair| pair.split_once(',').unwrap().1.parse::<f64>().unwrap());
    let top = lowest.fold(f64::INFINITY, f64::min);
    assert!(top < 80.0, "the peak is at the upper edge of the plot: {top}");
    assert!(svg.len() < 60_000, "{} bytes", svg.len());
}

#[test]
fn tick_labels_on_a_narrow_chart_do_not_touch() {
    let values: Vec<f64> = (0..400).map(f64::from).collect();
    let chart = ForecastChart::new("dates").with_history(&values).with_forecast(&values[..30]);
    let start = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap();
    let svg = chart.with_start(start).with_size(Size::new(300, 240)).to_svg().unwrap();
    let dates: Vec<f64> = svg
        .lines()
        .filter(|line| line.contains(">2023-") || line.contains(">2024-"))
        .map(|line| line.split("x=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap())
        .collect();
    assert!(dates.len() >= 2 && dates.windows(2).all(|pair| pair[1] - pair[0] > 75.0), "{dates:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_and_any_numbers_give_well_formed_pictures(
        name in any::<String>(),
        values in prop::collection::vec(prop_oneof![-1e300_f64..1e300, -10.0_f64..10.0, Just(0.0)], 1..40),
    ) {
        for svg in all_charts(&name, &values) {
            assert_well_formed(&svg.unwrap());
        }
    }
}
