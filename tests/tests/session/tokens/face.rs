//! The two adapters' `Tokens` behind one face.

use std::thread;
use std::time::Duration;

use valetkey_core::host::TransportErrorKind;
use valetkey_core::store::StoreKey;
use valetkey_core::{Error as CoreError, Session, TokenRequest, TokenResponse, host};

use crate::world::Hooked;

/// What came of asking for a credential: its access token.
pub(crate) type Asked = Result<String, Failed>;

/// An adapter's error as a test looks at it.
#[derive(Clone, Debug)]
pub(crate) enum Failed {
    Core(CoreError),
    Http(TransportErrorKind),
}

pub(crate) trait Adapter {
    type Tokens: Clone + Send + 'static;

    fn tokens(&self, session: Session) -> Self::Tokens;
    fn stored(&self, session: Session, key: StoreKey, store: Hooked) -> Result<Self::Tokens, Failed>;
    fn patient(tokens: Self::Tokens, time: Duration) -> Self::Tokens;
    fn fresh(tokens: &Self::Tokens) -> Option<String>;
    fn ask(&self, tokens: &Self::Tokens) -> Asked;
    fn ask_anew(&self, tokens: &Self::Tokens) -> Asked;
    /// So many at once refuse the credential that is held, and ask for another.
    fn refuse_at_once(&self, tokens: &Self::Tokens, times: usize) -> Vec<Asked>;
    /// Asks through the trait, as whoever wants only a token does.
    fn ask_as_source(&self, tokens: &Self::Tokens) -> Asked;
    /// As many askers at once as the adapter is made for, each so often.
    fn ask_at_once(&self, tokens: &Self::Tokens, often: usize) -> Vec<Asked>;
    /// Begins to ask and stops caring, while the adapter goes on.
    fn begin(&self, tokens: &Self::Tokens);
    fn run(&self, request: TokenRequest) -> TokenResponse;
}

impl From<host::Error> for Failed {
    fn from(error: host::Error) -> Self {
        match error {
            host::Error::Core(error) => Self::Core(error),
            host::Error::Transport(http) => Self::Http(http.kind()),
            other => panic!("{other}"),
        }
    }
}

fn token(credential: &valetkey_core::session::Credential) -> String {
    credential.access_token().expose().to_owned()
}

pub(crate) struct Blocking;

impl Adapter for Blocking {
    type Tokens = valetkey_blocking::Tokens;

    fn tokens(&self, session: Session) -> Self::Tokens {
        valetkey_blocking::Tokens::new(valetkey_blocking::http_client(), session)
    }

    fn stored(&self, session: Session, key: StoreKey, store: Hooked) -> Result<Self::Tokens, Failed> {
        Ok(valetkey_blocking::Tokens::stored(valetkey_blocking::http_client(), session, key, store)?)
    }

    fn patient(tokens: Self::Tokens, time: Duration) -> Self::Tokens {
        tokens.with_patience(time)
    }

    fn fresh(tokens: &Self::Tokens) -> Option<String> {
        tokens.fresh().as_ref().map(token)
    }

    fn ask(&self, tokens: &Self::Tokens) -> Asked {
        Ok(tokens.credential().as_ref().map(token).map_err(Clone::clone)?)
    }

    fn ask_anew(&self, tokens: &Self::Tokens) -> Asked {
        Ok(tokens.renewed_credential().as_ref().map(token).map_err(Clone::clone)?)
    }

    fn refuse_at_once(&self, tokens: &Self::Tokens, times: usize) -> Vec<Asked> {
        let refused = tokens.credential().unwrap();
        let ask = || {
            tokens.refuse(&refused);
            self.ask(tokens)
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..times.min(200)).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    }

    fn ask_as_source(&self, tokens: &Self::Tokens) -> Asked {
        let source: &dyn valetkey_blocking::TokenSource = tokens;
        Ok(source.credential().as_ref().map(token).map_err(Clone::clone)?)
    }

