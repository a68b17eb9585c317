//! The network that requests are sent on: the environment's proxies, and perhaps a further authority: [`agent`],
//! [`trusting`].

use std::path::Path;

use valetkey_blocking::host::{Network, TransportError};
use valetkey_blocking::{HttpClient, http_client_for, network};

use super::failure::Failure;

/// An agent on the environment's network, which trusts the authorities in this PEM file too.
pub(crate) fn agent(ca: Option<&Path>) -> Result<HttpClient, Failure> {
    let Some(path) = ca else { return Ok(valetkey_blocking::http_client()) };
    http_client_for(&read(path)?).map_err(|error| {
        // The library's own setup is what failed, and the file is why.
        let why = error
            .transport()
            .and_then(TransportError::system)
            .map_or_else(|| error.to_string(), ToString::to_string);
        unusable(path, &format!("cannot be used: {why}"))
    })
}

/// The same network, for the HTTP clients of both adapters.
pub(crate) fn trusting(ca: Option<&Path>) -> Result<Network, Failure> {
    // A file that is wrong is told by its name.
    agent(ca)?;
    ca.map_or_else(|| Ok(network()), read)
}

#[expect(clippy::disallowed_methods, reason = "the program is what reads files for core")]
fn read(path: &Path) -> Result<Network, Failure> {
    let pem = std::fs::read(path).map_err(|error| unusable(path, &format!("cannot be read: {error}")))?;
    Ok(network().authority(pem))
}

fn unusable(path: &Path, why: &str) -> Failure {
    Failure::usage(format!("the file of authorities, {}, {why}", path.display()))
        .next("name a PEM file with the authority's certificate, by --ca or by `ca` in the profile")
}
