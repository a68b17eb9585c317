//! ST-4: a session in a store says whose it is, and takes up nothing that is another's.

use serde_json::{Value, json as value};
use valetkey_core::error::Cause;
use valetkey_core::server::Endpoint;
use valetkey_core::session::SessionRecord;
use valetkey_core::store::StoreKey;
use valetkey_core::token::JwtAssertion;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, DeviceAuthorizationRequest,
    DevicePoll, Error, Flow, Grant, RefreshToken, Resource, Rule, Session, Step, Subject, TokenRequest,
    TokenResponse, UnixTime,
};
use valetkey_tests::renewing::{Rig, assertion, held, key};
use valetkey_tests::world::token;
use valetkey_tests::{NOW, client, client_of, entropy, json, server};

const CALLBACK: &str = "https://app.example/callback";

fn alice() -> StoreKey {
    StoreKey::of_user(&client(), "alice")
}

fn rule_of<T>(outcome: Result<T, Error>) -> Option<Rule> {
    outcome.err().and_then(|error| error.rule())
}

fn answered(flow: TokenRequest, access_token: &str) -> TokenResponse {
    answer(flow, &token(access_token, 3600, Some("r")), NOW)
}

fn logged_in(request: AuthorizationRequest) -> Session {
    logged_in_with(request, "a")
}

fn logged_in_with(request: AuthorizationRequest, access_token: &str) -> Session {
    let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let arrival = format!("{CALLBACK}?code=c&state={}&iss=https://as.example", pending.state());
    let response = AuthorizationResponse::from_url(&arrival).unwrap();
    Session::from_tokens(
        &client(),
        &answered(pending.finish(&client(), &response, NOW).unwrap(), access_token),
    )
}

fn login() -> Session {
    logged_in(AuthorizationRequest::new(&client(), CALLBACK).unwrap())
}

fn own(grant: Grant) -> Session {
    Session::from_tokens(&client(), &answered(TokenRequest::new(&client(), grant).unwrap(), "a"))
}

/// A user's tokens are not stored as the application's, nor the other way about, however the session came by them.
#[test]
fn s0_a_key_of_the_wrong_kind_is_refused() {
    let grant = Grant::client_credentials();
    let applications = StoreKey::of_application(&client(), &grant);
    let refreshing = Session::from_refresh_token(&client(), RefreshToken::new("r").unwrap());
    let restored = |session: Session| Session::from_record(&client(), session.record().unwrap()).unwrap();
    let of_assertion = Session::from_grant(&client(), assertion());
    for session in [login(), refreshing, restored(login()), of_assertion] {
        assert_eq!(rule_of(session.in_store(applications.clone())), Some(Rule::St4));
    }
    let renewing = || Session::from_grant(&client(), grant.clone());
    for users in [alice(), StoreKey::of_only_user(&client()), alice().named("calendar")] {
        for session in [own(grant.clone()), renewing(), restored(own(grant.clone()))] {
            assert_eq!(rule_of(session.in_store(users.clone())), Some(Rule::St4));
        }
    }
    // Tokens of which it is not known by what grant they came are not the application's.
    let unknown =
        TokenResponse::parse(json(200, &token("a", 60, None)), NOW, &AuthorizationServer::new()).unwrap();
    let unknown = || Session::from_tokens(&client(), &unknown);
    assert_eq!(rule_of(unknown().in_store(applications.clone())), Some(Rule::St4));
    assert!(unknown().in_store(alice()).is_ok());
    assert!(
        renewing().in_store(applications.clone()).is_ok()
            && own(grant.clone()).in_store(applications).is_ok()
    );
}

