//! A study of goals with real outcomes: the model beside its baselines, on users or times it has not seen.

mod looked_at;
mod own;
mod picture;
mod report;
mod setter;

use std::collections::BTreeSet;

use fincoach_core::chrono::{Datelike as _, NaiveDate};
use fincoach_core::rng::derived;
use fincoach_core::{DataError, Fit as _, Ledger, ParamError, Predict as _, Progress, Silent, Step};
use fincoach_features::Imputer;
use fincoach_goals::{
    Calibration, CalibrationChoice, CalibrationMethod, Comparison, ComparisonParams, Goal, GoalExamples,
    GoalRows, GoalTableParams, Logistic, LogisticParams, NeededSaving, NeededSavingParams, OutcomeModel,
    OutcomeModelParams, RepeatedStratifiedFolds, goal_outcome_with,
};
use fincoach_simulate::SimulationParams;

use self::looked_at::{LookedAt, plain};
use self::setter::{HORIZONS, Setter, set_goals};
use crate::Error;

pub use self::own::OwnGoal;
pub use self::report::{ChosenCalibration, GoalCounts, GoalStudyReport, NeededCheck};
pub use self::setter::GoalKinds;

/// Sets save-by-date goals of 3, 6 and 12 months, learns from what became of them, and judges on goals not seen.
///
/// Three groups are strictly apart. Of simulated households: other people each, and other years: the model learns from
/// 2016 and 2017, is calibrated on 2018 and 2019 and judged on 2020 and 2021; nothing of a later group is known to an
/// earlier one. Of a single account ([`GoalStudyParams::run_on`]): three spans of time, each goal over before the next
/// span begins.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `n_users` | 150, 100, 150 | ≥ 10 each | households learnt from, calibrated on, judged on |
/// | `look` | [`GoalTableParams::default`] | as there | how goals are looked at |
/// | `model` | [`OutcomeModelParams::default`] | as there | the model |
/// | `kinds` | [`GoalKinds::Save`] | | goals that are set |
/// | `calibration` | [`CalibrationChoice::Best`] | | how it is corrected on the second group, for each of the three lengths by itself |
/// | `comparison` | [`ComparisonParams::default`] | as there | intervals |
/// | `needed` | [`NeededSavingParams::default`] | as there | what it would take |
/// | `n_needed` | 100 | | goals at most for which that is asked |
/// | `seed` | 42 | – | of everything |
///
/// Baselines: the base rate; a straight line (the share of the amount that the past rate leads to, turned into a
/// probability by the best rising curve on the first group); a logistic regression on every column that is no baseline's answer; the Monte-Carlo as it is, and corrected by Platt's
/// method on the second group.
///
/// # Examples
/// ```
/// use fincoach::GoalStudyParams;
/// use fincoach::goals::{ComparisonParams, MonteCarloParams, GoalTableParams};
/// let look = GoalTableParams::default().with_monte_carlo(MonteCarloParams::default().with_n_paths(50));
/// let study = GoalStudyParams::default().with_n_users([30, 20, 20]).with_n_needed(3).with_look(look)
///     .with_comparison(ComparisonParams::default().with_n_resamples(20));
/// let report = study.run()?;
/// assert_eq!(report.all.n_units, 20);
/// assert!(report.all.model("base_rate").unwrap().brier_gain.value > 0.0);
/// # Ok::<(), fincoach::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GoalStudyParams {
    n_users: [usize; 3],
    look: GoalTableParams,
    model: OutcomeModelParams,
    kinds: GoalKinds,
    calibration: CalibrationChoice,
    comparison: ComparisonParams,
    needed: NeededSavingParams,
    n_needed: usize,
    seed: u64,
}

impl Default for GoalStudyParams {
    fn default() -> Self {
        Self {
            n_users: [150, 100, 150],
            look: GoalTableParams::default(),
            model: OutcomeModelParams::default(),
            kinds: GoalKinds::Save,
            calibration: CalibrationChoice::Best,
            comparison: ComparisonParams::default(),
            needed: NeededSavingParams::default(),
            n_needed: 100,
            seed: 42,
        }
    }
}

