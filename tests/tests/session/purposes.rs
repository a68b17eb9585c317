//! ST-4: what a session is for, by the grant and the words that it was made with: it takes up nothing that is for something else.

use serde_json::{Value, json as value};
use valetkey_core::error::Cause;
use valetkey_core::store::StoreKey;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Error, Flow, Grant, RefreshToken, Resource, Rule, Session,
    Step, Subject, TokenResponse,
};
use valetkey_tests::openid;
use valetkey_tests::renewing::{Rig, assertion, elsewhere, held, kept, key, refreshing};
use valetkey_tests::world::token;
use valetkey_tests::{NOW, client, entropy, json};

const CALLBACK: &str = "https://app.example/callback";

fn resource(name: &str) -> Resource {
    Resource::new(format!("https://{name}.example")).unwrap()
}

fn request() -> AuthorizationRequest {
    AuthorizationRequest::new(&client(), CALLBACK).unwrap()
}

fn logged_in(request: AuthorizationRequest, access_token: &str) -> Session {
    let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let arrival = format!("{CALLBACK}?code=c&state={}&iss=https://as.example", pending.state());
    let response = AuthorizationResponse::from_url(&arrival).unwrap();
    let mut flow = pending.finish(&client(), &response, NOW).unwrap();
    let Step::Send(_) = flow.step(None, NOW).unwrap() else { panic!("it asks") };
    let answer = json(200, &token(access_token, 3600, Some("r")));
    let Step::Done(tokens) = flow.step(Some(answer), NOW).unwrap() else { panic!("tokens") };
    Session::from_tokens(&client(), &tokens)
}

fn is_for_others(outcome: &Result<(), Error>) -> bool {
    matches!(outcome, Err(Error::AuthorizationRequired(why)) if matches!(why.cause(), Cause::OtherResources))
}

fn rule_of(outcome: &Result<(), Error>) -> Option<Rule> {
    outcome.as_ref().err().and_then(Error::rule)
}

/// A record without tokens, as a refused refresh token leaves it, that was for something else.
fn without_tokens(change: impl FnOnce(&mut Value)) -> Rig {
    let mut rig = Rig::new();
    rig.renew(&mut kept(logged_in(request(), "a0"))).unwrap();
    rig.edit(|record| {
        for member in ["access_token", "refresh_token", "login", "subject"] {
            record.as_object_mut().unwrap().remove(member);
        }
        let cause = value!({ "kind": "ended", "code": "invalid_grant", "token": "of-another" });
        record["failure"] = value!({ "at": NOW, "until": NOW, "count": 1, "cause": cause });
        change(record);
    });
    rig
}

/// Who logged in for one API does not take up what another login for another API has put in its place.
#[test]
fn tokens_of_a_later_login_for_something_else_are_not_taken_up_st_4() {
    let requests: [&dyn Fn() -> AuthorizationRequest; 5] = [
        &request,
        &|| request().resource(resource("a")).unwrap(),
        &|| request().resource(resource("b")).unwrap(),
        &|| request().parameter("audience", "x").unwrap(),
        &|| request().parameter("audience", "y").unwrap(),
    ];
    for (place, one) in requests.iter().enumerate() {
        for (other_place, other) in requests.iter().enumerate() {
            let mut rig = Rig::new();
            let mut session = kept(logged_in(one(), "for-one"));
            rig.renew(&mut session).unwrap();
            rig.renew(&mut kept(logged_in(other(), "for-other"))).unwrap();
            rig.pass(1);
            let came = rig.renew(&mut session);
            assert_eq!(is_for_others(&came), place != other_place, "{place}, {other_place}: {came:?}");
            assert_eq!(rig.requests(), 0);
        }
    }
}

/// Tokens whose request nobody knows are for whatever there is.
#[test]
fn tokens_of_an_unknown_request_take_what_there_is() {
    let unknown =
        TokenResponse::parse(json(200, &token("a0", 60, None)), NOW, &valetkey_tests::server()).unwrap();
    let mut rig = Rig::new();
    let mut session = kept(Session::from_tokens(&client(), &unknown));
    rig.renew(&mut session).unwrap();
    rig.renew(&mut kept(logged_in(request().resource(resource("a")).unwrap(), "for-a"))).unwrap();
    rig.pass(60);
    rig.renew(&mut session).unwrap();
    assert_eq!(held(&session).as_deref(), Some("for-a"));
}

/// What a grant needs nobody for is asked for anew where what is there is for another API, on the grant's behalf.
#[test]
fn a_grant_for_another_api_gets_its_own_tokens_st_4() {
    let of = |name: &str| {
        let grant = assertion().resource(resource(name)).unwrap();
        Session::from_grant(&client(), grant).in_store(key()).unwrap()
    };
    let mut rig = Rig::new();
    rig.grants("for-a");
    rig.renew(&mut of("a")).unwrap();
    rig.edit(|record| drop(record.as_object_mut().unwrap().remove("subject")));
    rig.grants("for-b");
    let mut session = of("b");
    rig.renew(&mut session).unwrap();
    assert_eq!(held(&session).as_deref(), Some("for-b"));
    assert_eq!(rig.record()["resources"], value!(["https://b.example"]));
    assert_eq!(rig.record()["subject"], "user");
    assert_eq!(session.subject(), Some(Subject::User));
    rig.renew(&mut of("b")).unwrap();
    assert_eq!(rig.requests(), 2, "what is there is for that now");
}

