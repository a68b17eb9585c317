//! `valetkey inspect`: what a token, an answer, a redirect or a challenge is, and which rules it keeps or breaks.

use std::io::Read as _;

use clap::Args;
use valetkey_blocking::status::Introspection;
use valetkey_blocking::valetkey_core::Error as CoreError;
use valetkey_blocking::{AccessToken, Discovery, Error, Quirk, Quirks, now, run as carry_out};
use zeroize::Zeroizing;

use crate::inspect::id_token::Expected;
use crate::inspect::{self, Report};
use crate::shell::account::Account;
use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::network;
use crate::shell::options::Options;
use crate::shell::terminal::{Waiting, print_json, print_styled};

/// Reads standard input: a token, a token response or any other answer, with its head or without, as `curl -i` prints
/// it, a challenge, the URL of a redirect, or a server's metadata. It is read here and sent nowhere. With --issuer it is an
/// ID token, which is verified.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Prints one JSON object in place of the text.
    #[arg(long)]
    json: bool,
    /// Asks the profile's server what the token on standard input is worth. Only this option sends the token.
    #[arg(long)]
    introspect: bool,
    /// Verifies the ID token on standard input as this issuer's, with the keys that it publishes. Nothing of the token is
    /// sent.
    #[arg(long, value_name = "URL", conflicts_with = "introspect")]
    issuer: Option<String>,
    /// The client that the ID token must be for; by default the one that it names.
    #[arg(long, value_name = "ID", requires = "issuer", allow_hyphen_values = true)]
    client_id: Option<String>,
    /// The nonce that was sent with the request; by default the one that the ID token has.
    #[arg(long, requires = "issuer", allow_hyphen_values = true)]
    nonce: Option<String>,
    /// The profile to introspect with.
    #[arg(requires = "introspect")]
    profile: Option<String>,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut bytes = Zeroizing::new(Vec::new());
    std::io::stdin()
        .take(inspect::MAX)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(Exit::Failed, format!("standard input cannot be read: {error}")))?;
    let text = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
    if text.trim().is_empty() {
        return Err(Failure::usage("there is nothing on standard input")
            .next("pipe in what is to be read: `valetkey token | valetkey inspect`"));
    }
    let report = match &arguments.issuer {
        Some(issuer) => verify(arguments, issuer, text.trim())?,
        None if arguments.introspect => arguments
            .options
            .with(arguments.profile.as_deref(), |account| introspect(account, text.trim()))?,
        None => inspect::read(&text, now()),
    };
    match arguments.json {
        true => print_json(&report.json())?,
        false => print_styled(&report.text())?,
    }
    Ok(if report.broken.is_some() { Exit::Malformed } else { Exit::Success })
}

fn introspect(account: &Account, token: &str) -> Result<Report, Failure> {
    let agent = account.agent()?;
    let client = account.client(&agent)?;
    let flow = Introspection::new(&client, &AccessToken::new(token)?)?;
    let introspected = {
        let _waiting = Waiting::for_what("asking the server about the token");
        carry_out(&agent, flow)?
    };
    Ok(inspect::introspected(&introspected, now()))
}

/// Verifies an ID token as this issuer's.
fn verify(arguments: &Arguments, issuer: &str, token: &str) -> Result<Report, Failure> {
    let agent = network::agent(arguments.options.authorities())?;
    let expected = Expected { client_id: arguments.client_id.as_deref(), nonce: arguments.nonce.as_deref() };
    // Core refuses plain http beyond a loopback address.
    let quirks = match issuer.starts_with("http://") {
        true => Quirks::STRICT.with(Quirk::LoopbackHttp),
        false => Quirks::STRICT,
    };
    let _waiting = Waiting::for_what("asking the server about itself and its keys");
    let server = carry_out(&agent, Discovery::new(issuer)?.admit_all(quirks))?.into_server();
    let verification = expected.verification(server, token);
    let outcome = match verification.map_err(Error::from).and_then(|flow| carry_out(&agent, flow)) {
        Ok(login) => Ok(login),
        // What is wrong with the token is what was asked.
        Err(Error::Core(error)) if matches!(error, CoreError::Malformed(_)) => Err(error),
        Err(error) => return Err(error.into()),
    };
    Ok(expected.report(token, &outcome, now()))
}
