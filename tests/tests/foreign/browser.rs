//! A person with a browser, as far as a log-in needs one: cookies, redirects, forms.

use std::collections::BTreeMap;

use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use url::Url;
use valetkey_blocking::{HttpClient, Response, http_client, send};

/// More pages than any log-in has.
const PAGES: usize = 20;

/// What the person types into a field that the page leaves empty, by its name.
const TYPED: [(&str, &str); 4] =
    [("login", "alice"), ("username", "alice"), ("password", "wonderland"), ("allowed", "true")];

/// The browser at the client: where it was sent, and with which form, if it was sent with one (`form_post`).
pub(crate) struct Arrival {
    pub(crate) url: String,
    pub(crate) form: Option<String>,
}

/// The page that the browser is at: where, and what it says.
pub(crate) struct Seen {
    pub(crate) url: String,
    pub(crate) page: String,
}

pub(crate) struct Browser {
    agent: HttpClient,
    cookies: BTreeMap<String, String>,
    refuses: bool,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self { agent: http_client(), cookies: BTreeMap::new(), refuses: false }
    }

    /// One whose person says no at the first page that lets them.
    pub(crate) fn refusing() -> Self {
        Self { refuses: true, ..Self::new() }
    }

    /// Opens a URL, logs in and agrees to everything, until the server sends the browser to the client: that URL, or
    /// `None` if the last page asks for nothing more.
    pub(crate) fn visit(&mut self, url: &str, client: &str) -> Option<String> {
        let arrival = self.arrive(url, client)?;
        assert_eq!(arrival.form, None, "the browser is sent with a form");
        Some(arrival.url)
    }

    /// The same, for a response that may come in a form.
    pub(crate) fn arrive(&mut self, url: &str, client: &str) -> Option<Arrival> {
        let mut at = Url::parse(url).unwrap();
        let mut form = None;
        let mut has_refused = false;
        for _ in 0..PAGES {
            let response = self.open(&at, form.take());
            // A redirect is followed after a no as well: it may lead to the client.
            if let Some(location) = response.headers().get(LOCATION) {
                at = at.join(location.to_str().unwrap()).unwrap();
                if at.as_str().starts_with(client) {
                    return Some(Arrival { url: at.into(), form: None });
                }
                continue;
            }
            // What a page says after a no, and by which status, is for the person.
            if has_refused {
                return None;
            }
            let page = String::from_utf8_lossy(response.body()).into_owned();
            // A form that sends itself to the client may be of any status: a refusal is one as well.
            if let Some((action, fields)) = Self::fill_in(&page).filter(|(to, _)| to.starts_with(client)) {
                return Some(Arrival { url: action, form: Some(encoded(fields)) });
            }
            assert_eq!(response.status(), 200, "the person sees an error: {page}");
            if let (true, Some(no)) = (self.refuses, no(&page)) {
                at = at.join(&no).unwrap();
                has_refused = true;
                continue;
            }
            let (action, mut fields) = Self::fill_in(&page)?;
            // A form that asks for a yes or a no has a button for each.
            if page.contains("name=\"cancel\"") {
                fields.retain(|(name, _)| name != "accept" && name != "cancel");
                fields
                    .push((if self.refuses { "cancel" } else { "accept" }.to_owned(), "pressed".to_owned()));
                has_refused = self.refuses;
            }
            at = at.join(&action).unwrap();
            form = Some(encoded(fields));
        }
        panic!("the log-in has no end");
    }

    /// Opens a page, or sends a form to it, and follows where that leads.
    pub(crate) fn sees(&mut self, url: &str, mut form: Option<String>) -> Seen {
        let mut at = Url::parse(url).unwrap();
        for _ in 0..PAGES {
            let response = self.open(&at, form.take());
            let Some(location) = response.headers().get(LOCATION) else {
                let page = String::from_utf8_lossy(response.body()).into_owned();
                return Seen { url: at.into(), page };
            };
            at = at.join(location.to_str().unwrap()).unwrap();
        }
        panic!("the redirects have no end");
    }

    /// Fills in the first form of a page, agrees to it, and follows where that leads.
    pub(crate) fn fills_in(&mut self, seen: &Seen) -> Seen {
        let (action, mut fields) =
            Self::fill_in(&seen.page).unwrap_or_else(|| panic!("no form: {}", seen.page));
        // A button beside the form, by which a person says that they mean it.
        if seen.page.contains("value=\"yes\" name=\"logout\"") {
            fields.push(("logout".to_owned(), "yes".to_owned()));
        }
        let to = Url::parse(&seen.url).unwrap().join(&action).unwrap();
        self.sees(to.as_str(), Some(encoded(fields)))
    }

    /// The status of the page that a URL opens: what a server says to the person who is sent there by a request that it does not
    /// take is for nobody else.
    pub(crate) fn status_of(&mut self, url: &str) -> u16 {
        self.open(&Url::parse(url).unwrap(), None).status().as_u16()
    }

    fn open(&mut self, url: &Url, form: Option<String>) -> Response {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let method = if form.is_some() { "POST" } else { "GET" };
        let request = http::Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(COOKIE, cookies.join("; "))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.unwrap_or_default().into_bytes())
            .unwrap();
        let response = send(&self.agent, request).unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let (pair, _) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            // A server that takes a cookie back leaves it empty.
            match value {
                "" => self.cookies.remove(name),
                _ => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        response
    }

    /// The first form of a page that is to be sent: where to, and its fields.
    fn fill_in(page: &str) -> Option<(String, Vec<(String, String)>)> {
        // The names of tags are in small letters here, and in capitals there.
        let small = page.to_ascii_lowercase();
        let from = small.find("<form ")? + "<form ".len();
        let to = from + small[from..].find("</form>").unwrap();
        let mut tags = page[from..to].split('<');
        let action = attribute(tags.next().unwrap(), "action").unwrap_or_default();
        let inputs = tags.filter(|tag| tag.get(..5).is_some_and(|name| name.eq_ignore_ascii_case("input")));
        let fields = inputs.filter_map(|tag| {
            let name = attribute(tag, "name")?;
            let typed = || TYPED.iter().find(|(field, _)| *field == name).map(|(_, text)| (*text).to_owned());
            let value = attribute(tag, "value").filter(|value| !value.is_empty()).or_else(typed);
            Some((name, value.unwrap_or_default()))
        });
        Some((action, fields.collect()))
    }
}

fn encoded(fields: Vec<(String, String)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The link by which a page lets the person say no.
fn no(page: &str) -> Option<String> {
    page.split("<a ").filter_map(|link| attribute(link, "href")).find(|href| href.ends_with("/abort"))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let from = tag.to_ascii_lowercase().find(&format!("{name}=\""))? + name.len() + 2;
    let (value, _) = tag[from..].split_once('"')?;
    Some(value.replace("&amp;", "&"))
}
