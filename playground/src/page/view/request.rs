//! A message as people read it: its parts explained, its secrets masked.

use maud::{Markup, html};

use super::mask::Mask;
use crate::play::{Answer, Sent, curl, header, parameter};

/// What is shown of a body, in characters.
const SHOWN: usize = 4_000;

/// A request: method and address, parameters, headers, form, and as a line for a shell.
pub(super) fn request(mask: &Mask, request: &Sent, id: &str) -> Markup {
    let address = request.url.split(['?', '#']).next().unwrap_or_default();
    let form = request.form();
    html! {
        p.line { strong { (request.method) } " " code { (mask.text(address)) } }
        (rows(mask, "Parameters in the URL", &request.query(), parameter))
        (rows(mask, "Headers", &request.headers, header))
        @if !form.is_empty() {
            (rows(mask, "Form fields", &form, parameter))
        } @else if !request.body.is_empty() {
            h4 { "Body" }
            pre tabindex="0" { (mask.text(&shortened(&pretty(&request.body.text())))) }
        }
        @if request.method != "GET" || !request.headers.is_empty() {
            (copyable(&format!("curl-{id}"), "As a curl line", &mask.plain(&curl(request)), !mask.reveals))
        } @else {
            (copyable(&format!("url-{id}"), "The whole URL", &mask.plain(&request.url), false))
        }
    }
}

/// An answer: status, headers, body.
pub(super) fn answer(mask: &Mask, answer: &Answer) -> Markup {
    let reason = http::StatusCode::from_u16(answer.status).ok().and_then(|status| status.canonical_reason());
    html! {
        p.line { strong { (answer.status) } " " (reason.unwrap_or_default()) }
        details { summary { "Headers (" (answer.headers.len()) ")" } (rows(mask, "", &answer.headers, header)) }
        @if answer.body.is_empty() { p.quiet { "No body." } }
        @else { pre tabindex="0" { (mask.text(&shortened(&pretty(&answer.body.text())))) } }
    }
}

/// Where the browser arrived.
pub(super) fn redirect(mask: &Mask, url: &str) -> Markup {
    let (address, parameters) = url.split_once(['?', '#']).unwrap_or((url, ""));
    let parameters: Vec<(String, String)> =
        form_urlencoded::parse(parameters.as_bytes()).into_owned().collect();
    html! {
        p.line { strong { "GET" } " " code { (mask.text(&shortened(address))) } }
        (rows(mask, if url.contains('#') { "Parameters in the fragment" } else { "Parameters in the URL" }, &parameters, parameter))
    }
}

/// A text with a button that copies it.
pub(super) fn copyable(id: &str, name: &str, text: &str, is_masked: bool) -> Markup {
    html! {
        details {
            summary { (name) }
            @if is_masked { p.quiet { "Secrets are masked here too: show them to copy the line as it is." } }
            pre tabindex="0" id=(id) { (text) }
            button.copy type="button" data-copy=(id) hidden { "Copy" span.away { ": " (name) } }
        }
    }
}

fn rows(
    mask: &Mask,
    title: &str,
    pairs: &[(String, String)],
    explain: fn(&str) -> Option<&'static str>,
) -> Markup {
    html! {
        @if !pairs.is_empty() {
            @if !title.is_empty() { h4 { (title) } }
            dl.rows {
                @for (name, value) in pairs {
                    div {
                        dt { code { (name) } }
                        dd {
                            code { (mask.text(&shortened(value))) }
                            @if let Some(why) = explain(name) { p.hint { (why) } }
                        }
                    }
                }
            }
        }
    }
}

/// JSON is laid out; anything else is left as it came.
fn pretty(text: &str) -> String {
    let value = serde_json::from_str::<serde_json::Value>(text).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}

fn shortened(text: &str) -> String {
    // Terminal escapes and direction marks are shown, not obeyed.
    let is_odd = |c: char| (c.is_control() && c != '\n') || ('\u{200b}'..='\u{206f}').contains(&c);
    let shown: String = text.chars().take(SHOWN).map(|c| if is_odd(c) { '\u{FFFD}' } else { c }).collect();
    match text.chars().count().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{shown}\n… and {more} characters more"),
        _ => shown,
    }
}
