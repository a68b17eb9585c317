//! `valetkey list --servers`: the servers that `server` may name, and what each needs.

use serde_json::json;
use valetkey_blocking::server::Profile as Known;

use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::terminal::{BOLD, print_json, print_styled, tell};

pub(super) fn run(is_json: bool) -> Result<Exit, Failure> {
    if is_json {
        let servers: Vec<_> = Known::ALL
            .iter()
            .map(|known| {
                json!({
                    "name": known.name(),
                    "title": known.title(),
                    "issuer": known.server().is_none().then(|| known.issuer()),
                    "quirks": known.quirks().iter().map(valetkey_blocking::Quirk::name).collect::<Vec<_>>(),
                    "remark": known.remark(),
                    "source": known.source(),
                })
            })
            .collect();
        print_json(&json!(servers))?;
        return Ok(Exit::Success);
    }
    let mut known: Vec<&Known> = Known::ALL.iter().collect();
    known.sort_by_key(|known| known.name());
    let width = known.iter().map(|known| known.name().len()).max().unwrap_or_default();
    let mut text = String::new();
    for known in known {
        text += &format!("{BOLD}{:width$}{BOLD:#}  {}\n", known.name(), known.title());
        if known.server().is_none() {
            text += &wrapped(width + 2, &format!("issuer: {}", known.issuer()));
        }
        text += &wrapped(width + 2, known.remark());
    }
    print_styled(&text)?;
    tell(
        "Name one by `server = \"NAME\"`. Where an issuer has words in capitals, say\n\
         yours by `issuer`. At the server, register the redirect URI\n\
         http://127.0.0.1/callback, with a port if it wants one: see `redirect_ports`\n\
         and `redirect_host` in `valetkey --help`.",
    );
    Ok(Exit::Success)
}

/// A text in lines of 80 columns at most, if its words allow it, indented.
fn wrapped(indent: usize, text: &str) -> String {
    let mut lines = String::new();
    let mut column = 80;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column + 1 + length > 80 {
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines += &" ".repeat(indent);
            column = indent;
        } else {
            lines.push(' ');
            column += 1;
        }
        lines += word;
        column += length;
    }
    lines.push('\n');
    lines
}
