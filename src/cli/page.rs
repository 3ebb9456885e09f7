//! A page for a person, line by line: fitted to the terminal, coloured where there are colours.

use console::{Style, measure_text_width, truncate_str};

use super::ui::Look;

/// A page that is being written.
pub(super) struct Page {
    pub(super) look: Look,
    pub(super) text: String,
}

impl Page {
    pub(super) fn new(look: Look) -> Self {
        Self {
            look,
            text: String::new(),
        }
    }

    /// Adds a line, cut to the terminal's width.
    pub(super) fn line(&mut self, line: &str) {
        self.text += &truncate_str(line, self.look.width, "…");
        self.text.push('\n');
    }

    /// Adds text, broken between words where the terminal ends; what follows is indented like it.
    pub(super) fn wrapped(&mut self, text: &str, style: Style) {
        let indent = text.len() - text.trim_start().len();
        for line in folded(text, self.look.width.saturating_sub(indent)) {
            let line = format!("{:indent$}{line}", "");
            self.line(&self.look.paint(style.clone(), &line));
        }
    }

    pub(super) fn heading(&mut self, name: &str, rest: &str) {
        let name = self.look.paint(Style::new().bold(), name);
        self.text.push('\n');
        self.line(&format!("{name}{rest}"));
    }

    pub(super) fn dim(&self, text: &str) -> String {
        self.look.paint(Style::new().dim(), text)
    }
}

/// The lines of a text that is broken between words, and in words that are longer than a line.
pub(super) fn folded(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for word in text.split_whitespace() {
        let mut wide = measure_text_width(word);
        if used > 0 && used + 1 + wide > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            if wide <= width {
                line.push_str(word);
                break;
            }
            let cell = console::measure_text_width(c.encode_utf8(&mut [0; 4]));
            if used + cell > width && used > 0 {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += cell;
        }
        // Of a broken word its last piece is on the line, and counted.
        if wide > width {
            wide = 0;
        }
        used += wide;
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The end of a text that is too long.
pub(super) fn shortened(text: &str, width: usize) -> String {
    if measure_text_width(text) <= width {
        return text.to_owned();
    }
    let mut end = String::new();
    for c in text.chars().rev() {
        if measure_text_width(&end) + 2 > width {
            break;
        }
        end.insert(0, c);
    }
    format!("…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_broken_between_words_if_they_can_be() {
        assert_eq!(folded("  one two  three ", 8), ["one two", "three"]);
        assert_eq!(folded("a abcdefgh b", 3), ["a", "abc", "def", "gh", "b"]);
        assert_eq!(folded("a abcdefg b", 3), ["a", "abc", "def", "g b"]);
        assert_eq!(folded("中文中文", 5), ["中文", "中文"]);
        assert_eq!(folded("one two", usize::MAX), ["one two"]);
        assert_eq!(folded("one", 0), ["o", "n", "e"]);
        assert_eq!(folded("", 8), [""]);
    }

    #[test]
    fn long_paths_keep_their_ends() {
        assert_eq!(shortened("a/b.jsonl", 9), "a/b.jsonl");
        assert_eq!(shortened("folder/b.jsonl", 9), "…/b.jsonl");
        assert_eq!(shortened("中文中文", 5), "…中文");
    }
}
