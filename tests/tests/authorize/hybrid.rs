//! AR-17 to AR-20, AR-25, ID-20, ID-40 to ID-42: a response with an ID token in it, whose code is released after that has passed.

use std::sync::Arc;

use serde_json::{Value, json};
use valetkey_core::authorize::{ResponseMode, ResponseType};
use valetkey_core::jose::{Algorithm, RustCrypto, Signer as _};
use valetkey_core::server::ServerKeys;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Error, Flow, Quirk, Rule, Step,
    TokenResponse, UnixTime,
};
use valetkey_tests::openid::{
    Begun, CALLBACK, begun, claims, client, half_hash, id_token, provider, publishing, run, tokens,
};
use valetkey_tests::{NOW, client_of, server};

/// A client of the provider, whose keys are fetched when they are needed.
fn fetching(change: impl FnOnce(AuthorizationServer) -> AuthorizationServer) -> Client {
    let server = change(publishing());
    let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap();
    client_of(server.keys(keys))
}

const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA";

fn hybrid(client: &Client) -> Begun {
    begun(client, |request| request.response_type(ResponseType::CodeIdToken)).unwrap()
}

/// The claims of a good ID token beside the code.
fn front(begun: &Begun) -> Value {
    let mut claims = claims(Some(begun.nonce()));
    claims["c_hash"] = json!(half_hash(CODE));
    claims["s_hash"] = json!(half_hash(begun.pending.state()));
    claims
}

/// The response with these parameters in its fragment, beside `state`.
fn response(begun: &Begun, parameters: &[(&str, &str)]) -> AuthorizationResponse {
    let pairs = parameters.iter().copied().chain([("state", begun.pending.state())]);
    let fragment = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    AuthorizationResponse::from_url(&format!("{CALLBACK}#{fragment}")).unwrap()
}

/// The response of the server, opened and finished as far as the tokens, of which the ID token has these claims.
fn finished(
    client: &Client,
    begun: &mut Begun,
    response: &AuthorizationResponse,
    second: &Value,
) -> Result<TokenResponse, Error> {
    let opened = run(begun.pending.open(client, response)?, Vec::new(), NOW)?;
    let request = begun.pending.finish(client, &opened, NOW)?;
    run(request, vec![tokens(&id_token(Algorithm::Es256, second))], NOW)
}

/// A whole login, of which the claims of the first and the second ID token are changed.
fn logged_in(
    change: impl FnOnce(&mut Value),
    change_second: impl FnOnce(&mut Value),
) -> Result<TokenResponse, Error> {
    let client = client();
    let mut begun = hybrid(&client);
    let (mut first, mut second) = (front(&begun), claims(Some(begun.nonce())));
    change(&mut first);
    change_second(&mut second);
    let response = response(&begun, &[("code", CODE), ("id_token", &id_token(Algorithm::Es256, &first))]);
    finished(&client, &mut begun, &response, &second)
}

fn rule<T>(outcome: Result<T, Error>) -> Option<Rule> {
    outcome.err().and_then(|error| error.rule())
}

/// AR-18, ID-20, ID-40: what is checked is reported by the tokens.
#[test]
fn a_code_beside_an_id_token_is_traded_after_the_id_token_has_passed() {
    let tokens = logged_in(|_| (), |_| ()).unwrap();
    let login = tokens.login().unwrap();
    assert_eq!(login.identity().subject(), "248289761001");
    for rule in [Rule::Id15, Rule::Id20, Rule::Id40, Rule::Id41, Rule::Id42, Rule::Ar20] {
        assert!(login.checks().contains(rule), "{rule}");
    }
    let client = client();
    let mut begun = hybrid(&client);
    let token = id_token(Algorithm::Es256, &front(&begun));
    let response = response(&begun, &[("code", CODE), ("id_token", &token)]);
    let opened = run(begun.pending.open(&client, &response).unwrap(), Vec::new(), NOW).unwrap();
    assert!(!begun.pending.is_spent());
    let mut flow = begun.pending.finish(&client, &opened, NOW).unwrap();
    let checks = begun.pending.checks();
    for rule in [Rule::Ar5, Rule::Ar17, Rule::Ar18, Rule::Id8, Rule::Id20] {
        assert!(checks.contains(rule), "{rule}");
    }
    let Ok(Step::Send(request)) = flow.step(None, NOW) else { panic!("it trades the code") };
    assert!(String::from_utf8(request.into_body()).unwrap().contains(CODE));
}

