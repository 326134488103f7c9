//! Trains the global network on the NN5 competition and scores it on the last days beside plain rules.
//!
//! `cargo run --release --example nn5 -- --input nn5_daily.csv`

mod cli;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::chrono::{Days, NaiveDate};
use fincoach::core::ndarray::{Array2, Array3};
use fincoach::core::rng::stream;
use fincoach::forecast::{GlobalParams, SeriesSet, weekday_inputs};
use fincoach::report::ForecastChart;
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Forecasts many daily series and scores the forecasts on their last days.
#[derive(Parser)]
#[command(name = "nn5")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Networks, whose mean is the forecast.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    seeds: u16,
    /// Days before the end of the file that are left alone: 56 to see what parameters were chosen on.
    #[arg(long, default_value_t = 0)]
    hold_back: usize,
}

/// Series with their names and first day.
struct Data {
    names: Vec<String>,
    first: NaiveDate,
    set: SeriesSet,
}

/// The two scores of a method, means over the series.
struct Scores {
    name: String,
    smape: f64,
    mase: f64,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common, seeds, hold_back }: Args) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    bars.stage("read");
    let (data, params) = match &common.input {
        Some(path) => (read(path)?, GlobalParams::nn5()),
        None => (simulated(common.seed)?, small()),
    };
    let params = params.with_seed(common.seed);
    let horizon = params.horizon();
    let n_days = data.set.n_days().saturating_sub(hold_back);
    if n_days < 3 * horizon {
        return Err(format!("{n_days} days are too few for a forecast of {horizon}").into());
    }
    let all = data.set.until(n_days);
    let before = all.until(n_days - horizon);
    let ensemble = params.fit_ensemble_with(&before, seeds.into(), &mut bars)?;
    let members: Vec<Array3<f64>> =
        ensemble.forecasts(&before)?.into_iter().map(|forecast| forecast.point).collect();
    let mean = ensemble.forecast(&before)?.point;

    let actual = filled(&all);
    let mut scores = rules(&filled(&before), horizon);
    let seed = |member: usize| params.seed().wrapping_add(member as u64);
    scores.extend(
        members.iter().enumerate().map(|(at, one)| (format!("LSTM, seed {}", seed(at)), one.clone())),
    );
    scores.push((format!("LSTM, mean of {}", members.len()), mean));
    let scored: Vec<Scores> = scores.iter().map(|(name, point)| score(name, point, &actual)).collect();

    let staged = common.stage("nn5")?;
    let folder = staged.path();
    cli::write_json(&folder.join("nn5.json"), &told(&scored, &all, horizon))?;
    write_forecasts(&folder.join("forecasts.csv"), &data, &scores, n_days - horizon)?;
    fs::write(folder.join("nn5.svg"), draw(&data, &actual, &scores)?)?;
    staged.commit()?;
    bars.finish();
    if common.quiet {
        return Ok(());
    }
    cli::say(format_args!("{horizon} unseen days of {} series", data.names.len()))?;
    for Scores { name, smape, mase } in &scored {
        cli::say(format_args!("{name:>28}  sMAPE {smape:.2}  MASE {mase:.3}"))?;
    }
    cli::say(format_args!("in {}", common.out_dir("nn5").display()))
}

/// A column of dates, then one a series; an empty cell is a gap.
fn read(path: &Path) -> cli::Result<Data> {
    let mut file = csv::Reader::from_path(path)?;
    let names: Vec<String> = file.headers()?.iter().skip(1).map(str::to_owned).collect();
    let (mut dates, mut cells) = (Vec::new(), Vec::new());
    for row in file.records() {
        let row = row?;
        dates.push(row.get(0).unwrap_or_default().parse::<NaiveDate>()?);
        for cell in row.iter().skip(1).map(str::trim) {
            cells.push(if cell.is_empty() { None } else { Some(cell.parse::<f64>()?) });
        }
    }
    let first = *dates.first().ok_or("the file has no rows")?;
    for (day, date) in dates.iter().enumerate() {
        if *date != first + Days::new(day as u64) {
            return Err(format!("row {}: {date} is not the day after the row before", day + 1).into());
        }
    }
    let cells = Array2::from_shape_vec((dates.len(), names.len()), cells)?.reversed_axes();
    let set =
        SeriesSet::of_one_target(cells.mapv(|cell| cell.unwrap_or(0.0)), cells.mapv(|cell| cell.is_some()))?;
    let known = weekday_inputs(first, dates.len() + GlobalParams::nn5().horizon());
    Ok(Data { names, first, set: set.with_known(known)? })
}

/// Twelve series of a year with a week, a slow drift, noise and some gaps.
fn simulated(seed: u64) -> cli::Result<Data> {
    const DIM: (usize, usize) = (12, 364);
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).ok_or("no such date")?;
    let mut rngs: Vec<_> = (0..DIM.0).map(|series| stream(seed, series as u64)).collect();
    let value = |(series, day): (usize, usize)| {
        let week = [8.0, 9.0, 10.0, 12.0, 15.0, 11.0, 5.0][(day + series) % 7];
        let drift = 1.0 + 0.3 * (day as f64 / 60.0 + series as f64).sin();
        (series + 1) as f64 * week * drift * rngs[series].range(0.8, 1.2)
    };
    let values = Array2::from_shape_fn(DIM, value);
    let mut gaps = stream(seed, u64::MAX);
    let observed = Array2::from_shape_fn(DIM, |_| !gaps.bernoulli(0.02));
    let set = SeriesSet::of_one_target(values, observed)?.with_known(weekday_inputs(first, DIM.1 + 28))?;
    Ok(Data { names: (1..=DIM.0).map(|series| format!("simulated {series}")).collect(), first, set })
}

