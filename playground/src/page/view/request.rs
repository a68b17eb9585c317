//! A message as people read it: its parts explained, its secrets masked.

use maud::{Markup, html};

use super::mask::Mask;
use crate::play::{Answer, Sent, curl, header, parameter};

/// How much of a list is shown, in rows.
pub(super) const ROWS: usize = 40;

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
            pre tabindex="0" { (mask.text(&pretty(&request.body.text()))) }
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
        @else { pre tabindex="0" { (mask.text(&pretty(&answer.body.text()))) } }
    }
}

/// Where the browser arrived.
pub(super) fn redirect(mask: &Mask, url: &str) -> Markup {
    let (address, parameters) = url.split_once(['?', '#']).unwrap_or((url, ""));
    let parameters: Vec<(String, String)> =
        form_urlencoded::parse(parameters.as_bytes()).into_owned().collect();
    html! {
        p.line { strong { "GET" } " " code { (mask.strange(address)) } }
        (list(if url.contains('#') { "Parameters in the fragment" } else { "Parameters in the URL" }, &parameters, |value| mask.strange(value), parameter))
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
    list(title, pairs, |value| mask.text(value), explain)
}

fn list(
    title: &str,
    pairs: &[(String, String)],
    shown: impl Fn(&str) -> Markup,
    explain: fn(&str) -> Option<&'static str>,
) -> Markup {
    html! {
        @if !pairs.is_empty() {
            @if !title.is_empty() { h4 { (title) } }
            dl.rows {
                @for (name, value) in pairs.iter().take(ROWS) {
                    div {
                        dt { code { (shown(name)) } }
                        dd {
                            code { (shown(value)) }
                            @if let Some(why) = explain(name) { p.hint { (why) } }
                        }
                    }
                }
            }
            @if pairs.len() > ROWS { p.quiet { "… and " (pairs.len() - ROWS) " more." } }
        }
    }
}

/// JSON is laid out; anything else is left as it came.
fn pretty(text: &str) -> String {
    let value = serde_json::from_str::<serde_json::Value>(text).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}
