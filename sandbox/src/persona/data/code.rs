//! Where code is kept.

use crate::persona::{JSON, Persona, Pkce, Revoked, Said, Shows, USUAL};

pub(super) const ALL: &[Persona] = &[
    // A GitHub App whose user tokens expire.
    Persona {
        name: "github",
        client: Shows::Body,
        pkce: Pkce::Verified,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"ghu_$ACCESS","expires_in":28800,"refresh_token":"$REFRESH","refresh_token_expires_in":15897600,"scope":"","token_type":"bearer"}"#,
        ),
        dead: Said(
            200,
            JSON,
            r#"{"error":"bad_refresh_token","error_description":"The refresh token passed is incorrect or expired."}"#,
        ),
        used: Said(
            200,
            JSON,
            r#"{"error":"bad_verification_code","error_description":"The code passed is incorrect or expired."}"#,
        ),
        wants_agent: true,
        revocation: Revoked::Otherwise(
            "a token is deleted over the API",
            "https://docs.github.com/en/rest/apps/oauth-applications",
        ),
        api: "https://api.github.com/user",
        refusal: Said(401, JSON, r#"{"message":"Bad credentials","status":"401"}"#),
        source: "https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens",
        ..USUAL
    },
];
