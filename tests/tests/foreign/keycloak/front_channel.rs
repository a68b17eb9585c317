//! What goes through the browser, and what is kept from it: refused, pushed, signed and signed-back.

use valetkey_blocking::{entropy, now};
use valetkey_core::authorize::{Prompt, ResponseMode};
use valetkey_core::jose::Algorithm;
use valetkey_core::{AuthorizationRequest, AuthorizationResponse, Quirk, Rule};

use super::{openid, visit};
use crate::adapter::{Adapter, rows};
use crate::browser::Browser;
use crate::refusal;
use crate::visit::CALLBACK;

rows! { denied, jar, jarm, jarm_iss_twice, jarm_refused, login_required, par, par_refused }

/// AR-7: a person who says no.
fn denied(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("asks");
    let asking = |request| openid(request).prompt([Prompt::Consent]).unwrap();
    assert_eq!(visit.userinfo(&client, &visit.authorize(&client, asking).unwrap()), "alice");
    let request = asking(AuthorizationRequest::new(&client, CALLBACK).unwrap());
    let (url, mut pending) = request.begin_unbound(entropy().unwrap(), now()).unwrap();
    let back = Browser::refusing().visit(url.as_str(), CALLBACK).unwrap();
    let response = AuthorizationResponse::from_url(&back).unwrap();
    let error = pending.finish(&client, &response, now()).unwrap_err();
    assert!(error.is_access_denied(), "{error}");
    assert!(pending.checks().contains(Rule::Ar3), "iss is checked before an error is believed");
}

/// AR-7: a server that would have to ask somebody who is not to be asked says so, with `iss` and `state`.
fn login_required(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let silent = |request| openid(request).prompt([Prompt::None]).unwrap();
    let error = visit.authorize(&visit.basic("basic"), silent).unwrap_err();
    assert_eq!(refusal(&error), (0, "login_required"));
}

/// RFC 9126: a client that must push.
fn par(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("par");
    let tokens = visit.authorize_pushed(&client, openid).unwrap();
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
    // Not pushed, its request is refused.
    let error = visit.authorize(&client, openid).unwrap_err();
    assert_eq!(refusal(&error).1, "invalid_request");
}

/// PA-1: what the server does not like is refused before any person has seen it.
fn par_refused(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let request = AuthorizationRequest::new(&visit.basic("par"), "https://client.example/elsewhere").unwrap();
    let error = adapter.run(request.push_unbound(entropy().unwrap(), now()).unwrap()).unwrap_err();
    assert_eq!(refusal(&error), (400, "invalid_request"));
}

/// AQ-12: a client that must sign its request, in the URL and pushed.
fn jar(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let key = visit.key(Algorithm::Es256);
    let client = visit.client("jar").assertion(key.clone(), entropy().unwrap()).unwrap();
    let signed = |request| openid(request).signed(key.clone()).unwrap();
    assert_eq!(visit.userinfo(&client, &visit.authorize(&client, signed).unwrap()), "alice");
    assert_eq!(visit.userinfo(&client, &visit.authorize_pushed(&client, signed).unwrap()), "alice");
}

/// JM-1 to JM-4: a response that the realm signs, with a key that is fetched for it.
fn jarm(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("jarm");
    for mode in [ResponseMode::Jwt, ResponseMode::QueryJwt, ResponseMode::FragmentJwt] {
        let tokens = visit
            .authorize(&client, |request| openid(request).response_mode(mode))
            .unwrap_or_else(|error| panic!("{}: {error}", mode.name()));
        assert_eq!(visit.userinfo(&client, &tokens), "alice");
    }
}

/// TR-2: the claims of a JWT are unique (RFC 7519 §4). This server's are not, unless its client is registered so that they are:
/// refused by an error that names the quirk, and taken with it.
fn jarm_iss_twice(adapter: &impl Adapter) {
    let signed = |request| openid(request).response_mode(ResponseMode::Jwt);
    let mut visit = visit(adapter);
    let error = visit.authorize(&visit.basic("jarm-iss-twice"), signed).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Tr2), Some(Quirk::RepeatedClaim)), "{error}");
    visit.server = visit.server.admit(Quirk::RepeatedClaim);
    let client = visit.basic("jarm-iss-twice");
    assert_eq!(visit.userinfo(&client, &visit.authorize(&client, signed).unwrap()), "alice");
}

/// JM-1: a refusal is signed too.
fn jarm_refused(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("jarm");
    let silent = |request: AuthorizationRequest| {
        openid(request).prompt([Prompt::None]).unwrap().response_mode(ResponseMode::Jwt)
    };
    let error = visit.authorize(&client, silent).unwrap_err();
    assert_eq!(refusal(&error), (0, "login_required"));
}
