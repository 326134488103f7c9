//! What conservative Q-learning learnt.

use fincoach_core::ndarray::Array2;
use fincoach_core::nn::{from_safetensors, to_safetensors};
use fincoach_core::{
    Action, ActionSet, Artifact, ArtifactError, DataError, FeatureTable, FitReport, ParamError, Predict,
    StandardScaler,
};
use serde::{Deserialize, Serialize};

use crate::greedy::{argmax, argmax_among, rows_of_five, softmax};
use crate::{Choice, CqlParams, Error, QEstimates, QNetwork};

/// Values of the five actions for a user's features, learnt from a [`Replay`](crate::Replay).
///
/// It standardises features itself, drops nothing out, and answers each row by itself: asked twice, it says
/// the same to the last bit. Saved as safetensors whose tensors carry PyTorch's names; everything else is
/// in the metadata.
#[derive(Clone, Debug, PartialEq)]
pub struct CqlPolicy {
    network: QNetwork,
    about: About,
}

/// Everything but the weights; also the form in the metadata of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    pub(crate) columns: Vec<String>,
    pub(crate) scaler: StandardScaler,
    pub(crate) params: CqlParams,
    pub(crate) report: FitReport,
    pub(crate) temperature: f64,
}

impl CqlPolicy {
    pub(crate) fn new(network: QNetwork, about: About) -> Result<Self, Error> {
        let policy = Self { network, about };
        policy.check()?;
        Ok(policy)
    }

