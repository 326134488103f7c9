//! The pictures of a run, and one page that shows all of it.

use std::collections::BTreeMap;

use fincoach_core::Action;
use fincoach_goals::Candidate;
use fincoach_report::{HtmlReport, Table};

use super::PipelineRun;
use crate::{Error, pictures};

/// Every picture by its file name.
pub(super) fn draw(run: &PipelineRun) -> Result<BTreeMap<&'static str, String>, Error> {
    let (models, segmentation) = (run.bundle.models(), &run.evaluation.segmentation);
    let (choice, n_segments) = (&segmentation.choice, segmentation.n_segments);
    let explained = &segmentation.explained_variance_ratio;
    let mut drawn = BTreeMap::from([
        ("category_spending.svg", pictures::category_spending(&run.spent, run.panel.currency())?),
        ("elbow.svg", pictures::elbow(choice, n_segments)?),
        ("silhouette.svg", pictures::silhouette(choice, n_segments)?),
        (
            "segments.svg",
            pictures::segments(&models.segmentation, &run.assignments, run.points.view(), explained)?,
        ),
        ("cql_loss.svg", pictures::losses("Training of the policy", models.recommender.policy().report())?),
        ("importance.svg", pictures::importances(models.goals.forest())?),
    ]);
    if let Some(forecaster) = &models.forecaster {
        let losses = pictures::losses("Training of the forecaster", forecaster.report())?;
        drawn.insert("forecast_loss.svg", losses);
    }
    if let Some(user) = longest_user(run) {
        drawn.insert("forecast.svg", pictures::next_days(&run.panel, &run.forecasts, user)?);
    }
    Ok(drawn)
}

/// The user with most days, the first of equals: the one whose picture shows most.
fn longest_user(run: &PipelineRun) -> Option<&str> {
    let longest = run.panel.series().iter().rev().max_by_key(|series| series.n_days());
    longest.map(fincoach_forecast::Series::user)
}

/// The page.
pub(super) fn write(run: &PipelineRun, data: &str, notes: &[String]) -> Result<String, Error> {
    let drawn = draw(run)?;
    let page = HtmlReport::new(format!("FinCoach: {data}"));
    let page = overview(page, run, &drawn, notes);
    let page = segments(page, run, &drawn);
    let page = recommendations(page, run, &drawn);
    let page = forecast(page, run, &drawn);
    Ok(goals(page, run, &drawn).to_html())
}

type Drawn = BTreeMap<&'static str, String>;

fn with_figure(page: HtmlReport, drawn: &Drawn, name: &str, caption: &str) -> HtmlReport {
    match drawn.get(name) {
        Some(svg) => page.figure(svg, caption),
        None => page,
    }
}

fn overview(page: HtmlReport, run: &PipelineRun, drawn: &Drawn, notes: &[String]) -> HtmlReport {
    let data = &run.evaluation.data;
    let prose = format!(
        "{} transactions from {} to {}: {} users with {} features each, {} left out for too few transactions.",
        data.n_transactions,
        data.first.date(),
        data.last.date(),
        data.n_users,
        data.n_features,
        data.n_left_out
    );
    with_figure(
        notes.iter().fold(page.section("Data", &prose), |page, note| page.prose(note)),
        drawn,
        "category_spending.svg",
        "All money that left the accounts.",
    )
}

fn segments(page: HtmlReport, run: &PipelineRun, drawn: &Drawn) -> HtmlReport {
    let found = &run.evaluation.segmentation;
    let prose = format!(
        "{} segments with a mean silhouette of {:.3}; dealt by chance into the same sizes it is {:.3}. Found again from \
         other seeds, the segments agree to {:.2} (adjusted Rand index, 1 is the same).",
        found.n_segments,
        found.silhouette,
        mean(&found.silhouette_by_chance),
        mean(&found.agreement_between_seeds)
    );
    let table = run.bundle.models().segmentation.profiles().iter().fold(
        Table::new(["segment", "name", "users", "share", "what stands out"]),
        |table, profile| {
            table.with_row([
                profile.segment.to_string(),
                profile.name.clone(),
                profile.size.to_string(),
                percent(profile.share),
                profile.evidence.join("; "),
            ])
        },
    );
    let page = page.section("Segments", &prose).table(table);
    let page =
        with_figure(page, drawn, "segments.svg", "Each point is a user, placed by the two main directions.");
    let page = with_figure(page, drawn, "elbow.svg", "Less is tighter; look for the bend.");
    with_figure(page, drawn, "silhouette.svg", "Higher is better separated, 1 is the most.")
}

