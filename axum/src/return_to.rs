//! Where a browser may be sent after a login: [`ReturnTo`].

use url::Url;

use crate::failure::Failure;

/// The longest, in bytes, as it comes and as it is sent. With it a sealed login fits into a cookie.
const MOST: usize = 1024;

/// A place of the application's own: a path with its query and fragment, as the URL parser that browsers have writes it. What was
/// checked is what is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReturnTo(String);

impl ReturnTo {
    /// Reads a path, or a URL of the application's origin.
    pub(crate) fn read(base: &Url, wanted: &str) -> Result<Self, Failure> {
        let no = |what| Err(Failure::refused("LG-4", what));
        let too_long = "the place to return to is longer than 1 KiB";
        if wanted.len() > MOST {
            return no(too_long);
        }
        // Parsers leave some of them out, and so may make another URL of it than a reader sees.
        if wanted.chars().any(|c| c.is_control() || c == '\\') {
            return no("the place to return to has a control character or a backslash");
        }
        // `https:evil.example` is another host by itself, and a path beside a base of that scheme: the worse counts.
        let Ok(url) = Url::parse(wanted).or_else(|_| base.join(wanted)) else {
            return no("the place to return to cannot be read as a URL");
        };
        if url.origin() != base.origin() || !url.username().is_empty() || url.password().is_some() {
            return no("the place to return to is at another origin than the application");
        }
        let path = &url[url::Position::BeforePath..];
        // As a relative reference, that would be another host.
        if !path.starts_with('/') || path.starts_with("//") {
            return no("the path to return to begins with two slashes");
        }
        // What is not ASCII is three times as long there.
        if path.len() > MOST {
            return no(too_long);
        }
        Ok(Self(path.to_owned()))
    }

    /// The first page, whose path the operator says.
    pub(crate) fn home(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// As it is sent.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
