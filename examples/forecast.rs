//! Trains the spending forecaster, tests it beside plain rules on the last days, and forecasts the days to come;
//! then lets classical models and their blend compete, and draws what they expect with its likely range.
//!
//! `cargo run --release --example forecast -- --input moneydata.csv --users one`

mod cli;

use std::fmt::{self, Display};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use fincoach::core::rng::derived;
use fincoach::core::{Artifact, DataError};
use fincoach::forecast::{
    BacktestParams, Band, Coverage, Error, Evaluation, EvaluationParams, Forecast, LstmForecaster,
    LstmParams, Outlook, Panel, Scope, Served, ServingParams, Skill, forecast,
};
use fincoach::pictures;
use fincoach::report::{BarChart, ForecastChart, NumberFormat};
use serde::Serialize;
use serde_json::{Map, Value, json};

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
    /// Weeks of the past from which classical models are weighed and chosen and intervals calibrated.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(2..=1000))]
    origins: u16,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Args { common, horizon, seeds, origins }: Args) -> cli::Result<()> {
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
    bars.stage("classical models");
    let classical = classical(staged.path(), &panel, (horizon, origins))?;
    staged.commit()?;
    bars.finish();

    if !common.quiet {
        summary(&evaluation)?;
        for line in classical {
            cli::say(format_args!("{line}"))?;
        }
        cli::say(format_args!("in {}", common.out_dir("forecast").display()))?;
    }
    Ok(())
}

/// The classical models in the past and in the days to come; what serves each category, and why.
fn classical(folder: &Path, panel: &Panel, (horizon, origins): (usize, u16)) -> cli::Result<Vec<String>> {
    let backtest =
        BacktestParams::default().with_horizon(horizon).with_step(7).with_n_origins(origins.into());
    let params = ServingParams::default().with_backtest(backtest);
    let serving = match params.build_usual(panel) {
        // A panel without a past and all days to come at any origin has nothing to learn from.
        Err(Error::Data(DataError::Empty { .. })) => return Ok(Vec::new()),
        found => found?,
    };
    let (outlooks, bands) = serving.forecast(panel, horizon)?;
    write_intervals(&folder.join("intervals.csv"), serving.days().backtest().targets(), (&outlooks, &bands))?;
    let parts = [("days", serving.days()), ("sums", serving.sums())];
    let choices: Map<String, Value> =
        parts.iter().map(|(what, served)| ((*what).to_owned(), json!(served.choices()))).collect();
    cli::write_json(&folder.join("choices.json"), &choices)?;
    fs::write(folder.join("decisions.json"), serving.decisions().to_bytes()?)?;
    draw_models(folder, serving.sums())?;
    draw_band(folder, panel, (&outlooks[0], &bands[0][0]))?;
    let (mut lines, mut found) = (Vec::new(), Map::new());
    for (what, served) in parts {
        let judged = judged(served)?;
        let of = if what == "days" { "a day".to_owned() } else { format!("the sum of {horizon} days") };
        lines.push(format!("what serves {of}, and how it did on later weeks"));
        lines.extend(
            served.choices().iter().zip(&judged).map(|(choice, judged)| format!("{choice}\n{judged}")),
        );
        found.insert(what.to_owned(), json!(judged));
    }
    cli::write_json(&folder.join("served.json"), &found)?;
    Ok(lines)
}

/// What would have been served for a target on the later half of the weeks, each decided on those known then.
#[derive(Serialize)]
struct Judged {
    target: String,
    /// The rule that was best before, and the skill against it.
    rule: String,
    skill: Skill,
    /// The rule that turned out best, and the skill against that.
    rule_in_hindsight: String,
    skill_in_hindsight: Skill,
    /// By level.
    coverage: Vec<Coverage>,
}

