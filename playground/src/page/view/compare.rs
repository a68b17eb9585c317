//! Several runs side by side.

use maud::{Markup, html};
use valetkey_core::UnixTime;

use super::layout::{chip, layout};
use super::{home, step};
use crate::page::desk::Seat;
use crate::page::visitor::Visitor;
use crate::play::Next;

/// One run as a column: its steps, one line each.
pub(in crate::page) fn column(visitor: &Visitor, seat: &Seat, now: UnixTime) -> Markup {
    let run = &seat.trial.run;
    let (tone, word) = home::state(seat);
    html! {
        li.card {
            div.title { h2 { a href=(visitor.at(&format!("/runs/{}", seat.number))) { "#" (seat.number) " " (run.setup().method.title()) } } }
            p { (chip(tone, &word)) @if let Some(attack) = seat.trial.attack() { " " span.quiet { (attack.name()) } } }
            ol.lines {
                @for step in run.steps() {
                    li {
                        span { (step.kind.title()) }
                        @match &step.outcome {
                            Some(outcome) => {
                                @let (tone, word) = step::verdict(step, outcome);
                                (chip(tone, &word))
                            }
                            None => (chip("wait", "not sent yet")),
                        }
                    }
                }
            }
            p.quiet {
                @match run.next(now) {
                    Next::Browse(_) => "A browser is to go to the server.",
                    Next::Send(_) => "A request is ready to be sent.",
                    Next::Wait(_) => "It waits, as the server asked.",
                    Next::Idle => { "Access tokens so far: " (run.held().len()) "." },
                    Next::Over => "It has ended.",
                }
            }
        }
    }
}

pub(in crate::page) fn page(visitor: &Visitor, columns: &[Markup]) -> Markup {
    layout(
        visitor,
        "Side by side",
        "/compare",
        &html! {
            h1 { "Side by side" }
            @if columns.is_empty() {
                p.lead { "No runs yet. " a href=(visitor.at("/")) { "Choose a method" } ", and then another: they stand beside each other here." }
            } @else {
                p.lead { "Each run has a sandbox of its own, so that an attack on one does not touch the others." }
                ul.side { @for column in columns { (column) } }
            }
        },
    )
}
