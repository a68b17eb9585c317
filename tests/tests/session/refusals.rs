//! What a session makes of an API that refuses its credential (WA-3), and where its credential goes at all (WA-5).

use std::thread;

use http::HeaderMap;
use valetkey_core::session::{Authorization, Call, CallStep, Readiness};
use valetkey_core::{
    AccessToken, Client, Error, Grant, Quirk, Quirks, RefreshToken, Response, Rule, Session, Subject,
};
use valetkey_tests::world::World;
use valetkey_tests::{NOW, client, get, heard, json, server};

fn renewing() -> World {
    World::of(Session::from_grant(&client(), Grant::client_credentials()))
}

/// WA-3: a 401 discards the credential it was sent with, and the call is repeated once with the next.
#[test]
fn a_refused_credential_is_renewed_and_the_call_repeated_once() {
    let mut world = renewing();
    world.grants("a1", 600);
    world.api_answers(401);
    world.grants("a2", 600);
    world.calls(2);
    let renew = "renew client_credentials";
    assert_eq!(world.sent(), [renew, "call a1", renew, "call a2", "call a2"]);
}

/// A credential is for a call that wants one: it neither sends again what was sent, nor revives what has ended.
#[test]
fn a_call_that_wants_no_credential_takes_none() {
    let token = AccessToken::new("a1").unwrap();
    let mut session = Session::from_permanent_token("https://api.example", token, Subject::User).unwrap();
    let mut call = Call::new(session.shared(), &get("https://api.example/me")).unwrap();
    assert_eq!(session.authorize(&mut call, NOW).unwrap(), Readiness::Ready);
    assert!(matches!(call.step(None), Ok(CallStep::Send(_))));
    assert!(matches!(call.step(Some(heard(&json(200, "{}")))), Ok(CallStep::Done)));
    assert_eq!(session.authorize(&mut call, NOW).unwrap(), Readiness::Ready);
    assert!(matches!(call.step(None), Err(Error::Misuse(_))));
}

#[test]
fn a_credential_that_is_refused_again_is_the_apis_answer() {
    let mut world = renewing();
    world.grants("a1", 600);
    world.grants("a2", 600);
    world.api_answers(401);
    world.api_answers(401);
    assert_eq!(world.call().unwrap(), 401);
    assert_eq!(world.sent().len(), 4);
}

/// WA-3: a server that caches its tokens answers a renewal with the very token that the API refused. It has said only
/// now that the token is good, so that is believed, and what the API says to it then is the call's answer.
#[test]
fn a_refused_token_that_its_server_grants_again_is_used_again() {
    let mut world = renewing();
    world.grants("a1", 600);
    world.calls(1);
    world.sent();
    world.api_answers(401);
    world.grants("a1", 600);
    world.api_answers(401);
    assert_eq!(world.call().unwrap(), 401, "repeated once");
    let renew = "renew client_credentials";
    assert_eq!(world.sent(), ["call a1", renew, "call a1"]);
    world.calls(2);
    assert_eq!(world.sent(), ["call a1", "call a1"]);

    world.pass(60);
    world.api_answers(401);
    world.rotates("a1", 600, "r1");
    world.calls(1);
    assert_eq!(world.sent(), ["call a1", renew, "call a1"]);
}

/// The same token with a later expiry is not renewed on every call.
#[test]
fn a_token_that_its_server_grants_again_before_it_expires_lives_as_long_as_was_said_last() {
    let mut world = renewing();
    world.grants("a1", 600);
    world.calls(1);
    world.pass(590);
    world.grants("a1", 600);
    world.calls(3);
    world.pass(500);
    world.calls(1);
    let renew = "renew client_credentials";
    assert_eq!(world.sent(), [renew, "call a1", renew, "call a1", "call a1", "call a1", "call a1"]);
}

