//! What a redirect URI may be ([AQ-8](crate::Rule::Aq8)).

use http::Uri;

use crate::ground::error::{Error, misuse_of};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::Rule;
use crate::wire::uri::{authority_of, is_loopback, is_opaque, is_plain};

/// A redirect URI that a client may register ([AQ-8](crate::Rule::Aq8)): https, http on a loopback address, or a private-use
/// scheme with a dot in it (RFC 8252 §7.1); absolute and without a fragment.
///
/// The quirk that was needed is handed back, where it is admitted: it takes the other schemes and names that servers have
/// registered. What runs in a browser or reads a file is never a redirect URI.
pub(crate) fn redirect_uri(text: &str, quirks: Quirks) -> Result<Option<Quirk>, Error> {
    let no = |what| Err(misuse_of(Rule::Aq8, what));
    if !is_plain(text) || text.contains('#') {
        return no("the redirect URI is too long, has a fragment, or a character that a URI cannot have");
    }
    // Only what the quirk does admit names it.
    let unusual = |what| {
        quirks
            .require(Quirk::UnusualRedirectUri, || misuse_of(Rule::Aq8, what))
            .map(|()| Some(Quirk::UnusualRedirectUri))
    };
    let Some((scheme, rest)) = text.split_once(':') else {
        return if is_name(text) { unusual(NOT_ABSOLUTE) } else { no(NOT_ABSOLUTE) };
    };
    match scheme {
        "https" | "http" => {
            let Ok(uri) = text.parse::<Uri>() else { return no("the redirect URI is not a URI") };
            let Some(authority) = authority_of(&uri, text) else {
                return no(
                    "the host of the redirect URI is not in its usual form: write a name or an address and \
                     a plain port, and no user",
                );
            };
            if scheme == "http" && !is_loopback(authority.host) {
                return no("the redirect URI is http and not a loopback address: use https, or \
                           `http://127.0.0.1`");
            }
            Ok(None)
        }
        _ if is_scheme(scheme) && is_harmless(scheme) && !rest.is_empty() => {
            if !is_opaque(rest) {
                return no("the part after the redirect URI's scheme is not valid: write a path there");
            }
            if scheme.contains('.') { Ok(None) } else { unusual(NOT_SAFE) }
        }
        _ => no(NOT_SAFE),
    }
}

const NOT_ABSOLUTE: &str = "the redirect URI is not absolute: begin it with its scheme, such as `https://`";

const NOT_SAFE: &str = "the redirect URI is not https, http on loopback, or of a private-use scheme with a dot \
                        (`com.example.app:/…`)";

/// Whether this may be the name of a registration: `postmessage`.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Whether nothing opens it but a program that has claimed the scheme: no browser, no reader of files.
fn is_harmless(scheme: &str) -> bool {
    const OPENED: [&str; 11] = [
        "about",
        "blob",
        "data",
        "file",
        "filesystem",
        "ftp",
        "javascript",
        "vbscript",
        "view-source",
        "http",
        "https",
    ];
    !OPENED.iter().any(|opened| scheme.eq_ignore_ascii_case(opened))
}

fn is_scheme(scheme: &str) -> bool {
    scheme.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}
