//! How a client proves who it is, and the key that its tokens are bound to.

use std::sync::Arc;

use valetkey_blocking::client::AuthenticationMethod;
use valetkey_blocking::jose::{Algorithm, AwsLc, KeyPair, PrivateJwk};
use valetkey_blocking::store::{Store as _, StoreKey, StoredBytes};
use valetkey_blocking::{Client, ClientSecret, Dpop, entropy};
use zeroize::Zeroizing;

use super::exit::Exit;
use super::failure::Failure;
use super::profile::Profile;
use super::storage::Place;
use super::values::ClientAuthentication;

/// What the keys of bound tokens sign by: what every server that knows DPoP takes.
const DPOP: Algorithm = Algorithm::Es256;

/// The client with its secret or its key, if it has one.
pub(crate) fn authenticating(profile: &Profile, owner: &str, client: Client) -> Result<Client, Failure> {
    let method = profile.client_authentication.unwrap_or_else(|| usual(&client));
    let secret = match &profile.secret {
        Some(source) => source.read(profile.secret_name(), owner)?,
        None if method == ClientAuthentication::BasicWithoutSecret => Zeroizing::default(),
        None => return Ok(client),
    };
    let key = match method {
        ClientAuthentication::BasicWithoutSecret => return Ok(client.basic_without_secret()?),
        ClientAuthentication::Basic => return Ok(client.secret(ClientSecret::new(secret.as_str())?)?),
        ClientAuthentication::Post => return Ok(client.secret_in_body(ClientSecret::new(secret.as_str())?)?),
        ClientAuthentication::ClientSecretJwt => {
            KeyPair::from_secret(algorithm(profile, Algorithm::Hs256)?, secret.as_bytes())?
        }
        ClientAuthentication::PrivateKeyJwt => private_key(profile, &secret).map_err(|failure| {
            failure.next("`secret` says where the key is, and `algorithm` what it signs by: ES256 by default, RS256 for RSA")
        })?,
    };
    let key = match &profile.key_id {
        Some(key_id) => key.with_key_id(key_id.as_str()),
        None => key,
    };
    Ok(client.assertion(Arc::new(key), entropy()?)?)
}

/// How a secret is sent by default: in the header, unless the server lists the body alone.
fn usual(client: &Client) -> ClientAuthentication {
    let offered = [AuthenticationMethod::SecretBasic, AuthenticationMethod::SecretPost];
    match client.server().preferred_method(&offered) {
        Some(AuthenticationMethod::SecretPost) => ClientAuthentication::Post,
        _ => ClientAuthentication::Basic,
    }
}

/// A private key as a JWK or in PEM.
fn private_key(profile: &Profile, text: &str) -> Result<KeyPair, Failure> {
    let algorithm = algorithm(profile, Algorithm::Es256)?;
    Ok(match text.trim_start().starts_with('{') {
        true => KeyPair::new(&AwsLc, algorithm, &PrivateJwk::parse(text.trim().as_bytes())?)?,
        false => KeyPair::from_pem(&AwsLc, algorithm, text)?,
    })
}

fn algorithm(profile: &Profile, usual: Algorithm) -> Result<Algorithm, Failure> {
    match &profile.algorithm {
        Some(name) => Algorithm::from_name(name)
            .ok_or_else(|| Failure::usage(format!("`algorithm` is {name:?}, which is unknown here"))),
        None => Ok(usual),
    }
}

/// The client with the key that its tokens are bound to, for a profile of this name. It is beside the tokens, as safe as
/// they are; where no key is stored yet, one is made, or the client left as it is.
pub(crate) fn bound(profile: &str, place: &Place, client: Client, make: bool) -> Result<Client, Failure> {
    let name = name(profile, &client);
    let mut stored = place.load(&name)?;
    if stored.is_none() && make {
        let made = PrivateJwk::generate(&AwsLc, DPOP, entropy()?)?.expose();
        // The first to write has made the one that counts.
        place.insert_if_absent(&name, &StoredBytes::new(made.as_bytes().to_vec()).into())?;
        stored = place.load(&name)?;
    }
    let Some(stored) = stored else { return Ok(client) };
    let unreadable = |_| {
        Failure::new(Exit::Store, "the stored key of the bound tokens cannot be read")
            .next("`valetkey logout --secrets` forgets it")
    };
    let key = PrivateJwk::parse(stored.bytes.expose()).map_err(unreadable)?;
    let key = KeyPair::new(&AwsLc, DPOP, &key).map_err(unreadable)?;
    Ok(client.dpop(Dpop::of(Arc::new(key), entropy()?)?)?)
}

/// What the key is kept under, beside the tokens.
fn name(profile: &str, client: &Client) -> StoreKey {
    StoreKey::of_only_user(client).named(&format!("{profile}: DPoP key"))
}

/// Forgets the key that tokens were bound to.
pub(crate) fn forget(profile: &str, place: &Place, client: &Client) -> Result<(), Failure> {
    place.take(&name(profile, client))?;
    Ok(())
}
