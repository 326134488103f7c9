//! Trains the spending forecaster, tests it beside plain rules on the last days, and forecasts the days to come.
//!
//! `cargo run --release --example forecast -- --input moneydata.csv --users one`

mod cli;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::rng::derived;
use fincoach::forecast::{
    Evaluation, EvaluationParams, Forecast, LstmForecaster, LstmParams, Panel, forecast,
};
use fincoach::pictures;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Forecasts spending per category.
#[derive(Parser)]
#[command(name = "forecast")]
struct Args {
    #[command(flatten)]
    common: cli::Common,
    /// Days to forecast.
    #[arg(long, default_value_t = 7)]
    horizon: usize,
    /// Seeds over which the spread of the network is told.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    seeds: u16,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common, horizon, seeds }: Args) -> cli::Result<()> {
    let mut bars = cli::Bars::new(common.quiet);
    bars.stage("read");
    let ledger = common.load((20, 6), &mut bars)?.ledger;
    let panel = Panel::from_ledger(&ledger)?;
    let seed = derived(common.seed, "forecast");
    let params = LstmParams::default().with_seed(seed).with_horizon(horizon);
    let models = params.fit_seeds_with(&panel, seeds.into(), &mut bars)?;
    bars.stage("evaluation");
    let evaluation = EvaluationParams::of(&params).evaluate(&panel, &models)?;
    let selection = evaluation.selection();
    let coming = forecast(&panel, &selection.forecaster(models.first())?, horizon)?;

    let staged = common.stage("forecast")?;
    write_forecast(&staged.path().join("forecast.csv"), &coming)?;
    cli::write_json(&staged.path().join("backtest.json"), &evaluation)?;
    draw(staged.path(), &models[0], &panel, &coming)?;
    staged.commit()?;
    bars.finish();

    if !common.quiet {
        summary(&evaluation)?;
        cli::say(format_args!("in {}", common.out_dir("forecast").display()))?;
    }
    Ok(())
}

fn draw(folder: &Path, model: &LstmForecaster, panel: &Panel, coming: &[Forecast]) -> cli::Result<()> {
    let losses = pictures::losses("Training of the forecaster", model.report())?;
    fs::write(folder.join("forecast_loss.svg"), losses)?;
    let user = panel.series()[0].user();
    Ok(fs::write(folder.join("forecast.svg"), pictures::next_days(panel, coming, user)?)?)
}

fn write_forecast(path: &Path, coming: &[Forecast]) -> cli::Result<()> {
    let mut file = csv::Writer::from_path(path)?;
    file.write_record(["user", "date", "category", "amount", "model"])?;
    for one in coming {
        let (date, amount) = (one.date.to_string(), one.amount.to_string());
        file.write_record([one.user.as_str(), &date, &one.category, &amount, one.model.name()])?;
    }
    Ok(file.flush()?)
}

fn summary(evaluation: &Evaluation) -> cli::Result<()> {
    cli::say(format_args!("money a day on {} unseen forecasts", evaluation.rules()[0].test.n_forecasts))?;
    for scores in evaluation.rules().iter().chain(evaluation.lstm()).chain(evaluation.served()) {
        let total = &scores.test.total;
        let mase = total.mase.map_or_else(String::new, |mase| format!("  MASE {mase:.3}"));
        let name = scores.method.name();
        cli::say(format_args!("{name:>16}  MAE {:.2}  RMSE {:.2}{mase}", total.mae, total.rmse))?;
    }
    for verdict in evaluation.verdicts().iter().chain([evaluation.total()]) {
        cli::say(format_args!("{verdict}"))?;
    }
    Ok(())
}
