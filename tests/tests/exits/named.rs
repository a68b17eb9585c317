//! Every quirk's deviation, unadmitted, gives an error that names the quirk. A quirk that is added has its row here.

use http::HeaderMap;
use serde::{Serialize, Serializer};
use serde_json::json as value;
use valetkey_core::api::ProtectedResourceDiscovery;
use valetkey_core::authorize::ResponseMode;
use valetkey_core::client::ClientAssertion;
use valetkey_core::error::Challenge;
use valetkey_core::jose::{Algorithm, AwsLc, JwtSigner, RustCrypto};
use valetkey_core::logout::BackChannel;
use valetkey_core::openid::UserInfoRequest;
use valetkey_core::server::Endpoint;
use valetkey_core::status::{Expectations, Introspection, Revocation};
use valetkey_core::token::TokenType;
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret,
    DeviceAuthorizationRequest, Discovery, Dpop, Error, Flow as _, Grant, Quirk, Quirks, RefreshToken,
    Resource, Response, Scope, Session, TokenRequest,
};
use valetkey_tests::jose::{key_pair, signed, verification_keys};
use valetkey_tests::openid;
use valetkey_tests::renewing::{Rig, kept};
use valetkey_tests::script::play;
use valetkey_tests::world::World;
use valetkey_tests::{NOW, client, client_of, entropy, json, server};

use crate::{parsed, whole, with};

/// Claims of which one is there twice.
struct IssuerTwice;

impl Serialize for IssuerTwice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("iss", "https://as.example"), ("aud", "c"), ("iss", "https://as.example")])
    }
}

/// What a server does that needs the quirk, met without it.
type Deviation = (Quirk, fn() -> Error);

