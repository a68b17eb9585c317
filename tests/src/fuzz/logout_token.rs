//! What logout tokens claim, and how they come.

use std::sync::LazyLock;

use serde_json::Value;
use valetkey_core::jose::{Algorithm, RustCrypto, VerificationKeys};
use valetkey_core::logout::{BackChannel, LogoutNotice};
use valetkey_core::{Error, Flow, Step};

use super::by_secret;
use crate::jose::verification_keys;
use crate::{NOW, client_of, server};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

static KEYS: LazyLock<VerificationKeys> = LazyLock::new(|| verification_keys(&RustCrypto, Algorithm::Hs256));

/// The claims of a logout token, which are signed here with the secret that was agreed on. After a line `form` they are not claims
/// but the form that is posted, and `{token}` in it stands for a good token.
///
/// Only claims that are in order by an oracle of its own are heard, and what is decided is what they say. A form is heard
/// only with the good token in it, once.
///
/// # Panics
///
/// If it is otherwise.
pub fn logout_token(data: &[u8]) {
    let receiver = BackChannel::new(&client_of(server().keys(KEYS.clone()))).expect("keys that are known");
    if let Some(form) = data.strip_prefix(b"form\n") {
        return posted(&receiver, form);
    }
    let Some(jwt) = by_secret(br#"{"alg":"HS256","typ":"logout+jwt"}"#, data) else { return };
    let Ok(notice) = receiver.verify(&jwt).and_then(heard) else { return };
    let claims: Value = serde_json::from_slice(data).unwrap_or_default();
    is_in_order(&claims, &notice);
    let required = receiver.session_required();
    assert_eq!(required.verify(&jwt).and_then(heard).is_ok(), notice.session_id().is_some(), "LO-12");
}

fn posted(receiver: &BackChannel, form: &[u8]) {
    let now = NOW.as_secs();
    let claims = format!(
        r#"{{"iss":"https://as.example","aud":"s6BhdRkqt3","iat":{now},"exp":{},"jti":"bWJq","sub":"1","events":{{"{EVENT}":{{}}}}}}"#,
        now + 60
    );
    let token = by_secret(br#"{"alg":"HS256"}"#, claims.as_bytes()).expect("it is signed");
    let body = super::filled(form, b"{token}", &token);
    let request = http::Request::post("/logout")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.clone())
        .expect("a request");
    if receiver.receive(&request).and_then(heard).is_ok() {
        let mut tokens = form_urlencoded::parse(&body).filter(|(name, _)| name == "logout_token");
        assert_eq!(tokens.next().map(|(_, value)| value.into_owned()), Some(token), "LO-8");
        assert!(tokens.next().is_none(), "LO-8");
    }
}

fn heard(mut flow: impl Flow<Output = LogoutNotice>) -> Result<LogoutNotice, Error> {
    match flow.step(None, NOW)? {
        Step::Done(notice) => Ok(notice),
        _ => panic!("keys that are known are not fetched"),
    }
}

fn is_in_order(claims: &Value, notice: &LogoutNotice) {
    assert_eq!(claims["iss"], notice.issuer(), "ID-9");
    assert_eq!(claims["iss"], "https://as.example", "ID-9");
    let is_us = |audience: &Value| audience == "s6BhdRkqt3";
    let only_us = claims["aud"].as_array().is_some_and(|all| !all.is_empty() && all.iter().all(is_us));
    assert!(is_us(&claims["aud"]) || only_us, "ID-10");
    assert!(claims["events"][EVENT].is_object(), "LO-11");
    assert!(claims.get("nonce").is_none(), "LO-13");
    assert_eq!(claims["jti"], notice.token_id(), "LO-10");
    for (name, told) in [("sub", notice.subject()), ("sid", notice.session_id())] {
        assert_eq!(claims.get(name).and_then(Value::as_str), told, "{name}");
    }
    assert!(notice.subject().is_some() || notice.session_id().is_some(), "LO-12");
    #[expect(clippy::cast_precision_loss, reason = "it is far below 2^53")]
    let now = NOW.as_secs() as f64;
    assert!(claims["exp"].as_f64().is_some_and(|end| end > now - 61.0), "ID-12");
    assert!(
        claims["iat"].as_f64().is_some_and(|issued| issued < now + 61.0 && issued > now - 661.0),
        "LO-10"
    );
    let until = notice.used(NOW).1.lifetime().expect("it ends").until();
    assert!(until > NOW && until.as_secs() < NOW.as_secs() + 900, "LO-14");
    let shown = format!("{notice:?}");
    assert!(notice.subject().is_none_or(|subject| subject.len() < 8 || !shown.contains(subject)));
}
