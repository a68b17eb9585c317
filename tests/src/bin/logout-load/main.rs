//! Log-outs under load: two processes on one Redis, ten thousand web sessions whose tokens renew, and two hundred log-outs a second
//! that the server announces to either process.
//!
//! ```sh
//! cargo run --release -p valetkey-tests --bin logout-load -- --json
//! ```
//!
//! A session must be over in the *other* process as soon as its log-out was acknowledged, and no `Tokens` that any process holds may
//! hand out a token of it in a call that begins five seconds later or more. It exits with 1 if one does. It needs `redis-server`.

mod child;
mod messages;
mod parent;
mod server;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

/// Ends web sessions by logout tokens while they renew, and looks whether they are over.
#[derive(Parser)]
struct Arguments {
    /// How many sessions.
    #[arg(long, default_value_t = 10_000)]
    sessions: usize,
    /// How many log-outs a second.
    #[arg(long, default_value_t = 200)]
    rate: usize,
    /// For how long.
    #[arg(long, default_value_t = 30)]
    seconds: usize,
    /// How long an access token is good, in seconds.
    #[arg(long, default_value_t = 30)]
    lifetime: u64,
    /// One JSON object in place of the text.
    #[arg(long)]
    json: bool,
    /// Is one of the processes, of this server and this Redis.
    #[arg(long, hide = true, num_args = 2, value_names = ["SERVER", "STORE"])]
    process: Option<Vec<String>>,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = Arguments::parse();
    if let Some([server, store]) = arguments.process.as_deref() {
        child::run(server, store, arguments.sessions, arguments.lifetime)
            .await
            .map_err(|error| error as Box<dyn Error>)?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.rate * arguments.seconds > arguments.sessions {
        return Err("there are fewer sessions than log-outs: say more --sessions, or fewer --seconds".into());
    }
    let figures = parent::run(&arguments).await?;
    #[expect(clippy::disallowed_macros, reason = "a program prints its result")]
    if arguments.json {
        println!("{figures}");
    } else {
        println!("{figures:#}");
    }
    let is_clean = figures["violations"].as_array().is_some_and(Vec::is_empty);
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
