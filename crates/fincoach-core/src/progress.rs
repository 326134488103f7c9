//! Progress of long work, told to the caller.

/// One step of long work.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Step<'a> {
    /// What is being worked on, for example `kmeans` or `lstm`.
    pub stage: &'a str,
    /// Steps done.
    pub done: u64,
    /// Steps in all, as far as is known.
    pub total: u64,
    /// Loss after this step, where there is one.
    pub loss: Option<f64>,
}

impl<'a> Step<'a> {
    /// Step number `done` of `total`.
    #[must_use]
    pub const fn new(stage: &'a str, done: u64, total: u64) -> Self {
        Self { stage, done, total, loss: None }
    }

    /// The same step with its loss.
    #[must_use]
    pub const fn with_loss(self, loss: f64) -> Self {
        Self { loss: Some(loss), ..self }
    }
}

/// What the work should do after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// Stop and return what there is.
    Stop,
}

/// Is told each step of long work and may stop it.
///
/// Every `FnMut(&Step) -> Control` is one.
///
/// # Examples
/// ```
/// use fincoach_core::{Control, Progress, Step};
/// let mut seen = 0;
/// let mut count = |step: &Step<'_>| { seen = step.done; Control::Continue };
/// count.step(&Step::new("kmeans", 3, 10));
/// assert_eq!(seen, 3);
/// ```
pub trait Progress {
    /// Hears of one step.
    fn step(&mut self, step: &Step<'_>) -> Control;
}

impl<F: FnMut(&Step<'_>) -> Control> Progress for F {
    fn step(&mut self, step: &Step<'_>) -> Control {
        self(step)
    }
}

/// Listens to nothing and never stops the work.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn step(&mut self, _: &Step<'_>) -> Control {
        Control::Continue
    }
}
