//! `valetkey`: OAuth to watch.

mod tour;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

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
    Tour(TourArguments),
}

#[derive(Args, Default)]
struct TourArguments {
    /// One JSON object a line in place of the table.
    #[arg(long)]
    json: bool,
    /// Shows every request and answer, secrets redacted.
    #[arg(long)]
    verbose: bool,
}

fn main() -> ExitCode {
    let Command::Tour(arguments) =
        Arguments::parse().command.unwrap_or(Command::Tour(TourArguments::default()));
    match tour::run(arguments.json, arguments.verbose, &mut std::io::stdout()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => fail(&error),
    }
}

#[expect(clippy::disallowed_macros, reason = "a program tells its errors on standard error")]
fn fail(error: &tour::Failed) -> ExitCode {
    eprintln!("valetkey: {error}");
    ExitCode::FAILURE
}
