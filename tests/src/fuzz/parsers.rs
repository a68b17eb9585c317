//! One target for each parser. Whatever comes, it is read or refused, and what is read survives the round trip.

use http::HeaderMap;
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use valetkey_core::receiver::Receiver;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Challenge, PendingAuthorization, Quirk, Quirks, Refused,
    Response, Session, SessionRecord, TokenResponse,
};

use crate::{NOW, client, entropy};

fn answer(status: u16, body: &[u8]) -> Response {
    let mut response = crate::json(status, "");
    *response.body_mut() = body.to_vec();
    response
}

/// A token response, under the strict rules and under every relaxation: strictness only ever refuses more, and what was
/// let through is among what was admitted.
pub fn token_response(data: &[u8]) {
    let lax = Quirk::ALL.iter().fold(Quirks::STRICT, |quirks, &quirk| quirks.with(quirk));
    let strict = TokenResponse::parse(answer(200, data), NOW, Quirks::STRICT);
    let relaxed = TokenResponse::parse(answer(200, data), NOW, lax);
    if let Ok(tokens) = &strict {
        assert!(tokens.quirks().iter().all(|quirk| Quirks::STRICT.contains(quirk)));
        assert!(tokens.expires_at().is_none_or(|time| time >= NOW));
        assert_eq!(relaxed.as_ref().ok().map(TokenResponse::access_token), Some(tokens.access_token()));
        assert!(
            tokens.member::<&str>("access_token").is_ok() || tokens.member::<String>("access_token").is_ok()
        );
    }
}

/// An answer that is not a success. Whatever is told of it is one bounded line without control characters.
pub fn error_response(data: &[u8]) {
    let (status, body) = match data.split_first() {
        Some((byte, body)) => (300 + u16::from(*byte), body),
        None => (400, data),
    };
    if let Ok(refused) = Refused::parse(&answer(status, body), NOW) {
        let told = refused.to_string();
        assert!(told.chars().count() < 1_200);
        assert!(!told.chars().any(char::is_control));
        assert!(refused.uri().is_none_or(|uri| uri.starts_with("http")));
    }
}

/// A redirect. Only the state that was sent makes a token request of it.
pub fn redirect(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(request) = AuthorizationRequest::new(&client(), "https://app.example/callback") else { return };
    let Ok((_, mut pending)) = request.begin(&entropy(1), NOW) else { return };
    let Ok(response) = AuthorizationResponse::from_url(text) else { return };
    let recognized = pending.recognizes(&response);
    let outcome = pending.finish(&client(), &response, NOW);
    assert!(outcome.is_err() || text.contains(pending.state()));
    assert!(recognized || !pending.is_spent());
}

/// Challenges. What is read is written so that it is read again, the same.
pub fn challenge(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(WWW_AUTHENTICATE, value);
        }
    }
    let Ok(challenges) = Challenge::parse(&headers) else { return };
    let mut again = HeaderMap::new();
    for challenge in &challenges {
        let Ok(value) = HeaderValue::from_str(&challenge.to_string()) else { return };
        again.append(WWW_AUTHENTICATE, value);
    }
    // Quoting every value may take the headers beyond their limit.
    if let Ok(read) = Challenge::parse(&again) {
        assert_eq!(read, challenges);
    } else {
        assert!(again.values().map(HeaderValue::len).sum::<usize>() > 16 * 1024);
    }
}

/// State that was stored. What is taken up is written the same.
pub fn persisted_state(data: &[u8]) {
    if let Ok(pending) = serde_json::from_slice::<PendingAuthorization>(data) {
        let Ok(written) = serde_json::to_vec(&pending) else { unreachable!("it serializes") };
        assert!(serde_json::from_slice::<PendingAuthorization>(&written).is_ok());
    }
    if let Ok(record) = serde_json::from_slice::<SessionRecord>(data)
        && let Ok(session) = Session::restore(&client(), record)
    {
        assert!(session.record().is_some());
    }
}

/// A request to a loopback receiver. It is over only after a response with the right state.
pub fn loopback_request(data: &[u8]) {
    let Ok(request) = AuthorizationRequest::new(&client(), "http://127.0.0.1:4711/callback") else { return };
    let Ok((_, pending)) = request.begin(&entropy(1), NOW) else { return };
    let Ok(mut receiver) = Receiver::new(&pending, NOW.after(std::time::Duration::from_secs(60))) else {
        return;
    };
    for part in [data.get(..data.len() / 2).unwrap_or_default(), data, data] {
        let _ = receiver.hear(part, NOW);
    }
    let state = pending.state().as_bytes();
    let has_state = data.windows(state.len()).any(|window| window == state);
    assert!(has_state || receiver.finish().is_err());
}
