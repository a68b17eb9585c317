//! `valetkey completions`: what a shell needs to complete this program's command line.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::terminal::print_bytes;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The shell. For example: source <(valetkey completions bash)
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, mut program: Command) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, "valetkey", &mut script);
    print_bytes(&script, true)?;
    Ok(Exit::Success)
}
