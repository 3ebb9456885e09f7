//! What in an abstract only says that it is one, or that there is none.

/// What says that an abstract is one, in the languages that have many.
const HEADINGS: &[&str] = &[
    "abstract",
    "summary",
    "zusammenfassung",
    "résumé",
    "resumé",
    "resumen",
    "resumo",
    "riassunto",
    "abstrak",
    "аннотация",
    "摘要",
];

/// With one of these words before them they are a term that an abstract may begin with, in English
/// (`Abstract algebra`, `Summary statistics`).
const TERMS: &[&str] = &[
    "algebra",
    "algebraic",
    "argumentation",
    "art",
    "cauchy",
    "concepts",
    "convexity",
    "data",
    "dialectical",
    "domain",
    "domains",
    "execution",
    "expressionism",
    "expressionist",
    "games",
    "harmonic",
    "interpretation",
    "judgement",
    "judgment",
    "labour",
    "logic",
    "machine",
    "machines",
    "meaning",
    "measures",
    "model",
    "nonsense",
    "objects",
    "painting",
    "polytopes",
    "reasoning",
    "rewriting",
    "simplicial",
    "state",
    "statistics",
    "structures",
    "syntax",
    "thought",
    "wiener",
];

/// Does this heading only say that an abstract follows?
pub(super) fn says_abstract(heading: &str) -> bool {
    let heading = heading.trim().trim_end_matches([':', '.']).trim_end();
    heading.len() <= 40 && HEADINGS.contains(&heading.to_lowercase().as_str())
}

/// Does nothing belong between this and a new sentence?
pub(super) fn ends_sentence(c: char) -> bool {
    matches!(
        c,
        ':' | '.' | '?' | '!' | '…' | ';' | '。' | '：' | '？' | '！'
    )
}

/// Without a word at its beginning that only says that this is an abstract, glued to the first
/// sentence or not, where that is certain.
pub(super) fn without_heading(text: &str) -> &str {
    let heading = HEADINGS.iter().find_map(|heading| {
        let (first, rest) = text.split_at_checked(heading.len())?;
        (first.to_lowercase() == *heading).then_some((first, rest))
    });
    let Some((heading, rest)) = heading else {
        return text;
    };
    let sentence = rest.trim_start();
    let told = sentence.trim_start_matches([':', '.', '：', '—', '–', '|']);
    if told.len() < sentence.len() || sentence.is_empty() {
        return told.trim_start();
    }
    let loud = heading.chars().all(char::is_uppercase);
    let written = heading.starts_with(char::is_uppercase) || !heading.is_ascii();
    let begins = sentence.starts_with(|c: char| {
        !c.is_lowercase() && !matches!(c, '-' | '/' | '\'' | '’' | ')' | ',')
    });
    let word = sentence
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let certain = match (rest.len() > sentence.len(), loud) {
        // "ABSTRACT ALGEBRA IS FUN" may be a sentence in capitals.
        (true, true) => !is_loud(sentence),
        (true, false) => !TERMS.contains(&word.to_lowercase().as_str()),
        // Glued: "AbstractThe", "ABSTRACTThe", but not "ABSTRACTS".
        (false, true) => word.chars().nth(1).is_some_and(char::is_lowercase),
        (false, false) => true,
    };
    if written && begins && certain {
        sentence
    } else {
        text
    }
}

/// Is the first word of two letters or more all in capitals, and the next one?
fn is_loud(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphabetic());
    let mut words = words
        .filter(|word| word.chars().nth(1).is_some())
        .take(2)
        .peekable();
    words.peek().is_some() && words.all(|word| !word.contains(char::is_lowercase))
}

/// What publishers deposit where there is no abstract.
pub(super) fn is_placeholder(text: &str) -> bool {
    const NONE: &[&str] = &[
        "",
        "abstract",
        "abstractnotavailable",
        "abstractnotprovided",
        "abstractunavailable",
        "anabstractisnotavailable",
        "na",
        "nil",
        "noabstract",
        "noabstractavailable",
        "noabstractisavailable",
        "noabstractisavailableforthisarticle",
        "noabstractprovided",
        "none",
        "notapplicable",
        "notavailable",
        "null",
        "summary",
        "thereisnoabstract",
        "thereisnoabstractavailable",
        "undefined",
    ];
    // A longer text is an abstract, whatever it says, but for what one publisher writes.
    let bare = text.chars().filter(|c| c.is_alphanumeric()).take(40);
    let bare: String = bare.flat_map(char::to_lowercase).collect();
    NONE.contains(&bare.as_str()) || bare.starts_with("anabstractisnotavailableforthiscontent")
}
