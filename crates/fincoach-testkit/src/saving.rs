//! Checks of saved models.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fincoach_core::Artifact;

use crate::failure::{ensure, ensure_same_bytes, fail, name, worked};

/// Checks that a model comes back from its bytes and from a file equal to what it was, and writes the
/// same bytes again. Returns the model that was read.
///
/// # Panics
/// When the check fails.
#[track_caller]
pub fn check_round_trip<M: Artifact + PartialEq>(model: &M) -> M {
    let (subject, check) = (name::<M>(), "save and load");
    let bytes = worked(model.to_bytes(), subject, check);
    ensure_same_bytes(&bytes, &worked(model.to_bytes(), subject, check), subject, "writing twice");
    let read = worked(M::from_bytes(&bytes), subject, check);
    ensure(read == *model, subject, check, "the model read is not the model written");
    ensure_same_bytes(&bytes, &worked(read.to_bytes(), subject, check), subject, "writing what was read");

    let folder = worked(tempfile::tempdir(), subject, check);
    let path = folder.path().join("model");
    worked(model.save(&path), subject, check);
    ensure_same_bytes(&bytes, &worked(std::fs::read(&path), subject, check), subject, "the saved file");
    let loaded = worked(M::load(&path), subject, check);
    ensure(loaded == *model, subject, check, "the model loaded is not the model saved");
    read
}

/// Checks that a file kept from an earlier version still loads, and is written today as it was then.
/// Returns the model.
///
/// # Panics
/// When the check fails.
#[track_caller]
#[expect(clippy::must_use_candidate, reason = "it is called to check, not only to load")]
pub fn check_stored<M: Artifact>(bytes: &[u8]) -> M {
    let (subject, check) = (name::<M>(), "stored file");
    let model = worked(M::from_bytes(bytes), subject, check);
    ensure_same_bytes(bytes, &worked(model.to_bytes(), subject, check), subject, check);
    model
}

/// The most places of a file that [`check_damage`] tries; longer files are tried at even steps.
const MAX_PLACES: usize = 4000;

/// Checks that a damaged file never makes the reader panic and never gives a model that cannot be written.
///
/// Every beginning of the file must be an error, except where only white space at its end is lost; and each
/// byte is changed in four ways, which must give an error or a model whose own bytes read back to the
/// same bytes. Files of up to 4,000 bytes are tried at every byte, longer ones at even steps. Hand over a
/// small model.
///
/// # Panics
/// When the check fails, saying at which byte.
#[track_caller]
pub fn check_damage<M: Artifact>(bytes: &[u8]) {
    worked(M::from_bytes(bytes), name::<M>(), "damage: the file before it is damaged");
    for place in (0..bytes.len()).step_by(bytes.len().div_ceil(MAX_PLACES).max(1)) {
        check_cut::<M>(bytes, place);
        for change in [0x01, 0x04, 0x10, 0x80] {
            let mut damaged = bytes.to_vec();
            damaged[place] ^= change;
            check_reading::<M>(&damaged, &format!("byte {place} changed by {change:#04x}"));
        }
    }
}

#[track_caller]
fn check_cut<M: Artifact>(bytes: &[u8], length: usize) {
    let place = format!("cut to {length} of {} bytes", bytes.len());
    let read = check_reading::<M>(&bytes[..length], &place);
    if read && !bytes[length..].iter().all(u8::is_ascii_whitespace) {
        fail(name::<M>(), "damage", format_args!("{place}: read as a model"));
    }
}

/// Whether the bytes give a model; fails when reading panics or the model is not sound.
#[track_caller]
fn check_reading<M: Artifact>(bytes: &[u8], place: &str) -> bool {
    let read = catch_unwind(AssertUnwindSafe(|| match M::from_bytes(bytes) {
        Err(_) => (false, true),
        Ok(model) => (true, is_sound(&model)),
    }));
    match read {
        Err(_) => fail(name::<M>(), "damage", format_args!("{place}: panics")),
        Ok((_, false)) => {
            fail(name::<M>(), "damage", format_args!("{place}: gives a model that is not sound"))
        }
        Ok((is_model, true)) => is_model,
    }
}

/// Whether a model can be written, and what was written read and written again.
fn is_sound<M: Artifact>(model: &M) -> bool {
    let Ok(bytes) = model.to_bytes() else { return false };
    M::from_bytes(&bytes).and_then(|again| again.to_bytes()).is_ok_and(|again| again == bytes)
}
