//! What a browser sees that has no session: how to get one.

use maud::{Markup, html};

use super::layout::outside;

/// The address without a key, or with one that has been used.
pub(in crate::page) fn locked(was_used: bool) -> Markup {
    outside(
        "Locked",
        &html! {
            h1 { "Open it from the terminal" }
            p.lead { "The playground opens by the link that the terminal shows. A link opens it once; the terminal then shows another, for another browser." }
            @if was_used {
                p.failure role="alert" {
                    "This link has been used, or was never one. If it was not you who used it, end the program in the terminal: \
                     somebody else on this computer has seen the link. They see nothing of your runs by it."
                }
            } @else {
                p.quiet { "A page that was open before is in this browser's history: its address begins with /at/." }
            }
        },
    )
}

/// An address of a session, in a browser that is not its own.
pub(in crate::page) fn closed() -> Markup {
    outside(
        "Closed",
        &html! {
            h1 { "This address is another browser's" }
            p.lead { "It is a session's own, which has ended, or was opened in another browser. The terminal shows the link that opens a new one here." }
        },
    )
}
