//! oauth2-mock-server, whose next answer is wrong as asked: each wrong answer becomes an error that names its rule.

use std::sync::Arc;

use serde_json::{Value, json};
use valetkey_blocking::{entropy, http_client, now, send};
use valetkey_core::error::Retry;
use valetkey_core::jose::{Algorithm, AwsLc, ClaimsCheck, Jws, JwtType};
use valetkey_core::openid::UserInfoRequest;
use valetkey_core::server::{Endpoint, JwksCache, ServerKeys};
use valetkey_core::status::{Inactive, Introspected, Introspection, Revocation};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Discovery, Error, Grant, Quirk,
    Quirks, Rule, Session, TokenRequest, TokenResponse,
};

use crate::adapter::{Adapter, rows};
use crate::browser::Browser;
use crate::refusal;
use crate::rig::Rig;

rows! {
    introspection, login, metadata, redirect, refusals, revocation, right_answers, signed_tokens, token_response,
    user_info,
}

const CALLBACK: &str = "https://client.example/callback";

/// The server, one of each row's own: what is queued is for the next answer, whoever asks.
struct Mock<'a, A> {
    adapter: &'a A,
    rig: Rig,
}

impl<'a, A: Adapter> Mock<'a, A> {
    fn new(adapter: &'a A) -> Self {
        Self { adapter, rig: Rig::start("oauth2-mock-server", "default") }
    }

    /// Makes the next answer of one kind wrong.
    fn next(&self, event: &str, fault: &Value) {
        let mut fault = fault.clone();
        fault["event"] = json!(event);
        let request = http::Request::post(format!("{}/next", self.rig.text("/issuer")))
            .header("content-type", "application/json")
            .body(fault.to_string().into_bytes())
            .unwrap();
        assert_eq!(send(&http_client(), request).unwrap().status(), 200);
    }

    fn discover(&self) -> Result<AuthorizationServer, Error> {
        let quirks = Quirks::STRICT.with(Quirk::LoopbackHttp);
        Ok(self.adapter.run(Discovery::new(self.rig.text("/issuer"))?.admit_all(quirks))?.into_server())
    }

    /// A public client, the only kind that this server lists.
    fn client(&self) -> Client {
        Client::new(self.discover().unwrap(), "client").api(self.rig.text("/issuer")).unwrap()
    }

    fn tokens(&self, client: &Client) -> Result<TokenResponse, Error> {
        let grant = Grant::client_credentials().scope("read")?;
        self.adapter.run(TokenRequest::new(client, grant)?)
    }

    fn authorize(&self, client: &Client) -> Result<TokenResponse, Error> {
        self.begin(client, AuthorizationRequest::new(client, CALLBACK)?)
    }

    fn log_in(&self, client: &Client) -> Result<TokenResponse, Error> {
        self.begin(client, AuthorizationRequest::new(client, CALLBACK)?.scope("openid")?)
    }

    /// The code flow, with a browser that the server sends back at once.
    fn begin(&self, client: &Client, request: AuthorizationRequest) -> Result<TokenResponse, Error> {
        let (url, mut pending) = request.begin_unbound(entropy().unwrap(), now())?;
        let back = Browser::new().visit(url.as_str(), CALLBACK).unwrap();
        self.adapter.run(pending.finish(client, &AuthorizationResponse::from_url(&back)?, now())?)
    }
}

fn rule<T>(outcome: Result<T, Error>, fault: &Value) -> Option<Rule> {
    match outcome {
        Ok(_) => panic!("{fault} was taken"),
        Err(error) => error.rule(),
    }
}

/// What was wrong before is right again, and the API behind it answers.
fn right_answers(adapter: &impl Adapter) {
    let mock = Mock::new(adapter);
    mock.next("beforeResponse", &json!({ "status": 500 }));
    let client = mock.client();
    assert!(mock.authorize(&client).unwrap_err().is_transient());
    let tokens = mock.authorize(&client).unwrap();
    assert!(tokens.quirks().is_empty(), "{:?}", tokens.quirks());
    let me = client.server().url_of(Endpoint::Userinfo).unwrap();
    assert_eq!(adapter.get(Session::from_tokens(&client, &tokens), &me).unwrap()["sub"], "johndoe");
}