/// The application's own grants are told apart by what they ask for.
#[test]
fn s0_the_key_of_another_grant_is_refused() {
    let plain = Grant::client_credentials;
    let resource = |name: &str| Resource::new(format!("https://{name}.example")).unwrap();
    let grants = [
        plain(),
        plain().scope("read").unwrap(),
        plain().scope("read write").unwrap(),
        plain().scope("read write").unwrap().at_most("read").unwrap(),
        plain().resource(resource("a")).unwrap(),
        plain().resource(resource("b")).unwrap(),
        plain().parameter("audience", "x").unwrap(),
        plain().parameter("audience", "y").unwrap(),
        plain().parameter("tenant", "x").unwrap(),
    ];
    for (place, grant) in grants.iter().enumerate() {
        for (other_place, other) in grants.iter().enumerate() {
            let key = StoreKey::of_application(&client(), other);
            let refused = rule_of(Session::from_grant(&client(), grant.clone()).in_store(key.clone()));
            assert_eq!(refused, (place != other_place).then_some(Rule::St4), "{grant:?}, {other:?}");
            // How wide an answer may be is not known of tokens, and it is the same request.
            if ![2, 3].contains(&place) {
                assert_eq!(
                    rule_of(own(grant.clone()).in_store(key)),
                    (place != other_place).then_some(Rule::St4)
                );
            }
        }
    }
    let turned = StoreKey::of_application(&client(), &plain().scope("write read").unwrap());
    assert_eq!(turned, StoreKey::of_application(&client(), &grants[2]), "a scope is a set");
}

/// A key that does not tell its owner apart is refused before anything is stored.
#[test]
fn s0_a_key_that_names_nobody_is_refused() {
    let nameless = StoreKey::of_user(&client(), "");
    let memory = StoreKey::in_memory();
    for key in [nameless, memory] {
        for session in [login(), Session::from_store(&client())] {
            assert!(rule_of(session.in_store(key.clone())).is_some(), "{key:?}");
        }
    }
    // An assertion tells whose its token will be, and no part of it is in a key: so the program gives a name.
    let robot = || assertion().on_behalf_of(Subject::Application);
    let extension =
        Grant::extension("urn:example:ticket", Subject::Application, [("ticket", "T-1000")]).unwrap();
    let unknown = Grant::client_credentials().parameter("x-something", "y").unwrap();
    for grant in [robot(), assertion(), extension, unknown] {
        let key = StoreKey::of_application(&client(), &grant);
        let session = || Session::from_grant(&client(), grant.clone());
        assert_eq!(rule_of(session().in_store(key.clone())), Some(Rule::St4), "{grant:?}");
        let stored = session().in_store(key.named("robot")).unwrap();
        assert_eq!(stored.subject(), Some(Subject::Application), "the program says so");
    }
    // The secret has no part in the key.
    let of = |jwt: &str| StoreKey::of_application(&client(), &Grant::from(&JwtAssertion::new(jwt).unwrap()));
    assert_eq!(of("e30.e30.b25l"), of("e30.e30.b3RoZXI"));
    assert_ne!(of("e30.e30.b25l").named("one"), of("e30.e30.b25l").named("other"));
}

/// ST-1: a key is for its client, at its server, with its key.
#[test]
fn s0_a_key_of_another_client_is_refused() {
    let other = Client::new(server(), "another");
    let elsewhere = client_of(server().issuer("https://other.example").unwrap());
    for client in [other, elsewhere] {
        let session = || login();
        assert_eq!(rule_of(session().in_store(StoreKey::of_user(&client, "alice"))), Some(Rule::St1));
        assert_ne!(StoreKey::of_user(&client, "alice"), alice());
    }
    let unbound = alice().thumbprint("of-a-key-that-the-client-does-not-have");
    assert_eq!(rule_of(login().in_store(unbound)), Some(Rule::St1));
}

/// A session is in one place: it is not moved to another owner's.
#[test]
fn s0_a_session_is_not_put_under_a_second_owners_key() {
    let stored = login().in_store(alice()).unwrap();
    let record = stored.record().unwrap();
    let bob = StoreKey::of_user(&client(), "bob");
    assert_eq!(rule_of(stored.in_store(bob.clone())), Some(Rule::St4));
    let restored = || Session::from_record(&client(), record.clone()).unwrap();
    assert_eq!(rule_of(restored().in_store(bob.clone())), Some(Rule::St4));
    assert_eq!(rule_of(restored().in_store(StoreKey::of_only_user(&client()))), Some(Rule::St4));
    assert_eq!(rule_of(record.require_owner(&bob)), Some(Rule::St4));
    assert!(restored().in_store(alice()).is_ok() && record.require_owner(&alice()).is_ok());
    let of_nobody = login().record().unwrap();
    assert_eq!(rule_of(of_nobody.require_owner(&alice())), Some(Rule::St4));
}

