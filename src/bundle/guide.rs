//! How to serve a bundle, with the figures of its run.

use std::fmt::Write as _;

use super::{Models, Notes};
use crate::Evaluation;

/// The text of `INTEGRATION_GUIDE.md`.
pub(crate) fn integration_guide(models: &Models, notes: &Notes, evaluation: &Evaluation) -> String {
    let mut text = String::from(HEAD);
    let data = &evaluation.data;
    let _ = writeln!(
        text,
        "Trained on {} transactions of {} users ({} left out), {} to {}.\n",
        data.n_transactions,
        data.n_users,
        data.n_left_out,
        data.first.date(),
        data.last.date()
    );
    write_notes(&mut text, notes);
    write_segments(&mut text, models);
    write_inputs(&mut text, models);
    text.push_str(SERVING);
    text
}

fn write_notes(text: &mut String, notes: &Notes) {
    text.push_str("## Figures of this run\n\n| figure | value |\n| --- | --- |\n");
    for (name, value) in &notes.metrics {
        let _ = writeln!(text, "| `{name}` | {value:.4} |");
    }
    for (what, value) in &notes.provenance {
        let _ = writeln!(text, "| {what} | `{value}` |");
    }
    for (stage, seed) in &notes.seeds {
        let _ = writeln!(text, "| seed of {stage} | {seed} |");
    }
    text.push_str(
        "\n`held_out` figures are from users or days that the model did not see. Compare each with the baseline \
         beside it: where it is not better, serve the baseline.\n\n",
    );
}

fn write_segments(text: &mut String, models: &Models) {
    text.push_str(
        "## Segments\n\n| number | name | users | share | what stands out |\n| --- | --- | --- | --- | --- |\n",
    );
    for profile in models.segmentation.profiles() {
        let evidence = profile.evidence.join("; ");
        let (segment, name, size) = (profile.segment, &profile.name, profile.size);
        let _ =
            writeln!(text, "| {segment} | {name} | {size} | {:.1} % | {evidence} |", profile.share * 100.0);
    }
    text.push('\n');
}

fn write_inputs(text: &mut String, models: &Models) {
    text.push_str("## What each model reads\n\n");
    let _ = writeln!(
        text,
        "- Segments and policy: the {} features of schema v1, raw.",
        models.segmentation.columns().len()
    );
    let _ = writeln!(text, "- Goal: {}.", models.goals.forest().columns().join(", "));
    match &models.forecaster {
        Some(forecaster) => {
            let params = forecaster.params();
            let (window, horizon) = (params.window(), params.horizon());
            let _ = writeln!(
                text,
                "- Forecast: money spent a day (major units) in {} categories, the last {window} days; gives {horizon} days.",
                forecaster.categories().len()
            );
        }
        None => text.push_str("- Forecast: rules only; nobody had enough days to train a network.\n"),
    }
    let served: Vec<String> = models
        .selection
        .choices()
        .iter()
        .map(|(category, method)| format!("{category} by {}", method.name()))
        .collect();
    let _ = writeln!(text, "- Served forecasts: {}.\n", served.join(", "));
}

const HEAD: &str = "\
# Serving this bundle

A bundle is a folder of trained models. `manifest.json` lists every file with its size and SHA-256; loading checks
them all and refuses a bundle that was changed.

";

const SERVING: &str = "\
## In Rust

```rust
use fincoach::transform::{CsvReader, Layout};

let coach = fincoach::Coach::load(\"bundle\")?;
// One person; for many, `.with_users(..)` names the column.
let reader = CsvReader::new(Layout::lloyds());
for advice in coach.advise(&reader.read(\"export.csv\")?.ledger)?.advice {
    println!(\"{advice}\");
}
```

Where a category map is named under `categories` above, read with the same one, or the models see other numbers than
they were trained on.
To keep learning, call `coach.decide` instead of `coach.advise`: the bandit chooses, and what was said is logged with its
probability. Tell `coach.answered` how a user took it and `coach.feedback` what it brought; `coach.save` writes the bundle anew,
with all that was learnt and the log. `interventions.csv` is that log: `user,time,action,action_name,propensity,feedback`, a line
a decision, as the off-policy estimators read it.

## In Python

`policy.safetensors` and `forecaster.safetensors` hold PyTorch state dicts (`network.0.weight` …, `lstm.weight_ih_l0` …,
`fc.weight`); `safetensors.torch.load_file` reads them. Scaler, columns and parameters are JSON in the file's metadata
under `fincoach`. The other models are JSON.
";