fn recommendations(page: HtmlReport, run: &PipelineRun, drawn: &Drawn) -> HtmlReport {
    let (found, bandit) = (&run.evaluation.recommend, &run.evaluation.bandit);
    let prose = format!(
        "On users it did not see, the learned policy gives the action of the rules for {}; always the commonest action \
         ({}) gives {}, logistic regression {}. On its own users it is {}. Rules and rewards are presets: this shows that \
         the policy learns, not that the advice helps.",
        with_range(&found.held_out),
        found.majority_action,
        percent(mean(&found.held_out_majority)),
        percent(mean(&found.held_out_cloning)),
        percent(mean(&found.train)),
    );
    let given = Action::ALL.iter().fold(
        Table::new(["action", "users"]).with_caption("What is recommended now"),
        |table, action| {
            let n_users = run.recommendations.iter().filter(|given| given.action == *action).count();
            table.with_row([action.name().to_owned(), n_users.to_string()])
        },
    );
    let strategies = bandit.strategies.iter().zip(&bandit.counts).zip(&bandit.values).fold(
        Table::new(["strategy", "chosen", "mean reward"]).with_caption("What the bandit has tried"),
        |table, ((strategy, count), value)| {
            table.with_row([strategy.name().to_owned(), count.to_string(), format!("{value:.3}")])
        },
    );
    let page = page.section("Recommendations", &prose).table(given).table(strategies);
    with_figure(page, drawn, "cql_loss.svg", "Loss of conservative Q-learning and its two parts.")
}

fn forecast(page: HtmlReport, run: &PipelineRun, drawn: &Drawn) -> HtmlReport {
    let page = match &run.evaluation.forecast {
        Some(found) => {
            let unit = pictures::unit(run.panel.currency());
            page.section("Spending forecast", FORECAST_PROSE).table(forecast_errors(found, &unit))
        }
        None => page.section("Spending forecast", &not_judged(run, "forecast")),
    };
    let page = with_figure(page, drawn, "forecast.svg", "One user's last weeks and the days to come.");
    with_figure(page, drawn, "forecast_loss.svg", "The best epoch on the validation days is kept.")
}

const FORECAST_PROSE: &str = "Errors on the last days of the calendar, which no fit has seen. Where no network beats a rule, \
     the rule is served; that choice is made on earlier days, so it can turn out wrong.";

fn not_judged(run: &PipelineRun, part: &str) -> String {
    let reason = run.evaluation.not_judged.get(part).map_or("", String::as_str);
    format!("Not judged: {reason}.")
}

fn forecast_errors(found: &fincoach_forecast::Evaluation, unit: &str) -> Table {
    let columns = ["category", "best rule", "its error", "LSTM error", "spread over seeds", "served"];
    let table = Table::new(columns).with_caption(format!("Root mean squared error in {unit} a day"));
    let told = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
    found.verdicts().iter().chain([found.total()]).fold(table, |table, verdict| {
        // The total is the sum of the categories, each served by its own method.
        let is_total = std::ptr::eq(verdict, found.total());
        table.with_row([
            verdict.category.clone(),
            verdict.best_rule.name().to_owned(),
            format!("{:.2}", verdict.best_rule_error),
            told(verdict.lstm_error),
            told(verdict.lstm_spread),
            if is_total { "sum of the above".to_owned() } else { verdict.served.name().to_owned() },
        ])
    })
}

fn goals(page: HtmlReport, run: &PipelineRun, drawn: &Drawn) -> HtmlReport {
    let page = match &run.evaluation.goals {
        Some(found) => {
            let prose = format!(
                "{} of users reach the goal. Means over {} repeats of {} folds, each user judged by models that did \
                 not see them; the spread is that of the repeats. The goal is a preset formula of the features.",
                percent(found.base_rate()),
                found.n_repeats(),
                found.n_folds()
            );
            page.section("Goals", &prose).table(goal_scores(found))
        }
        None => page.section("Goals", &not_judged(run, "goals")),
    };
    with_figure(page, drawn, "importance.svg", "Columns by how much they part reached from missed goals.")
}

fn goal_scores(found: &fincoach_goals::Evaluation) -> Table {
    let table = Table::new(["model", "accuracy", "AUC", "Brier", "log loss"]);
    let told = |spread: fincoach_goals::Spread| format!("{:.3} ± {:.3}", spread.mean, spread.sd);
    Candidate::ALL.iter().fold(table, |table, candidate| {
        let model = found.model(*candidate);
        let (accuracy, auc) = (told(model.accuracy()), told(model.auc()));
        let (brier, log_loss) = (told(model.brier()), told(model.log_loss()));
        table.with_row([label(*candidate).to_owned(), accuracy, auc, brier, log_loss])
    })
}

fn label(candidate: Candidate) -> &'static str {
    match candidate {
        Candidate::Forest => "random forest",
        Candidate::CalibratedForest => "random forest, calibrated",
        Candidate::Logistic => "logistic regression",
        Candidate::BaseRate => "base rate",
        Candidate::Majority => "majority",
        _ => "another model",
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of seeds")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The mean over the seeds, with the lowest and the highest.
fn with_range(values: &[f64]) -> String {
    let extreme = |pick: fn(f64, f64) -> f64| percent(values.iter().copied().reduce(pick).unwrap_or(0.0));
    format!("{} ({} to {} over seeds)", percent(mean(values)), extreme(f64::min), extreme(f64::max))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
