//! AQ-15, AQ-16, AQ-31, AR-22, AR-23: what may be asked to come through the browser, and how it comes.

use serde::Deserialize;
use serde_json::{Value, json};
use valetkey_core::authorize::{ResponseMode, ResponseType, StoredAuthorization};
use valetkey_core::identity::Login;
use valetkey_core::jose::Algorithm;
use valetkey_core::server::Endpoint;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Error, Flow, PendingAuthorization,
    Quirk, Rule, Step,
};
use valetkey_tests::openid::{Begun, CALLBACK, begun, claims, client, half_hash, id_token, provider, run};
use valetkey_tests::{NOW, client_of, entropy};

fn listing(modes: &[&str]) -> AuthorizationServer {
    provider(Algorithm::Es256).list("response_modes_supported", modes.iter().copied())
}

fn asked(server: AuthorizationServer, asked: ResponseType) -> Result<Begun, Error> {
    begun(&client_of(server), |request| request.response_type(asked))
}

fn misuse<T>(outcome: Result<T, Error>) -> (Option<Rule>, String) {
    let error = outcome.err().unwrap();
    assert!(matches!(error, Error::Misuse(_)), "{error}");
    (error.rule(), error.to_string())
}

/// AQ-15: the default is a code; an ID token is asked for by name, and a type with an access token has no name.
#[test]
fn a_response_type_is_a_code_an_id_token_or_both() {
    let plain = begun(&client(), |request| request).unwrap();
    assert_eq!((plain.parameter("response_type"), plain.parameter("response_mode")), (Some("code"), None));
    for kind in [ResponseType::Code, ResponseType::CodeIdToken, ResponseType::IdToken] {
        let begun = asked(provider(Algorithm::Es256), kind).unwrap();
        assert_eq!(begun.parameter("response_type"), Some(kind.name()));
        assert_eq!(begun.parameter("code_challenge").is_some(), kind.has_code());
        assert!(!begun.nonce().is_empty() && !kind.name().split(' ').any(|word| word == "token"));
    }
    for named in ["code token", "code id_token token", "id_token token", "none"] {
        let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
        assert_eq!(misuse(request.parameter("response_type", named)).0, Some(Rule::Aq6), "{named}");
    }
}

/// AQ-15: what cannot come, or cannot be verified, is refused before a person is sent anywhere.
#[test]
fn an_id_token_is_asked_for_where_it_can_be_verified() {
    let request =
        AuthorizationRequest::new(&client(), CALLBACK).unwrap().response_type(ResponseType::CodeIdToken);
    let (rule, text) = misuse(request.begin_unbound(entropy(1), NOW));
    assert!(rule == Some(Rule::Aq15) && text.contains("openid"), "{text}");
    let unread = asked(provider(Algorithm::Es256).admit(Quirk::IdTokenUnread), ResponseType::IdToken);
    let (rule, text) = misuse(unread);
    assert!(rule == Some(Rule::Aq15) && text.contains("id-token-unread"), "{text}");
    let listing = |types: &[&str]| {
        let server = provider(Algorithm::Es256).list("response_types_supported", types.iter().copied());
        let metadata =
            [("subject_types_supported", "public"), ("id_token_signing_alg_values_supported", "ES256")];
        metadata.into_iter().fold(server, |server, (name, value)| server.list(name, [value]))
    };
    let (rule, text) = misuse(asked(listing(&["code"]), ResponseType::CodeIdToken));
    assert!(rule == Some(Rule::Aq15) && text.contains("response_types_supported"), "{text}");
    for types in [&["code", "code id_token"][..], &["id_token code"]] {
        assert!(asked(listing(types), ResponseType::CodeIdToken).is_ok(), "{types:?}");
    }
}

/// AQ-16: by a form where the server lists that, by a fragment else, and never by a query.
#[test]
fn an_id_token_comes_by_a_form_or_a_fragment() {
    for kind in [ResponseType::CodeIdToken, ResponseType::IdToken] {
        let unlisted = asked(provider(Algorithm::Es256), kind).unwrap();
        assert_eq!(
            (unlisted.parameter("response_mode"), unlisted.pending.response_mode()),
            (None, ResponseMode::Fragment)
        );
        let form = asked(listing(&["query", "fragment", "form_post"]), kind).unwrap();
        assert_eq!(form.parameter("response_mode"), Some("form_post"));
        let fragment = asked(listing(&["query", "fragment"]), kind).unwrap();
        assert_eq!(
            (fragment.parameter("response_mode"), fragment.pending.response_mode()),
            (None, ResponseMode::Fragment)
        );
        for mode in [ResponseMode::Query, ResponseMode::Jwt, ResponseMode::QueryJwt] {
            let by_query = begun(&client(), |request| request.response_type(kind).response_mode(mode));
            let (rule, text) = misuse(by_query);
            assert!(rule == Some(Rule::Aq16) && text.contains("`form_post` or `fragment`"), "{text}");
        }
        for mode in [ResponseMode::Fragment, ResponseMode::FormPost, ResponseMode::FormPostJwt] {
            let begun = begun(&client(), |request| request.response_type(kind).response_mode(mode)).unwrap();
            assert_eq!(begun.pending.response_mode(), mode);
        }
    }
    // A code alone goes as it did.
    let code = asked(listing(&["query", "form_post"]), ResponseType::Code).unwrap();
    assert_eq!(code.pending.response_mode(), ResponseMode::Query);
}

