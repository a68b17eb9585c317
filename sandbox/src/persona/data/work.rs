//! What teams work with.

use crate::persona::{JSON, Offline, Persona, Pkce, Renewed, Revoked, Said, USUAL};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "dropbox",
        pkce: Pkce::Verified,
        scope: "account_info.read files.content.read",
        offline: Offline::Parameter("token_access_type", "offline"),
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"sl.$ACCESS","expires_in":14400,"token_type":"bearer","scope":"account_info.read files.content.read","refresh_token":"$REFRESH","account_id":"dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc","uid":"12345"}"#,
        ),
        revocation: Revoked::Otherwise(
            "a token is ended over the API",
            "https://www.dropbox.com/developers/documentation/http/documentation#auth-token-revoke",
        ),
        api: "https://api.dropboxapi.com/2/users/get_current_account",
        refusal: Said(401, JSON, r#"{"error_summary":"expired_access_token/","error":{".tag":"expired_access_token"}}"#),
        source: "https://developers.dropbox.com/oauth-guide",
        ..USUAL
    },
    // An app with token rotation.
    Persona {
        name: "slack",
        has_commas: true,
        scope: "commands incoming-webhook",
        tokens: Said(
            200,
            JSON,
            r#"{"ok":true,"access_token":"xoxe.xoxb-$ACCESS","token_type":"bot","scope":"commands,incoming-webhook","bot_user_id":"U0KRQLJ9H","app_id":"A0KRD7HC3","expires_in":43200,"refresh_token":"$REFRESH","team":{"name":"Slack Softball Team","id":"T9TK3CUKW"},"enterprise":null,"authed_user":{"id":"U1234"}}"#,
        ),
        dead: Said(200, JSON, r#"{"ok":false,"error":"invalid_refresh_token"}"#),
        used: Said(200, JSON, r#"{"ok":false,"error":"invalid_code"}"#),
        revocation: Revoked::Otherwise(
            "a token is ended over the API",
            "https://docs.slack.dev/reference/methods/auth.revoke",
        ),
        api: "https://slack.com/api/users.identity",
        source: "https://docs.slack.dev/reference/methods/oauth.v2.access",
        ..USUAL
    },
];
