//! What a hostile reading of the whole project found, finding by finding, and the tests that would have told: each is named
//! after its finding, such as `s6_…`. The table is printed by
//! `cargo test -p valetkey-tests --test findings -- --nocapture`.

use std::fmt::Write as _;
use std::path::Path;

use valetkey_tests::sources::{Test, tests_in};

/// The findings, by number, each with what must not be so again; the last ones are of the network, by the ids under which
/// people's reports were collected.
const FINDINGS: [(&str, &str); 55] = [
    ("s0", "two users' sessions in one store share a key, and one is called with the other's token"),
    ("s1", "an HTTP library's log shows secrets of a request or an answer below level trace"),
    ("s2", "a URL that a server's metadata names panics the conversion to url::Url"),
    ("s3", "credentials for a loopback address go to a proxy"),
    ("s4", "a file store takes the folder or the record of another user, or follows a link"),
    ("s5", "an answer of Redis is waited for or read without a bound"),
    ("s6", "a header of the caller's sends the token to another authority, or frames the request otherwise"),
    ("s7", "a JWT of another kind is taken for the one that is expected"),
    ("s8", "a provider verifies signatures of an Ed25519 key of small order"),
    ("s9", "an object of JSON is read as a number"),
    ("s10", "a stored pending authorization is finished more than once"),
    (
        "s11",
        "a cookie that was planted, or that another port's server was sent, is a session of the playground",
    ),
    ("s12", "one entropy begins two authorizations"),
    ("s13", "a foreign page or another session ends somebody's runs"),
    ("s14", "silent connections push a slow browser out of the loopback receiver"),
    ("s15", "control characters of others reach a terminal"),
    ("s16", "a FIFO in the place of a record blocks a load"),
    ("s17", "a private address passes for a public one"),
    ("s18", "metadata of an issuer that a user names lead to a private address"),
    ("s19", "a port that is not written in digits is taken"),
    ("s20", "the sandbox answers to any host"),
    ("s21", "the Debug of a document shows all of it"),
    ("s22", "a tab follows the scheme of a challenge"),
    ("s23", "a scheme in capitals is compared as a string"),
    ("s24", "a copy of an access token stays in memory after it is dropped"),
    ("s25", "another program binds the loopback receiver's port on Windows"),
    ("s26", "a Retry-After of a day stops the renewals of a fleet"),
    ("s27", "a configuration file that others may write is obeyed"),
    ("f01", "a token type that is a name of its own is stuck, and its error names no way through"),
    ("f03", "a person's token in an envelope is not found, and its error does not say where it is"),
    ("f05", "a server without OpenID that echoes `openid` is stuck"),
    ("f06", "an answer in an envelope, and a parameter that a server wants, cannot be had"),
    ("f07", "an error that is an object hides what the server said"),
    ("f09", "a secret cannot be empty where a server wants that"),
    ("f10", "a device does not go on polling where the server says so in a message"),
    ("f12", "a form in the place of JSON is stuck"),
    ("f13", "an answer that a network compresses is called broken JSON"),
    ("f14", "a byte order mark is called broken JSON"),
    ("f16", "a dead refresh token that a status of the server's own tells is asked with for ever"),
    ("f18", "one that is told as an unauthorized client is too"),
    ("f19", "one that is told with status 200 is too"),
    (
        "f36",
        "a redirect or a 500 of the first well-known place ends a discovery; a list or an endpoint that nobody uses spoils a document",
    ),
    ("f62", "an empty refresh token is stuck"),
    ("f68", "a code under another name is stuck"),
    ("f21", "what a server's refusal names to be shown, such as a correlation id, is hidden"),
    ("f23", "a refusal is decided by the text that was redacted"),
    ("f24", "a redirect of an endpoint is told without where it leads"),
    ("f25", "a private authority of the system's is not trusted, or the reason is not told"),
    ("f26", "a proxy of an unsupported scheme is gone around"),
    ("f27", "a proxy's refusal is told as a broken connection"),
    ("f42", "a request has no User-Agent"),
    ("f58", "a record is too large for the keyring, after the user has logged in"),
    ("f69", "a proxy is asked for what is on this machine"),
    ("f71", "ALL_PROXY beats the more specific variable"),
    ("jk1", "it is not decided what a symmetric key does to a key set"),
];

/// Findings that are a decision, whose reason SECURITY.md has under these words; some are tested too.
const DECIDED: [(&str, &str); 0] = [];

/// The tests of the library, of the command line and of the playground.
fn tests() -> Vec<Test> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["tests", "interop", "../playground/tests"].map(|folder| here.join(folder));
    folders.iter().flat_map(|folder| tests_in(folder, |path| path != Path::new("findings.rs"))).collect()
}

#[test]
#[expect(clippy::disallowed_macros, reason = "the table is for people who run the test")]
fn every_finding_has_a_test_or_a_decision() {
    let tests = tests();
    let security = include_str!("../../SECURITY.md");
    let (mut table, mut empty) = (String::new(), Vec::new());
    for (id, what) in FINDINGS {
        let is_about =
            |test: &&Test| test.function().strip_prefix(id).is_some_and(|rest| rest.starts_with('_'));
        let mut rows: Vec<String> = tests.iter().filter(is_about).map(|test| test.name.clone()).collect();
        for (_, words) in DECIDED.iter().filter(|(decided, _)| *decided == id) {
            assert!(security.contains(words), "{id}: SECURITY.md does not have the words {words:?}");
            rows.push(format!("decided, in SECURITY.md: {words}"));
        }
        if rows.is_empty() {
            empty.push(id);
        }
        let _ = writeln!(table, "{:<4} {what}\n     {}", id.to_uppercase(), rows.join("\n     "));
    }
    println!("{table}");
    assert!(empty.is_empty(), "no test is named after {empty:?}");
}

/// A test that is named after a finding is named after one that there is.
#[test]
fn every_test_that_is_named_after_a_finding_has_one() {
    for test in tests() {
        let name = test.function();
        let id: String = name.chars().take_while(|character| *character != '_').collect();
        let is_id = id.len() > 1
            && id.starts_with(['s', 'f'])
            && id.chars().skip(1).all(|character| character.is_ascii_digit());
        assert!(!is_id || FINDINGS.iter().any(|(known, _)| *known == id), "{}", test.name);
    }
}
