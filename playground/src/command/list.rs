//! `valetkey list`: the profiles, and what is stored of each; never a secret.

use clap::Args;
use serde::Serialize;
use valetkey_blocking::identity::Identity;
use valetkey_blocking::session::Credential;
use valetkey_blocking::{Subject, UnixTime, now};

use super::servers;
use crate::shell::account::Account;
use crate::shell::duration::spell;
use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::options::Options;
use crate::shell::terminal::{BOLD, complain, print_json, print_styled};
use crate::shell::values::Method;
use crate::shell::visible::one_line;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Prints one JSON array of objects in place of the table.
    #[arg(long)]
    json: bool,
    /// Lists in their place the servers that have names, for the key `server`, and what each of them needs.
    #[arg(long)]
    servers: bool,
    #[command(flatten)]
    options: Options,
}

/// A profile and what is stored of it.
#[derive(Serialize)]
struct Row {
    profile: String,
    /// Which of its logins, if that has a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    method: Option<&'static str>,
    server: Option<String>,
    client_id: Option<String>,
    store: Option<String>,
    state: State,
    subject: Option<Subject>,
    /// Who logged in, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<Identity>,
    scope: Option<String>,
    expires_at: Option<u64>,
    /// Whether it is renewed without a person.
    renews: bool,
    error: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// Nothing is stored.
    None,
    /// A token that is good.
    Good,
    /// A token that is not good any more, if there is one at all.
    Expired,
    /// A token that is stored nowhere: it is in its source.
    Permanent,
    /// The profile or its store is at fault.
    Failed,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.servers {
        return servers::run(arguments.json);
    }
    let config = arguments.options.config()?;
    let (mut rows, mut exit) = (Vec::new(), Exit::Success);
    for name in config.names() {
        let mut row = Row::new(name);
        let mut others = Vec::new();
        let looked = arguments.options.account_of(&config, Some(name)).and_then(|account| {
            let mut look = || {
                row.look(&account)?;
                others = Row::others(&account)?;
                Ok(())
            };
            look().map_err(|failure: Failure| failure.beside(&account.profile.quirks))
        });
        if let Err(failure) = looked {
            exit = failure.exit();
            if !arguments.json {
                complain(&failure);
            }
            row = Row { state: State::Failed, error: Some(failure.to_string()), ..row };
        }
        // The login without a name is told of if there is no other.
        if row.state != State::None || others.is_empty() {
            rows.push(row);
        }
        rows.append(&mut others);
    }
    match arguments.json {
        true => print_json(&serde_json::json!(rows))?,
        false => print_styled(&table(&rows))?,
    }
    Ok(exit)
}

impl Row {
    fn new(profile: &str) -> Self {
        Self {
            profile: profile.to_owned(),
            account: None,
            method: None,
            server: None,
            client_id: None,
            store: None,
            state: State::None,
            subject: None,
            identity: None,
            scope: None,
            expires_at: None,
            renews: false,
            error: None,
        }
    }

    /// The logins of the profile that have names, unless one of them is meant.
    fn others(account: &Account) -> Result<Vec<Self>, Failure> {
        if account.profile.account.is_some() || account.profile.method == Method::PermanentToken {
            return Ok(Vec::new());
        }
        let names = account.accounts()?;
        let row = |name: &String| {
            let mut row = Self::new(&account.name);
            row.look(&account.of(name)).map(|()| row)
        };
        names.iter().map(row).collect()
    }

    /// Fills in what the profile says, and then what its store has.
    fn look(&mut self, account: &Account) -> Result<(), Failure> {
        let profile = &account.profile;
        self.account.clone_from(&profile.account);
        self.method = Some(profile.method.name());
        self.server = Some(profile.server_name().to_owned());
        self.client_id.clone_from(&profile.client_id);
        self.scope = profile.scope.as_ref().map(ToString::to_string);
        if profile.method == Method::PermanentToken {
            self.state = State::Permanent;
            self.subject = profile.subject;
            return Ok(());
        }
        self.store = Some(account.store_name().to_owned());
        self.renews = profile.method == Method::ClientCredentials;
        let Some(held) = account.held()? else { return Ok(()) };
        let credential = held.session.credential();
        let is_good = credential.as_ref().is_some_and(|credential| credential.is_valid(now()));
        self.state = if is_good { State::Good } else { State::Expired };
        self.subject = held.session.subject();
        self.identity = held.record.identity().cloned();
        self.scope = held.session.scope().map(ToString::to_string).or(self.scope.take());
        self.expires_at = credential.as_ref().and_then(Credential::expires_at).map(UnixTime::as_secs);
        self.renews |= held.record.has_refresh_token();
        Ok(())
    }

    /// What is stored, for people.
    fn state(&self) -> String {
        let left = self.expires_at.map(|at| spell(UnixTime::from_secs(at).since(now())));
        match (self.state, left, self.renews) {
            (State::None, ..) => "nothing stored".to_owned(),
            (State::Good, Some(left), true) => format!("good for {left}, then renewed"),
            (State::Good, Some(left), false) => format!("good for {left}"),
            (State::Good, None, _) => "good".to_owned(),
            (State::Expired, _, true) => "expired, renewed when used".to_owned(),
            (State::Expired, _, false) => "expired".to_owned(),
            (State::Permanent, ..) => "permanent".to_owned(),
            (State::Failed, ..) => "failed".to_owned(),
        }
    }
}

/// The rows in columns as wide as they need to be.
fn table(rows: &[Row]) -> String {
    let head = ["PROFILE", "METHOD", "SERVER", "STATE", "SUBJECT", "SCOPE"].map(str::to_owned);
    let dash = || "-".to_owned();
    let cells: Vec<[String; 6]> = rows
        .iter()
        .map(|row| {
            [
                one_line(&match &row.account {
                    Some(account) => format!("{} ({account})", row.profile),
                    None => row.profile.clone(),
                }),
                row.method.map_or_else(dash, str::to_owned),
                row.server.as_deref().map_or_else(dash, one_line),
                row.state(),
                match (&row.identity, row.subject) {
                    (Some(identity), _) => one_line(identity.subject()),
                    (None, Some(subject)) => subject.to_string(),
                    (None, None) => dash(),
                },
                row.scope.as_deref().map_or_else(dash, one_line),
            ]
        })
        .collect();
    let mut widths = head.clone().map(|cell| cell.chars().count());
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; 6]| {
        let padded = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut text = format!("{BOLD}{}{BOLD:#}\n", line(&head));
    for row in &cells {
        text += &line(row);
        text.push('\n');
    }
    text
}
