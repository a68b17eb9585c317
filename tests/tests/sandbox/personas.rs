//! Personas: each plays a profile, answers what a documentation shows with new secrets, and refuses what the server refuses.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, USER_AGENT};
use serde_json::{Value, json};
use valetkey_core::client::AuthenticationMethod;
use valetkey_core::jose::{Algorithm, AwsLc, JwtSigner, KeyPair, PrivateJwk};
use valetkey_core::server::{Endpoint, Profile};
use valetkey_core::status::Revocation;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Error, Flow, Grant, Quirk,
    Request, Response, Rule, Step, TokenRequest, TokenResponse,
};
use valetkey_sandbox::{Persona, Provider};
use valetkey_tests::{NOW, entropy};

const REDIRECT: &str = "http://127.0.0.1:4000/callback";

fn persona(name: &str) -> Persona {
    Persona::named(name).unwrap()
}

fn provider(name: &str) -> Provider {
    Provider::new(&persona(name), [7; 32])
}

fn get(provider: &mut Provider, url: &str, headers: &[(http::HeaderName, String)]) -> Response {
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = url.parse().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    provider.answer(&request, NOW)
}

fn post(provider: &mut Provider, url: &str, agent: bool, form: &[(&str, &str)]) -> Response {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let mut request = http::Request::post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    if agent {
        request = request.header(USER_AGENT, "tests/1");
    }
    provider.answer(&request.body(body.into_bytes()).unwrap(), NOW)
}

/// Where the browser is sent, by a request with these parameters beside the usual.
fn authorize(provider: &mut Provider, url: &str, more: &[(&str, &str)]) -> Result<String, StatusCode> {
    let id = provider.client_id().to_owned();
    let usual = [("response_type", "code"), ("client_id", id.as_str()), ("redirect_uri", REDIRECT)];
    let query =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(usual).extend_pairs(more).finish();
    let response = get(provider, &format!("{url}?{query}"), &[]);
    match response.headers().get(LOCATION) {
        Some(location) => Ok(location.to_str().unwrap().to_owned()),
        None => Err(response.status()),
    }
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    form_urlencoded::parse(query.as_bytes())
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

fn member(response: &Response, name: &str) -> String {
    let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    body[name].as_str().unwrap_or_else(|| panic!("{name} in {body}")).to_owned()
}

const GITHUB: &str = "https://github.com/login/oauth/authorize";
const GITHUB_TOKEN: &str = "https://github.com/login/oauth/access_token";

fn trade(provider: &mut Provider, code: &str, verifier: &str) -> Response {
    let (id, secret) = (provider.client_id().to_owned(), provider.client_secret().to_owned());
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", verifier),
        ("client_id", &id),
        ("client_secret", &secret),
    ];
    post(provider, GITHUB_TOKEN, true, &form)
}

#[test]
fn every_profile_has_a_persona_and_every_persona_a_profile() {
    let profiles: BTreeSet<_> = Profile::ALL.iter().map(Profile::name).collect();
    let personas: BTreeSet<_> = Persona::all().iter().map(Persona::name).collect();
    assert_eq!(profiles, personas);
    assert_eq!(Persona::all().len(), personas.len(), "a name comes twice");
}

#[test]
fn every_persona_has_its_page_its_date_and_what_it_leaves_out_too() {
    for persona in Persona::all() {
        let name = persona.name();
        assert!(persona.source().starts_with("https://"), "{name}");
        assert!(persona.as_of() >= "2026-11-27" && persona.as_of().len() == 10, "{name}");
        assert!(persona.api().starts_with("https://"), "{name}");
        assert_eq!(persona.issuer().is_some(), Profile::named(name).unwrap().server().is_none(), "{name}");
        let left_out = [persona.never_renews(), persona.never_revokes(), persona.never_denies()];
        for (why, source) in left_out.into_iter().flatten() {
            assert!(!why.is_empty() && source.starts_with("https://"), "{name}: {why}");
        }
    }
    let renewing = Persona::all().iter().filter(|persona| persona.never_renews().is_none()).count();
    assert!(renewing >= 40, "{renewing}");
    assert!(Persona::named("no-such-server").is_none());
}

