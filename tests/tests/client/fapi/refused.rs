//! Each setting of a client that its profile does not let off, one by one: refused in every request, by its clause.

use valetkey_core::client::{Adjust, SecurityProfile};
use valetkey_core::jose::{Algorithm, KeyPair};
use valetkey_core::server::Endpoint;
use valetkey_core::{AuthorizationServer, Client, Quirk, Quirks};
use valetkey_tests::entropy;

use super::good::{
    ISSUER, bound, clause, discovered, every_request, good, key, proof, server, token_type, with_key,
};

const FAPI_2: SecurityProfile = SecurityProfile::Fapi2;
const SIGNING: SecurityProfile = SecurityProfile::Fapi2MessageSigning;
const FAPI_1: SecurityProfile = SecurityProfile::Fapi1Advanced;

/// A client, before it is held to this profile.
type Made = fn(SecurityProfile) -> Client;

struct Unadjusted;

impl Adjust for Unadjusted {}

fn unauthenticated() -> Client {
    Client::new(server(), "s6BhdRkqt3")
}

fn admitting(profile: SecurityProfile, quirk: Quirk) -> Client {
    bound(profile, with_key(discovered(Quirks::STRICT.with(quirk))))
}

/// A client of a server that is described by hand in this part.
fn by_hand(profile: SecurityProfile, describe: fn(AuthorizationServer) -> AuthorizationServer) -> Client {
    bound(profile, with_key(describe(server())))
}

fn signing_by(profile: SecurityProfile, algorithm: Algorithm) -> Client {
    bound(profile, unauthenticated().assertion(key(algorithm), entropy(2)).unwrap())
}

/// What is said of a client later.
type Changed = fn(Client) -> Client;

/// Every request of such a client is refused by this clause, in whichever order it was built.
fn require_refused(profile: SecurityProfile, what: &str, made: Made, expected: &str) {
    let client = made(profile).security_profile(profile);
    for (request, outcome) in every_request(&client, token_type(profile)) {
        assert_eq!(clause(outcome), expected, "{what}, {request}");
    }
}

/// FA-1, FA-4: a client that keeps every clause is let through everywhere.
#[test]
fn a_client_that_keeps_every_clause_may_ask_for_everything() {
    for &profile in SecurityProfile::ALL {
        let client = good(profile);
        for (request, outcome) in every_request(&client, token_type(profile)) {
            assert!(outcome.is_ok(), "{}, {request}: {outcome:?}", profile.name());
        }
    }
}

/// FA-1, FA-3, FA-4: how a client authenticates, by what it signs, what binds its tokens.
#[test]
fn a_client_that_proves_itself_otherwise_is_refused() {
    let authentication: [(&str, Made); 5] = [
        ("a public client", |profile| bound(profile, unauthenticated())),
        ("a secret", |profile| bound(profile, unauthenticated().secret("gX1fBAt3bV").unwrap())),
        ("a secret in the body", |profile| {
            bound(profile, unauthenticated().secret_in_body("gX1fBAt3bV").unwrap())
        }),
        ("client_secret_jwt", |profile| {
            let secret = KeyPair::from_secret(Algorithm::Hs256, &[7; 32]).unwrap();
            bound(profile, unauthenticated().assertion(std::sync::Arc::new(secret), entropy(2)).unwrap())
        }),
        ("assertions of a platform", |profile| {
            bound(
                profile,
                unauthenticated().assertions_from(|| Ok::<_, std::io::Error>("e.e.e".to_owned())).unwrap(),
            )
        }),
    ];
    for (what, made) in authentication {
        for profile in [FAPI_2, SIGNING] {
            require_refused(profile, what, made, "FA-1 FAPI 2.0 Security Profile §5.3.3.1 (2)");
        }
        require_refused(FAPI_1, what, made, "FA-4 FAPI 1.0 Advanced §5.2.2 (14)");
    }
    let weak: [(&str, Made); 2] = [
        ("RS256", |profile| signing_by(profile, Algorithm::Rs256)),
        ("ES384", |profile| signing_by(profile, Algorithm::Es384)),
    ];
    for (what, made) in weak {
        require_refused(FAPI_2, what, made, "FA-1 FAPI 2.0 Security Profile §5.4.1 (1)");
        require_refused(FAPI_1, what, made, "FA-4 FAPI 1.0 Advanced §8.6 (1)");
    }
    require_refused(
        FAPI_1,
        "EdDSA",
        |profile| signing_by(profile, Algorithm::EdDsa),
        "FA-4 FAPI 1.0 Advanced §8.6 (1)",
    );
    require_refused(
        FAPI_2,
        "a proof by RS256",
        |_| with_key(server()).dpop(proof(Algorithm::Rs256)).unwrap(),
        "FA-1 FAPI 2.0 Security Profile §5.4.1 (1)",
    );
    require_refused(
        FAPI_2,
        "not bound",
        |_| with_key(server()),
        "FA-1 FAPI 2.0 Security Profile §5.3.3.1 (1)",
    );
    require_refused(FAPI_1, "not bound", |_| with_key(server()), "FA-4 FAPI 1.0 Advanced §5.2.3 (1)");
    let by_dpop: Made = |_| with_key(server()).with_certificate().dpop(proof(Algorithm::Es256)).unwrap();
    require_refused(FAPI_1, "bound to a key", by_dpop, "FA-4 FAPI 1.0 Advanced §5.2.3 (1)");
}

