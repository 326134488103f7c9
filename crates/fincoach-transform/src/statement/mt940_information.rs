//! Field 86 of MT940: who and why, in plain lines or in the numbered parts of German banks.

/// Lines of field 86 hold 65 characters, purposes of the numbered form 27: a full one may end within a word.
const FULL_LINE: usize = 65;
const FULL_PART: usize = 27;

/// What stands before each part of a SEPA purpose.
const SEPA: [&str; 16] = [
    "SVWZ+", "EREF+", "KREF+", "MREF+", "CRED+", "DEBT+", "COAM+", "OAMT+", "ABWA+", "ABWE+", "IBAN+",
    "BIC+", "PURP+", "RTRN+", "CDTR+", "DBTR+",
];

/// The text of a field.
pub(super) fn describe(lines: &[&str]) -> String {
    structured(lines).unwrap_or_else(|| join(lines.iter().copied(), FULL_LINE))
}

/// `105?00FOLGELASTSCHRIFT?20SVWZ+Rechnung?32Stadtwerke`: name and purpose, else the posting text.
fn structured(lines: &[&str]) -> Option<String> {
    // Parts go on over line ends, which mean nothing here.
    let text: String = lines.iter().map(|line| line.trim_end_matches('\r')).collect();
    let (code, rest) = text.trim_start().split_at_checked(3)?;
    let mark = rest.chars().next().filter(|mark| "?<>^|".contains(*mark))?;
    if !code.bytes().all(|byte| byte.is_ascii_digit()) || !numbered(rest.get(1..)?) {
        return None;
    }
    let mut parts: Vec<(&str, String)> = Vec::new();
    for piece in rest.split(mark).skip(1) {
        match (numbered(piece), parts.last_mut()) {
            (true, _) => {
                let (number, value) = piece.split_at_checked(2)?;
                parts.push((number, value.to_owned()));
            }
            // The mark stood within a text.
            (false, Some((_, value))) => {
                value.push(mark);
                value.push_str(piece);
            }
            (false, None) => return None,
        }
    }
    let of = |wanted: fn(&str) -> bool| {
        let chosen = parts.iter().filter(|(number, _)| wanted(number)).map(|(_, value)| value.as_str());
        join(chosen, FULL_PART)
    };
    let name = of(|number| number == "32" || number == "33");
    let purpose = of(|number| ("20"..="29").contains(&number) || ("60"..="63").contains(&number));
    let text = [name.as_str(), sepa_purpose(&purpose)].join(" ").trim().to_owned();
    Some(if text.is_empty() { of(|number| number == "00") } else { text })
}

fn numbered(text: &str) -> bool {
    text.get(..2).is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What `SVWZ+` introduces, where the purpose is cut in SEPA parts.
fn sepa_purpose(purpose: &str) -> &str {
    let Some((_, rest)) = purpose.split_once("SVWZ+") else { return purpose };
    let end = SEPA.iter().filter_map(|tag| rest.find(tag)).min().unwrap_or(rest.len());
    rest.get(..end).unwrap_or(rest).trim()
}

/// One line of pieces: a space between them, except after a full one.
fn join<'a>(pieces: impl Iterator<Item = &'a str>, full: usize) -> String {
    let (mut joined, mut glue) = (String::new(), false);
    for piece in pieces {
        if !joined.is_empty() && !glue {
            joined.push(' ');
        }
        glue = piece.chars().count() >= full;
        joined.push_str(piece);
    }
    joined.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_are_joined() {
        assert_eq!(describe(&["Stadtwerke ", " Abschlag  3/24"]), "Stadtwerke Abschlag 3/24");
        let full = "x".repeat(65);
        assert_eq!(describe(&[&full, "y"]), format!("{full}y"));
        for plain in ["12", "105", "105?", "105?x", "abc?20x", "?20x", "Was? 20 Euro", ""] {
            assert_eq!(describe(&[plain]), plain);
        }
    }

    #[test]
    fn numbered_parts_give_name_and_purpose() {
        let lines = [
            "105?00FOLGELASTSCHRIFT?109310?20EREF+2024-77?21MREF+M1?22SVWZ+Abschl",
            "ag Strom 03?23ABWA+Haus?30COBADEFFXXX?31DE0212030000?32Stadtwerke?33 GmbH",
        ];
        assert_eq!(describe(&lines), "Stadtwerke GmbH Abschlag Strom 03");
        assert_eq!(describe(&["166?00GUTSCHRIFT?20Wer zahlt? Anna?32Anna"]), "Anna Wer zahlt? Anna");
        assert_eq!(describe(&["808?00ENTGELT"]), "ENTGELT");
        // 27 characters, cut within a word.
        let parts = format!("105?20{}?21gas", "a".repeat(27));
        assert_eq!(describe(&[&parts]), format!("{}gas", "a".repeat(27)));
    }
}
