//! Secrets, masked until asked for: [`Mask`].

use maud::{Markup, html};

use crate::play::{Came, Run, Sent};

/// The shortest value that is masked, in bytes: shorter ones would be found in ordinary words.
const SHORTEST: usize = 6;

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
        let mut rest = text;
        let mut pieces = Vec::new();
        while let Some((at, secret)) = self.next_in(rest) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            pieces.push((before, secret));
            rest = from.strip_prefix(secret).unwrap_or_default();
        }
        html! {
            @for (before, secret) in pieces {
                (before)
                @if self.reveals { mark.secret { (secret) } } @else { span.secret title="A secret" { "••••••••" } }
            }
            (rest)
        }
    }

    /// The same as plain text.
    pub(super) fn plain(&self, text: &str) -> String {
        if self.reveals {
            return text.to_owned();
        }
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "••••••••"))
    }

    fn next_in(&self, text: &str) -> Option<(usize, &str)> {
        // The longest first, so that of two at one place the longer is taken.
        let found =
            self.secrets.iter().filter_map(|secret| Some((text.find(secret.as_str())?, secret.as_str())));
        found.min_by_key(|(at, secret)| (*at, usize::MAX - secret.len()))
    }
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
