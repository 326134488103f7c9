//! Every model of a run in one folder.

mod feature_config;
mod guide;
mod manifest;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fincoach_core::{Artifact, ArtifactError, DataError, StagedDir};
use fincoach_features::schema_v1;
use fincoach_forecast::{LstmForecaster, Selection};
use fincoach_goals::{GoalModel, NotebookColumns};
use fincoach_recommend::{
    BanditContext, CqlPolicy, EpsilonGreedy, InterventionLog, Recommender, StrategyChooser, read_log_csv,
    write_log_csv,
};
use fincoach_segmentation::Segmentation;
use serde::Serialize;

pub use feature_config::FeatureConfig;
pub(crate) use guide::integration_guide;
pub use manifest::{FileEntry, Manifest};

use crate::Error;

const FEATURE_CONFIG: &str = "feature_config.json";
const SEGMENTATION: &str = "segmentation.json";
const SEGMENT_PROFILES: &str = "segment_profiles.json";
const POLICY: &str = "policy.safetensors";
const BANDIT: &str = "bandit.json";
const INTERVENTIONS: &str = "interventions.csv";
const FORECASTER: &str = "forecaster.safetensors";
const FORECAST_SELECTION: &str = "forecast_selection.json";
const GOALS: &str = "goals.json";
const GUIDE: &str = "INTEGRATION_GUIDE.md";

/// Kind and format of files that hold no model.
const TEXT: (&str, u32) = ("text", 1);

/// Kind and format of the log.
const LOG: (&str, u32) = ("intervention_log", 1);

/// The models of a bundle.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Models {
    /// How features are computed.
    pub features: FeatureConfig,
    /// Segments with names and profiles.
    pub segmentation: Segmentation,
    /// Learned policy and bandit.
    pub recommender: Recommender,
    /// Network of the spending forecast; `None` where nobody had enough days to train one.
    pub forecaster: Option<LstmForecaster>,
    /// Which method serves which category.
    pub selection: Selection,
    /// Calibrated forest of the goal.
    pub goals: GoalModel,
}

/// What a bundle says of itself beside its models.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Notes {
    pub(crate) seeds: BTreeMap<String, u64>,
    pub(crate) provenance: BTreeMap<String, String>,
    pub(crate) metrics: BTreeMap<String, f64>,
}

/// Every trained model of a run with a manifest: what a service loads and a [`Coach`](crate::Coach) answers from.
///
/// The same models and figures give the same bytes. A bundle is saved whole or not at all, and loading checks
/// the checksum of every file, the manifest's own too, before it builds a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    manifest: Manifest,
    files: BTreeMap<&'static str, Vec<u8>>,
    models: Models,
    log: InterventionLog,
}

impl Bundle {
    pub(crate) fn new(models: Models, notes: Notes, guide: &str) -> Result<Self, ArtifactError> {
        let files = write_models(&models, guide)?;
        let entries = files.iter().map(|(name, (head, bytes))| FileEntry::of(name, *head, bytes)).collect();
        let manifest = Manifest {
            kind: Manifest::KIND.to_owned(),
            format: Manifest::FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema: FeatureConfig::SCHEMA.to_owned(),
            seeds: notes.seeds,
            provenance: notes.provenance,
            metrics: notes.metrics,
            files: entries,
            checksum: String::new(),
        };
        let files = files.into_iter().map(|(name, (_, bytes))| (name, bytes)).collect();
        Ok(Self { manifest: manifest.sealed()?, files, models, log: InterventionLog::default() })
    }

    /// The same models with a recommender that has served, and what it said.
    pub(crate) fn served(
        &self,
        recommender: &Recommender,
        log: &InterventionLog,
    ) -> Result<Self, ArtifactError> {
        let mut bundle = self.clone();
        for (name, (head, bytes)) in
            [(BANDIT, written(recommender.chooser())?), (INTERVENTIONS, written_log(log)?)]
        {
            let files = &mut bundle.manifest.files;
            files.retain(|entry| entry.name != name);
            files.push(FileEntry::of(name, head, &bytes));
            files.sort_by(|one, other| one.name.cmp(&other.name));
            bundle.files.insert(name, bytes);
        }
        bundle.manifest.format = Manifest::FORMAT;
        bundle.manifest = bundle.manifest.sealed()?;
        bundle.models.recommender = recommender.clone();
        bundle.log = log.clone();
        Ok(bundle)
    }

