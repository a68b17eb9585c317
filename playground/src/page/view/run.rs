//! A run: what has happened, what comes next, and the token.

use maud::{Markup, html};
use valetkey_core::UnixTime;

use super::fields::Fields;
use super::layout::{button, chip, layout, post, prose};
use super::mask::Mask;
use super::request::{copyable, request};
use super::{step, tokens};
use crate::page::desk::Seat;
use crate::page::visitor::Visitor;
use crate::play::{Adapter, Attack, Next, Step, Verdict, program};

pub(in crate::page) fn page(visitor: &Visitor, seat: &Seat, reveals: bool, now: UnixTime) -> Markup {
    let run = &seat.trial.run;
    let (setup, mask) = (run.setup(), Mask::of(run, reveals));
    let tone = if setup.method.is_recommended() { "good" } else { "warn" };
    let done = run.steps().iter().filter(|step| step.outcome.is_some()).count();
    layout(
        visitor,
        setup.method.title(),
        "",
        &html! {
            div.title {
                h1 { (setup.method.title()) }
                (chip(tone, setup.method.advice()))
                span.quiet.end { "run " (seat.number) }
            }
            p.lead {
                @match &seat.front {
                    Some(front) => { "In the sandbox at " code { (front.url()) } },
                    None => { "At " code { (setup.token_endpoint) } },
                }
                @if !setup.client_id.is_empty() { ", as the client " code { (setup.client_id) } }
                ". "
                @if reveals { a href=(visitor.at(&format!("/runs/{}", seat.number))) { "Mask the secrets" } }
                @else { a href=(visitor.at(&format!("/runs/{}?show=secrets", seat.number))) { "Show the secrets" } }
            }
            @if let Some(notice) = &seat.notice { p.failure role="alert" { (notice) } }
            @if let Some(attack) = seat.trial.attack() { (banner(seat, attack)) }
            div.run {
                ol.steps aria-label="Steps" {
                    @for (index, step) in run.steps().iter().enumerate() {
                        (step::closed(&mask, setup, index + 1, step, index + 1 == done))
                    }
                    (next(visitor, seat, &mask, now))
                }
                aside {
                    (tokens::panel(run, &mask, now))
                    (attacker(visitor, seat))
                    section.panel aria-labelledby="keep" {
                        h2 id="keep" { "Take it with you" }
                        (copyable("code-blocking", "As a program, blocking", &program(setup, Adapter::Blocking), false))
                        (copyable("code-async", "As a program, async", &program(setup, Adapter::Async), false))
                        p { a href=(visitor.at(&format!("/runs/{}/transcript.json", seat.number))) download { "Save the transcript" } }
                        p.quiet { "A JSON document that a test can replay. It holds this run's secrets." }
                    }
                    div.actions {
                        (button(visitor, &format!("/runs/{}/again", seat.number), "", "Begin again"))
                        (button(visitor, &format!("/runs/{}/close", seat.number), "", "Forget this run"))
                    }
                }
            }
        },
    )
}

/// What comes next, and the button that does it.
fn next(visitor: &Visitor, seat: &Seat, mask: &Mask, now: UnixTime) -> Markup {
    let run = &seat.trial.run;
    let number = run.steps().len();
    let at = |action: &str| format!("/runs/{}/{action}", seat.number);
    let open = |step: &Step, how: &Markup| {
        html! {
            li.step.open id="next" tabindex="-1" data-announce={ "Next: " (step.kind.title()) } {
                div.title { h2 { span.number { (number) } (step.kind.title()) } (chip("wait", "not sent yet")) }
                (how)
                (request(mask, &step.request, "next"))
            }
        }
    };
    let last = run.steps().last();
    match (run.next(now), last) {
        (Next::Browse(_), Some(step)) => open(step, &browse(visitor, seat)),
        (Next::Send(step), _) => open(step, &button(visitor, &at("send"), "primary send", "Send")),
        (Next::Wait(time), Some(step)) => {
            let until = step.not_before.unwrap_or(now).as_millis();
            open(
                step,
                &html! {
                    p.note {
                        "The server asks to wait: "
                        time data-until=(until) data-over="now it may be sent" data-reload { (time.as_secs() + 1) " s left" }
                    }
                },
            )
        }
        (Next::Idle, _) => idle(visitor, seat),
        (_, _) => html! {
            li.step.over id="next" tabindex="-1" {
                p { "This run has ended without a token. " }
                (button(visitor, &at("again"), "primary", "Begin again"))
            }
        },
    }
}