/// A grant that gets the application's own tokens is no fallback for a user's session.
#[test]
fn s0_a_users_session_does_not_fall_back_to_the_applications_token() {
    let own = Grant::client_credentials();
    assert_eq!(rule_of(login().with_grant(own.clone())), Some(Rule::St4));
    let stored = || Session::from_store(&client()).in_store(alice()).unwrap();
    assert_eq!(rule_of(stored().with_grant(own.clone())), Some(Rule::St4));
    assert!(stored().with_grant(assertion()).is_ok());
    let before = Session::from_store(&client()).with_grant(own.clone()).unwrap();
    assert_eq!(rule_of(before.in_store(alice())), Some(Rule::St4));
    let service = Session::from_store(&client()).in_store(StoreKey::of_application(&client(), &own)).unwrap();
    assert_eq!(rule_of(service.with_grant(assertion())), Some(Rule::St4));
}

/// One user's tokens for one API are not used at another. With the same key, a session whose grant needs nobody asks anew, but not
/// over what somebody logged in for.
#[test]
fn s0_stored_tokens_are_for_the_sessions_resources_and_audience() {
    let resource = |name: &str| Resource::new(format!("https://{name}.example")).unwrap();
    let request = || AuthorizationRequest::new(&client(), CALLBACK).unwrap();
    let audience = |name: &str| request().parameter("audience", name).unwrap();
    let exchange =
        |name: &str| Session::from_grant(&client(), assertion().parameter("audience", name).unwrap());
    let sessions: [&dyn Fn() -> Session; 8] = [
        &|| logged_in(request()),
        &|| logged_in(request().resource(resource("a")).unwrap()),
        &|| logged_in(request().resource(resource("b")).unwrap()),
        &|| logged_in(request().resource(resource("a")).unwrap().resource(resource("b")).unwrap()),
        &|| logged_in(audience("x")),
        &|| logged_in(audience("y")),
        &|| exchange("x"),
        &|| exchange("y"),
    ];
    for (place, stored) in sessions.iter().enumerate() {
        for (other_place, other) in sessions.iter().enumerate() {
            let mut rig = Rig::new();
            rig.rotates("a", "r");
            let mut session = stored().in_store(key()).unwrap();
            rig.renew(&mut session).unwrap();
            rig.withdraw_answers();
            let _ = rig.done();
            // Another process has such a session, of the same user, since some time ago.
            let mut record =
                serde_json::to_value(other().in_store(key()).unwrap().record().unwrap()).unwrap();
            record["generation"] = rig.record()["generation"].clone();
            let mut later = other();
            if other_place < 6 {
                // Not a login of just now: one that takes up what is there.
                let record: SessionRecord = serde_json::from_value(record).unwrap();
                later = Session::from_record(&client(), record).unwrap();
            }
            let asks_anew = other_place >= 6 && place >= 6 && place != other_place;
            if asks_anew {
                rig.grants("b");
            }
            let outcome = later.in_store(key()).and_then(|mut later| {
                rig.renew(&mut later)?;
                Ok(held(&later))
            });
            // What a record was stored for is known of those that a grant renews; a restored one takes what is there.
            if asks_anew {
                assert_eq!(outcome.unwrap().as_deref(), Some("b"), "{place}, {other_place}");
                assert_eq!(rig.record()["access_token"], "b");
            } else if other_place >= 6 && place != other_place {
                assert_eq!(rule_of(outcome), Some(Rule::St4), "{place}, {other_place}");
            } else {
                assert_eq!(outcome.unwrap().as_deref(), Some("a"), "{place}, {other_place}");
            }
            assert_eq!(rig.requests(), usize::from(asks_anew));
        }
    }
}

