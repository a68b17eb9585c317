//! Who logged in, by the code flow and by what comes through the browser (OpenID Connect Core §3), in each way that a response
//! can come.

use valetkey_core::authorize::{Prompt, ResponseMode, ResponseType};
use valetkey_core::jose::Algorithm;
use valetkey_core::session::Session;
use valetkey_core::{AuthorizationRequest, Client, Resource, Rule, TokenResponse};
use valetkey_tests::get;

use super::{Visit, identity, of_somebody_else, scope};
use crate::adapter::{Adapter, rows};

rows! {
    code_form_post, code_fragment, code_query, fapi1_hybrid, hybrid_form_post, hybrid_fragment, id_token_form_post,
    id_token_fragment, renewal, renewal_of_another_login,
}

fn openid(request: AuthorizationRequest) -> AuthorizationRequest {
    request.scope(scope("openid email")).unwrap()
}

/// A login is Alice's, and every check of its ID token was made.
fn is_alices<A: Adapter>(visit: &Visit<'_, A>, client: &Client, tokens: &TokenResponse) {
    let login = tokens.login().unwrap();
    assert_eq!(login.identity().issuer(), visit.rig.text("/issuer"));
    assert_eq!(login.identity().subject(), "alice");
    assert_eq!(login.audience(), [client.id()]);
    for rule in [Rule::Id8, Rule::Id9, Rule::Id10, Rule::Id12, Rule::Id15] {
        assert!(login.checks().contains(rule), "{rule}");
    }
    assert!(login.quirks().is_empty() && tokens.quirks().is_empty(), "{:?}", tokens.quirks());
    let told = visit.told_of(client, tokens).unwrap();
    assert_eq!(told.standard_claims().email(), Some("alice@client.example"));
}

fn code(adapter: &impl Adapter, mode: ResponseMode) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let tokens = visit.authorize(&client, |request| openid(request).response_mode(mode)).unwrap();
    is_alices(&visit, &client, &tokens);
}

fn code_query(adapter: &impl Adapter) {
    code(adapter, ResponseMode::Query);
}

fn code_fragment(adapter: &impl Adapter) {
    code(adapter, ResponseMode::Fragment);
}

fn code_form_post(adapter: &impl Adapter) {
    code(adapter, ResponseMode::FormPost);
}

/// AR-17, AR-18, ID-20: two ID tokens of one login, of which the first vouches for the code.
fn hybrid(adapter: &impl Adapter, mode: ResponseMode) {
    let visit = Visit::new(adapter);
    let client = visit.basic("hybrid");
    let tokens = visit
        .authorize(&client, |request| {
            openid(request).response_type(ResponseType::CodeIdToken).response_mode(mode)
        })
        .unwrap();
    is_alices(&visit, &client, &tokens);
    assert!(tokens.login().unwrap().checks().contains(Rule::Id20));
}

fn hybrid_fragment(adapter: &impl Adapter) {
    hybrid(adapter, ResponseMode::Fragment);
}

fn hybrid_form_post(adapter: &impl Adapter) {
    hybrid(adapter, ResponseMode::FormPost);
}

/// AR-17: who logged in, and neither a code nor a token. Here the claims of a scope are in the ID token.
fn id_token(adapter: &impl Adapter, mode: ResponseMode) {
    let visit = Visit::new(adapter);
    let client = visit.client("hybrid");
    let login = visit.log_in_by_browser(&client, |request| openid(request).response_mode(mode)).unwrap();
    assert_eq!(login.identity().subject(), "alice");
    assert_eq!(login.standard_claims().email(), Some("alice@client.example"));
    assert!(login.checks().contains(Rule::Id15));
}

fn id_token_fragment(adapter: &impl Adapter) {
    id_token(adapter, ResponseMode::Fragment);
}

fn id_token_form_post(adapter: &impl Adapter) {
    id_token(adapter, ResponseMode::FormPost);
}

/// ID-41: FAPI 1.0 Advanced: a signed request, and an ID token that is a signature under `state` too.
fn fapi1_hybrid(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let key = visit.key(Algorithm::Es256);
    let client = visit.client("fapi1").assertion(key.clone(), valetkey_blocking::entropy().unwrap()).unwrap();
    let client = client.id_token_algorithm(Algorithm::Es256).unwrap();
    let tokens = visit
        .authorize(&client, |request| {
            let request = openid(request).response_type(ResponseType::CodeIdToken).require_s_hash();
            request.signed(key).unwrap()
        })
        .unwrap();
    is_alices(&visit, &client, &tokens);
    assert!(tokens.login().unwrap().checks().contains(Rule::Id41));
}

/// Tokens for an API that can cease to take them, with a refresh token.
fn offline<A: Adapter>(visit: &Visit<'_, A>, client: &Client) -> TokenResponse {
    let resource = Resource::new(visit.url_of("jwt")).unwrap();
    let ask = |request: AuthorizationRequest| {
        let request = request.scope(scope("openid offline_access api:read")).unwrap();
        request.prompt([Prompt::Consent]).unwrap().resource(&resource).unwrap()
    };
    visit.authorize(client, ask).unwrap()
}

/// Has the API cease to take the token that a session has.
fn refused<A: Adapter>(visit: &Visit<'_, A>, api: &A::Api) {
    let delete = http::Request::delete(visit.url_of("jwt")).body(Vec::new()).unwrap();
    assert_eq!(visit.adapter.send(api, delete).unwrap().status(), 200);
}

/// ID-22: the ID token of a renewal is compared with the login, and the session's person is asked about with the new token.
fn renewal<A: Adapter>(adapter: &A) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let tokens = offline(&visit, &client);
    let api = adapter.api(Session::from_tokens(&client, &tokens));
    refused(&visit, &api);
    adapter.get_again(&api, &visit.url_of("jwt")).unwrap();
    A::session(&api, |session| {
        assert_ne!(session.credential().unwrap().access_token(), tokens.access_token());
        assert_eq!(session.identity(), Some(identity(&tokens)));
    });
}

/// ID-53: a renewal that brings the ID token of another person ends the session.
fn renewal_of_another_login<A: Adapter>(adapter: &A) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let api = adapter.api(of_somebody_else(&client, &offline(&visit, &client)));
    refused(&visit, &api);
    let error = adapter.send(&api, get(&visit.url_of("jwt"))).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Id22), "{error}");
    assert!(error.is_authorization_required(), "{error}");
}
