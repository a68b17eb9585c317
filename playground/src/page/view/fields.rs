//! Form fields that explain themselves: [`Fields`].

use maud::{Markup, html};

use crate::play::Attack;

/// The fields of one form. The text is what its ids begin with, so that two forms of a page do not share one.
pub(super) struct Fields(pub(super) &'static str);

impl Fields {
    /// A line of text: its name on the form, its label, what it is for, and what is in it.
    pub(super) fn text(&self, name: &str, label: &str, hint: &str, value: &str) -> Markup {
        let id = self.id(name);
        field(
            &id,
            label,
            hint,
            &html! {
                input type="text" id=(id) name=(name) value=(value) spellcheck="false" autocomplete="off"
                    autocapitalize="off" aria-describedby={ (id) "-hint" };
            },
        )
    }

    /// A secret.
    pub(super) fn secret(&self, name: &str, label: &str, hint: &str) -> Markup {
        let id = self.id(name);
        field(
            &id,
            label,
            hint,
            &html! {
                input type="password" id=(id) name=(name) autocomplete="off" aria-describedby={ (id) "-hint" };
            },
        )
    }

    /// One of several.
    pub(super) fn choice(
        &self,
        name: &str,
        label: &str,
        hint: &str,
        options: &[(&str, &str)],
        chosen: &str,
    ) -> Markup {
        let id = self.id(name);
        field(
            &id,
            label,
            hint,
            &html! {
                select id=(id) name=(name) aria-describedby={ (id) "-hint" } {
                    @for (value, text) in options { option value=(value) selected[*value == chosen] { (text) } }
                }
            },
        )
    }

    /// Yes or no.
    pub(super) fn tick(&self, name: &str, label: &str, hint: &str, is_on: bool) -> Markup {
        let id = self.id(name);
        html! {
            div.field.tick {
                input type="checkbox" id=(id) name=(name) value="yes" checked[is_on] aria-describedby={ (id) "-hint" };
                label for=(id) { (label) }
                p.hint id={ (id) "-hint" } { (hint) }
            }
        }
    }

    /// Every switch of the attacker's that fits, by what it is aimed at.
    pub(super) fn attacks(
        &self,
        label: &str,
        hint: &str,
        fits: impl Fn(Attack) -> bool,
        chosen: Option<Attack>,
    ) -> Markup {
        let id = self.id("attack");
        field(
            &id,
            label,
            hint,
            &html! {
                select id=(id) name="attack" aria-describedby={ (id) "-hint" } {
                    option value="" { "nobody interferes" }
                    @for target in Attack::TARGETS {
                        @let switches: Vec<Attack> =
                            Attack::all().filter(|attack| attack.target() == target && fits(*attack)).collect();
                        @if !switches.is_empty() {
                            optgroup label=(target) {
                                @for attack in switches {
                                    option value=(attack.name()) selected[chosen == Some(attack)] {
                                        (attack.name()) ": " (attack.description().replace('`', ""))
                                    }
                                }
                            }
                        }
                    }
                }
            },
        )
    }

    fn id(&self, name: &str) -> String {
        format!("{}-{name}", self.0)
    }
}

fn field(id: &str, label: &str, hint: &str, input: &Markup) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            (input)
            p.hint id={ (id) "-hint" } { (hint) }
        }
    }
}
