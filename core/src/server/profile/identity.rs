//! Who tells who people are.

use super::{BLANK, Profile};
use crate::ground::quirk::Quirk;

pub(super) const PROFILES: &[Profile] = &[
    Profile::AUTH0,
    Profile::ENTRA,
    Profile::GOOGLE,
    Profile::KEYCLOAK,
    Profile::OKTA,
];

impl Profile {
    /// Auth0.
    pub const AUTH0: Self = Self {
        name: "auth0",
        title: "Auth0",
        issuer: "`https://TENANT.REGION.auth0.com/`",
        has_pkce: true,
        remark: "the slash at the end belongs to the issuer; an API is named by the parameter `audience`; a refresh token comes for `offline_access`",
        source: "https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery",
        ..BLANK
    };

    /// Microsoft Entra ID.
    pub const ENTRA: Self = Self {
        name: "entra",
        title: "Microsoft Entra ID",
        issuer: "`https://login.microsoftonline.com/TENANT-ID/v2.0`",
        has_pkce: true,
        remark: "a tenant's identifier and no name of it, nor `common`: their metadata names another issuer (DI-4); a refresh token comes for `offline_access`",
        source: "https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc",
        ..BLANK
    };

    /// Google.
    pub const GOOGLE: Self = Self {
        name: "google",
        title: "Google",
        issuer: "`https://accounts.google.com`",
        quirks: &[(
            Quirk::VerificationUrl,
            "https://developers.google.com/identity/protocols/oauth2/limited-input-device",
        )],
        parameters: &[("access_type", "offline")],
        has_pkce: true,
        remark: "its endpoints are on other origins than its issuer (DI-7); a refresh token comes at a person's first yes only: `prompt=consent` asks again",
        source: "https://developers.google.com/identity/protocols/oauth2/web-server",
        ..BLANK
    };

    /// Keycloak.
    pub const KEYCLOAK: Self = Self {
        name: "keycloak",
        title: "Keycloak",
        issuer: "`https://HOST/realms/REALM`",
        has_pkce: true,
        remark: "the realm is part of the issuer; before version 17 a path `/auth` was too",
        source: "https://www.keycloak.org/securing-apps/oidc-layers",
        ..BLANK
    };

    /// Okta, with a custom authorization server or the organization's.
    pub const OKTA: Self = Self {
        name: "okta",
        title: "Okta",
        issuer: "`https://DOMAIN/oauth2/SERVER`, or `https://DOMAIN`",
        has_pkce: true,
        remark: "each authorization server of a domain is an issuer of its own; a refresh token comes for `offline_access`",
        source: "https://developer.okta.com/docs/concepts/auth-servers/",
        ..BLANK
    };
}