/// There is a token: what can be done with it.
fn idle(visitor: &Visitor, seat: &Seat) -> Markup {
    let run = &seat.trial.run;
    let (call, fields) = (&run.setup().call, Fields("call"));
    let at = |action: &str| format!("/runs/{}/{action}", seat.number);
    let renews = run.session().is_some_and(|session| session.renews());
    html! {
        li.step.open id="next" tabindex="-1" data-announce="Next: call the API, or renew the token" {
            div.title { h2 { "What next" } }
            div.actions {
                (post(visitor, &at("call"), &html! {
                    button.primary { "Call the API" }
                    details {
                        summary { "Which request" }
                        (fields.text("call_method", "Method", "GET, POST and so on.", &call.method))
                        (fields.text("call_url", "URL", "An address of the API. The token goes to this origin and to no other (WA-5).", &call.url))
                        (fields.text("call_body", "Body", "JSON, or nothing.", &call.body))
                    }
                }))
                @if renews { (button(visitor, &at("renew"), "", "Renew the token")) }
            }
        }
    }
}

/// The browser's turn.
fn browse(visitor: &Visitor, seat: &Seat) -> Markup {
    let at = |action: &str| format!("/runs/{}/{action}", seat.number);
    let lost = seat.trial.attack().is_some_and(Attack::loses_the_browser);
    let url = seat.trial.browser_url().unwrap_or_default();
    html! {
        div.actions {
            @if !lost { a.button.primary href=(url) rel="noreferrer" { "Open the consent page" } }
            @if seat.front.is_some() { (button(visitor, &at("consent"), if lost { "primary" } else { "" }, "Let Alice allow it for you")) }
        }
        @if lost { p.note { "This redirect would take your browser away from here, so Alice's browser is played for you." } }
        @if seat.front.is_none() {
            (post(visitor, &at("arrived"), &html! {
                details {
                    summary { "The browser ended somewhere else" }
                    (Fields("arrived").text("url", "Address", "Paste what stands in its address bar. It is checked like any response.", ""))
                    button { "Check it" }
                }
            }))
        }
    }
}

fn banner(seat: &Seat, attack: Attack) -> Markup {
    let Some(front) = &seat.front else { return html! {} };
    let sandbox = front.sandbox();
    let is_waiting = seat.trial.is_waiting(&sandbox);
    let verdict = seat.trial.verdict(&sandbox);
    let is_caught = !matches!(verdict, Verdict::Nothing(_) | Verdict::Harmless(_) | Verdict::Fine);
    html! {
        div class={ "banner " (if is_caught { "caught" } else { "armed" }) } id="attack-banner" {
            p { strong { "Under attack: " (attack.name()) } " — " (prose(attack.description())) }
            @if let Some(loot) = seat.trial.loot() { p { "The attacker was answered " code { (loot) } "." } }
            @match verdict {
                Verdict::Caught(rule) => p { strong { "Caught by " (rule.id()) } ": " (rule.text()) "." },
                verdict if is_caught => p { strong { (verdict.to_string()) } "." },
                _ if is_waiting => p.quiet { "It strikes at the next answer that it fits." },
                Verdict::Harmless(why) if !why.is_empty() => p.quiet { "It struck, and so far it has done no harm: " (why) "." },
                _ => p.quiet { "It struck, and so far it has done no harm." },
            }
        }
    }
}

fn attacker(visitor: &Visitor, seat: &Seat) -> Markup {
    let method = seat.trial.run.setup().method;
    html! {
        @if seat.front.is_some() {
            section.panel aria-labelledby="attacker" {
                h2 id="attacker" { "The attacker" }
                (post(visitor, &format!("/runs/{}/attack", seat.number), &html! {
                    (Fields("run").attacks("Switch", "What goes wrong, once, from now on.", |attack| attack.not_in(method).is_none(), seat.trial.attack()))
                    button { "Switch it on" }
                }))
            }
        }
    }
}
