//! The server that is asked: this program once more, in a process of its own, so that nothing of its work is counted.
//!
//! It answers a POST with tokens, an access token of 1.2 KB among them, and everything else with a page of 1 KB.

use std::env;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

const FLAG: &str = "--serve";

/// Where the server of this process listens; it ends with this process.
pub(crate) fn origin() -> &'static str {
    static ORIGIN: OnceLock<String> = OnceLock::new();
    ORIGIN.get_or_init(|| {
        let mut server = Command::new(env::current_exe().expect("this program"))
            .arg(FLAG)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a second process");
        let mut origin = String::new();
        let said = server.stdout.take().expect("its output");
        BufReader::new(said).read_line(&mut origin).expect("its origin");
        // The pipe to it is closed with this process.
        std::mem::forget(server);
        origin.trim().to_owned()
    })
}

/// Serves, if this process is the server, until the other one ends.
pub(crate) fn is_asked_for() -> bool {
    if env::args().nth(1).as_deref() != Some(FLAG) {
        return false;
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    println!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    let _ = io::stdin().read_to_end(&mut Vec::new());
    true
}

fn serve(stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (tokens, page) = (answer(&tokens()), answer(&page()));
    let mut reader = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        io::copy(&mut reader.by_ref().take(length), &mut io::sink())?;
        let answer = if first.starts_with("POST") { &tokens } else { &page };
        reader.get_mut().write_all(answer.as_bytes())?;
    }
}

fn answer(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn tokens() -> String {
    format!(
        r#"{{"access_token":"{}","token_type":"Bearer","expires_in":3600,"scope":"orders:read orders:write"}}"#,
        token()
    )
}

/// An access token of 1.2 KB, as long as a JWT with a few claims.
pub(crate) fn token() -> String {
    "eyJhbGciOiJS".repeat(104)
}

fn page() -> String {
    format!(r#"{{"orders":"{}"}}"#, "0123456789".repeat(100))
}
