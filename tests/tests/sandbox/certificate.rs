//! CA-6: clients that show a certificate, and tokens that are bound to it.

use serde_json::json;
use valetkey_core::Request;
use valetkey_sandbox::{Application, CERTIFICATE_THUMBPRINT, Rights, Sandbox};

use crate::introspection::introspect;
use crate::metadata::modern;
use crate::support::*;

/// RFC 8705, Appendix A.
const CERTIFICATE: &str = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

fn showing(request: Request, certificate: &str) -> Request {
    with_header(request, CERTIFICATE_THUMBPRINT, certificate)
}

fn certified() -> Sandbox {
    let mut sandbox = modern();
    let rights = Rights::of(["global:Profile.Absences.View"]);
    sandbox.add_application(Application::with_certificate("certified", CERTIFICATE).authorized(rights));
    sandbox
}

fn ask_token(sandbox: &mut Sandbox, certificate: Option<&str>) -> Answer {
    let request = post("/oauth/token", &[("grant_type", "client_credentials"), ("client_id", "certified")]);
    let request = match certificate {
        Some(certificate) => showing(request, certificate),
        None => request,
    };
    Answer::of(sandbox.answer(&request, NOW))
}

#[test]
fn a_certificate_proves_the_client_and_binds_its_tokens() {
    let mut sandbox = certified();
    let answer = ask_token(&mut sandbox, Some(CERTIFICATE));
    assert_eq!((answer.status, answer.text("token_type")), (200, "Bearer"), "{:?}", answer.body);
    let token = answer.text("access_token");
    assert_eq!(introspect(&mut sandbox, token).body["cnf"], json!({ "x5t#S256": CERTIFICATE }));
    let call = with_header(get("/api/http/absences"), "authorization", &format!("Bearer {token}"));
    assert_eq!(sandbox.answer(&showing(call.clone(), CERTIFICATE), NOW).status(), 200);
    for refused in
        [call.clone(), showing(call.clone(), "another"), showing(showing(call, CERTIFICATE), "another")]
    {
        assert_eq!(sandbox.answer(&refused, NOW).status(), 401);
    }
}

#[test]
fn without_its_certificate_the_client_is_nobody() {
    let mut sandbox = certified();
    for certificate in [None, Some("another"), Some("")] {
        assert_eq!(ask_token(&mut sandbox, certificate).error(), (401, "invalid_client"), "{certificate:?}");
    }
    let both = post("/oauth/token", &[("grant_type", "client_credentials"), ("client_id", "certified")]);
    let both = showing(basic(both, "certified", "x"), CERTIFICATE);
    assert_eq!(Answer::of(sandbox.answer(&both, NOW)).error(), (401, "invalid_client"));
    sandbox.settings_mut().dialect = valetkey_sandbox::Dialect::Space;
    assert_eq!(ask_token(&mut sandbox, Some(CERTIFICATE)).error(), (401, "invalid_client"));
}

/// RFC 8705 §5: every endpoint but the one for browsers has an alias.
#[test]
fn endpoints_have_aliases_for_certificates() {
    let mut sandbox = certified();
    sandbox.settings_mut().mtls_origin = Some("https://mtls.as.example".to_owned());
    let metadata = Answer::of(sandbox.answer(&get("/.well-known/oauth-authorization-server"), NOW)).body;
    let aliases = metadata["mtls_endpoint_aliases"].as_object().unwrap();
    assert_eq!(aliases["token_endpoint"], "https://mtls.as.example/oauth/token");
    assert!(!aliases.contains_key("authorization_endpoint"));
    assert!(aliases.contains_key("pushed_authorization_request_endpoint"), "{aliases:?}");
}