/// AQ-16: whatever came in a query, it is not what was asked for.
#[test]
fn an_id_token_in_a_query_is_refused() {
    let client = client();
    let mut begun = asked(provider(Algorithm::Es256), ResponseType::IdToken).unwrap();
    let token = id_token(Algorithm::Es256, &claims(Some(begun.nonce())));
    let url = format!("{CALLBACK}?id_token={token}&state={}", begun.pending.state());
    let response = AuthorizationResponse::from_url(&url).unwrap();
    assert_eq!(begun.pending.open(&client, &response).err().and_then(|it| it.rule()), Some(Rule::Ar9));
    assert_eq!(
        begun.pending.finish_login(&client, &response, NOW).err().and_then(|it| it.rule()),
        Some(Rule::Ar9)
    );
    assert!(!begun.pending.is_spent());
}

/// AQ-15: pushed like any other.
#[test]
fn the_response_type_is_pushed_too() {
    let server =
        provider(Algorithm::Es256).endpoint(Endpoint::PushedAuthorization, "https://as.example/par").unwrap();
    let request = AuthorizationRequest::new(&client_of(server), CALLBACK).unwrap().scope("openid").unwrap();
    let request = request.response_type(ResponseType::CodeIdToken);
    let mut flow = request.push_unbound(entropy(1), NOW).unwrap();
    let Ok(Step::Send(sent)) = flow.step(None, NOW) else { panic!("it pushes") };
    let body = String::from_utf8(sent.into_body()).unwrap();
    assert!(body.contains("response_type=code+id_token") && body.contains("nonce="), "{body}");
    let query = request.response_mode(ResponseMode::Query).push_unbound(entropy(1), NOW);
    assert_eq!(misuse(query).0, Some(Rule::Aq16));
}

/// AQ-31: what was asked for is in the record, and one of an earlier version asked for a code.
#[test]
fn the_record_says_what_was_asked_for() {
    let client = client();
    let asks =
        |request: AuthorizationRequest| request.response_type(ResponseType::CodeIdToken).require_s_hash();
    let begun = begun(&client, asks).unwrap();
    let mut record = serde_json::to_value(&begun.pending).unwrap();
    assert_eq!(record["response_type"], "code id_token");
    assert_eq!(record["login"]["s_hash"], true);
    let read = |record: &Value| -> PendingAuthorization {
        serde_json::from_value::<StoredAuthorization>(record.clone()).unwrap().taken_out(true).unwrap()
    };
    // The request for s_hash outlives the store.
    let mut claims = claims(Some(begun.nonce()));
    claims["c_hash"] = json!(half_hash("code"));
    let url = |token: &str| format!("{CALLBACK}#code=code&id_token={token}&state={}", begun.pending.state());
    let response = AuthorizationResponse::from_url(&url(&id_token(Algorithm::Es256, &claims))).unwrap();
    let opened = run(read(&record).open(&client, &response).unwrap(), Vec::new(), NOW);
    assert_eq!(opened.err().and_then(|it| it.rule()), Some(Rule::Id41));
    // A code is asked for where the record says nothing, and then no ID token may come.
    record.as_object_mut().unwrap().remove("response_type");
    let mut earlier = read(&record);
    let finished = earlier.finish(&client, &response, NOW);
    assert_eq!(finished.err().and_then(|it| it.rule()), Some(Rule::Ar9));
    let plain =
        serde_json::to_value(&valetkey_tests::openid::begun(&client, |it| it).unwrap().pending).unwrap();
    assert!(plain["response_type"].is_null() && plain["login"]["s_hash"].is_null());
}

#[derive(Debug, Deserialize, PartialEq)]
struct User {
    email: String,
}

/// A login by `form_post` whose form has this beside what is needed.
fn posted(user: Option<&str>, is_refused: bool) -> (PendingAuthorization, Option<Login>) {
    let client = client_of(listing(&["form_post"]));
    let mut begun = begun(&client, |request| request.response_type(ResponseType::IdToken)).unwrap();
    let token = id_token(Algorithm::Es256, &claims(Some(begun.nonce())));
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("state", begun.pending.state());
    match is_refused {
        true => form.append_pair("error", "access_denied"),
        false => form.append_pair("id_token", &token),
    };
    form.extend_pairs(user.map(|user| ("user", user)));
    let request =
        http::Request::post("/callback").header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(form.finish()).unwrap();
    let response = AuthorizationResponse::from_request(CALLBACK, &request).unwrap();
    let opened = run(begun.pending.open(&client, &response).unwrap(), Vec::new(), NOW).unwrap();
    let login = begun.pending.finish_login(&client, &opened, NOW).ok();
    (begun.pending, login)
}