/// ID-20, ID-40, ID-42: the code is the one that the ID token was made for, by the whole half of its hash.
#[test]
fn the_code_is_the_one_of_the_c_hash() {
    let hash = half_hash(CODE);
    assert_eq!(
        rule(logged_in(|it| drop(it.as_object_mut().unwrap().remove("c_hash")), |_| ())),
        Some(Rule::Id40)
    );
    for wrong in [
        half_hash("another"),
        format!("{hash}=="),
        hash[..8].to_owned(),
        format!("{hash}AAAA"),
        String::new(),
    ] {
        assert_eq!(rule(logged_in(|it| it["c_hash"] = json!(wrong), |_| ())), Some(Rule::Id20), "{wrong}");
    }
    assert_eq!(rule(logged_in(|it| it["c_hash"] = json!(1), |_| ())), Some(Rule::Id20));
    // At the token endpoint it may be missing, and may not be wrong.
    assert!(logged_in(|_| (), |it| it["c_hash"] = json!(hash)).is_ok());
    assert_eq!(rule(logged_in(|_| (), |it| it["c_hash"] = json!(half_hash("another")))), Some(Rule::Id20));
}

/// ID-20: in the code flow too.
#[test]
fn a_c_hash_of_the_token_endpoint_is_compared() {
    let client = client();
    for (code, expected) in [(CODE, None), ("another", Some(Rule::Id20))] {
        let mut begun = begun(&client, |request| request).unwrap();
        let mut claims = claims(Some(begun.nonce()));
        claims["c_hash"] = json!(half_hash(code));
        let outcome = begun.finished(&client, vec![tokens(&id_token(Algorithm::Es256, &claims))]);
        assert_eq!(rule(outcome), expected, "{code}");
    }
}

/// ID-41, ID-42: the state is that of the `s_hash`, which is required where the request says so.
#[test]
fn the_state_is_the_one_of_the_s_hash() {
    let without = |claims: &mut Value| drop(claims.as_object_mut().unwrap().remove("s_hash"));
    assert!(logged_in(without, |_| ()).is_ok());
    for wrong in [half_hash("another"), "AAAA".to_owned(), String::new()] {
        assert_eq!(rule(logged_in(|it| it["s_hash"] = json!(wrong), |_| ())), Some(Rule::Id41), "{wrong}");
    }
    let client = client();
    let asks =
        |request: AuthorizationRequest| request.response_type(ResponseType::CodeIdToken).require_s_hash();
    for (is_there, expected) in [(true, None), (false, Some(Rule::Id41))] {
        let mut begun = begun(&client, asks).unwrap();
        let mut first = front(&begun);
        if !is_there {
            without(&mut first);
        }
        let second = claims(Some(begun.nonce()));
        let response = response(&begun, &[("code", CODE), ("id_token", &id_token(Algorithm::Es256, &first))]);
        assert_eq!(rule(finished(&client, &mut begun, &response, &second)), expected);
    }
}

