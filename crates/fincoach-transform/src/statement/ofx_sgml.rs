//! The SGML of OFX 1: elements that hold a value need no end.

use std::borrow::Cow;

use super::source::Source;
use super::tree::{DEEPEST, Element, Lines};
use crate::Error;

/// Elements whose end must be written: with a guess at one of these, rows would move or vanish.
const CLOSED: [&str; 13] = [
    "OFX",
    "BANKMSGSRSV1",
    "CREDITCARDMSGSRSV1",
    "STMTTRNRS",
    "CCSTMTTRNRS",
    "STMTRS",
    "CCSTMTRS",
    "BANKTRANLIST",
    "BANKTRANLISTP",
    "STMTTRN",
    "STMTTRNP",
    "LEDGERBAL",
    "BANKACCTFROM",
];

/// The root element of the part that begins at byte `from`.
pub(super) fn parse(source: Source<'_>, from: usize) -> Result<Element<'_>, Error> {
    let mut builder = Builder { source, open: Vec::new(), root: None };
    let mut lines = Lines::new(source.text);
    let mut at = from;
    while let Some(start) = source.text.get(at..).and_then(|rest| rest.find('<')).map(|step| at + step) {
        builder.text(source.text.get(at..start).unwrap_or_default(), lines.line(at))?;
        let line = lines.line(start);
        let Some(length) = source.text.get(start..).and_then(|rest| rest.find('>')) else {
            return Err(source.truncated("a tag", line));
        };
        builder.tag(source.text.get(start + 1..start + length).unwrap_or_default(), line)?;
        at = start + length + 1;
    }
    builder.text(source.text.get(at..).unwrap_or_default(), lines.line(at))?;
    builder.finish()
}

struct Builder<'a> {
    source: Source<'a>,
    open: Vec<Element<'a>>,
    root: Option<Element<'a>>,
}

impl<'a> Builder<'a> {
    fn tag(&mut self, tag: &'a str, line: u64) -> Result<(), Error> {
        if tag.starts_with('!') && tag.ends_with("--") {
            return Ok(());
        }
        let name = tag.strip_prefix('/').unwrap_or(tag).trim_end().trim_end_matches('/');
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty() || !name.bytes().all(known) {
            return Err(self.source.wrong((line, "tag"), tag, "a tag like STMTTRN or /STMTTRN"));
        }
        self.end_value();
        if tag.starts_with('/') {
            return self.close(name, line);
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(self.source.wrong((line, "tag"), name, "nothing after </OFX>"));
        }
        if self.open.len() >= DEEPEST {
            return Err(self.source.wrong((line, "tag"), name, format!("elements at most {DEEPEST} deep")));
        }
        let within_itself = self.open.iter().find(|element| element.name == name && CLOSED.contains(&name));
        if let Some(open) = within_itself {
            let expected = format!("</{name}> of line {} before it", open.line);
            return Err(self.source.wrong((line, "tag"), name, expected));
        }
        self.open.push(Element::new(name, line));
        Ok(())
    }

    /// An element that has its value ends where the next tag begins.
    fn end_value(&mut self) {
        if self.open.last().is_some_and(|element| !element.text.is_empty()) {
            let element = self.open.pop();
            self.keep(element);
        }
    }

    fn keep(&mut self, element: Option<Element<'a>>) {
        match self.open.last_mut() {
            Some(parent) => parent.children.extend(element),
            None => self.root = element,
        }
    }

    fn close(&mut self, name: &str, line: u64) -> Result<(), Error> {
        // The end of an element whose value has just ended it.
        let last = self.open.last().and_then(|parent| parent.children.last());
        if last.is_some_and(|last| last.name == name && !last.text.is_empty()) {
            return Ok(());
        }
        while let Some(mut element) = self.open.pop() {
            if element.name == name {
                self.keep(Some(element));
                return Ok(());
            }
            if CLOSED.contains(&element.name) {
                let expected = format!("</{}> of line {}", element.name, element.line);
                return Err(self.source.wrong((line, "end tag"), name, expected));
            }
            // An element without a value or an end: what seemed to be within stands beside it.
            let beside = std::mem::take(&mut element.children);
            if let Some(parent) = self.open.last_mut() {
                parent.children.push(element);
                parent.children.extend(beside);
            }
        }
        Err(self.source.wrong((line, "end tag"), name, "the end of an element that is open"))
    }

    fn text(&mut self, text: &'a str, line: u64) -> Result<(), Error> {
        let text = text.trim();
        match self.open.last_mut() {
            _ if text.is_empty() => Ok(()),
            Some(element) if element.children.is_empty() => {
                element.text = unescape(text);
                Ok(())
            }
            _ => Err(self.source.wrong((line, "text"), text, "a value directly after the tag it belongs to")),
        }
    }

    fn finish(mut self) -> Result<Element<'a>, Error> {
        self.end_value();
        match (self.open.last(), self.root) {
            (Some(open), _) => Err(self.source.truncated(&format!("<{}>", open.name), open.line)),
            (None, Some(root)) => Ok(root),
            (None, None) => Err(self.source.truncated("the document", 1)),
        }
    }
}

/// The characters that SGML escapes. Banks write a bare `&`, as in `M&S`: it stands for itself.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&quot;", "\"");
    Cow::Owned(plain.replace("&apos;", "'").replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Result<Element<'_>, Error> {
        parse(Source { file: "x", text }, 0)
    }

    #[test]
    fn values_end_with_or_without_an_end_tag() {
        for text in [
            "<OFX><STMTTRN><NAME>M&S &amp; Co<MEMO>two</STMTTRN></OFX>",
            "<OFX>\n<STMTTRN>\n<NAME>M&S &amp; Co</NAME>\n<MEMO> two \n</STMTTRN>\n</OFX>\n",
            "<OFX><STMTTRN><CHECKNUM><NAME>M&S &amp; Co<MEMO>two</STMTTRN></OFX>",
            "<OFX><STMTTRN><CHECKNUM></CHECKNUM><NAME>M&S &amp; Co</NAME><MEMO>two</MEMO></STMTTRN></OFX>",
        ] {
            let root = tree(text).unwrap();
            assert_eq!(root.text(&["STMTTRN", "NAME"]), Some("M&S & Co"), "{text}");
            assert_eq!(root.text(&["STMTTRN", "MEMO"]), Some("two"), "{text}");
        }
    }

    #[test]
    fn a_missing_end_of_a_booking_is_refused() {
        let error = tree("<OFX>\n<BANKTRANLIST>\n<STMTTRN>\n<NAME>a\n</BANKTRANLIST></OFX>").unwrap_err();
        assert_eq!(error.to_string(), "x: line 5, end tag: `BANKTRANLIST`, expected </STMTTRN> of line 3");
        let error = tree("<OFX>\n<STMTTRN>\n<NAME>a\n<STMTTRN>\n").unwrap_err();
        assert_eq!(error.to_string(), "x: line 4, tag: `STMTTRN`, expected </STMTTRN> of line 2 before it");
        let error = tree("<OFX>\n<STMTTRN>\n<NAME>a\n").unwrap_err();
        assert_eq!(error.to_string(), "x: line 3: the file ends within <STMTTRN>, which begins on line 2");
        for text in
            ["", "<OFX></OFX><OFX>", "<OFX></B></OFX>", "<OFX", "text<OFX></OFX>", "<OFX><A></A>text</OFX>"]
        {
            assert!(tree(text).is_err(), "{text}");
        }
        assert!(tree(&"<A>".repeat(70)).is_err());
    }
}
