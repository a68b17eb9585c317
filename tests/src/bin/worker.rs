//! One of many processes that share a session: what the tests of `stores_processes` start, and kill.
//!
//! It waits for a line on its standard input, gets a credential with each of its tasks, once or for as long as it lives,
//! and says on its standard output what each task came to: `ok`, and how it failed otherwise. Or it receives a logout token, and
//! says whether it acknowledged that.

use std::io::{self, Write as _};
use std::time::Duration;

use clap::Parser;
use valetkey_async::logout::BackChannel;
use valetkey_async::valetkey_core::Error as Core;
use valetkey_async::valetkey_core::error::Cause;
use valetkey_async::valetkey_core::store::{
    AsyncStore, Entry, Found, Index, Lease, Replaced, StoreFuture, StoreKey, StoreVersion, Stored,
};
use valetkey_async::{Client, Error, Session, Sessions, Tokens, UnixTime, http_client};
use valetkey_stores::{Blocking, FileStore};
use valetkey_tests::processes::{async_redis_at, registered, web};

/// Gets credentials of a session that other processes share.
#[derive(Parser)]
struct Arguments {
    /// The sandbox's URL.
    #[arg(long)]
    server: String,
    /// The secret of the sandbox's client `web`.
    #[arg(long)]
    secret: String,
    /// A Redis or several, or a folder.
    #[arg(long)]
    store: String,
    /// Whose session.
    #[arg(long)]
    user: String,
    /// How many tasks.
    #[arg(long, default_value_t = 1)]
    tasks: usize,
    /// How long a renewal holds its lease, in milliseconds.
    #[arg(long, default_value_t = 30_000)]
    lease: u64,
    /// The longest that the store takes to write, in milliseconds.
    #[arg(long, default_value_t = 0)]
    slow: u64,
    /// Goes on until it is killed.
    #[arg(long)]
    forever: bool,
    /// The client is that of a web application, whose users log in by OpenID Connect.
    #[arg(long)]
    web: bool,
    /// Receives this logout token, and uses no session.
    #[arg(long, requires = "web")]
    logout_token: Option<String>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let client = if arguments.web { web } else { registered };
    let app = client(&arguments.server, &arguments.secret);
    io::stdin().read_line(&mut String::new())?;
    let slow = arguments.slow;
    if arguments.store.contains("://") {
        work(&arguments, &app, Slow { store: async_redis_at(&arguments.store)?, slow }).await
    } else {
        work(&arguments, &app, Slow { store: Blocking::new(FileStore::open(&arguments.store)?), slow }).await
    }
}

async fn work(
    arguments: &Arguments,
    app: &Client,
    store: impl AsyncStore + 'static,
) -> Result<(), Box<dyn std::error::Error>> {
    if let Some(token) = &arguments.logout_token {
        say(&receive(app, store, token).await?);
        return Ok(());
    }
    let session = Session::from_store(app).with_lease(Duration::from_millis(arguments.lease));
    let key = StoreKey::of_user(app, &arguments.user);
    let tokens = Tokens::stored(http_client()?, session, key, store).await?;
    let tasks: Vec<_> = (0..arguments.tasks)
        .map(|_| {
            let (tokens, forever) = (tokens.clone(), arguments.forever);
            tokio::spawn(async move {
                loop {
                    let outcome = tokens.credential().await;
                    say(outcome.as_ref().map_or_else(failure, |_| "ok"));
                    if !forever {
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await?;
    }
    Ok(())
}

/// `acknowledged`, or the rule by which it was refused, or `failed`.
async fn receive(
    app: &Client,
    store: impl AsyncStore + 'static,
    token: &str,
) -> Result<String, Box<dyn std::error::Error>> {
    let sessions = Sessions::new(http_client()?, app, store);
    let request = http::Request::post("/logout/back-channel")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("logout_token={token}"))?;
    let (answer, came) = sessions.receive_logout(&BackChannel::new(app)?, &request).await;
    let rule = came.err().and_then(|error| error.core()?.rule());
    Ok(match rule {
        _ if answer.status() == 200 => "acknowledged".to_owned(),
        Some(rule) => rule.id().to_owned(),
        None => "failed".to_owned(),
    })
}

fn failure(error: &Error) -> &'static str {
    match error {
        Error::Core(Core::AuthorizationRequired(why)) => match why.cause() {
            Cause::Lost(_) => "lost",
            Cause::Refused(_) => "refused",
            Cause::Ended => "ended",
            _ => "expired",
        },
        Error::Core(Core::Store(_)) => "store",
        Error::Core(Core::Unanswered) => "unanswered",
        Error::Transport(_) => "http",
        _ => "other",
    }
}

fn say(what: &str) {
    // Nobody listens any more if the parent is gone.
    let _ = writeln!(io::stdout().lock(), "{what}");
}

/// A store that takes its time before it writes, so that there is a moment between what happened and its being written.
struct Slow<S> {
    store: S,
    slow: u64,
}

impl<S: AsyncStore> AsyncStore for Slow<S> {
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>> {
        self.store.load(key)
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        entry: Option<&'a Entry>,
    ) -> StoreFuture<'a, Replaced> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=self.slow))).await;
            self.store.replace(key, expected, entry).await
        })
    }

    fn find<'a>(&'a self, index: &'a Index, after: Option<&'a StoreKey>) -> StoreFuture<'a, Found> {
        self.store.find(index, after)
    }

    fn lease<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
        now: UnixTime,
    ) -> StoreFuture<'a, Option<Lease>> {
        self.store.lease(key, ttl, now)
    }

    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()> {
        self.store.release(key, lease)
    }
}
