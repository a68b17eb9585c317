//! ID-55 to ID-57: an issuer that stands for many, one that metadata name otherwise, and one without its scheme.

use serde_json::{Value, json};
use valetkey_core::jose::{Algorithm, JwkSet, RustCrypto, Signer, VerificationKeys};
use valetkey_core::openid::UserInfoRequest;
use valetkey_core::server::Endpoint;
use valetkey_core::{AuthorizationServer, Discovery, Error, Rule, TokenResponse};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::openid::{logged_in, provider};
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
    // Nobody said whose people may log in.
    assert_eq!(of(many(), &issuer(OURS), OURS).unwrap_err().rule(), Some(Rule::Id9));
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
        assert_eq!(tokens.login().unwrap().identity().issuer(), "https://as.example");
    }
    assert_eq!(log_in(known(), "http://as.example").unwrap_err().rule(), Some(Rule::Id9));
    assert_eq!(log_in(provider(Algorithm::Es256), "as.example").unwrap_err().rule(), Some(Rule::Id9));
}
