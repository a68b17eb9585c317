//! ST-2: a Redis that answers garbage. Each answer is an error or no record, at once, and its text is not repeated.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use valetkey_core::store::{AsyncStore as _, Store as _, StoreError, StoreKey, StoredBytes};
use valetkey_stores::{AsyncRedisStore, RedisStore};
use valetkey_tests::{NOW, SECRET, client};

/// Far more than an answer takes that comes at once.
const SOON: Duration = Duration::from_secs(20);

/// How long one connection may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

fn key() -> StoreKey {
    StoreKey::of_user(&client(), "alice")
}

/// A server that agrees to whatever prepares a connection, answers everything else with these bytes, and hangs up.
struct Garbled {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Garbled {
    fn start(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // A client that hangs up first has done so by right.
                let _ = stream.and_then(|stream| converse(&stream, &answer));
            }
        });
        Self { address, stopped, thread: Some(thread) }
    }

    fn url(&self) -> String {
        format!("redis://user:{SECRET}@{}", self.address)
    }
}

impl Drop for Garbled {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // The connection that lets the thread look at the flag.
        drop(TcpStream::connect_timeout(&self.address, PATIENCE));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn converse(mut stream: &TcpStream, answer: &[u8]) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    while let Some(command) = command(&mut reader)? {
        if !["AUTH", "CLIENT", "HELLO", "SELECT"].contains(&command.as_str()) {
            return stream.write_all(answer);
        }
        stream.write_all(b"+OK\r\n")?;
    }
    Ok(())
}

/// The name of the next command, which is an array of texts.
fn command(reader: &mut BufReader<&TcpStream>) -> std::io::Result<Option<String>> {
    let number = |reader: &mut BufReader<&TcpStream>| {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        Ok::<_, std::io::Error>(line.get(1..).and_then(|number| number.trim().parse::<u64>().ok()))
    };
    let Some(words) = number(reader)? else { return Ok(None) };
    let mut name = None;
    for _ in 0..words {
        let Some(length) = number(reader)? else { return Ok(None) };
        let mut word = vec![0; usize::try_from(length).unwrap() + 2];
        reader.read_exact(&mut word)?;
        name.get_or_insert_with(|| String::from_utf8_lossy(&word).trim().to_ascii_uppercase());
    }
    Ok(name)
}

/// Answers that a store asks for nothing of, by name.
fn answers() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let quoting = format!("-ERR the value '{SECRET}' is not of this type\r\n");
    vec![
        ("nothing", Vec::new()),
        ("no RESP", text("HTTP/1.1 200 OK\r\n\r\n")),
        ("bytes", vec![0xff; 4096]),
        ("NULs", vec![0; 4096]),
        ("half a line", text("*2\r\n$3\r\nab")),
        ("a status", text("+OK\r\n")),
        ("a number", text(":7\r\n")),
        ("a huge number", text(":99999999999999999999999\r\n")),
        ("a text", text("$3\r\nabc\r\n")),
        ("a text of less than nothing", text("$-7\r\n")),
        ("a text of more than there is", text("$9223372036854775807\r\nabc\r\n")),
        ("an array of one", text("*1\r\n$1\r\na\r\n")),
        ("an array of three", text("*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n")),
        ("an array of numbers", text("*2\r\n:1\r\n:2\r\n")),
        ("an array of arrays", text("*2\r\n*0\r\n*0\r\n")),
        ("an array of errors", format!("*2\r\n{quoting}{quoting}").into_bytes()),
        ("a huge array", text("*9223372036854775807\r\n")),
        ("an array of 2^31", text("*2147483648\r\n$1\r\na\r\n")),
        ("a deep array", "*1\r\n".repeat(100_000).into_bytes()),
        ("a version that is no text", b"*2\r\n$2\r\n\xff\xfe\r\n$1\r\na\r\n".to_vec()),
        ("a map", text("%2\r\n+a\r\n+b\r\n+c\r\n+d\r\n")),
        ("a push", text(">2\r\n+a\r\n+b\r\n")),
        ("an error that quotes a secret", quoting.into_bytes()),
        ("an error of controls", text("-ERR \u{1b}[2J\u{202e}\r\n")),
    ]
}

/// No record came of it, and no error shows the URL's password or what the server has written.
fn require_harmless<T>(name: &str, outcome: Result<Option<T>, StoreError>) {
    match outcome {
        Ok(record) => assert!(record.is_none(), "{name}: a record came of it"),
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(SECRET) && !shown.contains(['\u{1b}', '\u{202e}']), "{name}: {shown}");
            assert!(shown.len() < 1_000, "{name}: {} bytes", shown.len());
        }
    }
}

/// Garbage, wrong types, deep and huge arrays, an error that quotes a secret: whatever is loaded, no record comes of it.
#[tokio::test]
async fn held_a_redis_that_answers_garbage_is_an_error() {
    for (name, answer) in answers() {
        let server = Garbled::start(answer);
        let begun = Instant::now();
        let store = RedisStore::connect(&server.url()).unwrap();
        require_harmless(name, store.load(&key()));
        let record = StoredBytes::new(SECRET.as_bytes().to_vec());
        if let Err(error) = store.replace(&key(), None, Some(&record.into())) {
            require_harmless::<()>(name, Err(error));
        }
        if let Err(error) = store.lease(&key(), SOON, NOW) {
            require_harmless::<()>(name, Err(error));
        }
        assert!(begun.elapsed() < SOON, "{name}: {:?}", begun.elapsed());

        let store = AsyncRedisStore::connect(&server.url()).unwrap();
        let begun = Instant::now();
        require_harmless(name, store.load(&key()).await);
        assert!(begun.elapsed() < SOON, "{name}: {:?}", begun.elapsed());
    }
}

/// The word that a Redis begins an error with is its code, which it chooses as freely as the rest.
#[tokio::test]
async fn s5_a_redis_error_code_that_is_a_secret_or_an_escape_is_not_repeated() {
    for answer in [format!("-{SECRET} no\r\n"), "-\u{1b}[2J\u{202e} no\r\n".to_owned()] {
        let server = Garbled::start(answer.clone().into_bytes());
        require_harmless(&answer, RedisStore::connect(&server.url()).unwrap().load(&key()));
        require_harmless(&answer, AsyncRedisStore::connect(&server.url()).unwrap().load(&key()).await);
    }
}
