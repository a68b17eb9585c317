//! `valetkey call`: one authorized request, as `curl` would send it.

use std::io::{self, Read};

use clap::Args;
use valetkey_blocking::error::Refused;
use valetkey_blocking::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use valetkey_blocking::http::{Method, Uri};
use valetkey_blocking::{ApiClient, Request, Response, now};

use crate::shell::account::Account;
use crate::shell::duration::spell;
use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::options::Options;
use crate::shell::terminal::{Waiting, complain, is_shown, print_bytes, tell};

/// The largest body that is read from a file or from standard input, in bytes.
const MAX_BODY: u64 = 64 << 20;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The URL, or a path at the profile's API.
    url: String,
    /// The profile; by default the only one, or the file's `default`.
    #[arg(long, short)]
    profile: Option<String>,
    /// The request's method: GET, or POST where there is a body.
    #[arg(long = "request", short = 'X', value_name = "METHOD")]
    method: Option<Method>,
    /// The body: a text, @FILE, or - for standard input. It is sent as a form, or as JSON if it begins with { or [, if no
    /// header says otherwise.
    #[arg(long, short, allow_hyphen_values = true)]
    data: Option<String>,
    /// A header. This program adds the one with the token.
    #[arg(long, short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(HeaderName, HeaderValue)>,
    /// Prints the status and the headers of the answer before its body.
    #[arg(long, short)]
    include: bool,
    /// Writes the answer to a terminal as it came. Without this, a terminal is shown control characters as \u001b and the
    /// like; a file or a pipe always gets the answer as it came.
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    arguments.options.with(arguments.profile.as_deref(), |account| call(arguments, account))
}

fn call(arguments: &Arguments, account: &Account) -> Result<Exit, Failure> {
    let request = arguments.request(account)?;
    let response = sent(account, request)?;
    if arguments.include {
        print_bytes(&head(&response), arguments.raw)?;
    }
    print_bytes(response.body(), arguments.raw)?;
    if response.status().as_u16() < 400 {
        tell_redirect(&response);
        return Ok(Exit::Success);
    }
    // On a terminal both outputs are one text: what is said of the answer begins on a line of its own.
    if is_shown() && response.body().last().is_some_and(|last| *last != b'\n') {
        tell("");
    }
    complain(&refused(&response, account));
    Ok(Exit::Status)
}

/// Sends it with the stored token if that is good; with all that a profile has, a secret that must be asked for too, if
/// it is not, or if the API thinks otherwise.
fn sent(account: &Account, request: Request) -> Result<Response, Failure> {
    let agent = account.agent()?;
    let send = |tokens, request| {
        let _waiting = Waiting::for_what("waiting for the API");
        ApiClient::over(agent.clone(), tokens).send(request)
    };
    if let Some(tokens) = account.unrenewed(&agent)? {
        let credential = tokens.credential()?;
        let response = send(tokens, request.clone())?;
        if !credential.is_refused_by(response.status(), response.headers()) {
            return Ok(response);
        }
    }
    let tokens = account.tokens(&agent)?;
    account.credential(&tokens)?;
    Ok(send(tokens, request)?)
}

