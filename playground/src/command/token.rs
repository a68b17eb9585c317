//! `valetkey token`: prints a token.

use clap::Args;
use serde_json::json;
use valetkey_blocking::session::Credential;
use valetkey_blocking::{AccessToken, Session, now};

use crate::shell::account::Account;
use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::options::Options;
use crate::shell::terminal::{print, print_json};
use crate::shell::values::Method;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The profile; by default the only one, or the file's `default`.
    profile: Option<String>,
    /// Prints one JSON object: the token, its type, expiry and scope, and on whose behalf it is.
    #[arg(long, conflicts_with = "header")]
    json: bool,
    /// Prints the whole header: `curl -H "$(valetkey token --header)" https://api.example`
    #[arg(long)]
    header: bool,
    /// Gets a token that is made just now, though the stored one is still good: for one that an API refuses.
    #[arg(long)]
    fresh: bool,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    arguments.options.with(arguments.profile.as_deref(), |account| print_token(arguments, account))
}

fn print_token(arguments: &Arguments, account: &Account) -> Result<Exit, Failure> {
    if account.profile.method == Method::PermanentToken {
        if arguments.fresh {
            return Err(Failure::usage("a permanent token is made once, and not again")
                .next(account.how_to_authorize()));
        }
        return arguments.show(&account.permanent_token()?, None, None);
    }
    // A token that is stored and good costs no secret, no agent, no request.
    let stored = account.fresh(now())?;
    if let Some((credential, held)) = stored.as_ref().filter(|_| !arguments.fresh) {
        return arguments.show(credential.access_token(), Some(credential), Some(&held.session));
    }
    if arguments.fresh {
        account.hurry()?;
    }
    let tokens = account.tokens(&account.agent()?)?;
    let credential = match stored {
        Some(_) => account.renewed(&tokens)?,
        // There was none that was good, so this one is new.
        None => account.credential(&tokens)?,
    };
    tokens.look(|session| arguments.show(credential.access_token(), Some(&credential), Some(session)))
}

impl Arguments {
    fn show(
        &self,
        token: &AccessToken,
        credential: Option<&Credential>,
        session: Option<&Session>,
    ) -> Result<Exit, Failure> {
        let token = token.expose();
        let is_bound = credential.is_some_and(Credential::is_bound);
        if self.header && is_bound {
            return Err(Failure::usage(
                "the token is bound to a key, and goes with a proof of it for each request",
            )
            .next("send the request by `valetkey call`"));
        }
        if self.header {
            print(&format!("Authorization: Bearer {token}\n"))?;
        } else if self.json {
            let expires_at = credential.and_then(Credential::expires_at);
            let told = json!({
                "access_token": token,
                "token_type": if is_bound { "DPoP" } else { "Bearer" },
                "expires_at": expires_at.map(valetkey_blocking::UnixTime::as_secs),
                "expires_in": expires_at.map(|at| at.since(now()).as_secs()),
                "scope": session.and_then(Session::scope).map(ToString::to_string),
                "subject": session.and_then(Session::subject),
            });
            print_json(&told)?;
        } else {
            print(&format!("{token}\n"))?;
        }
        Ok(Exit::Success)
    }
}
