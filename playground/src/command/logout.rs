//! `valetkey logout`: revokes what is stored, where the server can, and forgets it.

use clap::Args;
use valetkey_blocking::{Client, Endpoint, Revocation, agent, run as carry_out};

use crate::shell::account::{Account, Held};
use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::options::Options;
use crate::shell::profile::Method;
use crate::shell::terminal::{Waiting, tell};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The profile; the only one, or the usual one, unless said.
    profile: Option<String>,
    /// Forgets the secrets that the keyring keeps for this profile, too.
    #[arg(long)]
    secrets: bool,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let account = arguments.options.account(arguments.profile.as_deref())?;
    if arguments.secrets {
        forget_secrets(&account)?;
    }
    let known = account.known_client()?;
    let stored = known.as_ref().map(|client| account.stored_by(client)).transpose()?.flatten();
    let (Some(known), Some((version, held))) = (known, stored) else {
        tell("Nothing is stored.");
        return Ok(Exit::Success);
    };
    // A server that is down, or says no, is no reason to keep a token (RFC 7009 §2).
    let revoked = held.map_or(Ok(false), |held| revoke(&account, &held));
    if !account.forget(&known, &version)? {
        return Err(Failure::new(Exit::Store, "another program stored new tokens meanwhile: they are kept")
            .next("run the same command again to end those"));
    }
    match revoked {
        Ok(true) => tell("Revoked at the server, and forgotten."),
        Ok(false) => {
            tell(
                "Forgotten. The server has no endpoint to revoke a token at: it may be good there until it expires.",
            );
        }
        Err(failure) => {
            tell("Forgotten. The server did not revoke it: it may be good there until it expires.");
            return Err(failure);
        }
    }
    Ok(Exit::Success)
}

/// Ends the refresh token, and the access tokens with it, or the access token alone; `false` where there is nowhere to
/// ask for that.
fn revoke(account: &Account, held: &Held) -> Result<bool, Failure> {
    let agent = agent();
    let server = crate::shell::server::found(&account.profile, &agent)?;
    if server.url_of(Endpoint::Revocation).is_none() {
        return Ok(false);
    }
    let client: Client = account.client(&agent)?;
    let credential = held.session.credential();
    let flow = match (held.session.refresh_token(), &credential) {
        (Some(token), _) => Revocation::refresh_token(&client, token)?,
        (None, Some(credential)) => Revocation::access_token(&client, credential.access_token())?,
        (None, None) => return Ok(true),
    };
    let _waiting = Waiting::for_what("revoking the token");
    carry_out(&agent, flow)?;
    Ok(true)
}

fn forget_secrets(account: &Account) -> Result<(), Failure> {
    let profile = &account.profile;
    let secrets = [
        ("client secret", &profile.secret),
        ("password", &profile.password),
        (Method::token_name(profile.method), &profile.token),
    ];
    for (what, source) in secrets {
        if let Some(source) = source {
            source.forget(what, &account.name)?;
        }
    }
    Ok(())
}
