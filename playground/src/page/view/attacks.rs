//! Every attack on every method: played at this moment, not written down.

use maud::{Markup, html};
use valetkey_core::UnixTime;

use super::layout::{layout, post};
use crate::page::session::Visitor;
use crate::play::{Attack, Method, Organisation, Run, Trial, Verdict, demo_setup};

/// What became of each attack on each method.
pub(in crate::page) struct Table(Vec<(Attack, Vec<(Method, Verdict)>)>);

impl Table {
    /// Plays them all, each in a sandbox of its own and without a socket.
    pub(in crate::page) fn play(now: UnixTime) -> Self {
        let row = |attack| {
            let verdicts = Method::ALL.iter().map(|method| (*method, play(*method, attack, now)));
            (attack, verdicts.collect())
        };
        Self(Attack::all().map(row).collect())
    }
}

fn play(method: Method, attack: Attack, now: UnixTime) -> Verdict {
    let url = "http://127.0.0.1:1";
    let organisation = Organisation::standard();
    let mut sandbox = organisation.sandbox([7; 32], url);
    let setup = demo_setup(method, &organisation, &mut sandbox, url, "http://127.0.0.1:2/callback");
    match Run::begin(setup, [8; 32], now) {
        Ok(run) => Trial::new(run, Some(attack), Some(&mut sandbox)).drive(&mut sandbox, now),
        Err(error) => error.rule().map_or(Verdict::Refused(error.to_string()), Verdict::Caught),
    }
}

pub(in crate::page) fn page(visitor: &Visitor, table: Option<&Table>) -> Markup {
    layout(
        visitor,
        "Attacks",
        "/attacks",
        &html! {
            h1 { "Every attack on every method" }
            p.lead {
                "Each was just played to its end, in memory. A cell says what caught it: a rule's id, the server's own refusal, \
                 or why there was nothing to catch. Press one to step it yourself."
            }
            @if let Some(Table(rows)) = table {
                (post(visitor, "/runs", &html! {
                    div.scroll tabindex="0" role="region" aria-label="Attacks and methods" {
                        table.attacks {
                            thead { tr { th scope="col" { "Attack" } @for method in Method::ALL { th scope="col" { (method.title()) } } } }
                            @for target in Attack::TARGETS {
                                tbody {
                                    tr { th.group colspan=(Method::ALL.len() + 1) scope="rowgroup" { (target) } }
                                    @for (attack, verdicts) in rows.iter().filter(|(attack, _)| attack.target() == target) {
                                        tr {
                                            th scope="row" title=(attack.description()) { (attack.name()) }
                                            @for (method, verdict) in verdicts { td { (cell(*attack, *method, verdict)) } }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }))
            }
        },
    )
}

fn cell(attack: Attack, method: Method, verdict: &Verdict) -> Markup {
    let (tone, word) = match verdict {
        Verdict::Caught(rule) => ("c", rule.id().to_owned()),
        Verdict::Refused(code) => ("r", code.clone()),
        Verdict::AuthorizationRequired => ("r", "authorize again".to_owned()),
        Verdict::LetThrough(_) => ("h", "let through".to_owned()),
        Verdict::Handed(status) => ("r", format!("{status} handed over")),
        Verdict::Harmless(_) => ("h", "harmless".to_owned()),
        Verdict::Nothing(_) | Verdict::Fine => ("n", "–".to_owned()),
    };
    html! {
        @if tone == "n" { span.n title=(verdict.to_string()) { (word) } }
        @else {
            button class=(tone) name="try" value={ (method.name()) " " (attack.name()) } title=(verdict.to_string()) { (word) }
        }
    }
}
