//! `valetkey playground`: the page.

use clap::Args;
use valetkey_playground::page::Playground;

use super::{Failed, say};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The port; any that is free unless said.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Prints the address, and opens no browser.
    #[arg(long)]
    no_open: bool,
}

/// Serves until the program is stopped.
pub(crate) fn run(arguments: &Arguments) -> Result<bool, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let playground = Playground::bind(arguments.port).await?;
        let url = playground.url();
        say(&url)?;
        // The address was what others wait for; whoever stopped listening after it is served all the same.
        let _ = say(
            "The Authorization Playground, on this computer only. Ctrl+C ends it, and forgets everything.",
        );
        // Only ever an address of our own making, never one that came from elsewhere.
        if !arguments.no_open && url.starts_with("http://127.0.0.1:") && opener::open_browser(&url).is_err() {
            let _ = say("No browser could be opened: open the address yourself.");
        }
        playground.serve().await?;
        Ok(true)
    })
}
