//! What people sell and pay with.

use valetkey_core::server::Endpoint;

use crate::persona::kind::{
    Denial, JSON, Offline, Persona, Pkce, Renewed, Revoked, Said, Shows, TOLD, Told, USUAL,
};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "ebay",
        client: Shows::Basic,
        scope: "https://api.ebay.com/oauth/api_scope https://api.ebay.com/oauth/api_scope/sell.inventory",
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"v^1.1#$ACCESS","expires_in":7200,"refresh_token":"$REFRESH","refresh_token_expires_in":47304000,"token_type":"User Access Token"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"the provided authorization refresh token is invalid or was issued to another client"}"#,
        ),
        used: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"the provided authorization grant code is invalid or was issued to another client"}"#,
        ),
        denial: Denial::Elsewhere(
            "the browser goes to another URL, which is registered for the person's no",
            "https://developer.ebay.com/api-docs/static/oauth-redirect-uri.html",
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developer.ebay.com/api-docs/static/oauth-authorization-code-grant.html",
        ),
        api: "https://api.ebay.com/sell/inventory/v1/inventory_item",
        source: "https://developer.ebay.com/api-docs/static/oauth-authorization-code-grant.html",
        ..USUAL
    },
    Persona {
        name: "etsy",
        client: Shows::Identifier,
        pkce: Pkce::Required,
        scope: "listings_r shops_r",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"12345678.$ACCESS","token_type":"Bearer","expires_in":3600,"refresh_token":"$REFRESH"}"#,
        ),
        dead: Said(400, JSON, r#"{"error":"invalid_grant","error_description":"refresh_token is revoked"}"#),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developers.etsy.com/documentation/essentials/authentication/",
        ),
        api: "https://openapi.etsy.com/v3/application/users/me",
        refusal: Said(
            401,
            JSON,
            r#"{"error":"invalid_token","error_description":"access token is expired"}"#,
        ),
        source: "https://developers.etsy.com/documentation/essentials/authentication/",
        ..USUAL
    },
    Persona {
        name: "hubspot",
        client: Shows::Body,
        scope: "crm.objects.contacts.read oauth",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"token_type":"bearer","refresh_token":"$REFRESH","access_token":"$ACCESS","expires_in":1800}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token","correlationId":"4"}"#,
        ),
        api: "https://api.hubapi.com/crm/v3/objects/contacts",
        refusal: Said(
            401,
            JSON,
            r#"{"status":"error","message":"The OAuth token used to make this call expired.","category":"EXPIRED_AUTHENTICATION"}"#,
        ),
        source: "https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide",
        ..USUAL
    },
    Persona {
        name: "intuit",
        scope: "com.intuit.quickbooks.accounting",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"token_type":"bearer","expires_in":3600,"refresh_token":"$REFRESH","x_refresh_token_expires_in":8726400,"access_token":"$ACCESS"}"#,
        ),
        denial: Denial::Said("error=access_denied"),
        api: "https://quickbooks.api.intuit.com/v3/company/1/companyinfo/1",
        source: "https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0",
        ..USUAL
    },
    Persona {
        name: "mailchimp",
        client: Shows::Body,
        offline: Offline::Never(
            "its tokens do not expire",
            "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/",
        ),
        tokens: Said(200, JSON, r#"{"access_token":"$ACCESS","expires_in":0,"scope":null}"#),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/",
        ),
        api: "https://us1.api.mailchimp.com/3.0/ping",
        source: "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/",
        ..USUAL
    },
    Persona {
        name: "paypal",
        client: Shows::Basic,
        scope: "openid email",
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"scope":"openid email","access_token":"$ACCESS","token_type":"Bearer","expires_in":28800,"refresh_token":"$REFRESH","nonce":"2024-01-01T00:00:00Z"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developer.paypal.com/docs/log-in-with-paypal/integrate/",
        ),
        api: "https://api-m.paypal.com/v1/identity/openidconnect/userinfo",
        source: "https://developer.paypal.com/docs/log-in-with-paypal/integrate/",
        ..USUAL
    },
    Persona {
        name: "pipedrive",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","refresh_token":"$REFRESH","scope":"deals:full,users:read","expires_in":3599,"api_domain":"https://demo.pipedrive.com"}"#,
        ),
        denial: Denial::Said("error=user_denied"),
        api: "https://demo.pipedrive.com/api/v1/users/me",
        source: "https://pipedrive.readme.io/docs/marketplace-oauth-authorization",
        ..USUAL
    },
    Persona {
        name: "salesforce",
        issuer: Some("https://login.salesforce.com"),
        endpoints: &[
            (Endpoint::Authorization, "https://login.salesforce.com/services/oauth2/authorize"),
            (Endpoint::Revocation, "https://login.salesforce.com/services/oauth2/revoke"),
            (Endpoint::Token, "https://login.salesforce.com/services/oauth2/token"),
            (Endpoint::Jwks, "https://login.salesforce.com/id/keys"),
            (Endpoint::Userinfo, "https://login.salesforce.com/services/oauth2/userinfo"),
        ],
        pkce: Pkce::Verified,
        scope: "openid api refresh_token",
        offline: Offline::Scope("refresh_token"),
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","signature":"SSSbLO","scope":"openid refresh_token api","instance_url":"https://demo.my.salesforce.com","id":"https://login.salesforce.com/id/00Dx0000000BV7z/005x00000012Q9P","token_type":"Bearer","issued_at":"1278448384422"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#,
        ),
        used: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"expired authorization code"}"#,
        ),
        denial: Denial::Said("error=access_denied&error_description=end-user denied authorization"),
        identity: Some(Told {
            iss: "https://login.salesforce.com",
            sub: "https://login.salesforce.com/id/00Dx0000000BV7z/005x00000012Q9P",
            userinfo: r#"{"user_id":"005x00000012Q9P","organization_id":"00Dx0000000BV7z","preferred_username":"alice@example.com","email_verified":true,"email":"alice@example.com"}"#,
            ..TOLD
        }),
        api: "https://demo.my.salesforce.com/services/data",
        refusal: Said(
            401,
            JSON,
            r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
        ),
        source: "https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm",
        ..USUAL
    },
    Persona {
        name: "stripe",
        client: Shows::Body,
        scope: "read_write",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"sk_test_$ACCESS","livemode":false,"refresh_token":"$REFRESH","token_type":"bearer","stripe_publishable_key":"pk_test_1","stripe_user_id":"acct_1","scope":"read_write"}"#,
        ),
        denial: Denial::Said("error=access_denied&error_description=The user denied your request"),
        revocation: Revoked::Otherwise(
            "an account is disconnected by an endpoint of its own",
            "https://docs.stripe.com/connect/oauth-reference#post-deauthorize",
        ),
        api: "https://api.stripe.com/v1/account",
        source: "https://docs.stripe.com/connect/oauth-reference",
        ..USUAL
    },
    Persona {
        name: "xero",
        issuer: Some("https://identity.xero.com"),
        endpoints: &[
            (Endpoint::Authorization, "https://login.xero.com/identity/connect/authorize"),
            (Endpoint::Revocation, "https://identity.xero.com/connect/revocation"),
            (Endpoint::Token, "https://identity.xero.com/connect/token"),
            (Endpoint::Jwks, "https://identity.xero.com/.well-known/openid-configuration/jwks"),
            (Endpoint::Userinfo, "https://identity.xero.com/connect/userinfo"),
        ],
        pkce: Pkce::Verified,
        scope: "openid accounting.transactions offline_access",
        offline: Offline::Scope("offline_access"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":1800,"token_type":"Bearer","refresh_token":"$REFRESH","scope":"openid accounting.transactions offline_access"}"#,
        ),
        identity: Some(Told {
            iss: "https://identity.xero.com",
            sub: "7f5e6c4a2d1b4c7f9a0e3d2c1b0a9f8e",
            claims: r#"{"xero_userid":"bd7f1c0e-6d2a-4c1b-8a3f-1f2e3d4c5b6a","preferred_username":"alice@example.com"}"#,
            ..TOLD
        }),
        api: "https://api.xero.com/connections",
        source: "https://developer.xero.com/documentation/guides/oauth2/auth-flow",
        ..USUAL
    },
    Persona {
        name: "zoho",
        client: Shows::Body,
        has_commas: true,
        scope: "ZohoCRM.users.READ ZohoCRM.modules.READ",
        offline: Offline::Parameter("access_type", "offline"),
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","api_domain":"https://www.zohoapis.com","token_type":"Bearer","expires_in":3600}"#,
        ),
        dead: Said(200, JSON, r#"{"error":"invalid_code"}"#),
        used: Said(200, JSON, r#"{"error":"invalid_code"}"#),
        denial: Denial::Said("error=access_denied"),
        api: "https://www.zohoapis.com/crm/v6/users",
        refusal: Said(
            401,
            JSON,
            r#"{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}"#,
        ),
        source: "https://www.zoho.com/contracts/api/getting-started/refreshing-access-tokens.html",
        ..USUAL
    },
];
