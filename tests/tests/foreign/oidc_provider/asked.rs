//! What a login can be asked for: when and how the person logged in, who they are, and that nobody is asked anything
//! (OpenID Connect Core §3.1.2.1, §5.5).

use std::time::Duration;

use serde_json::json;
use valetkey_core::authorize::Prompt;
use valetkey_core::{AuthorizationRequest, Rule};

use super::{Visit, identity, scope};
use crate::adapter::{Adapter, rows};
use crate::browser::Browser;
use crate::refusal;

rows! {
    acr_essential, acr_welcome, another_person, claims, consent_required, id_token_hint, login_hint, max_age, prompt_login,
    silent,
}

/// How the server says that Alice showed who she is.
const BY_PASSWORD: &str = "urn:example:password";
const BY_KEY: &str = "urn:example:key";

fn openid(request: AuthorizationRequest) -> AuthorizationRequest {
    request.scope(scope("openid")).unwrap()
}

fn silently(request: AuthorizationRequest) -> AuthorizationRequest {
    openid(request).prompt([Prompt::None]).unwrap()
}

/// ID-16: a way of logging in that is essential is had, or the login fails.
fn acr_essential(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let mut browser = Browser::new();
    let tokens = visit.authorize_in(&mut browser, &client, openid).unwrap();
    assert_eq!(tokens.login().unwrap().acr(), None, "nobody asked");
    let claims = json!({ "id_token": { "acr": { "essential": true, "value": BY_KEY }, "amr": null } });
    let strong = |request| openid(request).claims(&claims).unwrap();
    // Alice is known by her password, and shows her key now.
    let tokens = visit.authorize_in(&mut browser, &client, strong).unwrap();
    let login = tokens.login().unwrap();
    assert_eq!(login.acr(), Some(BY_KEY));
    assert_eq!(login.amr(), ["pwd", "hwk"]);
    assert!(login.checks().contains(Rule::Id16));
    // By then she need not be asked.
    let silent = |request: AuthorizationRequest| strong(request).prompt([Prompt::None]).unwrap();
    assert_eq!(
        visit.authorize_in(&mut browser, &client, silent).unwrap().login().unwrap().acr(),
        Some(BY_KEY)
    );
}

/// AQ-11: one that is only welcome is told if it was not had.
fn acr_welcome(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let ask = |request| openid(request).acr_values(["urn:example:retina", BY_PASSWORD]).unwrap();
    let tokens = visit.authorize(&visit.basic("basic"), ask).unwrap();
    assert_eq!(tokens.login().unwrap().acr(), Some(BY_PASSWORD));
}

/// AQ-22, UI-9: claims one by one, each where it was asked for, without the scopes that have them.
fn claims(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let claims = json!({
        "id_token": { "email": { "essential": true }, "auth_time": { "essential": true } },
        "userinfo": { "name": null },
    });
    let tokens = visit.authorize(&client, |request| openid(request).claims(&claims).unwrap()).unwrap();
    let login = tokens.login().unwrap();
    assert_eq!(login.standard_claims().email(), Some("alice@client.example"));
    assert_eq!(login.standard_claims().name(), None);
    assert!(login.auth_time().is_some());
    let told = visit.told_of(&client, &tokens).unwrap();
    assert_eq!(told.standard_claims().name(), Some("Alice Liddell"));
    assert_eq!(told.standard_claims().email(), None);
}

/// AQ-24: somebody else than the one who is logged in is asked for by name, and comes.
fn another_person(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let mut browser = Browser::new();
    let carol = json!({ "id_token": { "sub": { "value": "carol" } } });
    let ask = |request| openid(request).claims(&carol).unwrap();
    let tokens = visit
        .authorize_in(&mut browser, &client, |request| ask(request).login_hint("carol").unwrap())
        .unwrap();
    assert_eq!(identity(&tokens).subject(), "carol");
    let bob = json!({ "id_token": { "sub": { "value": "bob" } } });
    let silent = |request| silently(request).claims(&bob).unwrap();
    let error = visit.authorize_in(&mut browser, &client, silent).unwrap_err();
    assert!(error.needs_person() && error.refused().unwrap().is_login_required(), "{error}");
}

/// AQ-20: the one who is to be logged in is told by an ID token, and nobody else will do.
fn id_token_hint(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let (mut alices, mut bobs) = (Browser::new(), Browser::new());
    let tokens = visit.authorize_in(&mut alices, &client, openid).unwrap();
    let bob = |request| openid(request).login_hint("bob").unwrap();
    assert_eq!(identity(&visit.authorize_in(&mut bobs, &client, bob).unwrap()).subject(), "bob");
    let hint = |request| silently(request).id_token_hint(tokens.id_token().unwrap()).unwrap();
    let again = visit.authorize_in(&mut alices, &client, hint).unwrap();
    assert_eq!(identity(&again), identity(&tokens));
    let error = visit.authorize_in(&mut bobs, &client, hint).unwrap_err();
    assert_eq!(refusal(&error), (0, "login_required"));
    assert!(error.needs_person());
}

/// AQ-21: the page has the name already.
fn login_hint(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let ask = |request| openid(request).login_hint("carol+work@client.example").unwrap();
    let tokens = visit.authorize(&visit.basic("basic"), ask).unwrap();
    assert_eq!(identity(&tokens).subject(), "carol+work@client.example");
}

/// ID-17: the time of the login comes where an age was asked for, and nowhere else.
fn max_age(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let mut browser = Browser::new();
    let tokens = visit.authorize_in(&mut browser, &client, openid).unwrap();
    assert_eq!(tokens.login().unwrap().auth_time(), None);
    let ask = |request| silently(request).max_age(Duration::from_secs(600));
    let tokens = visit.authorize_in(&mut browser, &client, ask).unwrap();
    let login = tokens.login().unwrap();
    assert!(login.auth_time().unwrap() <= login.issued_at());
    assert!(login.checks().contains(Rule::Id17));
}

/// AQ-19: somebody who is logged in logs in again.
fn prompt_login(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let mut browser = Browser::new();
    let ask = |request| openid(request).prompt([Prompt::Login]).unwrap();
    let first = visit.authorize_in(&mut browser, &client, ask).unwrap();
    let second = visit.authorize_in(&mut browser, &client, ask).unwrap();
    assert_eq!(identity(&first), identity(&second));
    let time = |tokens: &valetkey_core::TokenResponse| tokens.login().unwrap().auth_time().unwrap();
    assert!(time(&first) <= time(&second));
}

/// AQ-18: somebody who is logged in, and has agreed, is asked nothing.
fn silent(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let mut browser = Browser::new();
    let error = visit.authorize_in(&mut browser, &client, silently).unwrap_err();
    assert!(error.is_login_required() && error.needs_person(), "{error}");
    let tokens = visit.authorize_in(&mut browser, &client, openid).unwrap();
    let again = visit.authorize_in(&mut browser, &client, silently).unwrap();
    assert_eq!(identity(&again), identity(&tokens));
    assert_ne!(again.access_token(), tokens.access_token());
}

/// AQ-18: somebody who has agreed to less than is asked for now would have to be asked.
fn consent_required(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let mut browser = Browser::new();
    visit.authorize_in(&mut browser, &client, openid).unwrap();
    let more = |request: AuthorizationRequest| silently(request).scope(scope("openid email")).unwrap();
    let error = visit.authorize_in(&mut browser, &client, more).unwrap_err();
    assert!(error.is_consent_required() && error.needs_person(), "{error}");
}