    /// Names of the columns it takes, in order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.about.columns
    }

    /// What is done to the columns before the network sees them.
    #[must_use]
    pub const fn scaler(&self) -> &StandardScaler {
        &self.about.scaler
    }

    /// The network, which takes standardised states.
    #[must_use]
    pub const fn network(&self) -> &QNetwork {
        &self.network
    }

    /// The parameters it was fitted with.
    #[must_use]
    pub const fn params(&self) -> &CqlParams {
        &self.about.params
    }

    /// How the fit went: curves `loss`, `td`, `conservative`, and `alpha` where it was tuned, one value an epoch.
    #[must_use]
    pub const fn report(&self) -> &FitReport {
        &self.about.report
    }

    /// The temperature of [`CqlPolicy::probabilities`]; 1 after a fit.
    #[must_use]
    pub const fn temperature(&self) -> f64 {
        self.about.temperature
    }

    /// The same policy with another temperature, such as [`Agreement::temperature`](crate::Agreement).
    ///
    /// # Errors
    /// [`ParamError`] unless it is above 0 and finite.
    pub fn with_temperature(self, temperature: f64) -> Result<Self, ParamError> {
        check_temperature(temperature)?;
        Ok(Self { about: About { temperature, ..self.about }, ..self })
    }

    /// The values of the five actions, `(n_rows, 5)`.
    ///
    /// # Errors
    /// [`DataError::Columns`] for other columns than it was fitted on, [`DataError::NotFinite`] for a row so
    /// far out that its values are no numbers.
    pub fn q_values(&self, table: &FeatureTable) -> Result<Array2<f64>, DataError> {
        table.expect_columns(&self.about.columns)?;
        self.network.q_values(self.about.scaler.transform(table.values())?.view())
    }

    /// How likely each action is, `(n_rows, 5)`: the softmax of the Q-values at the temperature.
    ///
    /// The conservative part of the loss is the log loss of this softmax (at temperature 1) for the logged
    /// actions, so it estimates what the log's policy would do here, tilted towards actions that pay.
    ///
    /// # Errors
    /// As [`CqlPolicy::q_values`].
    pub fn probabilities(&self, table: &FeatureTable) -> Result<Array2<f64>, DataError> {
        let mut values = self.q_values(table)?;
        for (row, q) in rows_of_five(values.view())?.into_iter().enumerate() {
            for (action, probability) in softmax(q, self.about.temperature).into_iter().enumerate() {
                values[(row, action)] = probability;
            }
        }
        Ok(values)
    }

    /// The values of the five actions and how much the heads disagree on each; see [`CqlParams::n_heads`].
    ///
    /// # Errors
    /// As [`CqlPolicy::q_values`].
    pub fn q_estimates(&self, table: &FeatureTable) -> Result<QEstimates, DataError> {
        table.expect_columns(&self.about.columns)?;
        self.network.q_estimates(self.about.scaler.transform(table.values())?.view())
    }

    /// The action of the highest value among those allowed in each row; of equal values the lowest action.
    ///
    /// # Errors
    /// As [`CqlPolicy::q_values`], [`DataError::Length`] unless there is one set a row, [`DataError::Inconsistent`] for an
    /// empty set.
    pub fn predict_allowed(
        &self,
        table: &FeatureTable,
        allowed: &[ActionSet],
    ) -> Result<Vec<Action>, DataError> {
        let rows = self.masked_values(table, allowed)?;
        let best = |(q, set): &([f64; 5], ActionSet)| argmax_among(q, &set.mask()).unwrap_or(0);
        Ok(rows.iter().map(|row| Action::ALL[best(row)]).collect())
    }

    /// The probability of each action, `(n_rows, 5)`, if it is chosen so by the values among those allowed in each row:
    /// the policy as others need it that try or judge it.
    ///
    /// # Errors
    /// [`Error::Param`] for a choice out of range, [`Error::Data`] as [`CqlPolicy::predict_allowed`].
    pub fn choice_probabilities(
        &self,
        table: &FeatureTable,
        allowed: &[ActionSet],
        choice: Choice,
    ) -> Result<Array2<f64>, Error> {
        choice.check()?;
        let rows = self.masked_values(table, allowed)?;
        let probabilities: Vec<[f64; 5]> =
            rows.into_iter().map(|(q, set)| choice.probabilities(q, set.mask())).collect();
        Ok(Array2::from(probabilities))
    }

    /// Values and allowed actions of each row.
    fn masked_values(
        &self,
        table: &FeatureTable,
        allowed: &[ActionSet],
    ) -> Result<Vec<([f64; 5], ActionSet)>, DataError> {
        DataError::ensure_len("sets of allowed actions", table.n_rows(), allowed.len())?;
        if let Some(row) = allowed.iter().position(|set| set.is_empty()) {
            let reason = format!("row {row}: no action is allowed");
            return Err(DataError::Inconsistent { what: "allowed actions", reason });
        }
        let values = rows_of_five(self.q_values(table)?.view())?;
        Ok(values.into_iter().zip(allowed.iter().copied()).collect())
    }

    fn check(&self) -> Result<(), Error> {
        self.about.params.check()?;
        check_temperature(self.about.temperature)?;
        DataError::ensure_len(
            "columns of the scaler",
            self.about.columns.len(),
            self.about.scaler.n_columns(),
        )?;
        DataError::ensure_len("inputs of the network", self.about.columns.len(), self.network.n_inputs())?;
        DataError::ensure_len("outputs of the network", Action::ALL.len(), self.network.n_outputs())?;
        DataError::ensure_len("hidden units", self.about.params.hidden(), self.network.hidden())?;
        for (position, name) in self.about.columns.iter().enumerate() {
            if self.about.columns[..position].contains(name) {
                return Err(DataError::Duplicate { what: "column", name: name.clone() }.into());
            }
        }
        Ok(())
    }
}

fn check_temperature(temperature: f64) -> Result<(), ParamError> {
    let fine = temperature > 0.0 && temperature.is_finite();
    ParamError::ensure(fine, "temperature", "above 0 and finite", temperature)
}

impl Predict<FeatureTable> for CqlPolicy {
    type Output = Vec<Action>;
    type Error = DataError;

    /// The action of the highest value for each row; of equal values the lowest action.
    fn predict(&self, table: &FeatureTable) -> Result<Vec<Action>, DataError> {
        let rows = rows_of_five(self.q_values(table)?.view())?;
        Ok(rows.iter().map(|q| Action::ALL[argmax(q)]).collect())
    }
}

impl Artifact for CqlPolicy {
    const KIND: &'static str = "cql";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        to_safetensors::<Self, _>(&self.network.state()?, &self.about)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let (state, about) = from_safetensors::<Self, About>(bytes)?;
        Self::new(QNetwork::from_state(&state, about.params.n_heads())?, about).map_err(|error| match error {
            Error::Artifact(error) => error,
            error => ArtifactError::Damaged { kind: Self::KIND, reason: error.to_string() },
        })
    }
}