/// A client for logins. The server signs by another algorithm than it lists, but for this once.
fn client_for_logins<A: Adapter>(mock: &Mock<'_, A>) -> Client {
    let listed = json!({ "merge": { "id_token_signing_alg_values_supported": ["ES256"] } });
    mock.next("beforeWellKnownOpenIdConfiguration", &listed);
    mock.client()
}

/// ID-9 to ID-34: each claim of an ID token.
fn login(adapter: &impl Adapter) {
    let mock = Mock::new(adapter);
    // As it is, it lists RS256 and signs by ES256.
    assert_eq!(rule(mock.log_in(&mock.client()), &json!("as it is")), Some(Rule::Id28));
    let client = client_for_logins(&mock);
    let login = mock.log_in(&client).unwrap();
    assert_eq!(login.login().unwrap().identity().subject(), "johndoe");
    for (claims, broken) in [
        (json!({ "iss": "https://evil.example" }), Rule::Id9),
        (json!({ "sub": "" }), Rule::Id18),
        (json!({ "sub": 7 }), Rule::Id18),
        (json!({ "aud": "another" }), Rule::Id10),
        (json!({ "aud": ["client", "another"] }), Rule::Id10),
        (json!({ "aud": [] }), Rule::Id34),
        (json!({ "azp": "another" }), Rule::Id11),
        (json!({ "exp": 1_000_000_000 }), Rule::Id12),
        (json!({ "exp": "soon" }), Rule::Id25),
        (json!({ "nbf": 9_000_000_000_u64 }), Rule::Id14),
        (json!({ "iat": null }), Rule::Id25),
        (json!({ "iat": 1_000_000_000 }), Rule::Id31),
        (json!({ "nonce": "another" }), Rule::Id15),
        (json!({ "auth_time": 9_000_000_000_u64 }), Rule::Id35),
        (json!({ "at_hash": "another" }), Rule::Id19),
        (json!({ "events": {} }), Rule::Id36),
    ] {
        // The access token is signed first.
        mock.next("beforeTokenSigning", &json!({}));
        mock.next("beforeTokenSigning", &json!({ "claims": claims }));
        assert_eq!(rule(mock.log_in(&client), &claims), Some(broken), "{claims}");
    }
}

/// UI-1, UI-5: about the person who logged in, or an error.
fn user_info(adapter: &impl Adapter) {
    let mock = Mock::new(adapter);
    let client = client_for_logins(&mock);
    let tokens = mock.log_in(&client).unwrap();
    let told = || adapter.run(UserInfoRequest::new(&client, &tokens).unwrap());
    for (fault, broken) in [
        (json!({ "merge": { "sub": "somebody else" } }), Rule::Ui5),
        (json!({ "merge": { "sub": 7 } }), Rule::Ui5),
        (json!({ "remove": ["sub"] }), Rule::Ui5),
        (json!({ "status": 201 }), Rule::Ui1),
        (json!({ "body": ["johndoe"] }), Rule::Tr2),
        (json!({ "merge": { "_claim_names": { "address": "bank" } } }), Rule::Ui10),
    ] {
        mock.next("beforeUserinfo", &fault);
        assert_eq!(rule(told(), &fault), Some(broken), "{fault}");
    }
    mock.next("beforeUserinfo", &json!({ "status": 401, "body": { "error": "invalid_token" } }));
    assert_eq!(refusal(&told().unwrap_err()), (401, "invalid_token"));
    mock.next("beforeUserinfo", &json!({ "merge": { "email_verified": "true", "name": "John" } }));
    let told = told().unwrap();
    assert_eq!(
        (told.standard_claims().name(), told.standard_claims().email_verified()),
        (Some("John"), None)
    );
    assert!(told.quirks().contains(Quirk::ClaimOfOtherType), "{:?}", told.quirks());
}

