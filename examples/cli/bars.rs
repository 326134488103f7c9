//! Progress bars, and the seconds of each stage.

use std::collections::BTreeMap;
#[expect(clippy::disallowed_types, reason = "a stopwatch for the person at the terminal")]
use std::time::Instant;

use fincoach::core::{Control, Progress, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Draws one bar a stage on standard error and adds up the time of each.
#[expect(clippy::disallowed_types, reason = "a stopwatch for the person at the terminal")]
pub(crate) struct Bars {
    bar: ProgressBar,
    stage: String,
    since: Instant,
    seconds: BTreeMap<String, f64>,
}

impl Bars {
    /// Bars, or a stopwatch alone when `quiet`.
    #[expect(clippy::disallowed_types, reason = "a stopwatch for the person at the terminal")]
    pub(crate) fn new(quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style =
            ProgressStyle::with_template("{prefix:>22} {bar:30} {pos:>6}/{len:<6} {elapsed:>4} {msg}");
        let bar = ProgressBar::with_draw_target(Some(0), target)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, stage: String::new(), since: Instant::now(), seconds: BTreeMap::new() }
    }

    /// Begins a stage that has no steps of its own.
    pub(crate) fn stage(&mut self, name: &str) {
        self.step(&Step::new(name, 0, 1));
    }

    /// The seconds of each stage so far, by name.
    pub(crate) fn finish(mut self) -> BTreeMap<String, f64> {
        self.close();
        self.bar.finish_and_clear();
        self.seconds
    }

    #[expect(clippy::disallowed_types, reason = "a stopwatch for the person at the terminal")]
    fn close(&mut self) {
        if !self.stage.is_empty() {
            *self.seconds.entry(self.stage.clone()).or_default() += self.since.elapsed().as_secs_f64();
        }
        self.since = Instant::now();
    }
}

impl Progress for Bars {
    fn step(&mut self, step: &Step<'_>) -> Control {
        if step.stage != self.stage {
            self.close();
            step.stage.clone_into(&mut self.stage);
            self.bar.reset();
            self.bar.set_prefix(step.stage.to_owned());
        }
        self.bar.set_length(step.total);
        self.bar.set_position(step.done);
        self.bar.set_message(step.loss.map_or_else(String::new, |loss| format!("loss {loss:.4}")));
        Control::Continue
    }
}