#[test]
fn a_code_is_good_once_and_for_its_verifier() {
    let mut provider = provider("github");
    // RFC 7636, appendix B.
    let (verifier, challenge) =
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let asked = [("state", "s"), ("code_challenge", challenge), ("code_challenge_method", "S256")];
    let back = authorize(&mut provider, GITHUB, &asked).unwrap();
    assert!(back.starts_with(REDIRECT) && parameter(&back, "state").as_deref() == Some("s"));
    let code = parameter(&back, "code").unwrap();
    let first = trade(&mut provider, &code, verifier);
    assert!(member(&first, "access_token").starts_with("ghu_"));
    let again = trade(&mut provider, &code, verifier);
    assert_eq!(member(&again, "error"), "bad_verification_code");
    assert_eq!(provider.refusals(), ["the code was used"]);

    let back = authorize(&mut provider, GITHUB, &asked).unwrap();
    let wrong = trade(&mut provider, &parameter(&back, "code").unwrap(), &verifier.replace('d', "e"));
    assert_eq!(
        (wrong.status(), member(&wrong, "error")),
        (StatusCode::BAD_REQUEST, "invalid_grant".to_owned())
    );

    // What is new each time is new each time.
    let back = authorize(&mut provider, GITHUB, &[]).unwrap();
    let next = trade(&mut provider, &parameter(&back, "code").unwrap(), verifier);
    assert_ne!(member(&next, "access_token"), member(&first, "access_token"));
    assert_ne!(member(&next, "refresh_token"), member(&first, "refresh_token"));
}

