//! Servers that people meet, as data: [`Profile`].

use std::str::FromStr;

use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse};
use crate::ground::quirk::{Quirk, Quirks};
use crate::server::AuthorizationServer;
use crate::server::discovery::Discovery;

macro_rules! profiles {
    ($($(#[$doc:meta])+ $constant:ident {
        name: $name:literal,
        title: $title:literal,
        issuer: $issuer:literal,
        endpoints: [$($endpoint:ident $url:literal),* $(,)?],
        quirks: [$($quirk:ident $source:literal),* $(,)?],
        remark: $remark:literal,
        source: $page:literal,
    })+) => {
        /// A family of servers: where it is found, and which quirks it is met with, each with the page that says so.
        ///
        /// A profile is data and nothing more: whatever it admits, any server may be met with. A quirk comes in only with
        /// a page of the server's own that shows it, and a rule that it bends by name.
        ///
        /// | servers | issuer | admitted | to know | source |
        /// |---|---|---|---|---|
        $(#[doc = concat!(
            "| ", $title, " | ", $issuer, " | ", $("[`", stringify!($quirk), "`](Quirk::", stringify!($quirk), ") ",)*
            "| ", $remark, " | [page](", $page, ") |"
        )])+
        ///
        /// ```
        /// use valetkey_core::Client;
        /// use valetkey_core::server::Profile;
        ///
        /// let server = Profile::GITHUB.server().expect("GitHub's endpoints are fixed");
        /// let client = Client::new(server, "Iv1.8a61f9b3a7aba766").api("https://api.github.com")?;
        /// # let _ = client;
        /// # Ok::<(), valetkey_core::Error>(())
        /// ```
        ///
        /// and where a family publishes metadata, its issuer leads there:
        ///
        /// ```
        /// use valetkey_core::server::Profile;
        ///
        /// let flow = Profile::AUTH0.discovery("https://tenant.eu.auth0.com/")?;
        /// # let _ = flow;
        /// # Ok::<(), valetkey_core::Error>(())
        /// ```
        #[derive(Clone, Copy, Debug)]
        pub struct Profile {
            name: &'static str,
            title: &'static str,
            issuer: &'static str,
            endpoints: &'static [(Endpoint, &'static str)],
            quirks: &'static [(Quirk, &'static str)],
            remark: &'static str,
            source: &'static str,
        }

        impl Profile {
            $($(#[$doc])+ pub const $constant: Self = Self {
                name: $name,
                title: $title,
                issuer: $issuer,
                endpoints: &[$((Endpoint::$endpoint, $url)),*],
                quirks: &[$((Quirk::$quirk, $source)),*],
                remark: $remark,
                source: $page,
            };)+

            /// Every profile.
            pub const ALL: &[Self] = &[$(Self::$constant),+];
        }
    };
}

