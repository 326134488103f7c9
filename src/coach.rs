//! Answers from a bundle.

use std::fmt;
use std::path::Path;

use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::rng::Rng;
use fincoach_core::{Currency, FeatureTable, Ledger, Predict};
use fincoach_features::{Features, LeftOut};
use fincoach_forecast::{Forecast, Panel, forecast};
use fincoach_goals::notebook_columns;
use fincoach_recommend::{
    AdviceCard, InterventionLog, LoggedDecision, Recommendation, Recommender, Request, Strategy,
};
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
    /// Why: the value of every action, what moved it, what was masked, and what other strategies say.
    pub card: AdviceCard,
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
        for masked in &given.masked {
            writeln!(f, "  not now    {masked}")?;
        }
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

/// Serves the models of a [`Bundle`], and goes on learning.
///
/// Asked twice with [`Coach::advise`] it says the same: nothing is drawn. With [`Coach::decide`] the bandit chooses, and
/// everything said is logged with its probability; [`Coach::save`] writes the bundle with all that came since.
/// See [`Pipeline`](crate::Pipeline) for an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Coach {
    bundle: Bundle,
    recommender: Recommender,
    log: InterventionLog,
}

impl Coach {
    /// A coach that answers from this bundle.
    #[must_use]
    pub fn new(bundle: Bundle) -> Self {
        let (recommender, log) = (bundle.models().recommender.clone(), bundle.log().clone());
        Self { bundle, recommender, log }
    }

    /// A coach that answers from the bundle in this folder.
    ///
    /// # Errors
    /// As [`Bundle::load`].
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, Error> {
        Bundle::load(folder).map(Self::new)
    }

    /// The bundle it began with.
    #[must_use]
    pub const fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// Policy and bandit, with everything learned from feedback since the bundle was loaded.
    #[must_use]
    pub const fn recommender(&self) -> &Recommender {
        &self.recommender
    }

    /// What was said to whom, by this coach and before; from it comes what may not be said now.
    #[must_use]
    pub const fn log(&self) -> &InterventionLog {
        &self.log
    }

    /// The same coach with another log: of what others said to its users.
    #[must_use]
    pub fn with_log(self, log: InterventionLog) -> Self {
        Self { log, ..self }
    }

    /// A bundle of the same models with all that was learnt and said up to now.
    ///
    /// # Errors
    /// [`Error::Artifact`] for a state that cannot be written.
    pub fn to_bundle(&self) -> Result<Bundle, Error> {
        Ok(self.bundle.served(&self.recommender, &self.log)?)
    }

    /// Writes that bundle; a coach that loads it goes on where this one stands.
    ///
    /// # Errors
    /// As [`Coach::to_bundle`] and [`Bundle::save`].
    pub fn save(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        Ok(self.to_bundle()?.save(folder)?)
    }

    /// Advice for each user with enough transactions as of their last one, by the strategy that is expected to bring most.
    ///
    /// # Errors
    /// [`Error::Features`] when nobody has enough transactions or a balance is missing.
    pub fn advise(&self, ledger: &Ledger) -> Result<Advised, Error> {
        self.best(ledger, None)
    }

    /// The same at a moment: what may not be said then, by what the log has before it, is not said.
    ///
    /// # Errors
    /// As [`Coach::advise`], and [`Error::Recommend`] for a moment before a user's last transaction.
    pub fn advise_at(&self, ledger: &Ledger, moment: NaiveDateTime) -> Result<Advised, Error> {
        self.best(ledger, Some(moment))
    }

    fn best(&self, ledger: &Ledger, moment: Option<NaiveDateTime>) -> Result<Advised, Error> {
        let looked = self.look(ledger)?;
        let request = self.request(&looked);
        let request = moment.map_or(request, |moment| request.at(moment));
        let given = self.recommender.recommend_best(request)?;
        self.complete(ledger, (&looked, request), given)
    }

