//! What was said against what happened, drawn.

use fincoach_report::{Error, LineChart, NumberFormat};

use super::GoalStudyReport;

impl GoalStudyReport {
    /// The share that was reached over the probability that was said: the model, the Monte-Carlo as it is, and where
    /// perfect probabilities lie. One point for each tenth in which something was said.
    ///
    /// # Errors
    /// What drawing may say.
    pub fn reliability_svg(&self) -> Result<String, Error> {
        let chart = LineChart::new(format!("What was said and what happened, {} goals", self.all.n_goals))
            .with_x_label("probability that was said")
            .with_y_label("share that was reached")
            .with_format(NumberFormat::Percent)
            .with_series("perfect", &[0.0, 1.0], &[0.0, 1.0]);
        let drawn = ["model", "monte_carlo"].into_iter().filter_map(|name| self.all.model(name));
        let add = |chart: LineChart, model: &fincoach_goals::ComparedModel| {
            let bins = model.reliability.bins();
            let said: Vec<f64> = bins.iter().map(|bin| bin.mean_probability).collect();
            let reached: Vec<f64> = bins.iter().map(|bin| bin.share_reached).collect();
            chart.with_series(model.name.replace('_', " "), &said, &reached)
        };
        drawn.fold(chart, add).to_svg()
    }
}
