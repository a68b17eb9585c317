//! `valetkey man`: the manual, as `man` reads it.

use std::path::PathBuf;

use clap::{Args, Command};
use clap_mangen::Man;

use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::terminal::print_bytes;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The subcommand whose page to print, by default the program's own: valetkey man token | man -l -
    subcommand: Option<String>,
    /// Writes every page into this folder instead.
    #[arg(long, value_name = "FOLDER", conflicts_with = "subcommand")]
    folder: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, mut program: Command) -> Result<Exit, Failure> {
    program.build();
    let failed =
        |error: std::io::Error| Failure::new(Exit::Failed, format!("the manual cannot be written: {error}"));
    if let Some(folder) = &arguments.folder {
        clap_mangen::generate_to(program, folder).map_err(failed)?;
        return Ok(Exit::Success);
    }
    let page = match &arguments.subcommand {
        None => program,
        Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::usage(format!("no subcommand is named {name:?}: `valetkey help` lists them"))
        })?,
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text).map_err(failed)?;
    print_bytes(&text, true)?;
    Ok(Exit::Success)
}