/// AR-18: a good code beside a forged ID token, or one of another request, is not released, and uses nothing up: the right response
/// may still come.
#[test]
fn a_code_beside_a_forged_id_token_is_not_released() {
    let client = client();
    let mut begun = hybrid(&client);
    let good = id_token(Algorithm::Es256, &front(&begun));
    let (message, _) = good.rsplit_once('.').unwrap();
    let forged = format!("{message}.{}", "A".repeat(86));
    let nonce = |nonce: Option<&str>| {
        let mut claims = front(&begun);
        match nonce {
            Some(nonce) => claims["nonce"] = json!(nonce),
            None => drop(claims.as_object_mut().unwrap().remove("nonce")),
        }
        id_token(Algorithm::Es256, &claims)
    };
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", good.split('.').nth(1).unwrap());
    for (token, expected) in [
        (forged, Rule::Id8),
        (unsigned, Rule::Id28),
        (nonce(Some("another")), Rule::Id15),
        (nonce(None), Rule::Id15),
    ] {
        let response = response(&begun, &[("code", CODE), ("id_token", &token)]);
        let outcome = run(begun.pending.open(&client, &response).unwrap(), Vec::new(), NOW);
        assert_eq!(rule(outcome), Some(expected));
        // Nor without opening it.
        let unopened = begun.pending.recognizes(&response);
        assert!(unopened && !begun.pending.is_spent());
    }
    let second = claims(Some(begun.nonce()));
    let response = response(&begun, &[("code", CODE), ("id_token", &good)]);
    assert!(finished(&client, &mut begun, &response, &second).is_ok());
}

/// AR-18: first the state, then `iss`, and only then is anything verified, or a key fetched.
#[test]
fn nothing_is_fetched_for_a_response_that_answers_nothing() {
    let client = fetching(|server| server.advertises_iss());
    let begun = hybrid(&client);
    let token = id_token(Algorithm::Es256, &front(&begun));
    let open =
        |response: &AuthorizationResponse| begun.pending.open(&client, response).unwrap().step(None, NOW);
    let parameters = [("code", CODE), ("id_token", &*token), ("iss", "https://as.example")];
    assert!(matches!(open(&response(&begun, &parameters)), Ok(Step::Send(_))));
    let foreign = [("code", CODE), ("id_token", &*token), ("iss", "https://attacker.example")];
    assert_eq!(rule(open(&response(&begun, &foreign))), Some(Rule::Ar3));
    let other = format!("{CALLBACK}#code={CODE}&id_token={token}&state=another&iss=https://as.example");
    assert_eq!(rule(open(&AuthorizationResponse::from_url(&other).unwrap())), Some(Rule::Ar5));
    let late = UnixTime::from_secs(NOW.as_secs() + 601);
    let late = begun.pending.open(&client, &response(&begun, &parameters)).unwrap().step(None, late);
    assert_eq!(rule(late), Some(Rule::Ar13));
}

/// AR-18: the keys are fetched in the flow that needs them.
#[test]
fn keys_are_fetched_to_open_the_response() {
    let client = fetching(|server| server);
    let mut begun = hybrid(&client);
    let token = id_token(Algorithm::Es256, &front(&begun));
    let response = response(&begun, &[("code", CODE), ("id_token", &token)]);
    let mut flow = begun.pending.open(&client, &response).unwrap();
    let Ok(Step::Send(request)) = flow.step(None, NOW) else { panic!("it fetches the keys") };
    assert_eq!(request.uri(), "https://as.example/jwks");
    let set = valetkey_tests::jose::key_pair(&RustCrypto, Algorithm::Es256).public_key().cloned();
    let set = serde_json::to_string(&json!({ "keys": [set.unwrap()] })).unwrap();
    let Ok(Step::Done(opened)) = flow.step(Some(valetkey_tests::json(200, &set)), NOW) else {
        panic!("it is opened")
    };
    assert!(begun.pending.finish(&client, &opened, NOW).is_ok());
}

/// AR-18: what was not opened, or for another request, is the program's mistake.
#[test]
fn a_response_is_opened_before_it_is_finished() {
    let client = client();
    let mut begun = hybrid(&client);
    let token = id_token(Algorithm::Es256, &front(&begun));
    let response = response(&begun, &[("code", CODE), ("id_token", &token)]);
    let error = begun.pending.finish(&client, &response, NOW).unwrap_err();
    assert!(matches!(error, Error::Misuse(_)) && error.rule() == Some(Rule::Ar18), "{error}");
    assert!(error.to_string().contains("call `PendingAuthorization::open`"), "{error}");
}

