//! Something did not work.

use maud::{Markup, html};

use super::layout::layout;
use crate::page::visitor::Visitor;

pub(in crate::page) fn page(visitor: &Visitor, what: &str) -> Markup {
    layout(
        visitor,
        "Trouble",
        "",
        &html! {
            h1 { "That did not work" }
            p.failure role="alert" { (what) }
            p { a href=(visitor.at("/")) { "Back to the methods" } }
        },
    )
}
