//! Who tells who people are.

use valetkey_core::server::Endpoint;

use crate::persona::{JSON, Offline, Persona, Pkce, Renewed, Said, USUAL};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "google",
        issuer: Some("https://accounts.google.com"),
        endpoints: &[
            (Endpoint::Authorization, "https://accounts.google.com/o/oauth2/v2/auth"),
            (Endpoint::Revocation, "https://oauth2.googleapis.com/revoke"),
            (Endpoint::Token, "https://oauth2.googleapis.com/token"),
        ],
        pkce: Pkce::Verified,
        scope: "https://www.googleapis.com/auth/drive.metadata.readonly https://www.googleapis.com/auth/calendar.readonly",
        offline: Offline::Parameter("access_type", "offline"),
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":3920,"token_type":"Bearer","scope":"https://www.googleapis.com/auth/drive.metadata.readonly https://www.googleapis.com/auth/calendar.readonly","refresh_token":"$REFRESH"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
        ),
        api: "https://www.googleapis.com/drive/v3/files",
        refusal: Said(
            401,
            JSON,
            r#"{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}"#,
        ),
        source: "https://developers.google.com/identity/protocols/oauth2/web-server",
        ..USUAL
    },
];