/// AR-17: exactly what was asked for.
#[test]
fn a_response_has_the_parts_that_were_asked_for() {
    let client = client();
    let token = |begun: &Begun| id_token(Algorithm::Es256, &front(begun));
    let mut wrong = Vec::new();
    for (asked, code, with_token, more) in [
        (ResponseType::CodeIdToken, true, false, None),
        (ResponseType::CodeIdToken, true, true, Some("access_token")),
        (ResponseType::CodeIdToken, true, true, Some("token_type")),
        (ResponseType::IdToken, true, true, None),
        (ResponseType::IdToken, false, true, Some("access_token")),
    ] {
        let mut begun = begun(&client, |request| request.response_type(asked)).unwrap();
        let token = token(&begun);
        let mut parameters = Vec::new();
        parameters.extend(code.then_some(("code", CODE)));
        parameters.extend(with_token.then_some(("id_token", &*token)));
        parameters.extend(more.map(|name| (name, "t")));
        let response = response(&begun, &parameters);
        let opened = run(begun.pending.open(&client, &response).unwrap(), Vec::new(), NOW).unwrap();
        let outcome = match asked.has_code() {
            true => begun.pending.finish(&client, &opened, NOW).map(drop),
            false => begun.pending.finish_login(&client, &opened, NOW).map(drop),
        };
        if rule(outcome) != Some(Rule::Ar17) {
            wrong.push((asked, code, with_token, more));
        }
        assert!(begun.pending.is_spent());
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    // AR-1: each of them once.
    let begun = hybrid(&client);
    let token = token(&begun);
    for twice in ["code", "id_token"] {
        let value = if twice == "code" { CODE } else { &token };
        let response = response(&begun, &[("code", CODE), ("id_token", &token), (twice, value)]);
        assert_eq!(rule(begun.pending.open(&client, &response)), Some(Rule::Ar1), "{twice}");
    }
    // A code that is missing has no hash to be compared with.
    let mut begun = hybrid(&client);
    let token = id_token(Algorithm::Es256, &front(&begun));
    let response = response(&begun, &[("id_token", &token)]);
    let opened = run(begun.pending.open(&client, &response).unwrap(), Vec::new(), NOW).unwrap();
    assert_eq!(rule(begun.pending.finish(&client, &opened, NOW)), Some(Rule::Ar17));
}

/// AR-19: `iss` of the response and of the ID token, each the issuer.
#[test]
fn both_issuers_are_the_servers() {
    let client = client_of(provider(Algorithm::Es256).admit(Quirk::IssDiscarded));
    for (iss, expected) in [("https://as.example", None), ("https://other.example", Some(Rule::Ar19))] {
        let mut begun = hybrid(&client);
        let (first, second) = (front(&begun), claims(Some(begun.nonce())));
        let token = id_token(Algorithm::Es256, &first);
        let response = response(&begun, &[("code", CODE), ("id_token", &token), ("iss", iss)]);
        assert_eq!(rule(finished(&client, &mut begun, &response, &second)), expected, "{iss}");
    }
    assert_eq!(rule(logged_in(|it| it["iss"] = json!("https://other.example"), |_| ())), Some(Rule::Id9));
}

/// AR-3: where the server does not say that it sends `iss`, nothing was compared in its place.
#[test]
fn a_login_at_a_server_without_iss_says_nothing_of_it() {
    let client = client_of(provider(Algorithm::Es256));
    let mut begun = hybrid(&client);
    let good = id_token(Algorithm::Es256, &front(&begun));
    let (second, response) =
        (claims(Some(begun.nonce())), response(&begun, &[("code", CODE), ("id_token", &good)]));
    finished(&client, &mut begun, &response, &second).unwrap();
    assert!(begun.pending.checks().contains(Rule::Ar18) && !begun.pending.checks().contains(Rule::Ar3));
}

/// AR-3: an ID token says whose response it is, so that a server which advertises `iss` may leave it out beside one (RFC 9207 §4).
/// Nothing else may come without it.
#[test]
fn an_id_token_names_the_issuer_in_the_place_of_iss() {
    let client = client_of(provider(Algorithm::Es256).advertises_iss());
    let mut begun = hybrid(&client);
    let good = id_token(Algorithm::Es256, &front(&begun));
    let mut foreign = front(&begun);
    foreign["iss"] = json!("https://attacker.example");
    let foreign = id_token(Algorithm::Es256, &foreign);
    for (parameters, expected) in [
        (vec![("code", CODE)], Rule::Ar3),
        (vec![("error", "access_denied"), ("id_token", &good)], Rule::Ar3),
        (vec![("code", CODE), ("id_token", &foreign)], Rule::Id9),
    ] {
        let response = response(&begun, &parameters);
        let outcome = begun.pending.open(&client, &response).and_then(|flow| run(flow, Vec::new(), NOW));
        let finished = outcome.and_then(|opened| begun.pending.finish(&client, &opened, NOW));
        assert_eq!(rule(finished), Some(expected), "{parameters:?}");
        assert!(!begun.pending.is_spent());
    }
    let (second, response) =
        (claims(Some(begun.nonce())), response(&begun, &[("code", CODE), ("id_token", &good)]));
    let tokens = finished(&client, &mut begun, &response, &second).unwrap();
    assert!(begun.pending.checks().contains(Rule::Ar3) && !begun.pending.checks().contains(Rule::Ar19));
    assert!(tokens.quirks().is_empty());
    // Beside a code that was asked for alone, nobody looks at it.
    let mut alone = begun_by_code(&client);
    let stray = self::response(&alone, &[("code", CODE), ("id_token", &good)]);
    assert_eq!(rule(alone.pending.finish(&client, &stray, NOW)), Some(Rule::Ar3));
    assert!(!alone.pending.is_spent());
}

/// A login by a code, whose response comes in the fragment all the same.
fn begun_by_code(client: &Client) -> Begun {
    begun(client, |request| request.response_mode(ResponseMode::Fragment)).unwrap()
}

/// AR-20: both ID tokens tell of one login; the second may tell more.
#[test]
fn both_id_tokens_tell_of_one_login() {
    assert_eq!(rule(logged_in(|_| (), |it| it["sub"] = json!("another"))), Some(Rule::Ar20));
    assert_eq!(rule(logged_in(|_| (), |it| it["iss"] = json!("https://other.example"))), Some(Rule::Id9));
    let time = NOW.as_secs() - 60;
    for (claim, first, second) in [
        ("auth_time", json!(time), json!(time - 1)),
        ("acr", json!("pwd"), json!("mfa")),
        ("amr", json!(["pwd"]), json!(["pwd", "otp"])),
    ] {
        let same = logged_in(|it| it[claim] = first.clone(), |it| it[claim] = first.clone());
        assert!(same.unwrap().login().unwrap().checks().contains(Rule::Ar20));
        let other = logged_in(|it| it[claim] = first.clone(), |it| it[claim] = second);
        assert_eq!(rule(other), Some(Rule::Ar20), "{claim}");
        assert!(logged_in(|_| (), |it| it[claim] = first.clone()).is_ok(), "{claim} more");
        assert!(logged_in(|it| it[claim] = first.clone(), |_| ()).is_ok(), "{claim} less");
    }
    let more = logged_in(|_| (), |it| it["email"] = json!("jane@example.com")).unwrap();
    assert_eq!(more.login().unwrap().standard_claims().email(), Some("jane@example.com"));
}

/// AR-20: one thing that both say otherwise is enough.
#[test]
fn two_id_tokens_that_differ_in_one_thing_tell_of_two_logins() {
    let time = NOW.as_secs() - 60;
    for (claim, first, second) in [
        ("sub", json!("one"), json!("other")),
        ("auth_time", json!(time), json!(time - 1)),
        ("acr", json!("pwd"), json!("mfa")),
        ("amr", json!(["pwd"]), json!(["otp"])),
    ] {
        let outcome = logged_in(|it| it[claim] = first, |it| it[claim] = second);
        assert_eq!(rule(outcome), Some(Rule::Ar20), "{claim}");
    }
}

/// AR-20: what only one of them says is not compared.
#[test]
fn an_id_token_may_say_less_than_the_other() {
    for claim in ["amr", "acr"] {
        let value = if claim == "amr" { json!(["pwd"]) } else { json!("pwd") };
        assert!(logged_in(|it| it[claim] = value.clone(), |_| ()).is_ok(), "{claim} first");
        assert!(logged_in(|_| (), |it| it[claim] = value.clone()).is_ok(), "{claim} second");
    }
}

/// AR-5, AR-9: whatever comes where a code was asked for is opened as it is, and refused where it is finished.
#[test]
fn a_response_without_an_id_token_is_handed_back_as_it_is() {
    let client = client();
    for (parameters, refused) in [
        ("code=c&state=another".to_owned(), Rule::Ar5),
        ("code=c&id_token=x.y.z&state=STATE".to_owned(), Rule::Ar9),
    ] {
        let mut begun = begun(&client, |request| request).unwrap();
        let parameters = parameters.replace("STATE", begun.pending.state());
        let response = AuthorizationResponse::from_url(&format!("{CALLBACK}?{parameters}")).unwrap();
        let opened = run(begun.pending.open(&client, &response).unwrap(), Vec::new(), NOW).unwrap();
        assert_eq!(rule(begun.pending.finish(&client, &opened, NOW)), Some(refused), "{parameters}");
    }
}

/// AR-20: where the token endpoint has no ID token, and may do without, the one that came with the code says who logged in.
#[test]
fn the_login_of_the_response_stands_without_a_second_id_token() {
    let answer = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","scope":"openid"}"#;
    for (is_admitted, expected) in [(false, Some(Rule::Tr12)), (true, None)] {
        let server = provider(Algorithm::Es256);
        let client = client_of(if is_admitted { server.admit(Quirk::NoIdToken) } else { server });
        let mut begun = hybrid(&client);
        let token = id_token(Algorithm::Es256, &front(&begun));
        let response = response(&begun, &[("code", CODE), ("id_token", &token)]);
        let opened = run(begun.pending.open(&client, &response).unwrap(), Vec::new(), NOW).unwrap();
        let flow = begun.pending.finish(&client, &opened, NOW).unwrap();
        let outcome = run(flow, vec![valetkey_tests::json(200, answer)], NOW);
        if let Ok(tokens) = &outcome {
            assert_eq!(tokens.login().unwrap().identity().subject(), "248289761001");
            assert!(tokens.quirks().contains(Quirk::NoIdToken));
        }
        assert_eq!(rule(outcome), expected);
    }
}

/// AR-25: of an error nothing else is looked at, and an ID token beside it is no error's.
#[test]
fn an_error_has_no_id_token() {
    let client = client();
    let mut begun = hybrid(&client);
    let refusal = response(&begun, &[("error", "access_denied")]);
    let opened = run(begun.pending.open(&client, &refusal).unwrap(), Vec::new(), NOW).unwrap();
    let error = begun.pending.finish(&client, &opened, NOW).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    for asked in [ResponseType::CodeIdToken, ResponseType::IdToken] {
        let mut begun =
            valetkey_tests::openid::begun(&client, |request| request.response_type(asked)).unwrap();
        // No key is asked for it: it is not even a JWT.
        let both = response(&begun, &[("error", "access_denied"), ("id_token", "a.b.c")]);
        let opened = run(begun.pending.open(&client, &both).unwrap(), Vec::new(), NOW).unwrap();
        let outcome = match asked.has_code() {
            true => begun.pending.finish(&client, &opened, NOW).map(drop),
            false => begun.pending.finish_login(&client, &opened, NOW).map(drop),
        };
        assert_eq!(rule(outcome), Some(Rule::Ar25));
        assert!(begun.pending.is_spent());
    }
}

/// AR-17, AQ-15: an ID token alone ends with who logged in, and no tokens.
#[test]
fn an_id_token_alone_ends_with_a_login() {
    let client = client();
    let mut begun = begun(&client, |request| request.response_type(ResponseType::IdToken)).unwrap();
    assert_eq!(
        (begun.parameter("response_type"), begun.parameter("code_challenge")),
        (Some("id_token"), None)
    );
    let token = id_token(Algorithm::Es256, &claims(Some(begun.nonce())));
    let response = response(&begun, &[("id_token", &token)]);
    let opened = run(begun.pending.open(&client, &response).unwrap(), Vec::new(), NOW).unwrap();
    let no_code = begun.pending.finish(&client, &opened, NOW).unwrap_err();
    assert!(matches!(no_code, Error::Misuse(_)) && no_code.rule() == Some(Rule::Ar17), "{no_code}");
    let login = begun.pending.finish_login(&client, &opened, NOW).unwrap();
    assert_eq!(login.identity().subject(), "248289761001");
    assert!(login.quirks().is_empty());
    // AR-12: once.
    assert_eq!(rule(begun.pending.finish_login(&client, &opened, NOW)), Some(Rule::Ar12));
    let mut with_code = hybrid(&client);
    let no_login = with_code.pending.finish_login(&client, &opened, NOW).unwrap_err();
    assert!(matches!(no_login, Error::Misuse(_)) && no_login.rule() == Some(Rule::Ar17), "{no_login}");
}

/// ID-8: nothing but its signature vouches for an ID token from a browser, whatever the connection to the token endpoint may.
#[test]
fn an_id_token_from_the_browser_needs_keys() {
    let bare = server().admit(Quirk::IdTokenByTls);
    let error =
        begun(&client_of(bare.clone()), |it| it.response_type(ResponseType::CodeIdToken)).err().unwrap();
    assert!(matches!(error, Error::Misuse(_)) && error.rule() == Some(Rule::Id8), "{error}");
    // Nor where the keys were known when it began.
    let begun = hybrid(&client());
    let token = id_token(Algorithm::Es256, &front(&begun));
    let response = response(&begun, &[("code", CODE), ("id_token", &token)]);
    let flow = begun.pending.open(&client_of(bare), &response).unwrap();
    assert_eq!(rule(run(flow, Vec::new(), NOW)), Some(Rule::Id8));
}

/// AR-18: a response that is signed as a whole has its ID token verified too.
#[test]
fn a_signed_response_may_have_an_id_token_in_it() {
    let client = client();
    let asks = |request: AuthorizationRequest| {
        request.response_type(ResponseType::CodeIdToken).response_mode(ResponseMode::FragmentJwt)
    };
    for (code, expected) in [(CODE, None), ("another", Some(Rule::Id20))] {
        let mut begun = begun(&client, asks).unwrap();
        assert_eq!(begun.parameter("response_mode"), Some("fragment.jwt"));
        let whole = json!({
            "iss": "https://as.example", "aud": "s6BhdRkqt3", "exp": NOW.as_secs() + 600,
            "state": begun.pending.state(), "code": code, "id_token": id_token(Algorithm::Es256, &front(&begun)),
        });
        let url = format!("{CALLBACK}#response={}", id_token(Algorithm::Es256, &whole));
        let response = AuthorizationResponse::from_url(&url).unwrap();
        let second = claims(Some(begun.nonce()));
        assert_eq!(rule(finished(&client, &mut begun, &response, &second)), expected, "{code}");
    }
}

/// A server whose keys cannot be had ends the flow; one whose keys are held goes on.
#[test]
fn an_unanswered_fetch_ends_the_flow_without_keys() {
    let client = fetching(|server| server);
    let begun = hybrid(&client);
    let token = id_token(Algorithm::Es256, &front(&begun));
    let response = response(&begun, &[("code", CODE), ("id_token", &token)]);
    let mut flow = begun.pending.open(&client, &response).unwrap();
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    assert!(!flow.unanswered(NOW));
    assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))));
}

