//! The engine: a run is stepped, and each step is what it says.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by a panic")]

use std::time::Duration;

use valetkey_core::{Rule, UnixTime};
use valetkey_playground::play::{
    ApiCall, Came, Kind, Method, Next, Organisation, Run, Setup, State, checks, claims, curl, demo_setup,
    header, links, parameter,
};
use valetkey_sandbox::{DEMO_USERS, Endpoint, Failure, Person, Sandbox};

const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
const URL: &str = "http://127.0.0.1:9";
const CALLBACK: &str = "http://127.0.0.1:8/callback";

fn begun(method: Method) -> (Run, Sandbox) {
    let organisation = Organisation::standard();
    let mut sandbox = organisation.sandbox([1; 32], URL);
    let setup = demo_setup(method, &organisation, &mut sandbox, URL, CALLBACK);
    (Run::begin(setup, [2; 32], NOW).unwrap(), sandbox)
}

fn later(seconds: u64) -> UnixTime {
    NOW.after(Duration::from_secs(seconds))
}

fn send(run: &mut Run, sandbox: &mut Sandbox, now: UnixTime) {
    let response = sandbox.answer(&run.request().unwrap(), now);
    run.answered(response, now, now);
}

fn browse(run: &mut Run, sandbox: &mut Sandbox) {
    let Next::Browse(url) = run.next(NOW) else { panic!("no browser is wanted: {run:?}") };
    let [(name, password), _] = DEMO_USERS;
    let arrival = sandbox.visit(url, &Person::new(name, password), NOW).unwrap();
    run.arrived(arrival.url().unwrap(), true, NOW);
}

/// Each request is there to be looked at before anything is sent, and is what is sent then.
#[test]
fn each_step_is_shown_before_it_happens() {
    let (mut run, mut sandbox) = begun(Method::AuthorizationCode);
    assert_eq!(run.steps().len(), 1);
    assert!(run.steps()[0].outcome.is_none() && sandbox.log().is_empty());
    browse(&mut run, &mut sandbox);
    let shown = run.steps()[1].request.clone();
    assert_eq!((run.steps()[1].kind, shown.url.as_str()), (Kind::Token, "http://127.0.0.1:9/oauth/token"));
    send(&mut run, &mut sandbox, NOW);
    let sent = sandbox.log().last().unwrap().request();
    assert_eq!(shown.request().unwrap().body(), sent.body());
    assert_eq!(shown.header("authorization").unwrap(), sent.headers()["authorization"].to_str().unwrap());
    assert!(matches!(run.next(NOW), Next::Idle));
}

/// Who looks at a request for long loses nothing: a lifetime counts from the sending.
#[test]
fn looking_at_a_request_does_not_shorten_the_token() {
    for method in [Method::ClientCredentials, Method::RefreshToken, Method::Password] {
        let (mut run, mut sandbox) = begun(method);
        send(&mut run, &mut sandbox, later(3_000));
        assert_eq!(run.held()[0].expires_at, Some(later(3_600)), "{method:?}");
    }
}

/// TR-18: a code is sent once, even if no answer came; a grant that can be repeated is offered again.
#[test]
fn an_answer_that_does_not_come_ends_a_code_and_nothing_else() {
    let (mut run, mut sandbox) = begun(Method::AuthorizationCode);
    browse(&mut run, &mut sandbox);
    run.unanswered("the cable was cut", NOW, NOW);
    assert!(matches!(run.next(NOW), Next::Over) && run.request().is_none());
    let (mut run, mut sandbox) = begun(Method::ClientCredentials);
    run.unanswered("the cable was cut", NOW, NOW);
    let came = &run.steps()[0].outcome.as_ref().unwrap().came;
    assert!(matches!(came, Came::Nothing(why) if why == "the cable was cut"));
    send(&mut run, &mut sandbox, NOW);
    assert_eq!(run.held().len(), 1);
}

/// A server that asks to wait is waited for.
#[test]
fn a_refusal_that_may_pass_is_tried_again_after_its_time() {
    let (mut run, mut sandbox) = begun(Method::ClientCredentials);
    sandbox.fail_next(Endpoint::Token, Failure::unavailable(30));
    send(&mut run, &mut sandbox, NOW);
    assert!(matches!(run.next(NOW), Next::Wait(time) if time == Duration::from_secs(30)));
    assert!(matches!(run.next(later(29)), Next::Wait(_)));
    assert!(matches!(run.next(later(30)), Next::Send(_)));
    send(&mut run, &mut sandbox, later(30));
    assert!(run.failure().is_none() && run.held().len() == 1);
}