fn judged(served: &Served) -> cli::Result<Vec<Judged>> {
    let skills = served.leads(0.9)?.into_iter().zip(served.leads_in_hindsight(0.9)?);
    let rules = served.rules_before().iter().zip(served.rules_in_hindsight());
    let targets = served.replayed().targets().iter();
    let judged =
        |(target, ((rule, rule_after), (skill, skill_after))): (&String, ((&String, &String), _))| Judged {
            target: target.clone(),
            rule: rule.clone(),
            skill,
            rule_in_hindsight: rule_after.clone(),
            skill_in_hindsight: skill_after,
            coverage: served.coverage().iter().filter(|one| one.target == *target).cloned().collect(),
        };
    Ok(targets.zip(rules.zip(skills)).map(judged).collect())
}

impl Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |rule: &str, Skill { skill, low, high, .. }: Skill| {
            if !skill.is_finite() {
                return format!("worse than {rule} without an error");
            }
            let [skill, low, high] = [skill, low, high].map(|share| 100.0 * share);
            format!("{skill:+.1} % ({low:+.1} to {high:+.1}) against {rule}")
        };
        let before = told(&self.rule, self.skill);
        write!(f, "    {before}, the best rule before")?;
        if self.rule_in_hindsight != self.rule {
            let after = told(&self.rule_in_hindsight, self.skill_in_hindsight);
            write!(f, "; {after}, the best in hindsight")?;
        }
        for one in &self.coverage {
            let [level, covered, off] = [one.level, one.covered, one.off()].map(|share| 100.0 * share);
            write!(f, "; {level:.0} % held {covered:.1} ({off:+.1})")?;
        }
        Ok(())
    }
}

fn write_intervals(
    path: &Path,
    targets: &[String],
    (outlooks, bands): (&[Outlook], &[Vec<Band>]),
) -> cli::Result<()> {
    let mut file = csv::Writer::from_path(path)?;
    file.write_record(["user", "date", "category", "amount", "level", "low", "high", "model"])?;
    for (outlook, bands) in outlooks.iter().zip(bands) {
        for band in bands {
            for ((ahead, place), low) in band.low.indexed_iter() {
                let amounts = [outlook.points()[[ahead, place]], band.level, *low, band.high[[ahead, place]]];
                let [amount, level, low, high] = amounts.map(|amount| amount.to_string());
                let (date, target) = (outlook.date(ahead).to_string(), &targets[place]);
                let model = &outlook.served_by()[place];
                file.write_record([outlook.user(), &date, target, &amount, &level, &low, &high, model])?;
            }
        }
    }
    Ok(file.flush()?)
}

/// How far each model was off in the total of the coming days, the best first.
fn draw_models(folder: &Path, of_sums: &Served) -> cli::Result<()> {
    let sums = of_sums.replayed();
    let target = sums.targets().last().cloned().unwrap_or_default();
    let scope = Scope::default().with_target(&target);
    let mut errors = Vec::with_capacity(sums.models().len());
    for model in sums.models() {
        errors.push((model.as_str(), sums.scores(model, &scope)?.mae));
    }
    errors.sort_by(|a, b| a.1.total_cmp(&b.1));
    let title = format!("How far forecasts of the next {} days were off", sums.params().horizon());
    let chart = BarChart::new(title).with_bars(&errors).with_value_label("mean error of the sum, money");
    Ok(fs::write(folder.join("models.svg"), chart.with_format(NumberFormat::Plain).to_svg()?)?)
}

/// Six weeks of the first user's total, the days to come, and where four of five days should lie.
fn draw_band(folder: &Path, panel: &Panel, (outlook, band): (&Outlook, &Band)) -> cli::Result<()> {
    let (series, last) = (&panel.series()[0], outlook.points().ncols() - 1);
    let totals = series.totals().to_vec();
    let first = totals.len().saturating_sub(42);
    let chart = ForecastChart::new(format!("Spending a day, user {}", series.user()))
        .with_history(&totals[first..])
        .with_forecast(&outlook.points().column(last).to_vec())
        .with_band(&band.low.column(last).to_vec(), &band.high.column(last).to_vec())
        .with_band_name("four days of five")
        .with_start(series.date(first))
        .with_y_label("money a day");
    Ok(fs::write(folder.join("forecast_band.svg"), chart.to_svg()?)?)
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