/// HT-1: every other answer is the API's own, a redirect too, and discards nothing.
#[test]
fn only_a_401_discards_a_credential() {
    let mut world = renewing();
    world.grants("a1", 600);
    world.calls(1);
    world.sent();
    for status in [200, 204, 301, 302, 307, 400, 403, 404, 407, 429, 500, 503] {
        world.api_answers(status);
        assert_eq!(world.call().unwrap(), status);
    }
    assert!(world.sent().iter().all(|line| line == "call a1"));
}

/// The headers of a request that is authorized so.
fn applied(authorization: Authorization) -> HeaderMap {
    let mut headers = HeaderMap::new();
    authorization.apply(&mut headers);
    headers
}

/// What the call wants done beside its session, which has a credential.
fn step(call: &mut Call, world: &mut World, response: Option<Response>) -> Result<CallStep, Error> {
    match call.step(response.as_ref().map(heard))? {
        CallStep::Authorize => {
            assert_eq!(world.session.authorize(call, world.now)?, Readiness::Ready);
            call.step(None)
        }
        step => Ok(step),
    }
}

/// A call that was slow comes back with a 401 for an old token: the newer one stays, and the call is repeated with it.
#[test]
fn a_newer_credential_is_not_discarded_by_an_older_ones_refusal() {
    let mut world = renewing();
    world.grants("a1", 600);
    world.calls(1);
    let mut slow = Call::new(world.session.shared(), &get("https://api.example/me")).unwrap();
    let CallStep::Send(sent) = step(&mut slow, &mut world, None).unwrap() else { panic!("nothing to send") };
    assert_eq!(applied(sent)["authorization"], "Bearer a1");

    world.api_answers(401);
    world.grants("a2", 600);
    world.calls(1);
    let CallStep::Send(again) = step(&mut slow, &mut world, Some(json(401, ""))).unwrap() else {
        panic!("the slow call is repeated")
    };
    assert_eq!(applied(again)["authorization"], "Bearer a2");
    let CallStep::Done = step(&mut slow, &mut world, Some(json(401, ""))).unwrap() else {
        panic!("once only")
    };
    assert!(matches!(slow.step(None), Err(Error::Misuse(_))));
    world.sent();
    // The second refusal was of the newer credential, by a call that had its repetition; it stays in use.
    world.calls(1);
    assert_eq!(world.sent(), ["call a2"]);
}

