//! What a [`Profile`] says of logins by OpenID Connect.

use crate::server::profile::kind::Profile;

impl Profile {
    /// Whether its servers tell who logged in (OpenID Connect): with the scope `openid` a login then ends with a
    /// [`Login`](crate::identity::Login), verified by the keys that the server publishes. Where the library has no cryptography, the
    /// program [names the keys](crate::AuthorizationServer::keys), or admits
    /// [`Quirk::IdTokenByTls`](crate::Quirk::IdTokenByTls).
    #[must_use]
    pub const fn tells_who_logged_in(&self) -> bool {
        self.is_openid
    }

    /// Whether its ID tokens may leave out the scheme of the issuer: see
    /// [`AuthorizationServer::issuer_without_scheme`](crate::AuthorizationServer::issuer_without_scheme).
    #[must_use]
    pub const fn leaves_out_scheme(&self) -> bool {
        self.is_without_scheme
    }

    /// Whether the ID tokens of a client that has a secret are signed with it: see
    /// [`AuthorizationServer::id_tokens_by_secret`](crate::AuthorizationServer::id_tokens_by_secret).
    #[must_use]
    pub const fn has_id_tokens_by_secret(&self) -> bool {
        self.has_secret_id_tokens
    }

    /// The parameters that limit who may log in, which ID tokens repeat: see
    /// [`AuthorizationServer::login_limited_by`](crate::AuthorizationServer::login_limited_by).
    #[must_use]
    pub const fn login_limits(&self) -> &'static [&'static str] {
        self.limited_by
    }

    /// The scopes for which the response comes by a form: see
    /// [`AuthorizationServer::form_post_for`](crate::AuthorizationServer::form_post_for).
    #[must_use]
    pub const fn scopes_by_form_post(&self) -> &'static [&'static str] {
        self.form_post_for
    }

    /// The issuers whose metadata name another, and which that is: see
    /// [`Discovery::naming_issuer`](crate::Discovery::naming_issuer). One with `{tenantid}` in it stands for many tenants, and nobody
    /// logs in there until [`AuthorizationServer::tenants`](crate::AuthorizationServer::tenants) says whose people may.
    #[must_use]
    pub const fn naming(&self) -> &'static [(&'static str, &'static str)] {
        self.naming
    }
}