/// The stage under which steps are told.
const STAGE: &str = "goal study";

/// The first years of the three groups of households; each lives for two.
const YEARS: [i32; 3] = [2016, 2018, 2020];

/// What a study leaves behind: the report, and the model that is judged in it.
pub struct GoalStudy {
    /// The report.
    pub report: GoalStudyReport,
    /// The model.
    pub model: OutcomeModel,
    /// The judged goals.
    pub goals: Vec<Goal>,
    /// What the model says of each.
    pub probabilities: Vec<f64>,
    /// What became of each.
    pub reached: Vec<bool>,
    asking: own::Asking,
}

impl GoalStudyParams {
    /// Sets how many households are learnt from, calibrated on and judged on.
    #[must_use]
    pub fn with_n_users(self, n_users: [usize; 3]) -> Self {
        Self { n_users, ..self }
    }

    /// Sets how goals are looked at.
    #[must_use]
    pub fn with_look(self, look: GoalTableParams) -> Self {
        Self { look, ..self }
    }

    /// Sets the model.
    #[must_use]
    pub fn with_model(self, model: OutcomeModelParams) -> Self {
        Self { model, ..self }
    }

    /// Sets which goals are set.
    #[must_use]
    pub fn with_kinds(self, kinds: GoalKinds) -> Self {
        Self { kinds, ..self }
    }

    /// Sets how the model is corrected.
    #[must_use]
    pub fn with_calibration(self, calibration: CalibrationChoice) -> Self {
        Self { calibration, ..self }
    }

    /// Sets how intervals are made.
    #[must_use]
    pub fn with_comparison(self, comparison: ComparisonParams) -> Self {
        Self { comparison, ..self }
    }

    /// Sets how a needed change is searched.
    #[must_use]
    pub fn with_needed(self, needed: NeededSavingParams) -> Self {
        Self { needed, ..self }
    }

    /// Sets for how many goals at most a needed change is searched.
    #[must_use]
    pub fn with_n_needed(self, n_needed: usize) -> Self {
        Self { n_needed, ..self }
    }

    /// Sets the seed.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Runs on simulated households, in silence.
    ///
    /// # Errors
    /// [`Error::Param`], and what simulating, features, learning and comparing may say.
    pub fn run(&self) -> Result<GoalStudyReport, Error> {
        Ok(self.run_with(&mut Silent)?.report)
    }

    /// Runs on simulated households and tells of its steps.
    ///
    /// # Errors
    /// As [`GoalStudyParams::run`].
    pub fn run_with(&self, progress: &mut dyn Progress) -> Result<GoalStudy, Error> {
        for n in self.n_users {
            ParamError::ensure(n >= 10, "n_users", "at least 10 each", n)?;
        }
        let mut groups = Vec::new();
        for (number, (n_users, year)) in self.n_users.into_iter().zip(YEARS).enumerate() {
            let seed = derived(self.seed, &format!("group {number}"));
            let households = SimulationParams::default()
                .with_n_households(n_users)
                .with_n_months(24)
                .with_start_date(NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default())
                .with_seed(seed);
            let ledger = households.simulate()?.ledger().clone();
            // Goals of a year are fewest: to correct them takes one at every start.
            let setter = Setter { every_days: 28, all_horizons: number == 1, kinds: self.kinds };
            let goals = set_goals(&ledger, setter, seed)?;
            groups.push(LookedAt::new(ledger, &goals, &self.look)?);
            progress.step(&Step::new(STAGE, number as u64 + 1, 5));
        }
        let imputer = groups[0].imputer()?;
        let rows: Vec<GoalRows> =
            groups.iter().map(|group| group.complete(&imputer)).collect::<Result<_, _>>()?;
        self.judge([&rows[0], &rows[1], &rows[2]], (&groups[2].ledger, imputer, "user"), progress)
    }

