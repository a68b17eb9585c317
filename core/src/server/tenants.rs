//! Issuers that are many: one server for all tenants, and one that leaves out its scheme.

use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::server::AuthorizationServer;
use crate::server::tenant::{PLACEHOLDER, Tenants, is_guid};

impl AuthorizationServer {
    /// The issuer of this server stands for many: it has `{tenantid}` in it, and an ID token names the tenant that it is from,
    /// by `tid`, in the place of that ([ID-55](crate::Rule::Id55)). These tenants' people may log in, and no others.
    ///
    /// Each tenant has people of its own, and administrators who can name them as they like: an
    /// [`Identity`](crate::identity::Identity) has the issuer with the tenant in it.
    ///
    /// ```
    /// use valetkey_core::Discovery;
    ///
    /// let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    /// let flow = Discovery::new("https://login.microsoftonline.com/organizations/v2.0")?.naming_issuer(template)?;
    /// // … run it, and then:
    /// # let metadata = valetkey_core::AuthorizationServer::new().issuer(template)?;
    /// let server = metadata.tenants(["11111111-2222-3333-4444-555555555555"])?;
    /// # let _ = (flow, server);
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([ID-55](crate::Rule::Id55)) if the issuer has no `{tenantid}`, or a tenant is not named by a GUID.
    pub fn tenants<T: Into<String>>(self, tenants: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let tenants: Vec<String> = tenants.into_iter().map(Into::into).collect();
        if tenants.is_empty() || !tenants.iter().all(|tenant| is_guid(tenant)) {
            let what = "a tenant is named by its GUID, as in `tid`, and one is needed at least";
            return Err(misuse_of(Rule::Id55, what));
        }
        self.of_tenants(Tenants::Only(tenants))
    }

    /// The same for the people of any tenant: anybody who makes a tenant can log in. The program looks at each
    /// [`Identity::issuer`](crate::identity::Identity::issuer) itself.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([ID-55](crate::Rule::Id55)) if the issuer has no `{tenantid}`.
    pub fn any_tenant(self) -> Result<Self, Error> {
        self.of_tenants(Tenants::Any)
    }

    fn of_tenants(mut self, tenants: Tenants) -> Result<Self, Error> {
        if !self.issuer.as_deref().is_some_and(|issuer| issuer.contains(PLACEHOLDER)) {
            let what = "the issuer of the server has no `{tenantid}` in it: name it so, or by `Discovery::naming_issuer`";
            return Err(misuse_of(Rule::Id55, what));
        }
        self.tenants = Some(tenants);
        Ok(self)
    }

    /// The server leaves out the scheme of its issuer in ID tokens, `as.example` for `https://as.example`
    /// ([ID-57](crate::Rule::Id57)). The [`Identity`](crate::identity::Identity) has the issuer whole either way, so that nobody
    /// is two people. That it was left out is on the login, as
    /// [`Quirk::IssuerWithoutScheme`](crate::Quirk::IssuerWithoutScheme).
    #[must_use]
    pub const fn issuer_without_scheme(mut self) -> Self {
        self.is_without_scheme = true;
        self
    }

    pub(crate) const fn has_tenants(&self) -> bool {
        self.tenants.is_some()
    }

    /// Whether its issuer stands for many, and nobody has said whose people may log in.
    pub(crate) fn lacks_tenants(&self) -> bool {
        !self.has_tenants() && self.issuer.as_deref().is_some_and(|issuer| issuer.contains(PLACEHOLDER))
    }

    /// The issuer of a person by the `iss` of an ID token, and its `tid`; `None` if it is not this server's.
    pub(crate) fn issuer_of(&self, iss: String, tenant: Option<&str>) -> Option<String> {
        let issuer = self.issuer.as_deref()?;
        match &self.tenants {
            Some(tenants) => {
                let tenant = tenant.filter(|tenant| is_guid(tenant) && tenants.admit(tenant))?;
                (issuer.replace(PLACEHOLDER, tenant) == iss).then_some(iss)
            }
            None if iss == issuer => Some(iss),
            None => {
                let bare = issuer.strip_prefix("https://").filter(|_| self.is_without_scheme)?;
                (bare == iss).then(|| issuer.to_owned())
            }
        }
    }

    /// Whether this server speaks for an issuer, as [`issuer_of`](Self::issuer_of) gave it.
    pub(crate) fn speaks_for(&self, issuer: &str) -> bool {
        let Some((before, after)) = self.issuer.as_deref().and_then(|own| own.split_once(PLACEHOLDER)) else {
            return self.issuer.as_deref() == Some(issuer);
        };
        let tenant = issuer.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        self.issuer_of(issuer.to_owned(), tenant).is_some()
    }

    /// Whether a key that says whose it is is that of this issuer ([ID-55](crate::Rule::Id55)). A server of one tenant may publish
    /// the keys of all of them. Where no tenants are known, what does not look like an issuer means something else: RFC 7517 has no
    /// such member.
    pub(crate) fn is_key_of(&self, key: &str, issuer: &str, tenant: Option<&str>) -> bool {
        if self.has_tenants() {
            return key == issuer || tenant.is_some_and(|id| key.replace(PLACEHOLDER, id) == issuer);
        }
        let of_any_tenant = || {
            let (before, after) = key.split_once(PLACEHOLDER)?;
            issuer.strip_prefix(before)?.strip_suffix(after)
        };
        !key.starts_with("https://") || key == issuer || of_any_tenant().is_some_and(is_guid)
    }
}
