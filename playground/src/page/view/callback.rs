//! Where a browser arrives with nothing that a server sees: the response may be in the fragment.

use maud::{Markup, html};

use super::layout::{layout, post};
use crate::page::guard::Visitor;

pub(in crate::page) fn page(visitor: &Visitor, path: &str) -> Markup {
    layout(
        "Back from the server",
        "",
        &html! {
            h1 { "Back from the server" }
            p.lead { "The response is in the fragment of the address, which a browser keeps to itself. The script of this page hands it over." }
            (post(visitor, "/arrive", &html! {
                input type="hidden" name="path" value=(path);
                div.field {
                    label for="fragment" { "Fragment" }
                    input type="text" id="fragment" name="fragment" autocomplete="off" data-fragment aria-describedby="fragment-hint";
                    p.hint id="fragment-hint" { "Without scripts: what comes after # in the address bar." }
                }
                button.primary { "Check it" }
            }))
        },
    )
}
