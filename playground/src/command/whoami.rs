//! `valetkey whoami`: who the stored login is.

use clap::Args;
use serde_json::{Map, Value, json};
use valetkey_blocking::identity::Identity;
use valetkey_blocking::openid::UserInfo;
use valetkey_blocking::{HttpClient, Quirk, Session, Tokens};

use crate::shell::account::Account;
use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::options::Options;
use crate::shell::terminal::{Waiting, print_json, print_styled};
use crate::shell::values::Method;
use crate::shell::visible::one_line;

/// Says who the stored login is: the issuer and the subject of the ID token that it brought, which was verified. Nothing is
/// sent.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The profile; by default the only one, or the file's `default`.
    profile: Option<String>,
    /// Prints one JSON object in place of the text.
    #[arg(long)]
    json: bool,
    /// Also asks the server what it says of the person (UserInfo), with the stored token, renewed if needed.
    #[arg(long)]
    user_info: bool,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    arguments.options.with(arguments.profile.as_deref(), |account| show(arguments, account))
}

fn show(arguments: &Arguments, account: &Account) -> Result<Exit, Failure> {
    let mut identity = stored(account)?;
    let mut told = None;
    if arguments.user_info {
        let info = ask(account)?;
        identity = info.identity().clone();
        told = Some(info);
    }
    let claims = told.as_ref().map(claims).transpose()?;
    if arguments.json {
        print_json(&json!({
            "iss": identity.issuer(),
            "sub": identity.subject(),
            "user_info": claims,
            "quirks": told.as_ref().map(|info| info.quirks().iter().map(Quirk::name).collect::<Vec<_>>()),
        }))?;
    } else {
        print_styled(&text(&identity, claims.unwrap_or_default()))?;
    }
    Ok(Exit::Success)
}

/// Who the stored login is.
fn stored(account: &Account) -> Result<Identity, Failure> {
    if !matches!(account.profile.method, Method::PermanentToken | Method::ClientCredentials)
        && let Some(held) = account.held()?
    {
        // What ended without a log-out is somebody's no longer.
        if !held.record.has_refresh_token() && held.session.credential().is_none() {
            return Err(
                Failure::new(Exit::Authorize, "the stored login has ended").next(account.how_to_authorize())
            );
        }
        return held.record.identity().cloned().ok_or_else(|| unknown(account));
    }
    if !account.profile.method.needs_person() {
        let method = account.profile.method.name();
        return Err(Failure::usage(format!("nobody is known to have logged in by the method {method}"))
            .next("take `method = \"authorization-code\"` or \"device\", with `openid` in `scope`"));
    }
    let failure = Failure::new(Exit::Authorize, "nobody is logged in");
    Err(match account.meant()? {
        Some(meant) => failure.next(format!("{meant} Otherwise {}", account.how_to_authorize())),
        None => failure.next(account.how_to_authorize()),
    })
}

/// A login that was not asked who it is.
fn unknown(account: &Account) -> Failure {
    let asks = account.profile.scope.as_ref().is_some_and(|scope| scope.iter().any(|one| one == "openid"));
    let what = "the stored login does not say who it is";
    match asks {
        true => Failure::new(Exit::Authorize, what).next(account.how_to_authorize()),
        false => Failure::usage(what)
            .next(format!("put `openid` into `scope` of the profile, and {}", account.how_to_authorize())),
    }
}

/// What the server says: asked with the stored token if that is good, and with all that a profile has if it is not, or if the
/// server thinks otherwise.
fn ask(account: &Account) -> Result<UserInfo, Failure> {
    let agent = account.agent()?;
    // A signature may be made with the client's secret.
    let needs_secret = account.profile.user_info_algorithm.is_some();
    if let Some(tokens) = account.unrenewed(&agent)?.filter(|_| !needs_secret) {
        let credential = tokens.credential()?;
        match asked(&tokens) {
            Err(error) if error.is_authorization_required() => {}
            Err(error) if error.core().is_some_and(|error| credential.is_refused_with(error)) => {}
            told => return Ok(told?),
        }
    }
    renewed(account, &agent)
}

fn renewed(account: &Account, agent: &HttpClient) -> Result<UserInfo, Failure> {
    let tokens = account.tokens(agent)?;
    account.credential(&tokens)?;
    if tokens.look(|session: &Session| session.identity().is_none()) {
        return Err(unknown(account));
    }
    asked(&tokens).map_err(|error| account.not_renewed(error))
}

fn asked(tokens: &Tokens) -> Result<UserInfo, valetkey_blocking::Error> {
    let _waiting = Waiting::for_what("asking the server about the person");
    tokens.user_info()
}

fn claims(info: &UserInfo) -> Result<Map<String, Value>, Failure> {
    serde_json::from_slice(info.claims())
        .map_err(|_| Failure::new(Exit::Malformed, "UserInfo is not one JSON object"))
}

/// The two that tell a person from everybody else, and then what the server says.
fn text(identity: &Identity, claims: Map<String, Value>) -> String {
    let mut rows = vec![
        ("iss".to_owned(), identity.issuer().to_owned()),
        ("sub".to_owned(), identity.subject().to_owned()),
    ];
    let others = claims.into_iter().filter(|(name, _)| !matches!(&**name, "iss" | "sub" | "aud"));
    rows.extend(others.map(|(name, value)| match value {
        Value::String(text) => (name, text),
        other => (name, other.to_string()),
    }));
    let width = rows.iter().map(|(name, _)| one_line(name).chars().count()).max().unwrap_or_default();
    rows.iter().map(|(name, value)| format!("{:width$}  {}\n", one_line(name), one_line(value))).collect()
}
