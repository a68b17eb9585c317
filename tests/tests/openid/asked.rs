//! AQ-17 to AQ-30, AR-21: what a login asks for, and the errors that are OpenID Connect's own.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use valetkey_core::authorize::Prompt;
use valetkey_core::error::Refused;
use valetkey_core::identity::IdTokenVerification;
use valetkey_core::jose::{Algorithm, RustCrypto, Signer};
use valetkey_core::server::Profile;
use valetkey_core::terms::{Access, IdToken};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Error, Flow as _, Rule, Step,
};
use valetkey_tests::jose::key_pair;
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, entropy, json as plain};

use crate::world::*;

fn at(server: AuthorizationServer) -> AuthorizationRequest {
    AuthorizationRequest::new(&client_of(server), "https://app.example/callback").unwrap()
}

/// A server whose metadata say that it is an OpenID provider, and nothing more.
fn described() -> AuthorizationServer {
    server()
        .list("response_types_supported", ["code"])
        .list("subject_types_supported", ["public"])
        .list("id_token_signing_alg_values_supported", ["ES256"])
}

/// The values of one parameter that the browser carries.
fn sent(request: &AuthorizationRequest, name: &str) -> Vec<String> {
    let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
    let query = url.as_str().split_once('?').unwrap().1.to_owned();
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
    pairs.filter(|(known, _)| known == name).map(|(_, value)| value).collect()
}

fn begun(request: &AuthorizationRequest) -> Result<(), Error> {
    request.begin_unbound(entropy(1), NOW).map(drop)
}

/// AQ-17: a set, of which `none` stands alone; whichever way it is set.
#[test]
fn prompt_is_a_set() {
    assert_eq!(rule(at(server()).prompt([])), Rule::Aq17);
    assert_eq!(rule(at(server()).prompt([Prompt::None, Prompt::Login])), Rule::Aq17);
    assert_eq!(rule(at(server()).prompt([Prompt::Login, Prompt::Login])), Rule::Aq17);
    for prompt in ["none login", "login  consent", "login login", " login", ""] {
        assert_eq!(rule(at(server()).parameter("prompt", prompt)), Rule::Aq17, "{prompt:?}");
        assert_eq!(rule(Access::new().parameter("prompt", prompt)), Rule::Aq17, "{prompt:?}");
    }
    let several = at(server()).prompt([Prompt::Login, Prompt::Consent, Prompt::SelectAccount]).unwrap();
    assert_eq!(sent(&several, "prompt"), ["login consent select_account"]);
}

/// AQ-17: `create` only where the server lists it.
#[test]
fn an_account_is_made_only_where_the_server_lists_it() {
    let lists = |values: &[&str]| described().list("prompt_values_supported", values.iter().copied());
    for server in [server(), described(), lists(&["none", "login"])] {
        assert_eq!(rule(at(server.clone()).prompt([Prompt::Create])), Rule::Aq17);
        let by_name = at(server.clone()).parameter("prompt", "create").unwrap();
        assert_eq!(rule(begun(&by_name)), Rule::Aq17);
        let by_server = at(server.authorization_parameter("prompt", "create").unwrap());
        assert_eq!(rule(begun(&by_server)), Rule::Aq17);
    }
    let listed = at(lists(&["create"])).prompt([Prompt::Create]).unwrap();
    assert_eq!(sent(&listed, "prompt"), ["create"]);
}

/// The login whose ID token says this of when the person proved who they are.
fn aged(max_age: u64, auth_time: Option<u64>) -> Result<(), Error> {
    let client = client();
    let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    let request = request.scope("openid").unwrap().max_age(Duration::from_secs(max_age));
    let (url, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let query = url.as_str().split_once('?').unwrap().1.to_owned();
    let nonce = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "nonce").unwrap().1;
    let later = NOW.after(Duration::from_secs(400));
    let mut id_token = json!({
        "iss": ISSUER, "aud": "s6BhdRkqt3", "sub": SUB, "iat": later.as_secs(), "exp": later.as_secs() + 300,
        "nonce": nonce,
    });
    if let Some(time) = auth_time {
        id_token["auth_time"] = json!(time);
    }
    let body = json!({
        "access_token": "a", "token_type": "Bearer", "scope": "openid", "id_token": jwt(None, &id_token),
    });
    let back = format!("https://app.example/callback?code=c&state={}", pending.state());
    let response = AuthorizationResponse::from_url(&back).unwrap();
    let mut flow = pending.finish(&client, &response, later).unwrap();
    assert!(matches!(flow.step(None, later), Ok(Step::Send(_))));
    flow.step(Some(plain(200, &body.to_string())), later).map(drop)
}