/// A refused credential whose renewal fails is not used again, and the call says what failed.
#[test]
fn a_refused_credential_is_never_used_again() {
    let mut world = World::of(Session::from_refresh_token(&client(), RefreshToken::new("r0").unwrap()));
    world.grants("a1", 600);
    world.calls(1);
    world.api_answers(401);
    world.answers(503, "");
    assert!(world.call().unwrap_err().is_transient());
    assert!(world.call().unwrap_err().is_transient());
    world.pass(3600);
    world.answers(400, r#"{"error":"invalid_grant"}"#);
    assert!(world.call().unwrap_err().is_authorization_required());
    assert!(world.call().unwrap_err().is_authorization_required());
    let renew = "renew refresh_token=r0";
    assert_eq!(world.sent(), [renew, "call a1", "call a1", renew, renew]);
}

#[test]
fn a_call_that_got_no_answer_has_ended() {
    let mut world = renewing();
    world.grants("a1", 600);
    world.calls(1);
    let mut call = Call::new(world.session.shared(), &get("https://api.example/me")).unwrap();
    assert!(matches!(call.step(Some(heard(&json(200, "")))), Err(Error::Misuse(_))));
    let CallStep::Send(_) = step(&mut call, &mut world, None).unwrap() else { panic!("nothing to send") };
    call.unanswered();
    assert!(matches!(call.step(None), Err(Error::Misuse(_))));
}

/// A credential that was replaced is seen by no thread any more, and one that was refused by none.
#[test]
fn every_thread_sees_the_same_credential() {
    let mut world = renewing();
    let seen = |world: &World| {
        let see = || {
            let fresh = world.session.shared().fresh(world.now)?;
            Some(fresh.access_token().expose().to_owned())
        };
        let mut seen: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..20).map(|_| scope.spawn(see)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        seen.dedup();
        seen
    };
    assert_eq!(seen(&world), [None]);
    for token in ["a1", "a2"] {
        world.grants(token, 600);
        world.calls(1);
        assert_eq!(seen(&world), [Some(token.to_owned())]);
        world.pass(600);
        assert_eq!(seen(&world), [None]);
    }
    world.grants("a3", 600);
    world.calls(1);
    world.api_answers(401);
    world.answers(503, "");
    world.call().unwrap_err();
    assert_eq!(seen(&world), [None]);
}

/// WA-5: the origin is scheme, host and port, whatever tricks the address plays.
#[test]
fn a_credential_goes_to_its_own_api_only() {
    let client = client().api("https://files.example:8443/v1/").unwrap();
    let session = Session::from_grant(&client, Grant::client_credentials());
    for own in [
        "https://api.example/me",
        "https://api.example",
        "https://API.Example:443/me?x=y",
        "HTTPS://api.example/me",
        "https://files.example:8443/other",
    ] {
        assert!(Call::new(session.shared(), &get(own)).is_ok(), "{own}");
    }
    for other in [
        "http://api.example/me",
        "https://api.example:8443/me",
        "https://files.example/v1/",
        "https://api.example.evil.example/",
        "https://evil.example/api.example",
        "https://evil.example/?u=https://api.example",
        "https://api.example@evil.example/me",
        "https://user:pw@api.example/me",
        "https://user@api.example:443/me",
        "https://@api.example/me",
        "https://api.example./me",
        "https://sub.api.example/me",
        "https://api.example:0/me",
        "https://api.example:99999/me",
        "https://api.example:65979/me",
        "https://api.example:/me",
        "ws://api.example/me",
        "https://as.example/token",
        "/me",
        "*",
    ] {
        let error = Call::new(session.shared(), &get(other)).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Wa5), "{other}");
    }
}

/// WA-5, DI-5: a session that was told of no API goes nowhere, and an API is held to https.
#[test]
fn an_api_is_named_and_https() {
    let nameless = Session::from_grant(&Client::new(server(), "id"), Grant::client_credentials());
    assert_eq!(
        Call::new(nameless.shared(), &get("https://as.example/")).unwrap_err().rule(),
        Some(Rule::Wa5)
    );
    let permanent = |url: &str, quirks| {
        Session::from_permanent_token(url, AccessToken::new("p").unwrap(), Subject::Application)
            .map(|session| session.admit_all(quirks))
            .and_then(|session| Call::new(session.shared(), &get(url)).map(drop))
    };
    for url in
        ["http://api.example", "ftp://api.example", "https://u@api.example", "api.example", "https://a b"]
    {
        assert_eq!(permanent(url, Quirks::STRICT).unwrap_err().rule(), Some(Rule::Di5), "{url}");
    }
    for url in ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080"] {
        assert_eq!(permanent(url, Quirks::STRICT).unwrap_err().rule(), Some(Rule::Di5), "{url}");
        assert!(permanent(url, Quirks::STRICT.with(Quirk::LoopbackHttp)).is_ok(), "{url}");
    }
    assert!(permanent("http://10.0.0.1", Quirks::STRICT.with(Quirk::LoopbackHttp)).is_err());
}

