//! AR: the corners of an authorization response: its issuer, its mode, its size, and when it comes.

use std::time::Duration;

use valetkey_core::authorize::ResponseMode;
use valetkey_core::terms::CodeVerifier;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Error, Flow as _,
    PendingAuthorization, Quirk, Rule, Step,
};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client, client_of, entropy, json, server};

const CALLBACK: &str = "https://app.example/callback";

fn begun(client: &Client, mode: ResponseMode) -> PendingAuthorization {
    let request = AuthorizationRequest::new(client, CALLBACK).unwrap().response_mode(mode);
    request.begin_unbound(entropy(1), NOW).unwrap().1
}

fn post(body: &[u8]) -> valetkey_core::Request {
    http::Request::post("/callback")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.to_vec())
        .unwrap()
}

/// What becomes of a response in this mode; `STATE` is the state that was sent.
fn finish(client: &Client, mode: ResponseMode, response: &str) -> Result<(), Error> {
    let mut pending = begun(client, mode);
    let url = response.replace("STATE", pending.state());
    pending.finish(client, &AuthorizationResponse::from_url(&url).unwrap(), NOW).map(drop)
}

fn rule(outcome: Result<(), Error>) -> Option<Rule> {
    outcome.unwrap_err().rule()
}

/// AR-4: an issuer that was not advertised is compared too; a named relaxation ignores it, and that one only.
#[test]
fn an_iss_that_was_not_advertised_is_compared_or_discarded() {
    let good = format!("{CALLBACK}?code=a&state=STATE&iss=https://as.example");
    let other = format!("{CALLBACK}?code=a&state=STATE&iss=https://other.example");
    let query = ResponseMode::Query;
    assert!(finish(&client(), query, &good).is_ok());
    assert_eq!(rule(finish(&client(), query, &other)), Some(Rule::Ar4));
    let lax = client_of(server().admit(Quirk::IssDiscarded));
    assert!(finish(&lax, query, &other).is_ok());
    // AR-3: what is advertised is compared all the same.
    let advertised = client_of(server().admit(Quirk::IssDiscarded).advertises_iss());
    assert_eq!(rule(finish(&advertised, query, &other)), Some(Rule::Ar3));
    // With no issuer to compare with, none can be right.
    let nameless = AuthorizationServer::new()
        .authorization_endpoint("https://as.example/authorize")
        .unwrap()
        .token_endpoint("https://as.example/token")
        .unwrap();
    let error = finish(&client_of(nameless.clone()), query, &good).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Ar4), Some(Quirk::IssDiscarded)));
    assert!(error.to_string().contains("`https://as.example`: look"), "{error}");
    let own =
        finish(&client_of(nameless.clone()), query, &good.replace("https://", "javascript:")).unwrap_err();
    assert!(!own.to_string().contains("javascript"), "{own}");
    assert!(finish(&client_of(nameless.clone().admit(Quirk::IssDiscarded)), query, &good).is_ok());
    assert_eq!(rule(finish(&client_of(nameless.advertises_iss()), query, &good)), Some(Rule::Ar4));
}

/// AR-3, AR-6: an error sends nothing anywhere. One with the right `state` is told though its `iss` is missing, and the
/// departure is reported; one with another `iss`, or another `state`, is not told.
#[test]
fn an_error_without_its_iss_is_told_once_its_state_is_right() {
    let client = client_of(server().advertises_iss());
    let said = |parameters: &str| {
        finish(&client, ResponseMode::Query, &format!("{CALLBACK}?{parameters}")).unwrap_err()
    };
    let told = said("error=access_denied&state=STATE");
    assert!(told.is_access_denied(), "{told}");
    assert!(told.refused().unwrap().quirks().contains(Quirk::IssMissingInErrors));
    let whole = said("error=access_denied&state=STATE&iss=https://as.example");
    assert!(whole.is_access_denied() && whole.refused().unwrap().quirks().is_empty());
    assert_eq!(said("error=access_denied&state=STATE&iss=https://evil.example").rule(), Some(Rule::Ar3));
    assert_eq!(said("error=access_denied&state=another").rule(), Some(Rule::Ar5));
    assert_eq!(said("error=access_denied&code=a&state=STATE").rule(), Some(Rule::Ar3));
}