/// A program is deployed that asks for other resources. Its users log in again, and that is all.
#[test]
fn a_session_for_other_resources_than_the_stored_wants_a_login_and_a_login_mends_it() {
    let resource = |name: &str| Resource::new(format!("https://{name}.example")).unwrap();
    let login = |name: &str, token: &str| {
        let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
        logged_in_with(request.resource(resource(name)).unwrap(), token).in_store(key()).unwrap()
    };
    let found =
        |name: &str| Session::from_store(&client()).with_resources([resource(name)]).in_store(key()).unwrap();
    let mut rig = Rig::new();
    rig.renew(&mut login("a", "for-a")).unwrap();
    rig.renew(&mut found("a")).unwrap();
    let before = rig.record();
    let mut deployed = found("b");
    let error = rig.renew(&mut deployed).unwrap_err();
    let Error::AuthorizationRequired(required) = &error else { panic!("{error:?}") };
    assert!(matches!(required.cause(), Cause::OtherResources), "{error:?}");
    assert_eq!((error.rule(), held(&deployed)), (Some(Rule::St4), None));
    assert_eq!((rig.record(), rig.requests()), (before, 0), "what is there is left alone");
    rig.renew(&mut login("b", "for-b")).unwrap();
    rig.pass(2);
    rig.renew(&mut deployed).unwrap();
    assert_eq!(held(&deployed).as_deref(), Some("for-b"));
}

/// A renewal under way meets a login for other resources: the login stays.
#[test]
fn what_a_renewal_brings_is_not_written_over_a_login_for_other_resources() {
    let resource = |name: &str| Resource::new(format!("https://{name}.example")).unwrap();
    let login = move |name: &str, token: &str| {
        let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
        logged_in_with(request.resource(resource(name)).unwrap(), token).in_store(key()).unwrap()
    };
    let mut rig = Rig::new();
    rig.renew(&mut login("a", "for-a")).unwrap();
    rig.pass(7200);
    let mut session = Session::from_store(&client()).with_resources([resource("a")]).in_store(key()).unwrap();
    rig.rotates("a1", "r1");
    rig.before("commit", move |rig| rig.renew(&mut login("b", "for-b")).unwrap());
    let error = rig.renew(&mut session).unwrap_err();
    assert!(error.is_authorization_required(), "{error:?}");
    assert_eq!(rig.record()["access_token"], "for-b");
    assert!(!session.is_unsaved(), "nothing is left to be written");

    // They are nobody's any more, and are revoked where the server can.
    let server = server().endpoint(Endpoint::Revocation, "https://as.example/revoke").unwrap();
    let mut rig = Rig::new();
    rig.renew(&mut login("a", "for-a")).unwrap();
    rig.pass(7200);
    let session = Session::from_store(&client_of(server)).with_resources([resource("a")]);
    let mut session = session.in_store(key()).unwrap();
    rig.rotates("a1", "r1");
    rig.answers(Some(json(200, "")));
    rig.before("commit", move |rig| rig.renew(&mut login("b", "for-b")).unwrap());
    let error = rig.renew(&mut session).unwrap_err();
    assert!(error.is_authorization_required(), "{error:?}");
    assert!(rig.done().ends_with("commit load send revocation of r1 release"));
    assert_eq!(rig.record()["access_token"], "for-b");
}

/// A step-up, a login that grants more, takes the place of what was there, under the same key.
#[test]
fn s0_a_step_up_replaces_the_tokens_under_the_same_key() {
    let mut rig = Rig::new();
    let of_scope = |scope: &str| {
        let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
        let token = format!("a-{}", scope.len());
        logged_in_with(request.scope(scope).unwrap(), &token).in_store(key()).unwrap()
    };
    rig.renew(&mut of_scope("profile")).unwrap();
    rig.renew(&mut of_scope("profile calendar")).unwrap();
    assert_eq!((&rig.record()["scope"], rig.requests()), (&"profile calendar".into(), 0));
    // The program knows the key beforehand, and finds the session by it.
    let mut found = Session::from_store(&client()).in_store(key()).unwrap();
    rig.renew(&mut found).unwrap();
    assert_eq!(found.scope().unwrap().to_string(), "profile calendar");
}

/// Each version and kind of a record, as it was written once.
fn fixture(name: &str) -> Value {
    let text = match name {
        "v1-user" => include_str!("../../fixtures/records/v1-user.json"),
        "v1-application" => include_str!("../../fixtures/records/v1-application.json"),
        "v2-user" => include_str!("../../fixtures/records/v2-user.json"),
        "v2-only-user" => include_str!("../../fixtures/records/v2-only-user.json"),
        "v2-application" => include_str!("../../fixtures/records/v2-application.json"),
        "v2-audience" => include_str!("../../fixtures/records/v2-audience.json"),
        other => panic!("there is no fixture {other}"),
    };
    serde_json::from_str(text).unwrap()
}

