//! ID-8 to ID-58: where the connection alone vouches for an ID token, each of its claims is held to the same, to either side of each
//! bound.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use valetkey_core::authorize::StoredAuthorization;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, Error, Quirk, Rule, TokenResponse, UnixTime,
};
use valetkey_tests::openid::{Begun, CALLBACK, begun, claims, run, tokens};
use valetkey_tests::{NOW, client_of, server};

/// A client whose server's keys nobody knows.
fn trusting() -> Client {
    client_of(server().admit(Quirk::IdTokenByTls))
}

/// A JWT that is signed by nobody, and says that it is by this algorithm.
fn unsigned(algorithm: &str, claims: &Value) -> String {
    let [header, payload] =
        [json!({ "alg": algorithm }), claims.clone()].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{payload}.AAAA")
}

fn logged_in(client: &Client, change: impl FnOnce(&mut Value)) -> Result<TokenResponse, Error> {
    logged_in_asking(client, |request| request, change)
}

fn logged_in_asking(
    client: &Client,
    ask: impl FnOnce(AuthorizationRequest) -> AuthorizationRequest,
    change: impl FnOnce(&mut Value),
) -> Result<TokenResponse, Error> {
    let mut begun = begun(client, ask).unwrap();
    let mut claims = claims(Some(begun.nonce()));
    change(&mut claims);
    begun.finished(client, vec![tokens(&unsigned("ES256", &claims))])
}

fn rule(outcome: Result<TokenResponse, Error>) -> Option<Rule> {
    outcome.err().and_then(|error| error.rule())
}

