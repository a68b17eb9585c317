//! A browser that comes to the loopback port, or a person who brings what it would have brought: [`receive`].
//!
//! A pasted URL is sent to the port as the browser would send it, once it is known to be the right one. So there is one
//! way in, and whichever comes first counts. A terminal takes lines of a limited length: a longer URL comes in a file.

use std::fs::File;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use valetkey_blocking::{AuthorizationResponse, Error, Loopback, PendingAuthorization, Rule};

use super::exit::Exit;
use super::failure::Failure;
use super::terminal::tell;
use super::terms;

/// The longest line that is read: as much as core reads of a response.
const MAX_LINE: u64 = 64 * 1024;
/// So much of a line a terminal takes, in bytes (N_TTY_BUF_SIZE of Linux, MAX_CANON of macOS and the BSDs): what is beyond it, the
/// terminal drops, and tells nobody.
const TERMINAL_LINE: usize = if cfg!(any(target_os = "linux", target_os = "android")) { 4095 } else { 1023 };
/// How long this program waits for itself.
const PATIENCE: Duration = Duration::from_secs(10);

enum Event {
    Pasted(Result<String, String>),
    Over(Box<Result<AuthorizationResponse, Error>>),
}

/// The response of this authorization: from the browser, or from a line of standard input.
pub(super) fn receive(
    loopback: Loopback,
    pending: &PendingAuthorization,
    within: Duration,
) -> Result<AuthorizationResponse, Failure> {
    let address = address(&loopback);
    let (sender, events) = channel();
    let pasted = sender.clone();
    // Nothing ends a read of standard input: the thread ends with the program.
    thread::spawn(move || read(&pasted));
    thread::scope(|scope| {
        scope.spawn(move || {
            let received = loopback.receive(pending, within);
            let _ = sender.send(Event::Over(Box::new(received)));
        });
        for event in events {
            match event {
                Event::Over(received) => return Ok((*received)?),
                Event::Pasted(line) => {
                    if let Err(why) = line.and_then(|line| bring(&line, pending, &address)) {
                        tell(&format!(
                            "valetkey: {why}. Paste the whole address once more, or enter @FILE, or press Ctrl-C."
                        ));
                    }
                }
            }
        }
        Err(Failure::new(Exit::Failed, "the loopback port was closed"))
    })
}

/// Reads lines until there are no more, or nobody wants them.
fn read(pasted: &Sender<Event>) {
    let mut input = io::stdin().lock();
    let is_typed = input.is_terminal();
    let mut line = Vec::new();
    loop {
        line.clear();
        match input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let is_cut = cfg!(unix) && is_typed && line.trim_ascii_end().len() >= TERMINAL_LINE;
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        let address = match text.strip_prefix('@') {
            _ if is_cut => Err(format!(
                "a terminal takes {TERMINAL_LINE} characters of a line, and this one is longer. Write the address into a file, \
                 and enter @FILE here"
            )),
            Some(path) => in_file(path),
            None => Ok(text),
        };
        let is_empty = address.as_ref().is_ok_and(String::is_empty);
        if !is_empty && pasted.send(Event::Pasted(address)).is_err() {
            return;
        }
    }
}

/// The address that a file has.
#[expect(clippy::disallowed_methods, reason = "the program is what reads files for core")]
fn in_file(path: &str) -> Result<String, String> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MAX_LINE).read_to_string(&mut text))
        .map_err(|error| format!("the file {path} cannot be read: {error}"))?;
    match text.trim() {
        "" => Err(format!("the file {path} is empty")),
        address => Ok(address.to_owned()),
    }
}

/// Brings a pasted URL to the port, if it answers this authorization. What is wrong with it is told without it.
fn bring(url: &str, pending: &PendingAuthorization, address: &str) -> Result<(), String> {
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("that has a space in it, which no address has".to_owned());
    }
    // What a browser shows without the scheme; and what it keeps to itself.
    let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let url = url.split('#').next().unwrap_or_default();
    let came = AuthorizationResponse::from_url(url);
    if !begins_as(url, pending.redirect_uri()) {
        return Err(format!(
            "that is not the address at which the browser ended, which begins with {}",
            pending.redirect_uri()
        ));
    }
    if came.as_ref().is_ok_and(|response| response.state().is_none()) {
        return Err(
            "that has no `state`, so it is not the whole address. If something cuts it off, write it into a file, and enter \
             @FILE here"
                .to_owned(),
        );
    }
    let recognized = came.and_then(|response| pending.require_recognized(&response));
    recognized.map_err(|error| match error.rule() {
        Some(rule @ Rule::Ar5) => {
            format!(
                "that address is of another login, or of an older one: its `state` is not this one's ({rule})"
            )
        }
        _ => terms::told(&error).what,
    })?;
    let rest = pending.redirect_uri().strip_prefix("http://").unwrap_or_default();
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let target = url.strip_prefix("http://").and_then(|url| url.strip_prefix(host)).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    // The response, and then the page, for which the port is open.
    for target in [target, path] {
        get(address, host, target)
            .map_err(|error| format!("the loopback port cannot be reached: {error}"))?;
    }
    Ok(())
}

/// Whether this address is the redirect URI, with a query.
fn begins_as(url: &str, redirect_uri: &str) -> bool {
    url.strip_prefix(redirect_uri).is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '&']))
}

#[expect(clippy::disallowed_methods, reason = "the program is what opens sockets for core")]
fn get(address: &str, host: &str, target: &str) -> io::Result<()> {
    let slash = if target.starts_with('/') { "" } else { "/" };
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {slash}{target} HTTP/1.1\r\nHost: {host}\r\n\r\n")?;
    io::copy(&mut stream, &mut io::sink()).map(|_| ())
}

/// Where the port is on this computer, whatever the redirect URI calls it.
fn address(loopback: &Loopback) -> String {
    let uri = loopback.redirect_uri();
    let authority = uri.strip_prefix("http://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    authority.replace("localhost", "127.0.0.1")
}
