//! What access is asked for: [`Access`], and the methods that every request has to ask for it.
//!
//! A scope, resources, authorization details and a server's further parameters mean the same wherever they are asked for.
//! So there is one implementation, which every request has by `asks!`: it says by [`Asks`] where they go.

use std::fmt;

use crate::ground::error::Error;
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::parameter;
use crate::terms::resource::Resource;
use crate::terms::scope::Scope;

/// What access a program asks for, in one value: a scope (RFC 6749 §3.3), resources (RFC 8707), authorization details
/// (RFC 9396), and a server's further parameters, such as `audience`. An empty one asks for the server's default.
///
/// Made once, for example of a configuration file, and asked for by any request: through a browser, on a device, with a
/// grant, in an exchange. Each has the same methods of its own too.
///
/// ```
/// use valetkey_core::{AuthorizationRequest, AuthorizationServer, Client, Grant};
/// use valetkey_core::terms::Access;
///
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3");
/// let access = Access::new().scope("calendar")?.resource("https://api.example")?;
/// let request = AuthorizationRequest::new(&client, "https://app.example/callback")?.access(&access)?;
/// let grant = Grant::client_credentials().access(&access)?;
/// # let _ = (request, grant);
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// Its `Debug` shows no value of a further parameter.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Access {
    pub(crate) scope: Option<Scope>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) details: Option<AuthorizationDetails>,
    pub(crate) parameters: Vec<(String, String)>,
    /// The places of these by their names: each that is added is looked for among all before it.
    by_name: Vec<usize>,
}

impl Access {
    /// The server's default, until more is asked for.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Access {
    /// Where a parameter of this name is by its name, or would be.
    fn place_of(&self, name: &str) -> Result<usize, usize> {
        let name_of = |place: &usize| self.parameters.get(*place).map(|(name, _)| name.as_str());
        self.by_name.binary_search_by(|place| name_of(place).cmp(&Some(name)))
    }
}

impl From<&Self> for Access {
    fn from(access: &Self) -> Self {
        access.clone()
    }
}

impl From<Scope> for Access {
    fn from(scope: Scope) -> Self {
        Self::from(Some(scope))
    }
}

/// The server's default if there is no scope.
impl From<Option<Scope>> for Access {
    fn from(scope: Option<Scope>) -> Self {
        Self { scope, ..Self::default() }
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.parameters.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Access")
            .field("scope", &self.scope)
            .field("resources", &self.resources)
            .field("details", &self.details)
            .field("parameters", &names)
            .finish()
    }
}

/// Where a request keeps what is asked for.
pub(crate) trait Asks {
    /// Whether the library sends this parameter itself, or must not be made to.
    fn is_reserved(name: &str) -> bool;

    /// Whether the parameter is set.
    fn has(&self, name: &str) -> bool;

    /// One more parameter.
    fn put(&mut self, name: &str, value: &str);

    fn put_scope(&mut self, scope: Scope);

    fn put_resource(&mut self, resource: Resource) {
        self.put("resource", resource.as_str());
    }

    /// In the place of earlier ones.
    fn put_details(&mut self, details: AuthorizationDetails) -> Result<(), Error>;

    /// A parameter by its name, held to the rules of its typed method.
    fn put_parameter(&mut self, name: &str, value: &str) -> Result<(), Error> {
        parameter::require(name, value)?;
        if Self::is_reserved(name) || self.has(name) {
            return Err(parameter::taken(name));
        }
        match name {
            "resource" => self.put_resource(Resource::new(value)?),
            "authorization_details" => self.put_details(AuthorizationDetails::parse(value)?)?,
            _ => self.put(name, value),
        }
        Ok(())
    }

    fn put_access(&mut self, access: Access) -> Result<(), Error> {
        if let Some(scope) = access.scope {
            self.put_scope(scope);
        }
        access.resources.into_iter().for_each(|resource| self.put_resource(resource));
        if let Some(details) = access.details {
            self.put_details(details)?;
        }
        access.parameters.iter().try_for_each(|(name, value)| self.put_parameter(name, value))
    }
}

impl Asks for Access {
    fn is_reserved(name: &str) -> bool {
        ["client_id", "client_secret", "grant_type", "scope"].contains(&name)
    }

    fn has(&self, name: &str) -> bool {
        match name {
            "resource" => !self.resources.is_empty(),
            "authorization_details" => self.details.is_some(),
            name => self.place_of(name).is_ok(),
        }
    }