/// A change of one claim, and the rule that refuses it.
type Case = (&'static str, Value, Option<Rule>);

fn held(cases: impl IntoIterator<Item = Case>) {
    let client = trusting();
    for (name, value, refused) in cases {
        let outcome = logged_in(&client, |claims| claims[name] = value.clone());
        assert_eq!(rule(outcome), refused, "{name} {value}");
    }
}

/// ID-18, ID-36.
#[test]
fn a_subject_is_a_short_text_and_events_are_none() {
    held([
        ("sub", json!("x".repeat(255)), None),
        ("sub", json!("x".repeat(256)), Some(Rule::Id18)),
        ("sub", json!("x"), None),
        ("sub", json!(""), Some(Rule::Id18)),
        ("sub", json!("Zoë"), Some(Rule::Id18)),
        ("events", json!({}), Some(Rule::Id36)),
    ]);
}

/// ID-10, ID-34: an audience is a text or a list of texts, and each of it is this client or trusted by it.
#[test]
fn an_audience_is_this_client_and_those_that_it_trusts() {
    held([
        ("aud", json!(["s6BhdRkqt3"]), None),
        ("aud", json!([]), Some(Rule::Id34)),
        ("aud", json!([1]), Some(Rule::Id34)),
        ("aud", json!(["s6BhdRkqt3", 1]), Some(Rule::Id34)),
        ("aud", json!(["s6BhdRkqt3", "other"]), Some(Rule::Id10)),
    ]);
    let trusting = trusting().trusted_audience("other");
    for (audience, refused) in [("other", None), ("third", Some(Rule::Id10))] {
        let outcome = logged_in(&trusting, |claims| claims["aud"] = json!(["s6BhdRkqt3", audience]));
        assert_eq!(rule(outcome), refused, "{audience}");
    }
}

/// ID-31, ID-35: ten minutes of a clock that is behind, and one of a clock that is ahead.
#[test]
fn the_times_of_an_id_token_have_their_bounds() {
    let now = NOW.as_secs();
    held([
        ("iat", json!(now - 600), None),
        ("iat", json!(now - 601), Some(Rule::Id31)),
        ("iat", json!(now - 3600), Some(Rule::Id31)),
        ("auth_time", json!(now + 60), None),
        ("auth_time", json!(now + 61), Some(Rule::Id35)),
    ]);
}

/// ID-17: a login is as old as was asked for, and a minute.
#[test]
fn the_age_of_a_login_has_its_bound() {
    for (ago, refused) in [(3660, None), (3661, Some(Rule::Id17)), (7200, Some(Rule::Id17))] {
        let outcome = logged_in_asking(
            &trusting(),
            |request| request.max_age(Duration::from_secs(3600)),
            |claims| claims["auth_time"] = json!(NOW.as_secs() - ago),
        );
        assert_eq!(rule(outcome), refused, "{ago}");
    }
}

/// AQ-19, ID-31: a login that takes five minutes is held to when it was begun, and not to when it ends; in a store too.
#[test]
fn a_login_is_held_to_the_time_at_which_it_was_begun() {
    let client = trusting();
    let end = NOW.after(Duration::from_secs(300));
    let finished = |is_stored: bool, change: &dyn Fn(&mut Value)| {
        let Begun { mut pending, parameters } =
            begun(&client, |request| request.max_age(Duration::ZERO)).unwrap();
        let (_, nonce) = parameters.iter().find(|(name, _)| name == "nonce").unwrap();
        let mut claims = claims(Some(nonce));
        claims["auth_time"] = json!(NOW.as_secs());
        change(&mut claims);
        if is_stored {
            let record = serde_json::to_string(&pending).unwrap();
            let stored: StoredAuthorization = serde_json::from_str(&record).unwrap();
            pending = stored.taken_out(true).unwrap();
        }
        let back = format!("{CALLBACK}?code=SplxlOBeZQQYbYS6WxSbIA&state={}", pending.state());
        let response = AuthorizationResponse::from_url(&back).unwrap();
        let flow = pending.finish(&client, &response, end).unwrap();
        run(flow, vec![tokens(&unsigned("ES256", &claims))], end)
    };
    let now = UnixTime::as_secs(NOW);
    for is_stored in [false, true] {
        for (name, time, refused) in [
            ("auth_time", now - 60, None),
            ("auth_time", now - 61, Some(Rule::Aq19)),
            ("iat", now - 600, None),
            ("iat", now - 601, Some(Rule::Id31)),
        ] {
            let outcome = finished(is_stored, &|claims| claims[name] = json!(time));
            assert_eq!(rule(outcome), refused, "{name} {time} {is_stored}");
        }
    }
}

/// ID-58: that no nonce is known is said in a boolean or in a text, and only by what means it.
#[test]
fn an_id_token_whose_issuer_knows_no_nonce_answers_no_request_with_one() {
    held([
        ("nonce_supported", json!(true), None),
        ("nonce_supported", json!("true"), None),
        ("nonce_supported", json!(0), None),
        ("nonce_supported", json!(false), Some(Rule::Id58)),
        ("nonce_supported", json!("false"), Some(Rule::Id58)),
    ]);
}

/// ID-57: a check that there was no reason for is not reported as passed.
#[test]
fn a_limit_is_reported_where_there_was_one() {
    let endpoint = "https://as.example/authorize?hd=example.com";
    let limited = client_of(
        server().admit(Quirk::IdTokenByTls).login_limited_by("hd").authorization_endpoint(endpoint).unwrap(),
    );
    for (client, is_limited) in [(trusting(), false), (limited, true)] {
        let tokens = logged_in(&client, |claims| claims["hd"] = json!("example.com")).unwrap();
        assert_eq!(tokens.checks().contains(Rule::Id57), is_limited);
        assert_eq!(tokens.login().unwrap().checks().contains(Rule::Id57), is_limited);
    }
}

/// ID-58: every way to write a flag, in one ID token.
#[test]
fn a_flag_is_what_its_claim_says() {
    let told = |admits: bool| {
        let server = server().admit(Quirk::IdTokenByTls);
        let server = if admits { server.admit(Quirk::BooleanAsText) } else { server };
        let tokens = logged_in(&client_of(server), |claims| {
            for (name, value) in [
                ("yes", json!(true)),
                ("no", json!(false)),
                ("null", json!(null)),
                ("empty", json!("")),
                ("text_yes", json!("true")),
                ("text_no", json!("false")),
                ("word", json!("yes")),
                ("number", json!(1)),
            ] {
                claims[name] = value;
            }
        });
        tokens.unwrap().login().unwrap().clone()
    };
    for admits in [false, true] {
        let login = told(admits);
        let flag = |name: &str| login.flag(name).map_err(|error| (error.rule(), error.admitted_by()));
        assert_eq!([flag("yes"), flag("no")], [Ok(Some(true)), Ok(Some(false))]);
        assert_eq!([flag("null"), flag("empty"), flag("absent")], [Ok(None), Ok(None), Ok(None)]);
        let refused = (Some(Rule::Id58), None);
        assert_eq!([flag("word"), flag("number")], [Err(refused), Err(refused)]);
        let by_name = Err((Some(Rule::Id58), Some(Quirk::BooleanAsText)));
        let texts = if admits { [Ok(Some(true)), Ok(Some(false))] } else { [by_name; 2] };
        assert_eq!([flag("text_yes"), flag("text_no")], texts);
    }
}

/// ID-58: that a text was taken for a boolean is said where one was there and is admitted, and nowhere else.
#[test]
fn a_text_that_is_a_flag_is_reported_where_it_is_admitted() {
    for (admits, value, is_reported) in [
        (true, json!("true"), true),
        (true, json!("false"), true),
        (true, json!("yes"), false),
        (true, json!(true), false),
        (false, json!("true"), false),
    ] {
        let server = server().admit(Quirk::IdTokenByTls);
        let server = if admits { server.admit(Quirk::BooleanAsText) } else { server };
        let tokens = logged_in(&client_of(server), |claims| claims["flag"] = value.clone()).unwrap();
        let quirks = tokens.login().unwrap().quirks();
        assert_eq!(quirks.contains(Quirk::BooleanAsText), is_reported, "{admits} {value}");
    }
}

/// ID-19, ID-39: the hash is the one that the algorithm of the ID token is made with.
#[test]
fn a_hash_is_that_of_the_algorithm_that_the_header_names() {
    const TOKEN: &str = "2YotnFZFEjr1zCsicMWpAA";
    let half = |hash: &[u8]| URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2]);
    let hashes = [half(&Sha256::digest(TOKEN)), half(&Sha384::digest(TOKEN)), half(&Sha512::digest(TOKEN))];
    for (algorithms, place) in [
        (&["RS256", "PS256", "ES256"][..], 0),
        (&["RS384", "PS384", "ES384"], 1),
        (&["RS512", "PS512", "ES512", "EdDSA", "Ed25519"], 2),
    ] {
        for algorithm in algorithms {
            for (other, hash) in hashes.iter().enumerate() {
                let client = trusting();
                let mut begun = begun(&client, |request| request).unwrap();
                let mut claims = claims(Some(begun.nonce()));
                claims["at_hash"] = json!(hash);
                let outcome = begun.finished(&client, vec![tokens(&unsigned(algorithm, &claims))]);
                let refused = (other != place).then_some(Rule::Id19);
                assert_eq!(rule(outcome), refused, "{algorithm} {other}");
            }
        }
    }
}

