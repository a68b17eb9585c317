//! `valetkey tour`.

use std::path::PathBuf;

use clap::Args;
use valetkey_blocking::{ClientSecret, Scope};

use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::network;
use crate::shell::source::{self, Source};
use crate::shell::visible::Out;
use crate::tour;
use crate::tour::server::{Ours, Place};

#[derive(Args, Default)]
pub(crate) struct Arguments {
    /// One JSON object a line in place of the table.
    #[arg(long)]
    json: bool,
    /// Shows every request and answer of the sandbox, secrets redacted.
    #[arg(long)]
    verbose: bool,
    /// Tours the much-used servers, each as its documentation describes it: one row for each and each adapter.
    #[arg(long, conflicts_with_all = ["server", "verbose"])]
    providers: bool,
    /// Tours another server than the sandbox's Space: a server by its issuer, or `sandbox` (the default) for the sandbox's
    /// standard server.
    #[arg(long, value_name = "ISSUER", num_args = 0..=1, default_missing_value = "sandbox")]
    server: Option<String>,
    /// The identifier of a client of that server. Its methods are then run.
    #[arg(long, value_name = "ID", requires = "server", allow_hyphen_values = true)]
    client_id: Option<String>,
    /// Where the client's secret is, if it has one: "prompt", "env:NAME", "fd:N" or "keyring".
    // Parsed later, so that a secret written here by mistake is not repeated.
    #[arg(long, value_name = "SOURCE", requires = "client_id")]
    secret: Option<String>,
    /// The scope to ask for.
    #[arg(long, requires = "client_id")]
    scope: Option<Scope>,
    /// The URL to GET with each token; by default the server's userinfo.
    #[arg(long, value_name = "URL", requires = "client_id")]
    api: Option<String>,
    /// A port of the redirect URI, if it is registered with its port. May be given several times.
    #[arg(long, value_name = "PORT", requires = "client_id")]
    redirect_port: Vec<u16>,
    /// Trusts the authorities in this PEM file beside those of the system.
    #[arg(long, value_name = "FILE", requires = "server")]
    ca: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let out = &mut Out::new(false);
    if arguments.providers {
        let outcome = tour::providers::run(arguments.json, out).map_err(|error| failed(&error))?;
        return Ok(if outcome { Exit::Success } else { Exit::Failed });
    }
    let outcome = match arguments.place()? {
        Some(place) => {
            let network = network::trusting(arguments.ca.as_deref())?;
            tour::server::run(&place, &network, arguments.json, arguments.verbose, out)
        }
        None => tour::run(arguments.json, arguments.verbose, out),
    };
    match outcome {
        Ok(true) => Ok(Exit::Success),
        Ok(false) => Ok(Exit::Failed),
        Err(error) => Err(failed(&error)),
    }
}

/// What goes wrong on the tour is a step of it, whatever it is.
fn failed(error: &tour::Failed) -> Failure {
    Failure::new(Exit::Failed, error.to_string())
}

impl Arguments {
    /// The server that is meant, if it is not Space.
    fn place(&self) -> Result<Option<Place>, Failure> {
        match self.server.as_deref() {
            None => Ok(None),
            Some("sandbox") if self.client_id.is_some() => {
                Err(Failure::usage("the tour has a client of its own at the sandbox: leave --client-id out"))
            }
            Some("sandbox") => Place::sandbox().map(Some).map_err(|error| failed(&error)),
            Some(issuer) => {
                let client_id = self.client_id.as_deref().unwrap_or_default();
                let owner = source::owner("tour", client_id, issuer);
                let secret = self.secret.as_deref().map(|secret| read_secret(secret, &owner)).transpose()?;
                Ok(Some(Place::Server(Ours {
                    issuer: issuer.to_owned(),
                    client_id: self.client_id.clone(),
                    secret,
                    api: self.api.clone(),
                    scope: self.scope.clone(),
                    ports: self.redirect_port.clone(),
                })))
            }
        }
    }
}

fn read_secret(source: &str, owner: &str) -> Result<ClientSecret, Failure> {
    let source: Source = source.parse().map_err(|forms: &str| Failure::usage(forms))?;
    Ok(ClientSecret::new(source.read("client secret", owner)?.as_str())?)
}
