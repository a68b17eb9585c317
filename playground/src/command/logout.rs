//! `valetkey logout`: ends the stored session for every process, and revokes its tokens where the server can.

use clap::Args;
use valetkey_blocking::server::Endpoint;
use valetkey_blocking::session::{Ended, NotRevoked};
use valetkey_blocking::{Client, HttpClient};

use crate::shell::account::Account;
use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::options::Options;
use crate::shell::server;
use crate::shell::terminal::tell;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The profile; by default the only one, or the file's `default`.
    profile: Option<String>,
    /// Also forgets the secrets that the keyring keeps for this profile, and the key of bound tokens.
    #[arg(long)]
    secrets: bool,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    arguments.options.with(arguments.profile.as_deref(), |account| log_out(arguments, account))
}

fn log_out(arguments: &Arguments, account: &Account) -> Result<Exit, Failure> {
    let ended = end(account);
    if let Some(client) = account.known_client()? {
        account.note(&client, false)?;
    }
    if arguments.secrets {
        forget_secrets(account)?;
    }
    ended.map(|()| Exit::Success)
}

fn end(account: &Account) -> Result<(), Failure> {
    let Some(known) = account.known_client()? else { return nothing(account) };
    if !account.is_stored(&known)? {
        return nothing(account);
    }
    // A server that is down, or says no, is no reason to keep a token (RFC 7009 §2): then it ends here alone.
    let (ended, why) = match authenticated(account, &known) {
        Ok((agent, client)) => (account.end(&agent, &client)?, None),
        Err(failure) => (account.end_here(&known)?, Some(failure)),
    };
    let refused = match ended {
        Ended::Nothing => return nothing(account),
        Ended::Revoked => {
            tell("Revoked at the server, and forgotten.");
            None
        }
        Ended::Forgotten(NotRevoked::NoToken) => {
            tell("Forgotten. There was no token to revoke.");
            return Ok(());
        }
        Ended::Forgotten(NotRevoked::NoEndpoint) => {
            tell(
                "Forgotten. The server has no endpoint to revoke a token at: it may be good there until it expires.",
            );
            None
        }
        Ended::Forgotten(NotRevoked::Failed(error)) => {
            tell("Forgotten. The server did not revoke it: it may be good there until it expires.");
            Some(Failure::from(error))
        }
        _ => None,
    };
    why.or(refused).map_or(Ok(()), Err)
}

fn nothing(account: &Account) -> Result<(), Failure> {
    match account.meant()? {
        Some(meant) => tell(&format!("Nothing is stored of {}: {meant}", account.full_name())),
        None => tell("Nothing is stored."),
    }
    Ok(())
}

/// The client as the server's revocation endpoint wants it: with its secret only if there is such an endpoint.
fn authenticated(account: &Account, known: &Client) -> Result<(HttpClient, Client), Failure> {
    let agent = account.agent()?;
    let has_endpoint = server::found(&account.profile, &agent)?.url_of(Endpoint::Revocation).is_some();
    let client = if has_endpoint { account.client(&agent)? } else { known.clone() };
    Ok((agent, client))
}

fn forget_secrets(account: &Account) -> Result<(), Failure> {
    let profile = &account.profile;
    let secrets = [
        (profile.secret_name(), &profile.secret),
        ("password", &profile.password),
        (profile.method.token_name(), &profile.token),
    ];
    for (number, (what, source)) in secrets.into_iter().enumerate() {
        // The client's own secret is that of all its logins.
        let owner = if number == 0 { account.owner() } else { account.person() };
        if let Some(source) = source {
            source.forget(what, &owner)?;
        }
    }
    account.forget_key()
}
