//! The FAPI 2.0 Security Profile: pushed requests, signing or certified clients, bound tokens, and nothing less.

use std::sync::OnceLock;

use valetkey_core::authorize::Prompt;
use valetkey_core::jose::Algorithm;
use valetkey_core::server::Endpoint;
use valetkey_core::{AuthorizationRequest, Session};

use super::{Visit, dpop_key, identity, scope};
use crate::adapter::{Adapter, rows};
use crate::refusal;
use crate::rig::Rig;

rows! { fapi2_dpop, fapi2_less_is_refused, fapi2_mtls }

fn profile<A: Adapter>(adapter: &A) -> Visit<'_, A> {
    static RUNNING: OnceLock<Rig> = OnceLock::new();
    Visit::of_oidc_provider(adapter, Rig::once(&RUNNING, "oidc-provider", "fapi2"))
}

fn offline(request: AuthorizationRequest) -> AuthorizationRequest {
    request.scope(scope("openid offline_access")).unwrap().prompt([Prompt::Consent]).unwrap()
}

/// `private_key_jwt`, PAR and DPoP, who logged in, and a renewal.
fn fapi2_dpop(adapter: &impl Adapter) {
    let visit = profile(adapter);
    for algorithm in [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa] {
        let client = visit.signing(algorithm).dpop(dpop_key()).unwrap();
        let client = client.id_token_algorithm(algorithm).unwrap();
        let tokens = visit.authorize_pushed(&client, offline).unwrap();
        assert_eq!(identity(&tokens).subject(), "alice");
        assert_eq!(visit.told_of(&client, &tokens).unwrap().identity(), identity(&tokens));
        assert_eq!(visit.userinfo(&client, &tokens), "alice");
        let token = tokens.refresh_token().unwrap().clone();
        assert_eq!(visit.person(Session::from_refresh_token(&client, token)), "alice");
    }
}

/// A certificate in the place of both keys.
fn fapi2_mtls(adapter: &impl Adapter) {
    let visit = profile(adapter);
    let agent = visit.certified("client");
    let visit = visit.through(&agent);
    let me = visit.server.mtls_url_of(Endpoint::Userinfo).unwrap();
    let client = visit.client("certified").tls_client_auth().unwrap().api(&me).unwrap();
    let tokens = visit.authorize_pushed(&client, offline).unwrap();
    assert_eq!(visit.adapter.get(Session::from_tokens(&client, &tokens), &me).unwrap()["sub"], "alice");
}

/// A request in the browser, a token that is not bound.
fn fapi2_less_is_refused(adapter: &impl Adapter) {
    let visit = profile(adapter);
    // AQ-14: the server says that it takes pushed requests only, so no other is even begun.
    let client = visit.signing(Algorithm::Es256);
    assert!(visit.authorize(&client, offline).unwrap_err().rule().is_some_and(|rule| rule.id() == "AQ-14"));
    let unbound = visit.authorize_pushed(&client, offline).unwrap_err();
    assert_eq!(refusal(&unbound), (400, "invalid_grant"));
}
