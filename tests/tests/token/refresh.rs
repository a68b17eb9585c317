//! TR-14, TR-21, TR-22: what a refresh asks for, and a refresh token that stays in use.

use valetkey_core::terms::{Access, AuthorizationDetails};
use valetkey_core::{Client, Grant, Quirk, RefreshToken, Rule, Session, TokenRequest};
use valetkey_tests::jose::key_pair;
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client, entropy, get, json, server};

fn token() -> RefreshToken {
    RefreshToken::new("r0").unwrap()
}

/// TR-21: reported for a public client whose token nothing binds, and for no other.
#[test]
fn a_refresh_token_that_stays_in_use_unbound_is_reported() {
    let public = || Client::new(server(), "s6BhdRkqt3");
    let kept = |client: &Client, members: &str, grant: Grant| {
        let kind = if client.bound_to().is_some() { "DPoP" } else { "Bearer" };
        let body = format!(r#"{{"access_token":"a","token_type":"{kind}"{members}}}"#);
        let played = play(TokenRequest::new(client, grant).unwrap(), [Some(json(200, &body))]);
        played.outcome.unwrap().quirks().contains(Quirk::RefreshTokenKept)
    };
    let refresh = || Grant::refresh_token(&token());
    assert!(kept(&public(), "", refresh()));
    assert!(kept(&public(), r#","refresh_token":"r0""#, refresh()), "the same is no other");
    assert!(!kept(&public(), r#","refresh_token":"r1""#, refresh()), "it rotates");
    assert!(!kept(&client(), "", refresh()), "the client's secret binds it");
    assert!(!kept(&public().with_certificate(), "", refresh()), "a certificate does");
    let key = valetkey_core::Dpop::of(
        key_pair(&valetkey_core::jose::AwsLc, valetkey_core::jose::Algorithm::Es256),
        entropy(1),
    );
    assert!(!kept(&public().dpop(key.unwrap()).unwrap(), "", refresh()), "a key does");
    assert!(!kept(&public(), "", Grant::client_credentials()), "it is no refresh");
}

/// TR-22, TR-14: same or narrower is sent; wider is refused before it is.
#[test]
fn a_refresh_asks_for_no_more_than_was_granted() {
    let details = |kind: &str| AuthorizationDetails::parse(&format!(r#"[{{"type":"{kind}"}}]"#)).unwrap();
    let granted = Access::new().scope("calendar mail").unwrap();
    let granted =
        granted.resource("https://api.example/a").unwrap().resource("https://api.example/b").unwrap();
    let granted = granted.authorization_details(details("payment")).unwrap();
    let grant = || Grant::refresh_token(&token()).granted(&granted);
    let asked = |grant: Grant| TokenRequest::new(&client(), grant).map(|_| ()).map_err(|error| error.rule());
    assert_eq!(asked(grant()), Ok(()));
    assert_eq!(asked(grant().scope("mail").unwrap()), Ok(()));
    assert_eq!(asked(grant().resource("https://api.example/b").unwrap()), Ok(()));
    assert_eq!(asked(grant().authorization_details(details("payment")).unwrap()), Ok(()));
    assert_eq!(asked(grant().scope("mail admin").unwrap()), Err(Some(Rule::Tr14)));
    assert_eq!(asked(grant().resource("https://api.example/c").unwrap()), Err(Some(Rule::Tr22)));
    assert_eq!(asked(grant().authorization_details(details("account")).unwrap()), Err(Some(Rule::Tr22)));
    // An answer with more is refused when it comes.
    let wider = r#"{"access_token":"a","token_type":"Bearer","scope":"calendar admin"}"#;
    let played = play(TokenRequest::new(&client(), grant()).unwrap(), [Some(json(200, wider))]);
    assert_eq!(played.rule(), Rule::Tr14);
    // What is not known limits nothing, and another grant is not limited.
    let unknown = Grant::refresh_token(&token()).granted(Access::new()).resource("https://api.example/c");
    assert_eq!(asked(unknown.unwrap()), Ok(()));
    let other = Grant::client_credentials().granted(&granted).scope("admin").unwrap();
    assert_eq!(asked(other), Ok(()));
}

/// TR-22: a session renews for the resources of its login, or for fewer, and sends nothing for others.
#[test]
fn a_session_renews_for_no_other_resource_than_its_login() {
    let [a, b, c] = ["a", "b", "c"]
        .map(|name| valetkey_core::Resource::new(format!("https://api.example/{name}")).unwrap());
    #[expect(deprecated, reason = "the shortest way to a user's tokens")]
    let grant = Grant::password("alice", &valetkey_core::terms::Password::new("x"));
    let grant = grant.resource(a.clone()).unwrap().resource(b.clone()).unwrap();
    let body = r#"{"access_token":"a","token_type":"Bearer","expires_in":1,"refresh_token":"r0"}"#;
    let tokens = play(TokenRequest::new(&client(), grant).unwrap(), [Some(json(200, body))]).outcome.unwrap();
    let session = |resources: Vec<valetkey_core::Resource>| {
        Session::from_tokens(&client(), &tokens).with_resources(resources)
    };
    assert!(session(vec![a.clone()]).renewal().is_ok());
    assert!(session(vec![b.clone(), a.clone()]).renewal().is_ok());
    let mut wider = session(vec![a, c]);
    assert_eq!(wider.renewal().unwrap_err().rule(), Some(Rule::Tr22));
    let late = NOW.after(std::time::Duration::from_secs(60));
    let mut call = wider.call(get("https://api.example/a")).unwrap();
    assert_eq!(valetkey_core::Flow::step(&mut call, None, late).unwrap_err().rule(), Some(Rule::Tr22));
}