    fn ask_at_once(&self, tokens: &Self::Tokens, often: usize) -> Vec<Asked> {
        let ask = || (0..often).map(|_| self.ask(tokens)).collect::<Vec<_>>();
        thread::scope(|scope| {
            let threads: Vec<_> = (0..200).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        })
    }

    fn begin(&self, tokens: &Self::Tokens) {
        let tokens = tokens.clone();
        // What it is told, or whether, is nobody's concern any more. The patience is short, so that its clone goes.
        let short = tokens.with_patience(Duration::from_millis(1));
        assert!(short.credential().is_err());
    }

    fn run(&self, request: TokenRequest) -> TokenResponse {
        valetkey_blocking::run(&valetkey_blocking::http_client(), request).unwrap()
    }
}

pub(crate) struct Async(tokio::runtime::Runtime);

impl Async {
    pub(crate) fn new() -> Self {
        Self(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
    }
}

impl Adapter for Async {
    type Tokens = valetkey_async::Tokens;

    fn tokens(&self, session: Session) -> Self::Tokens {
        valetkey_async::Tokens::new(valetkey_async::http_client().unwrap(), session)
    }

    fn stored(&self, session: Session, key: StoreKey, store: Hooked) -> Result<Self::Tokens, Failed> {
        let client = valetkey_async::http_client().unwrap();
        Ok(self.0.block_on(valetkey_async::Tokens::stored(client, session, key, store))?)
    }

    fn patient(tokens: Self::Tokens, time: Duration) -> Self::Tokens {
        tokens.with_patience(time)
    }

    fn fresh(tokens: &Self::Tokens) -> Option<String> {
        tokens.fresh().as_ref().map(token)
    }

    fn ask(&self, tokens: &Self::Tokens) -> Asked {
        Ok(self.0.block_on(tokens.credential()).as_ref().map(token).map_err(Clone::clone)?)
    }

    fn ask_anew(&self, tokens: &Self::Tokens) -> Asked {
        Ok(self.0.block_on(tokens.renewed_credential()).as_ref().map(token).map_err(Clone::clone)?)
    }

    fn refuse_at_once(&self, tokens: &Self::Tokens, times: usize) -> Vec<Asked> {
        self.0.block_on(async {
            let refused = tokens.credential().await.unwrap();
            let ask = |_| {
                let (tokens, refused) = (tokens.clone(), refused.clone());
                tokio::spawn(async move {
                    tokens.refuse(&refused);
                    Ok(tokens.credential().await.as_ref().map(token).map_err(Clone::clone)?)
                })
            };
            let tasks: Vec<_> = (0..times).map(ask).collect();
            let mut asked = Vec::new();
            for task in tasks {
                asked.push(task.await.unwrap());
            }
            asked
        })
    }

    fn ask_as_source(&self, tokens: &Self::Tokens) -> Asked {
        let source: &dyn valetkey_async::TokenSource = tokens;
        Ok(self.0.block_on(source.credential()).as_ref().map(token).map_err(Clone::clone)?)
    }

    fn ask_at_once(&self, tokens: &Self::Tokens, often: usize) -> Vec<Asked> {
        self.0.block_on(async {
            let ask = |_| {
                let tokens = tokens.clone();
                tokio::spawn(async move {
                    let mut asked = Vec::with_capacity(often);
                    for _ in 0..often {
                        let credential = tokens.credential().await;
                        asked.push(credential.as_ref().map(token).map_err(|error| error.clone().into()));
                    }
                    asked
                })
            };
            let tasks: Vec<_> = (0..10_000).map(ask).collect();
            let mut asked = Vec::new();
            for task in tasks {
                asked.extend(task.await.unwrap());
            }
            asked
        })
    }

    fn begin(&self, tokens: &Self::Tokens) {
        self.0.block_on(async {
            let asked = tokens.credential();
            assert!(tokio::time::timeout(Duration::from_millis(1), asked).await.is_err());
        });
    }

    fn run(&self, request: TokenRequest) -> TokenResponse {
        let client = valetkey_async::http_client().unwrap();
        self.0.block_on(valetkey_async::run(&client, request)).unwrap()
    }
}