    /// Runs on a ledger: goals from every week on, learnt from those over in the first half of the time, calibrated on
    /// those begun after it and over by 70 %, judged on those begun later still. Users are the same in all three.
    ///
    /// With fewer than ten users intervals resample half years. Goals of one user overlap and so do their outcomes: such
    /// intervals are too narrow.
    ///
    /// # Errors
    /// [`Error::Data`] for a ledger without rows or where a span has no goals or but one outcome.
    pub fn run_on(&self, ledger: Ledger, progress: &mut dyn Progress) -> Result<GoalStudy, Error> {
        let setter = Setter { every_days: 7, all_horizons: true, kinds: self.kinds };
        let goals = set_goals(&ledger, setter, self.seed)?;
        let first = goals.iter().map(Goal::start).min().ok_or(DataError::Empty { what: "goals to study" })?;
        let last = goals.iter().map(Goal::date).max().unwrap_or(first);
        let at = |share: f64| {
            let days = ((last - first).num_days() as f64 * share) as u64;
            first + fincoach_core::chrono::Days::new(days)
        };
        let (half, later) = (at(0.5), at(0.7));
        let part = |wanted: &dyn Fn(&Goal) -> bool| {
            let goals: Vec<Goal> = goals.iter().filter(|goal| wanted(goal)).cloned().collect();
            LookedAt::new(ledger.clone(), &goals, &self.look)
        };
        let groups = [
            part(&|goal| goal.date() <= half)?,
            part(&|goal| goal.start() > half && goal.date() <= later)?,
            part(&|goal| goal.start() > later)?,
        ];
        let imputer = groups[0].imputer()?;
        let [train, middle, test] = [0, 1, 2].map(|group: usize| groups[group].complete(&imputer));
        let unit = if ledger.n_users() >= 10 { "user" } else { "half year" };
        self.judge([&train?, &middle?, &test?], (&ledger, imputer, unit), progress)
    }

