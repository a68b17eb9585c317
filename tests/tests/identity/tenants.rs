//! ID-55 to ID-57: an issuer that stands for many, one that metadata name otherwise, and one without its scheme.

use serde_json::{Value, json};
use valetkey_core::authorize::StoredAuthorization;
use valetkey_core::jose::{Algorithm, JwkSet, RustCrypto, Signer, VerificationKeys};
use valetkey_core::openid::UserInfoRequest;
use valetkey_core::server::Endpoint;
use valetkey_core::{AuthorizationServer, Discovery, Error, Quirk, Rule, TokenResponse};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::openid::{begun, logged_in, logged_in_asking, provider};
use valetkey_tests::{NOW, client_of, json as answer, server};

const TEMPLATE: &str = "https://as.example/{tenantid}/v2.0";
const OURS: &str = "11111111-2222-3333-4444-555555555555";
const OTHER: &str = "99999999-2222-3333-4444-555555555555";

fn many() -> AuthorizationServer {
    server().issuer(TEMPLATE).unwrap().keys(verification_keys(&RustCrypto, Algorithm::Es256))
}

fn of(server: AuthorizationServer, iss: &str, tid: impl Into<Value>) -> Result<TokenResponse, Error> {
    let tid = tid.into();
    logged_in(&client_of(server), |claims| {
        claims["iss"] = json!(iss);
        claims["tid"] = tid;
    })
}

fn issuer(tenant: &str) -> String {
    TEMPLATE.replace("{tenantid}", tenant)
}

/// ID-55: of the tenants that the program names, or of any where it says so.
#[test]
fn people_of_the_tenants_that_are_named_may_log_in() {
    let ours = || many().tenants([OURS]).unwrap();
    let tokens = of(ours(), &issuer(OURS), OURS).unwrap();
    let login = tokens.login().unwrap();
    assert_eq!(login.identity().issuer(), issuer(OURS), "the tenant is part of who they are");
    assert!(login.checks().contains(Rule::Id55) && login.quirks().contains(Quirk::TenantOfIssuer));
    let about = UserInfoRequest::about(
        &client_of(ours().endpoint(Endpoint::Userinfo, "https://as.example/me").unwrap()),
        login.identity(),
        tokens.access_token(),
        tokens.token_type(),
    );
    assert!(about.is_ok(), "and this server speaks for them");
    assert!(of(many().any_tenant().unwrap(), &issuer(OTHER), OTHER).is_ok());
    let upper = OURS.to_ascii_uppercase();
    assert!(of(ours(), &issuer(&upper), &*upper).is_ok());

    for (iss, tid) in [
        (issuer(OTHER), json!(OTHER)),
        (issuer(OURS), json!(OTHER)),
        (issuer(OTHER), json!(OURS)),
        (TEMPLATE.to_owned(), json!(OURS)),
        (TEMPLATE.to_owned(), json!("{tenantid}")),
        (
            issuer("evil/11111111-2222-3333-4444-555555555555"),
            json!("evil/11111111-2222-3333-4444-555555555555"),
        ),
        (issuer("common"), json!("common")),
        (issuer(OURS), Value::Null),
        (issuer(OURS), json!(5)),
    ] {
        for server in [ours(), many().any_tenant().unwrap()] {
            let is_any_of_another = iss == issuer(OTHER) && tid == json!(OTHER);
            let outcome = of(server.clone(), &iss, tid.clone());
            if is_any_of_another && outcome.is_ok() {
                continue;
            }
            assert_eq!(outcome.unwrap_err().rule(), Some(Rule::Id55), "{iss} {tid}");
        }
    }
    // Nobody said whose people may log in: no browser is sent anywhere.
    let refused = begun(&client_of(many()), |request| request).err().unwrap();
    assert!(matches!(refused, Error::Misuse(_)), "{refused:?}");
    assert_eq!(refused.rule(), Some(Rule::Id55));
    assert!(refused.to_string().contains("any_tenant"), "{refused}");
}

