//! One step: the request, and once it is sent, the answer as it came, as core read it, and every check.

use maud::{Markup, html};
use valetkey_core::{Error, Quirk};

use super::layout::chip;
use super::mask::Mask;
use super::request::{answer, redirect, request};
use crate::play::{Came, Check, Kind, Outcome, Setup, State, Step, checks, links};

/// A step that is over. The latest is open, the ones before it fold away.
pub(super) fn closed(mask: &Mask, setup: &Setup, number: usize, step: &Step, is_latest: bool) -> Markup {
    let Some(outcome) = &step.outcome else { return html! {} };
    let checks = checks(step, setup);
    let (tone, word) = verdict(step, outcome);
    html! {
        li.step id=(if is_latest { "latest".to_owned() } else { format!("step-{number}") })
            tabindex="-1" data-announce={ (step.kind.title()) ": " (word) } {
            div.title { h2 { span.number { (number) } (step.kind.title()) } (chip(tone, &word)) }
            @if let Some(error) = &outcome.reading.error { (failure(error)) }
            details.part {
                summary { "The request" }
                (request(mask, &step.request, &number.to_string()))
            }
            details.part open[is_latest] {
                summary { (came_title(&outcome.came)) }
                @match &outcome.came {
                    Came::Answer(came) => (answer(mask, came)),
                    Came::Redirect { url, same_session } => {
                        (redirect(mask, url))
                        @if !same_session { p.note { "It arrived in another browser session than the one that began." } }
                    }
                    Came::Nothing(why) => p { (why) "." },
                }
            }
            @if !outcome.reading.facts.is_empty() {
                details.part open[is_latest] {
                    summary { "As core read it" }
                    dl.pairs {
                        @for fact in &outcome.reading.facts { dt { (fact.name) } dd { (mask.text(&fact.value)) } }
                        @for quirk in outcome.reading.quirks.iter() {
                            dt { "let through" } dd { code { (Quirk::name(quirk)) } ", a departure from the RFC that is admitted by name" }
                        }
                    }
                }
            }
            @if !checks.is_empty() { (table(mask, &checks, is_latest)) }
        }
    }
}

fn came_title(came: &Came) -> &'static str {
    match came {
        Came::Answer(_) => "The answer, as it came",
        Came::Redirect { .. } => "The redirect, as it came back",
        Came::Nothing(_) => "No answer",
    }
}

/// How a step ended, as a colour and a few words.
pub(super) fn verdict(step: &Step, outcome: &Outcome) -> (&'static str, String) {
    match (&outcome.reading.error, &outcome.came) {
        (Some(error), _) => (
            "bad",
            match error.rule() {
                Some(rule) => format!("caught by {}", rule.id()),
                None => "refused".to_owned(),
            },
        ),
        (None, Came::Nothing(_)) => ("bad", "no answer".to_owned()),
        (None, Came::Answer(came)) if step.kind == Kind::Api => {
            (if came.status < 300 { "good" } else { "warn" }, came.status.to_string())
        }
        (None, _) => (
            "good",
            match outcome.reading.quirks.iter().count() {
                0 => "all checks passed".to_owned(),
                some => format!("passed, {some} let through"),
            },
        ),
    }
}

fn failure(error: &Error) -> Markup {
    html! {
        div.failure {
            @if let Some(rule) = error.rule() {
                p { strong { "Caught by " (rule.id()) } ": " (rule.text()) "." }
            }
            p { (error.to_string()) }
        }
    }
}

fn table(mask: &Mask, checks: &[Check], is_open: bool) -> Markup {
    let passed = checks.iter().filter(|check| check.state == State::Passed).count();
    let failed = checks.iter().filter(|check| check.state == State::Failed).count();
    html! {
        details.part open[is_open] {
            summary { "Checks: " (passed) " passed, " (failed) " failed" }
            ul.checks {
                @for check in checks { (row(mask, check)) }
            }
        }
    }
}

fn row(mask: &Mask, check: &Check) -> Markup {
    let (tone, sign) = match check.state {
        State::Passed => ("good", "✓"),
        State::Failed => ("bad", "✗"),
        State::LetThrough => ("warn", "~"),
        State::NotApplicable => ("none", "–"),
        State::NotReached => ("none", "·"),
    };
    html! {
        li class=(tone) {
            span.sign aria-hidden="true" { (sign) }
            div {
                p { strong { (check.rule.id()) } " " (check.rule.text()) span.away { ": " } span.word { (check.state.word()) } }
                @if let (Some((expected, found)), State::Passed | State::Failed | State::LetThrough) = (&check.expected, check.state) {
                    p.found { "expected " code { (mask.text(expected)) } ", found " code { (mask.text(found)) } }
                }
                p.source {
                    @for (text, href) in links(check.rule) {
                        @match href {
                            Some(href) => a href=(href) rel="noreferrer external" target="_blank" { (text) },
                            None => (text),
                        }
                        " "
                    }
                }
            }
        }
    }
}
