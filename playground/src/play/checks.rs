//! Every check of a step: what was passed, what failed, what was not reached; and where the rule is written.

use valetkey_core::{Quirk, Rule};

use super::step::{Came, Kind, Step};
use super::{Answer, Setup};

/// One check of a step.
#[derive(Clone, Debug)]
pub struct Check {
    /// The rule.
    pub rule: Rule,
    /// What came of it.
    pub state: State,
    /// What it looks for, and what was there, where that is one value.
    pub expected: Option<(String, String)>,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was made, and held.
    Passed,
    /// It was made, and failed.
    Failed,
    /// It would have failed, and the server is allowed that departure by name.
    LetThrough,
    /// There was nothing to check.
    NotApplicable,
    /// An earlier one failed.
    NotReached,
}

impl State {
    /// One word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::LetThrough => "let through by name",
            Self::NotApplicable => "nothing to check",
            Self::NotReached => "not reached",
        }
    }
}

/// The rules of each kind, in the order in which core gets to them.
const AUTHORIZATION: &[Rule] = &[
    Rule::Ar12,
    Rule::Tr17,
    Rule::Ar13,
    Rule::Ar10,
    Rule::Ar11,
    Rule::Ar1,
    Rule::Ar2,
    Rule::Jm1,
    Rule::Jm2,
    Rule::Jm3,
    Rule::Jm4,
    Rule::Ar3,
    Rule::Ar4,
    Rule::Ar5,
    Rule::Ar14,
    Rule::Ar7,
    Rule::Ar9,
    Rule::Ar8,
];

/// Those of them that every response is held to.
const ALWAYS: &[Rule] = &[Rule::Ar10, Rule::Ar11, Rule::Ar1, Rule::Ar2, Rule::Ar5];

const FRAGMENT: &[Rule] = &[Rule::Tr5, Rule::Tr6, Rule::Tr8, Rule::Tr9, Rule::Tr11];

const TOKEN: &[Rule] = &[
    Rule::Tr4,
    Rule::Tr1,
    Rule::Tr3,
    Rule::Tr19,
    Rule::Tr2,
    Rule::Tr5,
    Rule::Tr6,
    Rule::Tr7,
    Rule::Tr8,
    Rule::Tr9,
    Rule::Tr11,
    Rule::Tr10,
    Rule::Tr12,
    Rule::Tr14,
];

const REFUSAL: &[Rule] = &[Rule::Tr4, Rule::Er1, Rule::Er3, Rule::Er4, Rule::Er6];

/// Every check of a step that has its answer; none for an API's answer, which is the program's to judge, and for one
/// that did not come.
#[must_use]
pub fn checks(step: &Step, setup: &Setup) -> Vec<Check> {
    let Some(outcome) = &step.outcome else { return Vec::new() };
    let reading = &outcome.reading;
    let failed = reading.error.as_ref().and_then(valetkey_core::Error::rule);
    let refused = reading.error.as_ref().is_some_and(|error| error.refused().is_some());
    let mut rules: Vec<Rule> = match (&outcome.came, step.kind) {
        (Came::Nothing(_), _) | (_, Kind::Api) => return Vec::new(),
        (_, Kind::Authorization) => {
            let fragment: &[Rule] = if setup.method == super::Method::Implicit { FRAGMENT } else { &[] };
            [AUTHORIZATION, fragment].concat()
        }
        (_, Kind::Token | Kind::Renewal) if refused => REFUSAL.to_vec(),
        (_, Kind::Token | Kind::Renewal) => TOKEN.to_vec(),
    };
    // Whatever else was checked, or broke, is told too.
    let others = reading.checks.iter().chain(failed).filter(|rule| !rules.contains(rule));
    rules.extend(others.collect::<Vec<_>>());
    if let Some(failed) = failed {
        // Some rules are looked at in two places: the failure comes after everything that was passed.
        rules.retain(|rule| *rule != failed);
        let reached =
            rules.iter().rposition(|rule| reading.checks.contains(*rule)).map_or(0, |last| last + 1);
        rules.insert(reached, failed);
    }
    let mut is_over = false;
    let mut states = Vec::new();
    for rule in rules {
        is_over |= failed == Some(rule);
        let state = if failed == Some(rule) {
            State::Failed
        } else if reading.checks.contains(rule) {
            State::Passed
        } else if reading.quirks.iter().any(|quirk| waives(quirk) == Some(rule)) {
            State::LetThrough
        } else if is_over || (failed.is_some() && ALWAYS.contains(&rule)) {
            State::NotReached
        } else {
            State::NotApplicable
        };
        states.push(Check { rule, state, expected: found(rule, step, setup) });
    }
    states
}

/// The rule that a departure is from.
const fn waives(quirk: Quirk) -> Option<Rule> {
    match quirk {
        Quirk::NoTokenType => Some(Rule::Tr6),
        Quirk::BearerForDpop => Some(Rule::Tr7),
        Quirk::Cacheable => Some(Rule::Tr19),
        Quirk::LifetimeAsText | Quirk::LifetimeAsFraction | Quirk::LifetimeCapped => Some(Rule::Tr9),
        Quirk::ScopeAsArray | Quirk::EmptyScope => Some(Rule::Tr11),
        Quirk::NullMember => Some(Rule::Tr10),
        Quirk::AnySuccessStatus => Some(Rule::Tr1),
        Quirk::AnyContentType => Some(Rule::Tr3),
        Quirk::IssDiscarded => Some(Rule::Ar4),
        _ => None,
    }
}

