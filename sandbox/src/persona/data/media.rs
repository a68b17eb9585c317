//! What people listen to and watch.

use crate::persona::kind::{
    Denial, JSON, Offline, Persona, Pkce, Renewed, Revoked, Said, Shows, TOLD, Told, USUAL,
};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "musicbrainz",
        client: Shows::Body,
        wants_agent: true,
        pkce: Pkce::Verified,
        scope: "profile tag",
        offline: Offline::Parameter("access_type", "offline"),
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":3600,"token_type":"Bearer","refresh_token":"$REFRESH"}"#,
        ),
        api: "https://musicbrainz.org/oauth2/userinfo",
        source: "https://musicbrainz.org/doc/Development/OAuth2",
        ..USUAL
    },
    Persona {
        name: "patreon",
        client: Shows::Body,
        wants_agent: true,
        scope: "identity campaigns",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","expires_in":2678400,"scope":"identity campaigns","token_type":"Bearer"}"#,
        ),
        dead: Said(401, JSON, r#"{"error":"invalid_grant"}"#),
        revocation: Revoked::Otherwise("no endpoint for it is documented", "https://docs.patreon.com/#oauth"),
        api: "https://www.patreon.com/api/oauth2/v2/identity",
        source: "https://docs.patreon.com/#oauth",
        ..USUAL
    },
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
    Persona {
        name: "tumblr",
        client: Shows::Body,
        scope: "basic write offline_access",
        offline: Offline::Scope("offline_access"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":2520,"token_type":"bearer","scope":"write offline_access","refresh_token":"$REFRESH"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://www.tumblr.com/docs/en/api/v2#oauth2-authorization",
        ),
        api: "https://api.tumblr.com/v2/user/info",
        source: "https://www.tumblr.com/docs/en/api/v2#oauth2-authorization",
        ..USUAL
    },
    Persona {
        name: "twitch",
        client: Shows::Body,
        scope: "openid channel:moderate chat:edit",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":14124,"refresh_token":"$REFRESH","scope":["openid","channel:moderate","chat:edit"],"token_type":"bearer"}"#,
        ),
        dead: Said(400, JSON, r#"{"error":"Bad Request","status":400,"message":"Invalid refresh token"}"#),
        used: Said(400, JSON, r#"{"status":400,"message":"Invalid authorization code"}"#),
        denial: Denial::Said("error=access_denied&error_description=The user denied you access"),
        identity: Some(Told {
            iss: "https://id.twitch.tv/oauth2",
            sub: "713936733",
            claims: r#"{"preferred_username":"scottw"}"#,
            userinfo: r#"{"preferred_username":"scottw","updated_at":"2026-10-12T20:00:15.000Z"}"#,
            ..TOLD
        }),
        api: "https://api.twitch.tv/helix/users",
        refusal: Said(401, JSON, r#"{"error":"Unauthorized","status":401,"message":"Invalid OAuth token"}"#),
        source: "https://dev.twitch.tv/docs/authentication/refresh-tokens/",
        ..USUAL
    },
    Persona {
        name: "vimeo",
        client: Shows::Basic,
        scope: "public private",
        offline: Offline::Never("its tokens do not expire", "https://developer.vimeo.com/api/authentication"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"bearer","scope":"public private","app":{"name":"demo"},"user":{"name":"Alice"}}"#,
        ),
        revocation: Revoked::Otherwise(
            "a token is deleted over the API",
            "https://developer.vimeo.com/api/reference/authentication-extras",
        ),
        api: "https://api.vimeo.com/me",
        source: "https://developer.vimeo.com/api/authentication",
        ..USUAL
    },
];
