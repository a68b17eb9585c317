//! What is admitted and made use of is on the result, by name. A quirk that is added has its row here.

use http::HeaderMap;
use valetkey_core::api::ProtectedResourceDiscovery;
use valetkey_core::authorize::ResponseMode;
use valetkey_core::client::{Adjust, AdjustedRequest};
use valetkey_core::error::{CallbackError, Challenge};
use valetkey_core::jose::{Algorithm, AwsLc, RustCrypto};
use valetkey_core::status::{Expectations, Introspection};
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client,
    DeviceAuthorizationRequest, Discovery, Dpop, Grant, Quirk, Quirks, RefreshToken, Resource, Response,
    TokenRequest,
};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::openid;
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, entropy, json, server};

use crate::{admitting, parsed, whole, with};

/// What a server does, met with the quirk, and what is on the result.
type Recorded = (Quirk, fn(Quirk) -> Quirks);

const RECORDED: &[Recorded] = &[
    (Quirk::LifetimeAsText, |it| taken(with(r#""expires_in":"3600""#), it)),
    (Quirk::LifetimeAsFraction, |it| taken(with(r#""expires_in":3600.5"#), it)),
    (Quirk::LifetimeCapped, |it| taken(with(r#""expires_in":9999999999"#), it)),
    (Quirk::Cacheable, |it| {
        let mut response = with(r#""x":1"#);
        response.headers_mut().remove("cache-control");
        taken(response, it)
    }),
    (Quirk::NoTokenType, |it| taken(json(200, r#"{"access_token":"a"}"#), it)),
    (Quirk::ScopeAsArray, |it| taken(with(r#""scope":["a"]"#), it)),
    (Quirk::EmptyScope, |it| taken(with(r#""scope":"""#), it)),
    (Quirk::NullMember, |it| taken(with(r#""refresh_token":null"#), it)),
    (Quirk::AnySuccessStatus, |it| taken(json(201, r#"{"access_token":"a","token_type":"Bearer"}"#), it)),
    (Quirk::AnyContentType, |it| {
        let mut response = with(r#""x":1"#);
        response.headers_mut().insert("content-type", "text/html".parse().unwrap());
        taken(response, it)
    }),
    (Quirk::RawBasic, |it| granted(&Client::new(admitting(&[it]), "c").secret("a+b/c=").unwrap())),
    (Quirk::LoopbackHttp, |it| {
        let body = r#"{"issuer":"http://127.0.0.1:8080","response_types_supported":["code"],
            "token_endpoint":"http://127.0.0.1:8080/token"}"#;
        let discovery = Discovery::new("http://127.0.0.1:8080").unwrap().admit(it);
        discovery.parse(json(200, body), NOW).unwrap().quirks()
    }),
    (Quirk::IssDiscarded, |it| {
        sent_back(admitting(&[it]), ResponseMode::Query, "?error=no&state=STATE&iss=https://other.example")
    }),
    (Quirk::NoCodeChallenge, |it| begun(admitting(&[it]))),
    (Quirk::HexCodeChallenge, |_| begun(server().code_challenge_in_hex())),
    (Quirk::IntervalAdjusted, |it| device(r#""verification_uri":"https://as.example/d","interval":0"#, it)),
    (Quirk::VerificationUrl, |it| device(r#""verification_url":"https://as.example/d""#, it)),
    (Quirk::ResourcePrefix, |it| {
        let resource = Resource::new("https://api.example/calendar").unwrap();
        let document = r#"{"resource":"https://api.example","authorization_servers":["https://as.example"]}"#;
        let discovery = ProtectedResourceDiscovery::new(&resource).unwrap().admit(it);
        discovery.parse(json(200, document), NOW).unwrap().quirks()
    }),
    (Quirk::MetadataElsewhere, |it| {
        let mut headers = HeaderMap::new();
        let place = r#"Bearer resource_metadata="https://docs.example/.well-known/oauth-protected-resource""#;
        headers.insert("www-authenticate", place.parse().unwrap());
        let challenge = Challenge::parse(&headers).unwrap().remove(0);
        let discovery = ProtectedResourceDiscovery::from_challenge(&challenge, "https://api.example/a")
            .unwrap()
            .admit(it);
        let document =
            r#"{"resource":"https://api.example/a","authorization_servers":["https://as.example"]}"#;
        play(discovery, [Some(json(200, document))]).outcome.unwrap().quirks()
    }),
    (Quirk::ScopeWithCommas, |it| taken(with(r#""scope":"a,b""#), it)),
    (Quirk::SubjectAsTokenType, |it| taken(json(200, r#"{"access_token":"a","token_type":"bot"}"#), it)),
    (Quirk::EndpointAudience, |it| {
        let key = key_pair(&AwsLc, Algorithm::Es256);
        granted(&Client::new(admitting(&[it]), "c").assertion(key, entropy(1)).unwrap())
    }),
    (Quirk::AnyTokenType, |it| taken(json(200, r#"{"access_token":"a","token_type":"app"}"#), it)),
    (Quirk::FormEncodedAnswer, |it| taken(json(200, "access_token=a&token_type=bearer"), it)),
    (Quirk::ByteOrderMark, |it| {
        taken(json(200, "\u{feff}{\"access_token\":\"a\",\"token_type\":\"Bearer\"}"), it)
    }),
    (Quirk::NoIdToken, |it| {
        let client = client_of(admitting(&[it]));
        openid::begun(&client, |request| request)
            .unwrap()
            .finished(&client, vec![with(r#""x":1"#)])
            .unwrap()
            .quirks()
    }),
    (Quirk::IdTokenUnread, |it| unverified(admitting(&[it]))),
    (Quirk::IdTokenByTls, |it| {
        let client = client_of(admitting(&[it]));
        openid::logged_in(&client, |_| {}).unwrap().quirks()
    }),
    (Quirk::SparseLoginMetadata, |it| {
        let server = openid::provider(Algorithm::Es256).list("response_types_supported", ["code"]).admit(it);
        openid::logged_in(&client_of(server), |_| {}).unwrap().quirks()
    }),
    (Quirk::ClaimOfOtherType, |it| claimed(it, "name", 5.into())),
    (Quirk::BooleanAsText, |it| claimed(it, "email_verified", "true".into())),
    (Quirk::NoNonce, |it| {
        let client = client_of(openid::provider(Algorithm::Es256).admit(it));
        let told = openid::logged_in(&client, |claims| {
            claims.as_object_mut().unwrap().remove("nonce");
        });
        told.unwrap().login().unwrap().quirks()
    }),
    (Quirk::IssuerWithoutScheme, |_| {
        let client = client_of(openid::provider(Algorithm::Es256).issuer_without_scheme());
        let told = openid::logged_in(&client, |claims| claims["iss"] = "as.example".into());
        told.unwrap().login().unwrap().quirks()
    }),
    (Quirk::TenantOfIssuer, |_| {
        let tenant = "11111111-2222-3333-4444-555555555555";
        let server = openid::provider(Algorithm::Es256).issuer("https://as.example/{tenantid}").unwrap();
        let told = openid::logged_in(&client_of(server.tenants([tenant]).unwrap()), |claims| {
            claims["iss"] = format!("https://as.example/{tenant}").into();
            claims["tid"] = tenant.into();
        });
        told.unwrap().login().unwrap().quirks()
    }),
    (Quirk::OtherIssuer, |_| {
        let body = r#"{"issuer":"https://other.example","response_types_supported":["code"]}"#;
        let discovery = Discovery::new("https://as.example").unwrap();
        let discovery = discovery.naming_issuer("https://other.example").unwrap();
        discovery.parse(json(200, body), NOW).unwrap().quirks()
    }),
    (Quirk::ZeroLifetime, |it| taken(with(r#""expires_in":0"#), it)),
    (Quirk::TokensElsewhere, |_| {
        let body = r#"{"body":{"access_token":"a","token_type":"Bearer"}}"#;
        let server = server().tokens_at("/body").unwrap();
        valetkey_core::TokenResponse::parse(json(200, body), NOW, &server).unwrap().quirks()
    }),
    (Quirk::IntrospectionForApi, |it| {
        let server = admitting(&[it]).keys(verification_keys(&RustCrypto, Algorithm::Es256));
        let expected = Expectations::new().audience("https://api.example");
        let flow = Introspection::new(&whole(server), &AccessToken::new("a").unwrap()).unwrap();
        let answer = crate::taken::signed_introspection("https://api.example");
        let token = play(flow.signed().unwrap().expect(expected), [Some(answer)]).outcome.unwrap();
        token.active().unwrap().quirks()
    }),
    (Quirk::BearerForDpop, |it| {
        let key = Dpop::generate(&RustCrypto, Algorithm::Es256, entropy(2)).unwrap();
        granted(&Client::new(admitting(&[it]), "c").dpop(key).unwrap())
    }),
    (Quirk::IssMissingInErrors, |_| {
        sent_back(server().advertises_iss(), ResponseMode::Query, "?error=no&state=STATE")
    }),
    (Quirk::IssMissing, |it| {
        let client = client_of(admitting(&[it]).advertises_iss());
        let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
        let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
        let back = format!("https://app.example/callback?code=c&state={}", pending.state());
        pending.finish(&client, &AuthorizationResponse::from_url(&back).unwrap(), NOW).unwrap();
        pending.quirks()
    }),
    (Quirk::IssInQuery, |it| {
        let apart = "?iss=https://as.example#error=no&state=STATE";
        sent_back(admitting(&[it]).advertises_iss(), ResponseMode::Fragment, apart)
    }),
    (Quirk::NoResponseTypes, |it| {
        let body = r#"{"issuer":"https://as.example"}"#;
        let discovery = Discovery::new("https://as.example").unwrap().admit(it);
        discovery.parse(json(200, body), NOW).unwrap().quirks()
    }),
    (Quirk::UnusualRedirectUri, |it| {
        let client = client_of(admitting(&[it]));
        let request = AuthorizationRequest::new(&client, "cursor://callback").unwrap();
        request.quirks()
    }),
    (Quirk::Adjusted, |_| {
        struct Marks;
        impl Adjust for Marks {
            fn request(&self, request: &mut AdjustedRequest) -> Result<(), CallbackError> {
                request.set("marked", "1");
                Ok(())
            }
        }
        granted(&client_of(server()).adjusted_by(Marks))
    }),
    (Quirk::RefreshTokenKept, |_| {
        let client = Client::new(server(), "c");
        let grant = Grant::refresh_token(&RefreshToken::new("r").unwrap());
        play(TokenRequest::new(&client, grant).unwrap(), [Some(with(r#""x":1"#))]).outcome.unwrap().quirks()
    }),
];

/// They have tests of their own, where their results are made: of calls of an API, a signed response, and gzip.
const ELSEWHERE: &[Quirk] = &[
    Quirk::BadTokenBy400,
    Quirk::BadTokenBy403,
    Quirk::RepeatedClaim,
    Quirk::UnaskedGzip,
    // Of a login that is renewed, and of signed UserInfo.
    Quirk::OtherAuthTime,
    Quirk::UnaddressedUserInfo,
    // Of a logout token.
    Quirk::LogoutWithoutExpiry,
];

fn taken(response: Response, quirk: Quirk) -> Quirks {
    parsed(response, &[quirk]).unwrap().quirks()
}

/// A login whose ID token nobody reads.
fn unverified(server: AuthorizationServer) -> Quirks {
    let client = client_of(server);
    let answer = with(r#""id_token":"opaque""#);
    openid::begun(&client, |request| request).unwrap().finished(&client, vec![answer]).unwrap().quirks()
}

/// A login with this claim.
fn claimed(quirk: Quirk, name: &'static str, value: serde_json::Value) -> Quirks {
    let client = client_of(openid::provider(Algorithm::Es256).admit(quirk));
    let tokens = openid::logged_in(&client, |claims| claims[name] = value).unwrap();
    tokens.login().unwrap().standard_claims().quirks()
}

fn granted(client: &Client) -> Quirks {
    let flow = TokenRequest::new(client, Grant::client_credentials()).unwrap();
    play(flow, [Some(with(r#""x":1"#))]).outcome.unwrap().quirks()
}

/// What a request is that a server is met with.
fn begun(server: AuthorizationServer) -> Quirks {
    AuthorizationRequest::new(&client_of(server), "https://app.example/callback").unwrap().quirks()
}

fn device(members: &str, quirk: Quirk) -> Quirks {
    let answer = format!(r#"{{"device_code":"d","user_code":"u","expires_in":60,{members}}}"#);
    let flow = DeviceAuthorizationRequest::new(&whole(admitting(&[quirk]))).unwrap();
    play(flow, [Some(json(200, &answer))]).outcome.unwrap().quirks()
}

/// The refusal that a browser brings.
fn sent_back(server: AuthorizationServer, mode: ResponseMode, with: &str) -> Quirks {
    let client = whole(server);
    let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    let (_, mut pending) = request.response_mode(mode).begin_unbound(entropy(1), NOW).unwrap();
    let back = format!("https://app.example/callback{}", with.replace("STATE", pending.state()));
    let error = pending.finish(&client, &AuthorizationResponse::from_url(&back).unwrap(), NOW).err().unwrap();
    error.refused().unwrap_or_else(|| panic!("{error}")).quirks()
}

#[test]
fn every_relaxation_that_was_made_use_of_is_on_the_result() {
    for &quirk in Quirk::ALL.iter().filter(|quirk| !ELSEWHERE.contains(quirk)) {
        let row = RECORDED.iter().find(|(known, _)| *known == quirk);
        let (_, recorded) = row.unwrap_or_else(|| panic!("{} has no row", quirk.name()));
        let quirks = recorded(quirk);
        assert!(quirks.contains(quirk), "{}: {quirks:?}", quirk.name());
    }
}

/// Nor is what was admitted and not needed.
#[test]
fn a_relaxation_that_was_not_needed_is_not_on_the_result() {
    let all = Quirk::ALL.iter().fold(Quirks::STRICT, |quirks, &quirk| quirks.with(quirk));
    let client = |server: AuthorizationServer| Client::new(server.admit_all(all), "c");
    for client in [client(server()), client(server()).secret("plain-secret").unwrap()] {
        assert!(granted(&client).is_empty(), "{:?}", granted(&client));
    }
}
