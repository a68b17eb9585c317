//! What a stored record says of itself, and what a client takes up of it.

use serde_json::{Value, json as value};
use valetkey_core::session::SessionRecord;
use valetkey_core::{
    AccessToken, AuthorizationServer, Client, Error, Quirk, Rule, Session, Subject, TokenResponse, UnixTime,
};
use valetkey_tests::renewing::{Rig, held, kept, refreshing};
use valetkey_tests::{NOW, client, client_of, json, server, world};

fn login(access: &str, now: UnixTime) -> Session {
    let tokens = json(200, &world::token(access, 60, Some("r0")));
    let tokens = TokenResponse::parse(tokens, now, &AuthorizationServer::new()).unwrap();
    Session::from_tokens(&client(), &tokens)
}

fn read(record: &Value) -> SessionRecord {
    serde_json::from_value(record.clone()).unwrap()
}

fn written(record: &SessionRecord) -> Value {
    serde_json::to_value(record).unwrap()
}

/// A record whose tokens are bound to a key that is gone.
fn bound() -> Value {
    let mut record = written(&login("a0", NOW).record().unwrap());
    record["token_type"] = "DPoP".into();
    record["dpop_jkt"] = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".into();
    record
}

#[test]
fn a_record_says_what_its_tokens_are() {
    let session = login("a0", NOW);
    let record = session.record().unwrap();
    assert_eq!(record.expires_at(), Some(NOW.after(std::time::Duration::from_secs(60))));
    assert!(record.has_refresh_token());
    assert_eq!(record.thumbprint(), None);
    assert_eq!(read(&bound()).thumbprint(), Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"));
    let none = refreshing("r0").record().unwrap();
    assert_eq!((none.expires_at(), none.thumbprint()), (None, None));
}

/// RFC 9449 §5, DP-7: for another key, or for none, only what is not bound to the old one is left, and nothing says that it was.
#[test]
fn a_record_for_another_key_has_no_token_of_the_old_one_dp_7() {
    let lenient = client_of(server().admit(Quirk::BearerForDpop));
    for client in [client(), lenient] {
        let record = read(&bound()).with_key_of(&client).unwrap();
        let session = Session::from_record(&client, record.clone()).unwrap();
        assert_eq!(held(&session), None, "it would be sent as a bearer token");
        assert_eq!(session.refresh_token().unwrap().expose(), "r0");
        let record = written(&record);
        for member in ["access_token", "token_type", "dpop_jkt"] {
            assert!(record[member].is_null(), "{member} of {record}");
        }
        assert_eq!(record["refresh_token"], "r0");
    }
    // One that is bound to no key is as it was.
    let record = login("a0", NOW).record().unwrap().with_key_of(&client()).unwrap();
    assert_eq!(held(&Session::from_record(&client(), record).unwrap()).as_deref(), Some("a0"));
}

/// ST-1, DP-9: it is for its own client, and for one that authenticates.
#[test]
fn a_record_for_another_key_is_its_own_clients_dp_9() {
    let public = Client::new(server(), "s6BhdRkqt3");
    assert_eq!(read(&bound()).with_key_of(&public).unwrap_err().rule(), Some(Rule::Dp9));
    let other = Client::new(server(), "another");
    assert_eq!(read(&bound()).with_key_of(&other).unwrap_err().rule(), Some(Rule::St1));
}

/// DP-7: a token that its client may not send is not in the record of the restored session either.
#[test]
fn a_token_that_the_client_may_not_send_is_not_taken_up_dp_7() {
    let mut keyless = bound();
    keyless.as_object_mut().unwrap().remove("dpop_jkt");
    let session = Session::from_record(&client(), read(&keyless)).unwrap();
    assert_eq!(held(&session), None);
    assert!(written(&session.record().unwrap())["access_token"].is_null());
    assert_eq!(session.refresh_token().unwrap().expose(), "r0");
}

/// Renewals change the tokens and not the login; and of what does not say its login nothing is said.
#[test]
fn a_session_knows_a_record_of_another_login() {
    let mut rig = Rig::new();
    let mut session = kept(login("a0", NOW));
    let before = session.record().unwrap();
    assert!(!session.is_of_another_login(&before));
    rig.renew(&mut session).unwrap();
    rig.pass(60);
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    assert!(!session.is_of_another_login(&before), "it was renewed");
    assert!(!session.is_of_another_login(&session.record().unwrap()));

    // A later login may be given the same tokens.
    let later = login("a0", rig.now());
    assert!(session.is_of_another_login(&later.record().unwrap()));
    assert!(later.is_of_another_login(&before));

    let unknown = refreshing("r0");
    assert!(!unknown.is_of_another_login(&before), "nobody knows of which login its token is");
    assert!(!session.is_of_another_login(&unknown.record().unwrap()));
    assert!(!unknown.is_of_another_login(&refreshing("r1").record().unwrap()));
    let permanent = AccessToken::new("p").unwrap();
    let permanent = Session::from_permanent_token("https://api.example", permanent, Subject::User).unwrap();
    assert!(!permanent.is_of_another_login(&before));
}

/// ST-4: a restored session is still its owner's, and is put under no other key; nor does it take up what is there.
#[test]
fn a_restored_session_is_its_owners_st_4() {
    let mut rig = Rig::new();
    let mut session = kept(login("a0", NOW));
    rig.renew(&mut session).unwrap();
    let mut restored = Session::from_record(&client(), session.record().unwrap()).unwrap();
    rig.edit(|record| record["whose"] = value!("bWFsbG9yeQ"));
    rig.pass(60);
    let error = rig.renew(&mut restored).unwrap_err();
    assert!(matches!(&error, Error::Misuse(_)), "{error}");
    assert_eq!(error.rule(), Some(Rule::St4));
    // Its own it takes, though it was not told the key.
    rig.edit(|record| record["whose"] = written(&session.record().unwrap())["whose"].clone());
    rig.pass(60);
    rig.rotates("a1", "r1");
    rig.renew(&mut restored).unwrap();
    assert_eq!(held(&restored).as_deref(), Some("a1"));
}
