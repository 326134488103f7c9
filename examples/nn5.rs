//! Trains the global network on the NN5 competition, blends it with plain models by what they said of earlier days, and
//! scores all of it on the last days beside plain rules.
//!
//! `cargo run --release --example nn5 -- --input nn5_daily.csv`

mod cli;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::chrono::{Days, NaiveDate};
use fincoach::core::ndarray::Array2;
use fincoach::core::rng::stream;
use fincoach::forecast::{
    Backtest, BacktestParams, BlendWeights, CalendarAdjusted, Fill, Frequency, Gaps, GlobalModel,
    GlobalParams, Panel, PanelModel, Plain, Scope, ScoreLoss, Series,
};
use fincoach::report::ForecastChart;
use serde_json::json;

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

/// The plain models of the blend; each also on series without the calendar's effects.
const PLAIN: [Plain; 10] = [
    Plain::SeasonalNaive,
    Plain::SeasonMean { seasons: 8 },
    Plain::SeasonMean { seasons: 20 },
    Plain::SeasonMean { seasons: 26 },
    Plain::SeasonMedian { seasons: 8 },
    Plain::SeasonMedian { seasons: 12 },
    Plain::SeasonMedian { seasons: 20 },
    Plain::SeasonMedian { seasons: 26 },
    Plain::Ets,
    Plain::Theta,
];

/// Names of what is made of others.
const LSTM: &str = "lstm";
const BLENDS: [&str; 2] = ["blend_of_plain_models", "blend_with_lstm"];

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common, seeds, hold_back }: Args) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    bars.stage("read");
    let (panel, params) = match &common.input {
        Some(path) => {
            let file = fs::File::open(path)?;
            (Panel::read_wide(file, Frequency::Daily, Fill::SeasonMedian)?, GlobalParams::nn5())
        }
        None => (simulated(common.seed)?, small()),
    };
    let networks = GlobalModel::new(LSTM, params.with_seed(common.seed)).with_n_seeds(seeds.into()).seeds();
    bars.stage("the days before, by which the blends are weighed");
    let before = replayed(&panel, &networks, hold_back + networks[0].params().horizon())?;
    bars.stage("the last days");
    let last = replayed(&panel, &networks, hold_back)?;
    let (before, last) = blended([before, last])?;

    let staged = common.stage("nn5")?;
    let folder = staged.path();
    let lines = told(&before, &last, folder)?;
    write_forecasts(&folder.join("forecasts.csv"), &panel, &last)?;
    fs::write(folder.join("nn5.svg"), draw(&panel, &last)?)?;
    staged.commit()?;
    bars.finish();
    if common.quiet {
        return Ok(());
    }
    let horizon = last.params().horizon();
    cli::say(format_args!("{horizon} unseen days of {} series, and the {horizon} before", panel.n_users()))?;
    for line in lines {
        cli::say(format_args!("{line}"))?;
    }
    cli::say(format_args!("in {}", common.out_dir("nn5").display()))
}

/// All models on the last days of a panel, some of which are left alone; each is fitted on the days before these.
fn replayed(panel: &Panel, networks: &[GlobalModel], skip: usize) -> cli::Result<Backtest> {
    let adjusted = PLAIN.map(CalendarAdjusted::new);
    let mut models: Vec<&dyn PanelModel> = PLAIN.iter().map(|model| model as &dyn PanelModel).collect();
    models.extend(adjusted.iter().map(|model| model as &dyn PanelModel));
    models.extend(networks.iter().map(|model| model as &dyn PanelModel));
    let params = BacktestParams::default().with_horizon(networks[0].params().horizon()).with_n_origins(1);
    Ok(params.with_skip(skip).run(panel, &models)?)
}

/// Both with the mean of the networks and with two blends, weighed on the earlier one.
fn blended([before, last]: [Backtest; 2]) -> cli::Result<(Backtest, Backtest)> {
    let names: Vec<&str> = before.models().iter().map(String::as_str).collect();
    let (plain, networks) = names.split_at(2 * PLAIN.len());
    let mean = BlendWeights::equal(networks, before.targets())?;
    let (mut first, mut second) = (before.with_blend(LSTM, &mean)?, last.with_blend(LSTM, &mean)?);
    let all: Vec<&str> = plain.iter().copied().chain([LSTM]).collect();
    for (name, members) in BLENDS.into_iter().zip([plain, &all]) {
        let weights = BlendWeights::best(&first, members, ScoreLoss::Smape)?;
        first = first.with_blend(name, &weights)?;
        second = second.with_blend(name, &weights)?;
    }
    Ok((first, second))
}

