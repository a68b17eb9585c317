//! Where documents, meetings and files are.

use crate::ground::endpoint::Endpoint::{Authorization, DeviceAuthorization, Revocation, Token};
use crate::ground::quirk::Quirk;
use crate::server::profile::kind::{BLANK, Profile};

pub(super) const PROFILES: &[Profile] = &[
    Profile::BOX,
    Profile::CALENDLY,
    Profile::CANVA,
    Profile::DOCUSIGN,
    Profile::DROPBOX,
    Profile::TYPEFORM,
    Profile::WEBEX,
    Profile::ZOOM,
];

impl Profile {
    /// Box.
    pub const BOX: Self = Self {
        name: "box",
        title: "Box",
        endpoints: &[
            (Authorization, "https://account.box.com/api/oauth2/authorize"),
            (Revocation, "https://api.box.com/oauth2/revoke"),
            (Token, "https://api.box.com/oauth2/token"),
        ],
        methods: &["client_secret_post"],
        remark: "the scope is set where the application is registered; a refresh token is good once, and for 60 days",
        source: "https://developer.box.com/reference/post-oauth2-token/",
        ..BLANK
    };

    /// Calendly.
    pub const CALENDLY: Self = Self {
        name: "calendly",
        title: "Calendly",
        endpoints: &[
            (Authorization, "https://auth.calendly.com/oauth/authorize"),
            (Revocation, "https://auth.calendly.com/oauth/revoke"),
            (Token, "https://auth.calendly.com/oauth/token"),
        ],
        methods: &["client_secret_basic", "none"],
        revocation_methods: &["client_secret_post"],
        has_pkce: true,
        remark: "the redirect URI is https, in the sandbox `http://localhost` too; scopes are needed by what was registered since March 2026; a refresh token is good once",
        source: "https://developer.calendly.com/creating-an-oauth-app",
        ..BLANK
    };

    /// Canva.
    pub const CANVA: Self = Self {
        name: "canva",
        title: "Canva",
        endpoints: &[
            (Authorization, "https://www.canva.com/api/oauth/authorize"),
            (Revocation, "https://api.canva.com/rest/v1/oauth/revoke"),
            (Token, "https://api.canva.com/rest/v1/oauth/token"),
        ],
        methods: &["client_secret_basic", "client_secret_post"],
        has_pkce: true,
        remark: "the redirect URI is https, or has 127.0.0.1, not `localhost`; PKCE is required; a refresh token is good once",
        source: "https://www.canva.dev/docs/connect/authentication/",
        ..BLANK
    };

    /// DocuSign.
    pub const DOCUSIGN: Self = Self {
        name: "docusign",
        title: "DocuSign",
        endpoints: &[
            (Authorization, "https://account.docusign.com/oauth/auth"),
            (Token, "https://account.docusign.com/oauth/token"),
        ],
        methods: &["client_secret_basic", "client_secret_post", "none"],
        has_pkce: true,
        remark: "the developer environment is at account-d.docusign.com; a refresh token lasts longer for the scope `extended`; its metadata spell the method of PKCE `s256` (AQ-3), so the endpoints are fixed",
        source: "https://developers.docusign.com/platform/auth/authcode",
        ..BLANK
    };

    /// Dropbox.
    pub const DROPBOX: Self = Self {
        name: "dropbox",
        title: "Dropbox",
        endpoints: &[
            (Authorization, "https://www.dropbox.com/oauth2/authorize"),
            (Token, "https://api.dropboxapi.com/oauth2/token"),
        ],
        parameters: &[("token_access_type", "offline")],
        methods: &["client_secret_basic", "client_secret_post", "none"],
        has_pkce: true,
        remark: "the redirect URI is https or of `localhost`, and is compared whole; the refresh token is not replaced when it is used",
        source: "https://developers.dropbox.com/oauth-guide",
        ..BLANK
    };

    /// Typeform.
    pub const TYPEFORM: Self = Self {
        name: "typeform",
        title: "Typeform",
        endpoints: &[
            (Authorization, "https://api.typeform.com/oauth/authorize"),
            (Token, "https://api.typeform.com/oauth/token"),
        ],
        methods: &["client_secret_post"],
        remark: "a refresh token comes for the scope `offline`, and is good once",
        source: "https://www.typeform.com/developers/get-started/applications/",
        ..BLANK
    };

    /// Webex.
    pub const WEBEX: Self = Self {
        name: "webex",
        title: "Webex",
        endpoints: &[
            (Authorization, "https://webexapis.com/v1/authorize"),
            (Token, "https://webexapis.com/v1/access_token"),
        ],
        quirks: &[(Quirk::NoTokenType, "https://developer.webex.com/docs/integrations")],
        methods: &["client_secret_basic", "client_secret_post"],
        has_pkce: true,
        remark: "its metadata names another issuer in each region (DI-4), so the endpoints are fixed; a device login polls an endpoint of its own, and is not met",
        source: "https://developer.webex.com/docs/integrations",
        ..BLANK
    };

    /// Zoom.
    pub const ZOOM: Self = Self {
        name: "zoom",
        title: "Zoom",
        endpoints: &[
            (Authorization, "https://zoom.us/oauth/authorize"),
            (DeviceAuthorization, "https://zoom.us/oauth/devicecode"),
            (Revocation, "https://zoom.us/oauth/revoke"),
            (Token, "https://zoom.us/oauth/token"),
        ],
        methods: &["client_secret_basic", "none"],
        means: &[("reason", "Invalid Token!", "invalid_grant")],
        has_pkce: true,
        remark: "a public client is turned on where the application is registered, has an identifier of its own, and may have any port of 127.0.0.1; a device login needs the secret; an application of the kind server-to-server has the grant `account_credentials`, with `account_id`",
        source: "https://developers.zoom.us/docs/integrations/oauth/",
        ..BLANK
    };
}
