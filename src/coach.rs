//! Answers from a bundle.

use std::fmt;
use std::path::Path;

use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::rng::Rng;
use fincoach_core::{Currency, Ledger, Predict};
use fincoach_features::{Features, LeftOut};
use fincoach_forecast::{Forecast, Panel, forecast};
use fincoach_goals::notebook_columns;
use fincoach_recommend::{EpsilonGreedy, Recommendation, Recommender, Strategy};
use serde::Serialize;

use crate::{Bundle, Error};

/// Days forecast where no network limits them.
const RULE_HORIZON: usize = 7;

/// What the coach knows of one user and has to say.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Advice {
    /// The user.
    pub user: String,
    /// The last booking that all of this knows of.
    pub as_of: NaiveDateTime,
    /// The currency of all amounts, where the export told it.
    pub currency: Option<Currency>,
    /// Number of the segment.
    pub segment: usize,
    /// Its name.
    pub segment_name: String,
    /// Why the segment is called so.
    pub segment_evidence: Vec<String>,
    /// What to do, and how sure that is.
    pub recommendation: Recommendation,
    /// Probability that the goal is reached, in `[0, 1]`.
    pub goal_probability: f64,
    /// Spending of the coming days, per day and category.
    pub forecast: Vec<Forecast>,
}

impl Advice {
    /// Spending expected over all coming days, in major units of the currency.
    #[must_use]
    pub fn expected_spending(&self) -> f64 {
        self.forecast.iter().map(|forecast| forecast.amount).sum()
    }

    /// The number of days that the forecast covers.
    #[must_use]
    pub fn n_days(&self) -> usize {
        let mut days: Vec<_> = self.forecast.iter().map(|forecast| forecast.date).collect();
        days.dedup();
        days.len()
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = &self.recommendation;
        writeln!(f, "{} (up to {})", self.user, self.as_of.date())?;
        let why = if self.segment_evidence.is_empty() { "" } else { ": " };
        writeln!(f, "  segment    {}{why}{}", self.segment_name, self.segment_evidence.join("; "))?;
        writeln!(f, "  advice     {} ({:.0} % confidence)", given.action_name, given.confidence * 100.0)?;
        let sign = self.currency.map(|currency| currency.sign()).unwrap_or_default();
        let (spending, days) = (self.expected_spending(), self.n_days());
        writeln!(f, "  spending   {sign}{spending:.2} expected over the next {days} days")?;
        write!(f, "  goal       reached with a probability of {:.0} %", self.goal_probability * 100.0)
    }
}

/// Advice for the users of a ledger, and who got none.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Advised {
    /// Advice for each user with enough transactions, in the order of the ledger.
    pub advice: Vec<Advice>,
    /// The users with too few transactions for features.
    pub left_out: Vec<LeftOut>,
}

/// Serves the models of a [`Bundle`].
///
/// Asked twice with [`Coach::advise`] it says the same: nothing is drawn. See [`Pipeline`](crate::Pipeline) for an
/// example.
#[derive(Clone, Debug, PartialEq)]
pub struct Coach {
    bundle: Bundle,
    recommender: Recommender,
}

impl Coach {
    /// A coach that answers from this bundle.
    #[must_use]
    pub fn new(bundle: Bundle) -> Self {
        let recommender = bundle.models().recommender.clone();
        Self { bundle, recommender }
    }

    /// A coach that answers from the bundle in this folder.
    ///
    /// # Errors
    /// As [`Bundle::load`].
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, Error> {
        Bundle::load(folder).map(Self::new)
    }

    /// The bundle.
    #[must_use]
    pub const fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// Policy and bandit, with everything learned from feedback since the bundle was loaded.
    #[must_use]
    pub const fn recommender(&self) -> &Recommender {
        &self.recommender
    }

    /// Advice for each user with enough transactions, by the best strategy so far.
    ///
    /// # Errors
    /// [`Error::Features`] when nobody has enough transactions or a balance is missing.
    pub fn advise(&self, ledger: &Ledger) -> Result<Advised, Error> {
        let features = self.features(ledger)?;
        let given = self.recommender.recommend_best(features.table())?;
        self.complete(ledger, &features, given)
    }

    /// Advice for each user, the strategy of each chosen by the bandit, which tries others now and then.
    ///
    /// # Errors
    /// As [`Coach::advise`].
    pub fn explore(&self, ledger: &Ledger, rng: &mut Rng) -> Result<Advised, Error> {
        let features = self.features(ledger)?;
        let given = self.recommender.recommend(features.table(), rng)?;
        self.complete(ledger, &features, given)
    }

    /// The coach with a bandit that was saved from [`Coach::recommender`]: it goes on learning where it was.
    ///
    /// # Errors
    /// [`Error::Recommend`] for a bandit over another number of strategies.
    pub fn with_bandit(self, bandit: EpsilonGreedy) -> Result<Self, Error> {
        let recommender = Recommender::with_bandit(self.recommender.policy().clone(), bandit)?;
        Ok(Self { recommender, ..self })
    }

    /// Learns what advice by this strategy brought.
    ///
    /// # Errors
    /// [`Error::Recommend`] for a reward that is NaN or infinite.
    pub fn feedback(&mut self, strategy: Strategy, reward: f64) -> Result<(), Error> {
        Ok(self.recommender.feedback(strategy, reward)?)
    }

    fn features(&self, ledger: &Ledger) -> Result<Features, Error> {
        Ok(self.bundle.models().features.params().compute(ledger)?)
    }

    fn complete(
        &self,
        ledger: &Ledger,
        features: &Features,
        given: Vec<Recommendation>,
    ) -> Result<Advised, Error> {
        let (models, table) = (self.bundle.models(), features.table());
        let found = models.segmentation.predict(table)?;
        let segments: Vec<usize> = found.iter().map(|found| found.segment).collect();
        let probabilities = models.goals.predict(&notebook_columns(table, &segments)?)?;
        // Users of the table and of the forecasts stand in the order of the ledger; some have no row in the table.
        let mut coming = self.forecasts(ledger)?.into_iter().peekable();
        let rows = table.keys().iter().zip(segments).zip(given).zip(probabilities);
        let advice = rows.map(|(((key, segment), recommendation), goal_probability)| {
            let profile = &models.segmentation.profiles()[segment];
            while coming.next_if(|forecast| forecast.user != key.user).is_some() {}
            let of_user = std::iter::from_fn(|| coming.next_if(|forecast| forecast.user == key.user));
            let forecast = of_user.collect();
            Advice {
                user: key.user.clone(),
                as_of: key.as_of,
                currency: ledger.currency(),
                segment,
                segment_name: profile.name.clone(),
                segment_evidence: profile.evidence.clone(),
                recommendation,
                goal_probability,
                forecast,
            }
        });
        Ok(Advised { advice: advice.collect(), left_out: features.left_out().to_vec() })
    }

    fn forecasts(&self, ledger: &Ledger) -> Result<Vec<Forecast>, Error> {
        let models = self.bundle.models();
        let network = models.forecaster.as_ref();
        let served = models.selection.forecaster(network)?;
        let horizon = network.map_or(RULE_HORIZON, |network| network.params().horizon());
        Ok(forecast(&Panel::from_ledger(ledger)?, &served, horizon)?)
    }
}
