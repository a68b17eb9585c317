//! Where a browser arrives from a server. It has no address of a session's own here, so nothing of a run is on the page.

use maud::{Markup, html};

use super::layout::outside;

/// With nothing that a server sees: the response may be in the fragment.
pub(in crate::page) fn page(path: &str) -> Markup {
    outside(
        "Back from the server",
        &html! {
            h1 { "Back from the server" }
            p.lead { "The response is in the fragment of the address, which a browser keeps to itself. The script of this page hands it over." }
            form method="post" action="/callback" {
                input type="hidden" name="path" value=(path);
                div.field {
                    label for="fragment" { "Fragment" }
                    input type="text" id="fragment" name="fragment" autocomplete="off" data-fragment aria-describedby="fragment-hint";
                    p.hint id="fragment-hint" { "Without scripts: what comes after # in the address bar." }
                }
                button.primary { "Check it" }
            }
        },
    )
}

/// The response is with its run. The script goes on to it, for it alone knows the session's address.
pub(in crate::page) fn arrived(session: u64, number: u64) -> Markup {
    outside(
        "Back from the server",
        &html! {
            h1 { "Back from the server" }
            p.lead data-onward={ "/runs/" (number) "#latest" } data-session=(session) {
                "The response is with run " (number) ". Without scripts: go back to its page, and reload it."
            }
        },
    )
}

/// Nobody waits for it.
pub(in crate::page) fn unexpected() -> Markup {
    outside(
        "Trouble",
        &html! {
            h1 { "That did not work" }
            p.failure role="alert" { "No run of this browser waits for this response." }
        },
    )
}
