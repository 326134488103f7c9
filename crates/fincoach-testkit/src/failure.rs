//! How a check fails.

use std::fmt::Debug;

/// Ends the test, naming what was checked and which check failed.
#[track_caller]
#[expect(clippy::panic, reason = "a failed check ends the test it is called from")]
pub(crate) fn fail(subject: &str, check: &str, what: impl std::fmt::Display) -> ! {
    panic!("{subject}: {check}: {what}")
}

/// What should have worked.
#[track_caller]
pub(crate) fn worked<T, E: Debug>(result: Result<T, E>, subject: &str, check: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => fail(subject, check, format_args!("{error:?}")),
    }
}

/// Fails with `what` unless `ok` holds.
#[track_caller]
pub(crate) fn ensure(ok: bool, subject: &str, check: &str, what: &str) {
    if !ok {
        fail(subject, check, what);
    }
}

/// Fails with the first place at which two files differ.
#[track_caller]
pub(crate) fn ensure_same_bytes(a: &[u8], b: &[u8], subject: &str, check: &str) {
    if a != b {
        let place = a.iter().zip(b).position(|(x, y)| x != y).unwrap_or(a.len().min(b.len()));
        let lengths = (a.len(), b.len());
        fail(subject, check, format_args!("the bytes differ from byte {place} on (lengths {lengths:?})"));
    }
}

/// The name of a type, for messages.
pub(crate) fn name<T: ?Sized>() -> &'static str {
    std::any::type_name::<T>()
}
