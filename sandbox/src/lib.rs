//! An OAuth 2.0 authorization server with an API behind it, for testing OAuth programs.
//!
//! It plays an organisation: users with rights, applications with their flows switched on and off, a consent page, tokens
//! of ten minutes, and an API that checks what a token may do and names its subject as the author. It speaks today's
//! OAuth, found by its issuer ([`Sandbox::standard`]), and the dialect of JetBrains Space as the documentation describes it
//! ([`Sandbox::demo`]). It is **Sans-IO**: [`Sandbox::answer`] takes a request and the time and returns the response.
//! There is no socket, no clock and no randomness but the seed's, so a test runs in virtual time, and the same requests
//! get the same answers.
//!
//! ```
//! use valetkey_core::{
//!     AuthorizationRequest, AuthorizationResponse, Client, Discovery, Entropy, Error, Flow, Quirk, Step, UnixTime,
//! };
//! use valetkey_sandbox::{Misbehaviour, Person, Sandbox};
//!
//! const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
//!
//! /// The network of your test: what your program sends goes in as a value, and the answer comes out as one.
//! fn run<F: Flow>(sandbox: &mut Sandbox, mut flow: F) -> Result<F::Output, Error> {
//!     let mut answer = None;
//!     loop {
//!         match flow.step(answer.take(), NOW)? {
//!             Step::Send(request) => answer = Some(sandbox.answer(&request, NOW)),
//!             Step::Wait(_) => {} // no time passes here
//!             Step::Done(output) => return Ok(output),
//!         }
//!     }
//! }
//!
//! let mut sandbox = Sandbox::standard([7; 32], "https://as.example");
//! let server = run(&mut sandbox, Discovery::new("https://as.example")?)?.into_server();
//! let app = Client::new(server, "native");
//! let request = AuthorizationRequest::new(&app, "http://127.0.0.1:4000/callback")?.scope("global:Profile.View")?;
//! let (url, mut pending) = request.begin_unbound(Entropy::from_seed([1; 32]), NOW)?;
//!
//! // A person opens the authorization URL that your program made, logs in and allows.
//! let password = sandbox.password("alice").unwrap().to_owned();
//! let arrival = sandbox.visit(url.as_str(), &Person::new("alice", &password), NOW)?;
//! let response = AuthorizationResponse::from_url(arrival.url().unwrap())?;
//!
//! // The next answer is wrong on purpose.
//! sandbox.misbehave_once(Misbehaviour::ExpiresInText);
//! let tokens = run(&mut sandbox, pending.finish(&app, &response, NOW)?)?;
//! assert!(tokens.quirks().contains(Quirk::LifetimeAsText));
//!
//! // The log keeps it all, and prints it without a secret.
//! assert!(sandbox.log().iter().any(|entry| entry.to_string().contains("decision=allow")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The program here is one of valetkey's; any other is tested the same way, and one in another language over a loopback
//! port. How such programs are written is told in [the guide](https://docs.rs/valetkey-async/latest/valetkey_async/guide/).
//!
//! # Where to look
//!
//! | for | see |
//! |---|---|
//! | an organisation to start from | [`Sandbox::demo`]; [`Application`], [`User`] and [`Rights`] for one of your own |
//! | the person at the consent page | [`Person`], [`Sandbox::visit`], [`Arrival`] |
//! | behaviour that servers may choose | [`Settings`]: dialect, lifetimes, rotation, issuer |
//! | a page of another origin that calls it (CORS) | [`Settings::allowed_origins`] |
//! | answers that are wrong on purpose | [`Misbehaviour`], after the work is done; [`Failure`], before it |
//! | what happens without a request | [`Sandbox::revoke_token`], [`Sandbox::expire_all`], [`Sandbox::push_refresh_token`] |
//! | what was asked and answered | [`Sandbox::log`], [`LogEntry`], [`Sandbox::created`] |
//! | GitHub, Google and fifty others, as they are documented | [`Persona`], [`Provider`] |
//! | any server's part, at its own URL behind TLS, for programs as they are | `Stage` (feature `stage`) |
//! | a real server on a loopback port | `Front`, and `RawFront` for bytes that are no HTTP (feature `front`) |
//!
//! # Today's OAuth
//!
//! [`Dialect::Standard`] speaks what came after RFC 6749; Space's dialect knows nothing of it. [`Sandbox::standard`] is
//! the demo in that dialect. The endpoints are where the metadata say, at the origin of [`Settings::issuer`]. Access
//! tokens are opaque.
//!
//! | what | how |
//! |---|---|
//! | metadata of the server (RFC 8414) and of the API (RFC 9728), `jwks_uri`, `iss` in responses (RFC 9207) | with an issuer; [`Sandbox::rotate_keys`], [`Settings::signing_algorithm`] |
//! | the device grant (RFC 8628), with a page for the person | [`FlowKind::Device`], [`Sandbox::approve_device`] |
//! | pushed authorization requests (RFC 9126) | [`Settings::require_pushed`], [`Application::require_pushed`], [`Settings::pushed_proofs`] |
//! | DPoP (RFC 9449): bound tokens, refresh tokens and codes, nonces | [`Settings::dpop_nonces`], [`Application::require_dpop`] |
//! | clients that sign (RFC 7523): `private_key_jwt`, `client_secret_jwt` | [`Application::with_keys`], [`Application::secret_signs`], [`Settings::assertion_audience`] |
//! | the JWT bearer grant (RFC 7523) | [`FlowKind::JwtBearer`], [`Sandbox::trust_issuer`] |
//! | resource indicators (RFC 8707) | `resource`: the API's identifier or anything under it |
//! | rich authorization requests (RFC 9396) | `{"type":"rights","rights":[…]}` |
//! | token exchange (RFC 8693) | [`FlowKind::TokenExchange`] |
//! | signed requests (RFC 9101), signed responses (JARM) | [`Application::keys`], [`Application::require_signed_request`]; `response_mode=jwt` |
//! | certificates (RFC 8705): authentication, bound tokens, endpoint aliases | [`CERTIFICATE_THUMBPRINT`], [`Application::with_certificate`], [`Settings::mtls_origin`] |
//! | an API that tells a bad token by 400 or 403 | [`Settings::bad_token_status`] |
//! | clients that are named otherwise | [`Settings::client_id_name`], [`Settings::public_clients_by_basic`], [`BasicEncoding::Percent`] |
//! | redirect URIs that are names, or lead nowhere | [`Application::redirect_name`], [`Application::redirect_uri`] |
//! | step-up (RFC 9470), `acr_values`, `max_age`, `prompt` | [`Settings::api_acr_values`], [`Settings::api_max_age`] |
//! | OpenID Connect: ID tokens where the scope has `openid`, by the code, refresh and device grants, and through the browser | `nonce`, `max_age`, `acr_values`, `claims`, `prompt`; [`Application::id_token_algorithm`], [`Settings::rotates_before_signing`] |
//! | UserInfo, as JSON or signed, with claims of another source | [`Application::userinfo_algorithm`]; [`Misbehaviour::UserinfoDistributed`] |
//! | WebFinger (RFC 7033), by an email address or `{issuer}/{username}` | [`User::email`] |
//! | encrypted ID tokens (in responses too), UserInfo, responses and introspections, to a key of the application's; encrypted requests, to the server's (RFC 7516) | [`Application::keys`], [`Application::id_token_encryption`], [`KeyEncryption`], [`ContentEncryption`] |
//! | introspection (RFC 7662), signed too (RFC 9701); revocation (RFC 7009) | always; [`Settings::introspection_right`] |
//!
//! What is signed is signed, and what is verified is verified, by [`jsonwebtoken`] over the crates of RustCrypto, and
//! not by the code of `valetkey-core`: a mistake that both sides share would hide itself. It was chosen over those
//! crates by themselves because it reads JWKs and maps algorithms to keys, which is where such mistakes are made. Its
//! checking of claims is not used: that reads the clock. What is encrypted is encrypted over the crates of RustCrypto by
//! themselves, since `jsonwebtoken` does not encrypt. The crate `rsa` signs in a time that depends on the key: the RSA keys
//! of the sandbox are published with it, and no others sign here.
//!
//! # What it is not
//!
//! Put nothing of value behind it: passwords are kept in the clear, and the value holds every secret. Live codes, tokens, log entries and forms are bounded in number, the oldest are forgotten.