/// AR-3: a code without it is refused by an error that names the way through; that is reported on what is pending
/// and on the tokens.
#[test]
fn a_code_without_its_iss_is_refused_or_admitted() {
    let url = format!("{CALLBACK}?code=a&state=STATE");
    let strict = finish(&client_of(server().advertises_iss()), ResponseMode::Query, &url).unwrap_err();
    assert!(strict.rule() == Some(Rule::Ar3) && strict.to_string().contains("`iss-missing`"), "{strict}");

    let lax = client_of(server().advertises_iss().admit(Quirk::IssMissing));
    let mut pending = begun(&lax, ResponseMode::Query);
    let response = AuthorizationResponse::from_url(&url.replace("STATE", pending.state())).unwrap();
    let flow = pending.finish(&lax, &response, NOW).unwrap();
    assert!(pending.quirks().contains(Quirk::IssMissing) && !pending.checks().contains(Rule::Ar3));
    let answer = json(200, r#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#);
    let tokens = play(flow, [Some(answer)]).outcome.unwrap();
    assert_eq!(tokens.quirks().iter().collect::<Vec<_>>(), [Quirk::IssMissing]);
    // One that comes is compared all the same.
    let other = format!("{url}&iss=https://evil.example");
    assert_eq!(rule(finish(&lax, ResponseMode::Query, &other)), Some(Rule::Ar3));
}

/// AR-11: `iss` in the query and the rest in the fragment, by its quirk; it is compared there too, and comes once.
#[test]
fn an_iss_in_the_query_of_a_fragment_response_is_refused_or_compared() {
    let mode = ResponseMode::Fragment;
    let apart = |iss: &str| format!("{CALLBACK}?iss={iss}#code=a&state=STATE");
    let good = apart("https://as.example");
    let strict = finish(&client_of(server().advertises_iss()), mode, &good).unwrap_err();
    assert!(strict.rule() == Some(Rule::Ar11) && strict.to_string().contains("`iss-in-query`"), "{strict}");

    let lax = client_of(server().advertises_iss().admit(Quirk::IssInQuery));
    let mut pending = begun(&lax, mode);
    let response = AuthorizationResponse::from_url(&good.replace("STATE", pending.state())).unwrap();
    pending.finish(&lax, &response, NOW).unwrap();
    assert!(pending.quirks().contains(Quirk::IssInQuery) && pending.checks().contains(Rule::Ar3));
    assert_eq!(rule(finish(&lax, mode, &apart("https://evil.example"))), Some(Rule::Ar3));
    let twice = format!("{good}&iss=https://as.example");
    assert_eq!(rule(finish(&lax, mode, &twice)), Some(Rule::Ar1));
    // Nothing else may be there, nor the other way about.
    let more = format!("{CALLBACK}?iss=https://as.example&state=STATE#code=a&state=STATE");
    assert_eq!(rule(finish(&lax, mode, &more)), Some(Rule::Ar11));
    let reverse = format!("{CALLBACK}?code=a&state=STATE#iss=https://as.example");
    assert_eq!(rule(finish(&lax, ResponseMode::Query, &reverse)), Some(Rule::Ar11));
}

/// AR-7: a code under a name that the server was said to have for it is the code, once, and then the usual name is none.
#[test]
fn a_code_under_another_name_is_read_where_the_server_has_that_name() {
    let query = ResponseMode::Query;
    let renamed = format!("{CALLBACK}?spapi_oauth_code=a&state=STATE&selling_partner_id=A3");
    let strict = finish(&client(), query, &renamed).unwrap_err();
    assert!(strict.rule() == Some(Rule::Ar7) && strict.to_string().contains("code_as"), "{strict}");

    let named = client_of(server().code_as("spapi_oauth_code").unwrap());
    let mut pending = begun(&named, query);
    let response = AuthorizationResponse::from_url(&renamed.replace("STATE", pending.state())).unwrap();
    let mut flow = pending.finish(&named, &response, NOW).unwrap();
    let Ok(Step::Send(request)) = flow.step(None, NOW) else { panic!("it sends nothing") };
    let body = String::from_utf8(request.into_body()).unwrap();
    assert!(body.starts_with("grant_type=authorization_code&code=a&"), "{body}");

    for (parameters, broken) in [
        ("code=a&state=STATE", Rule::Ar7),
        ("code=a&spapi_oauth_code=a&state=STATE", Rule::Ar7),
        ("spapi_oauth_code=a&error=x&state=STATE", Rule::Ar7),
        ("spapi_oauth_code=a&spapi_oauth_code=a&state=STATE", Rule::Ar1),
        ("spapi_oauth_code=a&state=other", Rule::Ar5),
    ] {
        assert_eq!(
            rule(finish(&named, query, &format!("{CALLBACK}?{parameters}"))),
            Some(broken),
            "{parameters}"
        );
    }
    let elsewhere = format!("{CALLBACK}?state=STATE#spapi_oauth_code=a");
    assert_eq!(rule(finish(&named, query, &elsewhere)), Some(Rule::Ar11));
    for name in ["", "state", "client_id", "a b", "a&b"] {
        assert_eq!(server().code_as(name).unwrap_err().rule(), Some(Rule::Aq6), "{name}");
    }
}

/// AR-11: a mode that the server does not list is refused before a person is sent there, and the refusal names the list.
#[test]
fn a_response_mode_that_is_not_listed_is_not_asked_for() {
    let listing = |modes: &[&str]| server().list("response_modes_supported", modes.iter().copied());
    let begin = |server, mode| {
        let request = AuthorizationRequest::new(&client_of(server), CALLBACK).unwrap().response_mode(mode);
        request.begin_unbound(entropy(1), NOW).map(drop)
    };
    let refused = begin(listing(&["query", "fragment"]), ResponseMode::FormPost).unwrap_err();
    assert!(matches!(refused, Error::Misuse(_)) && refused.rule() == Some(Rule::Ar11), "{refused}");
    assert!(refused.to_string().contains("response_modes_supported"), "{refused}");
    assert!(begin(listing(&["query", "form_post"]), ResponseMode::FormPost).is_ok());
    assert!(begin(server(), ResponseMode::FormPost).is_ok());
    // The usual one is not asked for by name.
    assert!(begin(listing(&["form_post"]), ResponseMode::Query).is_ok());
}

/// AR-11: each mode in its own place, and no other.
#[test]
fn a_response_comes_in_the_mode_that_was_asked_for() {
    assert_eq!(
        [ResponseMode::Query, ResponseMode::Fragment, ResponseMode::FormPost].map(ResponseMode::name),
        ["query", "fragment", "form_post"]
    );
    let (query, fragment) =
        (format!("{CALLBACK}?code=a&state=STATE"), format!("{CALLBACK}#code=a&state=STATE"));
    assert!(finish(&client(), ResponseMode::Query, &query).is_ok());
    assert!(finish(&client(), ResponseMode::Fragment, &fragment).is_ok());
    assert_eq!(rule(finish(&client(), ResponseMode::Fragment, &query)), Some(Rule::Ar11));
    assert_eq!(rule(finish(&client(), ResponseMode::Query, &fragment)), Some(Rule::Ar11));
    assert_eq!(rule(finish(&client(), ResponseMode::FormPost, &query)), Some(Rule::Ar11));
    for mode in [ResponseMode::Query, ResponseMode::Fragment] {
        let mut pending = begun(&client(), mode);
        let body = format!("code=a&state={}", pending.state());
        let response = AuthorizationResponse::from_request(CALLBACK, &post(body.as_bytes())).unwrap();
        assert_eq!(pending.finish(&client(), &response, NOW).unwrap_err().rule(), Some(Rule::Ar11));
        assert!(!pending.is_spent());
    }
    // A fragment that some servers append means nothing (AR-15).
    assert!(finish(&client(), ResponseMode::Query, &format!("{query}#_=_")).is_ok());
    // AR-9: a token beside the code, wherever it is.
    for token in ["access_token=t", "id_token=t", "token_type=t"] {
        assert_eq!(
            rule(finish(&client(), ResponseMode::Query, &format!("{query}#{token}"))),
            Some(Rule::Ar9)
        );
        assert_eq!(
            rule(finish(&client(), ResponseMode::Query, &format!("{query}&{token}"))),
            Some(Rule::Ar9)
        );
    }
}

/// AR-22: a form_post response is a form, in UTF-8.
#[test]
fn a_form_post_is_a_form() {
    let read = |request| AuthorizationResponse::from_request(CALLBACK, &request).map(drop);
    assert!(read(post(b"code=a")).is_ok());
    assert_eq!(rule(read(post(b"code=\xff"))), Some(Rule::Ar22));
    for content_type in ["text/plain", "multipart/form-data", "application/x-www-form-urlencodedx", ""] {
        let mut request = post(b"code=a");
        request.headers_mut().insert("content-type", content_type.parse().unwrap());
        assert_eq!(rule(read(request)), Some(Rule::Ar22), "{content_type}");
    }
    let mut request = post(b"code=a");
    request.headers_mut().remove("content-type");
    assert_eq!(rule(read(request)), Some(Rule::Ar22));
    // AR-8: and no larger than a response may be.
    assert_eq!(rule(read(post(&vec![b'a'; (64 << 10) + 1]))), Some(Rule::Ar8));
}

/// AR-8: everything of a response is bounded.
#[test]
fn the_size_of_a_response_is_bounded() {
    let url = |length: usize| format!("{CALLBACK}?{}", "a".repeat(length - CALLBACK.len() - 1));
    assert!(AuthorizationResponse::from_url(&url(64 << 10)).is_ok());
    assert_eq!(rule(AuthorizationResponse::from_url(&url((64 << 10) + 1)).map(drop)), Some(Rule::Ar8));
    let many = |count| (0..count).map(|n| format!("&p{n}=")).collect::<String>();
    let response =
        |tail: &str| finish(&client(), ResponseMode::Query, &format!("{CALLBACK}?state=STATE{tail}"));
    assert!(response(&format!("&code=a{}", many(62))).is_ok());
    assert_eq!(rule(response(&format!("&code=a{}", many(63)))), Some(Rule::Ar8));
    let long = "x".repeat((16 << 10) + 1);
    assert!(response(&format!("&code={}", &long[1..])).is_ok());
    assert_eq!(rule(response(&format!("&code={long}"))), Some(Rule::Ar8));
    assert_eq!(rule(response(&format!("&error={long}"))), Some(Rule::Ar8));
    // ER-1: what is no code stands for words, and hides nothing of what else is said.
    for (error, words) in [
        ("&error=a%22b", "a\"b"),
        ("&error=Zugriff%20verweigert%C3%BC", "Zugriff verweigertü"),
        ("&error=a%22b&error_description=No.", "No."),
    ] {
        let refused = response(error).unwrap_err();
        let refused = refused.refused().unwrap();
        assert_eq!((refused.code(), refused.description()), (None, Some(words)));
    }
    assert!(
        response(&format!("&error={}", "x".repeat(129))).unwrap_err().refused().unwrap().code().is_none()
    );
    let forged = format!("{CALLBACK}?code=a&state={long}");
    assert_eq!(rule(finish(&client(), ResponseMode::Query, &forged)), Some(Rule::Ar5));
}

/// AR-13: the last moment is good, the next is late, and a clock that was set back is no harm.
#[test]
fn a_response_comes_in_time() {
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap().valid_for(Duration::from_secs(60));
    let at = |seconds: i64| {
        let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
        let url = format!("{CALLBACK}?code=a&state={}", pending.state());
        let time = Duration::from_secs(seconds.unsigned_abs());
        let now = if seconds < 0 { NOW.before(time) } else { NOW.after(time) };
        let response = AuthorizationResponse::from_url(&url).unwrap();
        pending.finish(&client(), &response, now).map(drop)
    };
    assert!(at(0).is_ok() && at(60).is_ok() && at(-86_400).is_ok());
    assert_eq!(rule(at(61)), Some(Rule::Ar13));
}

/// AR-16, AR-24: what a response says beside its code is not believed: the tokens' scope and lifetime are the token endpoint's, and
/// no session is managed by `session_state`.
#[test]
fn what_a_response_adds_is_not_believed() {
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap().scope("read").unwrap();
    let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let added = "scope=admin&expires_in=999999999&session_state=x&refresh_token_expires_in=1";
    let url = format!("{CALLBACK}?code=a&state={}&{added}", pending.state());
    let flow = pending.finish(&client(), &AuthorizationResponse::from_url(&url).unwrap(), NOW).unwrap();
    let played = play(flow, [Some(json(200, r#"{"access_token":"a","token_type":"Bearer"}"#))]);
    let body = String::from_utf8(played.sent[0].1.body().clone()).unwrap();
    assert!(
        !body.contains("admin") && !body.contains("999999999") && !body.contains("session_state"),
        "{body}"
    );
    let tokens = played.outcome.unwrap();
    assert_eq!((tokens.scope().unwrap().as_str(), tokens.expires_in()), ("read", None));
}

/// AR-12: what was proven to be the server's word uses the pending authorization up, whatever it said.
#[test]
fn the_servers_word_is_heard_once() {
    for (response, spends) in [
        ("code=a&state=STATE", true),
        ("error=access_denied&state=STATE", true),
        ("state=STATE", true),
        ("code=a&error=b&state=STATE", true),
        ("code=a%0a&state=STATE", true),
        ("code=a", false),
        ("code=a&state=other", false),
        ("code=a&code=b&state=STATE", false),
        ("code=a&state=STATE&iss=https://other.example", false),
        ("response=x&state=STATE", false),
    ] {
        let mut pending = begun(&client(), ResponseMode::Query);
        let url = format!("{CALLBACK}?{}", response.replace("STATE", pending.state()));
        let response = AuthorizationResponse::from_url(&url).unwrap();
        let _ = pending.finish(&client(), &response, NOW);
        assert_eq!(pending.is_spent(), spends, "{url}");
    }
}

/// AQ-6: an endpoint's own query must not be the request's too.
#[test]
fn an_endpoint_with_our_parameters_is_refused() {
    for query in ["state=x", "a=1&client_id=x", "prompt=none"] {
        let server = server().authorization_endpoint(&format!("https://as.example/a?{query}")).unwrap();
        let request = AuthorizationRequest::new(&client_of(server), CALLBACK).unwrap();
        let request = request.parameter("prompt", "login").unwrap();
        assert_eq!(rule(request.begin_unbound(entropy(1), NOW).map(drop)), Some(Rule::Aq6), "{query}");
    }
}

/// What is prepared for the next beginning is prepared anew when the request changes.
#[test]
fn a_request_that_is_changed_after_it_has_begun_is_another() {
    let first = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
    let url = |request: &AuthorizationRequest| request.begin_unbound(entropy(1), NOW).unwrap().0.to_string();
    assert!(!url(&first).contains("scope=") && url(&first) == url(&first));
    let second = first.clone().scope("a").unwrap();
    assert!(url(&second).contains("&scope=a&"));
    let third = second.response_mode(ResponseMode::FormPost);
    assert!(url(&third).contains("&response_mode=form_post&scope=a&"));
    let fourth = third.parameter("prompt", "login").unwrap();
    assert!(url(&fourth).contains("&scope=a&prompt=login&"));
    assert!(url(&fourth.offline()).contains("&prompt=login&access_type=offline&"));
}

/// AQ-8, DI-5: addresses that play tricks, or that are too long.
#[test]
fn addresses_are_plain() {
    for uri in [
        "https://user@app.example/cb",
        "https:///cb",
        "https://app.example:99999/cb",
        "1com.example:/cb",
        "com.example:",
    ] {
        let error = AuthorizationRequest::new(&client(), uri).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Aq8), "{uri}");
    }
    let long = format!("https://as.example/{}", "a".repeat(16 << 10));
    assert_eq!(rule(server().token_endpoint(&long).map(drop)), Some(Rule::Di5));
    assert_eq!(rule(AuthorizationRequest::new(&client(), long).map(drop)), Some(Rule::Aq8));
}

#[test]
fn what_is_pending_shows_what_is_no_secret() {
    let pending = begun(&client(), ResponseMode::Query);
    let shown = format!("{pending:?}");
    assert!(shown.contains(CALLBACK) && shown.contains("is_spent: false"), "{shown}");
    assert_eq!(format!("{:?}", CodeVerifier::generate(entropy(1))), "<secret>");
    #[expect(deprecated, reason = "the deprecated flow has a pending value too")]
    let request = valetkey_core::authorize::ImplicitRequest::new(&client(), CALLBACK).unwrap();
    let (url, pending) =
        request.parameter("prompt", "login").unwrap().begin_unbound(entropy(1), NOW).unwrap();
    assert!(!format!("{pending:?}{url:?}").contains(pending.state()));
    assert!(url.as_str().contains("&prompt=login&"));
}
