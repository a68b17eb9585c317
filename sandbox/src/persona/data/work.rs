//! What teams work with.

use crate::persona::kind::{Denial, JSON, Offline, Persona, Pkce, Renewed, Revoked, Said, Shows, USUAL};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "airtable",
        client: Shows::Basic,
        pkce: Pkce::Required,
        scope: "data.records:read data.records:write",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","token_type":"Bearer","scope":"data.records:read data.records:write","expires_in":3600,"refresh_expires_in":5184000}"#,
        ),
        denial: Denial::Said("error=access_denied&error_description=The user denied the request"),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://airtable.com/developers/web/api/oauth-reference",
        ),
        api: "https://api.airtable.com/v0/meta/whoami",
        source: "https://airtable.com/developers/web/api/oauth-reference",
        ..USUAL
    },
    Persona {
        name: "asana",
        client: Shows::Body,
        pkce: Pkce::Verified,
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":3600,"token_type":"bearer","data":{"id":4673218951,"name":"Greg Sanchez","email":"gsanchez@example.com"},"refresh_token":"$REFRESH"}"#,
        ),
        denial: Denial::Said("error=access_denied&error_description=The user denied access"),
        api: "https://app.asana.com/api/1.0/users/me",
        source: "https://developers.asana.com/docs/oauth",
        ..USUAL
    },
    Persona {
        name: "atlassian",
        client: Shows::Body,
        wants: &[("audience", "api.atlassian.com"), ("prompt", "consent")],
        scope: "read:jira-work offline_access",
        offline: Offline::Scope("offline_access"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":3600,"token_type":"Bearer","refresh_token":"$REFRESH","scope":"read:jira-work offline_access"}"#,
        ),
        dead: Said(
            403,
            JSON,
            r#"{"error":"unauthorized_client","error_description":"refresh_token is invalid"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/",
        ),
        api: "https://api.atlassian.com/oauth/token/accessible-resources",
        source: "https://github.com/raycast/extensions/issues/11836",
        ..USUAL
    },
    Persona {
        name: "clickup",
        client: Shows::Body,
        offline: Offline::Never(
            "its tokens do not expire",
            "https://developer.clickup.com/docs/authentication",
        ),
        tokens: Said(200, JSON, r#"{"access_token":"$ACCESS"}"#),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developer.clickup.com/docs/authentication",
        ),
        api: "https://api.clickup.com/api/v2/user",
        source: "https://developer.clickup.com/docs/authentication",
        ..USUAL
    },
    Persona {
        name: "harvest",
        client: Shows::Body,
        wants_agent: true,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","token_type":"bearer","expires_in":1209599}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://help.getharvest.com/api-v2/authentication-api/authentication/authentication/",
        ),
        api: "https://id.getharvest.com/api/v2/accounts",
        source: "https://help.getharvest.com/api-v2/authentication-api/authentication/authentication/",
        ..USUAL
    },
    Persona {
        name: "linear",
        has_commas: true,
        pkce: Pkce::Verified,
        scope: "read write",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","expires_in":86399,"scope":"read write","refresh_token":"$REFRESH"}"#,
        ),
        revocation: Revoked::Otherwise(
            "what its endpoint for it takes was not read",
            "https://linear.app/developers/oauth-2-0-authentication",
        ),
        api: "https://api.linear.app/graphql",
        source: "https://linear.app/developers/oauth-2-0-authentication",
        ..USUAL
    },
    Persona {
        name: "monday",
        client: Shows::Body,
        pkce: Pkce::Verified,
        scope: "me:read boards:read",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","token_type":"Bearer","scope":"me:read boards:read"}"#,
        ),
        denial: Denial::Said("error=access_denied&error_description=User denied to authorize the app"),
        api: "https://api.monday.com/v2",
        source: "https://developer.monday.com/apps/docs/migrating-to-the-new-oauth-flow",
        ..USUAL
    },
    Persona {
        name: "notion",
        client: Shows::Basic,
        wants: &[("owner", "user")],
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"bearer","refresh_token":"$REFRESH","bot_id":"b7b9e5f8","duplicated_template_id":null,"owner":{"workspace":true},"workspace_icon":null,"workspace_id":"1a2b","workspace_name":"Demo"}"#,
        ),
        revocation: Revoked::Otherwise(
            "the request is JSON",
            "https://developers.notion.com/reference/revoke-token",
        ),
        api: "https://api.notion.com/v1/users/me",
        refusal: Said(
            401,
            JSON,
            r#"{"object":"error","status":401,"code":"unauthorized","message":"API token is invalid."}"#,
        ),
        source: "https://developers.notion.com/guides/get-started/authorization",
        ..USUAL
    },
    // An app with token rotation, and without PKCE.
    Persona {
        name: "slack",
        pkce: Pkce::Refused(Said(200, JSON, r#"{"ok":false,"error":"pkce_not_allowed"}"#)),
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
    Persona {
        name: "slack-user",
        pkce: Pkce::Refused(Said(200, JSON, r#"{"ok":false,"error":"pkce_not_allowed"}"#)),
        has_commas: true,
        scope: "chat:write search:read",
        tokens: Said(
            200,
            JSON,
            r#"{"ok":true,"app_id":"A0KRD7HC3","access_token":"xoxe.xoxp-$ACCESS","token_type":"user","scope":"chat:write,search:read","expires_in":43200,"refresh_token":"$REFRESH","team":{"id":"T9TK3CUKW"},"enterprise":null,"is_enterprise_install":false}"#,
        ),
        dead: Said(200, JSON, r#"{"ok":false,"error":"invalid_refresh_token"}"#),
        used: Said(200, JSON, r#"{"ok":false,"error":"invalid_code"}"#),
        revocation: Revoked::Otherwise(
            "a token is ended over the API",
            "https://docs.slack.dev/reference/methods/auth.revoke",
        ),
        api: "https://slack.com/api/users.identity",
        source: "https://docs.slack.dev/reference/methods/oauth.v2.user.access",
        ..USUAL
    },
    Persona {
        name: "todoist",
        client: Shows::Body,
        at_revocation: Some(Shows::Basic),
        has_commas: true,
        pkce: Pkce::Verified,
        scope: "data:read data:delete",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","expires_in":3600,"refresh_token":"$REFRESH"}"#,
        ),
        revocation: Revoked::AccessTokens,
        api: "https://api.todoist.com/api/v1/user",
        source: "https://developer.todoist.com/api/v1/#tag/Authorization/OAuth",
        ..USUAL
    },
];
