//! What the server would refuse after a person's consent is refused before it: [`require_method`].

use valetkey_blocking::Client;
use valetkey_blocking::client::AuthenticationMethod;
use valetkey_blocking::server::Profile as Known;

use super::failure::Failure;
use super::profile::Profile;

/// The registered methods and their words in a profile.
const WORDS: [(&str, &str); 4] = [
    ("client_secret_basic", "basic"),
    ("client_secret_post", "post"),
    ("client_secret_jwt", "client-secret-jwt"),
    ("private_key_jwt", "private-key-jwt"),
];

/// Refuses a client that the token endpoint does not take ([CA-3](valetkey_core::Rule::Ca3)), before a person is sent anywhere. `by_code`: whether a code
/// is to be traded there, for which a server may want a secret that a device needs not.
pub(super) fn require_method(profile: &Profile, client: &Client, by_code: bool) -> Result<(), Failure> {
    let server = profile.known().map_or_else(|| profile.server_name(), |known| known.title());
    let method = client.method();
    if method == AuthenticationMethod::None {
        // Of metadata nothing follows: they may leave `none` out though public clients are taken (RFC 8414 §2).
        let takes = profile.known().map_or(&[][..], Known::authentication_methods);
        if !by_code || takes.is_empty() || takes.contains(&method.name()) {
            return Ok(());
        }
        return Err(Failure::usage(format!("{server} wants a client secret (CA-3), and the profile has none"))
            .next("set `secret = \"keyring\"` in the profile, or --set secret=keyring: it is asked for, and kept there"));
    }
    let listed = client.server().listed("token_endpoint_auth_methods_supported");
    let Some(takes) = listed.filter(|takes| !takes.iter().any(|name| name == method.name())) else {
        return Ok(());
    };
    let failure = Failure::usage(format!(
        "{server} does not take {} (CA-3): it takes {}",
        method.name(),
        takes.join(", ")
    ));
    let word = WORDS.iter().find(|(name, _)| takes.iter().any(|taken| taken == name));
    Err(match word {
        Some((_, word)) => failure.next(format!(
            "set `client_authentication = \"{word}\"` in the profile, or --set client_authentication={word}"
        )),
        None => failure.next("this program has no way to authenticate there"),
    })
}