/// ID-55: a key that says whose it is signs for no other tenant.
#[test]
fn the_key_of_another_tenant_signs_nothing() {
    let with_key_of = |owner: &str| {
        let key = key_pair(&RustCrypto, Algorithm::Es256);
        let mut jwk = serde_json::to_value(key.public_key().unwrap()).unwrap();
        jwk["issuer"] = json!(owner);
        let set = JwkSet::parse(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap();
        let keys = VerificationKeys::new(&RustCrypto, &[Algorithm::Es256], &set).unwrap();
        many().keys(keys).any_tenant().unwrap()
    };
    for owner in [TEMPLATE, &issuer(OURS)] {
        assert!(of(with_key_of(owner), &issuer(OURS), OURS).is_ok(), "{owner}");
    }
    assert_eq!(of(with_key_of(&issuer(OTHER)), &issuer(OURS), OURS).unwrap_err().rule(), Some(Rule::Id55));
}

/// ID-55: what cannot be meant is told at once.
#[test]
fn tenants_are_named_by_guids_of_an_issuer_that_has_them() {
    for tenants in [vec!["contoso.onmicrosoft.com"], vec![], vec![OURS, "common"]] {
        assert_eq!(many().tenants(tenants).unwrap_err().rule(), Some(Rule::Id55));
    }
    assert_eq!(server().tenants([OURS]).unwrap_err().rule(), Some(Rule::Id55));
    assert_eq!(server().any_tenant().unwrap_err().rule(), Some(Rule::Id55));
    assert!(!format!("{:?}", many().tenants([OURS]).unwrap()).contains(OURS));
}

/// ID-56, DI-4: metadata of another issuer, where the program names it.
#[test]
fn metadata_may_name_the_issuer_that_the_program_names() {
    let document = json!({
        "issuer": TEMPLATE,
        "authorization_endpoint": "https://as.example/authorize",
        "token_endpoint": "https://as.example/token",
        "response_types_supported": ["code"],
    });
    let asked = || Discovery::new("https://as.example/common/v2.0").unwrap();
    let read = |discovery: Discovery| discovery.parse(answer(200, &document.to_string()), NOW);
    assert_eq!(read(asked()).unwrap_err().rule(), Some(Rule::Di4));
    let named = read(asked().naming_issuer(TEMPLATE).unwrap()).unwrap();
    assert_eq!(named.server().issuer_identifier(), Some(TEMPLATE));
    assert!(named.quirks().contains(Quirk::OtherIssuer), "and that it is another is told");
    let other = asked().naming_issuer("https://as.example/other/v2.0").unwrap();
    assert_eq!(read(other).unwrap_err().rule(), Some(Rule::Di4));
    assert!(asked().naming_issuer("as.example").is_err());
}

/// ID-57: for servers that are known for it alone, and nobody is two people by it.
#[test]
fn an_issuer_may_leave_out_its_scheme_where_that_is_known() {
    let log_in = |server: AuthorizationServer, iss: &'static str| {
        logged_in(&client_of(server), |claims| claims["iss"] = json!(iss))
    };
    let known = || provider(Algorithm::Es256).issuer_without_scheme();
    for iss in ["as.example", "https://as.example"] {
        let tokens = log_in(known(), iss).unwrap();
        let login = tokens.login().unwrap();
        assert_eq!(login.identity().issuer(), "https://as.example");
        assert_eq!(login.quirks().contains(Quirk::IssuerWithoutScheme), iss == "as.example");
    }
    assert_eq!(log_in(known(), "http://as.example").unwrap_err().rule(), Some(Rule::Id9));
    assert_eq!(log_in(provider(Algorithm::Es256), "as.example").unwrap_err().rule(), Some(Rule::Id9));
}

/// ID-57: a parameter that limits who may log in is a wish that the browser can take out; the ID token says what came of it.
#[test]
fn a_login_that_is_limited_lets_nobody_else_in() {
    let limited = |asked: Option<&'static str>, said: Value| {
        let client = client_of(provider(Algorithm::Es256).login_limited_by("hd"));
        let ask = |request: valetkey_core::AuthorizationRequest| match asked {
            Some(domain) => request.parameter("hd", domain).unwrap(),
            None => request,
        };
        logged_in_asking(&client, ask, |claims| claims["hd"] = said)
    };
    let login = limited(Some("example.com"), json!("example.com")).unwrap();
    assert!(login.login().unwrap().checks().contains(Rule::Id57));
    assert!(limited(Some("*"), json!("any.example")).is_ok(), "of any domain, but of one");
    for (asked, said) in [
        ("example.com", json!("attacker.example")),
        ("example.com", json!("example.com.attacker.example")),
        ("example.com", Value::Null),
        ("example.com", json!(["example.com"])),
        ("example.com", json!("*")),
        ("*", Value::Null),
    ] {
        let refused = limited(Some(asked), said.clone()).unwrap_err();
        assert_eq!(refused.rule(), Some(Rule::Id57), "{asked}: {said}");
        assert!(refused.to_string().contains("hd"), "{refused}");
    }
    // Nothing was asked for, and nothing is compared.
    let free = limited(None, json!("attacker.example")).unwrap();
    assert!(!free.login().unwrap().checks().contains(Rule::Id57));
    // Where the server is not known for it, the parameter is one like any other.
    let other = client_of(provider(Algorithm::Es256));
    let ask = |request: valetkey_core::AuthorizationRequest| request.parameter("hd", "example.com").unwrap();
    assert!(logged_in_asking(&other, ask, |claims| claims["hd"] = json!("attacker.example")).is_ok());
}