/// Twelve series of a year with a week, a slow drift, noise and some gaps.
fn simulated(seed: u64) -> cli::Result<Panel> {
    const DIM: (usize, usize) = (12, 364);
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).ok_or("no such date")?;
    let mut gaps = stream(seed, u64::MAX);
    let mut series = Vec::with_capacity(DIM.0);
    for one in 0..DIM.0 {
        let mut rng = stream(seed, one as u64);
        let values = Array2::from_shape_fn((DIM.1, 1), |(day, _)| {
            let week = [8.0, 9.0, 10.0, 12.0, 15.0, 11.0, 5.0][(day + one) % 7];
            let drift = 1.0 + 0.3 * (day as f64 / 60.0 + one as f64).sin();
            let value = (one + 1) as f64 * week * drift * rng.range(0.8, 1.2);
            if gaps.bernoulli(0.02) { f64::NAN } else { value }
        });
        let name = format!("simulated {}", one + 1);
        series.push(Series::with_gaps(name, first, values, Fill::SeasonMedian)?);
    }
    Ok(Panel::new(vec!["value".to_owned()], series)?)
}

/// A network that is trained within seconds.
fn small() -> GlobalParams {
    GlobalParams::default().with_hidden(16).with_max_epochs(3).with_stride(2)
}

/// As in the Monash archive: gaps filled by the median of the series' weekday, means over the series.
fn scope() -> Scope {
    Scope::default().with_gaps(Gaps::AsFilled)
}

/// The scores of every model on both parts, written and in words.
fn told(before: &Backtest, last: &Backtest, folder: &Path) -> cli::Result<Vec<String>> {
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    for model in last.models() {
        let (chosen, tested) = (before.scores(model, &scope())?, last.scores(model, &scope())?);
        let mase = tested.mase.unwrap_or(0.0);
        rows.push(json!({
            "method": model, "smape_before": chosen.smape, "smape": tested.smape, "mase": tested.mase,
        }));
        lines.push(format!(
            "{model:>26}  sMAPE before {:.2}  sMAPE {:.2}  MASE {mase:.3}",
            chosen.smape, tested.smape
        ));
    }
    let horizon = last.params().horizon();
    cli::write_json(&folder.join("nn5.json"), &json!({ "horizon": horizon, "methods": rows }))?;
    Ok(lines)
}

/// One row a series and day, one column a method.
fn write_forecasts(path: &Path, panel: &Panel, last: &Backtest) -> cli::Result<()> {
    let mut file = csv::Writer::from_path(path)?;
    let models = last.models();
    file.write_record(["series", "date"].into_iter().chain(models.iter().map(String::as_str)))?;
    let all = models.iter().map(|model| last.forecasts(model, &scope()));
    let all = all.collect::<Result<Vec<_>, _>>()?;
    for (row, one) in all[0].iter().enumerate() {
        let date = last.origins()[one.origin] + Days::new(one.ahead as u64 + 1);
        let values = all.iter().map(|said| said[row].forecast.to_string());
        let user = panel.series()[one.series].user().to_owned();
        file.write_record([user, date.to_string()].into_iter().chain(values))?;
    }
    Ok(file.flush()?)
}

/// The first series: its last sixteen weeks, the blend with the networks, and what came.
fn draw(panel: &Panel, last: &Backtest) -> cli::Result<String> {
    let said = last.forecasts(BLENDS[1], &scope())?;
    let of_first = said.iter().filter(|one| one.series == 0);
    let (coming, came): (Vec<f64>, Vec<f64>) = of_first.map(|one| (one.forecast, one.actual)).unzip();
    let known = panel.until(last.origins()[0]);
    let series = &known.series()[0];
    let past = series.totals().to_vec();
    let first = past.len().saturating_sub(112);
    let chart = ForecastChart::new(format!("{}: {} days nobody had seen", series.user(), coming.len()))
        .with_history(&past[first..])
        .with_forecast(&coming)
        .with_actual(&came)
        .with_start(series.date(first));
    Ok(chart.to_svg()?)
}