/// DI-3 to DI-6, AQ-3, CA-3.
fn metadata(adapter: &impl Adapter) {
    let mock = Mock::new(adapter);
    for (fault, broken) in [
        (json!({ "merge": { "issuer": "https://evil.example" } }), Rule::Di4),
        (json!({ "merge": { "issuer": format!("{}/", mock.rig.text("/issuer")) } }), Rule::Di4),
        (json!({ "remove": ["issuer"] }), Rule::Di4),
        (json!({ "remove": ["response_types_supported"] }), Rule::Di6),
        (json!({ "merge": { "scopes_supported": "read" } }), Rule::Di6),
        (json!({ "merge": { "require_pushed_authorization_requests": "yes" } }), Rule::Di6),
        (json!({ "body": ["metadata"] }), Rule::Tr2),
        (json!({ "status": 203 }), Rule::Di3),
    ] {
        mock.next("beforeWellKnownOpenIdConfiguration", &fault);
        assert_eq!(rule(mock.discover(), &fault), Some(broken), "{fault}");
    }
    // An endpoint that cannot be used is left out, and refused when it is used.
    for (fault, endpoint) in [
        (json!({ "merge": { "token_endpoint": "http://evil.example/token" } }), Endpoint::Token),
        (json!({ "merge": { "token_endpoint": "https://as.example/token#part" } }), Endpoint::Token),
        (json!({ "merge": { "jwks_uri": 7 } }), Endpoint::Jwks),
    ] {
        mock.next("beforeWellKnownOpenIdConfiguration", &fault);
        let client = mock.client();
        let used = match endpoint {
            Endpoint::Token => rule(mock.tokens(&client), &fault),
            _ => rule(ServerKeys::published(client.server(), Arc::new(AwsLc), &[Algorithm::Es256]), &fault),
        };
        assert_eq!(used, Some(Rule::Di5), "{fault}");
        assert!(client.server().url_of(endpoint).is_none(), "{fault}");
    }
    for (status, transient) in [(404, false), (503, true)] {
        mock.next("beforeWellKnownOpenIdConfiguration", &json!({ "status": status }));
        let error = mock.discover().unwrap_err();
        assert_eq!(refusal(&error).0, status);
        assert_eq!(error.is_transient(), transient, "{status}");
    }
    let plain = json!({ "merge": { "code_challenge_methods_supported": ["plain"] } });
    mock.next("beforeWellKnownOpenIdConfiguration", &plain);
    assert_eq!(rule(mock.authorize(&mock.client()), &plain), Some(Rule::Aq3));
    let keys = json!({ "merge": { "token_endpoint_auth_methods_supported": ["private_key_jwt"] } });
    mock.next("beforeWellKnownOpenIdConfiguration", &keys);
    assert_eq!(rule(mock.tokens(&mock.client().secret("s").unwrap()), &keys), Some(Rule::Ca3));
}

/// AR-2 to AR-9.
fn redirect(adapter: &impl Adapter) {
    let mock = Mock::new(adapter);
    let client = mock.client();
    for (fault, broken) in [
        (json!({ "query": { "state": "another" } }), Rule::Ar5),
        (json!({ "remove": ["state"] }), Rule::Ar5),
        (json!({ "query": { "iss": "https://evil.example" } }), Rule::Ar4),
        (json!({ "remove": ["code"] }), Rule::Ar7),
        (json!({ "query": { "error": "access_denied" } }), Rule::Ar7),
        (json!({ "query": { "code": "a\u{7f}b" } }), Rule::Ar8),
        (json!({ "query": { "access_token": "a token" } }), Rule::Ar9),
        (json!({ "query": { "response": "eyJ" } }), Rule::Ar2),
    ] {
        mock.next("beforeAuthorizeRedirect", &fault);
        assert_eq!(rule(mock.authorize(&client), &fault), Some(broken), "{fault}");
    }
    mock.next(
        "beforeAuthorizeRedirect",
        &json!({ "remove": ["code"], "query": { "error": "access_denied" } }),
    );
    assert!(mock.authorize(&client).unwrap_err().is_access_denied());
    mock.authorize(&client).unwrap();
}