#[test]
fn a_request_without_a_user_agent_is_refused_where_the_server_refuses_it() {
    let mut github = provider("github");
    let form = [("grant_type", "refresh_token"), ("refresh_token", "r")];
    assert_eq!(post(&mut github, GITHUB_TOKEN, false, &form).status(), StatusCode::FORBIDDEN);
    let api = get(&mut github, "https://api.github.com/user", &[]);
    assert_eq!(api.status(), StatusCode::FORBIDDEN);
    let named = [(USER_AGENT, "tests/1".to_owned()), (AUTHORIZATION, "Bearer nobody's".to_owned())];
    assert_eq!(get(&mut github, "https://api.github.com/user", &named).status(), StatusCode::UNAUTHORIZED);
    let mut spotify = provider("spotify");
    assert_eq!(get(&mut spotify, "https://api.spotify.com/v1/me", &[]).status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn a_client_that_authenticates_in_another_way_than_is_wanted_is_refused() {
    let mut spotify = provider("spotify");
    let (id, secret) = (spotify.client_id().to_owned(), spotify.client_secret().to_owned());
    let form =
        [("grant_type", "refresh_token"), ("client_id", id.as_str()), ("client_secret", secret.as_str())];
    let refused = post(&mut spotify, "https://accounts.spotify.com/api/token", true, &form);
    assert_eq!((refused.status(), &*member(&refused, "error")), (StatusCode::UNAUTHORIZED, "invalid_client"));
}

#[test]
fn a_missing_parameter_is_refused_or_costs_the_refresh_token() {
    let mut atlassian = provider("atlassian");
    let place = "https://auth.atlassian.com/authorize";
    let refused = authorize(&mut atlassian, place, &[("prompt", "consent")]).unwrap_err();
    assert_eq!(refused, StatusCode::BAD_REQUEST);
    assert_eq!(atlassian.refusals(), ["the parameter audience is missing or another"]);
    let both = [("prompt", "consent"), ("audience", "api.atlassian.com")];
    assert!(authorize(&mut atlassian, place, &both).is_ok());

    let mut dropbox = provider("dropbox");
    for (asked, is_offline) in [(&[][..], false), (&[("token_access_type", "offline")][..], true)] {
        let back = authorize(&mut dropbox, "https://www.dropbox.com/oauth2/authorize", asked).unwrap();
        let code = parameter(&back, "code").unwrap();
        let (id, secret) = (dropbox.client_id().to_owned(), dropbox.client_secret().to_owned());
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", REDIRECT),
            ("client_id", &*id),
            ("client_secret", &*secret),
        ];
        let answer = post(&mut dropbox, "https://api.dropboxapi.com/oauth2/token", true, &form);
        let body = String::from_utf8(answer.into_body()).unwrap();
        assert_eq!(body.contains("refresh_token"), is_offline, "{body}");
    }
}

#[test]
fn a_scope_is_spelled_as_the_server_wants_it() {
    let mut strava = provider("strava");
    let place = "https://www.strava.com/oauth/authorize";
    assert!(authorize(&mut strava, place, &[("scope", "read activity:read_all")]).is_err());
    assert!(authorize(&mut strava, place, &[("scope", "read,activity:read_all")]).is_ok());
    assert!(authorize(&mut strava, place, &[("scope", "read,swim")]).is_err());
}

/// AQ-3: X wants PKCE.
#[test]
fn a_request_without_a_challenge_is_refused_where_it_is_required() {
    let mut x = provider("x");
    assert!(authorize(&mut x, "https://x.com/i/oauth2/authorize", &[]).is_err());
    assert_eq!(x.refusals(), ["code_challenge is missing"]);
}

/// AQ-3: what refuses a code verifier is met by its profile, and refuses a client that is met strictly.
#[test]
fn a_verifier_is_refused_where_the_server_refuses_one() {
    for name in ["facebook", "slack", "slack-user", "tiktok"] {
        let (provider, _, tokens) =
            log_in_as(name, REDIRECT, Profile::named(name).unwrap().server().unwrap());
        let tokens = tokens.unwrap();
        assert!(tokens.quirks().contains(Quirk::NoCodeChallenge) && provider.refusals().is_empty(), "{name}");

        let known = Profile::named(name).unwrap();
        let mut strict = AuthorizationServer::new().client_id_as(known.client_id_parameter()).unwrap();
        for endpoint in [Endpoint::Authorization, Endpoint::Token] {
            strict = strict.endpoint(endpoint, &known.server().unwrap().url_of(endpoint).unwrap()).unwrap();
        }
        let methods = known.authentication_methods();
        if !methods.is_empty() {
            strict = strict.authentication_methods(methods.iter().copied());
        }
        let (provider, _, refused) = log_in_as(name, REDIRECT, strict);
        assert!(refused.unwrap_err().refused().is_some(), "{name}");
        assert_eq!(provider.refusals(), ["a code verifier came"], "{name}");
    }
}

/// AQ-2: TikTok wants the challenge of a desktop application in hexadecimal, and refuses another.
#[test]
fn a_challenge_is_in_hexadecimal_where_the_server_wants_it_so() {
    let known = Profile::TIKTOK_DESKTOP;
    let (provider, client, tokens) = log_in(known.name(), REDIRECT);
    assert!(tokens.is_ok() && provider.refusals().is_empty());
    let request = AuthorizationRequest::new(&client, REDIRECT).unwrap();
    assert_eq!(request.quirks().iter().collect::<Vec<_>>(), [Quirk::HexCodeChallenge]);

    let mut usual = AuthorizationServer::new().client_id_as("client_key").unwrap();
    for endpoint in [Endpoint::Authorization, Endpoint::Token] {
        usual = usual.endpoint(endpoint, &known.server().unwrap().url_of(endpoint).unwrap()).unwrap();
    }
    let usual = usual.authentication_methods(["client_secret_post"]);
    let (provider, _, refused) = log_in_as(known.name(), REDIRECT, usual.clone());
    assert!(refused.unwrap_err().refused().is_some());
    assert_eq!(provider.refusals(), ["the code challenge is not the verifier's in hexadecimal"]);
    assert!(log_in_as(known.name(), REDIRECT, usual.code_challenge_in_hex()).2.is_ok());
}

/// CA-3: the revocation endpoint is shown the secret in its own way, and refuses the other; Todoist's takes no refresh token.
#[test]
fn a_token_is_ended_by_a_client_that_shows_its_secret_as_is_wanted_there() {
    for name in ["strava", "todoist", "calendly"] {
        let known = Profile::named(name).unwrap();
        let (mut provider, client, tokens) = log_in(name, REDIRECT);
        let tokens = tokens.unwrap();
        let wrong = match known.revocation_authentication_methods() {
            ["client_secret_basic"] => "client_secret_post",
            _ => "client_secret_basic",
        };
        let server = client.server().clone().revocation_authentication_methods([wrong]);
        let (id, secret) = (provider.client_id().to_owned(), provider.client_secret().to_owned());
        let stubborn = match wrong {
            "client_secret_post" => Client::new(server, &id).secret_in_body(secret.as_str()).unwrap(),
            _ => Client::new(server, &id).secret(secret.as_str()).unwrap(),
        };
        let flow = Revocation::access_token(&stubborn, tokens.access_token()).unwrap();
        let refused = run(&mut provider, flow).unwrap_err();
        assert_eq!(refused.refused().unwrap().code().unwrap().as_str(), "invalid_client", "{name}");

        let refresh_token = tokens.refresh_token().unwrap();
        let refreshing = run(&mut provider, Revocation::refresh_token(&client, refresh_token).unwrap());
        assert_eq!(refreshing.is_ok(), name != "todoist", "{name}");
        run(&mut provider, Revocation::access_token(&client, tokens.access_token()).unwrap()).unwrap();
        let bearer = [(AUTHORIZATION, format!("Bearer {}", tokens.access_token().expose()))];
        assert!(!get(&mut provider, persona(name).api(), &bearer).status().is_success(), "{name}");
    }
}

/// CA-3: Etsy's clients have no secret.
/// CA-1: what is said of a secret that is a JWT is held to what Apple says of it: whose, for whom, and until when.
#[test]
fn a_secret_that_is_a_jwt_is_held_to_its_claims() {
    let now = NOW.as_secs();
    let mut apple = provider("apple");
    let written = apple.written_secret().unwrap();
    let key = PrivateJwk::parse(written.key.as_bytes()).unwrap();
    let key = Arc::new(KeyPair::new(&AwsLc, Algorithm::Es256, &key).unwrap());
    let id = apple.client_id().to_owned();
    let right = json!({
        "iss": written.issuer, "sub": id, "aud": written.audience, "iat": now, "exp": now + 15_777_000,
    });
    let mut told = |claims: &Value| {
        let signer = JwtSigner::new(Arc::clone(&key) as _, Some("JWT"));
        let secret = signer.write(claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", "unknown"),
            ("redirect_uri", REDIRECT),
            ("client_id", &id),
            ("client_secret", &secret),
        ];
        member(&post(&mut apple, "https://appleid.apple.com/auth/token", true, &form), "error")
    };
    let mut with = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        told(&claims)
    };
    for (name, value) in [
        ("iat", json!(now)),
        ("iat", json!(now - 1000)),
        ("exp", json!(now + 1)),
        ("exp", json!(now + 15_777_000)),
    ] {
        assert_eq!(with(name, value.clone()), "invalid_grant", "{name} {value}");
    }
    for (name, value) in [
        ("iss", json!("ANOTHER123")),
        ("iss", Value::Null),
        ("sub", json!("another")),
        ("aud", json!("https://attacker.example")),
        ("iat", json!(now + 1)),
        ("iat", Value::Null),
        ("exp", json!(now)),
        ("exp", json!(now + 15_777_001)),
        ("exp", Value::Null),
    ] {
        assert_eq!(with(name, value.clone()), "invalid_client", "{name} {value}");
    }
}

