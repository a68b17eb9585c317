//! What all pages have: the head, the way around, the foot.

use maud::{DOCTYPE, Markup, html};

use crate::page::visitor::Visitor;

/// A whole page.
pub(super) fn layout(visitor: &Visitor, title: &str, current: &str, body: &Markup) -> Markup {
    whole(Some(visitor), title, current, body)
}

/// A page that is no session's own.
pub(super) fn outside(title: &str, body: &Markup) -> Markup {
    whole(None, title, "", body)
}

fn whole(visitor: Option<&Visitor>, title: &str, current: &str, body: &Markup) -> Markup {
    let home = visitor.map_or_else(|| "/".to_owned(), |visitor| visitor.at("/"));
    let places = [("/", "Methods"), ("/attacks", "Attacks"), ("/compare", "Side by side")];
    html! {
        (DOCTYPE)
        // The script keeps the way back from a server, where the browser is without it.
        html lang="en" data-session=[visitor.map(|visitor| visitor.session)] data-root=[visitor.map(Visitor::root)] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · valetkey playground" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/style.css";
                script src="/script.js" {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    div.bar {
                        a.brand href=(home) { img src="/icon.svg" alt="" width="26" height="26"; "valetkey" span { " playground" } }
                        @if let Some(visitor) = visitor {
                            nav aria-label="Pages" {
                                @for (href, name) in places {
                                    a href=(visitor.at(href)) aria-current=[(href == current).then_some("page")] { (name) }
                                }
                            }
                        }
                        button.theme type="button" id="theme" aria-label="Light or dark" hidden { "◐" }
                    }
                }
                main id="main" tabindex="-1" { (body) }
                div.announce id="announce" role="status" aria-live="polite" {}
                footer { p { "Everything here stays on this computer: runs and tokens are in memory, and gone when the program ends." } }
            }
        }
    }
}

/// A form that posts: with the session's token.
pub(super) fn post(visitor: &Visitor, action: &str, body: &Markup) -> Markup {
    html! {
        form method="post" action=(visitor.at(action)) {
            input type="hidden" name="csrf" value=(visitor.csrf);
            (body)
        }
    }
}

/// A form of one button.
pub(super) fn button(visitor: &Visitor, action: &str, class: &str, name: &str) -> Markup {
    post(visitor, action, &html! { button class=(class) { (name) } })
}

/// A small label whose colour says the same as its word.
pub(super) fn chip(kind: &str, word: &str) -> Markup {
    html! { span class={ "chip " (kind) } { (word) } }
}

/// A sentence in which code stands between backticks.
pub(super) fn prose(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
