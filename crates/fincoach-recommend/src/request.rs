//! Whom a recommender is asked about.

use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::{DataError, FeatureTable};

use crate::{BanditContext, Error, History, InterventionLog, UserLog};

/// Users who are to be recommended something, and what has to be known of them beside their features.
///
/// | part | default | meaning |
/// | --- | --- | --- |
/// | `segments` | none | the segment of each row, where the bandit's context reads it |
/// | `log` | empty | what was done before: masks come from it |
/// | `moment` | `as_of` of each row | the moment of the decision; of the log, only what lies before it is seen |
///
/// A table alone is a request too.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    table: &'a FeatureTable,
    segments: &'a [usize],
    log: Option<&'a InterventionLog>,
    moment: Option<NaiveDateTime>,
}

impl<'a> Request<'a> {
    /// The users of a table.
    #[must_use]
    pub const fn new(table: &'a FeatureTable) -> Self {
        Self { table, segments: &[], log: None, moment: None }
    }

    /// Sets the segment of each row.
    #[must_use]
    pub const fn with_segments(self, segments: &'a [usize]) -> Self {
        Self { segments, ..self }
    }

    /// Sets what was done before.
    #[must_use]
    pub const fn with_log(self, log: &'a InterventionLog) -> Self {
        Self { log: Some(log), ..self }
    }

    /// Sets the moment of the decision, for all rows.
    #[must_use]
    pub const fn at(self, moment: NaiveDateTime) -> Self {
        Self { moment: Some(moment), ..self }
    }

    /// The same of one row, which stands alone in `table`.
    pub(crate) fn of_row<'b>(&self, row: usize, table: &'b FeatureTable) -> Request<'b>
    where
        'a: 'b,
    {
        Request { table, segments: self.segments.get(row..=row).unwrap_or_default(), ..*self }
    }

    /// The features.
    #[must_use]
    pub const fn table(&self) -> &'a FeatureTable {
        self.table
    }

    /// The moment of the decision for a row; later than, or at, the moment its features are of.
    pub(crate) fn moment(&self, row: usize) -> Result<NaiveDateTime, DataError> {
        let key = &self.table.keys()[row];
        let moment = self.moment.unwrap_or(key.as_of);
        if moment >= key.as_of {
            return Ok(moment);
        }
        let reason = format!("{} is known up to {:?}, later than {moment:?}", key.user, key.as_of);
        Err(DataError::Inconsistent { what: "moment of the decision", reason })
    }

    /// What was done for the user of a row before the moment.
    pub(crate) fn history(&self, row: usize, moment: NaiveDateTime) -> History<'a> {
        let story = self.log.and_then(|log| log.user(&self.table.keys()[row].user));
        History::new(story.map_or(&[], UserLog::entries), moment)
    }

    /// The bandit's context of each row: an intercept alone where it reads nothing.
    pub(crate) fn contexts(&self, context: Option<&BanditContext>) -> Result<Vec<Vec<f64>>, Error> {
        match context {
            None => Ok(vec![vec![1.0]; self.table.n_rows()]),
            Some(context) if context.n_segments() == 0 => context.contexts(self.table, &[]),
            Some(context) => context.contexts(self.table, self.segments),
        }
    }
}

impl<'a> From<&'a FeatureTable> for Request<'a> {
    fn from(table: &'a FeatureTable) -> Self {
        Self::new(table)
    }
}
