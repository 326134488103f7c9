//! Texts in places of limited width.

/// Width in pixels of a text, on the wide side of what common sans-serif fonts need.
pub(crate) fn text_width(text: &str, font_size: f64) -> f64 {
    text.chars().map(char_width).sum::<f64>() * font_size
}

fn char_width(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.35,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.95,
        'A'..='Z' => 0.72,
        // East Asian scripts and pictographs are set in a full square.
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'.. => 1.05,
        _ => 0.61,
    }
}

/// The text, or as much of its beginning as fits, with `…` at the end.
pub(crate) fn fitted(text: &str, width: f64, font_size: f64) -> String {
    if text_width(text, font_size) <= width {
        return text.to_owned();
    }
    let mut left = width - text_width("…", font_size);
    let fits = |character: &char| {
        left -= char_width(*character) * font_size;
        left >= 0.0
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

/// The text in at most `max_lines` lines broken at spaces; the last one is cut where it does not fit.
pub(crate) fn wrapped(text: &str, width: f64, font_size: f64, max_lines: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let n_lines = lines.len();
        match lines.last_mut() {
            Some(line)
                if n_lines >= max_lines || text_width(&format!("{line} {word}"), font_size) <= width =>
            {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| fitted(line, width, font_size)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_or_broken() {
        assert_eq!(fitted("short", 100.0, 12.0), "short");
        let cut = fitted("a very long name of a category", 100.0, 12.0);
        assert!(cut.ends_with('…') && text_width(&cut, 12.0) <= 100.0, "{cut}");
        let lines = wrapped("one two three four five six seven", 80.0, 12.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…') && lines.iter().all(|line| text_width(line, 12.0) <= 80.0));
        assert!(wrapped("", 80.0, 12.0, 2).is_empty());
    }
}