/// A session says what it is for before it has any token.
#[test]
fn a_session_says_what_its_grant_is_for() {
    let resources =
        |session: &Session| serde_json::to_value(session.record().unwrap()).unwrap()["resources"].clone();
    let for_a = || assertion().resource(resource("a")).unwrap();
    assert_eq!(resources(&Session::from_grant(&client(), for_a())), value!(["https://a.example"]));
    // One that has no token is for what the grant names; tokens are for what they came for.
    let none = Session::from_store(&client()).with_grant(for_a()).unwrap();
    assert_eq!(resources(&none), value!(["https://a.example"]));
    let some = refreshing("r0").with_grant(for_a()).unwrap();
    assert_eq!(resources(&some), Value::Null);
    let login = logged_in(request().resource(resource("b")).unwrap(), "a0").with_grant(for_a()).unwrap();
    assert_eq!(resources(&login), value!(["https://b.example"]));
}

/// Where no token is left nothing is for something else: what is got next is for what the session says.
#[test]
fn a_record_without_tokens_is_for_what_the_session_says() {
    let mut rig = without_tokens(|record| {
        record["resources"] = value!(["https://a.example"]);
        record["purpose"] = "of-another-audience".into();
    });
    let of = |session: Session| {
        let session = session.with_resources([resource("b")]);
        session.with_refresh_parameter("audience", "x").unwrap()
    };
    let mut session = of(refreshing("r0"));
    let before = serde_json::to_value(session.record().unwrap()).unwrap();
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    let record = rig.record();
    assert_eq!(record["resources"], value!(["https://b.example"]));
    assert!(record["purpose"].is_string());
    assert_eq!(record["purpose"], before["purpose"]);
    let mut other = of(elsewhere());
    rig.renew(&mut other).unwrap();
    assert_eq!((held(&other).as_deref(), rig.requests()), (Some("a1"), 1));
    // One that says nothing takes what there is.
    let mut rig = without_tokens(|record| record["resources"] = value!(["https://a.example"]));
    rig.rotates("a1", "r1");
    rig.renew(&mut refreshing("r0")).unwrap();
    assert_eq!(rig.record()["resources"], value!(["https://a.example"]));
}

/// TR-22: fewer APIs may be named than a login was for, and no others; a login that named none, or a session of no login, may name any.
#[test]
fn a_renewal_for_more_apis_than_the_login_was_for_is_refused_tr_22() {
    let of_a = || logged_in(request().resource(resource("a")).unwrap(), "a0");
    let of_none = || logged_in(request(), "a0");
    let own = || Session::from_grant(&client(), assertion().resource(resource("a")).unwrap());
    let (a, b) = (|| resource("a"), || resource("b"));
    for (session, names, is_refused) in [
        (of_a(), vec![a(), b()], true),
        (of_a(), vec![b()], true),
        (of_a(), vec![a()], false),
        (of_a(), vec![], false),
        (of_none(), vec![b()], false),
        (own(), vec![b()], false),
        (refreshing("r0"), vec![b()], false),
    ] {
        let what = format!("{session:?} for {names:?}");
        let renewal = session.with_resources(names).renewal().map(drop);
        assert_eq!(rule_of(&renewal), is_refused.then_some(Rule::Tr22), "{what}: {renewal:?}");
    }
}

/// A refresh token of the application's own is kept under the key that is made of it, with a name, and under no other.
#[test]
fn a_refresh_token_of_the_applications_own_is_kept_under_its_key_st_4() {
    let token = || RefreshToken::new("r0").unwrap();
    let session = || Session::from_refresh_token(&client(), token());
    let of = |grant: &Grant| StoreKey::of_application(&client(), grant).named("robot");
    let kept = session().in_store(of(&Grant::refresh_token(&token()))).unwrap();
    assert_eq!(kept.subject(), Some(Subject::Application));
    for other in [Grant::client_credentials(), assertion()] {
        assert_eq!(session().in_store(of(&other)).unwrap_err().rule(), Some(Rule::St4));
    }
}

/// ID-54: a grant on a person's behalf goes on with that person's login, whose ID tokens are compared as ever.
#[test]
fn a_grant_on_a_persons_behalf_goes_on_with_their_login_id_54() {
    let login = || {
        kept(Session::from_tokens(&openid::client(), &openid::logged_in(&openid::client(), |_| {}).unwrap()))
    };
    let mut rig = Rig::new();
    rig.renew(&mut login()).unwrap();
    assert!(rig.record()["id_token"].is_object());
    rig.pass(3600);
    rig.rotates("a1", "r1");
    let mut session =
        kept(Session::from_grant(&openid::client(), Grant::refresh_token(&RefreshToken::new("x0").unwrap())));
    rig.renew(&mut session).unwrap();
    assert_eq!(held(&session).as_deref(), Some("a1"));
    assert!(session.identity().is_some());
}
