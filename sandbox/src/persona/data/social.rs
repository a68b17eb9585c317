//! Where people talk.

use crate::persona::{JSON, Offline, Persona, Renewed, Said, Shows, USUAL};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "discord",
        scope: "identify connections",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","expires_in":604800,"refresh_token":"$REFRESH","scope":"identify connections"}"#,
        ),
        api: "https://discord.com/api/users/@me",
        refusal: Said(401, JSON, r#"{"message":"401: Unauthorized","code":0}"#),
        source: "https://discord.com/developers/docs/topics/oauth2",
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
        api: "https://oauth.reddit.com/api/v1/me",
        refusal: Said(401, JSON, r#"{"message":"Unauthorized","error":401}"#),
        source: "https://github.com/reddit-archive/reddit/wiki/OAuth2",
        ..USUAL
    },
];
