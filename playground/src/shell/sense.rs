//! Reading a profile from its table, and whether what it says makes sense.

use valetkey_blocking::client::SecurityProfile;

use super::dialect;
use super::named;
use super::openid;
use super::profile::Profile;
use super::values::{ClientAuthentication, Method};
use super::wrong::Wrong;

impl Profile {
    /// Reads a table, and looks whether it makes sense.
    pub(crate) fn read(table: toml::Table) -> Result<Self, Wrong> {
        // Key by key, because the library's error does not say of which key it is.
        for (key, value) in &table {
            let alone = toml::Table::from_iter([(key.clone(), value.clone())]);
            let read: Result<Self, toml::de::Error> = alone.try_into();
            read.map_err(|error| Wrong::value(key, error.message()))?;
        }
        let together = |error: toml::de::Error| Wrong::together(error.message().to_owned());
        let profile: Self = table.try_into().map_err(together)?;
        profile.require_sense().map_err(Wrong::together)?;
        named::require_sense(profile.server.as_deref(), profile.issuer.as_deref())
            .map_err(|what| Wrong::of("server", what))?;
        profile.admitted().map_err(|what| Wrong::of("quirks", what))?;
        dialect::require_sense(&profile)?;
        Ok(profile)
    }

    fn require_sense(&self) -> Result<(), String> {
        // With the issuer of a server the endpoints may be given too: then nothing is asked of it.
        let servers =
            [self.space.is_some(), self.hub.is_some(), self.server.is_some() || self.has_endpoints()];
        let needs_server = self.method != Method::PermanentToken;
        match servers.iter().filter(|is_there| **is_there).count() {
            0 if needs_server => {
                return Err(
                    "the server is missing: name it by `server` (an issuer, or a name such as \"github\"), by `space`, by `hub`, by its endpoints".into()
                );
            }
            0 | 1 => {}
            _ => {
                return Err(
                    "more than one server is named: `server`, `space`, `hub` and the endpoints exclude one another"
                        .into(),
                );
            }
        }
        if needs_server && self.client_id.is_none() {
            return Err("`client_id` is missing".to_owned());
        }
        if self.method.wants_token() && self.token.is_none() {
            return Err(format!("`token`, where the {} comes from, is missing", self.method.token_name()));
        }
        if self.method == Method::Password && (self.username.is_none() || self.password.is_none()) {
            return Err(
                "`username` and `password`, which says where the password comes from, are both needed"
                    .to_owned(),
            );
        }
        if self.account.as_ref().is_some_and(|account| account.trim().is_empty()) {
            return Err("`account` is empty: leave it out, or give the login a name".to_owned());
        }
        if self.client_authentication == Some(ClientAuthentication::BasicWithoutSecret)
            && self.secret.is_some()
        {
            return Err(
                "`client_authentication = \"basic-without-secret\"` is for a client that has no secret: leave `secret` out"
                    .to_owned(),
            );
        }
        openid::require_browser(self, self.method).map_err(|failure| failure.to_string())?;
        if self.key_by_thumbprint && !self.dpop {
            return Err("`key_by_thumbprint` is about the key of `dpop = true`, which is missing".to_owned());
        }
        self.require_keys_of_profile()?;
        if self.discovery.is_some() && !self.is_discovered() {
            return Err(
                "`discovery` is for a server that is asked about itself, and this one is not: leave it out"
                    .to_owned(),
            );
        }
        self.resources().map(|_| ()).map_err(|failure| failure.to_string())
    }

    /// Whether the profile has the keys that its profile of FAPI wants, as far as this program has any.
    fn require_keys_of_profile(&self) -> Result<(), String> {
        let Some(held) = self.security_profile else { return Ok(()) };
        let what = if held == SecurityProfile::Fapi1Advanced {
            "wants tokens that are bound to a certificate, and this program shows none: `fapi-2` and `fapi-2-message-signing` are \
             for a key"
        } else if self.client_authentication != Some(ClientAuthentication::PrivateKeyJwt) {
            "wants a client that authenticates by a private key: write `client_authentication = \"private-key-jwt\"`, and say by \
             `secret` where the key is"
        } else if !self.dpop {
            "wants tokens that are bound to a key: write `dpop = true`"
        } else if !self.is_discovered() {
            "wants a server that is asked about itself: name it by its issuer alone, `server = \"https://…\"`"
        } else {
            return Ok(());
        };
        Err(format!("`security_profile = \"{}\"` {what}", held.name()))
    }
}
