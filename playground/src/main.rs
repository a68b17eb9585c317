//! `valetkey`: OAuth to watch.

mod command;
mod tour;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// OAuth 2.0 to watch: every authorization method of JetBrains Space, against an embedded sandbox.
#[derive(Parser)]
#[command(name = "valetkey", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs each method through each adapter, for real, and shows what the API answered. The default.
    Tour(command::tour::Arguments),
    /// Opens a local web page on which each method is stepped, checked, attacked and compared.
    Playground(command::playground::Arguments),
    /// Serves the sandbox, an authorization server with an API, on a loopback port.
    Sandbox(command::sandbox::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command.unwrap_or(Command::Tour(Default::default())) {
        Command::Tour(arguments) => command::tour::run(&arguments),
        Command::Playground(arguments) => command::playground::run(&arguments),
        Command::Sandbox(arguments) => command::sandbox::run(&arguments),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => fail(&error),
    }
}

#[expect(clippy::disallowed_macros, reason = "a program tells its errors on standard error")]
fn fail(error: &command::Failed) -> ExitCode {
    eprintln!("valetkey: {error}");
    ExitCode::FAILURE
}
