//! XML into a tree of elements, without DTDs and without entities of its own.

use std::borrow::Cow;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::source::Source;
use super::tree::{DEEPEST, Element, Lines};
use crate::Error;

/// The root element.
///
/// Refused, with the line: what is not well-formed, a document type, an entity other than the five of XML and
/// numbered characters, elements deeper than 64, two roots, text outside the root, a file that ends early.
pub(super) fn parse(source: Source<'_>) -> Result<Element<'_>, Error> {
    let mut builder =
        Builder { source, lines: Lines::new(source.text), line: 1, open: Vec::new(), root: None };
    let mut reader = Reader::from_str(source.text);
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        builder.line = builder.lines.line(at);
        match reader.read_event() {
            Ok(Event::Eof) => return builder.finish(),
            Ok(event) => builder.add(event)?,
            Err(cause) => return Err(builder.refused("XML", &cause.to_string())),
        }
    }
}

struct Builder<'a> {
    source: Source<'a>,
    lines: Lines<'a>,
    line: u64,
    open: Vec<Element<'a>>,
    root: Option<Element<'a>>,
}

impl<'a> Builder<'a> {
    fn refused(&self, tag: &str, value: &str) -> Error {
        self.source.wrong((self.line, tag), value, "well-formed XML without a document type")
    }

    fn add(&mut self, event: Event<'a>) -> Result<(), Error> {
        match event {
            Event::Start(start) => self.open(&start),
            Event::Empty(start) => {
                self.open(&start)?;
                self.close()
            }
            Event::End(_) => self.close(),
            Event::Text(text) => self.text(text.into_inner()),
            Event::CData(data) => self.text(data.into_inner()),
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::DocType(text) => Err(self.refused("DOCTYPE", &text)),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn open(&mut self, start: &BytesStart<'a>) -> Result<(), Error> {
        if self.open.len() >= DEEPEST {
            return Err(self.refused("XML", &format!("elements more than {DEEPEST} deep")));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(self.refused("XML", "a second root element"));
        }
        let name = self.name_of(start);
        let mut element = Element::new(name, self.line);
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|cause| self.refused(name, &cause.to_string()))?;
            let value = quick_xml::escape::unescape(&attribute.value)
                .map_err(|cause| self.refused(name, &cause.to_string()))?;
            // Only names that are asked for are kept.
            let known = ["Ccy", "xmlns"].into_iter().find(|known| *known == attribute.key.as_ref());
            let known = known.or_else(|| attribute.key.as_ref().starts_with("xmlns:").then_some("xmlns"));
            element.attributes.extend(known.map(|known| (known, value.into_owned())));
        }
        self.open.push(element);
        Ok(())
    }

    /// The local name, borrowed from the file: the event borrows it from itself.
    fn name_of(&self, start: &BytesStart<'a>) -> &'a str {
        let length = start.name().as_ref().len();
        let from = self.lines.at().saturating_add(1);
        let name = self.source.text.get(from..from.saturating_add(length)).unwrap_or_default();
        name.rsplit(':').next().unwrap_or(name)
    }

    fn close(&mut self) -> Result<(), Error> {
        // The reader has compared the names.
        let Some(mut element) = self.open.pop() else {
            return Err(self.refused("XML", "an end without a start"));
        };
        element.text = match element.text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Error> {
        match self.open.last_mut() {
            Some(element) if element.text.is_empty() => element.text = text,
            Some(element) => element.text.to_mut().push_str(&text),
            None if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() => {}
            None => return Err(self.refused("XML", text.trim())),
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'a>) -> Result<(), Error> {
        let known = match &**reference {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => reference.resolve_char_ref().unwrap_or_default(),
        };
        match known {
            Some(character) => self.text(Cow::Owned(character.to_string())),
            None => Err(self.refused("entity", &format!("&{};", &**reference))),
        }
    }

    fn finish(self) -> Result<Element<'a>, Error> {
        match (self.open.last(), self.root) {
            (Some(open), _) => Err(self.source.truncated(&format!("<{}>", open.name), open.line)),
            (None, Some(root)) => Ok(root),
            (None, None) => Err(self.source.truncated("the document", 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(Source { file: "x", text }).unwrap_err().to_string()
    }

    #[test]
    fn elements_keep_their_text_and_lines() {
        let text = "<?xml version=\"1.0\"?>\n<!-- c --><n:a xmlns:n=\"u\">\n<b Ccy=\"EUR\"> M&amp;S&#33; <![CDATA[<&>]]></b>\n<c/></n:a>\n";
        let root = parse(Source { file: "x", text }).unwrap();
        assert_eq!((root.name, root.line, root.children.len()), ("a", 2, 2));
        let b = root.get(&["b"]).unwrap();
        assert_eq!(
            (b.line, b.text.as_ref(), b.attributes.as_slice()),
            (3, "M&S! <&>", &[("Ccy", "EUR".to_owned())][..])
        );
        assert_eq!((root.children[1].name, root.children[1].line, root.text(&["c"])), ("c", 4, None));
    }

    #[test]
    fn what_could_expand_or_reach_out_is_refused() {
        let bomb = "<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<l>&b;</l>";
        assert!(error(bomb).starts_with("x: line 1, DOCTYPE"), "{}", error(bomb));
        assert_eq!(
            error("<a>\n&x;</a>"),
            "x: line 2, entity: `&x;`, expected well-formed XML without a document type"
        );
        assert!(error("<a>&#0;</a>").contains("entity"));
        assert!(error(&"<a>".repeat(65)).contains("64 deep"));
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        assert_eq!(error("<a>\n<b>\n"), "x: line 2: the file ends within <b>, which begins on line 2");
        assert!(error("<a><b></a></b>").contains("line 1"));
        assert!(error("<a/><b/>").contains("second root"));
        assert!(error("<a/>text").contains("text"));
        assert!(error("<a").contains("line 1"));
        assert!(error("").contains("ends within the document"));
        assert!(error("<a b=1/>").contains("line 1"));
        assert!(error("<a>M&S</a>").contains("line 1"));
    }
}
