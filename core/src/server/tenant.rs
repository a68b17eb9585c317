//! A tenant in an issuer that stands for many.

use std::borrow::Cow;
use std::fmt;

/// What stands in the place of a tenant in an issuer.
pub(crate) const PLACEHOLDER: &str = "{tenantid}";

/// Whose people may log in at a server whose issuer has a placeholder for the tenant.
#[derive(Clone)]
pub(crate) enum Tenants {
    Any,
    Only(Vec<String>),
}

impl Tenants {
    pub(crate) fn admit(&self, tenant: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(tenants) => tenants.iter().any(|known| known.eq_ignore_ascii_case(tenant)),
        }
    }
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("Any"),
            Self::Only(tenants) => write!(f, "Only({})", tenants.len()),
        }
    }
}

/// An issuer as one of its tenants has it, to be looked at as a URL.
pub(crate) fn sample(issuer: &str) -> Cow<'_, str> {
    match issuer.contains(PLACEHOLDER) {
        true => issuer.replace(PLACEHOLDER, "tenant").into(),
        false => issuer.into(),
    }
}

/// Whether a text has the form of a GUID: five groups of hexadecimal digits.
pub(crate) fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
