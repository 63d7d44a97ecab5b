// SPDX-License-Identifier: GPL-2.0
//! The words of a line in a file: parted by blanks, held together by quotes, up to a `#`.

/// The words of a line. An error says which quote is not closed.
pub(crate) fn of(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(end), _) if c == end => quote = None,
            (Some(_), _) => word.get_or_insert_with(String::new).push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_with(String::new);
            }
            (None, '#') if word.is_none() => break,
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_with(String::new).push(c),
        }
    }
    if let Some(quote) = quote {
        return Err(format!("a second {quote} is missing"));
    }
    words.extend(word);
    Ok(words)
}

/// A word as it is written, so that [`of`] reads it again. One with both kinds of quotes cannot be written.
pub(crate) fn quoted(word: &str) -> String {
    let must_be =
        word.is_empty() || word.contains(|c: char| c.is_whitespace() || "#'\"".contains(c));
    match must_be {
        false => word.to_owned(),
        true if word.contains('"') => format!("'{word}'"),
        true => format!("\"{word}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_by_blanks_and_held_by_quotes() {
        assert_eq!(
            of("hba load \"/etc/my sets/home\"  # the first").as_deref(),
            Ok(["hba", "load", "/etc/my sets/home"]
                .map(str::to_owned)
                .as_slice())
        );
        assert_eq!(
            of("a '' b#c").as_deref(),
            Ok(["a", "", "b#c"].map(str::to_owned).as_slice())
        );
        assert_eq!(of("  # nothing"), Ok(Vec::new()));
        assert_eq!(of("a 'b"), Err("a second ' is missing".to_owned()));
    }

    #[test]
    fn a_word_that_is_written_is_read_again() {
        for word in ["plain", "my sets", "a#b", "it's", "so \"called\"", ""] {
            assert_eq!(
                of(&quoted(word)).as_deref(),
                Ok([word.to_owned()].as_slice())
            );
        }
    }
}