// From the ground up: ground, wrong (answers that are wrong on purpose), world (who and what there is), proof (what a client
// proves), grant, endpoint, person, persona (servers that people use), front, stage. Each uses only those before it.
mod endpoint;
#[cfg(feature = "front")]
mod front;
mod grant;
mod ground;
mod person;
mod persona;
mod proof;
#[cfg(feature = "stage")]
mod stage;
mod world;
mod wrong;

#[cfg(feature = "front")]
pub use front::{Front, RawAnswer, RawFront};
pub use ground::endpoint::Endpoint;
pub use ground::jwe::{ContentEncryption, KeyEncryption};
pub use ground::keys::SigningAlgorithm;
pub use person::{Arrival, Person, PersonError};
pub use persona::{Persona, Provider, WrittenSecret};
pub use proof::certificate::CERTIFICATE_THUMBPRINT;
#[cfg(feature = "stage")]
pub use stage::Stage;
pub use world::application::{Application, FlowKind};
pub use world::controls::PushedRefreshToken;
pub use world::demo::{BOBS_RIGHTS, CHATBOTS_RIGHTS, DEMO_CHANNEL, DEMO_PROJECT, DEMO_USERS};
pub use world::log::{LogEntry, MAX_KEPT_BODY};
pub use world::people::{Created, Subject, User};
pub use world::rights::Rights;
pub use world::sandbox::Sandbox;
pub use world::settings::{AssertionAudience, BasicEncoding, Dialect, Rotation, Settings};
pub use wrong::catalogue::Misbehaviour;
pub use wrong::failure::Failure;
pub use wrong::misbehaviour::UnknownMisbehaviour;
