//! The list of what a bundle holds, with a checksum of everything including itself.

use std::collections::BTreeMap;

use fincoach_core::{Artifact, ArtifactError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a bundle is, what it was made from, and every file in it.
///
/// It holds no date and no path: the same run gives the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Manifest {
    /// Always [`Manifest::KIND`].
    pub kind: String,
    /// Version of the form on disk.
    pub format: u32,
    /// Version of the crate that wrote it.
    pub version: String,
    /// Feature schema that the models read, for example `v1`.
    pub schema: String,
    /// Seeds by stage: with the same data they give the same bundle again.
    pub seeds: BTreeMap<String, u64>,
    /// What the caller says of the data, for example `categories` = `notebook`.
    pub provenance: BTreeMap<String, String>,
    /// Main figures of the evaluation, on data the models did not see where the name says `held_out`.
    pub metrics: BTreeMap<String, f64>,
    /// Every other file of the bundle, in the order of the names.
    pub files: Vec<FileEntry>,
    /// SHA-256 of this manifest with this field empty.
    pub checksum: String,
}

/// One file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FileEntry {
    /// Name within the folder.
    pub name: String,
    /// Kind of the artifact in it.
    pub kind: String,
    /// Version of its form.
    pub format: u32,
    /// Size in bytes.
    pub n_bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

impl FileEntry {
    pub(super) fn of(name: &str, head: (&str, u32), bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            kind: head.0.to_owned(),
            format: head.1,
            n_bytes: bytes.len() as u64,
            sha256: sha256(bytes),
        }
    }

    /// Checks that these are the bytes that were written.
    pub(super) fn check(&self, bytes: &[u8]) -> Result<(), ArtifactError> {
        let (got, n_bytes) = (sha256(bytes), bytes.len());
        if got == self.sha256 && n_bytes as u64 == self.n_bytes {
            return Ok(());
        }
        let reason = format!(
            "{}: {n_bytes} bytes with checksum {got}, expected {} bytes with checksum {}",
            self.name, self.n_bytes, self.sha256
        );
        Err(damaged(reason))
    }
}

impl Manifest {
    /// The name of the file.
    pub const FILE: &'static str = "manifest.json";

    /// The manifest with its checksum filled in.
    pub(super) fn sealed(mut self) -> Result<Self, ArtifactError> {
        self.checksum = String::new();
        self.checksum = sha256(&canonical(&self)?);
        Ok(self)
    }

    /// The entry of a file.
    ///
    /// # Errors
    /// [`ArtifactError::Damaged`] when the manifest does not list it.
    pub fn file(&self, name: &str) -> Result<&FileEntry, ArtifactError> {
        self.files
            .iter()
            .find(|entry| entry.name == name)
            .ok_or_else(|| damaged(format!("{} does not list `{name}`", Self::FILE)))
    }
}

impl Artifact for Manifest {
    const KIND: &'static str = "fincoach_bundle";
    /// 2 since the bandit has rules, a context and a log beside it.
    const FORMAT: u32 = 2;

    fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        canonical(self)
    }

    /// Reads a manifest and checks that every byte of it is as written.
    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| damaged(format!("{}: {error}", Self::FILE)))?;
        // A manifest of format 1 has the same form.
        let format = if manifest.format == 1 { Self::FORMAT } else { manifest.format };
        fincoach_core::artifact::check_head::<Self>(&manifest.kind, format)?;
        // Spaces and the spelling of numbers are not part of the value: they are compared as well.
        if manifest.clone().sealed()? != manifest || canonical(&manifest)? != bytes {
            return Err(damaged(format!("{} is not what its checksum says", Self::FILE)));
        }
        Ok(manifest)
    }
}

fn canonical(manifest: &Manifest) -> Result<Vec<u8>, ArtifactError> {
    let unwritable = |error: serde_json::Error| ArtifactError::Unwritable {
        kind: Manifest::KIND,
        reason: error.to_string(),
    };
    let mut bytes = serde_json::to_vec_pretty(manifest).map_err(unwritable)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn damaged(reason: String) -> ArtifactError {
    ArtifactError::Damaged { kind: Manifest::KIND, reason }
}

fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            kind: Manifest::KIND.to_owned(),
            format: Manifest::FORMAT,
            version: "0.1.0".to_owned(),
            schema: "v1".to_owned(),
            seeds: [("kmeans".to_owned(), 42)].into(),
            provenance: BTreeMap::new(),
            metrics: [("silhouette".to_owned(), 0.1 + 0.2)].into(),
            files: vec![FileEntry::of("a.json", ("kmeans", 1), b"abc")],
            checksum: String::new(),
        }
        .sealed()
        .unwrap()
    }

    #[test]
    fn the_checksum_of_abc_is_the_published_one() {
        assert_eq!(
            manifest().files[0].sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let bytes = manifest().to_bytes().unwrap();
        assert_eq!(Manifest::from_bytes(&bytes).unwrap(), manifest());
        for at in 0..bytes.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut damaged = bytes.clone();
                damaged[at] ^= flip;
                assert!(Manifest::from_bytes(&damaged).is_err(), "byte {at} flipped by {flip}");
            }
            assert!(Manifest::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_file_of_other_bytes_is_refused() {
        let entry = &manifest().files[0];
        assert!(entry.check(b"abc").is_ok());
        assert!(entry.check(b"abd").is_err() && entry.check(b"abcd").is_err());
    }
}