/// WA-3: F43, I11: an API that tells a bad token by 400 or 403. Where that is admitted, it is treated as a 401, once, and told.
#[test]
fn a_400_or_403_is_a_401_where_that_is_admitted() {
    use valetkey_core::{Flow as _, Quirk, Step};
    use valetkey_tests::{NOW, client_of, server};
    for (status, quirk) in [(400, Quirk::BadTokenBy400), (403, Quirk::BadTokenBy403)] {
        let calls = |admitted: Option<Quirk>, challenge: Option<&str>| {
            let server = admitted.into_iter().fold(server(), valetkey_core::AuthorizationServer::admit);
            let mut world = World::of(Session::from_grant(&client_of(server), Grant::client_credentials()));
            world.grants("a0", 3600);
            world.grants("a1", 3600);
            world.calls(1);
            world.sent();
            let mut session = world.session;
            let mut call = session.call(get("https://api.example/me")).unwrap();
            let Step::Send(_) = call.step(None, NOW).unwrap() else { panic!() };
            let mut refused = json(status, r#"{"error":{"code":3,"message":"Access token expired"}}"#);
            if let Some(challenge) = challenge {
                refused.headers_mut().insert("www-authenticate", challenge.parse().unwrap());
            }
            let next = call.step(Some(refused), NOW).unwrap();
            let is_renewal =
                matches!(&next, Step::Send(request) if request.uri() == "https://as.example/token");
            (is_renewal, call.quirks().contains(quirk))
        };
        assert_eq!(calls(Some(quirk), None), (true, true), "{status}");
        assert_eq!(calls(None, None), (false, false), "{status}, without it");
        let other = if status == 400 { Quirk::BadTokenBy403 } else { Quirk::BadTokenBy400 };
        assert_eq!(calls(Some(other), None), (false, false), "{status}, with the other");
        for error in ["insufficient_scope", "invalid_request", "insufficient_user_authentication"] {
            let challenge = format!(r#"Bearer error="{error}""#);
            assert_eq!(calls(Some(quirk), Some(&challenge)), (false, false), "{status} {error}");
        }
    }
}

/// WA-3: it may be admitted at the session too, when client and APIs are described already.
#[test]
fn a_session_admits_for_its_apis_what_its_client_did_not() {
    use valetkey_core::{Flow as _, Quirk, Step};
    use valetkey_tests::NOW;
    for quirk in [None, Some(Quirk::BadTokenBy403)] {
        let session = Session::from_grant(&client(), Grant::client_credentials());
        let mut world = World::of(quirk.into_iter().fold(session, Session::admit));
        world.grants("a0", 3600);
        world.calls(1);
        let mut session = world.session;
        let mut call = session.call(get("https://api.example/me")).unwrap();
        let Step::Send(_) = call.step(None, NOW).unwrap() else { panic!() };
        let next = call.step(Some(json(403, "{}")), NOW).unwrap();
        assert_eq!(matches!(next, Step::Send(_)), quirk.is_some());
        assert_eq!(call.quirks().iter().next(), quirk);
    }
}

/// WA-3: a program that sends by other means asks the credential the same question, and tells the session.
#[test]
fn a_credential_knows_the_answers_that_refuse_it() {
    use valetkey_core::Quirk;
    use valetkey_tests::{client_of, server};
    let refused = |admitted: Option<Quirk>, status: u16, challenge: Option<&str>| {
        let server = admitted.into_iter().fold(server(), valetkey_core::AuthorizationServer::admit);
        let mut world = World::of(Session::from_grant(&client_of(server), Grant::client_credentials()));
        world.grants("a0", 3600);
        world.calls(1);
        let credential = world.session.credential().unwrap();
        let mut answer = json(status, "{}");
        if let Some(challenge) = challenge {
            answer.headers_mut().insert("www-authenticate", challenge.parse().unwrap());
        }
        credential.is_refused_by(answer.status(), answer.headers())
    };
    assert!(refused(None, 401, None) && refused(None, 401, Some(r#"Bearer error="invalid_token""#)));
    assert!(!refused(None, 401, Some(r#"Bearer error="insufficient_user_authentication""#)));
    for (status, quirk) in [(400, Quirk::BadTokenBy400), (403, Quirk::BadTokenBy403)] {
        assert!(refused(Some(quirk), status, None) && !refused(None, status, None), "{status}");
        assert!(!refused(Some(quirk), status, Some(r#"Bearer error="insufficient_scope""#)), "{status}");
    }
    assert!(!refused(Some(Quirk::BadTokenBy400), 403, None) && !refused(None, 200, None));
}
