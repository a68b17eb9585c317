//! ID-24, IN-2: whoever signs several kinds of JWT with one key means each for one use, and says which by `typ`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use valetkey_core::api::ProtectedResourceDiscovery;
use valetkey_core::authorize::ResponseMode;
use valetkey_core::jose::{Algorithm, Jws, JwtType, RustCrypto, Signer as _};
use valetkey_core::server::{Endpoint, MetadataSigner};
use valetkey_core::status::Introspection;
use valetkey_core::{
    AccessToken, AuthorizationResponse, Discovery, Error, Flow as _, PendingAuthorization, Resource,
    Response, Rule, Step,
};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, entropy, server};

use crate::support::*;

/// Types of other uses, as headers may spell them.
const FOREIGN: [&str; 26] = [
    "at+jwt",
    "AT+JWT",
    "At+Jwt",
    "application/at+jwt",
    "Application/AT+jwt",
    "logout+jwt",
    "dpop+jwt",
    "oauth-authz-req+jwt",
    "secevent+jwt",
    "client-authentication+jwt",
    "entity-statement+jwt",
    "introspection+jwt",
    "jarm+jwt",
    "JWS",
    "JOSE",
    "JOSE+JSON",
    "",
    " ",
    "JWT ",
    " JWT",
    "J\u{57}T\0",
    "text/jwt",
    "application/",
    "application/application/jwt",
    "application/jwt; charset=utf-8",
    "JWT+JWT",
];

/// No explicit type, in each of its spellings.
const GENERIC: [Option<&str>; 6] =
    [None, Some("JWT"), Some("jwt"), Some("Jwt"), Some("application/jwt"), Some("APPLICATION/JWT")];

const INTROSPECTION: [&str; 3] =
    ["token-introspection+jwt", "Token-Introspection+JWT", "application/token-introspection+jwt"];