/// A record is read by its owner, whatever version wrote it; one that does not say whose it is, by those alone who share
/// their place with nobody.
#[test]
fn s0_each_stored_version_is_read_by_its_owner_alone() {
    let grant = Grant::client_credentials().scope("orders:read").unwrap();
    let application = StoreKey::of_application(&client(), &grant);
    let for_audience = grant.clone().parameter("audience", "x").unwrap();
    let audience = StoreKey::of_application(&client(), &for_audience);
    let only = StoreKey::of_only_user(&client());
    let stored = || Session::from_store(&client());
    let service = || Session::from_grant(&client(), grant.clone());
    let keys: [(&str, &StoreKey, &dyn Fn() -> Session); 4] = [
        ("user", &alice(), &stored),
        ("only-user", &only, &stored),
        ("application", &application, &service),
        ("audience", &audience, &|| Session::from_grant(&client(), for_audience.clone())),
    ];
    let readers = [
        ("v1-user", vec!["only-user"]),
        ("v1-application", vec!["application"]),
        ("v2-user", vec!["user"]),
        ("v2-only-user", vec!["only-user"]),
        ("v2-application", vec!["application"]),
        ("v2-audience", vec!["audience"]),
    ];
    for (name, readers) in readers {
        for (reader, key, session) in &keys {
            let mut rig = Rig::new();
            rig.put(fixture(name).to_string().as_bytes());
            let mut session = session().in_store((*key).clone()).unwrap();
            let outcome = rig.renew(&mut session);
            let case = format!("{name} read as {reader}: {outcome:?}");
            if readers.contains(reader) {
                assert_eq!(held(&session).as_deref(), Some("stored-access-token"), "{case}");
            } else {
                let error = outcome.unwrap_err();
                assert_eq!((error.rule(), held(&session)), (Some(Rule::St4), None), "{case}");
                assert_eq!(rig.record(), fixture(name), "nothing is written over it: {case}");
            }
        }
    }
}

/// The text of ST-4 says what to do, and a login then takes the place of what nobody can tell the owner of.
#[test]
fn s0_a_record_of_nobody_wants_a_login_and_is_replaced_by_it() {
    let mut rig = Rig::new();
    rig.put(fixture("v1-user").to_string().as_bytes());
    let mut session = Session::from_store(&client()).in_store(alice()).unwrap();
    let error = rig.renew(&mut session).unwrap_err();
    assert!(error.to_string().contains("log in again (ST-4"), "{error}");
    let Error::AuthorizationRequired(required) = &error else { panic!("{error}") };
    assert!(matches!(required.cause(), Cause::OwnerUnknown));

    let mut session = login().in_store(alice()).unwrap();
    rig.renew(&mut session).unwrap();
    assert_eq!((&rig.record()["access_token"], &rig.record()["version"]), (&"a".into(), &2.into()));
    assert_eq!(rig.record()["generation"], 4, "one more than there were");
    let mut later = Session::from_store(&client()).in_store(alice()).unwrap();
    rig.renew(&mut later).unwrap();
    assert_eq!(held(&later).as_deref(), Some("a"));
    // A record of version 1 stays one until it has an owner, by whatever way it comes.
    let record: SessionRecord = serde_json::from_value(fixture("v1-user")).unwrap();
    let again = Session::from_record(&client(), record).unwrap().record().unwrap();
    assert_eq!(serde_json::to_value(&again).unwrap()["version"], 1);
    assert_eq!(rule_of(Session::from_record(&client(), again).unwrap().in_store(alice())), Some(Rule::St4));
}

