//! Servers that have a name: `server = "github"`, and the issuer of one of a family beside it.

use valetkey_blocking::server::Profile as Known;

use super::nearest::nearest;

/// What lists the names.
const LIST: &str = "`valetkey list --servers` lists those that have names";

/// The issuer that is meant: as it is written, or the one that all of a family have.
pub(super) fn issuer<'a>(server: &'a str, issuer: Option<&'a str>) -> Option<&'a str> {
    match Known::named(server) {
        None => Some(server),
        Some(known) => issuer.or_else(|| only_issuer(known)),
    }
}

/// Refuses a name that nobody knows, and a family without the issuer that is meant.
pub(super) fn require_sense(server: Option<&str>, issuer: Option<&str>) -> Result<(), String> {
    let Some(server) = server else {
        return match issuer {
            Some(_) => Err(format!(
                "`issuer` goes with the name of a server, as in `server = \"auth0\"`; {LIST}. An issuer by itself is \
                 written as `server`"
            )),
            None => Ok(()),
        };
    };
    let Some(known) = Known::named(server) else {
        if server.contains("://") {
            return match issuer {
                Some(_) => Err("`server` is an issuer already: leave `issuer` out".to_owned()),
                None => Ok(()),
            };
        }
        let meant = nearest(server, Known::ALL.iter().map(Known::name));
        let meant = meant.map(|name| format!(": did you mean {name:?}? Otherwise write"));
        let meant = meant.unwrap_or_else(|| ". Write".to_owned());
        return Err(format!(
            "no server is named {server:?}{meant} an issuer with its `https://`, or a name; {LIST}"
        ));
    };
    match (known.server().is_some(), issuer) {
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
