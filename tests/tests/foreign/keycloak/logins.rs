//! Who logged in: ID tokens, signed and encrypted, what is said of the person beside them, and how well they showed who they are.

use serde_json::json;
use valetkey_core::authorize::{Prompt, ResponseMode, ResponseType};
use valetkey_core::jose::Algorithm;
use valetkey_core::jose::jwe::{ContentAlgorithm, Encryption, KeyAlgorithm};
use valetkey_core::status::Revocation;
use valetkey_core::{AuthorizationRequest, Quirk, Rule, Session, TokenResponse};
use valetkey_tests::get;

use super::{openid, visit};
use crate::adapter::{Adapter, rows};
use crate::browser::Browser;
use crate::visit::{Visit, identity, of_somebody_else, scope};

rows! {
    encrypted_id_token, hybrid, login, renewal_after_another_login, renewal_of_another_login, silent, step_up, user_info_encrypted, user_info_of_a_session, user_info_signed,
}

fn with_email(request: AuthorizationRequest) -> AuthorizationRequest {
    request.scope(scope("openid email")).unwrap()
}

fn reading(request: AuthorizationRequest) -> AuthorizationRequest {
    request.scope(scope("openid api:read")).unwrap()
}

/// Has the API cease to take the token that a session has.
fn refused<A: Adapter>(visit: &Visit<'_, A>, api: &A::Api) {
    let delete = http::Request::delete(visit.url_of("jwt")).body(Vec::new()).unwrap();
    assert_eq!(visit.adapter.send(api, delete).unwrap().status(), 200);
}

/// ID-8 to ID-19: a login with everything that the realm says of it.
fn login(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let tokens = visit.authorize(&client, with_email).unwrap();
    let login = tokens.login().unwrap();
    assert_eq!(login.identity().issuer(), visit.rig.text("/issuer"));
    assert_eq!(login.identity().subject(), "alice");
    assert_eq!((login.audience(), login.acr()), (&["basic".to_owned()][..], Some("silver")));
    assert!(login.auth_time().is_some() && login.session_id().is_some());
    assert_eq!(login.standard_claims().email(), Some("alice@client.example"));
    for rule in [Rule::Id8, Rule::Id9, Rule::Id10, Rule::Id11, Rule::Id12, Rule::Id15, Rule::Id19] {
        assert!(login.checks().contains(rule), "{rule}");
    }
    assert!(tokens.quirks().is_empty(), "{:?}", tokens.quirks());
    let told = visit.told_of(&client, &tokens).unwrap();
    assert_eq!((told.identity(), told.is_signed()), (login.identity(), false));
    assert_eq!(told.standard_claims().email(), Some("alice@client.example"));
}

/// ID-53: a renewal that brings the ID token of another person ends the session.
fn renewal_of_another_login(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let tokens = visit.authorize(&client, reading).unwrap();
    let api = adapter.api(of_somebody_else(&client, &tokens));
    refused(&visit, &api);
    let error = adapter.send(&api, get(&visit.url_of("jwt"))).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Id22), "{error}");
    assert!(error.is_authorization_required(), "{error}");
}

/// AR-17, ID-20: in either mode.
fn hybrid(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("hybrid");
    for mode in [ResponseMode::Fragment, ResponseMode::FormPost] {
        let tokens = visit
            .authorize(&client, |request| {
                openid(request).response_type(ResponseType::CodeIdToken).response_mode(mode)
            })
            .unwrap();
        assert_eq!(identity(&tokens).subject(), "alice");
        assert!(tokens.login().unwrap().checks().contains(Rule::Id20));
        let alone = visit.log_in_by_browser(&client, |request| openid(request).response_mode(mode)).unwrap();
        assert_eq!(alone.identity(), identity(&tokens));
    }
}

/// ID-43, ID-44: to a key of either kind.
fn encrypted_id_token(adapter: &impl Adapter) {
    let visit = visit(adapter);
    for (algorithm, content) in [
        (KeyAlgorithm::RsaOaep256, ContentAlgorithm::A256Gcm),
        (KeyAlgorithm::EcdhEsA128Kw, ContentAlgorithm::A128CbcHs256),
    ] {
        let client = visit.decrypting(&format!("encrypted-{algorithm}-{content}"), algorithm);
        let client = client.id_token_encryption(Encryption::new(algorithm).with(content)).unwrap();
        let tokens = visit.authorize(&client, openid).unwrap_or_else(|error| panic!("{algorithm}: {error}"));
        assert_eq!(identity(&tokens).subject(), "alice");
        assert!(tokens.login().unwrap().checks().contains(Rule::Id46));
        let renewed = Session::from_refresh_token(&client, tokens.refresh_token().unwrap().clone());
        assert_eq!(visit.person(renewed), "alice");
    }
}