/// The claims under a header with this `typ`, signed by the server.
fn jwt(typ: Option<Value>, claims: &Value) -> String {
    let mut header = json!({ "alg": "ES256", "kid": "k" });
    if let Some(typ) = typ {
        header["typ"] = typ;
    }
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let input = format!("{}.{}", part(&header), part(claims));
    let signature = key_pair(&RustCrypto, Algorithm::Es256).sign(input.as_bytes()).unwrap().ready().unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A request that waits for a signed response, and that response under a `typ`.
fn response(typ: Option<Value>) -> (PendingAuthorization, AuthorizationResponse) {
    let client = valetkey_tests::client_of(server().keys(verification_keys(&RustCrypto, Algorithm::Es256)));
    let request = request(&client).response_mode(ResponseMode::Jwt);
    let (_, pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let claims = json!({
        "iss": "https://as.example",
        "aud": "s6BhdRkqt3",
        "exp": NOW.as_secs() + 60,
        "code": "c",
        "state": pending.state(),
    });
    let url = format!("{}?response={}", pending.redirect_uri(), jwt(typ, &claims));
    (pending, AuthorizationResponse::from_url(&url).unwrap())
}

fn authorization_response(typ: Option<Value>) -> Result<(), Error> {
    let client = valetkey_tests::client_of(server().keys(verification_keys(&RustCrypto, Algorithm::Es256)));
    let (mut pending, response) = response(typ);
    let Step::Done(opened) = pending.open(&client, &response)?.step(None, NOW)? else {
        unreachable!("the keys are known")
    };
    pending.finish(&client, &opened, NOW).map(|_| ())
}

fn statement(typ: Option<Value>, members: &Value) -> Value {
    let mut claims = members.clone();
    claims["iss"] = json!("https://federation.example");
    json!(jwt(typ, &claims))
}

fn signer() -> MetadataSigner {
    MetadataSigner::new("https://federation.example", verification_keys(&RustCrypto, Algorithm::Es256))
}

fn document(mut members: Value, typ: Option<Value>) -> Response {
    members["signed_metadata"] = statement(typ, &members);
    valetkey_tests::json(200, &members.to_string())
}

fn server_metadata(typ: Option<Value>) -> Result<(), Error> {
    let members = json!({ "issuer": "https://as.example", "response_types_supported": ["code"] });
    let document = document(members, typ);
    let read = Discovery::new("https://as.example").unwrap().signed_by(signer()).parse(document, NOW);
    read.map(|metadata| assert!(metadata.is_verified()))
}

fn resource_metadata(typ: Option<Value>) -> Result<(), Error> {
    let document = document(json!({ "resource": "https://api.example" }), typ);
    let read = ProtectedResourceDiscovery::new(&Resource::new("https://api.example").unwrap())
        .unwrap()
        .signed_by(signer())
        .parse(document, NOW);
    read.map(|resource| assert!(resource.is_verified()))
}

fn introspection(typ: Option<Value>) -> Result<(), Error> {
    let server = server()
        .endpoint(Endpoint::Introspection, "https://as.example/introspect")
        .unwrap()
        .keys(verification_keys(&RustCrypto, Algorithm::Es256));
    let client = valetkey_tests::client_of(server);
    let claims = json!({
        "iss": "https://as.example",
        "aud": "s6BhdRkqt3",
        "iat": NOW.as_secs(),
        "token_introspection": { "active": true },
    });
    let answer = http::Response::builder()
        .header("content-type", "application/token-introspection+jwt")
        .body(jwt(typ, &claims).into_bytes())
        .unwrap();
    let flow = Introspection::new(&client, &AccessToken::new("token").unwrap()).unwrap().signed().unwrap();
    play(flow, [Some(answer)]).outcome.map(|_| ())
}

/// A use of a JWT, by what reads it.
type Reader = fn(Option<Value>) -> Result<(), Error>;

/// ID-24, for each use whose specification names no type: JARM, RFC 8414 §2.1, RFC 9728 §2.2.
#[test]
fn s7_a_jwt_that_is_meant_for_another_use_is_refused_wherever_no_type_is_named() {
    let readers: [(&str, Reader); 3] = [
        ("JARM", authorization_response),
        ("a server's metadata", server_metadata),
        ("a resource's metadata", resource_metadata),
    ];
    for (name, read) in readers {
        for typ in GENERIC {
            read(typ.map(Value::from)).unwrap_or_else(|error| panic!("{name} {typ:?}: {error}"));
        }
        for typ in FOREIGN.iter().chain(&INTROSPECTION) {
            assert_eq!(rule(read(Some(json!(typ)))), Rule::Id24, "{name} {typ:?}");
        }
    }
}

/// IN-2, for the use whose specification names one: RFC 9701 §5.
#[test]
fn s7_a_signed_introspection_is_of_its_own_type() {
    for typ in INTROSPECTION {
        introspection(Some(json!(typ))).unwrap_or_else(|error| panic!("{typ}: {error}"));
    }
    for typ in FOREIGN {
        assert_eq!(rule(introspection(Some(json!(typ)))), Rule::In2, "{typ:?}");
    }
    for typ in GENERIC {
        assert_eq!(rule(introspection(typ.map(Value::from))), Rule::In2, "{typ:?}");
    }
}

/// ID-3, DI-9: a `typ` that is no string is refused with the header that has it, for every use.
#[test]
fn s7_a_type_that_is_not_a_string_is_refused() {
    for typ in [json!(null), json!(1), json!(true), json!(["JWT"]), json!({ "JWT": "JWT" })] {
        assert_eq!(rule(authorization_response(Some(typ.clone()))), Rule::Id3, "{typ}");
        assert_eq!(rule(introspection(Some(typ.clone()))), Rule::Id3, "{typ}");
        assert_eq!(rule(server_metadata(Some(typ.clone()))), Rule::Di9, "{typ}");
        assert_eq!(rule(resource_metadata(Some(typ.clone()))), Rule::Di9, "{typ}");
    }
}

/// ID-24: what a receiver waits for is told before anybody can verify it, and a JWT for another use is not that.
#[test]
fn s7_a_jwt_for_another_use_is_not_recognized_as_the_response() {
    for typ in GENERIC {
        let (pending, response) = response(typ.map(Value::from));
        assert!(pending.recognizes(&response), "{typ:?}");
    }
    for typ in FOREIGN {
        let (pending, response) = response(Some(json!(typ)));
        assert!(!pending.recognizes(&response), "{typ:?}");
    }
}

/// ID-24: nobody verifies a JWT without saying what it is for. Of all types, each is admitted by itself alone.
#[test]
fn s7_each_type_admits_itself_alone() {
    let keys = verification_keys(&RustCrypto, Algorithm::Es256);
    let kinds = ["at+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt", "JWT"];
    for expected in kinds {
        for typ in kinds {
            let jwt = jwt(Some(json!(typ)), &json!({}));
            let verified = Jws::parse(&jwt).unwrap().verify(&keys, JwtType::Explicit(expected));
            assert_eq!(verified.is_ok(), typ == expected, "{typ} as {expected}");
        }
        let untyped = jwt(None, &json!({}));
        let verified = Jws::parse(&untyped).unwrap().verify(&keys, JwtType::Explicit(expected));
        assert_eq!(rule(verified.map(|_| ())), Rule::Id24, "{expected}");
    }
}