const DEVIATIONS: &[Deviation] = &[
    (Quirk::NoTokenType, || refused(json(200, r#"{"access_token":"a"}"#))),
    (Quirk::ScopeAsArray, || refused(with(r#""scope":["a","b"]"#))),
    (Quirk::EmptyScope, || refused(with(r#""scope":"""#))),
    (Quirk::NullMember, || refused(with(r#""refresh_token":null"#))),
    (Quirk::AnySuccessStatus, || refused(json(201, r#"{"access_token":"a","token_type":"Bearer"}"#))),
    (Quirk::AnyContentType, || {
        let mut response = with(r#""x":1"#);
        response.headers_mut().remove("content-type");
        refused(response)
    }),
    (Quirk::RawBasic, || {
        let secret = ClientSecret::new("a+b/c=").unwrap();
        let client = Client::new(server(), "c").secret(secret).unwrap();
        unrecognized(&client)
    }),
    (Quirk::LoopbackHttp, || Discovery::new("http://127.0.0.1:8080").unwrap().step(None, NOW).err().unwrap()),
    (Quirk::IssDiscarded, || {
        sent_back(server(), ResponseMode::Query, "?code=c&state=STATE&iss=https://other.example")
    }),
    (Quirk::IssMissing, || sent_back(server().advertises_iss(), ResponseMode::Query, "?code=c&state=STATE")),
    (Quirk::IssInQuery, || {
        let apart = "?iss=https://as.example#code=c&state=STATE";
        sent_back(server().advertises_iss(), ResponseMode::Fragment, apart)
    }),
    (Quirk::RepeatedClaim, || {
        let client = whole(server().keys(verification_keys(&RustCrypto, Algorithm::Es256)));
        let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
        let request = request.response_mode(ResponseMode::Jwt);
        let (_, pending) = request.begin_unbound(entropy(1), NOW).unwrap();
        let signer = JwtSigner::new(key_pair(&RustCrypto, Algorithm::Es256), None);
        let jwt = signer.write(&IssuerTwice).unwrap().sign().unwrap().ready().unwrap();
        let back = format!("https://app.example/callback?response={}", jwt.expose());
        let flow = pending.open(&client, &AuthorizationResponse::from_url(&back).unwrap()).unwrap();
        play(flow, []).outcome.unwrap_err()
    }),
    (Quirk::NoResponseTypes, || {
        let body = r#"{"issuer":"https://as.example","token_endpoint":"https://as.example/token"}"#;
        Discovery::new("https://as.example").unwrap().parse(json(200, body), NOW).unwrap_err()
    }),
    (Quirk::NoCodeChallenge, || {
        let client = whole(server().code_challenge_methods(["plain"]));
        let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
        request.begin_unbound(entropy(1), NOW).unwrap_err()
    }),
    (Quirk::UnusualRedirectUri, || {
        AuthorizationRequest::new(&client(), "cursor://callback").map(drop).unwrap_err()
    }),
    (Quirk::VerificationUrl, || {
        let answer = r#"{"device_code":"d","user_code":"u","verification_url":"https://as.example/d","expires_in":60}"#;
        let flow = DeviceAuthorizationRequest::new(&whole(server())).unwrap();
        play(flow, [Some(json(200, answer))]).outcome.unwrap_err()
    }),
    (Quirk::ResourcePrefix, || {
        let resource = Resource::new("https://api.example/calendar").unwrap();
        let document = r#"{"resource":"https://api.example","authorization_servers":["https://as.example"]}"#;
        ProtectedResourceDiscovery::new(&resource).unwrap().parse(json(200, document), NOW).unwrap_err()
    }),
    (Quirk::MetadataElsewhere, || {
        let mut headers = HeaderMap::new();
        let challenge =
            r#"Bearer resource_metadata="https://docs.example/.well-known/oauth-protected-resource""#;
        headers.insert("www-authenticate", challenge.parse().unwrap());
        let challenge = Challenge::parse(&headers).unwrap().remove(0);
        let discovery = ProtectedResourceDiscovery::from_challenge(&challenge, "https://api.example/a");
        discovery.and_then(|mut discovery| discovery.step(None, NOW)).err().unwrap()
    }),
    (Quirk::ScopeWithCommas, || {
        let token = RefreshToken::new("r").unwrap();
        let scope: Scope = "repo user".parse().unwrap();
        let grant = Grant::refresh_token(&token).at_most(scope).unwrap();
        let flow = TokenRequest::new(&client(), grant).unwrap();
        play(flow, [Some(with(r#""scope":"repo,user""#))]).outcome.unwrap_err()
    }),
    (Quirk::SubjectAsTokenType, || refused(json(200, r#"{"access_token":"a","token_type":"bot"}"#))),
    (Quirk::EndpointAudience, || {
        let key = key_pair(&AwsLc, Algorithm::Es256);
        unrecognized(&Client::new(server(), "c").assertion(key, entropy(1)).unwrap())
    }),
    (Quirk::BearerForDpop, || {
        let key = Dpop::generate(&RustCrypto, Algorithm::Es256, entropy(2)).unwrap();
        let client = Client::new(server(), "c").dpop(key).unwrap();
        let flow = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
        play(flow, [Some(with(r#""x":1"#))]).outcome.unwrap_err()
    }),
    (Quirk::AnyTokenType, || refused(json(200, r#"{"access_token":"a","token_type":"User Access Token"}"#))),
    (Quirk::FormEncodedAnswer, || refused(json(200, "access_token=a&expires=86400"))),
    (Quirk::ByteOrderMark, || {
        refused(json(200, "\u{feff}{\"access_token\":\"a\",\"token_type\":\"Bearer\"}"))
    }),
    (Quirk::NoIdToken, || {
        let client = openid::client();
        openid::begun(&client, |request| request)
            .unwrap()
            .finished(&client, vec![with(r#""x":1"#)])
            .unwrap_err()
    }),
    (Quirk::IdTokenUnread, || {
        let server =
            AuthorizationServer::new().authorization_endpoint("https://as.example/authorize").unwrap();
        let server = server.token_endpoint("https://as.example/token").unwrap();
        openid::begun(&Client::new(server, "c"), |request| request).err().unwrap()
    }),
    (Quirk::IdTokenByTls, || openid::begun(&client(), |request| request).err().unwrap()),
    (Quirk::SparseLoginMetadata, || {
        let listing = openid::provider(Algorithm::Es256).list("response_types_supported", ["code"]);
        openid::begun(&client_of(listing), |request| request).err().unwrap()
    }),
    (Quirk::IntrospectionForApi, || {
        let server = server().keys(verification_keys(&RustCrypto, Algorithm::Es256));
        let token = AccessToken::new("a").unwrap();
        let expected = Expectations::new().audience("https://api.example");
        let flow = Introspection::new(&whole(server), &token).unwrap().signed().unwrap().expect(expected);
        play(flow, [Some(crate::taken::signed_introspection("https://api.example"))]).outcome.unwrap_err()
    }),
    (Quirk::UnaddressedUserInfo, || {
        let server = openid::provider(Algorithm::Es256);
        let server = server.endpoint(Endpoint::Userinfo, "https://as.example/userinfo").unwrap();
        let client = client_of(server).user_info_algorithm(Algorithm::Es256).unwrap();
        let person = value!({"iss": "https://as.example", "sub": "248289761001"});
        let identity = serde_json::from_value(person.clone()).unwrap();
        let token = AccessToken::new("a").unwrap();
        let flow = UserInfoRequest::about(&client, &identity, &token, TokenType::Bearer).unwrap();
        let jwt = signed(&RustCrypto, Algorithm::Es256, &person);
        let mut answer = json(200, &jwt);
        answer.headers_mut().insert("content-type", "application/jwt".parse().unwrap());
        play(flow, [Some(answer)]).outcome.unwrap_err()
    }),
    (Quirk::ZeroLifetime, || {
        let tokens = parsed(with(r#""expires_in":0"#), &[]).unwrap();
        World::of(Session::from_tokens(&client(), &tokens)).call().unwrap_err()
    }),
    (Quirk::NoNonce, || {
        let told = openid::logged_in(&openid::client(), |claims| {
            claims.as_object_mut().unwrap().remove("nonce");
        });
        told.unwrap_err()
    }),
    (Quirk::LogoutWithoutExpiry, || {
        let claims = value!({
            "iss": "https://as.example",
            "aud": "s6BhdRkqt3",
            "iat": NOW.as_secs(),
            "jti": "bWJq",
            "sub": "248289761001",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        let token = signed(&RustCrypto, Algorithm::Es256, &claims);
        let flow = BackChannel::new(&openid::client()).unwrap().verify(&token).unwrap();
        play(flow, []).outcome.unwrap_err()
    }),
    (Quirk::OtherAuthTime, || {
        let client = openid::client();
        let login = openid::logged_in(&client, |claims| claims["auth_time"] = 1.into()).unwrap();
        let mut rig = Rig::new();
        let mut session = kept(Session::from_tokens(&client, &login));
        rig.renew(&mut session).unwrap();
        rig.pass(3600);
        let mut claims = openid::claims(None);
        let now = rig.now().as_secs();
        (claims["auth_time"], claims["iat"], claims["exp"]) = (2.into(), now.into(), (now + 60).into());
        rig.answers(Some(openid::tokens(&openid::id_token(Algorithm::Es256, &claims))));
        rig.renew(&mut session).unwrap_err()
    }),
];

/// What an API answers, and a claim of a wrong type, which is left out, is handed to the program, and is no error of this
/// library: there is nothing that could name them.
const HANDED_OVER: &[Quirk] = &[Quirk::BadTokenBy400, Quirk::BadTokenBy403, Quirk::BooleanAsText];

fn refused(response: Response) -> Error {
    parsed(response, &[]).unwrap_err()
}

/// The browser comes back to the redirect URI with this, and the program's `state` in it.
fn sent_back(server: AuthorizationServer, mode: ResponseMode, with: &str) -> Error {
    let client = whole(server);
    let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    let (_, mut pending) = request.response_mode(mode).begin_unbound(entropy(1), NOW).unwrap();
    let back = format!("https://app.example/callback{}", with.replace("STATE", pending.state()));
    pending.finish(&client, &AuthorizationResponse::from_url(&back).unwrap(), NOW).err().unwrap()
}

/// The server does not know the client by what it sent.
fn unrecognized(client: &Client) -> Error {
    let flow = TokenRequest::new(client, Grant::client_credentials()).unwrap();
    play(flow, [Some(json(401, r#"{"error":"invalid_client"}"#))]).outcome.unwrap_err()
}

#[test]
fn every_deviation_is_refused_by_an_error_that_names_its_quirk() {
    let is_silent = |quirk: &Quirk| Quirks::STRICT.contains(*quirk) || HANDED_OVER.contains(quirk);
    for &quirk in Quirk::ALL.iter().filter(|quirk| !is_silent(quirk)) {
        let row = DEVIATIONS.iter().find(|(known, _)| *known == quirk);
        let (_, deviation) = row.unwrap_or_else(|| panic!("{} has no row", quirk.name()));
        let error = deviation();
        assert_eq!(error.admitted_by(), Some(quirk), "{}: {error}", quirk.name());
        let text = error.to_string();
        assert!(text.contains(&format!("`{}`", quirk.name())), "{}: {text}", quirk.name());
        assert!(text.contains(&format!("`Quirk::{quirk:?}`")), "{}: {text}", quirk.name());
    }
}

/// What nothing admits names nothing.
#[test]
fn an_error_without_an_exit_names_none() {
    for error in [
        refused(json(200, r#"{"access_token":5,"token_type":"Bearer"}"#)),
        refused(with(r#""expires_in":-2"#)),
        refused(json(400, r#"{"error":"invalid_grant"}"#)),
        unrecognized(&client()),
        Error::Unanswered,
        Client::new(server(), "c").api("ftp://api.example").unwrap_err(),
    ] {
        assert_eq!(error.admitted_by(), None, "{error}");
        assert!(!error.to_string().contains("Quirk::"), "{error}");
    }
}

/// CA-4: the assertion that is to be addressed otherwise says so when it is made, too.
#[test]
fn an_assertion_for_the_endpoint_names_its_quirk() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let assertion = ClientAssertion::new(key, entropy(1), "c", "https://as.example");
    let error = assertion.addressed_to(&server()).unwrap_err();
    assert_eq!(error.admitted_by(), Some(Quirk::EndpointAudience), "{error}");
}

/// TR-10, DI-5, IN-1: an error about `null` says which member it is.
#[test]
fn a_member_that_is_null_is_named() {
    let error = refused(with(r#""expires_in":null"#));
    assert!(error.to_string().contains("expires_in"), "{error}");
    let error = refused(with(r#""id_token":"""#));
    assert!(
        error.to_string().contains("id_token") && error.admitted_by() == Some(Quirk::NullMember),
        "{error}"
    );
    let body =
        r#"{"issuer":"https://as.example","response_types_supported":["code"],"revocation_endpoint":null}"#;
    let discovery = Discovery::new("https://as.example").unwrap();
    let found = discovery.parse(json(200, body), NOW).unwrap();
    assert_eq!(found.unusable_endpoints(), [Endpoint::Revocation]);
    let client = Client::new(found.into_server(), "c");
    let error = Revocation::access_token(&client, &AccessToken::new("a").unwrap()).map(drop).unwrap_err();
    assert!(error.to_string().contains("revocation_endpoint"), "{error}");
    assert_eq!(error.admitted_by(), Some(Quirk::NullMember));
    let lax = discovery.admit(Quirk::NullMember).parse(json(200, body), NOW).unwrap();
    assert!(lax.unusable_endpoints().is_empty() && lax.quirks().contains(Quirk::NullMember));
}

/// DI-5: an endpoint that was left out because it is http on loopback names what would have taken it, when it is used.
#[test]
fn an_endpoint_on_loopback_that_was_left_out_names_its_quirk() {
    let body = r#"{"issuer":"https://as.example","response_types_supported":["code"],
        "token_endpoint":"http://127.0.0.1:1/token"}"#;
    let found = Discovery::new("https://as.example").unwrap().parse(json(200, body), NOW).unwrap();
    let client = Client::new(found.into_server(), "c");
    let error = TokenRequest::new(&client, Grant::client_credentials()).map(drop).unwrap_err();
    assert_eq!(error.admitted_by(), Some(Quirk::LoopbackHttp), "{error}");
    assert!(error.to_string().contains("token_endpoint"), "{error}");
}
