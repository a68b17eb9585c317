//! `valetkey playground`: the page.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use valetkey_async::host::Network;
use valetkey_playground::page::Playground;

use super::{Failed, say};
use crate::shell::failure::Failure;
use crate::shell::network::trusting;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The port; any free one by default.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Prints the link that opens the page, and opens no browser.
    #[arg(long)]
    no_open: bool,
    /// Trusts the authorities in this PEM file beside the system's, for servers elsewhere.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// The network on which servers elsewhere are asked.
pub(crate) fn network(arguments: &Arguments) -> Result<Network, Failure> {
    trusting(arguments.ca.as_deref())
}

/// Serves until the program is stopped.
pub(crate) fn run(arguments: &Arguments, network: Network) -> Result<bool, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let playground = Playground::bind(arguments.port).await?.on(network);
        let (opens, is_first) = (!arguments.no_open, AtomicBool::new(true));
        playground
            .serve(move |url| {
                // The first is what others wait for; a reader that stops listening is served all the same.
                let _ = match is_first.swap(false, Ordering::Relaxed) {
                    true => first(url, opens),
                    false => {
                        say(&format!("That link has been used. This one opens it in another browser: {url}"))
                    }
                };
            })
            .await?;
        Ok(true)
    })
}

/// Tells the link, and opens it.
fn first(url: &str, opens: bool) -> Result<(), Failed> {
    say(url)?;
    say(
        "The Authorization Playground, on this computer only. The link opens it once. Ctrl+C ends it, and forgets everything.",
    )?;
    // Only ever an address of our own making, never one that came from elsewhere.
    if opens && url.starts_with("http://127.0.0.1:") && opener::open_browser(url).is_err() {
        say("No browser could be opened: open the link yourself.")?;
    }
    Ok(())
}
