//! Something did not work.

use maud::{Markup, html};

use super::layout::layout;
use crate::page::guard::Visitor;

pub(in crate::page) fn page(_visitor: &Visitor, what: &str) -> Markup {
    layout(
        "Trouble",
        "",
        &html! {
            h1 { "That did not work" }
            p.failure role="alert" { (what) }
            p { a href="/" { "Back to the methods" } }
        },
    )
}