    /// What was said to users by the models of the bundle and the [`Coach`](crate::Coach)es that served it.
    #[must_use]
    pub const fn log(&self) -> &InterventionLog {
        &self.log
    }

    /// What the bundle was made from and what is in it.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The models.
    #[must_use]
    pub const fn models(&self) -> &Models {
        &self.models
    }

    /// Writes the bundle as the folder `folder`, which appears whole; a bundle that stands there is replaced.
    ///
    /// # Errors
    /// [`ArtifactError::Io`], also when the folder holds something that is no bundle: it is left as it is.
    pub fn save(&self, folder: impl AsRef<Path>) -> Result<(), ArtifactError> {
        let folder = folder.as_ref();
        let taken = |kind: std::io::ErrorKind| ArtifactError::io(folder, kind.into());
        let name = folder.file_name().ok_or_else(|| taken(std::io::ErrorKind::InvalidInput))?;
        let is_empty = || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
        if folder.exists() && !folder.join(Manifest::FILE).is_file() && !is_empty() {
            return Err(taken(std::io::ErrorKind::AlreadyExists));
        }
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        let staged = StagedDir::new(parent.unwrap_or_else(|| Path::new(".")))?;
        let inner = staged.path().join(name);
        fs::create_dir(&inner).map_err(|source| ArtifactError::io(&inner, source))?;
        self.write_into(&inner)?;
        staged.commit()
    }

    /// Writes the files of the bundle into a folder that is already there.
    ///
    /// # Errors
    /// [`ArtifactError::Io`].
    pub fn write_into(&self, folder: &Path) -> Result<(), ArtifactError> {
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            fs::write(&path, bytes).map_err(|source| ArtifactError::io(&path, source))
        };
        for (name, bytes) in &self.files {
            write(name, bytes)?;
        }
        write(Manifest::FILE, &self.manifest.to_bytes()?)
    }

    /// Reads a bundle. Files that the manifest does not list are ignored.
    ///
    /// # Errors
    /// [`Error::Artifact`] for a file that is missing or not as it was written, and for a bundle of another
    /// kind or format; [`Error::Data`] for models that do not belong together.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let manifest = Manifest::load(folder.join(Manifest::FILE))?;
        let mut files = BTreeMap::new();
        for name in FILES {
            let entry = match manifest.file(name) {
                Err(_) if name == FORECASTER => continue,
                // A bundle of format 1 has no log.
                Err(_) if name == INTERVENTIONS && manifest.format == 1 => continue,
                entry => entry?,
            };
            let path = folder.join(name);
            let bytes = fs::read(&path).map_err(|source| ArtifactError::io(&path, source))?;
            entry.check(&bytes)?;
            files.insert(name, bytes);
        }
        let models = read_models(&files, &manifest.file(BANDIT)?.kind)?;
        let log = files.get(INTERVENTIONS).map(|bytes| read_log_csv(bytes.as_slice())).transpose()?;
        let log = log.map_or_else(InterventionLog::default, |file| file.log);
        Ok(Self { manifest, files, models, log })
    }
}

/// Every file of a bundle; the forecaster's may be missing, and the log in a bundle of format 1.
const FILES: [&str; 10] = [
    BANDIT,
    INTERVENTIONS,
    FEATURE_CONFIG,
    FORECASTER,
    FORECAST_SELECTION,
    GOALS,
    GUIDE,
    POLICY,
    SEGMENTATION,
    SEGMENT_PROFILES,
];

type Written = BTreeMap<&'static str, ((&'static str, u32), Vec<u8>)>;

