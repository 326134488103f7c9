//! The steps of a fit, told as steps of the stage it belongs to.

use fincoach_core::{Control, Progress, Step};

/// Passes steps on under the name of a stage, so that a listener sees five stages and not every fit by name.
pub(super) struct Stage<'a> {
    name: &'static str,
    listener: &'a mut dyn Progress,
}

impl<'a> Stage<'a> {
    /// Begins the stage.
    pub(super) fn begin(name: &'static str, listener: &'a mut dyn Progress) -> Self {
        listener.step(&Step::new(name, 0, 1));
        Self { name, listener }
    }

    /// Ends the stage.
    pub(super) fn end(self) {
        self.listener.step(&Step::new(self.name, 1, 1));
    }
}

impl Progress for Stage<'_> {
    fn step(&mut self, step: &Step<'_>) -> Control {
        let renamed = Step::new(self.name, step.done, step.total);
        self.listener.step(&step.loss.map_or(renamed, |loss| renamed.with_loss(loss)))
    }
}
