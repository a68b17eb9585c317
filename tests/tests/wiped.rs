//! S24: what this library prepares of a secret is wiped when it is dropped: nothing of it is in the memory of the process.
//!
//! The process reads its own memory, as Linux shows it to it. It is a program of its own, so that no other test's copies are
//! there, and what is looked for is kept turned around, so that the search does not find itself.

#![cfg(target_os = "linux")]

use std::fs::{File, read_to_string};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::{Mutex, PoisonError};

use valetkey_core::session::{Call, CallStep};
use valetkey_core::{AccessToken, Client, ClientSecret, Grant, RefreshToken, Session, Subject};
use valetkey_tests::{NOW, get, server};

/// How many bytes a secret has: more than an allocator writes over when it takes memory back.
const LENGTH: usize = 160;

/// One test at a time: what one has read of the memory is memory for the other.
static ONE: Mutex<()> = Mutex::new(());

/// The characters of a secret, each turned around.
fn turned(seed: u8) -> Vec<u8> {
    (0..LENGTH)
        .map(|place| !(b'a' + u8::try_from((place * place + usize::from(seed) + place / 7) % 26).unwrap()))
        .collect()
}

/// The secret itself. It is handed over whole, and no copy stays here.
fn secret(turned: &[u8]) -> String {
    let mut secret = String::with_capacity(turned.len());
    secret.extend(turned.iter().map(|byte| char::from(!byte)));
    secret
}

#[expect(clippy::disallowed_methods, reason = "a test looks at its own memory")]
fn memory() -> File {
    File::open("/proc/self/mem").unwrap()
}

/// How often the last part of the secret is in the writable memory of this process.
fn copies(turned: &[u8]) -> usize {
    let tail = &turned[turned.len() - 64..];
    let mut memory = memory();
    let mut found = 0;
    let mut chunk = vec![0_u8; 1 << 20];
    for line in read_to_string("/proc/self/maps").unwrap().lines() {
        let mut fields = line.split(' ');
        let (range, rights) = (fields.next().unwrap(), fields.next().unwrap());
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
        if !rights.starts_with("rw") || line.ends_with("[vvar]") {
            continue;
        }
        let mut at = from;
        while at < to {
            let size = usize::try_from(to - at).unwrap().min(chunk.len());
            memory.seek(SeekFrom::Start(at)).unwrap();
            if memory.read_exact(&mut chunk[..size]).is_err() {
                break;
            }
            found += chunk[..size]
                .windows(tail.len())
                .filter(|window| window.iter().zip(tail).all(|(one, other)| *one == !other))
                .count();
            // What was read is no copy to be found.
            chunk[..size].fill(0);
            // Pieces overlap, so that none is cut in two.
            at += u64::try_from(size).unwrap();
            if at < to {
                at -= 64;
            }
        }
    }
    found
}

/// S24: an access token, with the header that was prepared of it.
#[test]
fn s24_no_copy_of_an_access_token_stays() {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let turned = turned(1);
    let token = AccessToken::new(secret(&turned)).unwrap();
    let session = Session::from_permanent_token("https://api.example", token, Subject::User).unwrap();
    let mut call = Call::new(session.shared(), &get("https://api.example/me")).unwrap();
    assert!(call.use_fresh(session.shared(), NOW));
    let CallStep::Send(authorization) = call.step(None).unwrap() else { panic!("a call is sent") };
    let mut request = get("https://api.example/me");
    authorization.apply(request.headers_mut());
    assert!(request.headers()["authorization"].is_sensitive());
    assert!(copies(&turned) > 0, "the search finds what is there");
    drop((request, call, session));
    assert_eq!(copies(&turned), 0);
}

/// What Basic credentials have of the secret, each character turned around: `id:` and the secret in base64, as far as whole
/// groups of three bytes go.
fn turned_basic(turned: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let byte = |place: usize| u32::from(if place < 3 { b"id:"[place] } else { !turned[place - 3] });
    let mut basic = Vec::new();
    for group in (0..turned.len()).step_by(3) {
        let bits = byte(group) << 16 | byte(group + 1) << 8 | byte(group + 2);
        basic.extend([18, 12, 6, 0].map(|shift| !ALPHABET[(bits >> shift) as usize & 63]));
    }
    basic
}

/// S24: a client's secret, with the header that was prepared of it.
#[test]
fn s24_no_copy_of_a_client_secret_stays() {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let turned = turned(9);
    let basic = turned_basic(&turned);
    let secret = ClientSecret::new(secret(&turned)).unwrap();
    let client = Client::new(server(), "id").secret(secret.clone()).unwrap();
    assert!(copies(&turned) > 0 && copies(&basic) > 0, "the search finds what is there");
    drop((client, secret));
    assert_eq!((copies(&turned), copies(&basic)), (0, 0));
}

/// S24: a refresh token, in a form that has grown by parameters of a program's own.
#[test]
fn s24_no_copy_of_a_grants_secret_stays() {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let turned = turned(5);
    let token = RefreshToken::new(secret(&turned)).unwrap();
    // Of several lengths, so that the form is full to the byte at some of them.
    let grant = (0..300).fold(Grant::refresh_token(&token), |grant, number| {
        grant.parameter(format!("p{number}"), ["", "v"][number % 2]).unwrap()
    });
    assert!(copies(&turned) > 1, "the search finds what is there");
    drop((grant, token));
    assert_eq!(copies(&turned), 0);
}