/// TR-1 to TR-12.
fn token_response(adapter: &impl Adapter) {
    let mock = Mock::new(adapter);
    let client = mock.client();
    for (fault, broken) in [
        (json!({ "status": 201 }), Rule::Tr1),
        (json!({ "status": 302 }), Rule::Tr1),
        (json!({ "body": "tokens" }), Rule::Tr2),
        (json!({ "body": [{ "access_token": "a" }] }), Rule::Tr2),
        (json!({ "remove": ["access_token"] }), Rule::Tr5),
        (json!({ "merge": { "access_token": "" } }), Rule::Tr5),
        (json!({ "merge": { "access_token": "a\nb" } }), Rule::Tr5),
        (json!({ "merge": { "access_token": 7 } }), Rule::Tr5),
        (json!({ "remove": ["token_type"] }), Rule::Tr6),
        (json!({ "merge": { "token_type": "mac" } }), Rule::Tr6),
        (json!({ "merge": { "token_type": "DPoP" } }), Rule::Tr8),
        (json!({ "merge": { "expires_in": -1 } }), Rule::Tr9),
        (json!({ "merge": { "expires_in": "soon" } }), Rule::Tr9),
        (json!({ "merge": { "refresh_token": 7 } }), Rule::Tr10),
        (json!({ "merge": { "refresh_token": null } }), Rule::Tr10),
        (json!({ "merge": { "scope": ["read"] } }), Rule::Tr11),
        (json!({ "merge": { "scope": "" } }), Rule::Tr11),
        (json!({ "merge": { "id_token": {} } }), Rule::Tr12),
        (json!({ "merge": { "authorization_details": "all" } }), Rule::Tr15),
    ] {
        mock.next("beforeResponse", &fault);
        assert_eq!(rule(mock.tokens(&client), &fault), Some(broken), "{fault}");
    }
    mock.next("beforeResponse", &json!({ "merge": { "expires_in": "3600" } }));
    assert!(mock.tokens(&client).unwrap().quirks().contains(Quirk::LifetimeAsText));
}

/// TR-4, ER-1 to ER-6: what a refusal says, and whether it may pass.
fn refusals(adapter: &impl Adapter) {
    let mock = Mock::new(adapter);
    let client = mock.client();
    let evil = json!({ "error": "invalid_grant", "error_description": "gone\u{1b}[2J\u{202e}" });
    for (fault, code, is_invalid_grant, retry) in [
        (json!({ "merge": { "error": "invalid_grant" } }), "invalid_grant", true, Retry::Never),
        (json!({ "status": 400, "body": evil }), "invalid_grant", true, Retry::Never),
        (
            json!({ "status": 401, "body": { "error": "invalid_client" } }),
            "invalid_client",
            false,
            Retry::Never,
        ),
        (json!({ "status": 429, "body": { "error": "slow_down" } }), "slow_down", false, Retry::Later(None)),
        (
            json!({ "status": 500, "body": { "error": "invalid_grant" } }),
            "invalid_grant",
            false,
            Retry::Later(None),
        ),
        (json!({ "status": 503, "body": "down for maintenance" }), "", false, Retry::Later(None)),
    ] {
        mock.next("beforeResponse", &fault);
        let error = mock.tokens(&client).map(|_| ()).unwrap_err();
        assert_eq!(error.is_invalid_grant(), is_invalid_grant, "{fault}");
        assert_eq!(refusal(&error).1, code, "{fault}");
        assert_eq!(error.refused().unwrap().retry(), retry, "{fault}");
        assert!(!error.to_string().contains(['\u{1b}', '\u{202e}']), "{error:?}");
    }
    mock.next("beforeResponse", &json!({ "status": 400, "body": { "error": 7 } }));
    assert_eq!(refusal(&mock.tokens(&client).unwrap_err()), (400, ""));
    // The server's own words for what it does not know are a problem document and no OAuth error.
    let unknown = Grant::extension("urn:example:unheard", valetkey_core::Subject::User, ()).unwrap();
    let error = adapter.run(TokenRequest::new(&client, unknown).unwrap()).unwrap_err();
    assert_eq!(refusal(&error), (400, ""));
    assert!(error.refused().unwrap().excerpt().unwrap().contains("Invalid grant type"), "{error}");
}

