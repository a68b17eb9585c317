//! The first page: the methods, as the page "Authorize in Space" tells them, and the runs so far.

use maud::{Markup, html};

use super::layout::{chip, layout, post};
use crate::page::desk::Seat;
use crate::page::visitor::Visitor;
use crate::play::Method;

/// A run in the list.
pub(in crate::page) struct Line {
    number: u64,
    method: Method,
    attack: Option<&'static str>,
    steps: usize,
    pub(super) state: (&'static str, String),
}

impl Line {
    pub(in crate::page) fn of(seat: &Seat) -> Self {
        Self {
            number: seat.number,
            method: seat.trial.run.setup().method,
            attack: seat.trial.attack().map(crate::play::Attack::name),
            steps: seat.trial.run.steps().len(),
            state: state(seat),
        }
    }
}

/// How a run stands, as a colour and a word.
pub(super) fn state(seat: &Seat) -> (&'static str, String) {
    let run = &seat.trial.run;
    match run.failure() {
        Some(error) => {
            ("bad", error.rule().map_or("failed".to_owned(), |rule| format!("caught by {}", rule.id())))
        }
        None if !run.held().is_empty() => ("good", "has a token".to_owned()),
        None => ("wait", "under way".to_owned()),
    }
}

pub(in crate::page) fn page(visitor: &Visitor, runs: &[Line]) -> Markup {
    layout(
        visitor,
        "Methods",
        "/",
        &html! {
            section.hero {
                h1 { "See every step of an authorization" }
                p.lead {
                    "Choose a way to get an access token. Each request is shown before it is sent, each answer with every \
                     check that it was put to, and which rule of which RFC each check comes from. A server to try it on is \
                     built in: nothing to install, nothing to type."
                }
            }
            section aria-labelledby="methods" {
                h2 id="methods" { "Methods" }
                ul.cards {
                    @for method in Method::ALL { (card(visitor, *method)) }
                }
            }
            section aria-labelledby="runs" {
                h2 id="runs" { "Your runs" }
                @if runs.is_empty() {
                    p.quiet { "None yet. They appear here, stay beside each other, and are forgotten when the program ends." }
                } @else {
                    ul.runs {
                        @for run in runs {
                            li {
                                a href=(visitor.at(&format!("/runs/{}", run.number))) { "#" (run.number) " " (run.method.title()) }
                                (chip(run.state.0, &run.state.1))
                                @if let Some(attack) = run.attack { span.quiet { "under attack: " (attack) } }
                                span.quiet.end { (run.steps) (if run.steps == 1 { " step" } else { " steps" }) }
                            }
                        }
                    }
                }
            }
        },
    )
}

fn card(visitor: &Visitor, method: Method) -> Markup {
    let tone = if method.is_recommended() { "good" } else { "warn" };
    html! {
        li.card {
            div.title { h3 { (method.title()) } (chip(tone, method.advice())) }
            p { (method.how()) }
            dl.pairs {
                dt { "Best for" } dd { (method.best_for()) }
                dt { "On behalf of" } dd { (method.on_behalf()) }
            }
            div.actions {
                (post(visitor, "/runs", &html! {
                    button.primary name="method" value=(method.name()) {
                        "Run " span.away { (method.title()) } " in the sandbox"
                    }
                }))
                a.button href=(visitor.at(&format!("/new/{}", method.name()))) { "Adjust" span.away { " " (method.title()) } }
            }
        }
    }
}
