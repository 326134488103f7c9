//! The network against the rules where the answer is known.

mod synthetic;

use fincoach_forecast::{EvaluationParams, LstmParams, Method, Rule};

#[test]
fn a_weekly_habit_is_learnt_from_the_window() {
    let panel = synthetic::weekly(20, 70, 7);
    let params = LstmParams::default().with_hidden(32).with_learning_rate(5e-3).with_max_epochs(25);
    let models = params.fit_seeds(&panel, 2).unwrap();
    let evaluation = EvaluationParams::of(&params).evaluate(&panel, &models).unwrap();
    let rule = |rule: Rule, place: usize| {
        let scores = evaluation.rules().iter().zip(Rule::ALL).find(|(_, one)| *one == rule).unwrap().0;
        scores.test.categories[place].rmse
    };
    for place in [0, 1] {
        let lstm = evaluation.verdicts()[place].lstm_error.unwrap();
        // Noise of a fifth of the amount is left to everybody; the habit is not.
        assert!(lstm < 0.4 * rule(Rule::Mean, place), "{place}: {lstm} {}", rule(Rule::Mean, place));
        assert!(lstm < rule(Rule::SeasonalNaive, place), "{place}: {lstm}");
    }
    // Noise alone: nothing to learn beyond the mean.
    let noise = &evaluation.verdicts()[2];
    assert!(noise.skill.unwrap() > -0.1 && noise.skill.unwrap() < 0.1, "{noise}");
    assert_eq!(evaluation.lstm().len(), 2);
    assert!(evaluation.served().unwrap().method == Method::Selected);
}

#[test]
fn longer_horizons_are_forecast_at_once() {
    let panel = synthetic::weekly(20, 70, 9);
    let params =
        LstmParams::default().with_hidden(32).with_learning_rate(5e-3).with_max_epochs(25).with_horizon(7);
    let models = params.fit_seeds(&panel, 1).unwrap();
    let evaluation = EvaluationParams::of(&params).evaluate(&panel, &models).unwrap();
    let groceries = &evaluation.verdicts()[0];
    let mean = evaluation.rules()[1].test.categories[0].rmse;
    assert!(groceries.lstm_error.unwrap() < 0.5 * mean, "{groceries}");
    let text = serde_json::to_string(&evaluation).unwrap();
    assert_eq!(serde_json::from_str::<fincoach_forecast::Evaluation>(&text).unwrap(), evaluation);
}
