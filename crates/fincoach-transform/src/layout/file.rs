//! Layouts as TOML files.

use std::path::Path;

use super::Layout;
use crate::Error;

impl Layout {
    /// The layout a TOML text describes; fields as in the table above.
    ///
    /// # Errors
    /// [`Error::LayoutFile`] with the line for what is no TOML or no layout, [`Error::Param`] for a field out of
    /// range.
    ///
    /// # Examples
    /// ```
    /// use fincoach_transform::Layout;
    /// let error = Layout::from_toml("date = \"Date\"\ndelimitr = \";\"\n").unwrap_err();
    /// assert!(error.to_string().starts_with("layout: line 2: unknown field `delimitr`"), "{error}");
    /// ```
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        Self::parse(text, "layout")
    }

    /// The layout in a TOML file.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, and as [`Layout::from_toml`], with the name of the file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let file = path.as_ref().display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &file),
            Err(cause) => Err(Error::Io { file, cause }),
        }
    }

    /// The layout as a TOML text that [`Layout::from_toml`] reads back; fields at their defaults are left out.
    ///
    /// # Errors
    /// [`Error::LayoutFile`] for a number larger than TOML can hold.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string(self).map_err(|error| Error::LayoutFile {
            file: "layout".to_owned(),
            line: 0,
            message: error.to_string(),
        })
    }

    fn parse(text: &str, file: &str) -> Result<Self, Error> {
        let layout: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            Error::LayoutFile { file: file.to_owned(), line, message: error.message().to_owned() }
        })?;
        layout.check()?;
        Ok(layout)
    }
}
