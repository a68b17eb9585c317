//! The modules in which the server does nothing wrong.

use valetkey_core::jose::Algorithm;

use super::sent::assert_conformant;
use super::suite::{Authentication, Constraint, Suite, Variant};

const PUSHED: &str = "/oauth/par";
const KEYS: &str = "/oauth/jwks.json";
const API: &str = "/api/http/absences";

/// With forced nonces, in every variant: each server's first proof is repeated once, and no other.
#[test]
fn happy_path() {
    for variant in Variant::all() {
        let mut suite = Suite::new(variant);
        assert_eq!(suite.whole().unwrap(), 200, "{variant:?}");
        let discovery = "/.well-known/oauth-authorization-server";
        let twice = if variant.constraint == Constraint::Dpop { 2 } else { 1 };
        let mut expected = vec![discovery];
        expected.extend([PUSHED].repeat(twice));
        // The server's keys are fetched for the first thing that it signs.
        expected.extend(variant.jarm.then_some(KEYS));
        expected.push("/oauth/token");
        expected.extend((variant.openid && !variant.jarm).then_some(KEYS));
        expected.extend([API].repeat(twice));
        assert_eq!(suite.paths(), expected, "{variant:?}");
        assert_conformant(&suite);
    }
}

/// FAPI 2.0 Security Profile §5.4.1: the three algorithms that it knows.
#[test]
fn happy_path_with_each_algorithm_of_the_profile() {
    for algorithm in [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa] {
        let variant = Variant::profile(Authentication::PrivateKeyJwt, Constraint::Dpop);
        let mut suite = Suite::new(Variant { signed: true, jarm: true, algorithm, ..variant });
        assert_eq!(suite.whole().unwrap(), 200, "{algorithm}");
        assert_conformant(&suite);
    }
}

/// Without nonces no proof is sent twice.
#[test]
fn happy_path_without_nonces() {
    for variant in Variant::all().into_iter().filter(|variant| variant.constraint == Constraint::Dpop) {
        let mut suite = Suite::new(variant);
        suite.sandbox.settings_mut().dpop_nonces = None;
        assert_eq!(suite.whole().unwrap(), 200, "{variant:?}");
        for path in ["/oauth/par", "/oauth/token", "/api/http/absences"] {
            assert_eq!(suite.paths().iter().filter(|asked| **asked == path).count(), 1, "{variant:?} {path}");
        }
        assert_conformant(&suite);
    }
}

/// Where the server names no other endpoints for certificates, they are shown at the ones it names.
#[test]
fn happy_path_without_endpoint_aliases() {
    for variant in Variant::all() {
        let mut suite = Suite::new(variant);
        suite.sandbox.settings_mut().mtls_origin = None;
        assert_eq!(suite.whole().unwrap(), 200, "{variant:?}");
        assert_conformant(&suite);
    }
}
