//! A request as a `curl` line that a shell takes.

use std::fmt::Write as _;

use super::Sent;

/// The line, quoted for a POSIX shell. It holds whatever secrets the request holds.
#[must_use]
pub fn curl(request: &Sent) -> String {
    let mut line = "curl".to_owned();
    let usual = if request.body.is_empty() { "GET" } else { "POST" };
    if request.method != usual {
        let _ = write!(line, " -X {}", quoted(&request.method));
    }
    let _ = write!(line, " {}", quoted(&request.url));
    for (name, value) in &request.headers {
        let _ = write!(line, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
    }
    if !request.body.is_empty() {
        let _ = write!(line, " \\\n  --data-raw {}", quoted(&request.body.text()));
    }
    line
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
