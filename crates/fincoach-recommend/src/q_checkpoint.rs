//! A training that can go on later.

use fincoach_core::nn::{Moments, StateDict, from_safetensors, to_safetensors};
use fincoach_core::{Artifact, ArtifactError};
use serde::{Deserialize, Serialize};

use crate::alpha::Alpha;
use crate::mlp::Plan;
use crate::q_network::LAYERS;
use crate::q_trainer::{Place, State};
use crate::{CqlParams, QTrainer};

/// Prefixes of the names of tensors: the weights, the target's, and the two moments of each weight.
const PREFIXES: [&str; 4] = ["online.", "target.", "first.", "second."];

/// Everything but tensors.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    params: CqlParams,
    n_inputs: usize,
    n_actions: usize,
    alpha: Alpha,
    n_steps: u64,
    place: Place,
}

impl Artifact for QTrainer {
    const KIND: &'static str = "cql-trainer";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        let State { online, target, moments, alpha, n_steps, place } = &self.state;
        let mut tensors = StateDict::new();
        for (prefix, values) in PREFIXES.iter().zip([online, target, &moments.first, &moments.second]) {
            self.plan.put(values, prefix, &mut tensors)?;
        }
        let about = About {
            params: self.params.clone(),
            n_inputs: self.plan.n_inputs(),
            n_actions: self.n_actions,
            alpha: *alpha,
            n_steps: *n_steps,
            place: *place,
        };
        to_safetensors::<Self, _>(&tensors, &about)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let (tensors, about) = from_safetensors::<Self, About>(bytes)?;
        let sizes = about.sizes()?;
        let plan = Plan::new(sizes);
        check_tensors(&tensors, sizes)?;
        let values = |prefix: &str| plan.take(&tensors, prefix);
        let [online, target, first, second] = PREFIXES.map(values);
        let second = second?;
        if let Some(value) = second.iter().find(|value| **value < 0.0) {
            return Err(damaged(format!("a second moment is {value}")));
        }
        let state = State {
            online: online?,
            target: target?,
            moments: Moments { first: first?, second },
            alpha: about.alpha,
            n_steps: about.n_steps,
            place: about.place,
        };
        Ok(Self::of_state(about.params, [about.n_inputs, about.n_actions], state))
    }
}

impl About {
    /// Inputs, hidden units and outputs, after every check that needs no tensor.
    fn sizes(&self) -> Result<[usize; 3], ArtifactError> {
        self.params.check().map_err(|error| damaged(error.to_string()))?;
        let Place { epoch: _, used, n_rows } = self.place;
        let within = if n_rows == 0 { used == 0 } else { used < n_rows };
        let fixed = self.params.alpha_threshold().is_some() || self.alpha == Alpha::new(&self.params);
        let mistake = if self.n_inputs == 0 || self.n_actions == 0 {
            "no inputs or no actions"
        } else if !within {
            "more transitions are used than there are"
        } else if !self.alpha.is_sound() || !fixed {
            "alpha is not what it can be"
        } else {
            let outputs = self.n_actions.checked_mul(self.params.n_heads());
            let outputs = outputs.ok_or_else(|| damaged("too many outputs".to_owned()))?;
            return Ok([self.n_inputs, self.params.hidden(), outputs]);
        };
        Err(damaged(mistake.to_owned()))
    }
}

fn damaged(reason: String) -> ArtifactError {
    ArtifactError::Damaged { kind: QTrainer::KIND, reason }
}

/// All names and shapes; also that the sizes told are those of tensors, before memory is taken for them.
fn check_tensors(
    tensors: &StateDict,
    [n_inputs, hidden, n_outputs]: [usize; 3],
) -> Result<(), ArtifactError> {
    let sizes = [[n_inputs, hidden], [hidden, hidden], [hidden, n_outputs]];
    let mut expected = Vec::new();
    for prefix in PREFIXES {
        for (name, [inputs, outputs]) in LAYERS.iter().zip(sizes) {
            expected.push((format!("{prefix}{name}.weight"), vec![outputs, inputs]));
            expected.push((format!("{prefix}{name}.bias"), vec![outputs]));
        }
    }
    let expected: Vec<_> = expected.iter().map(|(name, shape)| (name.as_str(), shape.clone())).collect();
    tensors.expect(QTrainer::KIND, &expected)
}
