//! No code of core is for one server: what a server needs is a capability with a neutral name, which its profile turns on.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use valetkey_core::server::Profile;
use valetkey_tests::sources::files_in;

/// Names that are words of English or of Rust too.
const WORDS: [&str; 4] = ["box", "line", "linear", "x"];

/// Other names of the same, and servers that have no profile.
const OTHERS: [&str; 6] = ["azure", "jira", "microsoft", "quickbooks", "shopify", "twitter"];

/// What a line of code says: the words of its identifiers and of its texts. Comments and documentation are neither.
fn words(code: TokenStream, found: &mut BTreeSet<String>) {
    let mut tokens = code.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => words(group.stream(), found),
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                // Documentation is an attribute by now, of what follows (`#`) or of what is around (`#!`).
                tokens.next_if(|next| next.to_string() == "!");
                tokens.next_if(|next| next.to_string().trim_start_matches(['[', ' ']).starts_with("doc"));
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => split(&token.to_string(), found),
            TokenTree::Punct(_) => {}
        }
    }
}

/// `GitHubToken`, `github_token` and `GITHUB_TOKEN` are each the words of which they are made, and these in pairs.
fn split(text: &str, found: &mut BTreeSet<String>) {
    let mut parts: Vec<String> = vec![String::new()];
    let mut was_lower = false;
    for char in text.chars() {
        if !char.is_ascii_alphanumeric() || (char.is_ascii_uppercase() && was_lower) {
            parts.push(String::new());
        }
        if char.is_ascii_alphanumeric() {
            parts.last_mut().unwrap().push(char.to_ascii_lowercase());
        }
        was_lower = char.is_ascii_lowercase();
    }
    parts.retain(|part| !part.is_empty());
    found.extend(parts.windows(2).map(|pair| pair.concat()));
    found.extend(parts);
}

fn names() -> Vec<String> {
    let names = Profile::ALL.iter().map(|profile| profile.name().replace('-', ""));
    names.filter(|name| !WORDS.contains(&name.as_str())).chain(OTHERS.map(str::to_owned)).collect()
}

/// The names that a text of Rust has in its code.
fn named(text: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    words(text.parse().unwrap(), &mut found);
    names().into_iter().filter(|name| found.contains(name)).collect()
}

#[test]
fn no_code_is_named_after_a_server() {
    let top = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../core/src"));
    // Profiles are the table; a dialect is for one vendor, and says so.
    let is_exempt = |file: &Path| file.starts_with("server/profile") || file.starts_with("dialect");
    let files = files_in(top).into_iter().filter(|file| !is_exempt(file.strip_prefix(top).unwrap()));
    let files: Vec<_> = files.collect();
    assert!(files.len() > 100, "{}", files.len());
    for file in files {
        let found = named(&std::fs::read_to_string(&file).unwrap());
        assert!(
            found.is_empty(),
            "{} has code for {found:?}: make it a capability of any server",
            file.display()
        );
    }
}

#[test]
fn a_name_in_code_is_found_and_one_in_a_comment_is_not() {
    assert_eq!(named("fn is_github() {}"), ["github"]);
    assert_eq!(named("struct GitHubAnswer;"), ["github"]);
    assert_eq!(named(r#"const A: &str = "api.slack.com";"#), ["slack"]);
    assert_eq!(
        named(
            "//! GitHub, too.\n/// GitHub answers so.\n// Slack, too.\nfn empty_scope() -> Box<u8> { todo!() }"
        ),
        [""; 0]
    );
}