/// AR-18: a record that has lost what its ID token is held to releases no code.
#[test]
fn a_record_that_has_lost_a_part_verifies_no_less() {
    let client = client();
    for lost in ["/login", "/login/nonce", "/response_type", "/issuer", "/state"] {
        let begun = hybrid(&client);
        let mut claims = front(&begun);
        let mut record = serde_json::to_value(&begun.pending).unwrap();
        let (parent, name) = lost.rsplit_once('/').unwrap();
        let removed = record.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        assert!(removed.is_some(), "{lost}");
        for has_nonce in [true, false] {
            if !has_nonce {
                claims.as_object_mut().unwrap().remove("nonce");
            }
            let jwt = id_token(Algorithm::Es256, &claims);
            let response = response(&begun, &[("code", CODE), ("id_token", &jwt)]);
            let Ok(stored) =
                serde_json::from_value::<valetkey_core::authorize::StoredAuthorization>(record.clone())
            else {
                continue;
            };
            let mut pending = stored.taken_out(true).unwrap();
            let opened = pending.open(&client, &response).and_then(|flow| run(flow, Vec::new(), NOW));
            let opened = opened.unwrap_or(response);
            assert!(pending.finish(&client, &opened, NOW).is_err(), "{lost} {has_nonce}");
        }
    }
}