/// FA-1: the audience is the issuer; FAPI 1.0 takes the token endpoint too.
#[test]
fn assertions_for_an_endpoint_are_refused() {
    let made: Made = |profile| admitting(profile, Quirk::EndpointAudience);
    require_refused(FAPI_2, "an endpoint", made, "FA-1 FAPI 2.0 Security Profile §5.3.3.1 (5)");
    let client = made(FAPI_1).security_profile(FAPI_1);
    assert!(every_request(&client, token_type(FAPI_1)).iter().all(|(_, outcome)| outcome.is_ok()));
}

/// FA-1, FA-2, FA-3, FA-4: a relaxation that would switch a part of the profile off, by quirk and clause.
#[test]
fn a_quirk_that_switches_a_part_off_is_refused() {
    let of_fapi_2: [(Made, &str); 7] = [
        (|profile| admitting(profile, Quirk::BearerForDpop), "§5.3.3.1 (1)"),
        (|profile| admitting(profile, Quirk::LoopbackHttp), "§5.2.1"),
        (|profile| admitting(profile, Quirk::IdTokenUnread), "§5.4.1 (1)"),
        (|profile| admitting(profile, Quirk::IdTokenByTls), "§5.4.1 (1)"),
        (|profile| admitting(profile, Quirk::NoCodeChallenge), "§5.3.3.2 (3)"),
        (|profile| admitting(profile, Quirk::IssMissing), "§5.3.3.2 (4)"),
        (|profile| admitting(profile, Quirk::IssDiscarded), "§5.3.3.2 (4)"),
    ];
    for (made, section) in of_fapi_2 {
        for profile in [FAPI_2, SIGNING] {
            require_refused(profile, section, made, &format!("FA-1 FAPI 2.0 Security Profile {section}"));
        }
    }
    let in_hex: Made = |profile| bound(profile, with_key(server().code_challenge_in_hex()));
    require_refused(FAPI_2, "hexadecimal", in_hex, "FA-1 FAPI 2.0 Security Profile §5.3.3.2 (3)");
    require_refused(
        SIGNING,
        "introspection",
        |profile| admitting(profile, Quirk::IntrospectionForApi),
        "FA-2 FAPI 2.0 Message Signing §5.5.2 (2)",
    );
    let of_fapi_1: [(Made, &str); 3] = [
        (|profile| admitting(profile, Quirk::LoopbackHttp), "FA-4 FAPI 1.0 Baseline §7.1"),
        (|profile| admitting(profile, Quirk::IdTokenUnread), "FA-4 FAPI 1.0 Advanced §5.2.3.1 (2)"),
        (|profile| admitting(profile, Quirk::IdTokenByTls), "FA-4 FAPI 1.0 Advanced §5.2.3.1 (2)"),
    ];
    for (made, expected) in of_fapi_1 {
        require_refused(FAPI_1, expected, made, expected);
    }
}

