//! Each setting of a request that the client's profile does not let off, by its clause.

use valetkey_core::authorize::{ResponseMode, ResponseType};
use valetkey_core::client::SecurityProfile;
use valetkey_core::jose::Algorithm;
use valetkey_core::status::Introspection;
use valetkey_core::{AuthorizationRequest, Client, Grant, Quirk, Quirks, TokenRequest};
use valetkey_tests::{NOW, entropy};

use super::good::{CALLBACK, bound, clause, discovered, good, key, request, server, start, token, with_key};

const FAPI_2: SecurityProfile = SecurityProfile::Fapi2;
const SIGNING: SecurityProfile = SecurityProfile::Fapi2MessageSigning;
const FAPI_1: SecurityProfile = SecurityProfile::Fapi1Advanced;

const OTHER_MODES: [ResponseMode; 6] = [
    ResponseMode::Query,
    ResponseMode::Fragment,
    ResponseMode::FormPost,
    ResponseMode::QueryJwt,
    ResponseMode::FragmentJwt,
    ResponseMode::FormPostJwt,
];

/// One that authenticates by its certificate, and has no key that would sign its requests.
fn by_certificate(profile: SecurityProfile) -> Client {
    let client = Client::new(server(), "s6BhdRkqt3").tls_client_auth().unwrap();
    client.security_profile(profile)
}

/// FA-1: whichever way the program would send it through the browser.
#[test]
fn a_request_through_the_browser_is_refused() {
    for profile in [FAPI_2, SIGNING] {
        let client = good(profile);
        let request = request(&client).unwrap();
        let expected = "FA-1 FAPI 2.0 Security Profile §5.3.3.2 (2)";
        assert_eq!(clause(request.begin_unbound(entropy(4), NOW)), expected);
        assert_eq!(clause(request.begin("the session", entropy(4), NOW)), expected);
    }
    // FAPI 1.0 knows requests through the browser, which are signed.
    let client = good(FAPI_1);
    for scope in ["openid accounts", "accounts"] {
        let request = AuthorizationRequest::new(&client, CALLBACK).unwrap().scope(scope).unwrap();
        let (url, _) = request.begin_unbound(entropy(4), NOW).unwrap();
        let beside = format!("&scope={}", scope.replace(' ', "+"));
        for parameter in ["client_id=", "&request=", "&response_type=code", &beside] {
            assert!(url.as_str().contains(parameter), "{url:?}");
        }
        assert!(!url.as_str().contains("redirect_uri"));
    }
}

/// FA-1, FA-4: what may come through the browser.
#[test]
fn another_response_type_is_refused() {
    for asked in [ResponseType::CodeIdToken, ResponseType::IdToken] {
        let refused = |profile| {
            let client = good(profile);
            let request = request(&client).unwrap().response_type(asked);
            clause(request.start_unbound(entropy(4), NOW))
        };
        for profile in [FAPI_2, SIGNING] {
            assert_eq!(refused(profile), "FA-1 FAPI 2.0 Security Profile §5.3.3.2 (1)");
        }
        if asked == ResponseType::IdToken {
            assert_eq!(refused(FAPI_1), "FA-4 FAPI 1.0 Advanced §5.2.2 (2)");
        }
    }
}

/// FA-1, FA-4: the implicit request asks for a token.
#[test]
#[expect(deprecated, reason = "it is refused")]
fn an_implicit_request_is_refused() {
    use valetkey_core::authorize::ImplicitRequest;

    let client = by_certificate(FAPI_2);
    let implicit = ImplicitRequest::new(&client, CALLBACK).unwrap();
    assert_eq!(
        clause(implicit.begin_unbound(entropy(4), NOW)),
        "FA-1 FAPI 2.0 Security Profile §5.3.3.2 (1)"
    );
    let client = by_certificate(FAPI_1);
    let implicit = ImplicitRequest::new(&client, CALLBACK).unwrap();
    assert_eq!(clause(implicit.begin_unbound(entropy(4), NOW)), "FA-4 FAPI 1.0 Advanced §5.2.3 (8)");
}

