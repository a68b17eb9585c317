//! Refresh tokens: rotation off, on, and with detection of reuse.

use std::time::Duration;

use valetkey_sandbox::{Rotation, Sandbox};

use crate::support::*;

fn rotating(rotation: Rotation) -> (Sandbox, String) {
    let mut sandbox = demo();
    sandbox.settings_mut().rotation = rotation;
    let refresh_token = tokens(&mut sandbox, "alice", &[]).text("refresh_token").to_owned();
    (sandbox, refresh_token)
}

#[test]
fn without_rotation_the_token_stays_good_and_none_is_answered() {
    let (mut sandbox, token) = rotating(Rotation::Off);
    for _ in 0..3 {
        let answer = refresh(&mut sandbox, &token, after(86_400));
        assert_eq!(answer.status, 200);
        assert!(answer.body["refresh_token"].is_null());
    }
}

/// TR-13: the new one is adopted, the old one is refused.
#[test]
fn with_rotation_each_token_is_used_once() {
    let (mut sandbox, first) = rotating(Rotation::On);
    let answer = refresh(&mut sandbox, &first, NOW);
    let second = answer.text("refresh_token").to_owned();
    assert_ne!(first, second);
    assert_eq!(refresh(&mut sandbox, &first, NOW).error(), (400, "invalid_grant"));
    assert_eq!(profile(&mut sandbox, answer.text("access_token"), NOW).status, 200, "nothing is revoked");
    assert_eq!(refresh(&mut sandbox, &second, NOW).status, 200);
}

#[test]
fn reuse_after_the_grace_revokes_the_whole_grant() {
    let grace = Duration::from_secs(10);
    let (mut sandbox, first) = rotating(Rotation::DetectReuse { grace });
    let second = refresh(&mut sandbox, &first, NOW).text("refresh_token").to_owned();
    // An answer that was lost: the same token again, in time.
    let again = refresh(&mut sandbox, &first, after(9));
    assert_eq!(again.status, 200);
    let access_token = again.text("access_token").to_owned();
    // The grace counts from the first use, and no scope hides a reuse.
    let thief = [("grant_type", "refresh_token"), ("refresh_token", &*first), ("scope", "a  b")];
    assert_eq!(token(&mut sandbox, By::Basic("web"), &thief, after(10)).error(), (400, "invalid_grant"));
    assert_eq!(refresh(&mut sandbox, &second, after(10)).error(), (400, "invalid_grant"));
    let refused = profile(&mut sandbox, &access_token, after(10));
    assert_eq!(
        refused.text("error_description"),
        "Refresh token associated with the access token is revoked"
    );
}

/// TR-14: never wider than what was granted; the refresh token keeps the whole.
#[test]
fn a_refresh_can_narrow_and_never_widen() {
    let mut sandbox = demo();
    let scope = "global:Profile.View global:Profile.Absences.View";
    let first = tokens(&mut sandbox, "alice", &[("scope", scope)]).text("refresh_token").to_owned();
    let asking = |scope| [("grant_type", "refresh_token"), ("refresh_token", &*first), ("scope", scope)];
    let narrow = token(&mut sandbox, By::Basic("web"), &asking("global:Profile.View"), NOW);
    let narrow = narrow.text("access_token").to_owned();
    assert_eq!(profile(&mut sandbox, &narrow, NOW).status, 200);
    assert_eq!(api(&mut sandbox, "GET", "absences", &narrow, "", NOW).error(), (403, "permission-denied"));
    for wide in [ISSUES, "global:Profile.View global:Project.View"] {
        assert_eq!(token(&mut sandbox, By::Basic("web"), &asking(wide), NOW).error(), (400, "invalid_scope"));
    }
    let all = token(&mut sandbox, By::Basic("web"), &asking("**"), NOW).text("access_token").to_owned();
    assert_eq!(api(&mut sandbox, "GET", "absences", &all, "", NOW).status, 200);
    assert_eq!(issue(&mut sandbox, &all).status, 403, "** is all that was granted");
}

#[test]
fn a_refresh_token_is_bound_to_its_client() {
    let (mut sandbox, token_) = rotating(Rotation::Off);
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", &*token_)];
    assert_eq!(token(&mut sandbox, By::Basic("legacy"), &pairs, NOW).error(), (400, "invalid_grant"));
}

/// Revoking takes the access tokens with it, by the sandbox's switch as by Space's API.
#[test]
fn revoking_a_refresh_token_kills_its_access_tokens() {
    let (mut sandbox, first) = rotating(Rotation::Off);
    let access_token = refresh(&mut sandbox, &first, NOW).text("access_token").to_owned();
    assert!(sandbox.revoke_token(&first));
    let refused = profile(&mut sandbox, &access_token, NOW);
    assert_eq!(refused.error(), (401, "authentication-required"));
    assert_eq!(
        refused.text("error_description"),
        "Refresh token associated with the access token is revoked"
    );

    let answer = tokens(&mut sandbox, "alice", &[]);
    let path = "team-directory/profiles/oauth-consents/me/refresh-tokens/self";
    assert_eq!(api(&mut sandbox, "DELETE", path, answer.text("access_token"), "", NOW).status, 200);
    assert_eq!(refresh(&mut sandbox, answer.text("refresh_token"), NOW).error(), (400, "invalid_grant"));
    let bobs = tokens(&mut sandbox, "bob", &[]);
    let alices = tokens(&mut sandbox, "alice", &[]);
    sandbox.revoke_user("bob");
    assert_eq!(profile(&mut sandbox, bobs.text("access_token"), NOW).status, 401);
    assert_eq!(profile(&mut sandbox, alices.text("access_token"), NOW).status, 200);
}
