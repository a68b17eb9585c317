//! CA-6: clients that show a certificate.

use base64::Engine as _;
use serde_json::{Value, json};
use valetkey_core::jose::{Algorithm, AwsLc};
use valetkey_core::server::Endpoint;
use valetkey_core::status::{Expectations, Inactive, Introspected, Introspection};
use valetkey_core::terms::{CertificateThumbprint, Confirmation};
use valetkey_core::{AuthorizationServer, Client, Grant, Quirk, Quirks, Request, Rule, TokenRequest};
use valetkey_sandbox::{Application, CERTIFICATE_THUMBPRINT};
use valetkey_tests::jose::key_pair;

use super::world::*;

/// RFC 8705, Appendix A: the certificate there, which is only ever hashed.
const RFC_8705_CERTIFICATE: &str = "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=";

/// CA-6: the endpoints that the server names for certificates, each for itself; and no proof but the client's name.
#[test]
fn a_client_with_a_certificate_goes_to_the_endpoints_for_it() {
    let aliased = all_endpoints().mtls_alias(Endpoint::Token, "https://mtls.as.example/token").unwrap();
    let aliased = aliased.mtls_alias(Endpoint::Revocation, "https://mtls.as.example/revoke").unwrap();
    let aliased = aliased.mtls_alias(Endpoint::Jwks, "https://mtls.as.example/jwks").unwrap();
    let certified = [
        Client::new(aliased.clone(), ID).tls_client_auth().unwrap(),
        Client::new(aliased.clone(), ID).self_signed_tls_client_auth().unwrap(),
        // Only the tokens are bound.
        Client::new(aliased.clone(), ID).with_certificate(),
        Client::new(aliased.clone(), ID).with_certificate().secret(secret()).unwrap(),
        signing(aliased.clone(), key_pair(&AwsLc, Algorithm::Es256)).with_certificate(),
    ];
    for client in certified {
        let urls: Vec<String> = a_request_to_each(&client)
            .into_iter()
            .map(|(_, request)| request.unwrap().uri().to_string())
            .collect();
        assert_eq!(
            urls,
            [
                "https://mtls.as.example/token",
                "https://as.example/device",
                "https://as.example/introspect",
                "https://mtls.as.example/revoke",
            ],
            "{client:?}"
        );
    }
    let client = Client::new(aliased.clone(), ID).tls_client_auth().unwrap();
    let request = request_of(&mut TokenRequest::new(&client, Grant::client_credentials()).unwrap());
    assert_eq!(request.body(), b"grant_type=client_credentials&client_id=s6BhdRkqt3");
    let uncertified = request_of(&mut tokens_for(&Client::new(aliased, ID)));
    assert_eq!(uncertified.uri(), "https://as.example/token");
}

/// CA-6: without TLS there is no certificate.
#[test]
fn a_certificate_is_shown_over_tls_only() {
    let plain = AuthorizationServer::new().admit(Quirk::LoopbackHttp);
    let plain = plain.token_endpoint("http://127.0.0.1:8080/token").unwrap();
    for client in [
        Client::new(plain.clone(), ID).tls_client_auth().unwrap(),
        Client::new(plain.clone(), ID).with_certificate(),
    ] {
        let error = TokenRequest::new(&client, Grant::client_credentials()).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Ca6));
    }
    let aliased = plain.mtls_alias(Endpoint::Token, "https://127.0.0.1:8443/token").unwrap();
    let client = Client::new(aliased, ID).tls_client_auth().unwrap();
    assert!(TokenRequest::new(&client, Grant::client_credentials()).is_ok());
}

