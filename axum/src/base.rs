//! Where the application is, as its operator says: [`Base`]. No request's `Host` or `Forwarded` is ever asked.

use url::{Host, Url};

use crate::failure::Failure;

/// The application's external address, and the addresses made of it.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// With a path that ends in `/`.
    url: Url,
    /// The path of the first page, as the operator writes it: axum tells `/shop` from `/shop/`.
    home: String,
}

impl Base {
    pub(crate) fn read(text: &str, is_on_loopback: bool) -> Result<Self, Failure> {
        let no = |what| Err(Failure::refused("LG-6", what));
        let Ok(mut url) = Url::parse(text) else { return no("the base URL is not a URL") };
        let has_user = !url.username().is_empty() || url.password().is_some();
        if url.query().is_some() || url.fragment().is_some() || has_user || !url.has_host() {
            return no("the base URL has more than scheme, host and path");
        }
        let home = url.path().to_owned();
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        if url.path().starts_with("//") {
            return no("the path of the base URL begins with two slashes");
        }
        match (url.scheme(), is_on_loopback) {
            ("https", false) => Ok(Self { url, home }),
            ("http", true) if is_loopback(&url) => Ok(Self { url, home }),
            (_, true) => no("the base URL is not http on a loopback address, and `on_loopback` was said"),
            (_, false) => {
                no("the base URL is not https: for http on this computer say `WebLoginBuilder::on_loopback`")
            }
        }
    }

    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    /// The path of the first page.
    pub(crate) fn home(&self) -> &str {
        &self.home
    }

    /// The path of a route, from the origin.
    pub(crate) fn path(&self, route: &str) -> String {
        format!("{}{route}", self.url.path().trim_end_matches('/'))
    }

    /// The URL of a route, for the server.
    pub(crate) fn absolute(&self, route: &str) -> String {
        format!("{}{}", self.url.origin().ascii_serialization(), self.path(route))
    }

    /// The route to which the server of this name sends its responses; the one without a name has the short one.
    pub(crate) fn callback(name: &str) -> String {
        if name.is_empty() { "/callback".to_owned() } else { format!("/callback/{name}") }
    }

    /// The route that a path means, whether the framework has taken the base's path away or not.
    pub(crate) fn route<'a>(&self, path: &'a str) -> &'a str {
        let own = self.url.path().trim_end_matches('/');
        path.strip_prefix(own).filter(|rest| rest.starts_with('/')).unwrap_or(path)
    }

    /// Whether a path from the origin, with its query, is a route that logs in or out, or below one.
    pub(crate) fn is_log_in_or_out(&self, path: &str) -> bool {
        let route = self.route(path.split(['?', '#']).next().unwrap_or_default());
        ["/login", "/logout"]
            .iter()
            .any(|own| route.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }

    pub(crate) fn is_own_origin(&self, origin: &str) -> bool {
        self.url.origin().ascii_serialization() == origin
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
