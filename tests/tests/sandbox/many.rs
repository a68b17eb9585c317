//! ID-55 to ID-58 at the sandbox: what each switch does is refused without the capability that is for it, and taken and recorded
//! with it.

use valetkey_core::{AuthorizationRequest, Client};
use valetkey_core::{AuthorizationServer, Discovery, Error, Quirk, Quirks, Rule, TokenResponse};
use valetkey_sandbox::{Misbehaviour as M, Sandbox};
use valetkey_tests::entropy;

use crate::conversations::{client, finished, run};
use crate::metadata::{ISSUER, modern};
use crate::support::*;

const TENANT: &str = "11111111-2222-3333-4444-555555555555";

fn spoilt(misbehaviours: &[M]) -> Sandbox {
    let mut sandbox = modern();
    misbehaviours.iter().for_each(|one| sandbox.misbehave(*one));
    sandbox
}

fn found(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<AuthorizationServer, Error> {
    let quirks = quirks.iter().fold(Quirks::STRICT, |quirks, quirk| quirks.with(*quirk));
    Ok(run(sandbox, Discovery::new(ISSUER)?.admit_all(quirks))?.into_server())
}

fn log_in(
    sandbox: &mut Sandbox,
    server: AuthorizationServer,
    ask: impl FnOnce(AuthorizationRequest) -> Result<AuthorizationRequest, Error>,
) -> Result<TokenResponse, Error> {
    let web: Client = client(sandbox, server, "web");
    let request = ask(AuthorizationRequest::new(&web, WEB)?.scope("openid email")?)?;
    finished(sandbox, &web, request.begin_unbound(entropy(1), NOW)?)
}

/// ID-55, ID-56: the metadata are those of all tenants, and an ID token is of one.
#[test]
fn people_of_a_tenant_log_in_where_the_program_names_it() {
    let switches = [M::MetadataOfTenants, M::IdTokenOfTenant, M::IssInResponsesDenied, M::IssMissing];
    let template = format!("{ISSUER}/{{tenantid}}/v2.0");
    let refused = found(&mut spoilt(&switches), &[]).err().unwrap();
    assert_eq!(refused.rule(), Some(Rule::Di4));

    let mut sandbox = spoilt(&switches);
    let discovery = Discovery::new(ISSUER).unwrap().naming_issuer(&template).unwrap();
    let metadata = run(&mut sandbox, discovery).unwrap();
    assert!(metadata.quirks().contains(Quirk::OtherIssuer));
    let server = metadata.into_server();
    let refused = log_in(&mut sandbox, server.clone(), Ok).unwrap_err();
    assert_eq!(refused.rule(), Some(Rule::Id55), "nobody said whose people may log in");
    let other = server.clone().tenants(["99999999-2222-3333-4444-555555555555"]).unwrap();
    assert_eq!(log_in(&mut sandbox, other, Ok).unwrap_err().rule(), Some(Rule::Id55));
    for server in [server.clone().tenants([TENANT]).unwrap(), server.any_tenant().unwrap()] {
        let tokens = log_in(&mut sandbox, server, Ok).unwrap();
        let login = tokens.login().unwrap();
        assert_eq!(login.identity().issuer(), format!("{ISSUER}/{TENANT}/v2.0"));
        assert!(login.quirks().contains(Quirk::TenantOfIssuer));
    }
}

/// ID-57: an issuer without its scheme, and a login that was limited to a domain.
#[test]
fn an_issuer_without_its_scheme_and_another_domain_are_for_servers_that_are_known_for_them() {
    let mut sandbox = spoilt(&[M::IdTokenIssBare]);
    let server = found(&mut sandbox, &[]).unwrap();
    assert_eq!(log_in(&mut sandbox, server.clone(), Ok).unwrap_err().rule(), Some(Rule::Id9));
    let tokens = log_in(&mut sandbox, server.issuer_without_scheme(), Ok).unwrap();
    let login = tokens.login().unwrap();
    assert_eq!(login.identity().issuer(), ISSUER);
    assert!(login.quirks().contains(Quirk::IssuerWithoutScheme));

    let mut sandbox = spoilt(&[M::IdTokenHdOther]);
    let server = found(&mut sandbox, &[]).unwrap();
    let limited = |request: AuthorizationRequest| request.parameter("hd", "example.com");
    assert!(log_in(&mut sandbox, server.clone(), limited).is_ok(), "it is a parameter like any other");
    let refused = log_in(&mut sandbox, server.login_limited_by("hd"), limited).unwrap_err();
    assert_eq!(refused.rule(), Some(Rule::Id57));
}

/// ID-58, ID-15.
#[test]
fn a_flag_that_is_a_text_and_a_missing_nonce_are_admitted_by_name() {
    let mut sandbox = spoilt(&[M::IdTokenFlagText]);
    for (quirks, verified) in [(&[][..], None), (&[Quirk::BooleanAsText][..], Some("alice@example.com"))] {
        let server = found(&mut sandbox, quirks).unwrap();
        let tokens = log_in(&mut sandbox, server, |request| {
            request.claims(serde_json::json!({ "id_token": { "email": null, "email_verified": null } }))
        });
        let login = tokens.unwrap().login().unwrap().clone();
        assert_eq!(login.standard_claims().verified_email(), verified);
        assert_eq!(login.quirks().contains(Quirk::BooleanAsText), verified.is_some());
        assert_eq!(login.flag("email_verified").is_ok(), verified.is_some());
    }

    let mut sandbox = spoilt(&[M::IdTokenNonceMissing]);
    let server = found(&mut sandbox, &[]).unwrap();
    let refused = log_in(&mut sandbox, server, Ok).unwrap_err();
    assert_eq!((refused.rule(), refused.admitted_by()), (Some(Rule::Id15), Some(Quirk::NoNonce)));
    let server = found(&mut sandbox, &[Quirk::NoNonce]).unwrap();
    let tokens = log_in(&mut sandbox, server, Ok).unwrap();
    assert!(tokens.login().unwrap().quirks().contains(Quirk::NoNonce));

    let mut sandbox = spoilt(&[M::IdTokenNonceUnknown]);
    let server = found(&mut sandbox, &[Quirk::NoNonce]).unwrap();
    assert_eq!(log_in(&mut sandbox, server, Ok).unwrap_err().rule(), Some(Rule::Id58));
}