/// What a rule looks for and what was there, for those about one value.
fn found(rule: Rule, step: &Step, setup: &Setup) -> Option<(String, String)> {
    let pair = |expected: &str, found: Option<&str>| {
        Some((expected.to_owned(), found.map_or("nothing".to_owned(), shortened)))
    };
    match &step.outcome.as_ref()?.came {
        Came::Redirect { url, same_session } => {
            let came = |name: &str| {
                let parameters = url.split_once(['?', '#']).map_or("", |(_, parameters)| parameters);
                form_urlencoded::parse(parameters.as_bytes())
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| value.into_owned())
            };
            let sent = |name: &str| step.request.query().into_iter().find(|(known, _)| known == name);
            match rule {
                Rule::Ar10 => pair(&setup.redirect_uri, url.split(['?', '#']).next()),
                Rule::Ar3 | Rule::Ar4 if !setup.issuer.is_empty() => {
                    pair(&setup.issuer, came("iss").as_deref())
                }
                Rule::Ar5 => pair(&shortened(&sent("state")?.1), came("state").as_deref()),
                Rule::Ar14 => pair(
                    "the session that began",
                    Some(if *same_session { "the session that began" } else { "another session" }),
                ),
                _ => None,
            }
        }
        Came::Answer(answer) => found_in(rule, answer),
        Came::Nothing(_) => None,
    }
}

fn found_in(rule: Rule, answer: &Answer) -> Option<(String, String)> {
    let pair = |expected: &str, found: Option<String>| {
        Some((expected.to_owned(), found.map_or("nothing".to_owned(), |found| shortened(&found))))
    };
    let member = |name: &str| {
        let body: serde_json::Value = serde_json::from_str(&answer.body.text()).ok()?;
        body.get(name).map(ToString::to_string)
    };
    let header = |name: &str| answer.header(name).map(str::to_owned);
    match rule {
        Rule::Tr1 => pair("200", Some(answer.status.to_string())),
        Rule::Tr3 => pair("application/json", header("content-type")),
        Rule::Tr19 => pair("no-store", header("cache-control")),
        Rule::Tr6 => pair("Bearer", member("token_type")),
        Rule::Tr9 => pair("a whole number of seconds", member("expires_in")),
        Rule::Tr11 => pair("scope tokens", member("scope")),
        _ => None,
    }
}

fn shortened(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The sections that a rule comes from, each with its text and where it can be read.
#[must_use]
pub fn links(rule: Rule) -> Vec<(String, Option<String>)> {
    let mut base: Option<String> = None;
    let mut document = String::new();
    let mut found = Vec::new();
    for part in rule.source().split(", ") {
        let section = if let Some((name, section)) = document_of(part) {
            base = address(&name);
            document = name;
            section
        } else {
            part.to_owned()
        };
        let address = base.as_ref().map(|base| format!("{base}{}", anchor(base, &section)));
        found.push((format!("{document} {section}").trim().to_owned(), address));
    }
    found
}

/// `RFC 6749 §5.1` taken apart; `None` for a section that stands alone.
fn document_of(part: &str) -> Option<(String, String)> {
    let alone = part.starts_with('§') || part.starts_with("Appendix") || part.starts_with("A.");
    if alone {
        return None;
    }
    let at = part.find(" §").or_else(|| part.find(" A.")).or_else(|| part.find(" Appendix"));
    let (name, section) = at.and_then(|at| part.split_at_checked(at)).unwrap_or((part, ""));
    Some((name.to_owned(), section.trim().to_owned()))
}

fn address(document: &str) -> Option<String> {
    if let Some(number) = document.strip_prefix("RFC ") {
        return Some(format!("https://www.rfc-editor.org/rfc/rfc{number}"));
    }
    let page = match document {
        "FAPI 2.0 Message Signing" => "fapi-message-signing-2_0-final.html",
        "FAPI 2.0 Security Profile" => "fapi-security-profile-2_0-final.html",
        "FAPI 1.0 Advanced" => "openid-financial-api-part-2-1_0.html",
        "Initiating User Registration" => "openid-connect-prompt-create-1_0.html",
        "JARM" => "oauth-v2-jarm.html",
        "OAuth 2.0 Form Post Response Mode" => "oauth-v2-form-post-response-mode-1_0.html",
        "OAuth 2.0 Multiple Response Type Encoding Practices" => "oauth-v2-multiple-response-types-1_0.html",
        "OpenID Connect Back-Channel Logout" => "openid-connect-backchannel-1_0.html",
        "OpenID Connect Core" => "openid-connect-core-1_0.html",
        "OpenID Connect Discovery" => "openid-connect-discovery-1_0.html",
        "OpenID Connect Front-Channel Logout" => "openid-connect-frontchannel-1_0.html",
        "OpenID Connect RP-Initiated Logout" => "openid-connect-rpinitiated-1_0.html",
        "OpenID Connect Registration" => "openid-connect-registration-1_0.html",
        _ => return None,
    };
    Some(format!("https://openid.net/specs/{page}"))
}

fn anchor(base: &str, section: &str) -> String {
    if !base.contains("rfc-editor") {
        return String::new();
    }
    if let Some(number) = section.strip_prefix('§') {
        format!("#section-{number}")
    } else if let Some(letter) = section.strip_prefix("Appendix ") {
        format!("#appendix-{letter}")
    } else if section.is_empty() {
        String::new()
    } else {
        format!("#appendix-{section}")
    }
}
