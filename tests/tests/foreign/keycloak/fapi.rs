//! Clients that the realm's policies hold to the profiles of FAPI 2.0 that are in the server, with bound tokens.

use valetkey_blocking::{entropy, now};
use valetkey_core::authorize::ResponseMode;
use valetkey_core::jose::Algorithm;
use valetkey_core::{AuthorizationRequest, Client, Session, TokenResponse};

use super::{openid, visit};
use crate::adapter::{Adapter, rows};
use crate::browser::Browser;
use crate::refusal;
use crate::visit::{CALLBACK, Visit, dpop_key, identity};

rows! { fapi2_less_is_refused, fapi2_message_signing, fapi2_security_profile }

fn client<A: Adapter>(visit: &Visit<'_, A>, id: &str) -> Client {
    let key = visit.key(Algorithm::Es256);
    let client = visit.client(id).assertion(key, entropy().unwrap()).unwrap();
    client.dpop(dpop_key()).unwrap().id_token_algorithm(Algorithm::Es256).unwrap()
}

/// Who logged in, what the server says of them, and a renewal.
fn is_alices<A: Adapter>(visit: &Visit<'_, A>, client: &Client, tokens: &TokenResponse) {
    assert_eq!(identity(tokens).subject(), "alice");
    assert!(tokens.quirks().is_empty(), "{:?}", tokens.quirks());
    assert_eq!(visit.told_of(client, tokens).unwrap().identity(), identity(tokens));
    let refresh_token = tokens.refresh_token().unwrap().clone();
    assert_eq!(visit.person(Session::from_refresh_token(client, refresh_token)), "alice");
}

/// `private_key_jwt`, PAR, DPoP.
fn fapi2_security_profile(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = client(&visit, "fapi2");
    let tokens = visit.authorize_pushed(&client, openid).unwrap();
    is_alices(&visit, &client, &tokens);
}

/// Beside them the request is signed, and the response.
fn fapi2_message_signing(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = client(&visit, "fapi2-signed");
    let key = visit.key(Algorithm::Es256);
    let signed = |request: AuthorizationRequest| {
        openid(request).signed(key.clone()).unwrap().response_mode(ResponseMode::Jwt)
    };
    let tokens = visit.authorize_pushed(&client, signed).unwrap();
    is_alices(&visit, &client, &tokens);
}

/// No proof, no signature, no push: the first is refused by what the client is registered for, the others by the policies.
fn fapi2_less_is_refused(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let key = visit.key(Algorithm::Es256);
    let unbound = visit.client("fapi2").assertion(key, entropy().unwrap()).unwrap();
    let error = visit.authorize_pushed(&unbound, openid).unwrap_err();
    assert!(["invalid_request", "invalid_dpop_proof"].contains(&refusal(&error).1), "{error}");
    let error = visit.authorize_pushed(&client(&visit, "fapi2-signed"), openid).unwrap_err();
    assert_eq!(refusal(&error).1, "invalid_request");
    let request = openid(AuthorizationRequest::new(&client(&visit, "fapi2"), CALLBACK).unwrap());
    let (url, _) = request.begin_unbound(entropy().unwrap(), now()).unwrap();
    assert_eq!(Browser::new().status_of(url.as_str()), 400);
}
