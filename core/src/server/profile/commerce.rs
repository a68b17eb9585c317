//! What people sell and pay with.

use crate::ground::endpoint::Endpoint::{Authorization, Revocation, Token};
use crate::ground::quirk::Quirk;
use crate::server::profile::kind::{BLANK, Profile};

pub(super) const PROFILES: &[Profile] = &[
    Profile::EBAY,
    Profile::ETSY,
    Profile::HUBSPOT,
    Profile::INTUIT,
    Profile::MAILCHIMP,
    Profile::PAYPAL,
    Profile::PIPEDRIVE,
    Profile::SALESFORCE,
    Profile::STRIPE,
    Profile::XERO,
    Profile::ZOHO,
];

impl Profile {
    /// eBay.
    pub const EBAY: Self = Self {
        name: "ebay",
        title: "eBay",
        endpoints: &[
            (Authorization, "https://auth.ebay.com/oauth2/authorize"),
            (Token, "https://api.ebay.com/identity/v1/oauth2/token"),
        ],
        quirks: &[
            (Quirk::UnusualRedirectUri, "https://developer.ebay.com/api-docs/static/oauth-redirect-uri.html"),
            (
                Quirk::AnyTokenType,
                "https://developer.ebay.com/api-docs/static/oauth-auth-code-grant-request.html",
            ),
        ],
        methods: &["client_secret_basic"],
        remark: "the redirect URI is a name that is registered (RuName); the person's no goes to another URL, registered as such",
        source: "https://developer.ebay.com/api-docs/static/oauth-authorization-code-grant.html",
        ..BLANK
    };

    /// Etsy.
    pub const ETSY: Self = Self {
        name: "etsy",
        title: "Etsy",
        endpoints: &[
            (Authorization, "https://www.etsy.com/oauth/connect"),
            (Token, "https://api.etsy.com/v3/public/oauth/token"),
        ],
        methods: &["none"],
        has_pkce: true,
        remark: "the client identifier is the API key, and goes without a secret; PKCE is required; the redirect URI is https; a refresh token is good once, within 90 days; its API wants the key in the header `x-api-key`, too",
        source: "https://developers.etsy.com/documentation/essentials/authentication/",
        ..BLANK
    };

    /// HubSpot.
    pub const HUBSPOT: Self = Self {
        name: "hubspot",
        title: "HubSpot",
        endpoints: &[
            (Authorization, "https://app.hubspot.com/oauth/authorize"),
            (Revocation, "https://api.hubapi.com/oauth/v3/token/revoke"),
            (Token, "https://api.hubapi.com/oauth/v3/token"),
        ],
        methods: &["client_secret_post"],
        means: &[("status", "BAD_REFRESH_TOKEN", "invalid_grant")],
        remark: "the refresh token stays the same; these are the endpoints of version 3, and those of version 1 go in February 2027",
        source: "https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide",
        ..BLANK
    };

    /// Intuit, for QuickBooks Online.
    pub const INTUIT: Self = Self {
        name: "intuit",
        title: "Intuit (QuickBooks)",
        endpoints: &[
            (Authorization, "https://appcenter.intuit.com/connect/oauth2"),
            (Revocation, "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"),
            (Token, "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"),
        ],
        methods: &["client_secret_basic", "client_secret_post"],
        remark: "the redirect has the company as `realmId`; a refresh token is replaced once a day, and lasts five years at most",
        source: "https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0",
        ..BLANK
    };

    /// Mailchimp.
    pub const MAILCHIMP: Self = Self {
        name: "mailchimp",
        title: "Mailchimp",
        endpoints: &[
            (Authorization, "https://login.mailchimp.com/oauth2/authorize"),
            (Token, "https://login.mailchimp.com/oauth2/token"),
        ],
        quirks: &[
            (
                Quirk::ZeroLifetime,
                "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/",
            ),
            (
                Quirk::NoTokenType,
                "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/",
            ),
            (Quirk::NullMember, "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/"),
        ],
        methods: &["client_secret_post"],
        remark: "its tokens do not expire; the API is at the data centre that login.mailchimp.com/oauth2/metadata names",
        source: "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/",
        ..BLANK
    };

