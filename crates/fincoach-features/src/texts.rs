//! Numbers for texts.

use fincoach_core::DataError;
use foldhash::fast::FixedState;
use indexmap::IndexSet;

/// Texts, each once, in the order in which they came.
pub(crate) type Texts = IndexSet<Box<str>, FixedState>;

/// The number of a text, from 1; 0 for a missing one. A text that is new is kept.
pub(crate) fn number_of(text: Option<&str>, texts: &mut Texts) -> Result<u32, DataError> {
    let Some(text) = text else { return Ok(0) };
    // Looked up first: most texts are known, and an insert would allocate for each.
    let index = match texts.get_index_of(text) {
        Some(index) => index,
        None => texts.insert_full(text.into()).0,
    };
    number_at(index)
}

fn number_at(index: usize) -> Result<u32, DataError> {
    let number = index.checked_add(1).and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| DataError::Inconsistent {
        what: "state of features",
        reason: "more distinct texts than 2^32".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_numbers_from_1_as_far_as_there_are_numbers() {
        let mut texts = Texts::default();
        let numbers = [Some("a"), None, Some(""), Some("a")].map(|text| number_of(text, &mut texts).unwrap());
        assert_eq!(numbers, [1, 0, 2, 1]);
        let last = usize::try_from(u32::MAX - 1).unwrap();
        assert_eq!(number_at(last).unwrap(), u32::MAX);
        assert!(matches!(number_at(last + 1), Err(DataError::Inconsistent { .. })));
    }
}