/// The fixtures are what is written today, so that they stay what was written once.
#[test]
fn s0_the_fixtures_of_this_version_are_what_it_writes() {
    let application = Grant::client_credentials().scope("orders:read").unwrap();
    let audience = application.clone().parameter("audience", "x").unwrap();
    let only = StoreKey::of_only_user(&client());
    let whose =
        |session: Session| session.record().map(|record| serde_json::to_value(record).unwrap()).unwrap();
    for (name, written) in [
        ("v2-user", whose(Session::from_store(&client()).in_store(alice()).unwrap())),
        ("v2-only-user", whose(Session::from_store(&client()).in_store(only).unwrap())),
        (
            "v2-application",
            whose(
                Session::from_grant(&client(), application.clone())
                    .in_store(StoreKey::of_application(&client(), &application))
                    .unwrap(),
            ),
        ),
        (
            "v2-audience",
            whose(
                Session::from_grant(&client(), audience.clone())
                    .in_store(StoreKey::of_application(&client(), &audience))
                    .unwrap(),
            ),
        ),
    ] {
        let fixture = fixture(name);
        for member in ["version", "client_id", "issuer", "token_endpoint", "whose", "purpose"] {
            assert_eq!(written.get(member), fixture.get(member), "{name}: {member}");
        }
    }
    assert_eq!(value!(1), fixture("v1-user")["version"]);
}

/// What a login was for is known of it, by a browser's way as by a device's, so that what came for one API is not taken up
/// for another.
#[test]
fn s0_a_login_remembers_its_audience() {
    let by_browser = |audience: &str| {
        let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
        logged_in(request.parameter("audience", audience).unwrap())
    };
    let by_device = |name: &str, value: &str| {
        let server = server().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap();
        let client = client_of(server);
        let request = DeviceAuthorizationRequest::new(&client).unwrap().parameter(name, value).unwrap();
        let body = r#"{"device_code":"d","user_code":"U","verification_uri":"https://as.example/d","expires_in":600}"#;
        let authorization = answer(request, body, NOW);
        let later = UnixTime::from_secs(NOW.as_secs() + 10);
        let poll = DevicePoll::new(&client, authorization).unwrap();
        Session::from_tokens(&client, &answer(poll, &token("a", 3600, Some("r")), later))
    };
    let purpose = |session: Session| {
        serde_json::to_value(session.record().unwrap()).unwrap()["purpose"].as_str().map(str::to_owned)
    };
    assert_eq!(purpose(login()), None);
    let (x, y) = (purpose(by_browser("x")), purpose(by_browser("y")));
    assert!(x.is_some() && y.is_some() && x != y);
    assert_eq!((purpose(by_device("audience", "x")), purpose(by_device("audience", "y"))), (x, y));
    assert_ne!(
        purpose(by_device("resource", "https://a.example")),
        purpose(by_device("resource", "https://b.example"))
    );
}

fn answer<F: Flow>(mut flow: F, body: &str, now: UnixTime) -> F::Output {
    let _ = flow.step(None, now).unwrap();
    match flow.step(Some(json(200, body)), now).unwrap() {
        Step::Done(output) => output,
        Step::Send(_) | Step::Wait(_) => panic!("there is nothing else to do"),
    }
}

/// A renewal that failed leaves a record without a token, which is nobody's for something else: the next one goes on.
#[test]
fn s0_a_grant_with_a_resource_goes_on_after_a_failure() {
    let grant = Grant::client_credentials().resource(Resource::new("https://a.example").unwrap()).unwrap();
    let key = StoreKey::of_application(&client(), &grant);
    let session = || Session::from_grant(&client(), grant.clone()).in_store(key.clone()).unwrap();
    let mut rig = Rig::new();
    let mut one = session();
    rig.answers(Some(json(503, "")));
    assert_eq!(rule_of(rig.renew(&mut one)), None);
    rig.pass(3600);
    rig.grants("a1");
    rig.renew(&mut one).unwrap();
    assert_eq!(held(&one).as_deref(), Some("a1"));
    let mut other = session();
    rig.renew(&mut other).unwrap();
    assert_eq!(held(&other).as_deref(), Some("a1"));
}

