//! What a program does that cannot, or need not, have its ID tokens verified: each way has a name, and the error tells it.

use serde_json::json;
use valetkey_core::identity::IdTokenVerification;
use valetkey_core::jose::Algorithm;
use valetkey_core::{AccessToken, AuthorizationServer, Error, Flow, Quirk, Rule, Step};
use valetkey_tests::openid::{begun, claims, client, id_token, logged_in, provider, run, tokens};
use valetkey_tests::{NOW, client_of, server};

/// ID-8, ID-9: told before a browser is sent anywhere.
#[test]
fn a_login_that_cannot_be_verified_does_not_begin() {
    let unnamed = AuthorizationServer::new()
        .authorization_endpoint("https://as.example/authorize")
        .unwrap()
        .token_endpoint("https://as.example/token")
        .unwrap();
    for (server, rule, exit) in
        [(unnamed, Rule::Id9, Quirk::IdTokenUnread), (server(), Rule::Id8, Quirk::IdTokenByTls)]
    {
        let client = client_of(server.clone());
        let error = begun(&client, |request| request).err().unwrap();
        assert!(matches!(error, Error::Misuse(_)), "{error:?}");
        assert_eq!((error.rule(), error.admitted_by()), (Some(rule), Some(exit)));
        assert!(error.to_string().contains(exit.name()), "{error}");

        let client = client_of(server.admit(Quirk::IdTokenUnread));
        let mut begun = begun(&client, |request| request).unwrap();
        assert_eq!(begun.parameter("nonce"), None, "what nobody compares is not sent");
        let tokens = begun.finished(&client, vec![tokens("opaque")]).unwrap();
        assert!(tokens.login().is_none());
        assert_eq!(tokens.id_token().unwrap().expose(), "opaque");
    }
}

/// ID-8: without keys, every claim is checked all the same.
#[test]
fn the_connection_may_vouch_for_the_signature() {
    let client = client_of(server().admit(Quirk::IdTokenByTls));
    let login = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut begun = begun(&client, |request| request).unwrap();
        let mut claims = claims(Some(begun.nonce()));
        change(&mut claims);
        let jwt = id_token(Algorithm::Es256, &claims);
        let (signed, _) = jwt.rsplit_once('.').unwrap();
        begun.finished(&client, vec![tokens(&format!("{signed}.AAAA"))])
    };
    let tokens = login(&|_| {}).unwrap();
    assert!(tokens.quirks().contains(Quirk::IdTokenByTls), "and it is reported");
    assert!(!tokens.login().unwrap().checks().contains(Rule::Id8));
    assert_eq!(login(&|claims| claims["aud"] = json!("other")).unwrap_err().rule(), Some(Rule::Id10));
    // Where there are keys, they are used.
    let client = client_of(provider(Algorithm::Rs256).admit(Quirk::IdTokenByTls));
    assert_eq!(logged_in(&client, |_| {}).unwrap_err().rule(), Some(Rule::Id4));
}

/// ID-8: a connection vouches for what came by it. An ID token that came in another way has its signature alone.
#[test]
fn no_connection_vouches_for_an_id_token_from_elsewhere() {
    let client = client_of(server().admit(Quirk::IdTokenByTls));
    let jwt = id_token(Algorithm::Es256, &claims(None));
    let (signed, _) = jwt.rsplit_once('.').unwrap();
    for jwt in [jwt.clone(), format!("{signed}.AAAA")] {
        let token = valetkey_core::terms::IdToken::new(jwt).unwrap();
        let error = IdTokenVerification::new(&client, &token).unwrap_err();
        assert!(error.rule() == Some(Rule::Id8) && matches!(error, Error::Misuse(_)), "{error}");
        assert_eq!(error.admitted_by(), None);
    }
}

/// DI-11: what the metadata of an OpenID provider have.
#[test]
fn metadata_without_the_lists_of_a_login_are_refused_or_reported() {
    let of = |lists: &[&str]| {
        let listed = provider(Algorithm::Es256).list("response_types_supported", ["code"]);
        lists.iter().fold(listed, |server, list| server.list(list, ["ES256"]))
    };
    let all = ["subject_types_supported", "id_token_signing_alg_values_supported"];
    assert!(logged_in(&client_of(of(&all)), |_| {}).unwrap().quirks().is_empty());
    for one in all {
        let error = begun(&client_of(of(&[one])), |request| request).err().unwrap();
        assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Di11), Some(Quirk::SparseLoginMetadata)));
        let admitting = client_of(of(&[one]).admit(Quirk::SparseLoginMetadata));
        let tokens = logged_in(&admitting, |_| {}).unwrap();
        assert!(tokens.login().unwrap().quirks().contains(Quirk::SparseLoginMetadata));
    }
}

/// An ID token that came in another way is held to the same.
#[test]
fn an_id_token_from_elsewhere_is_verified_by_hand() {
    let client = client();
    let verify = |nonce: Option<&str>, claims: &serde_json::Value| {
        let token = valetkey_core::terms::IdToken::new(id_token(Algorithm::Es256, claims))?;
        let flow = IdTokenVerification::new(&client, &token)?.beside(&AccessToken::new("other")?);
        let flow = nonce.map_or(Ok(flow), |nonce| {
            let token = valetkey_core::terms::IdToken::new(id_token(Algorithm::Es256, claims))?;
            IdTokenVerification::new(&client, &token)?.nonce(nonce)
        })?;
        run(flow, Vec::new(), NOW)
    };
    assert_eq!(verify(None, &claims(None)).unwrap().identity().subject(), "248289761001");
    assert!(verify(Some("n-0S6_WzA2Mj"), &claims(Some("n-0S6_WzA2Mj"))).is_ok());
    assert_eq!(verify(None, &claims(Some("n"))).unwrap_err().rule(), Some(Rule::Id15));
    let mut hashed = claims(None);
    hashed["at_hash"] = json!("77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(verify(None, &hashed).unwrap_err().rule(), Some(Rule::Id19));
    let error = valetkey_core::terms::IdToken::new("").unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Tr12));

    let token = valetkey_core::terms::IdToken::new(id_token(Algorithm::Es256, &claims(None))).unwrap();
    let mut flow = IdTokenVerification::new(&client, &token).unwrap();
    assert!(!format!("{flow:?}").contains("eyJ"));
    assert!(matches!(flow.step(None, NOW), Ok(Step::Done(_))));
    assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))), "an end is an end");
}
