//! What can go wrong here.

use fincoach_core::{DataError, ParamError};

/// Why a panel, a fit or a forecast was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Data of the wrong form.
    #[error(transparent)]
    Data(#[from] DataError),
    /// No user has enough days before the validation part for one window and its target.
    #[error(
        "no training window: {needed} days before the validation part are needed, the longest user has {longest}"
    )]
    NoWindows {
        /// Days a window and its target take.
        needed: usize,
        /// Training days of the user with most.
        longest: usize,
    },
    /// More days asked for than the model was trained to give.
    #[error("a forecast of {asked} days was asked, the model gives {fitted}")]
    Horizon {
        /// Days asked for.
        asked: usize,
        /// Days the model gives.
        fitted: usize,
    },
    /// The loss left the finite numbers.
    #[error("training diverged in epoch {epoch}: the loss is not finite; lower the learning rate")]
    Diverged {
        /// Epoch, counted from 1.
        epoch: usize,
    },
    /// The tensor library failed: a bug of ours or an exhausted machine.
    #[error("tensor computation failed: {reason}")]
    Computation {
        /// What the library said.
        reason: String,
    },
}

impl Error {
    pub(crate) fn computation(error: &candle_core::Error) -> Self {
        Self::Computation { reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_travel_between_threads() {
        fn travels<T: Send + Sync + 'static>() {}
        travels::<Error>();
    }
}