    fn put(&mut self, name: &str, value: &str) {
        let (Ok(place) | Err(place)) = self.place_of(name);
        self.by_name.insert(place, self.parameters.len());
        self.parameters.push((name.to_owned(), value.to_owned()));
    }

    fn put_scope(&mut self, scope: Scope) {
        self.scope = Some(scope);
    }

    fn put_resource(&mut self, resource: Resource) {
        self.resources.push(resource);
    }

    fn put_details(&mut self, details: AuthorizationDetails) -> Result<(), Error> {
        self.details = Some(details);
        Ok(())
    }
}

/// The methods by which a request is told what to ask for; after the type, the field that keeps it.
macro_rules! asks {
    ($type:ident $(.$field:ident)*) => {
        impl $type {
            /// Asks for this scope (RFC 6749 §3.3), in the place of an earlier one: a [`Scope`](crate::Scope), or its text.
            /// Without it, the server's default.
            ///
            /// # Errors
            ///
            /// [`Error::Misuse`](crate::Error::Misuse) ([TR-11](crate::Rule::Tr11)) for a text that is no scope.
            pub fn scope(
                mut self,
                scope: impl TryInto<$crate::terms::scope::Scope, Error: Into<$crate::ground::error::Error>>,
            ) -> Result<Self, $crate::ground::error::Error> {
                use $crate::terms::access::Asks as _;
                self$(.$field)*.put_scope(scope.try_into().map_err(Into::into)?);
                Ok(self)
            }

            /// Names an API that the token is for (RFC 8707 §2): a [`Resource`](crate::Resource), or its identifier. May be
            /// called for several.
            ///
            /// # Errors
            ///
            /// [`Error::Misuse`](crate::Error::Misuse) ([AQ-9](crate::Rule::Aq9)) for a text that identifies no resource.
            pub fn resource(
                mut self,
                resource: impl TryInto<
                    $crate::terms::resource::Resource,
                    Error: Into<$crate::ground::error::Error>,
                >,
            ) -> Result<Self, $crate::ground::error::Error> {
                use $crate::terms::access::Asks as _;
                self$(.$field)*.put_resource(resource.try_into().map_err(Into::into)?);
                Ok(self)
            }

            /// Asks for these details (RFC 9396), in the place of earlier ones:
            /// [`AuthorizationDetails`](crate::terms::AuthorizationDetails), or their JSON text.
            ///
            /// # Errors
            ///
            /// [`Error::Misuse`](crate::Error::Misuse) ([AQ-10](crate::Rule::Aq10)) for a text that does not name details;
            /// and if the server lists the types it supports, and not all of these: a `Grant`, which knows no server, tells
            /// that when its `TokenRequest` is made.
            pub fn authorization_details(
                mut self,
                details: impl TryInto<
                    $crate::terms::authorization_details::AuthorizationDetails,
                    Error: Into<$crate::ground::error::Error>,
                >,
            ) -> Result<Self, $crate::ground::error::Error> {
                use $crate::terms::access::Asks as _;
                self$(.$field)*.put_details(details.try_into().map_err(Into::into)?)?;
                Ok(self)
            }

            /// A further parameter, such as `audience` or one of the server's own. One that has a method is held to its
            /// rules.
            ///
            /// # Errors
            ///
            /// [`Error::Misuse`](crate::Error::Misuse) ([AQ-6](crate::Rule::Aq6)) if the library sends it itself, or it was
            /// set before; what its method refuses.
            pub fn parameter(
                mut self,
                name: impl AsRef<str>,
                value: impl AsRef<str>,
            ) -> Result<Self, $crate::ground::error::Error> {
                use $crate::terms::access::Asks as _;
                self$(.$field)*.put_parameter(name.as_ref(), value.as_ref())?;
                Ok(self)
            }

            /// Asks for all of this: an [`Access`](crate::terms::Access), or an `Option<Scope>`. An empty one changes
            /// nothing.
            ///
            /// # Errors
            ///
            /// [`Error::Misuse`](crate::Error::Misuse), as the methods for its parts.
            pub fn access(
                mut self,
                access: impl Into<$crate::terms::access::Access>,
            ) -> Result<Self, $crate::ground::error::Error> {
                use $crate::terms::access::Asks as _;
                self$(.$field)*.put_access(access.into())?;
                Ok(self)
            }
        }
    };
}

pub(crate) use asks;

asks!(Access);
