//! The authorization server of a search: it rotates refresh tokens, and revokes the grant when one is used twice.

use valetkey_core::{Request, Response};

/// A server with one grant. Its tokens are numbered: `rt-1`, `rt-2`, …
#[derive(Debug)]
pub(super) struct Server {
    /// The number of the token that is good.
    current: u32,
    is_revoked: bool,
}

impl Server {
    pub(super) const fn new() -> Self {
        Self { current: 1, is_revoked: false }
    }

    /// The answer to the code that began it all.
    pub(super) fn first() -> Response {
        tokens(1)
    }

    pub(super) fn answer(&mut self, request: &Request) -> Response {
        let token = refresh_token(request);
        if token.as_deref() != Some(&*format!("rt-{}", self.current)) {
            self.is_revoked = true;
        }
        if self.is_revoked {
            return answer(400, r#"{"error":"invalid_grant"}"#.to_owned());
        }
        self.current += 1;
        tokens(self.current)
    }

    /// Whether this refresh token would be accepted.
    pub(super) fn accepts(&self, token: &str) -> bool {
        !self.is_revoked && token == format!("rt-{}", self.current)
    }
}

pub(super) fn refresh_token(request: &Request) -> Option<String> {
    let body = std::str::from_utf8(request.body()).ok()?;
    body.split('&').find_map(|pair| pair.strip_prefix("refresh_token=")).map(str::to_owned)
}

fn tokens(number: u32) -> Response {
    let body = format!(
        r#"{{"access_token":"at-{number}","token_type":"Bearer","expires_in":86400,"refresh_token":"rt-{number}"}}"#
    );
    answer(200, body)
}

fn answer(status: u16, body: String) -> Response {
    http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(body.into_bytes())
        .unwrap()
}