profiles! {
    /// Auth0.
    AUTH0 {
        name: "auth0",
        title: "Auth0",
        issuer: "`https://TENANT.REGION.auth0.com/`",
        endpoints: [],
        quirks: [],
        remark: "the slash at the end belongs to the issuer; an API is named by the parameter `audience`",
        source: "https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery",
    }
    /// Microsoft Entra ID.
    ENTRA {
        name: "entra",
        title: "Microsoft Entra ID",
        issuer: "`https://login.microsoftonline.com/TENANT-ID/v2.0`",
        endpoints: [],
        quirks: [],
        remark: "a tenant's identifier and no name of it, nor `common`: their metadata names another issuer (DI-4)",
        source: "https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc",
    }
    /// GitHub, for OAuth apps and GitHub Apps.
    GITHUB {
        name: "github",
        title: "GitHub",
        issuer: "none",
        endpoints: [
            Authorization "https://github.com/login/oauth/authorize",
            DeviceAuthorization "https://github.com/login/device/code",
            Token "https://github.com/login/oauth/access_token",
        ],
        quirks: [
            EmptyScope "https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app",
            ScopeWithCommas "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
        ],
        remark: "errors come with status 200, which TR-4 knows",
        source: "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
    }
    /// GitLab, as a service or one's own.
    GITLAB {
        name: "gitlab",
        title: "GitLab",
        issuer: "`https://gitlab.com`",
        endpoints: [],
        quirks: [],
        remark: "a server of one's own is its own issuer",
        source: "https://docs.gitlab.com/integration/openid_connect_provider/",
    }
    /// Google.
    GOOGLE {
        name: "google",
        title: "Google",
        issuer: "`https://accounts.google.com`",
        endpoints: [],
        quirks: [
            VerificationUrl "https://developers.google.com/identity/protocols/oauth2/limited-input-device",
        ],
        remark: "its endpoints are on other origins than its issuer (DI-7); a device that polls too early hears 428 or 403",
        source: "https://developers.google.com/identity/openid-connect/openid-connect",
    }
    /// Keycloak.
    KEYCLOAK {
        name: "keycloak",
        title: "Keycloak",
        issuer: "`https://HOST/realms/REALM`",
        endpoints: [],
        quirks: [],
        remark: "the realm is part of the issuer; before version 17 a path `/auth` was too",
        source: "https://www.keycloak.org/securing-apps/oidc-layers",
    }
    /// Okta, with a custom authorization server or the organization's.
    OKTA {
        name: "okta",
        title: "Okta",
        issuer: "`https://DOMAIN/oauth2/SERVER`, or `https://DOMAIN`",
        endpoints: [],
        quirks: [],
        remark: "each authorization server of a domain is an issuer of its own",
        source: "https://developer.okta.com/docs/concepts/auth-servers/",
    }
    /// Slack, for apps that are installed to a workspace.
    SLACK {
        name: "slack",
        title: "Slack",
        issuer: "none",
        endpoints: [
            Authorization "https://slack.com/oauth/v2/authorize",
            Token "https://slack.com/api/oauth.v2.access",
        ],
        quirks: [
            ScopeWithCommas "https://docs.slack.dev/reference/methods/oauth.v2.access",
            SubjectAsTokenType "https://docs.slack.dev/reference/methods/oauth.v2.access",
        ],
        remark: "errors come with status 200, which TR-4 knows; a person's token is in the member `authed_user`",
        source: "https://docs.slack.dev/authentication/installing-with-oauth",
    }
}

/// By its name: `github`.
///
/// # Errors
///
/// [`Error::Misuse`] for a name that no profile has.
impl FromStr for Profile {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::named(name)
            .copied()
            .ok_or_else(|| misuse("the name is not that of a profile: `Profile::ALL` has them all"))
    }
}

impl Profile {
    /// The profile of this name: `github`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|profile| profile.name == name)
    }

    /// A stable lower-case name, for configuration files.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What the servers call themselves.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// What an issuer of the family looks like, for people to read.
    #[must_use]
    pub const fn issuer(&self) -> &'static str {
        self.issuer
    }

    /// What is worth knowing before the first request, for people to read.
    #[must_use]
    pub const fn remark(&self) -> &'static str {
        self.remark
    }

    /// The page of the family's own that the profile follows.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// The quirks that are admitted beside the harmless, each with the page that shows it.
    pub fn admitted(&self) -> impl Iterator<Item = (Quirk, &'static str)> {
        self.quirks.iter().copied()
    }

    /// The quirks that the family is met with.
    #[must_use]
    pub fn quirks(&self) -> Quirks {
        self.admitted().fold(Quirks::STRICT, |quirks, (quirk, _)| quirks.with(quirk))
    }

    /// The server, where its endpoints are fixed; `None` for a family that publishes metadata.
    #[must_use]
    pub fn server(&self) -> Option<AuthorizationServer> {
        if self.endpoints.is_empty() {
            return None;
        }
        let strange =
            self.admitted().fold(AuthorizationServer::new(), |server, (quirk, _)| server.admit(quirk));
        self.endpoints
            .iter()
            .try_fold(strange, |server, (endpoint, url)| server.endpoint(*endpoint, url))
            // A test says of every profile that its endpoints are some.
            .ok()
    }

    /// Looks for the metadata of one server of the family.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-1](crate::Rule::Di1)), as for [`Discovery::new`].
    pub fn discovery(&self, issuer: &str) -> Result<Discovery, Error> {
        Ok(Discovery::new(issuer)?.admit_all(self.quirks()))
    }
}
