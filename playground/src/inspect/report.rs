//! What was read, for people and for programs: [`Report`].

use serde_json::{Map, Value, json};
use valetkey_blocking::error::{Checks, Refused};
use valetkey_blocking::valetkey_core::Error;
use valetkey_blocking::{Quirks, Rule, UnixTime};

use crate::shell::duration::spell;
use crate::shell::terminal::{BOLD, GREEN, RED};
use crate::shell::visible::one_line;

/// What a text is, and what core makes of it.
#[derive(Default)]
pub(crate) struct Report {
    /// What it is, in a few words.
    pub(crate) kind: &'static str,
    /// What core reads in it, in its order. Never a secret.
    pub(crate) facts: Vec<(String, Value)>,
    /// The rules that it keeps.
    pub(crate) kept: Vec<Rule>,
    /// The rule that it breaks, and how.
    pub(crate) broken: Option<(Option<Rule>, String)>,
    /// What was not looked at, and why.
    pub(crate) notes: Vec<String>,
}

impl Report {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, ..Self::default() }
    }

    pub(crate) fn fact(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.facts.push((name.into(), value.into()));
    }

    /// A moment, with how far it is.
    pub(crate) fn moment(&mut self, name: &str, at: UnixTime, now: UnixTime) {
        let far = if at > now {
            format!("in {}", spell(at.since(now)))
        } else {
            format!("{} ago", spell(now.since(at)))
        };
        self.fact(name, format!("{} ({far})", at.as_secs()));
    }

    pub(crate) fn kept(&mut self, checks: Checks) {
        self.kept.extend(checks.iter());
    }

    pub(crate) fn broken(&mut self, error: &Error) {
        self.broken = Some((error.rule(), error.to_string()));
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// The quirks that the server would have to be allowed.
    pub(crate) fn quirks(&mut self, quirks: Quirks) {
        let names: Vec<&str> = quirks
            .iter()
            .filter(|quirk| !Quirks::STRICT.contains(*quirk))
            .map(|quirk| quirk.name())
            .collect();
        if !names.is_empty() {
            self.note(format!("a profile with `quirks = {names:?}` would let it through"));
        }
    }

    /// A refusal, in words that are fit for display.
    pub(crate) fn refusal(&mut self, refused: &Refused) {
        if let Some(code) = refused.code() {
            self.fact("error", code.as_str());
        }
        for (name, text) in
            [("description", refused.description()), ("page", refused.uri()), ("excerpt", refused.excerpt())]
        {
            if let Some(text) = text {
                self.fact(name, text);
            }
        }
        if let Some(time) = refused.retry_after() {
            self.fact("retry after", spell(time));
        }
        let retry = match refused.retry() {
            valetkey_blocking::error::Retry::Never => "the same request will be refused again",
            _ => "the same request may work later",
        };
        self.fact("then", retry);
    }

    /// For programs: `kind`, `facts`, `kept`, `broken`, `notes`.
    pub(crate) fn json(&self) -> Value {
        let facts: Map<String, Value> = self.facts.iter().cloned().collect();
        let broken = self.broken.as_ref().map(|(rule, what)| {
            json!({ "rule": rule.map(Rule::id), "source": rule.map(Rule::source), "what": what })
        });
        let kept: Vec<&str> = self.kept.iter().map(|rule| rule.id()).collect();
        json!({ "kind": self.kind, "facts": facts, "kept": kept, "broken": broken, "notes": self.notes })
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{BOLD}{}{BOLD:#}\n", self.kind);
        let width = self.facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        for (name, value) in &self.facts {
            let value = match value {
                Value::String(text) => one_line(text),
                other => one_line(&other.to_string()),
            };
            text += &format!("  {:width$}  {value}\n", one_line(name));
        }
        for rule in &self.kept {
            text += &format!("{GREEN}kept{GREEN:#}    {:6} {}\n", rule.id(), rule.text());
        }
        if let Some((rule, what)) = &self.broken {
            let id = rule.map_or("-", Rule::id);
            text += &format!("{RED}broken{RED:#}  {id:6} {}\n", one_line(what));
            if let Some(rule) = rule {
                text += &format!("               {}: {}\n", rule.source(), rule.text());
            }
        }
        for note in &self.notes {
            text += &format!("note: {}\n", one_line(note));
        }
        text
    }
}
