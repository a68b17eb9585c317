//! Each kind of deviation has its switch at the sandbox, and with it on: refused without the exit, by an error that names
//! it; taken with it; and recorded, where there is something to record.
//!
//! | kind | switch | exit | file |
//! |---|---|---|---|
//! | whatever a quirk is about | a [`Misbehaviour`](valetkey_sandbox::Misbehaviour) or a setting, row by row | the quirk | `quirks.rs` |
//! | envelopes | `enveloped` | `tokens_at` | `quirks.rs` |
//! | a bad token told by 400 or 403 | `Settings::bad_token_status` | the quirk | `quirks.rs` |
//! | `client_key` for `client_id` | `Settings::client_id_name` | `client_id_as` | `clients.rs` |
//! | Basic with an empty secret | `Settings::public_clients_by_basic` | `basic_without_secret` | `clients.rs` |
//! | Basic with `%20` for a space | `BasicEncoding::Percent` | none is needed | `clients.rs` |
//! | pushed requests without proofs | `Settings::pushed_proofs` | `key_by_thumbprint` | `clients.rs` |
//! | introspection by a bearer token | `Settings::introspection_right` | `authorized_by` | `clients.rs` |
//! | a first place that is no document | `metadata-first-…` | none is needed | `documents.rs` |
//! | two documents that differ | `metadata-openid-more`, `-less` | `openid_first`, `joining_documents` | `documents.rs` |
//! | two documents that contradict one another | `metadata-contradiction` | one alone | `documents.rs` |
//! | endpoints that are not used | `revocation-endpoint-empty` and others | none is needed | `documents.rs` |
//! | public clients that are not listed | `public-clients-unlisted` | none is needed | `documents.rs` |
//! | unusual redirect URIs | `Application::redirect_uri`, `redirect_name` | the quirk | `redirects.rs` |
//! | refusals and denials in other words | `refused-…`, `interaction-required`, `denied-in-other-words`, `pending-in-other-words` | `refusal_means` | `words.rs` |

mod clients;
mod documents;
mod quirks;
mod redirects;
mod words;

use valetkey_core::server::Metadata;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Discovery, Error, Flow,
    PendingAuthorization, Quirk, Request, Response, Step, TokenResponse, UnixTime,
};
use valetkey_sandbox::{Person, Sandbox};
use valetkey_tests::{NOW, entropy};

const ISSUER: &str = "https://as.example";
const API: &str = "https://as.example/api/http/team-directory/profiles/me";
const WEB: &str = "https://app.example/callback";
const NATIVE: &str = "http://127.0.0.1:4000/callback";
const SCOPE: &str = "global:Profile.View project:key:DEMO:Project.Issues.Create";

fn sandbox() -> Sandbox {
    Sandbox::standard([7; 32], ISSUER)
}

/// Carries a flow out in virtual time.
fn run<F: Flow>(sandbox: &mut Sandbox, flow: F) -> Result<F::Output, Error> {
    run_from(sandbox, flow, NOW)
}

fn run_from<F: Flow>(sandbox: &mut Sandbox, flow: F, now: UnixTime) -> Result<F::Output, Error> {
    run_with(flow, now, |request, now| sandbox.answer(request, now))
}

fn run_with<F: Flow>(
    mut flow: F,
    mut now: UnixTime,
    mut answer: impl FnMut(&Request, UnixTime) -> Response,
) -> Result<F::Output, Error> {
    let mut response = None;
    for _ in 0..1_000 {
        match flow.step(response.take(), now)? {
            Step::Send(request) => response = Some(answer(&request, now)),
            Step::Wait(time) => now = now.after(time),
            Step::Done(output) => return Ok(output),
        }
    }
    panic!("the conversation does not end");
}

/// What the server says of itself, met strictly but for these.
fn found(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Result<Metadata, Error> {
    let discovery = Discovery::new(ISSUER)?;
    run(sandbox, quirks.iter().fold(discovery, |discovery, &quirk| discovery.admit(quirk)))
}

fn server(sandbox: &mut Sandbox, quirks: &[Quirk]) -> AuthorizationServer {
    found(sandbox, quirks).unwrap().into_server()
}

/// The confidential client.
fn web(server: AuthorizationServer, sandbox: &Sandbox) -> Client {
    let secret = sandbox.client_secret("web").unwrap();
    Client::new(server, "web").secret(secret).unwrap().api(API).unwrap()
}

fn alice(sandbox: &Sandbox) -> Person {
    Person::new("alice", sandbox.password("alice").unwrap())
}

/// The response that the person brings back, and what is pending for it.
fn arrived(
    sandbox: &mut Sandbox,
    client: &Client,
    redirect_uri: &str,
    change: impl FnOnce(AuthorizationRequest) -> AuthorizationRequest,
) -> Result<(AuthorizationResponse, PendingAuthorization), Error> {
    let request = change(AuthorizationRequest::new(client, redirect_uri)?.scope(SCOPE)?);
    let (url, pending) = request.begin_unbound(entropy(1), NOW)?;
    let alice = alice(sandbox);
    let arrival = sandbox.visit(url.as_str(), &alice, NOW).unwrap();
    Ok((AuthorizationResponse::from_url(arrival.url().unwrap())?, pending))
}

/// The Authorization Code flow, to its tokens.
fn tokens(sandbox: &mut Sandbox, client: &Client, redirect_uri: &str) -> Result<TokenResponse, Error> {
    let (response, mut pending) = arrived(sandbox, client, redirect_uri, |request| request)?;
    run(sandbox, pending.finish(client, &response, NOW)?)
}