    /// Decides for each user at a moment, the strategy of each chosen by the bandit, which tries others now and then; writes
    /// what it says into the log and waits for feedback.
    ///
    /// # Errors
    /// As [`Coach::advise_at`], and [`Error::Data`] when the log has an entry of a user at this moment; nothing is logged or
    /// remembered then.
    pub fn decide(
        &mut self,
        ledger: &Ledger,
        moment: NaiveDateTime,
        rng: &mut Rng,
    ) -> Result<Advised, Error> {
        let looked = self.look(ledger)?;
        for key in looked.table().keys() {
            self.log.ensure_free(&key.user, moment)?;
        }
        let mut recommender = self.recommender.clone();
        let request = self.request(&looked).at(moment);
        let given = recommender.recommend(request, rng)?;
        let advised = self.complete(ledger, (&looked, request), given)?;
        self.recommender = recommender;
        for advice in &advised.advice {
            self.log.record(&advice.user, advice.recommendation.log_entry())?;
        }
        Ok(advised)
    }

    /// Writes down how a user took what was said at a moment: above 0 accepted, 0 ignored, below 0 annoyed.
    ///
    /// # Errors
    /// [`Error::Data`] for a user or a moment the log does not have, or a number that is none.
    pub fn answered(&mut self, user: &str, moment: NaiveDateTime, feedback: f64) -> Result<(), Error> {
        Ok(self.log.answer(user, moment, feedback)?)
    }

    /// Learns what a decision brought, by its number ([`Recommendation::decision`]), and gives back the whole of it.
    ///
    /// # Errors
    /// [`Error::Recommend`] for a decision that does not wait for feedback or a reward that is NaN or infinite.
    pub fn feedback(&mut self, decision: u64, reward: f64) -> Result<LoggedDecision, Error> {
        Ok(self.recommender.feedback(decision, reward)?)
    }

    fn look(&self, ledger: &Ledger) -> Result<Looked, Error> {
        let models = self.bundle.models();
        let features = models.features.params().compute(ledger)?;
        let found = models.segmentation.predict(features.table())?;
        let segments = found.iter().map(|found| found.segment).collect();
        Ok(Looked { features, segments })
    }

    fn request<'a>(&'a self, looked: &'a Looked) -> Request<'a> {
        Request::new(looked.table()).with_segments(&looked.segments).with_log(&self.log)
    }

    fn complete(
        &self,
        ledger: &Ledger,
        (looked, request): (&Looked, Request<'_>),
        given: Vec<Recommendation>,
    ) -> Result<Advised, Error> {
        let (models, table) = (self.bundle.models(), looked.table());
        let probabilities = models.goals.predict(&notebook_columns(table, &looked.segments)?)?;
        let strategies: Vec<Strategy> = given.iter().map(|given| given.strategy).collect();
        let cards = self.recommender.cards(request, &strategies)?;
        // Users of the table and of the forecasts stand in the order of the ledger; some have no row in the table.
        let mut coming = self.forecasts(ledger)?.into_iter().peekable();
        let rows =
            table.keys().iter().zip(&looked.segments).zip(given.into_iter().zip(cards)).zip(probabilities);
        let advice = rows.map(|(((key, segment), (recommendation, card)), goal_probability)| {
            let profile = &models.segmentation.profiles()[*segment];
            while coming.next_if(|forecast| forecast.user != key.user).is_some() {}
            let of_user = std::iter::from_fn(|| coming.next_if(|forecast| forecast.user == key.user));
            let forecast = of_user.collect();
            Advice {
                user: key.user.clone(),
                as_of: key.as_of,
                currency: ledger.currency(),
                segment: *segment,
                segment_name: profile.name.clone(),
                segment_evidence: profile.evidence.clone(),
                recommendation,
                card,
                goal_probability,
                forecast,
            }
        });
        Ok(Advised { advice: advice.collect(), left_out: looked.features.left_out().to_vec() })
    }

    fn forecasts(&self, ledger: &Ledger) -> Result<Vec<Forecast>, Error> {
        let models = self.bundle.models();
        let network = models.forecaster.as_ref();
        let served = models.selection.forecaster(network)?;
        let horizon = network.map_or(RULE_HORIZON, |network| network.params().horizon());
        Ok(forecast(&Panel::from_ledger(ledger)?, &served, horizon)?)
    }
}

/// What is known of the users of a ledger.
struct Looked {
    features: Features,
    segments: Vec<usize>,
}

impl Looked {
    const fn table(&self) -> &FeatureTable {
        self.features.table()
    }
}
