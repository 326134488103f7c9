//! A document of elements, from XML or from the SGML of OFX 1.

use std::borrow::Cow;

use super::source::Source;
use crate::Error;

/// How deep elements may stand in one another; camt.053 needs 13.
pub(super) const DEEPEST: usize = 64;

/// An element with the text or the elements within it.
#[derive(Debug, Default)]
pub(super) struct Element<'a> {
    /// Without a namespace prefix.
    pub(super) name: &'a str,
    pub(super) line: u64,
    /// All text directly within, spaces at the ends taken away.
    pub(super) text: Cow<'a, str>,
    pub(super) attributes: Vec<(&'a str, String)>,
    pub(super) children: Vec<Element<'a>>,
}

impl<'a> Element<'a> {
    pub(super) fn new(name: &'a str, line: u64) -> Self {
        Self { name, line, ..Self::default() }
    }

    pub(super) fn all<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t Element<'a>> + 't {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element at the end of this path.
    pub(super) fn get(&self, path: &[&str]) -> Option<&Element<'a>> {
        match path {
            [] => Some(self),
            [name, rest @ ..] => {
                self.children.iter().filter(|child| child.name == *name).find_map(|child| child.get(rest))
            }
        }
    }

    /// The text at the end of this path; `None` where there is no such element or no text in it.
    pub(super) fn text(&self, path: &[&str]) -> Option<&str> {
        self.get(path).map(|element| element.text.as_ref()).filter(|text| !text.is_empty())
    }

    #[cfg(feature = "camt")]
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str())
    }

    /// The element at the end of this path, which must be there.
    pub(super) fn need(&self, path: &[&str], source: Source<'_>) -> Result<&Element<'a>, Error> {
        self.get(path)
            .ok_or_else(|| source.wrong((self.line, self.name), "", format!("`{}` within", path.join("/"))))
    }

    /// A value that this element cannot have.
    pub(super) fn wrong(&self, source: Source<'_>, expected: impl Into<String>) -> Error {
        source.wrong((self.line, self.name), &self.text, expected)
    }
}

/// Refuses elements that stand where they are not looked for: what they hold would vanish unseen.
///
/// Each entry of `homes` names an element and those it may stand in.
pub(super) fn ensure_home(
    element: &Element<'_>,
    homes: &[(&str, &[&str])],
    source: Source<'_>,
) -> Result<(), Error> {
    for child in &element.children {
        let known = homes.iter().find(|(name, _)| *name == child.name);
        if let Some((_, parents)) = known.filter(|(_, parents)| !parents.contains(&element.name)) {
            let expected = format!("it within {}", parents.join(" or "));
            return Err(source.wrong(
                (child.line, child.name),
                &format!("within {}", element.name),
                expected,
            ));
        }
        ensure_home(child, homes, source)?;
    }
    Ok(())
}

/// Counts lines while walking forward through a text.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The byte that was last asked for.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The line of a byte; must not go back.
    pub(super) fn line(&mut self, at: usize) -> u64 {
        let passed = self.text.as_bytes().get(self.at..at).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = self.at.max(at.min(self.text.len()));
        self.line
    }
}