/// Rotation is there to be watched: another refresh token with each renewal.
#[test]
fn each_renewal_is_a_line_in_the_history() {
    let (mut run, mut sandbox) = begun(Method::RefreshToken);
    send(&mut run, &mut sandbox, NOW);
    run.renew(NOW).unwrap();
    send(&mut run, &mut sandbox, NOW);
    let refresh: Vec<_> = run.held().iter().map(|held| held.refresh_token.clone().unwrap()).collect();
    assert_eq!(refresh.len(), 2);
    assert_ne!(refresh[0], refresh[1]);
    let last = run.steps().last().unwrap().outcome.as_ref().unwrap();
    assert!(last.reading.facts.iter().any(|fact| fact.name == "rotation" && fact.value.contains("TR-13")));
}

/// WA-3: a token that the API refuses is renewed, and the request repeated: three steps for one call.
#[test]
fn a_call_with_an_expired_token_shows_the_renewal_in_between() {
    let (mut run, mut sandbox) = begun(Method::ClientCredentials);
    send(&mut run, &mut sandbox, NOW);
    sandbox.expire_all();
    run.call(None, NOW).unwrap();
    for _ in 0..3 {
        send(&mut run, &mut sandbox, NOW);
    }
    let kinds: Vec<Kind> = run.steps().iter().map(|step| step.kind).collect();
    assert_eq!(kinds, [Kind::Token, Kind::Api, Kind::Renewal, Kind::Api]);
    assert!(matches!(run.next(NOW), Next::Idle));
}

/// WA-5: the token goes to its own API.
#[test]
fn a_call_of_another_origin_is_refused_before_it_is_built() {
    let (mut run, mut sandbox) = begun(Method::ClientCredentials);
    send(&mut run, &mut sandbox, NOW);
    let elsewhere = ApiCall {
        method: "GET".to_owned(),
        url: "https://elsewhere.example/".to_owned(),
        body: String::new(),
    };
    assert_eq!(run.call(Some(&elsewhere), NOW).unwrap_err().rule(), Some(Rule::Wa5));
    assert_eq!(run.steps().len(), 1);
}

/// DI-5, AQ-8: what core refuses is refused when the run begins, by its rule.
#[test]
fn a_setup_that_core_refuses_does_not_begin() {
    let (run, _) = begun(Method::AuthorizationCode);
    let changed = |change: fn(&mut Setup)| {
        let mut setup = run.setup().clone();
        change(&mut setup);
        Run::begin(setup, [3; 32], NOW).unwrap_err().rule()
    };
    assert_eq!(changed(|setup| setup.token_endpoint = "http://as.example/token".to_owned()), Some(Rule::Di5));
    assert_eq!(changed(|setup| setup.redirect_uri = "http://evil.example/".to_owned()), Some(Rule::Aq8));
    assert_eq!(changed(|setup| setup.scope = "\"".to_owned()), Some(Rule::Tr11));
}

/// What a server is allowed by name is told apart from what it kept, and from what was not there.
#[test]
fn a_check_that_a_quirk_waives_is_told_as_such() {
    let organisation = Organisation::default();
    let mut sandbox = organisation.sandbox([1; 32], URL);
    let setup = demo_setup(Method::ClientCredentials, &organisation, &mut sandbox, URL, CALLBACK);
    let mut run = Run::begin(setup, [2; 32], NOW).unwrap();
    send(&mut run, &mut sandbox, NOW);
    let checks = checks(&run.steps()[0], run.setup());
    let state = |rule| checks.iter().find(|check| check.rule == rule).unwrap().state;
    assert_eq!(state(Rule::Tr6), State::LetThrough);
    assert_eq!(state(Rule::Tr5), State::Passed);
    assert_eq!(state(Rule::Tr12), State::NotApplicable);
    let status = checks.iter().find(|check| check.rule == Rule::Tr1).unwrap();
    assert_eq!(status.expected, Some(("200".to_owned(), "200".to_owned())));
}