/// IN-1.
fn introspection(adapter: &impl Adapter) {
    let mock = Mock::new(adapter);
    let client = mock.client();
    let tokens = mock.tokens(&client).unwrap();
    let ask = || adapter.run(Introspection::new(&client, tokens.access_token()).unwrap());
    for fault in [
        json!({ "remove": ["active"] }),
        json!({ "merge": { "active": "true" } }),
        json!({ "merge": { "active": null } }),
        json!({ "status": 203 }),
    ] {
        mock.next("beforeIntrospect", &fault);
        assert_eq!(rule(ask(), &fault), Some(Rule::In1), "{fault}");
    }
    for (fault, reason) in [
        (json!({ "merge": { "active": false } }), Inactive::Told),
        (json!({ "merge": { "exp": 1_000_000_000 } }), Inactive::Expired),
        (json!({ "merge": { "nbf": 9_000_000_000_u64 } }), Inactive::NotYet),
    ] {
        mock.next("beforeIntrospect", &fault);
        let Ok(Introspected::Inactive(told)) = ask() else { panic!("{fault} was taken") };
        assert_eq!(told, reason, "{fault}");
    }
    assert!(ask().unwrap().active().is_some());
}

/// RV-1.
fn revocation(adapter: &impl Adapter) {
    let mock = Mock::new(adapter);
    let client = mock.client();
    let tokens = mock.tokens(&client).unwrap();
    let end = || adapter.run(Revocation::access_token(&client, tokens.access_token()).unwrap());
    let accepted = json!({ "status": 202 });
    mock.next("beforeRevoke", &accepted);
    assert_eq!(rule(end(), &accepted), Some(Rule::Rv1));
    mock.next("beforeRevoke", &json!({ "status": 503 }));
    assert!(end().unwrap_err().is_transient());
    end().unwrap();
}

/// ID-9, ID-10, ID-12, ID-14, ID-25: what an API reads in a token that the server signed.
fn signed_tokens(adapter: &impl Adapter) {
    let mock = Mock::new(adapter);
    let client = mock.client();
    let (place, quirks) = (client.server().url_of(Endpoint::Jwks).unwrap(), client.server().quirks());
    let mut cache =
        JwksCache::verifying(Arc::new(AwsLc), &[Algorithm::Es256], &place).unwrap().admit_all(quirks);
    let mut fetch = cache.refresh(now()).unwrap();
    adapter.run(&mut fetch).unwrap();
    cache.settle(fetch, now()).unwrap();
    let keys = cache.keys(now()).unwrap();
    let read = || {
        let tokens = mock.tokens(&client).unwrap();
        let claims = Jws::parse(tokens.access_token().expose())?.verify(&keys, JwtType::Generic)?.claims()?;
        let check = ClaimsCheck::at(now()).issuer(mock.rig.text("/issuer")).audience("api").expires();
        check.check(&claims)
    };
    let audience = |claims: Value| {
        let mut all = json!({ "aud": "api" });
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        json!({ "claims": all })
    };
    for (fault, broken) in [
        (audience(json!({ "iss": "https://evil.example" })), Rule::Id9),
        (audience(json!({ "aud": "another" })), Rule::Id10),
        (audience(json!({ "exp": 1_000_000_000 })), Rule::Id12),
        (audience(json!({ "exp": null })), Rule::Id25),
        (audience(json!({ "nbf": 9_000_000_000_u64 })), Rule::Id14),
    ] {
        mock.next("beforeTokenSigning", &fault);
        assert_eq!(rule(read(), &fault), Some(broken), "{fault}");
    }
    mock.next("beforeTokenSigning", &audience(json!({})));
    read().unwrap();
}
