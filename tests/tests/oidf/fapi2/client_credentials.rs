//! The profile `fapi_client_credentials_grant`: no person, no authorization endpoint.

use valetkey_core::{Grant, Session};
use valetkey_sandbox::Misbehaviour;

use super::sent::assert_conformant;
use super::suite::{Suite, Variant};

fn session(suite: &mut Suite) -> Session {
    let client = suite.client().unwrap();
    Session::from_grant(&client, Grant::client_credentials().scope("global:Profile.Absences.View").unwrap())
}

/// The happy path, with nonces and without, with endpoint aliases and without.
#[test]
fn happy_path_of_client_credentials() {
    for variant in Variant::of_profile() {
        for (nonces, aliases) in [(true, true), (false, true), (true, false)] {
            let mut suite = Suite::new(variant);
            if !nonces {
                suite.sandbox.settings_mut().dpop_nonces = None;
            }
            if !aliases {
                suite.sandbox.settings_mut().mtls_origin = None;
            }
            let mut session = session(&mut suite);
            assert_eq!(suite.call(&mut session).unwrap(), 200, "{variant:?}");
            assert_conformant(&suite);
        }
    }
}

/// The same with a token response that has no `expires_in`.
#[test]
fn client_credentials_without_expires_in() {
    for variant in Variant::of_profile() {
        let mut suite = Suite::new(variant);
        suite.sandbox.settings_mut().dpop_nonces = None;
        let mut session = session(&mut suite);
        suite.sandbox.misbehave_once(Misbehaviour::ExpiresInMissing);
        assert_eq!(suite.call(&mut session).unwrap(), 200, "{variant:?}");
        assert_eq!(session.credential().unwrap().expires_at(), None);
        assert_conformant(&suite);
    }
}
