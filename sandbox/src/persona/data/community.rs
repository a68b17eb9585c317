//! What people write and run together.

use valetkey_core::server::Endpoint;

use crate::persona::kind::{Denial, JSON, Offline, Persona, Pkce, Renewed, Revoked, Said, Shows, USUAL};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "discord",
        iss: Some("https://discord.com"),
        pkce: Pkce::Verified,
        scope: "identify connections",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","expires_in":604800,"refresh_token":"$REFRESH","scope":"identify connections"}"#,
        ),
        used: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"Invalid \"code\" in request."}"#,
        ),
        api: "https://discord.com/api/users/@me",
        refusal: Said(401, JSON, r#"{"message":"401: Unauthorized","code":0}"#),
        source: "https://discord.com/developers/docs/topics/oauth2",
        ..USUAL
    },
    Persona {
        name: "mastodon",
        issuer: Some("https://mastodon.example/"),
        endpoints: &[
            (Endpoint::Authorization, "https://mastodon.example/oauth/authorize"),
            (Endpoint::Revocation, "https://mastodon.example/oauth/revoke"),
            (Endpoint::Token, "https://mastodon.example/oauth/token"),
        ],
        pkce: Pkce::Verified,
        scope: "read write",
        offline: Offline::Never("its tokens do not expire", "https://docs.joinmastodon.org/methods/oauth/"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","scope":"read write","created_at":1573979017}"#,
        ),
        used: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client."}"#,
        ),
        denial: Denial::Said(
            "error=access_denied&error_description=The resource owner or authorization server denied the request.",
        ),
        api: "https://mastodon.example/api/v1/accounts/verify_credentials",
        source: "https://docs.joinmastodon.org/methods/oauth/",
        ..USUAL
    },
    Persona {
        name: "meetup",
        client: Shows::Body,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"bearer","expires_in":3600,"refresh_token":"$REFRESH"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://www.meetup.com/graphql/authentication/",
        ),
        api: "https://api.meetup.com/gql-ext",
        source: "https://www.meetup.com/graphql/authentication/",
        ..USUAL
    },
    Persona {
        name: "reddit",
        client: Shows::Basic,
        wants_agent: true,
        scope: "identity read",
        offline: Offline::Parameter("duration", "permanent"),
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"bearer","expires_in":3600,"scope":"identity read","refresh_token":"$REFRESH"}"#,
        ),
        dead: Said(400, JSON, r#"{"message":"Bad Request","error":400}"#),
        api: "https://oauth.reddit.com/api/v1/me",
        refusal: Said(401, JSON, r#"{"message":"Unauthorized","error":401}"#),
        source: "https://github.com/reddit-archive/reddit/wiki/OAuth2",
        ..USUAL
    },
    Persona {
        name: "wikimedia",
        client: Shows::Body,
        pkce: Pkce::Verified,
        wants_agent: true,
        tokens: Said(
            200,
            JSON,
            r#"{"token_type":"Bearer","expires_in":14400,"access_token":"$ACCESS","refresh_token":"$REFRESH"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://api.wikimedia.org/wiki/Authentication",
        ),
        api: "https://meta.wikimedia.org/w/rest.php/oauth2/resource/profile",
        source: "https://api.wikimedia.org/wiki/Authentication",
        ..USUAL
    },
    Persona {
        name: "wordpress",
        client: Shows::Body,
        offline: Offline::Never("its tokens do not expire", "https://developer.wordpress.com/docs/oauth2/"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","blog_id":"1","blog_url":"https://blog.example","token_type":"bearer","scope":""}"#,
        ),
        denial: Denial::Said("error=access_denied&error_description=User denied access"),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developer.wordpress.com/docs/oauth2/",
        ),
        api: "https://public-api.wordpress.com/rest/v1/me",
        source: "https://developer.wordpress.com/docs/oauth2/",
        ..USUAL
    },
];
