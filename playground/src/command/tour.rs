//! `valetkey tour`.

use clap::Args;

use super::Failed;
use crate::tour;

#[derive(Args, Default)]
pub(crate) struct Arguments {
    /// One JSON object a line in place of the table.
    #[arg(long)]
    json: bool,
    /// Shows every request and answer, secrets redacted.
    #[arg(long)]
    verbose: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<bool, Failed> {
    tour::run(arguments.json, arguments.verbose, &mut std::io::stdout())
        .map_err(|error| Failed::new(error.to_string()))
}