/// FA-1: a person's password is not this program's.
#[test]
#[expect(deprecated, reason = "it is refused")]
fn a_password_is_refused() {
    use valetkey_core::terms::Password;

    let grant = Grant::password("alice", &Password::new("wonderland"));
    assert_eq!(
        clause(TokenRequest::new(&good(FAPI_2), grant)),
        "FA-1 FAPI 2.0 Security Profile §5.3.2.1 (2)"
    );
}

/// FA-1: an access token does not stand for the client.
#[test]
fn an_introspection_that_a_token_authorizes_is_refused() {
    for profile in [FAPI_2, SIGNING] {
        let introspection = Introspection::new(&good(profile), &token()).unwrap();
        assert_eq!(
            clause(introspection.authorized_by(&token())),
            "FA-1 FAPI 2.0 Security Profile §5.3.3.1 (2)"
        );
    }
}

/// FA-2, FA-4: a client with a key signs by itself; one without must be given one for its requests, of the profile's
/// algorithms.
#[test]
fn a_request_that_is_not_signed_is_refused() {
    for (profile, unsigned, weak) in [
        (SIGNING, "FA-2 FAPI 2.0 Message Signing §5.3.2 (1)", "FA-1 FAPI 2.0 Security Profile §5.4.1 (1)"),
        (FAPI_1, "FA-4 FAPI 1.0 Advanced §5.2.3 (8)", "FA-4 FAPI 1.0 Advanced §8.6 (1)"),
    ] {
        let client = by_certificate(profile);
        assert_eq!(clause(start(&client)), unsigned);
        let request = || request(&client).unwrap();
        let signed = request().signed(key(Algorithm::Rs256)).unwrap();
        assert_eq!(clause(signed.start_unbound(entropy(4), NOW)), weak);
        let signed = request().signed(key(Algorithm::Ps256)).unwrap();
        signed.start_unbound(entropy(4), NOW).unwrap();
    }
    // The Security Profile asks for none, and takes it.
    start(&by_certificate(FAPI_2)).unwrap();
}

/// FA-2, FA-4: in no other mode than the one that the profiles name.
#[test]
fn a_response_that_is_not_signed_as_a_whole_is_not_asked_for() {
    for mode in OTHER_MODES {
        for (profile, expected) in [
            (SIGNING, "FA-2 FAPI 2.0 Message Signing §5.4.2 (1)"),
            (FAPI_1, "FA-4 FAPI 1.0 Advanced §5.2.2 (2)"),
        ] {
            let client = good(profile);
            let request = request(&client).unwrap().response_mode(mode);
            assert_eq!(clause(request.start_unbound(entropy(4), NOW)), expected, "{mode:?}");
        }
    }
}

/// FA-4: PKCE is for pushed requests; FAPI 1.0 asks for https.
#[test]
fn what_fapi_1_wants_of_a_request_alone() {
    let without_challenge = discovered(Quirks::STRICT.with(Quirk::NoCodeChallenge));
    for server in [without_challenge, server().code_challenge_in_hex()] {
        let client = bound(FAPI_1, with_key(server)).security_profile(FAPI_1);
        let request = request(&client).unwrap();
        assert_eq!(clause(request.push_unbound(entropy(4), NOW)), "FA-4 FAPI 1.0 Advanced §5.2.3 (15)");
        request.begin_unbound(entropy(4), NOW).unwrap();
    }
    for redirect_uri in ["http://127.0.0.1:8080/callback", "com.example.app:/callback"] {
        let client = good(FAPI_1);
        let request = AuthorizationRequest::new(&client, redirect_uri).unwrap();
        assert_eq!(clause(request.start_unbound(entropy(4), NOW)), "FA-4 FAPI 1.0 Baseline §5.2.2 (20)");
        // A native program may listen on its own computer (FAPI 2.0 Security Profile §5.3.2.2 (8)).
        let client = good(FAPI_2);
        let request = AuthorizationRequest::new(&client, redirect_uri).unwrap();
        request.start_unbound(entropy(4), NOW).unwrap();
    }
}