/// AR-22, AR-23: what a posted response says about the person is handed over as the browser's word, and is no part of who they are.
#[test]
fn what_the_browser_says_about_the_person_is_its_own_word() {
    let (pending, login) = posted(Some(r#"{"email":"president@example.com"}"#), false);
    let said: Option<User> = pending.user_said_by_browser().unwrap();
    assert_eq!(said, Some(User { email: "president@example.com".to_owned() }));
    let login = login.unwrap();
    assert_eq!((login.standard_claims().email(), login.identity().subject()), (None, "248289761001"));
    assert!(!format!("{pending:?}").contains("president"));

    let large = format!(r#"{{"email":"{}"}}"#, "e".repeat(4 * 1024));
    for wrong in ["[]", "jane", "", r#"{"email":1}"#, r#"{"email":"a","email":"b"}"#, &large] {
        let (pending, login) = posted(Some(wrong), false);
        // The login is what it is (AR-15).
        assert!(login.is_some(), "{wrong}");
        let error = pending.user_said_by_browser::<User>().unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Ar23), "{wrong}");
    }
    for (user, is_refused) in [(None, false), (Some(r#"{"email":"a"}"#), true)] {
        assert_eq!(posted(user, is_refused).0.user_said_by_browser::<User>().unwrap(), None);
    }
}

/// AR-23: 4 KiB are the most that it may have.
#[test]
fn what_the_browser_says_about_the_person_may_have_4_kib() {
    for (more, is_read) in [(0, true), (1, false)] {
        let user = format!(r#"{{"email":"{}"}}"#, "e".repeat(4 * 1024 - 12 + more));
        let said = posted(Some(&user), false).0.user_said_by_browser::<User>();
        assert_eq!(said.is_ok(), is_read, "{}", user.len());
    }
}

/// AQ-16: what was found for a request that began before is not what another response type is sent with.
#[test]
fn a_request_that_began_asks_for_another_type_in_that_ones_mode() {
    let client = client_of(listing(&["query", "fragment", "form_post"]));
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap().scope("openid").unwrap();
    let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
    assert!(!url.as_str().contains("form_post"));
    let request = request.response_type(ResponseType::IdToken);
    let (url, pending) = request.begin_unbound(entropy(2), NOW).unwrap();
    assert!(
        url.as_str().contains("response_type=id_token&") && url.as_str().contains("response_mode=form_post")
    );
    assert_eq!(pending.response_mode(), ResponseMode::FormPost);
}

/// AQ-15: only a type without a code has no code challenge to leave out.
#[test]
fn a_type_with_a_code_keeps_the_quirk_of_its_challenge() {
    let client = client_of(provider(Algorithm::Es256).admit(Quirk::NoCodeChallenge));
    for kind in [ResponseType::Code, ResponseType::CodeIdToken] {
        let begun = begun(&client, |request| request.response_type(kind)).unwrap();
        assert_eq!(begun.parameter("code_challenge"), None, "{kind:?}");
    }
    for (kind, is_reported) in
        [(ResponseType::Code, true), (ResponseType::CodeIdToken, true), (ResponseType::IdToken, false)]
    {
        let request = AuthorizationRequest::new(&client, CALLBACK).unwrap().response_type(kind);
        assert_eq!(request.quirks().contains(Quirk::NoCodeChallenge), is_reported, "{kind:?}");
    }
}

/// AR-17: a code is one under its usual name too, where the server has another for it.
#[test]
fn a_code_by_either_name_was_not_asked_for_beside_an_id_token_alone() {
    let client = client_of(provider(Algorithm::Es256).code_as("auth_code").unwrap());
    for name in ["code", "auth_code"] {
        let mut begun = begun(&client, |request| request.response_type(ResponseType::IdToken)).unwrap();
        let token = id_token(Algorithm::Es256, &claims(Some(begun.nonce())));
        let url = format!("{CALLBACK}#id_token={token}&state={}&{name}=c", begun.pending.state());
        let response = AuthorizationResponse::from_url(&url).unwrap();
        let opened = run(begun.pending.open(&client, &response).unwrap(), Vec::new(), NOW).unwrap();
        let error = begun.pending.finish_login(&client, &opened, NOW).unwrap_err();
        assert!(matches!(error.rule(), Some(Rule::Ar17 | Rule::Ar7)), "{name}: {error}");
    }
}

/// AR-23: in a URL it is one more parameter that nobody knows.
#[test]
fn a_user_in_the_url_is_ignored() {
    let client = client();
    let mut begun = asked(provider(Algorithm::Es256), ResponseType::IdToken).unwrap();
    let token = id_token(Algorithm::Es256, &claims(Some(begun.nonce())));
    let url = format!(r#"{CALLBACK}#id_token={token}&state={}&user={{"email":"a"}}"#, begun.pending.state());
    let response = AuthorizationResponse::from_url(&url).unwrap();
    let opened = run(begun.pending.open(&client, &response).unwrap(), Vec::new(), NOW).unwrap();
    assert!(begun.pending.finish_login(&client, &opened, NOW).is_ok());
    assert_eq!(begun.pending.user_said_by_browser::<User>().unwrap(), None);
}