/// ID-27: the longest ID token is one of 64 KiB, to the byte.
#[test]
fn an_id_token_has_at_most_64_kib() {
    let client = trusting();
    let of_length = |length: usize| {
        let mut begun = begun(&client, |request| request).unwrap();
        let mut claims = claims(Some(begun.nonce()));
        claims["pad"] = json!("");
        let bare = unsigned("ES256", &claims).len();
        // Four characters for three bytes of the claims, and the rest by the signature's length.
        let jwt = (0..8).find_map(|less| {
            claims["pad"] = json!("x".repeat((length - bare) / 4 * 3 + 4 - less));
            let jwt = unsigned("ES256", &claims);
            let signature =
                (length + 4).checked_sub(jwt.len()).filter(|signature| (2..5).contains(signature))?;
            Some(format!("{}{}", jwt.strip_suffix("AAAA").unwrap(), "A".repeat(signature)))
        });
        let jwt = jwt.unwrap();
        assert_eq!(jwt.len(), length);
        rule(begun.finished(&client, vec![tokens(&jwt)]))
    };
    assert_eq!([of_length(64 * 1024), of_length(64 * 1024 + 1)], [None, Some(Rule::Id27)]);
}

/// A server that gives no ID token is asked for a login all the same, without keys that would verify one.
#[test]
fn a_server_that_gives_no_id_token_needs_no_keys() {
    let client = client_of(server().admit(Quirk::NoIdToken));
    assert!(begun(&client, |request| request).is_ok());
    let error = begun(&client_of(server()), |request| request).err().unwrap();
    assert_eq!(error.rule(), Some(Rule::Id8));
}