fn write_models(models: &Models, guide: &str) -> Result<Written, ArtifactError> {
    let profiles = pretty(models.segmentation.profiles())?;
    let mut files: Written = [
        (FEATURE_CONFIG, written(&models.features)?),
        (SEGMENTATION, written(&models.segmentation)?),
        (SEGMENT_PROFILES, (TEXT, profiles)),
        (POLICY, written(models.recommender.policy())?),
        (BANDIT, written(models.recommender.chooser())?),
        (INTERVENTIONS, written_log(&InterventionLog::default())?),
        (FORECAST_SELECTION, written(&models.selection)?),
        (GOALS, written(&models.goals)?),
        (GUIDE, (TEXT, guide.as_bytes().to_vec())),
    ]
    .into();
    if let Some(forecaster) = &models.forecaster {
        files.insert(FORECASTER, written(forecaster)?);
    }
    Ok(files)
}

fn written<A: Artifact>(model: &A) -> Result<((&'static str, u32), Vec<u8>), ArtifactError> {
    Ok(((A::KIND, A::FORMAT), model.to_bytes()?))
}

fn written_log(log: &InterventionLog) -> Result<((&'static str, u32), Vec<u8>), ArtifactError> {
    let mut bytes = Vec::new();
    write_log_csv(log, &mut bytes)
        .map_err(|error| ArtifactError::Unwritable { kind: LOG.0, reason: error.to_string() })?;
    Ok((LOG, bytes))
}

fn pretty<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, ArtifactError> {
    let unwritable = |error: serde_json::Error| ArtifactError::Unwritable {
        kind: Manifest::KIND,
        reason: error.to_string(),
    };
    let mut bytes = serde_json::to_vec_pretty(value).map_err(unwritable)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn read_models(files: &BTreeMap<&'static str, Vec<u8>>, bandit_kind: &str) -> Result<Models, Error> {
    fn read<A: Artifact>(files: &BTreeMap<&'static str, Vec<u8>>, name: &str) -> Result<A, ArtifactError> {
        A::from_bytes(files.get(name).map_or(&[], Vec::as_slice))
    }
    let policy: CqlPolicy = read(files, POLICY)?;
    // A bundle of format 1 has a bandit without context and no rules: it goes on with what it has.
    let chooser = if bandit_kind == EpsilonGreedy::KIND {
        StrategyChooser::new(read::<EpsilonGreedy>(files, BANDIT)?, None)?
    } else {
        read(files, BANDIT)?
    };
    let models = Models {
        features: read(files, FEATURE_CONFIG)?,
        segmentation: read(files, SEGMENTATION)?,
        recommender: Recommender::with_chooser(policy, chooser)?,
        forecaster: files.contains_key(FORECASTER).then(|| read(files, FORECASTER)).transpose()?,
        selection: read(files, FORECAST_SELECTION)?,
        goals: read(files, GOALS)?,
    };
    check_together(&models)?;
    Ok(models)
}

/// Each model may be sound by itself and yet not fit the others: columns of another schema, a selection of a
/// network that is not there.
fn check_together(models: &Models) -> Result<(), Error> {
    let schema: Vec<&str> = schema_v1().iter().map(|feature| feature.name).collect();
    let goal_columns = NotebookColumns::ByName.names();
    ensure_columns("segmentation", models.segmentation.columns(), &schema)?;
    ensure_columns("policy", models.recommender.policy().columns(), &schema)?;
    ensure_columns("goal model", models.goals.forest().columns(), &goal_columns)?;
    models.selection.forecaster(models.forecaster.as_ref())?;
    let read = models.recommender.chooser().context().map_or(0, BanditContext::n_segments);
    if read > 0 {
        DataError::ensure_len("segments of the bandit's context", models.segmentation.n_segments(), read)?;
    }
    Ok(())
}

fn ensure_columns(model: &'static str, got: &[String], expected: &[&str]) -> Result<(), Error> {
    if got == expected {
        return Ok(());
    }
    let reason = "it reads other columns than the bundle's features give".to_owned();
    Err(DataError::Inconsistent { what: model, reason }.into())
}