/// AR-3, AR-18: an ID token stands for a missing `iss` only as far as it is verified, with every relaxation admitted that there is.
#[test]
fn what_stands_for_iss_is_verified_whatever_is_admitted() {
    use valetkey_core::server::Endpoint;
    let mixed_up = |admitted: &[Quirk]| {
        let server = provider(Algorithm::Es256).flag("authorization_response_iss_parameter_supported");
        let server = server.endpoint(Endpoint::Jwks, "https://as.example/jwks").unwrap();
        client_of(admitted.iter().fold(server, |server, quirk| server.admit(*quirk)))
    };
    for admitted in
        [&[][..], &[Quirk::IdTokenByTls, Quirk::NoIdToken, Quirk::NoNonce, Quirk::SparseLoginMetadata]]
    {
        let client = mixed_up(admitted);
        let changes: [fn(&mut Value); 5] = [
            |claims| claims["iss"] = json!("https://evil.example"),
            |claims| drop(claims.as_object_mut().unwrap().remove("iss")),
            |claims| drop(claims.as_object_mut().unwrap().remove("nonce")),
            |claims| drop(claims.as_object_mut().unwrap().remove("c_hash")),
            |claims| claims["aud"] = json!("evil"),
        ];
        for change in changes {
            let mut begun = hybrid(&client);
            let mut claims = front(&begun);
            change(&mut claims);
            let jwt = id_token(Algorithm::Es256, &claims);
            let response = response(&begun, &[("code", CODE), ("id_token", &jwt)]);
            let opened = run(begun.pending.open(&client, &response).unwrap(), Vec::new(), NOW);
            assert!(opened.is_err());
            // Nor is what was not opened released.
            assert_eq!(rule(begun.pending.finish(&client, &response, NOW)), Some(Rule::Ar18));
        }
        // Signed by nobody, or by the key's own text as the secret of an HMAC.
        let begun = hybrid(&client);
        let claims = front(&begun);
        for forged in ["HS256", "none", "None", "es256", "ES384"] {
            let header = serde_json::json!({ "alg": forged }).to_string();
            use base64::Engine as _;
            let text = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
            let jwt = format!(
                "{}.{}.{}",
                text(header.as_bytes()),
                text(claims.to_string().as_bytes()),
                text(&[7; 64])
            );
            let response = response(&begun, &[("code", CODE), ("id_token", &jwt)]);
            let opened = begun.pending.open(&client, &response).and_then(|flow| run(flow, Vec::new(), NOW));
            assert!(opened.is_err(), "{forged}");
        }
    }
}
