//! The token endpoint: it rotates refresh tokens, and takes each once.

use std::io::Result;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server gave, and what it was asked.
#[derive(Default)]
pub(crate) struct Told {
    /// Of each person: the generation of the refresh token that is good; `None` once it was revoked.
    good: Vec<Option<u64>>,
    pub(crate) renewals: u64,
    pub(crate) revocations: u64,
    /// Refresh tokens that were sent again after they had been replaced.
    pub(crate) used_twice: u64,
    /// Renewals of sessions that had been revoked.
    pub(crate) after_revocation: u64,
    lifetime: u64,
}

/// Starts it, and says where it is.
pub(crate) async fn start(sessions: usize, lifetime: u64) -> Result<(String, Arc<Mutex<Told>>)> {
    let told = Told { good: vec![Some(0); sessions], lifetime, ..Told::default() };
    let told = Arc::new(Mutex::new(told));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let shared = Arc::clone(&told);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let told = Arc::clone(&shared);
            tokio::spawn(async move { serve(stream, &told).await });
        }
    });
    Ok((url, told))
}

/// The refresh token of this person's login and generation.
pub(crate) fn refresh_token(person: usize, generation: u64) -> String {
    format!("refresh-{person}-{generation}")
}

/// What the token endpoint answers for it.
pub(crate) fn tokens(person: usize, generation: u64, lifetime: u64) -> serde_json::Value {
    json!({
        // As long as a JWT with a few claims.
        "access_token": format!("access-{person}-{generation}-{}", "x".repeat(600)),
        "refresh_token": refresh_token(person, generation),
        "token_type": "Bearer",
        "expires_in": lifetime,
        "scope": "openid",
    })
}

async fn serve(stream: TcpStream, told: &Mutex<Told>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if stream.read_line(&mut first).await? == 0 {
            return Ok(());
        }
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let (status, body) = told.lock().unwrap().answer(first.contains(" /revoke "), &body);
        let head = "content-type: application/json\r\ncache-control: no-store";
        let answer = format!("HTTP/1.1 {status}\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.get_mut().write_all(answer.as_bytes()).await?;
    }
}

impl Told {
    fn answer(&mut self, is_revocation: bool, body: &[u8]) -> (&'static str, String) {
        let wanted = if is_revocation { "token" } else { "refresh_token" };
        let sent = form_urlencoded::parse(body).find(|(name, _)| name == wanted).map(|(_, value)| value);
        let refused = ("400 Bad Request", json!({ "error": "invalid_grant" }).to_string());
        let Some((person, generation)) = sent.as_deref().and_then(read) else { return refused };
        let Some(good) = self.good.get_mut(person) else { return refused };
        if is_revocation {
            self.revocations += 1;
            *good = None;
            return ("200 OK", String::new());
        }
        match good {
            Some(now) if *now == generation => {
                *now += 1;
                self.renewals += 1;
                ("200 OK", tokens(person, generation + 1, self.lifetime).to_string())
            }
            Some(_) => {
                self.used_twice += 1;
                refused
            }
            None => {
                self.after_revocation += 1;
                refused
            }
        }
    }
}

fn read(token: &str) -> Option<(usize, u64)> {
    let (person, generation) = token.strip_prefix("refresh-")?.split_once('-')?;
    Some((person.parse().ok()?, generation.parse().ok()?))
}
