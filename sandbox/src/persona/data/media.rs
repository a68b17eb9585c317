//! What people listen to and watch.

use crate::persona::{JSON, Persona, Pkce, Renewed, Revoked, Said, Shows, USUAL};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "spotify",
        client: Shows::Basic,
        pkce: Pkce::Verified,
        scope: "user-read-private user-read-email",
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","scope":"user-read-private user-read-email","expires_in":3600,"refresh_token":"$REFRESH"}"#,
        ),
        dead: Said(400, JSON, r#"{"error":"invalid_grant","error_description":"Refresh token revoked"}"#),
        revocation: Revoked::Otherwise(
            "the person takes back what was allowed",
            "https://developer.spotify.com/documentation/web-api/concepts/access-token",
        ),
        api: "https://api.spotify.com/v1/me",
        refusal: Said(401, JSON, r#"{"error":{"status":401,"message":"The access token expired"}}"#),
        source: "https://developer.spotify.com/documentation/web-api/tutorials/code-flow",
        ..USUAL
    },
];