/// ID-57: the limit is kept with the login that waits for its response.
#[test]
fn a_limit_is_stored_with_the_login() {
    let client = client_of(provider(Algorithm::Es256).login_limited_by("hd"));
    let begun = begun(&client, |request| request.parameter("hd", "example.com").unwrap()).unwrap();
    let stored = serde_json::to_string(&begun.pending).unwrap();
    assert!(stored.contains("example.com"), "{stored}");
    let mut again = valetkey_tests::openid::Begun {
        pending: serde_json::from_str::<StoredAuthorization>(&stored).unwrap().taken_out(true).unwrap(),
        parameters: begun.parameters,
    };
    let mut claims = valetkey_tests::openid::claims(Some(again.nonce()));
    claims["hd"] = json!("attacker.example");
    let token = valetkey_tests::openid::id_token(Algorithm::Es256, &claims);
    let refused = again.finished(&client, vec![valetkey_tests::openid::tokens(&token)]);
    assert_eq!(refused.unwrap_err().rule(), Some(Rule::Id57));
}

/// AR-4, ID-55: a response may name the tenant, in the place of the issuer of many; one of another tenant is another server's.
#[test]
fn a_response_names_the_tenant_or_the_issuer_of_many() {
    let client = client_of(many().tenants([OURS]).unwrap());
    let finished = |iss: &str| {
        let mut begun = begun(&client, |request| request).unwrap();
        let back = format!("https://app.example/callback?code=c&state={}&iss={iss}", begun.pending.state());
        let response = valetkey_core::AuthorizationResponse::from_url(&back).unwrap();
        begun.pending.finish(&client, &response, NOW).map(drop).map_err(|error| error.rule())
    };
    assert_eq!(finished(&issuer(OURS)), Ok(()));
    assert_eq!(finished("https://as.example/%7Btenantid%7D/v2.0"), Ok(()));
    assert_eq!(finished(&issuer(OTHER)), Err(Some(Rule::Ar4)));
    assert_eq!(finished(&issuer("evil/../x")), Err(Some(Rule::Ar4)));
}

/// ID-55: a server of one tenant may publish the keys of all of them, each of which says whose it is: those of others sign nothing
/// here. What is no issuer means something else, and `tid` too.
#[test]
fn a_server_of_one_tenant_has_keys_of_its_own() {
    let with_key_of = |owner: Value| {
        let key = key_pair(&RustCrypto, Algorithm::Es256);
        let mut jwk = serde_json::to_value(key.public_key().unwrap()).unwrap();
        jwk["issuer"] = owner;
        let set = JwkSet::parse(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap();
        let keys = VerificationKeys::new(&RustCrypto, &[Algorithm::Es256], &set).unwrap();
        server().issuer(&issuer(OURS)).unwrap().keys(keys)
    };
    for owner in [json!(issuer(OURS)), json!(TEMPLATE), json!("CN=signing"), json!(7)] {
        for tid in [json!(OURS), json!(5)] {
            assert!(of(with_key_of(owner.clone()), &issuer(OURS), tid).is_ok(), "{owner}");
        }
    }
    for owner in [
        issuer(OTHER),
        "https://evil.example/{tenantid}/v2.0".to_owned(),
        "https://as.example/{tenantid}".to_owned(),
    ] {
        let refused = of(with_key_of(json!(owner)), &issuer(OURS), OURS).unwrap_err();
        assert_eq!(refused.rule(), Some(Rule::Id55), "{owner}");
    }
}

/// AQ-20: a hint is of a tenant that may log in, or of an issuer as its ID tokens write it.
#[test]
fn a_hint_is_of_an_issuer_of_the_server() {
    let hinted = |server: AuthorizationServer, iss: &str| {
        let mut claims = valetkey_tests::openid::claims(None);
        claims["iss"] = json!(iss);
        let hint = valetkey_tests::openid::id_token(Algorithm::Es256, &claims);
        let ask = |request: valetkey_core::AuthorizationRequest| request.parameter("id_token_hint", &hint);
        begun(&client_of(server), |request| ask(request).unwrap()).map(drop).map_err(|error| error.rule())
    };
    let ours = || many().tenants([OURS]).unwrap();
    assert_eq!(hinted(ours(), &issuer(OURS)), Ok(()));
    assert_eq!(hinted(ours(), &issuer(OTHER)), Err(Some(Rule::Aq20)));
    let bare = || provider(Algorithm::Es256).issuer_without_scheme();
    assert_eq!(hinted(bare(), "as.example"), Ok(()));
    assert_eq!(hinted(provider(Algorithm::Es256), "as.example"), Err(Some(Rule::Aq20)));
}
