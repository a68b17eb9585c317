//! A web log-in, by hand: RS256 alone, of the checks only `state`, `iss`, `aud`, `exp`, `nonce` and the signature.

use std::error::Error;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Client, Url};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: u64,
    nonce: String,
}

fn random() -> Result<String, Box<dyn Error>> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn verified(jwt: &str, keys: &Keys) -> Result<Claims, Box<dyn Error>> {
    let (signed, signature) = jwt.rsplit_once('.').ok_or("no JWT")?;
    let (header, payload) = signed.split_once('.').ok_or("no JWT")?;
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header)?)?;
    if header.alg != "RS256" {
        return Err("another algorithm".into());
    }
    let key = keys.keys.iter().find(|key| key.kid == header.kid).ok_or("no key")?;
    let n = URL_SAFE_NO_PAD.decode(key.n.as_deref().unwrap_or_default())?;
    let e = URL_SAFE_NO_PAD.decode(key.e.as_deref().unwrap_or_default())?;
    let signature = URL_SAFE_NO_PAD.decode(signature)?;
    let key = RsaPublicKeyComponents { n, e };
    key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?)
}

async fn get(http: &Client, url: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    Ok(http.get(url).send().await?.error_for_status()?.bytes().await?.to_vec())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let builder = Client::builder().connect_timeout(Duration::from_secs(10));
    let http =
        builder.timeout(Duration::from_secs(60)).redirect(reqwest::redirect::Policy::none()).build()?;
    let document = get(&http, "https://as.example/.well-known/openid-configuration").await?;
    let server: Metadata = serde_json::from_slice(&document)?;
    let (state, nonce, verifier) = (random()?, random()?, random()?);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    let redirect_uri = "https://app.example/callback";
    let parameters = [
        ("response_type", "code"),
        ("client_id", "client-id"),
        ("redirect_uri", redirect_uri),
        ("scope", "openid orders:read"),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    println!("{}", Url::parse_with_params(&server.authorization_endpoint, parameters)?);
    let back = Url::parse(io::read_to_string(io::stdin())?.trim())?;
    let parameter =
        |wanted: &str| back.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value);
    if parameter("state").as_deref() != Some(&*state) {
        return Err("another state".into());
    }
    let code = parameter("code").ok_or("no code")?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", &verifier),
    ];
    let request =
        http.post(&server.token_endpoint).basic_auth("client-id", Some("client-secret")).form(&form);
    let answer = request.send().await?.error_for_status()?;
    let tokens: Tokens = serde_json::from_slice(&answer.bytes().await?)?;
    let keys: Keys = serde_json::from_slice(&get(&http, &server.jwks_uri).await?)?;
    let claims = verified(&tokens.id_token, &keys)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    if claims.iss != server.issuer || claims.aud != "client-id" || claims.exp < now || claims.nonce != nonce {
        return Err("not this login".into());
    }
    println!("{}", claims.sub);
    Ok(())
}