/// FA-1, FA-4: nothing that the program changes by itself is held to the profile.
#[test]
fn a_client_that_changes_its_requests_is_refused() {
    let made: Made = |profile| bound(profile, with_key(server())).adjusted_by(Unadjusted);
    require_refused(FAPI_2, "adjusted", made, "FA-1 FAPI 2.0 Security Profile §5.3.3");
    require_refused(FAPI_1, "adjusted", made, "FA-4 FAPI 1.0 Advanced §5.2.3");
}

/// FA-1, FA-4: every address is the one that the server's metadata say, and its issuer.
#[test]
fn an_address_that_the_program_names_is_refused() {
    let issuer: [Made; 2] = [
        |profile| by_hand(profile, |server| server.issuer("https://other.example").unwrap()),
        |profile| {
            let server = AuthorizationServer::new().issuer(ISSUER).unwrap();
            let server = server.authorization_endpoint("https://as.example/authorize").unwrap();
            let server = server.token_endpoint("https://as.example/token").unwrap();
            bound(profile, with_key(server))
        },
    ];
    for made in issuer {
        require_refused(FAPI_2, "issuer", made, "FA-1 FAPI 2.0 Security Profile §5.3.3.1 (9)");
        require_refused(FAPI_1, "issuer", made, "FA-4 FAPI 1.0 Baseline §5.2.3 (11)");
    }
    for (endpoint, request) in [
        (Endpoint::Authorization, "authorization"),
        (Endpoint::PushedAuthorization, "push"),
        (Endpoint::Token, "token"),
        (Endpoint::DeviceAuthorization, "device"),
        (Endpoint::Introspection, "introspection"),
        (Endpoint::Revocation, "revocation"),
        (Endpoint::Userinfo, "userinfo"),
    ] {
        for is_alias in [false, true] {
            let url = "https://as.example/elsewhere";
            let server = match is_alias {
                false => server().endpoint(endpoint, url).unwrap(),
                true => server().mtls_alias(endpoint, url).unwrap(),
            };
            let client = bound(FAPI_2, with_key(server)).security_profile(FAPI_2);
            let outcomes = every_request(&client, token_type(FAPI_2));
            let (_, outcome) = outcomes.into_iter().find(|(name, _)| *name == request).unwrap();
            assert_eq!(clause(outcome), "FA-1 FAPI 2.0 Security Profile §5.3.3.1 (9)", "{request}");
        }
    }
}

/// FA-1: what is said of the client after the profile is held to it as what was said before.
#[test]
fn the_order_of_the_builders_says_nothing() {
    let late: [(Changed, &str); 2] = [
        (|client| client.secret("gX1fBAt3bV").unwrap(), "FA-1 FAPI 2.0 Security Profile §5.3.3.1 (2)"),
        (|client| client.adjusted_by(Unadjusted), "FA-1 FAPI 2.0 Security Profile §5.3.3"),
    ];
    for (change, expected) in late {
        let first = Client::new(server(), "s6BhdRkqt3").security_profile(FAPI_2);
        let first = match expected.ends_with("(2)") {
            true => first,
            false => first.assertion(key(Algorithm::Es256), entropy(2)).unwrap(),
        };
        let client = change(bound(FAPI_2, first));
        for (request, outcome) in every_request(&client, token_type(FAPI_2)) {
            assert_eq!(clause(outcome), expected, "{request}");
        }
    }
    let client = Client::new(server(), "s6BhdRkqt3").security_profile(FAPI_2);
    let client =
        client.dpop(proof(Algorithm::Es256)).unwrap().assertion(key(Algorithm::Es256), entropy(2)).unwrap();
    assert!(every_request(&client, token_type(FAPI_2)).iter().all(|(_, outcome)| outcome.is_ok()));
}

/// FA-1, FA-4: what each profile signs by is taken, by either name of Ed25519.
#[test]
fn each_algorithm_of_a_profile_is_taken() {
    for (profile, algorithms) in [
        (FAPI_2, &[Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519][..]),
        (FAPI_1, &[Algorithm::Ps256, Algorithm::Es256][..]),
    ] {
        for &algorithm in algorithms {
            let client = signing_by(profile, algorithm).security_profile(profile);
            for (request, outcome) in every_request(&client, token_type(profile)) {
                assert!(outcome.is_ok(), "{algorithm} {request}: {outcome:?}");
            }
        }
    }
}
