//! What comes by the person's browser, and what else comes where the browser was expected.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use valetkey_core::authorize::ResponseMode;
use valetkey_core::authorize::receiver::{Heard, MAX_CONNECTIONS, Receiver};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Error, Flow, PendingAuthorization, Request, Step,
    TokenRequest,
};

use super::with_state;
use crate::{NOW, client_of, entropy, server};

const REDIRECT_URI: &str = "https://app.example/callback";
const LOOPBACK_URI: &str = "http://127.0.0.1:4711/callback";

/// An authorization response: a URL, or the form of a `form_post`, with `{state}` for the state that was sent.
///
/// Only a response that is in order by an oracle of its own becomes a token request; one that is not proven to be the
/// server's uses nothing up, and tells nothing.
pub fn redirect(data: &[u8]) {
    for must_have_iss in [false, true] {
        for mode in [ResponseMode::Query, ResponseMode::Fragment, ResponseMode::FormPost] {
            respond(data, must_have_iss, mode);
        }
    }
}

fn respond(data: &[u8], must_have_iss: bool, mode: ResponseMode) {
    let client = client_of(if must_have_iss { server().advertises_iss() } else { server() });
    let Ok(request) = AuthorizationRequest::new(&client, REDIRECT_URI) else { return };
    let Ok((_, mut pending)) = request.response_mode(mode).begin_unbound(entropy(1), NOW) else { return };
    let Ok(text) = String::from_utf8(with_state(data, pending.state())) else { return };
    let Some(response) = response(&text, mode) else { return };

    let recognized = pending.recognizes(&response);
    match pending.finish(&client, &response, NOW) {
        Ok(mut flow) => {
            let parameters = parameters(&text, mode);
            is_in_order(&parameters, pending.state(), must_have_iss);
            is_nowhere_else(&text, mode);
            redeems(&mut flow, value(&parameters, "code").unwrap_or_default());
        }
        Err(error) if !pending.is_spent() => {
            assert!(error.refused().is_none(), "a text that is not proven to be the server's is not told");
        }
        Err(_) => {}
    }
    assert!(recognized || !pending.is_spent());
    if pending.is_spent() {
        let again = pending.finish(&client, &response, NOW);
        assert!(matches!(again, Err(Error::Misuse(_))), "it is used up (AR-12)");
    }
}

fn response(text: &str, mode: ResponseMode) -> Option<AuthorizationResponse> {
    if mode != ResponseMode::FormPost {
        return AuthorizationResponse::from_url(text).ok();
    }
    let post = http::Request::post("/callback").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let post: Request = post.body(text.as_bytes().to_vec()).ok()?;
    AuthorizationResponse::from_request(REDIRECT_URI, &post).ok()
}

/// The parameters by a reader that knows nothing of the rules.
fn parameters(text: &str, mode: ResponseMode) -> Vec<(String, String)> {
    let (url, fragment) = text.split_once('#').unwrap_or((text, ""));
    let part = match mode {
        ResponseMode::Query => url.split_once('?').map_or("", |(_, query)| query),
        ResponseMode::Fragment => fragment,
        _ => text,
    };
    form_urlencoded::parse(part.as_bytes()).into_owned().collect()
}

fn value<'p>(parameters: &'p [(String, String)], name: &str) -> Option<&'p str> {
    parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn is_in_order(parameters: &[(String, String)], state: &str, must_have_iss: bool) {
    let mut names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "each parameter once (AR-1)");
    for never in ["error", "access_token", "id_token", "token_type", "response"] {
        assert_eq!(value(parameters, never), None, "AR-2, AR-7, AR-9");
    }
    let issuer = value(parameters, "iss");
    assert!(issuer.is_none_or(|issuer| issuer == "https://as.example"), "AR-3, AR-4");
    assert!(issuer.is_some() || !must_have_iss, "AR-3");
    assert_eq!(value(parameters, "state"), Some(state), "AR-5");
    let code = value(parameters, "code").unwrap_or_default();
    assert!(!code.is_empty() && code.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "AR-8");
}

