//! Defaults of a layout and the forms of its fields in files.

pub(super) const fn comma() -> char {
    ','
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
pub(super) fn is_comma(delimiter: &char) -> bool {
    *delimiter == ','
}

pub(super) const fn double_quote() -> Option<char> {
    Some('"')
}

#[expect(clippy::ref_option, reason = "the signature serde asks for")]
pub(super) fn is_double_quote(quote: &Option<char>) -> bool {
    *quote == double_quote()
}

pub(super) const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
pub(super) const fn is_yes(flag: &bool) -> bool {
    *flag
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A quote as a text of one character, no quote as a text of none.
pub(super) mod quote_text {
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::ref_option, reason = "the signature serde asks for")]
    pub(in crate::layout) fn serialize<S: Serializer>(
        quote: &Option<char>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(quote.map(String::from).as_deref().unwrap_or_default())
    }

    pub(in crate::layout) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<char>, D::Error> {
        let text = String::deserialize(from)?;
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (quote, None) => Ok(quote),
            _ => Err(de::Error::invalid_length(text.len(), &"one character, or an empty text for no quotes")),
        }
    }
}

/// One column as itself, several as a list.
pub(super) mod one_or_several {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::Column;

    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a column (a name or a position) or a list of columns")]
    enum Columns {
        One(Column),
        Several(Vec<Column>),
    }

    pub(in crate::layout) fn serialize<S: Serializer>(columns: &[Column], to: S) -> Result<S::Ok, S::Error> {
        match columns {
            [column] => column.serialize(to),
            columns => columns.serialize(to),
        }
    }

    pub(in crate::layout) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Column>, D::Error> {
        Ok(match Columns::deserialize(from)? {
            Columns::One(column) => vec![column],
            Columns::Several(columns) => columns,
        })
    }
}
