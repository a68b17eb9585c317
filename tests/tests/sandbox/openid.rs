//! What each misbehaviour of an OpenID provider comes to at valetkey's own client: a login from discovery to a renewal, and
//! the rule that ends it.

use std::time::Duration;

use valetkey_core::jose::{Algorithm, AwsLc, JwkSet, VerificationKeys};
use valetkey_core::openid::UserInfoRequest;
use valetkey_core::{AuthorizationRequest, Client, Discovery, Error, Quirk, Rule, Session, TokenResponse};
use valetkey_sandbox::{Application, FlowKind, Misbehaviour, Rights, Sandbox, SigningAlgorithm};

use crate::conversations::{client, finished, run, run_at};
use crate::metadata::{ISSUER, modern};
use crate::support::*;
use crate::wrong::told;
use valetkey_tests::entropy;

/// What each comes to when an application that is registered for ES256 logs Alice in.
pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("id-token-iss-foreign", "ID-9"),
    ("id-token-iss-bare", "ID-9"),
    ("id-token-of-tenant", "ID-9"),
    ("id-token-hd-other", "fine"),
    ("id-token-flag-text", "fine"),
    ("id-token-nonce-unknown", "ID-58"),
    ("id-token-iss-missing", "ID-9"),
    ("id-token-sub-missing", "ID-18"),
    ("id-token-sub-long", "ID-18"),
    ("id-token-sub-twice", "ID-33"),
    ("id-token-aud-other", "ID-10"),
    ("id-token-aud-missing", "ID-10"),
    ("id-token-aud-beside", "ID-10"),
    ("id-token-aud-list", "fine"),
    ("id-token-aud-empty", "ID-34"),
    ("id-token-azp-other", "ID-11"),
    ("id-token-nonce-other", "ID-15"),
    ("id-token-nonce-missing", "ID-15"),
    ("id-token-iat-missing", "ID-13"),
    ("id-token-iat-old", "ID-31"),
    ("id-token-exp-missing", "ID-12"),
    ("id-token-expired", "ID-12"),
    ("id-token-auth-time-future", "ID-35"),
    ("id-token-auth-time-old", "ID-17"),
    ("id-token-auth-time-missing", "ID-17"),
    ("id-token-acr-other", "ID-16"),
    ("id-token-acr-number", "ID-35"),
    ("id-token-amr-text", "ID-35"),
    ("id-token-at-hash-other", "ID-19"),
    ("id-token-at-hash-missing", "fine"),
    ("id-token-events", "ID-36"),
    ("id-token-logout-type", "ID-24"),
    ("id-token-self-issued", "ID-38"),
    ("id-token-huge", "ID-27"),
    ("id-token-kid-missing", "fine"),
    ("id-token-unsigned", "ID-28"),
    ("id-token-forged", "ID-8"),
    ("id-token-other-algorithm", "ID-28"),
    ("id-token-hmac", "ID-28"),
    ("id-token-wrong-key", "ID-8"),
    ("renewed-iss-foreign", "ID-9"),
    ("renewed-sub-other", "ID-22"),
    ("renewed-auth-time-other", "ID-22"),
    ("jwks-uri-missing", "DI-11"),
    ("metadata-of-tenants", "DI-4"),
    ("subject-types-missing", "DI-11"),
    ("id-token-algorithms-missing", "DI-11"),
    ("jwks-decoys", "fine"),
    ("jwks-kid-missing", "fine"),
    ("jwks-another-key", "fine"),
];

/// What each comes to when UserInfo is asked about Alice.
pub(crate) const ABOUT: &[(&str, &str)] = &[
    ("userinfo-sub-other", "UI-5"),
    ("userinfo-aggregated", "fine"),
    ("userinfo-distributed", "fine"),
    ("userinfo-sub-missing", "UI-5"),
    ("userinfo-text-html", "UI-3"),
    ("userinfo-updated-at-text", "told: claim-of-other-type"),
    ("userinfo-email-verified-text", "told: claim-of-other-type"),
    ("userinfo-signed", "UI-3"),
    ("userinfo-plain", "UI-3"),
    ("userinfo-iss-foreign", "UI-4"),
    ("userinfo-aud-other", "UI-4"),
    ("userinfo-unsigned", "UI-4"),
    ("userinfo-forged", "ID-8"),
];

/// Those of an application that is registered for a signature.
const SIGNED: [&str; 5] =
    ["userinfo-plain", "userinfo-iss-foreign", "userinfo-aud-other", "userinfo-unsigned", "userinfo-forged"];

/// The application `web`, as the server that is discovered registers it.
pub(crate) fn web_of(sandbox: &mut Sandbox) -> Result<Client, Error> {
    let server = run(sandbox, Discovery::new(ISSUER)?)?.into_server();
    Ok(client(sandbox, server, "web"))
}

/// The registration of `web`, to be changed.
pub(crate) fn registered(sandbox: &Sandbox) -> Application {
    let secret = sandbox.client_secret("web").unwrap();
    let web = Application::confidential("web", secret).flow(FlowKind::AuthorizationCode);
    web.redirect_uri(WEB).may_request(Rights::All)
}

