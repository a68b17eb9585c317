//! `valetkey login`: a person authorizes, and the tokens are stored.

use std::time::Duration;

use clap::Args;
use valetkey_blocking::{Session, UnixTime, now};

use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::login::{PATIENCE, Way, require_login};
use crate::shell::options::Options;
use crate::shell::profile::Method;
use crate::shell::terminal::{GREEN, spell, tell_styled};
use crate::shell::visible::visible;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The profile; by default the only one, or the file's `default`.
    profile: Option<String>,
    /// Prints the URL, or a device's page and code, and opens no browser.
    #[arg(long)]
    no_open: bool,
    /// Logs in by the device flow: the user opens a page on any device and enters a code.
    #[arg(long)]
    device: bool,
    /// How many seconds to wait for the user.
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE.as_secs())]
    within: u64,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut account = arguments.options.account(arguments.profile.as_deref())?;
    if arguments.device {
        account.profile.method = Method::Device;
    }
    require_login(account.profile.method)?;
    let agent = account.agent()?;
    let client = account.client(&agent)?;
    // A store that fails is known before a person is sent anywhere.
    account.place()?;
    let way = Way { open: !arguments.no_open, within: Duration::from_secs(arguments.within) };
    let issued = account.log_in(&client, &agent, way)?;
    let tokens = account.logged_in(&client, &issued, &agent)?;
    let told = tokens.look(|session| told(session, issued.expires_at()));
    tell_styled(&format!("{told}. Stored in {}.", visible(account.store_name())));
    Ok(Exit::Success)
}

/// What came of a login, but for where it is stored.
fn told(session: &Session, expires_at: Option<UnixTime>) -> String {
    let mut told = format!("{GREEN}Logged in{GREEN:#}");
    if let Some(subject) = session.subject() {
        told += &format!(" on behalf of the {subject}");
    }
    if let Some(scope) = session.scope() {
        told += &format!(", for {}", visible(scope.as_str()));
    }
    if let Some(at) = expires_at {
        told += &format!(", for {}", spell(at.since(now())));
    }
    if session.renews() && session.refresh_token().is_some() {
        told += ", and renewed from then on";
    }
    told
}