/// The section of each rule is one click away, but for the rules that are this library's own.
#[test]
fn each_rule_leads_to_its_sections() {
    for rule in Rule::ALL {
        for (text, address) in links(*rule) {
            let own = rule.source() == "valetkey";
            assert_eq!(address.is_none(), own, "{}: {text}", rule.id());
            assert!(address.is_none_or(|address| address.starts_with("https://")));
        }
    }
    let of = |rule| links(rule).into_iter().filter_map(|(_, address)| address).collect::<Vec<_>>();
    let rfc = "https://www.rfc-editor.org/rfc/rfc";
    assert_eq!(of(Rule::Ar5), [format!("{rfc}6749#section-4.1.2"), format!("{rfc}6749#section-10.12")]);
    assert_eq!(
        of(Rule::Ar8),
        [
            format!("{rfc}6749#appendix-A.5"),
            format!("{rfc}6749#appendix-A.7"),
            format!("{rfc}6749#appendix-A.11")
        ]
    );
    assert_eq!(of(Rule::Tr1), [format!("{rfc}6749#section-5.1"), format!("{rfc}9700#section-4.12")]);
    assert_eq!(of(Rule::Ca2)[1], format!("{rfc}6749#appendix-B"));
}

/// Whatever core sends is explained.
#[test]
fn each_parameter_and_header_of_a_request_is_explained() {
    for method in Method::ALL {
        let (run, _) = begun(*method);
        let request = &run.steps()[0].request;
        for (name, _) in request.query().iter().chain(&request.form()) {
            assert!(parameter(name).is_some(), "{method:?}: {name}");
        }
        for (name, _) in &request.headers {
            assert!(header(name).is_some(), "{method:?}: {name}");
        }
    }
}

/// A curl line is one argument each, whatever is in it.
#[test]
fn a_curl_line_is_quoted_for_a_shell() {
    let (run, _) = begun(Method::Password);
    let line = curl(&run.steps()[0].request);
    assert!(line.starts_with("curl 'http://127.0.0.1:9/oauth/token' \\\n"), "{line}");
    assert!(line.contains("-H 'content-type: application/x-www-form-urlencoded'"), "{line}");
    let mut request = run.steps()[0].request.clone();
    request.url = "http://x/'; rm -rf ~; '".to_owned();
    assert!(curl(&request).contains(r"'http://x/'\''; rm -rf ~; '\'''"), "{}", curl(&request));
}

/// A JWT is read; whatever is none is not, however odd.
#[test]
fn only_a_jwt_has_claims() {
    let (header, claims_of) = claims("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.").unwrap();
    assert_eq!((header["alg"].as_str(), claims_of["sub"].as_str()), (Some("none"), Some("a")));
    for token in
        ["", "a", "a.b", "a.b.c", "e30.e30", "e30.e30.e30.e30", "W10.e30.x", "e30.!!.x", "..", "access-abc"]
    {
        assert!(claims(token).is_none(), "{token}");
    }
    assert!(claims(&format!("e30.{}.x", "A".repeat(1 << 20))).is_none());
}

/// No secret in what is logged by accident.
#[test]
fn no_debug_shows_a_secret() {
    for method in Method::ALL {
        let (mut run, mut sandbox) = begun(*method);
        if method.has_browser() {
            browse(&mut run, &mut sandbox);
        }
        if run.request().is_some() {
            send(&mut run, &mut sandbox, NOW);
        }
        let shown = format!("{run:?} {:?} {:?}", run.setup(), run.held());
        let held =
            run.held().iter().flat_map(|held| [Some(held.access_token.clone()), held.refresh_token.clone()]);
        for secret in run.setup().secrets().into_iter().chain(held.flatten()) {
            assert!(!shown.contains(&secret), "{method:?}: {shown}");
        }
    }
}

/// The page's point: an application speaks as itself, or as the user on whose behalf it acts.
#[test]
fn the_api_names_the_author() {
    for (method, author) in [(Method::ClientCredentials, "Chatbot"), (Method::Password, "Alice Archer")] {
        let (mut run, mut sandbox) = begun(method);
        send(&mut run, &mut sandbox, NOW);
        run.call(None, NOW).unwrap();
        send(&mut run, &mut sandbox, NOW);
        let outcome = run.steps().last().unwrap().outcome.as_ref().unwrap();
        let named = outcome.reading.facts.iter().find(|fact| fact.name == "author").unwrap();
        assert_eq!(named.value, author, "{method:?}");
    }
}

/// When nothing gets a token any more, the run is over, and says so.
#[test]
fn a_refresh_token_that_is_refused_ends_the_run() {
    let (mut run, mut sandbox) = begun(Method::RefreshToken);
    sandbox.revoke_user("alice");
    send(&mut run, &mut sandbox, NOW);
    assert!(run.failure().unwrap().is_authorization_required());
    assert!(matches!(run.next(NOW), Next::Over));
}