#[test]
fn a_client_without_a_secret_is_known_by_its_identifier() {
    let (mut provider, client, tokens) = log_in("etsy", REDIRECT);
    assert_eq!(client.method(), AuthenticationMethod::None);
    let token = tokens.unwrap().refresh_token().unwrap().clone();
    let renewed = run(&mut provider, TokenRequest::new(&client, Grant::refresh_token(&token)).unwrap());
    assert!(renewed.unwrap().refresh_token().is_some());
    let with_secret =
        Client::new(client.server().clone().authentication_methods(["client_secret_post"]), client.id());
    let with_secret = with_secret.secret_in_body("a secret").unwrap();
    let refused = run(&mut provider, TokenRequest::new(&with_secret, Grant::refresh_token(&token)).unwrap());
    assert_eq!(refused.unwrap_err().refused().unwrap().code().unwrap().as_str(), "invalid_client");
    let used = run(&mut provider, TokenRequest::new(&client, Grant::refresh_token(&token)).unwrap());
    assert!(used.unwrap_err().is_invalid_grant());
}

#[test]
fn the_person_says_no_once_in_the_server_s_words() {
    let mut linkedin = provider("linkedin");
    linkedin.deny_next();
    let place = "https://www.linkedin.com/oauth/v2/authorization";
    let back = authorize(&mut linkedin, place, &[]).unwrap();
    assert_eq!(parameter(&back, "error").as_deref(), Some("user_cancelled_authorize"));
    assert_eq!(parameter(&back, "code"), None);
    assert!(parameter(&authorize(&mut linkedin, place, &[]).unwrap(), "code").is_some());
}

