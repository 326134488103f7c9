//! Plain loops compiled for the widest instructions of the machine at hand.

/// Runs loops that the compiler vectorises; found out at run time, so one binary serves all machines.
#[inline]
pub(super) fn wide<R>(loops: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(loops)
}
