//! `valetkey`: gets OAuth tokens on the command line, and shows how each method works.

mod command;
mod inspect;
mod shell;
mod tour;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use shell::exit::Exit;
use shell::failure::Failure;

/// Gets OAuth 2.0 tokens on the command line, and shows how each method works.
///
/// The tokens come from any server, by any method; they are kept and renewed. The methods are shown with an embedded sandbox.
#[derive(Parser)]
#[command(name = "valetkey", version, max_term_width = 80, after_long_help = shell::manual::text())]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Prints a token: the stored one, renewed if needed, or a new one.
    Token(command::token::Arguments),
    /// Logs a user in, by browser or other device, and stores the tokens.
    Login(command::login::Arguments),
    /// Says who the stored login is, and what the server says of them.
    Whoami(command::whoami::Arguments),
    /// Sends one request to an API, with the profile's token added.
    Call(command::call::Arguments),
    /// Explains a token, an answer, a redirect or a challenge, and says which rules it keeps or breaks; verifies an ID token.
    Inspect(command::inspect::Arguments),
    /// Ends the stored session, and revokes its tokens if the server can.
    Logout(command::logout::Arguments),
    /// Lists the profiles and what is stored for each, without secrets.
    List(command::list::Arguments),
    /// Prints what a shell needs to complete the command line.
    Completions(command::completions::Arguments),
    /// Prints the manual.
    Man(command::man::Arguments),
    /// Runs each method through each adapter and shows what the API answered. This is the default.
    Tour(command::tour::Arguments),
    /// Opens a local web page to step through each method, check it, attack it and compare it.
    Playground(command::playground::Arguments),
    /// Serves the sandbox, an authorization server with an API, on a loopback port of this computer.
    Sandbox(command::sandbox::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command.unwrap_or(Command::Tour(Default::default())) {
        Command::Token(arguments) => command::token::run(&arguments),
        Command::Login(arguments) => command::login::run(&arguments),
        Command::Whoami(arguments) => command::whoami::run(&arguments),
        Command::Call(arguments) => command::call::run(&arguments),
        Command::Inspect(arguments) => command::inspect::run(&arguments),
        Command::Logout(arguments) => command::logout::run(&arguments),
        Command::List(arguments) => command::list::run(&arguments),
        Command::Completions(arguments) => command::completions::run(&arguments, Arguments::command()),
        Command::Man(arguments) => command::man::run(&arguments, Arguments::command()),
        Command::Tour(arguments) => command::tour::run(&arguments),
        Command::Playground(arguments) => command::playground::network(&arguments)
            .and_then(|network| shown(command::playground::run(&arguments, network))),
        Command::Sandbox(arguments) => shown(command::sandbox::run(&arguments)),
    };
    outcome
        .unwrap_or_else(|failure| {
            shell::terminal::complain(&failure);
            failure.exit()
        })
        .into()
}

/// The outcome of what is there to watch: it worked, or not.
fn shown(outcome: Result<bool, command::Failed>) -> Result<Exit, Failure> {
    match outcome {
        Ok(true) => Ok(Exit::Success),
        Ok(false) => Ok(Exit::Failed),
        Err(error) => Err(Failure::new(Exit::Failed, error.to_string())),
    }
}