#[test]
fn whatever_comes_has_an_answer_and_what_is_kept_of_it_is_bounded() {
    let mut provider = provider("github");
    for url in ["/", "https://elsewhere.example/", "https://github.com/login/oauth/access_token?x=%00"] {
        assert!(!get(&mut provider, url, &[]).status().is_success(), "{url}");
    }
    for _ in 0..1_000 {
        get(&mut provider, GITHUB, &[]);
    }
    assert!(provider.refusals().len() <= 256);
    let shown = format!("{provider:?}");
    assert!(!shown.contains(provider.client_secret()) && shown.contains("github"));
}

/// The login that the library makes at the provider, with this redirect URI, and what it comes to.
fn log_in(name: &str, redirect_uri: &str) -> (Provider, Client, Result<TokenResponse, Error>) {
    log_in_as(name, redirect_uri, Profile::named(name).unwrap().server().unwrap())
}

/// The same, with the server described so; the client authenticates as the description says.
fn log_in_as(
    name: &str,
    redirect_uri: &str,
    server: AuthorizationServer,
) -> (Provider, Client, Result<TokenResponse, Error>) {
    use AuthenticationMethod::{None as Nobody, SecretBasic, SecretPost};
    let mut provider = provider(name);
    let method = server.preferred_method(&[SecretBasic, SecretPost, Nobody]);
    let client = Client::new(server, provider.client_id());
    let client = match method {
        Some(SecretPost) => client.secret_in_body(provider.client_secret()).unwrap(),
        Some(Nobody) => client,
        _ => client.secret(provider.client_secret()).unwrap(),
    };
    let request = AuthorizationRequest::new(&client, redirect_uri).unwrap();
    let (url, mut pending) = request.begin_unbound(entropy(7), NOW).unwrap();
    let back = get(&mut provider, url.as_str(), &[]);
    let back = back.headers()[LOCATION].to_str().unwrap().to_owned();
    let response = AuthorizationResponse::from_query(redirect_uri, back.split_once('?').unwrap().1).unwrap();
    let tokens = pending.finish(&client, &response, NOW).and_then(|flow| run(&mut provider, flow));
    (provider, client, tokens)
}

fn run<F: Flow>(provider: &mut Provider, mut flow: F) -> Result<F::Output, Error> {
    let mut answer = None;
    loop {
        match flow.step(answer.take(), NOW)? {
            Step::Done(output) => return Ok(output),
            Step::Wait(_) => panic!("nothing is waited for here"),
            Step::Send(mut request) => {
                request.headers_mut().insert(USER_AGENT, "tests/1".parse().unwrap());
                answer = Some(provider.answer(&request, NOW));
            }
        }
    }
}

/// AQ-8: at eBay the redirect URI is a name that is registered, and stands for a URL.
#[test]
fn a_name_that_stands_for_the_redirect_uri_is_sent_as_it_is() {
    let (provider, _, tokens) = log_in("ebay", "Some_Name-SomeApp-PRD-abcd");
    let tokens = tokens.unwrap();
    assert!(tokens.refresh_token().is_some() && provider.refusals().is_empty());
    let server = valetkey_tests::server();
    let refused = AuthorizationRequest::new(&Client::new(server, "s"), "Some_Name-SomeApp-PRD-abcd");
    let refused = refused.err().unwrap();
    assert_eq!(refused.rule(), Some(Rule::Aq8));
    assert!(refused.to_string().contains("Quirk::UnusualRedirectUri"), "{refused}");
}

/// A dead refresh token is known as one where the server says it by a number.
#[test]
fn a_number_in_the_place_of_the_code_is_told_for_what_it_means() {
    let (mut provider, client, tokens) = log_in("reddit", REDIRECT);
    let token = tokens.unwrap().refresh_token().unwrap().clone();
    provider.end_refresh_tokens();
    let flow = TokenRequest::new(&client, Grant::refresh_token(&token)).unwrap();
    assert!(run(&mut provider, flow).unwrap_err().is_invalid_grant());
}

/// AR-4: what names itself in its responses does so in the persona's too.
#[test]
fn an_issuer_is_named_where_the_server_names_it() {
    for (name, place, iss) in [
        ("github", GITHUB, "https://github.com/login/oauth"),
        ("discord", "https://discord.com/oauth2/authorize", "https://discord.com"),
    ] {
        let mut provider = provider(name);
        let yes = authorize(&mut provider, place, &[]).unwrap();
        provider.deny_next();
        let no = authorize(&mut provider, place, &[]).unwrap();
        for back in [yes, no] {
            assert_eq!(parameter(&back, "iss").as_deref(), Some(iss), "{back}");
        }
    }
}
