//! From what a person types to the issuer that knows them: [`WebFinger`] (OpenID Connect Discovery §2, RFC 7033).
//!
//! ```text
//!  program                                            the identifier's host
//!     │ WebFinger::new("joe@example.com", admitted)        │
//!     ├── GET https://example.com/.well-known/webfinger ──▶│
//!     │     ?resource=acct:joe@example.com&rel=…issuer     │
//!     │◀─ 200 {"links": [{"rel": …issuer, "href": "https://as.example"}]} ┤
//!     │ admitted("https://as.example") ──▶ Discovery::new("https://as.example")
//! ```
//!
//! One round. Whoever types the identifier chooses the host that is asked, and that host names the issuer: so the host is a
//! public one, asked by https and by its name, and the issuer is one that the program admits ([DI-13](crate::Rule::Di13)).

use std::fmt;

use form_urlencoded::Serializer;
use http::header::ACCEPT;
use http::{HeaderValue, StatusCode};

use crate::ground::error::{Error, malformed, misuse_of, response_refused};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::quirk::{Quirk, Quirks, admits};
use crate::ground::refused::Refused;
use crate::ground::rule::Rule;
use crate::ground::text;
use crate::ground::time::UnixTime;
use crate::server::issuer::require_issuer;
use crate::wire::answer::{Reader, is_json, is_type};
use crate::wire::authority::{Authority, Host};
use crate::wire::document::get;
use crate::wire::json::{Object, Value};
use crate::wire::public_host::is_public_host;
use crate::wire::round::Round;
use crate::wire::uri;

/// What a link to an issuer is (OpenID Connect Discovery §2).
const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";

/// The longest identifier, in bytes, and the most links of an answer.
const MAX_IDENTIFIER: usize = 1024;
const MAX_LINKS: usize = 256;

/// A flow that asks an identifier's host which issuer knows it. It ends with the issuer, for
/// [`Discovery::new`](crate::Discovery::new).
///
/// ```
/// use valetkey_core::openid::WebFinger;
/// use valetkey_core::{Flow, Step, UnixTime};
///
/// let admitted = ["https://login.example.com", "https://as.example"];
/// let mut flow = WebFinger::new("joe@example.com", move |issuer| admitted.contains(&issuer))?;
/// let Step::Send(request) = flow.step(None, UnixTime::from_secs(1_700_000_000))? else { unreachable!() };
/// assert_eq!(request.uri().host(), Some("example.com"));
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub struct WebFinger {
    place: String,
    is_public: bool,
    takes_private: bool,
    admitted: Box<dyn Fn(&str) -> bool + Send + Sync>,
    quirks: Quirks,
    round: Round,
}

impl WebFinger {
    /// Asks about what a person typed: an email address, `acct:` and one, a host with or without a port, or an https URL. `admitted`
    /// says of an issuer whether the program logs people in by it: a list of its own, or a rule of its own. It is asked before
    /// anything is fetched from the issuer, and what it does not admit ends the flow.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-13](crate::Rule::Di13)) if it is none of these: an http URL, an address in numbers, a user in a URL,
    /// an XRI (`=joe`, `@joe`), another scheme, other characters than those of a URI, or more than 1 KiB.
    pub fn new(
        identifier: &str,
        admitted: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let (resource, authority) = normalized(identifier)?;
        let query = Serializer::new(String::new())
            .append_pair("resource", &resource)
            .append_pair("rel", ISSUER)
            .finish();
        let place = format!("https://{authority}/.well-known/webfinger?{query}");
        let place_uri =
            uri::endpoint(&place, Quirks::STRICT).map_err(|_| unfit("is at a host that no URL can have"))?;
        Ok(Self {
            is_public: place_uri.host().is_some_and(is_public_host),
            place,
            takes_private: false,
            admitted: Box::new(admitted),
            quirks: Quirks::STRICT,
            round: Round::default(),
        })
    }