/// A request that asks for all that an ID token can be held to.
pub(crate) fn request(web: &Client) -> Result<AuthorizationRequest, Error> {
    let acr =
        serde_json::json!({ "id_token": { "acr": { "essential": true, "values": ["mfa"] }, "amr": null } });
    AuthorizationRequest::new(web, WEB)?
        .scope("openid profile email")?
        .max_age(Duration::from_secs(60 * 60))
        .claims(acr)
}

fn log_in(sandbox: &mut Sandbox, web: &Client) -> Result<TokenResponse, Error> {
    let begun = request(web)?.begin_unbound(entropy(1), NOW)?;
    finished(sandbox, web, begun)
}

/// The session's next request, when its access token has expired: with a renewal.
fn renew(sandbox: &mut Sandbox, web: &Client, tokens: &TokenResponse) -> Result<(), Error> {
    let mut session = Session::from_tokens(web, tokens);
    let api = get(&format!("{ISSUER}/api/http/team-directory/profiles/me"));
    run_at(sandbox, session.call(api)?, after(700)).map(drop)
}

/// Alice logs in and stays.
fn alice_logs_in(sandbox: &mut Sandbox, web: &Client) -> Result<String, Error> {
    let tokens = log_in(sandbox, web)?;
    let login = tokens.login().expect("a verified ID token");
    assert_eq!(login.identity().issuer(), ISSUER);
    assert_eq!(login.identity().subject(), sandbox.user_id("alice"));
    assert_eq!((login.acr(), login.standard_claims().email()), (Some("mfa"), Some("alice@example.com")));
    renew(sandbox, web, &tokens)?;
    Ok("fine".to_owned())
}

/// From the discovery to the renewal, while all of these are on.
fn meet(misbehaviours: &[&str], change: impl FnOnce(Client) -> Result<Client, Error>) -> String {
    let mut sandbox = modern();
    for name in misbehaviours {
        sandbox.misbehave(name.parse().unwrap());
    }
    let conversation =
        web_of(&mut sandbox).and_then(change).and_then(|web| alice_logs_in(&mut sandbox, &web));
    told(conversation)
}

fn for_es256(client: Client) -> Result<Client, Error> {
    client.id_token_algorithm(Algorithm::Es256)
}