/// A network that is trained within seconds.
fn small() -> GlobalParams {
    GlobalParams::default().with_hidden(16).with_max_epochs(3).with_stride(2)
}

/// All values, `(n_series, n_days)`, with gaps filled by the median of the series' weekday as in the Monash
/// archive. Of the days given alone, so that what is filled for a rule knows nothing of the days to be forecast.
fn filled(set: &SeriesSet) -> Array2<f64> {
    Array2::from_shape_fn((set.n_series(), set.n_days()), |(series, day)| {
        if set.observed()[[series, day, 0]] {
            return set.values()[[series, day, 0]];
        }
        let days = (day % 7..set.n_days()).step_by(7).filter(|day| set.observed()[[series, *day, 0]]);
        median(days.map(|day| set.values()[[series, day, 0]]).collect())
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n => f64::midpoint(values[(n - 1) / 2], values[n / 2]),
    }
}

/// Plain rules: the last week again, the mean of each weekday over eight weeks, its median over sixteen.
fn rules(before: &Array2<f64>, horizon: usize) -> Vec<(String, Array3<f64>)> {
    let n_days = before.ncols();
    let weekday = |(series, after): (usize, usize), weeks: usize| -> Vec<f64> {
        let back = (1..=weeks).filter_map(|week| (n_days + after % 7).checked_sub(7 * week));
        back.map(|day| before[[series, day]]).collect()
    };
    let of = |rule: &dyn Fn((usize, usize)) -> f64| {
        Array3::from_shape_fn((before.nrows(), horizon, 1), |(series, after, _)| rule((series, after)))
    };
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len().max(1) as f64;
    vec![
        ("as a week ago".to_owned(), of(&|at| mean(weekday(at, 1)))),
        ("weekday mean, 8 weeks".to_owned(), of(&|at| mean(weekday(at, 8)))),
        ("weekday median, 16 weeks".to_owned(), of(&|at| median(weekday(at, 16)))),
    ]
}

/// Means over the series of sMAPE in per cent and of MASE with a season of 7 days.
fn score(name: &str, point: &Array3<f64>, actual: &Array2<f64>) -> Scores {
    let (n_series, horizon, _) = point.dim();
    let start = actual.ncols() - horizon;
    let (mut smape, mut mase) = (0.0, 0.0);
    for series in 0..n_series {
        let before = (7..start).map(|day| (actual[[series, day]] - actual[[series, day - 7]]).abs());
        let naive = before.sum::<f64>() / (start - 7) as f64;
        let (mut symmetric, mut absolute) = (0.0, 0.0);
        for after in 0..horizon {
            let (value, forecast) = (actual[[series, start + after]], point[[series, after, 0]]);
            let (error, size) = ((value - forecast).abs(), value.abs() + forecast.abs());
            absolute += error;
            symmetric += if size > 0.0 { 200.0 * error / size } else { 0.0 };
        }
        smape += symmetric / horizon as f64 / n_series as f64;
        mase += absolute / horizon as f64 / naive.max(f64::MIN_POSITIVE) / n_series as f64;
    }
    Scores { name: name.to_owned(), smape, mase }
}

fn told(scored: &[Scores], all: &SeriesSet, horizon: usize) -> Value {
    let rows = scored.iter().map(|row| json!({ "method": row.name, "smape": row.smape, "mase": row.mase }));
    json!({
        "n_series": all.n_series(), "n_days": all.n_days(), "horizon": horizon,
        "methods": rows.collect::<Vec<_>>(),
    })
}

/// One row a series and day, one column a method.
fn write_forecasts(
    path: &Path,
    data: &Data,
    methods: &[(String, Array3<f64>)],
    start: usize,
) -> cli::Result<()> {
    let mut file = csv::Writer::from_path(path)?;
    file.write_record(["series", "date"].into_iter().chain(methods.iter().map(|(name, _)| name.as_str())))?;
    let horizon = methods.first().map_or(0, |(_, point)| point.dim().1);
    for (series, name) in data.names.iter().enumerate() {
        for after in 0..horizon {
            let date = data.first + Days::new((start + after) as u64);
            let values = methods.iter().map(|(_, point)| point[[series, after, 0]].to_string());
            file.write_record([name.clone(), date.to_string()].into_iter().chain(values))?;
        }
    }
    Ok(file.flush()?)
}

/// The first series: its last sixteen weeks, the mean of the networks, and what came.
fn draw(data: &Data, actual: &Array2<f64>, methods: &[(String, Array3<f64>)]) -> cli::Result<String> {
    let Some((_, point)) = methods.last() else { return Err("nothing to draw".into()) };
    let horizon = point.dim().1;
    let start = actual.ncols() - horizon;
    let first = start.saturating_sub(112);
    let row = actual.row(0).to_vec();
    let coming: Vec<f64> = (0..horizon).map(|after| point[[0, after, 0]]).collect();
    let chart = ForecastChart::new(format!("{}: {horizon} days nobody had seen", data.names[0]))
        .with_history(&row[first..start])
        .with_forecast(&coming)
        .with_actual(&row[start..])
        .with_start(data.first + Days::new(first as u64));
    Ok(chart.to_svg()?)
}
