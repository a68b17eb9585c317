//! `valetkey login`: a person authorizes, and the tokens are stored.

use std::time::Duration;

use clap::Args;
use valetkey_blocking::identity::Login;
use valetkey_blocking::{Quirk, Session, TokenResponse, now};

use crate::shell::account::Account;
use crate::shell::duration::spell;
use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::login::require_login;
use crate::shell::options::Options;
use crate::shell::terminal::{GREEN, tell, tell_styled};
use crate::shell::values::Method;
use crate::shell::visible::visible;
use crate::shell::way::{PATIENCE, Show, Way};
use crate::shell::who;

/// The three ways of a browser that is on another computer.
const ELSEWHERE: &str = "\
If the browser is on another computer, as it is over SSH or from a container:
  paste      Open the URL there, and log in. The browser ends at a page that it
             cannot open: copy its whole address, paste it here, press Enter.
             A terminal takes 4,095 characters of a line, 1,023 on macOS: write
             a longer address into a file, and enter @FILE. With --no-open it
             may come by a pipe too, which cuts nothing off.
  forward    Take a port, `redirect_ports = [8910]`, and connect by
             ssh -L 8910:127.0.0.1:8910 HOST. If the port has another number at
             the browser, `forwarded_port` says which.
  --device   Enter a code on a page, with any device, if the server has it.";

#[derive(Args)]
#[command(after_help = ELSEWHERE)]
pub(crate) struct Arguments {
    /// The profile; by default the only one, or the file's `default`.
    profile: Option<String>,
    /// Prints the URL, or a device's page and code, and opens no browser. The URL at which a browser elsewhere ended is
    /// taken from standard input.
    #[arg(long)]
    no_open: bool,
    /// Logs in by the device flow: the user opens a page on any device and enters a code.
    #[arg(long)]
    device: bool,
    /// Draws no QR code of a device's page. None is drawn where standard error is not a terminal.
    #[arg(long)]
    no_qr: bool,
    /// How many seconds to wait for the user.
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE.as_secs())]
    within: u64,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    arguments.options.with(arguments.profile.as_deref(), |account| log_in(arguments, account.clone()))
}

fn log_in(arguments: &Arguments, mut account: Account) -> Result<Exit, Failure> {
    if arguments.device {
        account.profile.method = Method::Device;
    }
    require_login(account.profile.method)?;
    let agent = account.agent()?;
    let client = account.client(&agent)?;
    // A store that fails is known before a person is sent anywhere.
    account.place()?;
    let mut way = Way { within: Duration::from_secs(arguments.within), ..Way::usual() };
    way.draws &= !arguments.no_qr;
    if arguments.no_open {
        way = Way { show: Show::Printed, takes_paste: true, ..way };
    }
    let issued = account.log_in(&client, &agent, way)?;
    let tokens = account.logged_in(&client, &issued, &agent)?;
    let mut told = tokens.look(|session| told(session, &issued));
    if let Some(account) = &account.profile.account {
        told += &format!(", as the account {}", visible(account));
    }
    tell_styled(&format!("{told}. Stored in {}.", visible(&account.store_place())));
    if let Some(quirks) = issued.login().map(Login::quirks).filter(|quirks| !quirks.is_empty()) {
        let names: Vec<&str> = quirks.iter().map(Quirk::name).collect();
        tell(&format!("valetkey: of who it is, this was let through: {}", names.join(", ")));
    }
    Ok(Exit::Success)
}

/// What came of a login, but for where it is stored.
fn told(session: &Session, issued: &TokenResponse) -> String {
    let mut told = format!("{GREEN}Logged in{GREEN:#}");
    if let Some(login) = issued.login() {
        told += &format!(" as {}", who::told(login));
    } else if let Some(subject) = session.subject() {
        told += &format!(" on behalf of the {subject}");
    }
    if let Some(scope) = session.scope() {
        told += &format!(", for {}", visible(scope.as_str()));
    }
    if let Some(at) = issued.expires_at() {
        told += &format!(", for {}", spell(at.since(now())));
    }
    if session.renews() && session.refresh_token().is_some() {
        told += ", and renewed from then on";
    }
    told
}