impl Arguments {
    fn request(&self, account: &Account) -> Result<Request, Failure> {
        let body = self.data.as_deref().map(body).transpose()?;
        let usual = if body.is_some() { Method::POST } else { Method::GET };
        let is_json = body.as_deref().is_some_and(|body| matches!(body.first(), Some(b'{' | b'[')));
        let has_body = body.is_some();
        let mut request = Request::new(body.unwrap_or_default());
        *request.method_mut() = self.method.clone().unwrap_or(usual);
        *request.uri_mut() = url(&self.url, account)?;
        for (name, value) in &self.header {
            request.headers_mut().append(name, value.clone());
        }
        if has_body && !request.headers().contains_key(CONTENT_TYPE) {
            let kind = if is_json { "application/json" } else { "application/x-www-form-urlencoded" };
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        Ok(request)
    }
}

fn url(text: &str, account: &Account) -> Result<Uri, Failure> {
    let profile = &account.profile;
    let whole = match text.starts_with('/') {
        true => {
            let api = profile.apis().next();
            let api = api.ok_or_else(|| {
                Failure::usage("a path is at the profile's API, and the profile names none")
                    .next("write `api = \"https://…\"` into the profile, or give the whole URL")
            })?;
            format!("{}{text}", api.trim_end_matches('/'))
        }
        false => text.to_owned(),
    };
    whole.parse().ok().filter(|uri: &Uri| uri.host().is_some()).ok_or_else(|| {
        Failure::usage("the URL is not valid")
            .next("give one that begins with https://, or a path that begins with /")
    })
}

#[expect(clippy::disallowed_methods, reason = "the program is what reads files for core")]
fn body(data: &str) -> Result<Vec<u8>, Failure> {
    let read = match (data, data.strip_prefix('@')) {
        ("-", _) => bounded(io::stdin()),
        (_, Some(path)) => std::fs::File::open(path).and_then(bounded),
        (text, None) => return Ok(text.as_bytes().to_vec()),
    };
    let body = read.map_err(|error| Failure::usage(format!("the body cannot be read: {error}")))?;
    if body.len() as u64 > MAX_BODY {
        return Err(Failure::usage(format!("the body is larger than {} MiB", MAX_BODY >> 20)));
    }
    Ok(body)
}

/// One byte more than the largest body tells one that is larger.
fn bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    source.take(MAX_BODY + 1).read_to_end(&mut body)?;
    Ok(body)
}

/// `Name: value`, as `curl` takes it.
fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("`Name: value` is expected")?;
    let name: HeaderName = name.trim().parse().map_err(|_| "the header's name is not valid")?;
    let value = value.trim().parse().map_err(|_| "the header's value is not valid")?;
    Ok((name, value))
}

/// Tells of a redirect, which is not followed: the token is for the profile's API, and the answer has no more to show.
fn tell_redirect(response: &Response) {
    let place = response.headers().get(LOCATION).filter(|_| response.status().is_redirection());
    // What follows the path may be a secret.
    if let Some(place) = place.and_then(|place| place.to_str().ok()?.split(['?', '#']).next()) {
        tell(&format!(
            "valetkey: the API answered with status {} and points to {place}, where the token was not sent",
            response.status().as_u16()
        ));
    }
}

fn head(response: &Response) -> Vec<u8> {
    let mut head = format!("{:?} {}\n", response.version(), response.status()).into_bytes();
    for (name, value) in response.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.push(b'\n');
    }
    head.push(b'\n');
    head
}

/// What an API's refusal asks for.
fn refused(response: &Response, account: &Account) -> Failure {
    let status = response.status().as_u16();
    let failure = Failure::new(Exit::Status, format!("the API answered with status {status}"));
    let refused = Refused::parse(response, now()).ok();
    let challenges = refused.as_ref().map(Refused::challenges).unwrap_or_default();
    let named = |name: &str| challenges.iter().find_map(|challenge| challenge.parameter(name));
    let wait = refused.as_ref().and_then(Refused::retry_after);
    match (named("error"), status) {
        (Some("insufficient_scope"), _) => match named("scope").filter(|scope| is_scope(scope)) {
            Some(scope) => failure.next(format!(
                "it wants the scope {scope}: write it into the profile, and {}",
                account.how_to_authorize()
            )),
            None => failure.next("it wants more scope than the token has"),
        },
        (Some("insufficient_user_authentication"), _) => {
            failure.next(format!("it wants another or a newer login: {}", account.how_to_authorize()))
        }
        (_, 401) => failure.next(account.how_to_authorize()),
        (_, 403) => failure.next("the token's subject may not do this, or its scope is too narrow"),
        _ => match wait {
            Some(time) => failure.next(format!("try again in {}", spell(time))),
            None => failure,
        },
    }
}

/// A server's text goes to a terminal only if it is that of a scope (RFC 6749 A.4).
fn is_scope(scope: &str) -> bool {
    scope.len() < 1000 && scope.parse::<valetkey_blocking::Scope>().is_ok()
}