#[test]
fn each_misbehaviour_of_an_openid_provider_is_caught_by_its_rule() {
    assert_eq!(meet(&[], for_es256), "fine");
    let mut wrong = Vec::new();
    for (name, expected) in EXPECTED {
        let came = meet(&[name], for_es256);
        if came != *expected {
            wrong.push(format!("{name}: {came}, and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Alice logs in, and UserInfo is asked about her.
fn alice_is_asked_about(misbehaviour: Option<&str>, is_signed: bool) -> Result<String, Error> {
    let mut sandbox = modern();
    let mut web = web_of(&mut sandbox)?;
    if is_signed {
        sandbox.add_application(registered(&sandbox).userinfo_algorithm(SigningAlgorithm::EdDsa));
        web = web.user_info_algorithm(Algorithm::EdDsa)?;
    }
    misbehaviour.into_iter().for_each(|name| sandbox.misbehave(name.parse().unwrap()));
    let tokens = log_in(&mut sandbox, &web)?;
    let about = run(&mut sandbox, UserInfoRequest::new(&web, &tokens)?)?;
    assert_eq!((about.standard_claims().name(), about.is_signed()), (Some("Alice Archer"), is_signed));
    Ok(about.quirks().iter().next().map_or("fine".to_owned(), |quirk| format!("told: {}", quirk.name())))
}

/// UI-1 to UI-7.
#[test]
fn each_misbehaviour_of_userinfo_is_caught_by_its_rule() {
    for is_signed in [false, true] {
        assert_eq!(told(alice_is_asked_about(None, is_signed)), "fine");
    }
    let mut wrong = Vec::new();
    for (name, expected) in ABOUT {
        let came = told(alice_is_asked_about(Some(name), SIGNED.contains(name)));
        if came != *expected {
            wrong.push(format!("{name}: {came}, and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// ID-4, ID-28, ID-30: a program that says nothing of its registration takes what the server lists, but no HMAC.
#[test]
fn without_a_registration_the_algorithm_is_one_that_the_server_lists() {
    for (name, expected) in [
        ("id-token-unsigned", "ID-28"),
        ("id-token-hmac", "ID-4"),
        ("id-token-other-algorithm", "fine"),
        ("id-token-wrong-key", "ID-8"),
    ] {
        assert_eq!(meet(&[name], Ok), expected, "{name}");
    }
}

/// ID-6: without a name, and with two keys that it could be by, nobody can tell by which it is.
#[test]
fn an_id_token_without_a_key_name_needs_a_single_key() {
    assert_eq!(meet(&["id-token-kid-missing", "jwks-another-key"], for_es256), "ID-6");
    assert_eq!(meet(&["id-token-kid-missing", "jwks-decoys"], for_es256), "ID-6");
}

/// JK-2, JK-3: whenever the keys change, and however they are named, the login goes on.
#[test]
fn keys_that_change_are_found() {
    let mut sandbox = modern();
    let web = web_of(&mut sandbox).and_then(for_es256).unwrap();
    alice_logs_in(&mut sandbox, &web).unwrap();
    sandbox.rotate_keys();
    assert_eq!(told(alice_logs_in(&mut sandbox, &web)), "fine", "rotated between logins");

    type Change = fn(&mut Sandbox);
    let just_before_signing: Change = |sandbox| sandbox.settings_mut().rotates_before_signing = true;
    for change in [just_before_signing, Sandbox::replace_keys] {
        let mut sandbox = modern();
        let web = web_of(&mut sandbox).and_then(for_es256).unwrap();
        log_in(&mut sandbox, &web).unwrap();
        change(&mut sandbox);
        assert!(log_in(&mut sandbox, &web).is_ok());
    }
}

/// JK-2: a key that is not there is looked for once, and then not for a minute.
#[test]
fn a_key_that_is_never_found_is_looked_for_once() {
    let mut sandbox = modern();
    sandbox.misbehave(Misbehaviour::JwksOtherKid);
    let web = web_of(&mut sandbox).and_then(for_es256).unwrap();
    let fetches = |sandbox: &Sandbox| {
        sandbox.log().iter().filter(|entry| entry.endpoint() == valetkey_sandbox::Endpoint::Jwks).count()
    };
    for (attempt, expected) in [(1, 1), (2, 2), (3, 2)] {
        let error = log_in(&mut sandbox, &web).unwrap_err();
        assert_eq!(error.rule().map(|rule| rule.id()), Some("JK-2"), "{error}");
        assert_eq!(fetches(&sandbox), expected, "attempt {attempt}");
    }
}

/// DI-11: without `jwks_uri`, a login needs keys that the program names, or the word of the connection.
#[test]
fn metadata_without_keys_are_no_hindrance_to_a_program_that_has_them() {
    let mut sandbox = modern();
    sandbox.misbehave(Misbehaviour::JwksUriMissing);
    let server = run(&mut sandbox, Discovery::new(ISSUER).unwrap()).unwrap().into_server();
    let web = client(&sandbox, server.clone(), "web");
    let error = log_in(&mut sandbox, &web).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Di11), Some(Quirk::IdTokenByTls)));

    let web = client(&sandbox, server.clone().admit(Quirk::IdTokenByTls), "web");
    let tokens = log_in(&mut sandbox, &web).unwrap();
    assert!(tokens.login().is_some() && tokens.quirks().contains(Quirk::IdTokenByTls));

    let published = sandbox.answer(&get("/oauth/jwks.json"), NOW).into_body();
    let set = JwkSet::parse(&published).unwrap();
    let keys = VerificationKeys::new(&AwsLc, &[Algorithm::Es256], &set).unwrap();
    let web = client(&sandbox, server.keys(keys), "web");
    let tokens = log_in(&mut sandbox, &web).unwrap();
    assert!(tokens.login().is_some() && tokens.quirks().is_empty());
}

/// ID-53: a renewal that tells of another login ends the session, by a cause of its own.
#[test]
fn a_renewal_that_tells_of_another_login_asks_for_a_new_one() {
    for misbehaviour in
        [Misbehaviour::RenewedIssForeign, Misbehaviour::RenewedSubOther, Misbehaviour::RenewedAuthTimeOther]
    {
        let mut sandbox = modern();
        sandbox.misbehave(misbehaviour);
        let web = web_of(&mut sandbox).unwrap();
        let tokens = log_in(&mut sandbox, &web).unwrap();
        let error = renew(&mut sandbox, &web, &tokens).unwrap_err();
        assert!(error.is_authorization_required(), "{misbehaviour}: {error}");
    }
}

/// ID-4, ID-30: each algorithm that the sandbox signs by, and the client's secret.
#[test]
fn each_algorithm_of_an_id_token_is_verified() {
    for (signs, expects) in [
        (SigningAlgorithm::Es256, Algorithm::Es256),
        (SigningAlgorithm::EdDsa, Algorithm::EdDsa),
        (SigningAlgorithm::Rs256, Algorithm::Rs256),
        (SigningAlgorithm::Ps256, Algorithm::Ps256),
    ] {
        let mut sandbox = modern();
        sandbox.settings_mut().signing_algorithm = signs;
        let web = web_of(&mut sandbox).and_then(|web| web.id_token_algorithm(expects)).unwrap();
        assert_eq!(told(alice_logs_in(&mut sandbox, &web)), "fine", "{expects}");
    }
    let mut sandbox = modern();
    sandbox.add_application(registered(&sandbox).id_tokens_by_secret());
    let web = web_of(&mut sandbox).unwrap();
    let by_secret = web.clone().id_token_algorithm(Algorithm::Hs256).unwrap();
    assert_eq!(told(alice_logs_in(&mut sandbox, &by_secret)), "fine");
    assert_eq!(told(alice_logs_in(&mut sandbox, &web)), "ID-4");
}
