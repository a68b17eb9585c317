//! What makes a text hard to read.

/// Words that a reader stumbles over.
const HABITS: [&str; 6] = ["is no ", "is none", "none that", "whoever", "unless said", "that is had by"];

/// How a text begins that says nothing of what it is about.
const SUBJECTLESS: [&str; 10] =
    ["is ", "has ", "are ", "was ", "were ", "may ", "must ", "does ", "did ", "should "];

/// What is wrong with a text; nothing if it is plain.
pub(crate) fn faults(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let mut faults = Vec::new();
    if text.contains("  ") {
        faults.push("has several spaces in a row".to_owned());
    }
    faults
        .extend(HABITS.iter().filter(|habit| lower.contains(**habit)).map(|habit| format!("has {habit:?}")));
    if lower.split(';').any(|sentence| sentence.matches(" or ").count() > 1) {
        faults.push("strings alternatives together".to_owned());
    }
    let twice =
        words.windows(2).filter(|pair| pair[0] == pair[1] && pair[0].starts_with(char::is_alphabetic));
    faults.extend(twice.map(|pair| format!("says {:?} twice", pair[0])));
    // A page of the sandbox has whole sentences; a message stands in a line, after other words.
    if text.ends_with('\n') || text.ends_with('.') && !text.starts_with(char::is_uppercase) {
        faults.push("ends like a paragraph".to_owned());
    }
    if SUBJECTLESS.iter().any(|begin| lower.starts_with(begin)) {
        faults.push("does not say what it is about".to_owned());
    }
    faults
}