    admits! {
        /// Admits one departure from the RFCs, such as [`Quirk::AnyContentType`](crate::Quirk::AnyContentType).
    }

    /// Also asks a host that the internet does not have, `intranet` or `login.corp`: for a program within such a network, whose
    /// users may send it anywhere there. Without this, [`is_public_host`](crate::host::is_public_host) says which hosts are asked.
    #[must_use]
    pub const fn private_hosts(mut self) -> Self {
        self.takes_private = true;
        self
    }
}

impl Flow for WebFinger {
    type Output = String;

    /// # Errors
    ///
    /// - [`Error::Misuse`] ([DI-13](crate::Rule::Di13)) for a host that is not public; after the end;
    /// - [`Error::Refused`] if the host knows no such identifier, or does not tell;
    /// - [`Error::Malformed`]: [HT-1](crate::Rule::Ht1) for a redirect, [TR-2](crate::Rule::Tr2) for what is no strict JSON
    ///   object, [DI-13](crate::Rule::Di13) for another status or content type, for links that are not in order, if there is no
    ///   link to an issuer, and for an issuer that the program does not admit; [DI-1](crate::Rule::Di1) if what is linked to is no
    ///   issuer.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<String>, Error> {
        if !self.is_public && !self.takes_private {
            return Err(unfit(
                "is at a host that is not public: a program within a network of its own says so by `private_hosts`",
            ));
        }
        let mut round = self.round;
        let request = || {
            let mut request = get(&self.place)?;
            let accepted = HeaderValue::from_static("application/jrd+json, application/json");
            request.headers_mut().insert(ACCEPT, accepted);
            Ok(request)
        };
        let step = round.step(response, now, request, |response, _| self.read(&response, now));
        self.round = round;
        step
    }

    fn unanswered(&mut self, _now: UnixTime) -> bool {
        self.round.end()
    }
}

impl WebFinger {
    fn read(&self, response: &Response, now: UnixTime) -> Result<String, Error> {
        let no = |what| Err(malformed(Rule::Di13, what));
        if !response.status().is_success() {
            return Err(Error::Refused(Box::new(Refused::read(response, &[], now)?)));
        }
        if response.status() != StatusCode::OK {
            return no("the WebFinger host answered with another status than 200");
        }
        let mut reader = Reader::new(self.quirks);
        if !is_type(response.headers(), "application/jrd+json") && !is_json(response.headers()) {
            let what = "the content type of the WebFinger answer is neither application/jrd+json nor application/json";
            reader.admit(Quirk::AnyContentType, || malformed(Rule::Di13, what))?;
        }
        let mut document = reader.parse(response.body())?;
        if document.get("subject").is_some_and(|subject| subject.as_text().is_none()) {
            return no("the subject of the WebFinger answer is not a string");
        }
        let issuer = linked(&mut document)?;
        if require_issuer(&issuer, self.quirks).is_err() {
            let what = "the issuer that the WebFinger answer links to is not an https URL without a query, a fragment and a \
                        user";
            return Err(malformed(Rule::Di1, what));
        }
        if !(self.admitted)(&issuer) {
            let shown = text::displayable(&issuer, &[]);
            let what = format!(
                "the identifier leads to the issuer {shown}, by which this program does not log people in"
            );
            return Err(response_refused(Rule::Di13, what));
        }
        Ok(issuer)
    }
}

impl fmt::Debug for WebFinger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.place.split('?').next().unwrap_or_default();
        f.debug_struct("WebFinger").field("place", &shown).finish_non_exhaustive()
    }
}

