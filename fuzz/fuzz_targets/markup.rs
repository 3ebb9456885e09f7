//! Titles and abstracts from any text: no panic, no control characters, single blanks; and what is
//! plain stays as it is.
//!
//! ```text
//! cargo install cargo-fuzz
//! cargo +nightly fuzz run markup -- -max_len=4096 -timeout=5
//! ```

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &str| {
    let (title, summary) = crossfill::read_markup(raw);
    for text in [title.as_str(), summary.as_deref().unwrap_or_default()] {
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(!text.contains("  ") && text.trim() == text, "{text:?}");
    }
    // What is left of these may be a tag or an entity.
    if !title.contains(['<', '&']) {
        assert_eq!(crossfill::read_markup(&title).0, title);
    }
});
