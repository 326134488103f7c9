//! Checks of saved parameters.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::{ensure, fail, name, worked};

/// Checks how parameters are written: what is read is what was written, a field left out has its
/// documented default, and a field that does not exist is refused.
///
/// # Panics
/// When the check fails.
#[track_caller]
pub fn check_params<P>(params: &P)
where
    P: Serialize + DeserializeOwned + Default + PartialEq + Debug,
{
    let (subject, check) = (name::<P>(), "saved parameters");
    let written = worked(serde_json::to_value(params), subject, check);
    let read: P = worked(serde_json::from_value(written.clone()), subject, check);
    ensure(read == *params, subject, check, "the parameters read are not those written");
    let empty: P = worked(serde_json::from_str("{}"), subject, check);
    ensure(empty == P::default(), subject, check, "fields left out do not have their defaults");
    let Value::Object(mut fields) = written else { fail(subject, check, "they are no struct") };
    fields.insert("no such parameter".to_owned(), Value::Null);
    let refused = serde_json::from_value::<P>(Value::Object(fields)).is_err();
    ensure(refused, subject, check, "a field that does not exist is read without a word");
}