/// UI-5: a session asks about its person with the token that it has, or with the next one where the server has ceased to take it.
fn user_info_of_a_session<A: Adapter>(adapter: &A) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let tokens = visit.authorize(&client, with_email).unwrap();
    let api = adapter.api(Session::from_tokens(&client, &tokens));
    assert_eq!(adapter.user_info(&api).unwrap().identity(), identity(&tokens));
    adapter.run(Revocation::access_token(&client, tokens.access_token()).unwrap()).unwrap();
    assert_eq!(adapter.user_info(&api).unwrap().standard_claims().email(), Some("alice@client.example"));
    A::session(&api, |session| {
        assert_ne!(session.credential().unwrap().access_token(), tokens.access_token());
        assert_eq!(session.identity(), Some(identity(&tokens)));
    });
}

/// UI-3, UI-4: signed, where the client is registered for that.
fn user_info_signed(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("user-info-signed");
    let tokens = visit.authorize(&client, with_email).unwrap();
    assert_eq!(visit.told_of(&client, &tokens).unwrap_err().rule(), Some(Rule::Ui3));
    let client = client.user_info_algorithm(Algorithm::Es256).unwrap();
    let told = visit.told_of(&client, &tokens).unwrap();
    assert_eq!((told.identity(), told.is_signed()), (identity(&tokens), true));
    assert_eq!(told.standard_claims().email(), Some("alice@client.example"));
}

/// ID-43 to ID-51, for UserInfo.
fn user_info_encrypted(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let agreed = Encryption::new(KeyAlgorithm::RsaOaep256).with(ContentAlgorithm::A256Gcm);
    let client = visit.decrypting("user-info-encrypted", KeyAlgorithm::RsaOaep256);
    let client = client.user_info_algorithm(Algorithm::Es256).unwrap().user_info_encryption(agreed).unwrap();
    let tokens = visit.authorize(&client, with_email).unwrap();
    let told = visit.told_of(&client, &tokens).unwrap();
    assert_eq!((told.identity(), told.is_signed()), (identity(&tokens), true));
}

/// AQ-18, AQ-20: the one who is known by a cookie is asked nothing; nobody else will do.
fn silent(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let mut browser = Browser::new();
    let silently = |request| openid(request).prompt([Prompt::None]).unwrap();
    let error = visit.authorize_in(&mut browser, &client, silently).unwrap_err();
    assert!(error.is_login_required() && error.needs_person(), "{error}");
    let tokens = visit.authorize_in(&mut browser, &client, openid).unwrap();
    let hinted = |request| silently(request).id_token_hint(tokens.id_token().unwrap()).unwrap();
    assert_eq!(identity(&visit.authorize_in(&mut browser, &client, hinted).unwrap()), identity(&tokens));
}

/// ID-16: a better level is asked for as essential, and had by a second look at the person, each time.
fn step_up(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("step-up");
    let mut browser = Browser::new();
    let acr = |level: &str| json!({ "id_token": { "acr": { "essential": true, "value": level } } });
    let (silver, gold) = (acr("silver"), acr("gold"));
    let tokens = visit
        .authorize_in(&mut browser, &client, |request| openid(request).claims(&silver).unwrap())
        .unwrap();
    assert_eq!(tokens.login().unwrap().acr(), Some("silver"));
    let tokens =
        visit.authorize_in(&mut browser, &client, |request| openid(request).claims(&gold).unwrap()).unwrap();
    let login = tokens.login().unwrap();
    assert_eq!(login.acr(), Some("gold"));
    assert!(login.checks().contains(Rule::Id16));
    // It lasts for one login, and is not had without the person.
    let silent = |request: AuthorizationRequest| {
        let request = openid(request).acr_values(["gold"]).unwrap();
        request.prompt([Prompt::None]).unwrap()
    };
    assert!(visit.authorize_in(&mut browser, &client, silent).unwrap_err().needs_person());
}

/// ID-22: the time of somebody's login is that of their session at the server: when they log in again, for any application, all
/// ID tokens of that session have the new one, those of earlier logins too. Refused by an error that names the quirk, and taken with
/// it.
fn renewal_after_another_login<A: Adapter>(adapter: &A) {
    let mut visit = visit(adapter);
    let strict = visit.basic("basic");
    visit.server = visit.server.admit(Quirk::OtherAuthTime);
    let lax = visit.basic("hybrid");
    let mut browser = Browser::new();
    let first = visit.authorize_in(&mut browser, &strict, reading).unwrap();
    let second = visit.authorize_in(&mut browser, &lax, reading).unwrap();
    let time = |tokens: &TokenResponse| tokens.login().unwrap().auth_time().unwrap();
    assert_eq!(time(&first), time(&second));
    // The server tells whole seconds.
    let again = |request| openid(request).prompt([Prompt::Login]).unwrap();
    let mut later = (0..100).map(|_| time(&visit.authorize_in(&mut browser, &lax, again).unwrap()));
    assert!(later.any(|later| later > time(&first)), "the time of the login is that of the last one");
    let renewed = |session| {
        let api = adapter.api(session);
        refused(&visit, &api);
        adapter.send(&api, get(&visit.url_of("jwt")))
    };
    let error = renewed(Session::from_tokens(&strict, &first)).unwrap_err();
    assert_eq!(
        (error.rule(), error.admitted_by()),
        (Some(Rule::Id22), Some(Quirk::OtherAuthTime)),
        "{error}"
    );
    assert_eq!(renewed(Session::from_tokens(&lax, &second)).unwrap().status(), 200);
}
