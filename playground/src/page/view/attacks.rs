//! Every attack on every method, as a table.

use maud::{Markup, html};

use super::layout::{layout, post};
use crate::page::visitor::Visitor;
use crate::play::{Attack, AttackTable, Method, Verdict};

pub(in crate::page) fn page(visitor: &Visitor, table: Option<&AttackTable>) -> Markup {
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
            @if let Some(table) = table {
                (post(visitor, "/runs", &html! {
                    div.scroll tabindex="0" role="region" aria-label="Attacks and methods" {
                        table.attacks {
                            thead { tr { th scope="col" { "Attack" } @for method in Method::ALL { th scope="col" { (method.title()) } } } }
                            @for target in Attack::TARGETS {
                                tbody {
                                    tr { th.group colspan=(Method::ALL.len() + 1) scope="rowgroup" { (target) } }
                                    @for (attack, verdicts) in table.rows().filter(|(attack, _)| attack.target() == target) {
                                        tr {
                                            th scope="row" title=(attack.description()) { (attack.name()) }
                                            @for (method, verdict) in verdicts { td { (cell(attack, *method, verdict)) } }
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
