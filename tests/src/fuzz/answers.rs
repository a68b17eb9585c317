//! Answers of a token endpoint. Whatever comes, it is read or refused, and what is refused is told in words fit for a
//! log.

use std::time::Duration;

use valetkey_core::error::{Refused, Retry};
use valetkey_core::{
    AuthorizationServer, Error, Flow, Grant, Quirk, Quirks, RefreshToken, Scope, Step, TokenRequest,
    TokenResponse,
};

use super::{answer, json};
use crate::{NOW, SECRET, client};

/// A token response: an answer as it is written in a corpus, or the body of a well-labelled 200.
///
/// Strictness only ever refuses more; what the relaxations let through is among what they are reported to have let
/// through; a refresh never widens what was granted.
pub fn token_response(data: &[u8]) {
    let written = || answer(data, |body| json(200, body));
    let lax = Quirk::ALL.iter().fold(Quirks::STRICT, |quirks, &quirk| quirks.with(quirk));
    let strict = TokenResponse::parse(written(), NOW, &AuthorizationServer::new());
    let relaxed = TokenResponse::parse(written(), NOW, &AuthorizationServer::new().admit_all(lax));
    match (&strict, &relaxed) {
        // A comma is a character of scope tokens: where it separates them, what is in order is read in another way, and that
        // is reported.
        (Ok(strict), Ok(relaxed)) if relaxed.quirks().contains(Quirk::ScopeWithCommas) => {
            assert!(strict.scope().is_some_and(|scope| scope.as_str().contains(',')));
        }
        // So is 0 seconds, which is an end or none.
        (Ok(strict), Ok(relaxed)) if relaxed.quirks().contains(Quirk::ZeroLifetime) => {
            assert_eq!((strict.expires_in(), relaxed.expires_in()), (Some(Duration::ZERO), None));
        }
        (Ok(strict), Ok(relaxed)) => {
            assert!(strict.quirks().iter().all(|quirk| Quirks::STRICT.contains(quirk)));
            assert_eq!(essence(strict), essence(relaxed), "a relaxation changes nothing that is in order");
            assert_eq!(strict.quirks(), relaxed.quirks(), "and what is harmless is reported alike");
        }
        (Err(_), Ok(relaxed)) => assert!(
            relaxed.quirks().iter().any(|quirk| !Quirks::STRICT.contains(quirk)),
            "what only the relaxed rules let through is reported"
        ),
        (Ok(_), Err(error)) => panic!("the relaxed rules refuse more than the strict: {error}"),
        (Err(_), Err(_)) => {}
    }
    [strict, relaxed].iter().flatten().for_each(holds_together);
    refresh(data);
}

/// Everything that is told apart from how it was written.
pub(super) fn essence(tokens: &TokenResponse) -> impl PartialEq + std::fmt::Debug {
    (
        tokens.access_token().expose().to_owned(),
        tokens.token_type(),
        tokens.expires_in(),
        tokens.refresh_token().map(|token| token.expose().to_owned()),
        tokens.scope().cloned(),
        tokens.id_token().map(|token| token.expose().to_owned()),
    )
}

fn holds_together(tokens: &TokenResponse) {
    let token = tokens.access_token().expose();
    assert!(!token.is_empty() && token.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    assert!(tokens.expires_in().is_none_or(|time| time <= Duration::from_secs(10 * 365 * 24 * 60 * 60)));
    assert!(tokens.expires_at().is_none_or(|time| time >= NOW));
    // The members are read once more from the body, by another reader.
    assert_eq!(tokens.member::<String>("access_token").ok().flatten().as_deref(), Some(token));
    let shown = format!("{tokens:?}");
    let elsewhere = tokens.scope().is_some_and(|scope| scope.as_str().contains(token));
    assert!(token.len() < 24 || elsewhere || !shown.contains(token), "Debug shows no token");
}

/// The same answer to a refresh whose scope is limited (TR-14).
fn refresh(data: &[u8]) {
    let Ok(limit) = "profile calendar".parse::<Scope>() else { return };
    let Ok(token) = RefreshToken::new("tGzv3JOkF0XG5Qx2TlKWIA") else { return };
    let grant = Grant::refresh_token(&token).at_most(limit.clone()).unwrap();
    let Ok(mut flow) = TokenRequest::new(&client(), grant) else { return };
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    if let Ok(Step::Done(tokens)) = flow.step(Some(answer(data, |body| json(200, body))), NOW) {
        assert!(tokens.scope().is_some_and(|scope| scope.is_within(&limit)));
    }
    assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))), "it has ended");
}

/// A secret that does not look like one, unlike the client's, so that it can be known by comparing alone.
const PASSPHRASE: &str = "open-sesame";

/// A refusal: an answer as it is written in a corpus, or the body of a 400.
///
/// Whatever is told of it is one bounded line without control characters, and none of the request's secrets is in it,
/// whatever the server echoes.
pub fn error_response(data: &[u8]) {
    let written = || answer(data, |body| json(400, body));
    if let Ok(refused) = Refused::parse(&written(), NOW) {
        is_fit_for_a_log(&refused);
    }
    let Ok(token) = RefreshToken::new(PASSPHRASE) else { return };
    let Ok(mut flow) = TokenRequest::new(&client(), Grant::refresh_token(&token)) else { return };
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    let Err(error) = flow.step(Some(written()), NOW) else { return };
    assert!(!error.to_string().contains(SECRET), "an error tells no secret");
    if let Some(refused) = error.refused() {
        is_fit_for_a_log(refused);
        // An error code is the server's own word, kept as it is: programs compare it.
        let is_a_code = refused.code().is_some_and(|code| code.as_str().contains(PASSPHRASE));
        assert!(is_a_code || !error.to_string().contains(PASSPHRASE), "an error tells no secret");
        assert!(!(error.is_invalid_grant() && error.is_transient()), "a refused grant is not tried again");
    }
}

fn is_fit_for_a_log(refused: &Refused) {
    let told = refused.to_string();
    assert!(told.chars().count() < 1_200);
    assert!(!told.chars().any(char::is_control));
    assert!(refused.uri().is_none_or(|uri| uri.starts_with("http://") || uri.starts_with("https://")));
    if let Retry::Later(Some(time)) = refused.retry() {
        assert!(time <= Duration::from_secs(24 * 60 * 60), "no server makes us wait for longer than a day");
    }
}
