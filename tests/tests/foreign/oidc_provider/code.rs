//! A person's authorization: what goes through the browser, and past it.

use valetkey_blocking::{entropy, now};
use valetkey_core::authorize::Prompt;
use valetkey_core::{AuthorizationRequest, AuthorizationResponse, Rule};

use super::{CALLBACK, Visit, scope};
use crate::adapter::{Adapter, rows};
use crate::browser::Browser;
use crate::refusal;

rows! { denied, login_required, plain, public }

/// AQ-2, AR-3, AR-5: the code flow with PKCE, a server that announces `iss`, a client with a secret.
fn plain(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap().scope(scope("openid")).unwrap();
    let (url, mut pending) = request.begin_unbound(entropy().unwrap(), now()).unwrap();
    let back = Browser::new().visit(url.as_str(), CALLBACK).unwrap();
    let response = AuthorizationResponse::from_url(&back).unwrap();
    let tokens = adapter.run(pending.finish(&client, &response, now()).unwrap()).unwrap();
    for rule in [Rule::Ar3, Rule::Ar5] {
        assert!(pending.checks().contains(rule), "{rule}");
    }
    assert!(tokens.quirks().is_empty(), "{:?}", tokens.quirks());
    assert_eq!(tokens.scope(), Some(&scope("openid")));
    assert!(tokens.id_token().is_some());
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
}

/// RFC 8252 §7.3: a public client on a loopback port of this moment, with a refresh token.
fn public(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.client("native");
    let offline = |request: AuthorizationRequest| {
        request.scope(scope("openid offline_access")).unwrap().prompt([Prompt::Consent]).unwrap()
    };
    let tokens = visit.authorize_at(&client, "http://127.0.0.1:49152/callback", offline).unwrap();
    assert!(tokens.refresh_token().is_some());
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
}

/// AR-7: a person who says no.
fn denied(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap().scope(scope("openid")).unwrap();
    let (url, mut pending) = request.begin_unbound(entropy().unwrap(), now()).unwrap();
    let back = Browser::refusing().visit(url.as_str(), CALLBACK).unwrap();
    let response = AuthorizationResponse::from_url(&back).unwrap();
    let error = pending.finish(&client, &response, now()).unwrap_err();
    assert!(error.is_access_denied(), "{error}");
    assert!(pending.checks().contains(Rule::Ar3), "iss is checked before an error is believed");
}

/// AR-7: a server that would have to ask somebody who is not to be asked says so, with `iss` and `state`.
fn login_required(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let silent = |request: AuthorizationRequest| {
        request.scope(scope("openid")).unwrap().prompt([Prompt::None]).unwrap()
    };
    let error = visit.authorize(&visit.basic("basic"), silent).unwrap_err();
    assert_eq!(refusal(&error), (0, "login_required"));
}
