//! Which features the models of a bundle read.

use fincoach_core::{Action, Category, DataError, json_artifact};
use fincoach_features::{V1Params, schema_v1};
use serde::{Deserialize, Serialize};

/// The feature schema with its parameters, and the names that stand behind the numbers in the models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct FeatureConfig {
    params: V1Params,
}

impl FeatureConfig {
    /// The name of the schema.
    pub const SCHEMA: &'static str = "v1";

    /// Schema v1 with these parameters.
    #[must_use]
    pub const fn new(params: V1Params) -> Self {
        Self { params }
    }

    /// How the features are computed.
    #[must_use]
    pub const fn params(&self) -> &V1Params {
        &self.params
    }
}

/// The form on disk. The lists are there for readers in other languages; reading checks that they are ours.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    schema: String,
    params: V1Params,
    features: Vec<String>,
    categories: Vec<String>,
    actions: Vec<String>,
}

fn owned(names: impl IntoIterator<Item = &'static str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

impl From<FeatureConfig> for Repr {
    fn from(config: FeatureConfig) -> Self {
        Self {
            schema: FeatureConfig::SCHEMA.to_owned(),
            params: config.params,
            features: owned(schema_v1().iter().map(|feature| feature.name)),
            categories: owned(Category::ALL.map(Category::name)),
            actions: owned(Action::ALL.map(Action::name)),
        }
    }
}

impl TryFrom<Repr> for FeatureConfig {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        if repr.schema != Self::SCHEMA {
            return Err(DataError::unknown("schema", repr.schema, [Self::SCHEMA]));
        }
        let expected = Repr::from(Self::new(repr.params.clone()));
        let lists = [
            ("features", &repr.features, &expected.features),
            ("categories", &repr.categories, &expected.categories),
            ("actions", &repr.actions, &expected.actions),
        ];
        for (what, got, expected) in lists {
            if got != expected {
                let reason = format!("the {what} are not those of this version");
                return Err(DataError::Inconsistent { what: "feature configuration", reason });
            }
        }
        Ok(Self::new(repr.params))
    }
}

json_artifact!(FeatureConfig, "feature_config", 1);

#[cfg(test)]
mod tests {
    use fincoach_core::{Artifact as _, ArtifactError};

    use super::*;

    #[test]
    fn a_configuration_of_other_features_is_refused() {
        let bytes = FeatureConfig::new(V1Params::default()).to_bytes().unwrap();
        assert_eq!(FeatureConfig::from_bytes(&bytes).unwrap(), FeatureConfig::new(V1Params::default()));
        let other = String::from_utf8(bytes).unwrap().replace("savings_rate", "savings_ratio");
        assert!(matches!(FeatureConfig::from_bytes(other.as_bytes()), Err(ArtifactError::Damaged { .. })));
    }
}
