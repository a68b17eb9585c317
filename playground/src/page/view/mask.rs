//! Secrets, masked until asked for: [`Mask`].

use maud::{Markup, html};

use crate::play::{Came, Run, Sent};

/// The shortest value that is masked, in bytes: shorter ones would be found in ordinary words.
const SHORTEST: usize = 6;

/// What stands in the place of a secret.
const MASKED: &str = "••••••••";

/// What is shown of a value or a body, in characters; and of a value that anybody may have sent a browser here with.
const VALUE: usize = 4_000;
const STRANGE: usize = 500;

/// Parameters whose values are secrets.
const PARAMETERS: [&str; 6] =
    ["code", "code_verifier", "refresh_token", "access_token", "client_secret", "password"];

/// Members of a token response that are secrets.
const MEMBERS: [&str; 3] = ["access_token", "refresh_token", "id_token"];

/// Every secret that a run has shown so far, and whether they are asked for.
pub(super) struct Mask {
    secrets: Vec<String>,
    pub(super) reveals: bool,
}

impl Mask {
    pub(super) fn of(run: &Run, reveals: bool) -> Self {
        let mut secrets = run.setup().secrets();
        for step in run.steps() {
            secrets.extend(of_request(&step.request));
            match step.outcome.as_ref().map(|outcome| &outcome.came) {
                Some(Came::Redirect { url, .. }) => {
                    let parameters = url.split_once(['?', '#']).map_or("", |(_, parameters)| parameters);
                    secrets.extend(of_parameters(parameters));
                }
                Some(Came::Answer(answer)) => secrets.extend(of_json(&answer.body.text())),
                _ => {}
            }
        }
        for held in run.held() {
            secrets.push(held.access_token.clone());
            secrets.extend(held.refresh_token.clone());
        }
        let encoded: Vec<String> = secrets
            .iter()
            .map(|secret| form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>())
            .collect();
        secrets.extend(encoded);
        secrets.retain(|secret| secret.len() >= SHORTEST);
        secrets.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        secrets.dedup();
        Self { secrets, reveals }
    }

    /// A text with its secrets masked, or marked where they are asked for.
    pub(super) fn text(&self, text: &str) -> Markup {
        self.up_to(VALUE, text)
    }

    /// The same for what came in a redirect.
    pub(super) fn strange(&self, text: &str) -> Markup {
        self.up_to(STRANGE, text)
    }

    /// So many characters. Secrets are looked for in the whole text: one that is cut before it is masked would be seen.
    fn up_to(&self, most: usize, text: &str) -> Markup {
        let (mut rest, mut room, mut more) = (text, most, 0);
        let mut pieces = Vec::new();
        let mut shown = |text: &str| {
            let shown = cut(text, room);
            let length = shown.chars().count();
            room -= length;
            more += text.chars().count() - length;
            shown
        };
        // Each takes some of the room, so there are no more of them.
        while pieces.len() <= most / SHORTEST
            && let Some((at, secret)) = self.next_in(rest)
        {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            pieces.push((shown(before), shown(if self.reveals { secret } else { MASKED })));
            rest = from.strip_prefix(secret).unwrap_or_default();
        }
        let end = shown(rest);
        html! {
            @for (before, secret) in pieces {
                (before)
                @if secret.is_empty() {}
                @else if self.reveals { mark.secret { (secret) } }
                @else { span.secret title="A secret" { (secret) } }
            }
            (end)
            @if more > 0 { "\n… and " (more) " characters more" }
        }
    }

    /// The same as plain text.
    pub(super) fn plain(&self, text: &str) -> String {
        if self.reveals {
            return text.to_owned();
        }
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASKED))
    }

    fn next_in(&self, text: &str) -> Option<(usize, &str)> {
        // The longest first, so that of two at one place the longer is taken.
        let found =
            self.secrets.iter().filter_map(|secret| Some((text.find(secret.as_str())?, secret.as_str())));
        found.min_by_key(|(at, secret)| (*at, usize::MAX - secret.len()))
    }
}

/// So many characters of a text. Terminal escapes and direction marks are shown, not obeyed.
fn cut(text: &str, most: usize) -> String {
    let is_odd = |c: char| (c.is_control() && c != '\n') || ('\u{200b}'..='\u{206f}').contains(&c);
    text.chars().take(most).map(|c| if is_odd(c) { '\u{FFFD}' } else { c }).collect()
}

/// The same for a value that is no secret.
pub(super) fn brief(text: &str) -> String {
    cut(text, VALUE)
}

fn of_request(request: &Sent) -> Vec<String> {
    let fields = request.form().into_iter().chain(request.query());
    let mut secrets: Vec<String> =
        fields.filter(|(name, _)| PARAMETERS.contains(&name.as_str())).map(|(_, value)| value).collect();
    secrets.extend(
        request
            .header("authorization")
            .and_then(|value| value.split_once(' '))
            .map(|(_, credential)| credential.to_owned()),
    );
    secrets
}

fn of_parameters(parameters: &str) -> Vec<String> {
    form_urlencoded::parse(parameters.as_bytes())
        .filter(|(name, _)| PARAMETERS.contains(&&**name))
        .map(|(_, value)| value.into_owned())
        .collect()
}

/// What looks like a secret member in a body that need not be JSON.
fn of_json(body: &str) -> Vec<String> {
    let mut secrets = Vec::new();
    for member in MEMBERS {
        let mut rest = body;
        while let Some((_, after)) = rest.split_once(&format!("\"{member}\"")) {
            let value = after.trim_start().strip_prefix(':').map(str::trim_start);
            if let Some((value, _)) = value.and_then(|value| value.strip_prefix('"')?.split_once('"')) {
                secrets.push(value.to_owned());
            }
            rest = after;
        }
    }
    secrets
}
