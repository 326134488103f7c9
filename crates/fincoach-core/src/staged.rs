//! Files and folders that appear whole or not at all.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use crate::ArtifactError;

/// Writes a file so that a reader sees the old content or the new, never a part.
///
/// # Errors
/// [`ArtifactError::Io`] when the folder cannot be written.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), ArtifactError> {
    let io = |source| ArtifactError::io(path, source);
    let mut file = temporary_in(parent(path)).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}

/// A folder in the making: files are written into a temporary beside the target and moved there by
/// [`StagedDir::commit`]. Dropped before that, it leaves no trace.
///
/// # Examples
/// ```
/// use fincoach_core::StagedDir;
/// let place = tempfile::tempdir().unwrap();
/// let target = place.path().join("out");
/// let staged = StagedDir::new(&target)?;
/// std::fs::write(staged.path().join("a.txt"), "a").unwrap();
/// assert!(!target.exists());
/// staged.commit()?;
/// assert!(target.join("a.txt").exists());
/// # Ok::<(), fincoach_core::ArtifactError>(())
/// ```
#[derive(Debug)]
pub struct StagedDir {
    target: PathBuf,
    temporary: TempDir,
}

impl StagedDir {
    /// Begins a folder that will stand at `target`; missing parents are made.
    ///
    /// # Errors
    /// [`ArtifactError::Io`] when the parent cannot be written or `target` is a file.
    pub fn new(target: &Path) -> Result<Self, ArtifactError> {
        let io = |source| ArtifactError::io(target, source);
        if target.exists() && !target.is_dir() {
            return Err(io(std::io::Error::from(std::io::ErrorKind::NotADirectory)));
        }
        fs::create_dir_all(parent(target)).map_err(io)?;
        let temporary =
            tempfile::Builder::new().prefix(".fincoach-").tempdir_in(parent(target)).map_err(io)?;
        Ok(Self { target: target.to_owned(), temporary })
    }

    /// The folder to write into.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// Moves everything to the target. What stands there under other names is left alone; a file or
    /// folder of the same name is replaced whole. When one entry cannot be moved, those before it are moved
    /// back and the target is as it was.
    ///
    /// # Errors
    /// [`ArtifactError::Io`] with the entry that cannot be moved.
    pub fn commit(self) -> Result<(), ArtifactError> {
        let io = |source| ArtifactError::io(&self.target, source);
        fs::create_dir_all(&self.target).map_err(io)?;
        let old = tempfile::Builder::new().prefix(".fincoach-").tempdir_in(&self.target).map_err(io)?;
        let entries = fs::read_dir(self.path()).map_err(io)?;
        let mut names: Vec<OsString> =
            entries.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<_>>().map_err(io)?;
        names.sort();
        for (n_moved, name) in names.iter().enumerate() {
            if let Err(source) = self.swap_in(name, old.path()) {
                self.roll_back(&names[..n_moved], old.path());
                return Err(ArtifactError::io(&self.target.join(name), source));
            }
        }
        Ok(())
    }

    /// Puts what stands under this name aside and moves ours there.
    fn swap_in(&self, name: &OsStr, old: &Path) -> std::io::Result<()> {
        let place = self.target.join(name);
        let replaces = place.symlink_metadata().is_ok();
        if replaces {
            fs::rename(&place, old.join(name))?;
        }
        let moved = fs::rename(self.path().join(name), &place);
        if moved.is_err() && replaces {
            fs::rename(old.join(name), &place)?;
        }
        moved
    }

    /// Undoes swaps, the last first.
    fn roll_back(&self, names: &[OsString], old: &Path) {
        for name in names.iter().rev() {
            let place = self.target.join(name);
            let taken_back = fs::rename(&place, self.path().join(name));
            if taken_back.is_ok() && old.join(name).symlink_metadata().is_ok() {
                // Nothing is left to do when even this fails: the first error is the one to tell.
                let _ = fs::rename(old.join(name), &place);
            }
        }
    }
}

/// A temporary file with the permissions of any other new file, not those of a secret.
fn temporary_in(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The process's own mask takes away what it always does.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_folder_leaves_no_trace() {
        let place = tempfile::tempdir().unwrap();
        let staged = StagedDir::new(&place.path().join("out")).unwrap();
        fs::write(staged.path().join("half"), "x").unwrap();
        drop(staged);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_commit_replaces_its_own_names_and_keeps_the_others() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("out");
        fs::create_dir_all(target.join("bundle")).unwrap();
        fs::write(target.join("bundle/stale"), "old").unwrap();
        fs::write(target.join("notes"), "mine").unwrap();
        let staged = StagedDir::new(&target).unwrap();
        fs::create_dir(staged.path().join("bundle")).unwrap();
        fs::write(staged.path().join("bundle/fresh"), "new").unwrap();
        staged.commit().unwrap();
        assert!(target.join("bundle/fresh").exists() && !target.join("bundle/stale").exists());
        assert_eq!(fs::read_to_string(target.join("notes")).unwrap(), "mine");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
        assert_eq!(fs::read_dir(&target).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_can_be_read_by_whoever_can_read_its_neighbours() {
        use std::os::unix::fs::PermissionsExt as _;
        let place = tempfile::tempdir().unwrap();
        let mode = |name: &str| fs::metadata(place.path().join(name)).unwrap().permissions().mode();
        write_atomic(&place.path().join("ours"), b"x").unwrap();
        fs::write(place.path().join("any"), b"x").unwrap();
        assert_eq!(mode("ours"), mode("any"));
    }

    #[test]
    fn a_failed_swap_puts_everything_back() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("out");
        fs::create_dir_all(target.join("a")).unwrap();
        fs::write(target.join("a/old"), "old").unwrap();
        let staged = StagedDir::new(&target).unwrap();
        fs::create_dir(staged.path().join("a")).unwrap();
        let aside = tempfile::tempdir_in(&target).unwrap();
        staged.swap_in(OsStr::new("a"), aside.path()).unwrap();
        assert!(!target.join("a/old").exists());
        // There is no `b` to move in: an error, after which `a` is taken back.
        assert!(staged.swap_in(OsStr::new("b"), aside.path()).is_err());
        staged.roll_back(&[OsString::from("a")], aside.path());
        assert_eq!(fs::read_to_string(target.join("a/old")).unwrap(), "old");
    }

    #[test]
    fn a_file_in_the_way_is_an_error() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("out");
        fs::write(&target, "a file").unwrap();
        assert!(matches!(StagedDir::new(&target), Err(ArtifactError::Io { .. })));
    }
}
