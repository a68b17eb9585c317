//! Servers that have a name: `server = "github"`, and the issuer of one of a family beside it.

use valetkey_blocking::server::Profile as Known;

use super::nearest::nearest;
use super::profile::Profile;

/// What lists the names.
const LIST: &str = "`valetkey list --servers` lists those that have names";

/// What the profile's `server` is the name of, if it is a name and no issuer.
pub(crate) fn known(profile: &Profile) -> Option<&'static Known> {
    profile.server.as_deref().and_then(Known::named)
}

/// The issuer of the server, if it has one: as it is written, or the one that all of a family have.
pub(crate) fn issuer(profile: &Profile) -> Option<&str> {
    match known(profile) {
        None => profile.server.as_deref(),
        Some(known) => profile.issuer.as_deref().or_else(|| only_issuer(known)),
    }
}

/// Refuses a name that nobody knows, and a family without the issuer that is meant.
pub(super) fn require_sense(profile: &Profile) -> Result<(), String> {
    let Some(server) = profile.server.as_deref() else {
        return match profile.issuer {
            Some(_) => Err(format!(
                "`issuer` goes with the name of a server, as in `server = \"auth0\"`; {LIST}. An issuer by itself is \
                 written as `server`"
            )),
            None => Ok(()),
        };
    };
    let Some(known) = known(profile) else {
        if server.contains("://") {
            return match profile.issuer {
                Some(_) => Err("`server` is an issuer already: leave `issuer` out".to_owned()),
                None => Ok(()),
            };
        }
        let meant = nearest(server, Known::ALL.iter().map(Known::name));
        let meant = meant.map(|name| format!(": did you mean {name:?}?")).unwrap_or_default();
        return Err(format!(
            "no server is named {server:?}{meant}. Write an issuer with its `https://`, or a name; {LIST}"
        ));
    };
    match (known.server().is_some(), &profile.issuer) {
        (true, Some(_)) => Err(format!("{} has endpoints that are known: leave `issuer` out", known.title())),
        (false, None) if only_issuer(known).is_none() => Err(format!(
            "`server = \"{}\"` needs the issuer of yours beside it. It looks like {}: write for example \
             `issuer = \"{}\"`",
            known.name(),
            known.issuer(),
            example(known)
        )),
        _ => Ok(()),
    }
}

/// The issuer that all servers of the family have, if its shape has no word to be filled in.
fn only_issuer(known: &'static Known) -> Option<&'static str> {
    let issuer = known.issuer().strip_prefix('`')?.strip_suffix('`')?;
    let is_whole = issuer.starts_with("https://") && !issuer.contains(['`', ' ']);
    (is_whole && !issuer.chars().any(|c| c.is_ascii_uppercase())).then_some(issuer)
}

/// An issuer of the family's shape, with the words that are to be filled in written small.
fn example(known: &Known) -> String {
    known.issuer().split('`').nth(1).unwrap_or_default().to_lowercase()
}