/// Somebody else logs in after a log-out: a process that still holds the former login's tokens, however often they were
/// renewed, brings none of them back.
#[test]
fn s0_a_new_login_is_not_written_over_by_the_former_ones_tokens() {
    let mut rig = Rig::new();
    let mut former = login().in_store(key()).unwrap();
    rig.renew(&mut former).unwrap();
    for number in 1..4 {
        rig.pass(7200);
        rig.rotates(&format!("former-{number}"), &format!("former-r{number}"));
        rig.renew(&mut former).unwrap();
    }
    let stored = valetkey_core::store::Store::load(&rig.store, &key()).unwrap().unwrap();
    let deleted = valetkey_core::store::Store::replace(&rig.store, &key(), Some(&stored.version), None);
    assert!(deleted.unwrap().is_done());
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
    let mut new = logged_in_with(request, "new").in_store(key()).unwrap();
    rig.renew(&mut new).unwrap();
    rig.pass(7200);
    rig.rotates("new-1", "new-r1");
    let _ = rig.done();
    rig.renew(&mut former).unwrap();
    assert!(rig.done().contains("send r "), "the new login's refresh token is used");
    assert_eq!((held(&former).as_deref(), &rig.record()["refresh_token"]), (Some("new-1"), &"new-r1".into()));
}

/// A grant is held to the key, whether it was named before the key or after it, and whatever a restored record says.
#[test]
fn s0_a_restored_sessions_grant_is_held_to_the_key() {
    let [a, b] = ["a", "b"].map(|name| Grant::client_credentials().parameter("audience", name).unwrap());
    let key = |grant: &Grant| StoreKey::of_application(&client(), grant);
    let record = Session::from_grant(&client(), a.clone()).in_store(key(&a)).unwrap().record().unwrap();
    let restored = Session::from_record(&client(), record).unwrap().with_grant(b).unwrap();
    assert_eq!(rule_of(restored.in_store(key(&a))), Some(Rule::St4));
    let record = Session::from_store(&client()).in_store(alice()).unwrap().record().unwrap();
    let restored = Session::from_record(&client(), record).unwrap().with_grant(a).unwrap();
    assert_eq!(rule_of(restored.in_store(alice())), Some(Rule::St4));
    assert_eq!(rule_of(login().in_store(alice().named(" "))), Some(Rule::St4));
}

/// ST-4: the application's own session reads no record of a person's login, where nothing but what is in it tells the two apart; nothing is
/// sent, and the login stays as it is. The reverse is refused too.
#[test]
fn s0_the_applications_session_and_a_persons_read_no_record_of_the_other() {
    // In a place for one session each, under no key that says whose it is.
    let client = valetkey_tests::openid::client();
    let mut rig = Rig::new();
    let mut persons =
        Session::from_tokens(&client, &valetkey_tests::openid::logged_in(&client, |_| {}).unwrap());
    rig.put(&serde_json::to_vec(&persons.record().unwrap()).unwrap());
    rig.pass(2 * 3600);
    let before = rig.record();
    let mut own = Session::from_grant(&client, Grant::client_credentials());
    let error = rig.renew(&mut own).unwrap_err();
    assert!(matches!(&error, Error::Misuse(_)), "{error:?}");
    assert_eq!(error.rule(), Some(Rule::St4), "{error}");
    assert!(error.to_string().contains("of a person's login"), "{error}");
    assert_eq!(held(&own), None);
    assert_eq!(rig.record(), before, "the login stays as it is");
    assert_eq!(rig.requests(), 0);
    // The same with a key: neither reads what is the other's, whoever put it there.
    let grant = Grant::client_credentials();
    let applications = StoreKey::of_application(&client, &grant);
    let persons_under_a_key = persons.record().map(|record| {
        let session = Session::from_record(&client, record).unwrap();
        session.in_store(StoreKey::of_only_user(&client)).unwrap().record().unwrap()
    });
    rig.put(&serde_json::to_vec(&persons_under_a_key.unwrap()).unwrap());
    let mut own = Session::from_grant(&client, grant.clone()).in_store(applications.clone()).unwrap();
    assert_eq!(rule_of(rig.renew(&mut own)), Some(Rule::St4));
    let mut rig = Rig::new();
    rig.grants("own");
    rig.renew(&mut Session::from_grant(&client, grant).in_store(applications).unwrap()).unwrap();
    let of_the_application = rig.record();
    rig.pass(2 * 3600);
    persons = Session::from_store(&client).in_store(StoreKey::of_only_user(&client)).unwrap();
    assert_eq!(rule_of(rig.renew(&mut persons)), Some(Rule::St4));
    assert_eq!((rig.record(), rig.requests()), (of_the_application, 1));
}
