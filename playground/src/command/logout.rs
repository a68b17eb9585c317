//! `valetkey logout`: revokes what is stored, where the server can, and forgets it.

use clap::Args;
use valetkey_blocking::run as carry_out;
use valetkey_blocking::server::Endpoint;
use valetkey_blocking::status::Revocation;

use crate::shell::account::{Account, Held};
use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::options::Options;
use crate::shell::server;
use crate::shell::terminal::{Waiting, tell};

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
    let account = arguments.options.account(arguments.profile.as_deref())?;
    let ended = end(&account);
    if arguments.secrets {
        forget_secrets(&account)?;
    }
    ended.map(|()| Exit::Success)
}

fn end(account: &Account) -> Result<(), Failure> {
    let known = account.known_client()?;
    let stored = known.as_ref().map(|client| account.stored_by(client)).transpose()?.flatten();
    let (Some(known), Some((version, held))) = (known, stored) else {
        tell("Nothing is stored.");
        return Ok(());
    };
    // A server that is down, or says no, is no reason to keep a token (RFC 7009 §2).
    let revoked = held.map_or(Ok(Revoked::Nothing), |held| revoke(account, &held));
    if !account.forget(&known, &version)? {
        return Err(Failure::new(Exit::Store, "another program stored new tokens meanwhile: they are kept")
            .next("run the same command again to end those"));
    }
    tell(match &revoked {
        Ok(Revoked::Nothing) => "Forgotten. There was no token to revoke.",
        Ok(Revoked::Token) => "Revoked at the server, and forgotten.",
        Ok(Revoked::Nowhere) => {
            "Forgotten. The server has no endpoint to revoke a token at: it may be good there until it expires."
        }
        Err(_) => "Forgotten. The server did not revoke it: it may be good there until it expires.",
    });
    revoked.map(drop)
}

/// What became of the token at its server.
enum Revoked {
    Token,
    /// There was none.
    Nothing,
    /// The server has no endpoint for it.
    Nowhere,
}

/// Ends the refresh token, and the access tokens with it, or the access token alone.
fn revoke(account: &Account, held: &Held) -> Result<Revoked, Failure> {
    let (refresh, credential) = (held.session.refresh_token(), held.session.credential());
    if refresh.is_none() && credential.is_none() {
        return Ok(Revoked::Nothing);
    }
    let agent = account.agent()?;
    if server::found(&account.profile, &agent)?.url_of(Endpoint::Revocation).is_none() {
        return Ok(Revoked::Nowhere);
    }
    let client = account.client(&agent)?;
    let flow = match (refresh, &credential) {
        (Some(token), _) => Revocation::refresh_token(&client, token)?,
        (None, Some(credential)) => Revocation::access_token(&client, credential.access_token())?,
        (None, None) => return Ok(Revoked::Nothing),
    };
    let _waiting = Waiting::for_what("revoking the token");
    carry_out(&agent, flow)?;
    Ok(Revoked::Token)
}

fn forget_secrets(account: &Account) -> Result<(), Failure> {
    let profile = &account.profile;
    let secrets = [
        (profile.client_authentication.secret_name(), &profile.secret),
        ("password", &profile.password),
        (profile.method.token_name(), &profile.token),
    ];
    for (what, source) in secrets {
        if let Some(source) = source {
            source.forget(what, &account.owner())?;
        }
    }
    account.forget_key()
}