/// Neither a token (AR-9) nor the response itself (AR-11) is in the part of the URL that was not asked for.
fn is_nowhere_else(text: &str, mode: ResponseMode) {
    let elsewhere = match mode {
        ResponseMode::Query => parameters(text, ResponseMode::Fragment),
        ResponseMode::Fragment => parameters(text, ResponseMode::Query),
        _ => Vec::new(),
    };
    for name in ["access_token", "id_token", "token_type", "code", "state", "error", "iss"] {
        assert_eq!(value(&elsewhere, name), None, "AR-9, AR-11");
    }
}

/// The request carries the code as it came, and the verifier, each once.
pub(super) fn redeems(flow: &mut TokenRequest, code: &str) {
    let Ok(Step::Send(request)) = flow.step(None, NOW) else { panic!("a fresh flow sends") };
    let mut sent: Vec<(String, String)> = form_urlencoded::parse(request.body()).into_owned().collect();
    assert_eq!(value(&sent, "grant_type"), Some("authorization_code"));
    assert_eq!(value(&sent, "code"), Some(code));
    assert_eq!(value(&sent, "redirect_uri"), Some(REDIRECT_URI));
    assert_eq!(value(&sent, "code_verifier").map(str::len), Some(43));
    let count = sent.len();
    sent.sort_unstable();
    sent.dedup_by(|one, other| one.0 == other.0);
    assert_eq!(sent.len(), count, "no parameter is sent twice (AQ-6)");
}

/// Requests to a loopback receiver, one connection each, with form feeds between them and `{state}` for the state that
/// was sent. A line feed alone ends a line, as it does for the receiver.
///
/// Whatever comes is answered and closed, or read on; it is over only after a response with the right state, and no
/// answer has anything of it.
pub fn loopback_request(data: &[u8]) {
    let Some((pending, mut receiver)) = receiver() else { return };
    let data = with_state(data, pending.state());
    for connection in data.split(|byte| *byte == 0x0c).take(16) {
        // A connection brings its bytes by and by; until its head is complete, the receiver only reads on.
        let half = connection.get(..connection.len() / 2).unwrap_or_default();
        if is_answered(receiver.hear(half, NOW), pending.state()) {
            continue;
        }
        is_answered(receiver.hear(connection, NOW), pending.state());
    }
    // However many come, one at most is one too many, and it is one of those that are there.
    let crowd = data.split(|byte| *byte == 0x0c).cycle().take(MAX_CONNECTIONS + 1);
    assert!(receiver.one_too_many(crowd.clone()).is_some_and(|index| index < crowd.count()));

    let state = pending.state().as_bytes();
    let has_state = data.windows(state.len()).any(|window| window == state);
    let is_over = receiver.wait(NOW).is_none();
    let outcome = receiver.finish();
    assert!(has_state || outcome.is_err());
    assert!(!is_over || outcome.is_ok(), "it is over only with a response");
    if let Ok(response) = outcome {
        assert!(pending.recognizes(&response));
    }
}

fn receiver() -> Option<(PendingAuthorization, Receiver)> {
    let request = AuthorizationRequest::new(&client_of(server()), LOOPBACK_URI).ok()?;
    let (_, pending) = request.begin_unbound(entropy(1), NOW).ok()?;
    let receiver = Receiver::new(&pending, NOW.after(Duration::from_secs(60))).ok()?;
    Some((pending, receiver))
}

/// Whether the connection was answered and is closed.
fn is_answered(heard: Heard, state: &str) -> bool {
    let Heard::Answer(bytes) = heard else { return false };
    let Ok(answer) = String::from_utf8(bytes) else { panic!("an answer is text") };
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { panic!("an answer has a head") };
    assert!(head.starts_with("HTTP/1.1 ") && head.contains("\r\nConnection: close"));
    assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())));
    assert!(!answer.contains(state), "nothing of the response is on the page (LB-3)");
    true
}