/// Where the first link to an issuer leads.
fn linked(document: &mut Object<'_>) -> Result<String, Error> {
    let no = |what| Err(malformed(Rule::Di13, what));
    let links = match document.take("links") {
        None => Vec::new(),
        Some(Value::Array(links)) if links.len() <= MAX_LINKS => links,
        Some(_) => return no("links of the WebFinger answer is not an array of at most 256 links"),
    };
    let mut issuer = None;
    for link in links {
        let Value::Object(mut link) = link else {
            return no("a link of the WebFinger answer is not an object");
        };
        match (link.take("rel"), link.take("href")) {
            (Some(Value::Text(rel)), href) if issuer.is_none() && rel == ISSUER => match href {
                Some(Value::Text(href)) => issuer = Some(href.into_owned()),
                _ => return no("the link to an issuer has no href that is a string"),
            },
            (Some(Value::Text(_)), None | Some(Value::Null | Value::Text(_))) => {}
            _ => return no("a link of the WebFinger answer has a rel or an href that is not a string"),
        }
    }
    issuer.ok_or_else(|| malformed(Rule::Di13, "the WebFinger answer has no link to an issuer"))
}

/// What is wrong with an identifier, as it goes on from "the identifier".
fn unfit(what: &'static str) -> Error {
    misuse_of(Rule::Di13, format!("the identifier {what}"))
}

/// The resource that is asked about, and the host and port that are asked (OpenID Connect Discovery §2.1.2, §2.1.3).
fn normalized(identifier: &str) -> Result<(String, String), Error> {
    let identifier = identifier.trim_ascii().split('#').next().unwrap_or_default();
    if identifier.is_empty() || identifier.len() > MAX_IDENTIFIER || !uri::is_plain(identifier) {
        return Err(unfit(
            "is empty, longer than 1 KiB, or has characters that a URI cannot have: write an email address or a host in \
             ASCII",
        ));
    }
    if identifier.starts_with(['=', '@', '!', '+', '$', '(']) {
        return Err(unfit("is an XRI, which is not read: write an email address or a host"));
    }
    let (scheme, rest) = scheme(identifier);
    match scheme.map(str::to_ascii_lowercase).as_deref() {
        Some("acct") => account(rest),
        Some("https") => match rest.strip_prefix("//") {
            Some(rest) => page(rest),
            None => Err(unfit("is an https URL without its `//`")),
        },
        Some("http") => Err(unfit("is an http URL: write `https` in its place")),
        Some(_) => Err(unfit("has another scheme than `acct` and `https`")),
        None if rest.contains('@') && !rest.contains(['/', '?', ':']) => account(rest),
        None => page(rest),
    }
}

/// The scheme, if there is one. What follows the colon of a host is a port.
fn scheme(identifier: &str) -> (Option<&str>, &str) {
    let Some((before, after)) = identifier.split_once(':') else { return (None, identifier) };
    let is_scheme = before.starts_with(|first: char| first.is_ascii_alphabetic())
        && before.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let port = after.split(['/', '?']).next().unwrap_or_default();
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if is_scheme && !is_port { (Some(before), after) } else { (None, identifier) }
}

fn account(address: &str) -> Result<(String, String), Error> {
    match address.rsplit_once('@') {
        Some((user, host)) if !user.is_empty() && !address.contains(['/', '?']) && !host.contains(':') => {
            require_name(host)?;
            Ok((format!("acct:{address}"), host.to_owned()))
        }
        _ => Err(unfit("is no account: one has a user, an `@` and a host")),
    }
}

fn page(rest: &str) -> Result<(String, String), Error> {
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(unfit(
            "is a URL with a user before its host: write an email address, or leave the user out",
        ));
    }
    require_name(authority)?;
    // The path of a host alone is written out (OpenID Connect Discovery §2.2.3).
    let path = if rest.len() == authority.len() { "/" } else { "" };
    Ok((format!("https://{rest}{path}"), authority.to_owned()))
}

/// A host by its name, with or without a port: an address in numbers is nobody's identifier, and reaches into networks.
fn require_name(authority: &str) -> Result<(), Error> {
    match Authority::read(authority).and_then(|authority| Host::read(authority.host)) {
        Some(Host::Name(_)) => Ok(()),
        Some(_) => Err(unfit("has an address in numbers for its host: write the host's name")),
        None => Err(unfit("has a host that is not a name")),
    }
}