    fn judge(
        &self,
        groups: [&GoalRows; 3],
        (ledger, imputer, unit): (&Ledger, Imputer, &'static str),
        progress: &mut dyn Progress,
    ) -> Result<GoalStudy, Error> {
        let [train, later, test] = [groups[0].examples()?, groups[1].examples()?, groups[2].examples()?];
        let forest = self.model.forest().clone().with_seed(derived(self.seed, "forest"));
        let fitted = self.model.clone().with_forest(forest).fit_with(&train, progress)?;
        let model = self.calibrated(fitted, &later)?;
        progress.step(&Step::new(STAGE, 4, 5));
        let answers = Answers::new(&model, [&train, &later, &test])?;
        let decided = |goal: &(&Goal, &fincoach_goals::GoalOutcome)| goal.1.reached().is_some();
        let goals: Vec<Goal> = groups[2]
            .goals()
            .iter()
            .zip(groups[2].outcomes())
            .filter(decided)
            .map(|goal| goal.0.clone())
            .collect();
        let units = if unit == "user" { test.users() } else { half_years(&goals) };
        let compare = |rows: &[usize]| self.compare(&test, (&units, &answers), rows);
        let every: Vec<usize> = (0..goals.len()).collect();
        let part = |wanted: &dyn Fn(&Goal) -> bool| {
            let rows: Vec<usize> = every.iter().copied().filter(|row| wanted(&goals[*row])).collect();
            let n_reached = rows.iter().filter(|row| test.labels()[**row]).count();
            let both = n_reached > 0 && n_reached < rows.len();
            both.then(|| compare(&rows)).transpose()
        };
        let (mut by_months, mut by_kind) = (Vec::new(), Vec::new());
        for months in HORIZONS {
            by_months.extend(part(&|goal| months_of(goal) == months)?.map(|found| (months, found)));
        }
        for kind in
            ["save", "buffer", "pay_down", "cap"].into_iter().filter(|_| self.kinds != GoalKinds::Save)
        {
            by_kind.extend(part(&|goal| goal.kind().name() == kind)?.map(|found| (kind, found)));
        }
        let probabilities = answers.0[0].1.clone();
        let (needed, examples) = self.needed((ledger, &goals), (&model, &test), &probabilities)?;
        progress.step(&Step::new(STAGE, 5, 5));
        let report = GoalStudyReport {
            seed: self.seed,
            groups: groups.map(counts),
            unit,
            all: compare(&every)?,
            by_months,
            by_kind,
            calibration: report::calibrations(&model),
            needed,
            examples,
        };
        let reached = test.labels().to_vec();
        let asking = own::Asking { look: self.look.clone(), needed: self.needed.clone(), imputer };
        Ok(GoalStudy { report, model, goals, probabilities, reached, asking })
    }

    /// Corrected on the second group: by length, or in one where its users are too few for folds.
    fn calibrated(&self, model: OutcomeModel, later: &GoalExamples) -> Result<OutcomeModel, Error> {
        let seed = derived(self.seed, "calibration folds");
        let folds = RepeatedStratifiedFolds::default().with_n_repeats(2).with_seed(seed);
        if matches!(folds.split(later), Err(fincoach_goals::Error::TooFewUsers { .. })) {
            let method = match self.calibration {
                CalibrationChoice::Identity => CalibrationMethod::Identity,
                CalibrationChoice::Isotonic => CalibrationMethod::Isotonic,
                _ => CalibrationMethod::Platt,
            };
            return Ok(model.calibrated_on(later, method)?);
        }
        Ok(model.calibrated_by_length(later, (self.calibration, &folds), &LENGTHS)?)
    }

    fn compare(
        &self,
        test: &GoalExamples,
        (units, answers): (&[usize], &Answers),
        rows: &[usize],
    ) -> Result<Comparison, Error> {
        let units: Vec<usize> = rows.iter().map(|row| units[*row]).collect();
        let labels: Vec<bool> = rows.iter().map(|row| test.labels()[*row]).collect();
        let chosen: Vec<(&str, Vec<f64>)> = answers
            .0
            .iter()
            .map(|(name, said)| (*name, rows.iter().map(|row| said[*row]).collect()))
            .collect();
        let params = self.comparison.clone().with_seed(derived(self.seed, "comparison"));
        Ok(params.compare(&labels, &units, &chosen)?)
    }

    /// What it would have taken, for the first goals below the wanted probability.
    fn needed(
        &self,
        (ledger, goals): (&Ledger, &[Goal]),
        (model, test): (&OutcomeModel, &GoalExamples),
        probabilities: &[f64],
    ) -> Result<(NeededCheck, Vec<NeededSaving>), Error> {
        let wanted = self.needed.wanted();
        let low: Vec<usize> = (0..goals.len()).filter(|row| probabilities[*row] < wanted).collect();
        // Spread over all users, not those that come first.
        let step = (low.len() / self.n_needed.max(1)).max(1);
        let mut found = Vec::new();
        for row in low.iter().step_by(step).take(self.n_needed) {
            let known = test.table().take(&[*row])?;
            found.push((*row, self.needed.search((&self.look, ledger, &goals[*row]), model, &known)?));
        }
        let with: Vec<&(usize, NeededSaving)> = found.iter().filter(|(_, one)| one.extra.is_some()).collect();
        let n = with.len().max(1) as f64;
        let mut reached_with = 0;
        for (_, one) in &with {
            let outcome = goal_outcome_with(ledger, &one.goal, one.extra.unwrap_or_default())?;
            reached_with += usize::from(outcome.reached() == Some(true));
        }
        let mean = |of: fn(&NeededSaving) -> Option<f64>| {
            with.iter().filter_map(|(_, one)| of(one)).sum::<f64>() / n
        };
        let check = NeededCheck {
            wanted,
            n_goals: found.len(),
            n_found: with.len(),
            reached_without: with.iter().filter(|(row, _)| test.labels()[*row]).count() as f64 / n,
            reached_with: reached_with as f64 / n,
            mean_probability: mean(|one| one.probability_with),
            mean_monte_carlo: mean(|one| one.monte_carlo_with),
            median_of_monte_carlo: median_ratio(with.iter().map(|(_, one)| one)),
        };
        Ok((check, found.into_iter().map(|(_, one)| one).take(10).collect()))
    }
}

fn median_ratio<'a>(found: impl Iterator<Item = &'a NeededSaving>) -> Option<f64> {
    let ratio = |one: &NeededSaving| {
        let (ours, theirs) = (one.extra?.minor(), one.monte_carlo_extra?.minor());
        (ours > 0 && theirs > 0).then(|| ours as f64 / theirs as f64)
    };
    let mut ratios: Vec<f64> = found.filter_map(ratio).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied()
}

