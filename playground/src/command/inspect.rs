//! `valetkey inspect`: what a token, an answer, a redirect or a challenge is, and which rules it keeps or breaks.

use std::io::Read as _;

use clap::Args;
use valetkey_blocking::status::Introspection;
use valetkey_blocking::{AccessToken, now, run as carry_out};
use zeroize::Zeroizing;

use crate::inspect::{self, Report};
use crate::shell::account::Account;
use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::options::Options;
use crate::shell::terminal::{Waiting, print_json, print_styled};

/// Reads standard input: a token, a token response or any other answer, with its head or without, as `curl -i` prints
/// it, a challenge, the URL of a redirect, or a server's metadata. It is read here and sent nowhere.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Prints one JSON object in place of the text.
    #[arg(long)]
    json: bool,
    /// Asks the profile's server what the token on standard input is worth. Only this option sends the token.
    #[arg(long)]
    introspect: bool,
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
    let report = match arguments.introspect {
        true => arguments
            .options
            .with(arguments.profile.as_deref(), |account| introspect(account, text.trim()))?,
        false => inspect::read(&text, now()),
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