    /// PayPal.
    pub const PAYPAL: Self = Self {
        name: "paypal",
        title: "PayPal",
        endpoints: &[
            (Authorization, "https://www.paypal.com/signin/authorize"),
            (Token, "https://api-m.paypal.com/v1/oauth2/token"),
        ],
        quirks: &[(
            Quirk::NoIdToken,
            "https://github.com/openiddict/openiddict-core/blob/dev/src/OpenIddict.Client.WebIntegration/OpenIddictClientWebIntegrationHandlers.cs",
        )],
        methods: &["client_secret_basic"],
        remark: "the scope `openid` is required; the sandbox is at www.sandbox.paypal.com and api-m.sandbox.paypal.com",
        source: "https://developer.paypal.com/docs/log-in-with-paypal/integrate/",
        ..BLANK
    };

    /// Pipedrive.
    pub const PIPEDRIVE: Self = Self {
        name: "pipedrive",
        title: "Pipedrive",
        endpoints: &[
            (Authorization, "https://oauth.pipedrive.com/oauth/authorize"),
            (Revocation, "https://oauth.pipedrive.com/oauth/revoke"),
            (Token, "https://oauth.pipedrive.com/oauth/token"),
        ],
        quirks: &[(
            Quirk::ScopeWithCommas,
            "https://pipedrive.readme.io/docs/marketplace-oauth-authorization",
        )],
        methods: &["client_secret_basic", "client_secret_post"],
        means: &[("error", "user_denied", "access_denied")],
        remark: "the scope is set where the application is registered; the refresh token stays the same, and ends when it is not used for 60 days; the API is at the `api_domain` of the answer",
        source: "https://pipedrive.readme.io/docs/marketplace-oauth-authorization",
        ..BLANK
    };

    /// Salesforce. With the scope `openid` it tells who logged in.
    pub const SALESFORCE: Self = Self {
        name: "salesforce",
        title: "Salesforce",
        issuer: "`https://login.salesforce.com`, or `https://DOMAIN.my.salesforce.com`",
        is_openid: true,
        has_pkce: true,
        remark: "a refresh token comes for the scope `refresh_token`, and is replaced at each use where the application has that turned on; the API is at the `instance_url` of the answer",
        source: "https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm",
        ..BLANK
    };

    /// Stripe Connect.
    pub const STRIPE: Self = Self {
        name: "stripe",
        title: "Stripe Connect",
        endpoints: &[
            (Authorization, "https://connect.stripe.com/oauth/authorize"),
            (Token, "https://connect.stripe.com/oauth/token"),
        ],
        methods: &["client_secret_post"],
        remark: "the secret is the API key; in live mode the redirect URI is https; an authorization is ended at /oauth/deauthorize",
        source: "https://docs.stripe.com/connect/oauth-reference",
        ..BLANK
    };

    /// Xero. With the scope `openid` it tells who logged in.
    pub const XERO: Self = Self {
        name: "xero",
        title: "Xero",
        issuer: "`https://identity.xero.com`",
        is_openid: true,
        has_pkce: true,
        remark: "its authorization endpoint is on another origin than its issuer (DI-7); a refresh token comes for the scope `offline_access`, and is replaced at each use: the old one works for 30 minutes more",
        source: "https://developer.xero.com/documentation/guides/oauth2/auth-flow",
        ..BLANK
    };

    /// Zoho.
    pub const ZOHO: Self = Self {
        name: "zoho",
        title: "Zoho",
        endpoints: &[
            (Authorization, "https://accounts.zoho.com/oauth/v2/auth"),
            (Revocation, "https://accounts.zoho.com/oauth/v2/token/revoke"),
            (Token, "https://accounts.zoho.com/oauth/v2/token"),
        ],
        parameters: &[("access_type", "offline")],
        methods: &["client_secret_post"],
        means: &[("error", "invalid_code", "invalid_grant")],
        has_commas: true,
        remark: "each region has an accounts server of its own; a refresh token comes at a person's first yes only: `prompt=consent` asks again; errors come with status 200",
        source: "https://www.zoho.com/accounts/protocol/oauth.html",
        ..BLANK
    };
}
