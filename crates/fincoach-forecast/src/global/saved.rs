//! The network and its training as files.

use fincoach_core::nn::{Moments, StateDict, from_safetensors, to_safetensors};
use fincoach_core::{Artifact, ArtifactError, FitReport};
use serde::{Deserialize, Serialize};

use super::frame::{Norms, Widths};
use super::trainer::Best;
use super::{EpochLosses, GlobalNetwork, GlobalParams, GlobalTrainer};
use crate::engine::{Optimiser, Plan};

/// A file may not make us allocate more numbers than this.
const MOST_WEIGHTS: usize = 1 << 28;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkMeta {
    params: GlobalParams,
    widths: Widths,
    norms: Norms,
    report: FitReport,
}

impl Artifact for GlobalNetwork {
    const KIND: &'static str = "global_network";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        let meta = NetworkMeta {
            params: self.params.clone(),
            widths: self.widths.clone(),
            norms: self.norms.clone(),
            report: self.report.clone(),
        };
        to_safetensors::<Self, _>(&self.state, &meta)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let (state, meta) = from_safetensors::<Self, NetworkMeta>(bytes)?;
        let NetworkMeta { params, widths, norms, report } = meta;
        let plan = checked(&params, &widths, &norms).map_err(damaged::<Self>)?;
        let shapes = plan.shapes();
        let shapes: Vec<_> = shapes.iter().map(|(name, shape)| (name.as_str(), shape.clone())).collect();
        state.expect(Self::KIND, &shapes)?;
        Self::new(params, (widths, norms), state, report).map_err(|error| damaged::<Self>(error.to_string()))
    }
}

/// Prefixes of the tensors of a training: weights, the two moments, and the best weights.
const PREFIXES: [&str; 4] = ["now.", "first.", "second.", "best."];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrainerMeta {
    params: GlobalParams,
    widths: Widths,
    norms: Norms,
    losses: Vec<EpochLosses>,
    n_steps: u64,
    best: Option<(f64, usize)>,
}

impl Artifact for GlobalTrainer {
    const KIND: &'static str = "global_trainer";
    const FORMAT: u32 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        let Moments { first, second } = &self.optimiser.moments;
        let mut parts = vec![&self.weights, first, second];
        parts.extend(self.best.as_ref().map(|best| &best.weights));
        let mut tensors = StateDict::new();
        for (prefix, part) in PREFIXES.iter().zip(parts) {
            for (name, weights) in self.plan.put(part)?.iter() {
                tensors.insert(&format!("{prefix}{name}"), &weights.shape, weights.data.clone())?;
            }
        }
        let meta = TrainerMeta {
            params: self.params.clone(),
            widths: self.widths.clone(),
            norms: self.norms.clone(),
            losses: self.losses.clone(),
            n_steps: self.optimiser.n_steps,
            best: self.best.as_ref().map(|best| (best.loss, best.epoch)),
        };
        to_safetensors::<Self, _>(&tensors, &meta)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let (tensors, meta) = from_safetensors::<Self, TrainerMeta>(bytes)?;
        let TrainerMeta { params, widths, norms, losses, n_steps, best } = meta;
        let plan = checked(&params, &widths, &norms).map_err(damaged::<Self>)?;
        let prefixes = &PREFIXES[..3 + usize::from(best.is_some())];
        let shapes: Vec<(String, Vec<usize>)> = prefixes
            .iter()
            .flat_map(|prefix| {
                plan.shapes().into_iter().map(move |(name, shape)| (format!("{prefix}{name}"), shape))
            })
            .collect();
        let shapes: Vec<_> = shapes.iter().map(|(name, shape)| (name.as_str(), shape.clone())).collect();
        tensors.expect(Self::KIND, &shapes)?;
        if best.is_some_and(|(loss, epoch)| !loss.is_finite() || epoch == 0 || epoch > losses.len()) {
            return Err(damaged::<Self>("the best epoch is none of those told".to_owned()));
        }
        let taken = |prefix: &str| {
            let mut part = StateDict::new();
            for (name, weights) in tensors.iter() {
                if let Some(name) = name.strip_prefix(prefix) {
                    part.insert(name, &weights.shape, weights.data.clone())?;
                }
            }
            plan.take(&part)
        };
        let [weights, first, second] = [taken("now.")?, taken("first.")?, taken("second.")?];
        if second.iter().any(|value| *value < 0.0) {
            return Err(damaged::<Self>("a second moment is below 0".to_owned()));
        }
        let optimiser = Optimiser { moments: Moments { first, second }, n_steps };
        let best = match best {
            Some((loss, epoch)) => Some(Best { weights: taken("best.")?, loss, epoch }),
            None => None,
        };
        Ok(Self { params, widths, norms, plan, weights, optimiser, losses, best })
    }
}

fn damaged<A: Artifact>(reason: String) -> ArtifactError {
    ArtifactError::Damaged { kind: A::KIND, reason }
}

/// The plan of a network whose metadata agree with one another.
fn checked(params: &GlobalParams, widths: &Widths, norms: &Norms) -> Result<Plan, String> {
    params.check().map_err(|error| error.to_string())?;
    let floors = norms.floors.iter().all(|floor| *floor > 0.0 && floor.is_finite());
    if norms.floors.len() != widths.n_targets || widths.n_targets == 0 || !floors {
        return Err(format!("{} targets, scales {:?}", widths.n_targets, norms.floors));
    }
    let n_known = norms.known.as_ref().map_or(0, fincoach_core::StandardScaler::n_columns);
    if n_known != widths.n_known {
        return Err(format!("{} known inputs, {n_known} scales", widths.n_known));
    }
    let most =
        |numbers: usize| if numbers <= MOST_WEIGHTS { Ok(()) } else { Err("sizes too large".to_owned()) };
    let sizes = [widths.n_targets, widths.n_known, widths.levels.len()];
    sizes.iter().chain(&widths.levels).try_for_each(|size| most(size.saturating_mul(1 << 14)))?;
    Ok(widths.plan(params))
}