/// CA-6: the certificate of RFC 8705, Appendix A, and its thumbprint there.
#[test]
fn the_thumbprint_of_a_certificate_is_that_of_the_rfc() {
    let der = base64::engine::general_purpose::STANDARD.decode(RFC_8705_CERTIFICATE).unwrap();
    let thumbprint = CertificateThumbprint::of_der(&der).unwrap();
    assert_eq!(thumbprint.as_str(), "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0");
    let of = |cnf: Value| thumbprint.confirms(&serde_json::from_value::<Confirmation>(cnf).unwrap());
    assert!(of(json!({ "x5t#S256": thumbprint.as_str() })));
    for other in [
        json!({}),
        json!({ "x5t#S256": "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v1" }),
        json!({ "jkt": thumbprint.as_str() }),
        json!({ "x5t#S256": thumbprint.as_str(), "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }),
        json!({ "x5t#S256": thumbprint.as_str(), "kid": "1" }),
    ] {
        assert!(!of(other.clone()), "{other}");
    }
    let pem = format!("-----BEGIN CERTIFICATE-----\n{RFC_8705_CERTIFICATE}\n-----END CERTIFICATE-----\n");
    let longer = [&*der, b"\n"].concat();
    let shorter = &der[..der.len() - 1];
    for wrong in [pem.as_bytes(), &longer, shorter, &[], &[0x30], &[0x30, 0x80, 0, 0], &[0x30, 0x82, 1]] {
        assert_eq!(CertificateThumbprint::of_der(wrong).unwrap_err().rule(), Some(Rule::Ca6));
    }
    // Each form of a length, and what is as long.
    let forms: [(&[u8], usize); 6] = [
        (&[0x30, 0], 0),
        (&[0x30, 0x7f], 0x7f),
        (&[0x30, 0x81, 0x80], 0x80),
        (&[0x30, 0x81, 0xff], 0xff),
        (&[0x30, 0x82, 1, 0], 0x100),
        (&[0x30, 0x82, 2, 3], 0x203),
    ];
    for (head, length) in forms {
        let is_one =
            |length: usize| CertificateThumbprint::of_der(&[head, &vec![7; length]].concat()).is_ok();
        assert!(is_one(length) && !is_one(length + 1), "{head:?}");
        assert!(length == 0 || !is_one(length - 1), "{head:?}");
    }
}

/// CA-6: TLS says who the client is, and its token is good with that certificate alone, as introspection tells.
#[test]
fn a_servers_token_is_bound_to_the_certificate() {
    let der = base64::engine::general_purpose::STANDARD.decode(RFC_8705_CERTIFICATE).unwrap();
    let thumbprint = CertificateThumbprint::of_der(&der).unwrap();
    let show = |request: &mut Request| {
        assert_eq!(request.uri().host(), Some("mtls.as.example"));
        request.headers_mut().insert(CERTIFICATE_THUMBPRINT, thumbprint.as_str().parse().unwrap());
    };
    let mut sandbox = sandbox_with(Application::with_certificate(ID, thumbprint.as_str()));
    sandbox.settings_mut().mtls_origin = Some("https://mtls.as.example".to_owned());
    let server = met(&mut sandbox, Quirks::STRICT);
    let client = Client::new(server.clone(), ID).self_signed_tls_client_auth().unwrap();
    let tokens = carry(&mut sandbox, tokens_for(&client), show).unwrap();
    let asked = Introspection::new(&client, tokens.access_token()).unwrap();
    let Introspected::Active(token) = carry(&mut sandbox, asked, show).unwrap() else { panic!("inactive") };
    assert!(thumbprint.confirms(token.confirmation().unwrap()));
    // The API that compares has it compared.
    let other = CertificateThumbprint::of_der(&[0x30, 0]).unwrap();
    for (shown, expected) in [(&thumbprint, None), (&other, Some(Inactive::Unexpected("cnf")))] {
        let asked = Introspection::new(&client, tokens.access_token()).unwrap();
        let asked = asked.expect(Expectations::new().certificate(shown.clone()));
        match carry(&mut sandbox, asked, show).unwrap() {
            Introspected::Active(_) => assert_eq!(expected, None),
            Introspected::Inactive(reason) => assert_eq!(Some(reason), expected),
            other => panic!("{other:?}"),
        }
    }
    // The other method is not listed there (CA-3), and without the certificate the name alone proves nothing.
    let signed = Client::new(server, ID).tls_client_auth().unwrap();
    let error = TokenRequest::new(&signed, Grant::client_credentials()).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Ca3));
    let refused = carry(&mut sandbox, tokens_for(&client), |_| {}).unwrap_err();
    assert_eq!(refused.refused().unwrap().status().unwrap(), 401);
}