/// AQ-19, ID-17: an age of 0 asks for a login that comes after the request, however long the person took.
#[test]
fn a_fresh_login_is_no_older_than_its_request() {
    let begun = NOW.as_secs();
    assert!(aged(0, Some(begun + 300)).is_ok());
    assert!(aged(0, Some(begun - 30)).is_ok(), "clocks may differ");
    assert_eq!(rule(aged(0, Some(begun - 61))), Rule::Aq19);
    assert_eq!(rule(aged(0, None)), Rule::Id17);
    assert_eq!(rule(aged(600, Some(begun - 400))), Rule::Id17);
    assert!(aged(600, Some(begun - 100)).is_ok());
}

fn hint(claims: &Value) -> IdToken {
    IdToken::new(jwt(None, claims)).unwrap()
}

/// AQ-20: of this issuer and this client, expired or not, and never sent encrypted.
#[test]
fn a_hint_is_an_id_token_of_this_server_and_client() {
    let old = json!({"iss": ISSUER, "aud": ["s6BhdRkqt3", "another"], "sub": SUB, "iat": 1, "exp": 2});
    let token = hint(&old);
    let request = at(server()).id_token_hint(&token).unwrap();
    assert_eq!(sent(&request, "id_token_hint"), [token.expose()]);
    let (url, pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    assert!(!format!("{request:?} {url:?} {pending:?}").contains(token.expose()));
    // Expired, it is no login.
    assert!(play(IdTokenVerification::new(&client(), &token).unwrap(), []).outcome.is_err());

    let with = |name: &str, value: Value| {
        let mut claims = old.clone();
        claims[name] = value;
        jwt(None, &claims)
    };
    for (what, text) in [
        ("another issuer", with("iss", json!("https://as.example/"))),
        ("another client", with("aud", json!("another"))),
        ("no audience", with("aud", json!([]))),
        ("another kind", jwt(Some("at+jwt"), &old)),
        ("encrypted", "a.b.c.d.e".to_owned()),
        ("no JWT", "h.p.s".to_owned()),
    ] {
        assert_eq!(
            rule(at(server()).id_token_hint(&IdToken::new(text.as_str()).unwrap())),
            Rule::Aq20,
            "{what}"
        );
        let by_name = at(server()).parameter("id_token_hint", &text).unwrap();
        assert_eq!(rule(begun(&by_name)), Rule::Aq20, "{what}");
    }
    let unnamed = AuthorizationServer::new().authorization_endpoint("https://as.example/authorize").unwrap();
    assert_eq!(rule(at(unnamed).id_token_hint(&token)), Rule::Aq20);
}

/// AQ-21: bounded, without control characters, passed on as it is.
#[test]
fn a_login_hint_is_short_and_plain() {
    let longest = "ä".repeat(512);
    let request = at(server()).login_hint(&longest).unwrap();
    assert_eq!(sent(&request, "login_hint"), [longest.as_str()]);
    assert!(!format!("{request:?}").contains(&longest));
    for hint in [format!("{longest}a"), "a\r\nb".to_owned(), "a\u{0}".to_owned(), "a\u{85}".to_owned()] {
        assert_eq!(rule(at(server()).login_hint(&hint)), Rule::Aq21);
        assert_eq!(rule(at(server()).parameter("login_hint", &hint)), Rule::Aq21);
    }
}

/// AQ-22: the form of OpenID Connect Core §5.5.
#[test]
fn claims_are_asked_for_in_their_form() {
    for claims in [
        json!([]),
        json!({"userinfo": []}),
        json!({"access_token": {}}),
        json!({"id_token": {"acr": "urn:high"}}),
        json!({"id_token": {"acr": true}}),
        json!({"id_token": {"acr": {"essential": "yes"}}}),
        json!({"id_token": {"acr": {"values": []}}}),
        json!({"id_token": {"acr": {"values": "urn:high"}}}),
    ] {
        assert_eq!(rule(at(server()).claims(&claims)), Rule::Aq22, "{claims}");
        assert_eq!(rule(at(server()).parameter("claims", claims.to_string())), Rule::Aq22, "{claims}");
    }
    assert_eq!(rule(at(server()).parameter("claims", r#"{"userinfo":{},"userinfo":{}}"#)), Rule::Aq22);
    let claims = json!({
        "userinfo": {"given_name": {"essential": true}, "nickname": null, "picture#de": {"value": "x", "purpose": "why"}},
        "id_token": {"acr": {"essential": true, "values": ["urn:high"]}, "sub": {"value": SUB}},
    });
    let request = at(server()).claims(&claims).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&sent(&request, "claims")[0]).unwrap(), claims);
    assert!(at(server()).claims(json!({"userinfo": null})).is_ok());
}

/// AQ-22: where the metadata do not announce the parameter, it goes in a signed request or not at all.
#[test]
fn claims_are_for_a_server_that_takes_them() {
    let claims = json!({"userinfo": {"email": null}});
    let asking = |server| at(server).claims(&claims).unwrap();
    assert_eq!(rule(begun(&asking(described()))), Rule::Aq22);
    assert!(begun(&asking(described().flag("claims_parameter_supported"))).is_ok());
    assert!(begun(&asking(server())).is_ok(), "it is described by hand");
    let signer: Arc<dyn Signer> = key_pair(&RustCrypto, Algorithm::Es256);
    let signed = asking(described()).signed(signer);
    assert!(begun(&signed.unwrap()).is_ok());
}

/// AQ-23.
#[test]
fn acr_is_asked_for_in_one_way() {
    let essential = json!({"id_token": {"acr": {"essential": true, "values": ["urn:high"]}}});
    let both = at(server()).claims(&essential).unwrap().acr_values(["urn:high"]).unwrap();
    assert_eq!(rule(begun(&both)), Rule::Aq23);
    let reversed = at(server()).acr_values(["urn:high"]).unwrap().claims(&essential).unwrap();
    assert_eq!(rule(begun(&reversed)), Rule::Aq23);
    let other = json!({"id_token": {"auth_time": null}});
    assert!(begun(&at(server()).acr_values(["urn:high"]).unwrap().claims(other).unwrap()).is_ok());
}

/// AQ-25: unless the program, or the server's description, says what the person is to be asked for.
#[test]
fn access_while_the_person_is_away_asks_for_consent() {
    let request = |server, scope: &str| at(server).scope(scope).unwrap();
    assert_eq!(sent(&request(server(), "openid offline_access"), "prompt"), ["consent"]);
    for scope in ["openid", "offline_access"] {
        assert_eq!(sent(&request(server(), scope), "prompt"), Vec::<String>::new(), "{scope}");
    }
    let own = request(server(), "openid offline_access").prompt([Prompt::None]).unwrap();
    assert_eq!(sent(&own, "prompt"), ["none"]);
    let usual = server().authorization_parameter("prompt", "login").unwrap();
    assert_eq!(sent(&request(usual, "openid offline_access"), "prompt"), ["login"]);
    let in_its_query = server().authorization_endpoint("https://as.example/authorize?prompt=login").unwrap();
    assert_eq!(sent(&request(in_its_query, "openid offline_access"), "prompt"), ["login"]);
    let freely = server().offline_without_consent();
    assert_eq!(sent(&request(freely, "openid offline_access"), "prompt"), Vec::<String>::new());
    assert!(Profile::ENTRA.consents_once() && !Profile::KEYCLOAK.consents_once());
}

/// AQ-26: BCP 47, one space between.
#[test]
fn locales_are_language_tags() {
    let request = at(server()).claims_locales(["fr-CA", "de", "zh-Hant-TW", "x-klingon"]).unwrap();
    assert_eq!(sent(&request, "claims_locales"), ["fr-CA de zh-Hant-TW x-klingon"]);
    let none: [&str; 0] = [];
    assert_eq!(rule(at(server()).claims_locales(none)), Rule::Aq26);
    for tags in ["en,de", "en  de", "en_US", "en\n", "", "-en", "en-", "1a", "x", "en-waytoolong"] {
        assert_eq!(rule(at(server()).claims_locales([tags])), Rule::Aq26, "{tags:?}");
        assert_eq!(rule(at(server()).ui_locales([tags])), Rule::Aq26, "{tags:?}");
        assert_eq!(rule(at(server()).parameter("claims_locales", tags)), Rule::Aq26, "{tags:?}");
    }
}

/// AQ-30.
#[test]
fn a_registration_is_never_sent() {
    assert_eq!(rule(at(server()).parameter("registration", "{}")), Rule::Aq30);
    assert_eq!(rule(Access::new().parameter("registration", "{}")), Rule::Aq30);
    assert_eq!(rule(server().authorization_parameter("registration", "{}")), Rule::Aq30);
}

/// The error of a login that came back so.
fn came_back(client: &Client, code: &str) -> Error {
    let request = AuthorizationRequest::new(client, "https://app.example/callback").unwrap();
    let request = request.scope("openid").unwrap().prompt([Prompt::None]).unwrap();
    let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let back = format!("https://app.example/callback?error={code}&state={}", pending.state());
    pending.finish(client, &AuthorizationResponse::from_url(&back).unwrap(), NOW).unwrap_err()
}

/// AQ-18, AR-21: a silent login ends as a login, as the need of a person, or as a failure, told apart by type.
#[test]
fn the_errors_of_openid_are_told_apart() {
    type Is = (fn(&Error) -> bool, fn(&Refused) -> bool);
    let told: [(&str, Is); 10] = [
        ("login_required", (Error::is_login_required, Refused::is_login_required)),
        ("interaction_required", (Error::is_interaction_required, Refused::is_interaction_required)),
        ("consent_required", (Error::is_consent_required, Refused::is_consent_required)),
        (
            "account_selection_required",
            (Error::is_account_selection_required, Refused::is_account_selection_required),
        ),
        (
            "unmet_authentication_requirements",
            (Error::is_unmet_authentication_requirements, Refused::is_unmet_authentication_requirements),
        ),
        ("invalid_request_uri", (Error::is_invalid_request_uri, Refused::is_invalid_request_uri)),
        ("invalid_request_object", (Error::is_invalid_request_object, Refused::is_invalid_request_object)),
        ("request_not_supported", (Error::is_request_not_supported, Refused::is_request_not_supported)),
        (
            "request_uri_not_supported",
            (Error::is_request_uri_not_supported, Refused::is_request_uri_not_supported),
        ),
        (
            "registration_not_supported",
            (Error::is_registration_not_supported, Refused::is_registration_not_supported),
        ),
    ];
    let client = client();
    for (place, (code, _)) in told.iter().enumerate() {
        let error = came_back(&client, code);
        let refused = error.refused().unwrap();
        for (other, (_, (of_error, of_refusal))) in told.iter().enumerate() {
            assert_eq!((of_error(&error), of_refusal(refused)), (other == place, other == place), "{code}");
        }
        assert_eq!((error.needs_person(), refused.needs_person()), (place < 4, place < 4), "{code}");
    }
    assert!(!came_back(&client, "access_denied").needs_person());
    // AR-21: one that a server says in other words, and the program has said what it means.
    let meaning = server().refusal_means("error", "session_missing", "login_required").unwrap();
    assert!(came_back(&client_of(meaning), "session_missing").is_login_required());
}
