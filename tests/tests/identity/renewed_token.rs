//! ID-15, ID-22, ID-53: an ID token that comes with a renewal is compared with the login, and is verified wherever it can be.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use valetkey_core::error::Cause;
use valetkey_core::identity::IdTokenVerification;
use valetkey_core::jose::{Algorithm, RustCrypto};
use valetkey_core::server::ServerKeys;
use valetkey_core::terms::IdToken;
use valetkey_core::{Client, Error, Flow, Grant, Quirk, RefreshToken, Rule, Session, Step};
use valetkey_tests::openid::{begun, claims, client, id_token, publishing, tokens};
use valetkey_tests::renewing::{Rig, kept};
use valetkey_tests::{NOW, client_of, json as answer, server};

/// A JWT that is signed by nobody.
fn unsigned(claims: &Value) -> String {
    let [header, payload] =
        [json!({ "alg": "ES256" }), claims.clone()].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{payload}.AAAA")
}

/// A renewal, an hour after a login by the connection, for this client. Its ID token is made of the claims and the login's nonce.
fn renewed(
    client: &Client,
    token: impl FnOnce(Value, &str) -> String,
    more: Vec<Option<valetkey_core::Response>>,
) -> Result<(), Error> {
    let trusting = client_of(server().admit(Quirk::IdTokenByTls));
    let mut login = begun(&trusting, |request| request).unwrap();
    let nonce = login.nonce().to_owned();
    let tokens = login.finished(&trusting, vec![tokens(&unsigned(&claims(Some(&nonce))))]).unwrap();
    let record = Session::from_tokens(&trusting, &tokens).record().unwrap();
    let mut session = kept(Session::from_record(client, record).unwrap());
    let mut rig = Rig::new();
    rig.pass(3600);
    let mut claims = claims(None);
    (claims["iat"], claims["exp"]) = (json!(rig.now().as_secs()), json!(rig.now().as_secs() + 600));
    let body = json!({
        "access_token": "a1", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r1",
        "id_token": token(claims, &nonce),
    });
    rig.answers(Some(answer(200, &body.to_string())));
    more.into_iter().for_each(|answer| rig.answers(answer));
    rig.renew(&mut session)
}

/// ID-15, ID-22: the nonce of the login may come again, and may be left out; another is that of another login.
#[test]
fn the_nonce_of_a_renewal_is_that_of_the_login_or_none() {
    let trusting = client_of(server().admit(Quirk::IdTokenByTls));
    let with = |nonce: fn(&str) -> Value| {
        renewed(
            &trusting,
            |mut claims, of_login| {
                claims["nonce"] = nonce(of_login);
                unsigned(&claims)
            },
            Vec::new(),
        )
    };
    with(|nonce| json!(nonce)).unwrap();
    renewed(&trusting, |claims, _| unsigned(&claims), Vec::new()).unwrap();
    assert_eq!(with(|_| json!("another")).unwrap_err().rule(), Some(Rule::Id22));
    assert_eq!(with(|_| json!(5)).unwrap_err().rule(), Some(Rule::Id15));
}

/// ID-8, ID-53: the connection vouches where no keys can be had, and never for a signature that fails.
#[test]
fn a_signature_that_fails_is_not_vouched_for_by_the_connection() {
    renewed(&client(), |claims, _| id_token(Algorithm::Es256, &claims), Vec::new()).unwrap();
    let forged = |claims: Value, _: &str| {
        let mut other = claims.clone();
        other["sub"] = json!("other");
        let [jwt, signature] = [&claims, &other].map(|claims| id_token(Algorithm::Es256, claims));
        let (signed, (_, signature)) = (jwt.rsplit_once('.').unwrap().0, signature.rsplit_once('.').unwrap());
        format!("{signed}.{signature}")
    };
    let error = renewed(&client(), forged, Vec::new()).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Id8));
    assert!(
        matches!(&error, Error::AuthorizationRequired(why) if matches!(why.cause(), Cause::OtherLogin)),
        "{error:?}"
    );
}

fn fetching() -> Client {
    let server = publishing();
    let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap();
    client_of(server.keys(keys))
}

/// A refresh token that has been used is not lost by keys that cannot be had: refused, or never answered.
#[test]
fn a_renewal_ends_well_where_no_keys_can_be_had() {
    for keys in [Some(answer(503, "{}")), None] {
        renewed(&fetching(), |claims, _| id_token(Algorithm::Es256, &claims), vec![keys]).unwrap();
    }
}

/// A verification by hand has nothing else that vouches: without an answer it has ended.
#[test]
fn a_verification_whose_keys_do_not_come_has_ended() {
    let token = IdToken::new(id_token(Algorithm::Es256, &claims(None))).unwrap();
    let mut flow = IdTokenVerification::new(&fetching(), &token).unwrap();
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    assert!(!flow.unanswered(NOW));
    let error = flow.step(None, NOW).err().unwrap();
    assert!(matches!(error, Error::Misuse(_)) && error.to_string().contains("has ended"), "{error}");
}

/// A session of a grant finds a login in its store, and is held to it: the grant knows how an ID token is verified.
#[test]
fn a_refresh_token_from_elsewhere_renews_the_login_in_the_store() {
    let trusting = client_of(server().admit(Quirk::IdTokenByTls));
    for (subject, refused) in [("248289761001", None), ("other", Some(Rule::Id22))] {
        let mut login = begun(&trusting, |request| request).unwrap();
        let claims_of_login = claims(Some(login.nonce()));
        let tokens = login.finished(&trusting, vec![tokens(&unsigned(&claims_of_login))]).unwrap();
        let mut rig = Rig::new();
        rig.renew(&mut kept(Session::from_tokens(&trusting, &tokens))).unwrap();
        rig.pass(3600);
        let grant = Grant::refresh_token(&RefreshToken::new("elsewhere").unwrap());
        let mut session = kept(Session::from_grant(&trusting, grant));
        let mut claims = claims(None);
        (claims["iat"], claims["exp"]) = (json!(rig.now().as_secs()), json!(rig.now().as_secs() + 600));
        claims["sub"] = json!(subject);
        let body = json!({
            "access_token": "a1", "token_type": "Bearer", "expires_in": 3600, "id_token": unsigned(&claims),
        });
        rig.answers(Some(answer(200, &body.to_string())));
        let outcome = rig.renew(&mut session);
        assert_eq!(outcome.err().and_then(|error| error.rule()), refused, "{subject}");
    }
}
