//! Who and what is on the stage: the applications and the API of the examples.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::KeyPair;
use serde_json::{Value, json};
use valetkey_core::terms::CertificateThumbprint;

use crate::{Application, DEMO_USERS, FlowKind, Rights, Sandbox, User};

/// What pages call the user.
pub(super) const ALICE: &str = "Alice Archer";

/// The secret of the confidential applications.
const SECRET: &str = "client-secret";

/// What is served on the stage: where, for which right, and what.
const SERVED: [(&str, &str); 5] = [
    ("https://api.example/me", "profile"),
    ("https://api.example/orders", "orders:read"),
    ("https://api.github.com/user", "read:user"),
    ("https://graph.microsoft.com/v1.0/me", "User.Read"),
    (
        "https://www.googleapis.com/calendar/v3/users/me/calendarList",
        "https://www.googleapis.com/auth/calendar.readonly",
    ),
];

/// The demo's users, with the applications and the API that the examples have.
pub(super) fn cast(thumbprint: &CertificateThumbprint, key: &KeyPair) -> Sandbox {
    let mut sandbox = Sandbox::standard([0; 32], "https://login.example");
    // With every right, as Alice: what fails then, fails for what he does.
    let [_, (bob, password)] = DEMO_USERS;
    sandbox.add_user(User::new(bob, password).display_name("Bob Baker"));
    let settings = sandbox.settings_mut();
    settings.filled_in = Some("alice".to_owned());
    settings.device_interval = Duration::from_secs(1);
    for application in [
        Application::public("client-id")
            .flow(FlowKind::AuthorizationCode)
            .flow(FlowKind::Device)
            .without_flow(FlowKind::Password)
            .loopback("/callback")
            .may_request(Rights::All),
        Application::confidential("web-id", SECRET)
            .flow(FlowKind::AuthorizationCode)
            .without_flow(FlowKind::Password)
            .loopback("/callback")
            .loopback("/callback/staff")
            .loopback("/callback/guests")
            .may_request(Rights::All),
        Application::confidential("service-id", SECRET)
            .flow(FlowKind::TokenExchange)
            .flow(FlowKind::JwtBearer)
            .without_flow(FlowKind::Password)
            .authorized(Rights::All),
        Application::with_keys("signing-id", &jwks(key)).authorized(Rights::All),
        Application::with_certificate("certified-id", thumbprint.as_str()).authorized(Rights::All),
    ] {
        sandbox.add_application(application);
    }
    for (url, right) in SERVED {
        let document = match right {
            "orders:read" => json!([{ "order": 1, "of": "a valet key" }]),
            _ => json!({ "id": "1001", "name": ALICE }),
        };
        sandbox.serve(url, right, document);
    }
    sandbox
}

/// The public part of a key for ES256: the two coordinates of a point, after a byte that says so (SEC 1 §2.3.3).
fn jwks(key: &KeyPair) -> Value {
    let point = key.public_key_raw();
    let coordinate = |from: usize| URL_SAFE_NO_PAD.encode(point.get(from..from + 32).unwrap_or_default());
    json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": coordinate(1), "y": coordinate(33) }] })
}
