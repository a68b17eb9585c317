//! The Device Authorization flow's front half: [`DeviceAuthorizationRequest`] (RFC 8628 §3.1 to §3.3).
//!
//! ```text
//!  device                                        authorization server        person with a browser
//!     │ DeviceAuthorizationRequest::new(&client)        │                            │
//!     ├── POST device authorization endpoint ──────────▶│                            │
//!     │◀─ 200 device_code, user_code, verification_uri ─┤                            │
//!     │ DeviceAuthorization: show page and code ────────┼───────────────────────────▶│ opens the page,
//!     │ DevicePoll (see device_poll.rs)                 │◀───────────────────────────┤ enters the code
//! ```
//!
//! One round. What it gives stays on the device until the person is done, and serializes, should that take longer than
//! the process lives.

use std::fmt;

use form_urlencoded::Serializer;

use crate::client::Client;
use crate::client::post::Post;
use crate::device::authorization::DeviceAuthorization;
use crate::ground::endpoint::Endpoint;
use crate::ground::entropy::Entropy;
use crate::ground::error::Error;
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::time::UnixTime;
use crate::identity::verifiable::is_login;
use crate::terms::access::{Access, Asks, asks};
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::code_verifier::CodeVerifier;
use crate::terms::resource::Resource;
use crate::terms::scope::Scope;

/// The parameters that the library sends itself, here or when it polls.
const RESERVED: [&str; 11] = [
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "device_code",
    "grant_type",
    "scope",
    "user_code",
];

/// A flow that asks for a code for a person to enter elsewhere.
///
/// ```
/// use valetkey_core::{AuthorizationServer, Client, DeviceAuthorizationRequest, Flow, Step, UnixTime};
/// use valetkey_core::server::Endpoint;
///
/// let server = AuthorizationServer::new()
///     .endpoint(Endpoint::DeviceAuthorization, "https://server.example.com/device_authorization")?
///     .token_endpoint("https://server.example.com/token")?;
/// let client = Client::new(server, "1406020730");
/// let mut flow = DeviceAuthorizationRequest::new(&client)?.scope("example_scope")?;
///
/// let Step::Send(request) = flow.step(None, UnixTime::from_secs(1_700_000_000))? else { unreachable!() };
/// assert_eq!(request.body(), b"scope=example_scope&client_id=1406020730");
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub struct DeviceAuthorizationRequest {
    post: Post,
    access: Access,
    verifier: Option<CodeVerifier>,
}

impl DeviceAuthorizationRequest {
    /// A request at the client's server.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the server has no device authorization endpoint or no token endpoint, or lists authentication
    /// methods without the client's ([CA-3](crate::Rule::Ca3)); or if the client is not as its
    /// [profile](Client::security_profile) wants it ([FA-1](crate::Rule::Fa1), [FA-2](crate::Rule::Fa2),
    /// [FA-4](crate::Rule::Fa4)).
    pub fn new(client: &Client) -> Result<Self, Error> {
        let post = Post::new(client, Endpoint::DeviceAuthorization)?;
        client.endpoint(Endpoint::Token)?;
        Ok(Self { post, access: Access::new(), verifier: None })
    }

    /// Sends a PKCE challenge (RFC 7636), and has the polls send its verifier. RFC 8628 knows none: this is for servers that want it
    /// here too, as one does that has been told to want it of a client whatever the grant. Such a server refuses a request without it.
    /// The verifier comes from `entropy`, which is used up, and stays in the [`DeviceAuthorization`].
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-3](crate::Rule::Aq3)) if the server lists methods for challenges without S256.
    pub fn code_challenge(mut self, entropy: Entropy) -> Result<Self, Error> {
        self.post.client().server().challenges(false)?;
        self.verifier = Some(CodeVerifier::generate(entropy));
        Ok(self)
    }
}

asks!(DeviceAuthorizationRequest);

impl Asks for DeviceAuthorizationRequest {
    fn is_reserved(name: &str) -> bool {
        RESERVED.contains(&name)
    }

    fn has(&self, name: &str) -> bool {
        let renamed = self.post.client().server().other_name_of_scope(Endpoint::DeviceAuthorization);
        Some(name) == renamed || self.access.has(name)
    }

    fn put(&mut self, name: &str, value: &str) {
        self.access.put(name, value);
    }

    fn put_scope(&mut self, scope: Scope) {
        self.access.put_scope(scope);
    }

    fn put_resource(&mut self, resource: Resource) {
        self.access.put_resource(resource);
    }

    fn put_details(&mut self, details: AuthorizationDetails) -> Result<(), Error> {
        self.post.client().server().require_details(&details)?;
        self.access.put_details(details)
    }
}

impl Flow for DeviceAuthorizationRequest {
    type Output = DeviceAuthorization;

    /// # Errors
    ///
    /// - [`Error::Refused`] if the server said no;
    /// - [`Error::Malformed`] for whatever breaks [DV-1](crate::Rule::Dv1), [DV-2](crate::Rule::Dv2) or
    ///   [TR-2](crate::Rule::Tr2); [DI-11](crate::Rule::Di11) for a login at a server whose metadata are not those of an OpenID
    ///   provider;
    /// - [`Error::Misuse`] after the end, and for a login, with the scope `openid`, if the issuer ([ID-9](crate::Rule::Id9)) or
    ///   the keys ([ID-8](crate::Rule::Id8)) of the server are not known.
    fn step(
        &mut self,
        response: Option<Response>,
        now: UnixTime,
    ) -> Result<Step<DeviceAuthorization>, Error> {
        let (access, verifier) = (&self.access, self.verifier.as_ref());
        is_login(self.post.client(), access.scope.as_ref())?;
        let client = self.post.client().clone();
        let name_of_scope = client.server().name_of_scope(Endpoint::DeviceAuthorization);
        self.post.step(
            response,
            now,
            |room| {
                let mut form = Serializer::new(String::with_capacity(room + 256));
                form.extend_pairs(access.scope.iter().map(|scope| (name_of_scope, scope.as_str())));
                form.extend_pairs(access.resources.iter().map(|resource| ("resource", resource.as_str())));
                let details = access.details.iter();
                form.extend_pairs(details.map(|details| ("authorization_details", details.as_str())));
                form.extend_pairs(&access.parameters);
                if let Some(verifier) = verifier {
                    form.append_pair("code_challenge", &verifier.challenge())
                        .append_pair("code_challenge_method", "S256");
                }
                form
            },
            |response, sent| DeviceAuthorization::read(&response, sent, (access, verifier), now),
        )
    }

    fn unanswered(&mut self, _now: UnixTime) -> bool {
        self.post.end()
    }
}

impl fmt::Debug for DeviceAuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAuthorizationRequest")
            .field("client", self.post.client())
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}