/// The most weeks of goals of 3 and of 6 months: they have at most 92 and 184 days.
const LENGTHS: [f64; 2] = [15.0, 29.0];

fn months_of(goal: &Goal) -> u32 {
    match goal.days() {
        ..=105 => 3,
        106..=203 => 6,
        _ => 12,
    }
}

fn half_years(goals: &[Goal]) -> Vec<usize> {
    let number = |goal: &Goal| 2 * goal.start().year() + i32::from(goal.start().month() > 6);
    let first = goals.iter().map(number).min().unwrap_or(0);
    goals.iter().map(|goal| usize::try_from(number(goal) - first).unwrap_or(0)).collect()
}

fn counts(rows: &GoalRows) -> GoalCounts {
    let users: BTreeSet<&str> = rows.goals().iter().map(Goal::user).collect();
    let reached = |wanted| rows.outcomes().iter().filter(|o| o.reached() == Some(wanted)).count();
    let text = |day: Option<NaiveDate>| day.map_or_else(String::new, |day| day.to_string());
    GoalCounts {
        n_users: users.len(),
        n_goals: reached(true) + reached(false),
        n_reached: reached(true),
        n_censored: rows.n_censored(),
        n_refused: rows.refused().len(),
        from_until: (
            text(rows.goals().iter().map(Goal::start).min()),
            text(rows.goals().iter().map(Goal::date).max()),
        ),
    }
}

/// What each model says of the judged goals, the model first.
struct Answers(Vec<(&'static str, Vec<f64>)>);

impl Answers {
    fn new(model: &OutcomeModel, [train, later, test]: [&GoalExamples; 3]) -> Result<Self, Error> {
        let played = |of: &GoalExamples| Ok::<_, DataError>(of.table().column("goal_monte_carlo")?.to_vec());
        let corrected = Calibration::fit(CalibrationMethod::Platt, &played(later)?, later.labels())?;
        let logistic = |part: &dyn Fn(&GoalExamples) -> Result<GoalExamples, DataError>| {
            let learnt: Logistic = LogisticParams::default().fit(&part(train)?)?;
            Ok::<_, Error>(learnt.predict(part(test)?.table())?)
        };
        // 0 for nothing or less, a half where the line leads to the amount exactly.
        let line = |of: &GoalExamples| {
            let share = of.table().column("goal_straight_line")?.mapv(|x| x.max(0.0) / (1.0 + x.max(0.0)));
            Ok::<_, DataError>(share.to_vec())
        };
        let rising = Calibration::fit(CalibrationMethod::Isotonic, &line(train)?, train.labels())?;
        let columns = |of: &GoalExamples| GoalExamples::new(plain(of.table())?, of.labels().to_vec());
        Ok(Self(vec![
            ("model", model.predict(test.table())?),
            ("forest_alone", model.forest().predict(test.table())?),
            ("base_rate", vec![train.base_rate(); test.n_rows()]),
            ("straight_line", line(test)?.into_iter().map(|share| rising.apply(share)).collect()),
            ("logistic", logistic(&columns)?),
            ("monte_carlo", played(test)?),
            ("monte_carlo_corrected", played(test)?.into_iter().map(|p| corrected.apply(p)).collect()),
        ]))
    }
}
