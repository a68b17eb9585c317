//! The result: the token that is held, what it is good for, and how it came to be.

use maud::{Markup, html};
use valetkey_core::UnixTime;

use super::mask::{Mask, brief};
use super::request::ROWS;
use crate::play::{Held, Run, claims};

pub(super) fn panel(run: &Run, mask: &Mask, now: UnixTime) -> Markup {
    let Some(held) = run.held().last() else {
        return html! {
            section.panel aria-labelledby="result" {
                h2 id="result" { "The token" }
                p.quiet { "None yet." }
            }
        };
    };
    let setup = run.setup();
    html! {
        section.panel aria-labelledby="result" {
            h2 id="result" { "The token" }
            dl.pairs {
                dt { "Access token" } dd { code.token { (mask.text(&held.access_token)) } }
                dt { "Lifetime" } dd { (lifetime(held, now)) }
                dt { "Scope asked" } dd { code { (or(&setup.scope, "nothing in particular")) } }
                dt { "Scope granted" } dd { code { (brief(held.scope.as_deref().unwrap_or("not said"))) } }
                dt { "Refresh token" } dd {
                    @match &held.refresh_token {
                        Some(token) => code.token { (mask.text(token)) },
                        None => "none",
                    }
                }
            }
            (claims_of(held))
            @if run.held().len() > 1 { (history(run.held())) }
        }
    }
}

fn lifetime(held: &Held, now: UnixTime) -> Markup {
    match held.expires_at {
        None => html! { "not said: good until it is refused" },
        Some(at) => html! {
            time data-until=(at.as_millis()) data-over="expired" {
                @if at > now { (at.since(now).as_secs()) " s left" } @else { "expired" }
            }
        },
    }
}

/// The claims of a JWT, read here and sent nowhere.
fn claims_of(held: &Held) -> Markup {
    html! {
        @match claims(&held.access_token) {
            None => p.quiet { "The token is opaque: only the server knows what is behind it." },
            Some((header, claims)) => {
                h3 { "Its claims" }
                p.quiet { "Decoded here, not verified: that is the API's part." }
                dl.rows {
                    @for (name, value) in header.iter().chain(&claims).take(ROWS) {
                        div { dt { code { (brief(name)) } } dd { code { (brief(&value.to_string())) } } }
                    }
                }
            }
        }
    }
}

/// Rotation, to be watched: each token by its last characters.
fn history(held: &[Held]) -> Markup {
    html! {
        h3 { "Its history" }
        ol.history {
            @for (index, token) in held.iter().enumerate() {
                li {
                    "access …" code { (tail(&token.access_token)) }
                    @if let Some(refresh) = &token.refresh_token {
                        @let before = index.checked_sub(1).and_then(|index| held.get(index));
                        @let same = before.is_some_and(|before| before.refresh_token.as_ref() == Some(refresh));
                        ", refresh …" code { (tail(refresh)) }
                        @if index > 0 { span.quiet { (if same { " kept" } else { " rotated" }) } }
                    }
                }
            }
        }
    }
}

fn tail(token: &str) -> String {
    let skip = token.chars().count().saturating_sub(4);
    token.chars().skip(skip).collect()
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}
