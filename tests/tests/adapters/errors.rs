//! The one error of both adapters, as a program shows it.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use valetkey_core::error::Refused;
use valetkey_core::host::{BadCertificate, Error, ProxyRules, TransportError, TransportErrorKind};
use valetkey_core::store::StoreError;
use valetkey_core::{AuthorizationServer, Error as CoreError, TokenResponse, host};
use valetkey_tests::{NOW, json};

/// A cause with a cause, as a store's or a system's error may have.
#[derive(Debug)]
struct Deep(Option<Box<Deep>>, &'static str);

impl std::fmt::Display for Deep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.1)
    }
}

impl StdError for Deep {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.as_ref().map(|cause| &**cause as _)
    }
}

fn deep() -> Deep {
    Deep(Some(Box::new(Deep(None, "the disk is broken"))), "the file cannot be read")
}

fn system() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, deep())
}

/// Every kind of error, with everything behind it that can be.
fn errors() -> Vec<Error> {
    let uri = "https://user:secret@login.example:8443/secret?secret".parse().unwrap();
    let http = |kind| Error::Transport(TransportError::caused(kind, system()).of(&uri));
    let unusable = ProxyRules::from_values(|name| (name == "HTTPS_PROXY").then(|| "socks4://x".to_owned()));
    let unusable = unusable.for_uri(&"https://login.example".parse().unwrap()).unwrap_err();
    let refused = json(400, r#"{"error":"invalid_grant","error_description":"no longer"}"#);
    let malformed = TokenResponse::parse(json(200, "[]"), NOW, &AuthorizationServer::new()).unwrap_err();
    vec![
        Error::Core(CoreError::Store(StoreError::new(deep()))),
        Error::Core(CoreError::Unanswered),
        Error::Core(CoreError::Refused(Box::new(Refused::parse(&refused, NOW).unwrap()))),
        Error::Core(malformed),
        Error::Core(host::get("/me").unwrap_err()),
        http(TransportErrorKind::Timeout),
        http(TransportErrorKind::Connection),
        http(TransportErrorKind::Certificate(BadCertificate::Expired)),
        http(TransportErrorKind::ProxyRefused(Some(407))),
        Error::Transport(TransportError::unusable_proxy(unusable).of(&uri)),
        http(TransportErrorKind::TooLarge),
        http(TransportErrorKind::Broken),
        http(TransportErrorKind::Request),
        http(TransportErrorKind::Setup),
        Error::Loopback(Arc::new(system())),
        Error::Randomness,
    ]
}

/// A reporter prints an error and then its sources; what one of them says is in none of the others.
#[test]
fn no_text_is_printed_twice() {
    for error in errors() {
        let chain: Vec<String> =
            std::iter::successors(Some(&error as &(dyn StdError + 'static)), |&error| error.source())
                .map(ToString::to_string)
                .collect();
        for (place, said) in chain.iter().enumerate() {
            let others = chain.iter().enumerate().filter(|(other, _)| *other != place);
            for (_, other) in others {
                assert!(!other.contains(said), "{chain:#?}");
            }
        }
    }
    let store = Error::Core(CoreError::Store(StoreError::new(deep())));
    assert_eq!(store.to_string(), "the token store failed: the file cannot be read");
    assert_eq!(store.source().unwrap().to_string(), "the disk is broken", "what is behind it is still told");
}

/// A program whose `main` returns an error prints its `Debug`.
#[test]
fn main_prints_a_sentence() {
    for error in errors() {
        assert_eq!(format!("{error:?}"), error.to_string());
        assert_eq!(format!("{error:#?}"), error.to_string());
    }
}

/// Of whom an answer was wanted is said: scheme, host and port, and nothing else of the URL.
#[test]
fn a_failed_request_says_to_whom_it_went() {
    let all = errors();
    let https: Vec<_> = all.iter().filter_map(Error::transport).collect();
    assert_eq!(https.len(), 9);
    for http in https {
        assert_eq!(http.origin(), Some("https://login.example:8443"));
        let shown = http.to_string();
        assert!(!shown.contains("secret") && !shown.contains("user:"), "{shown}");
        if !matches!(http.kind(), TransportErrorKind::Request | TransportErrorKind::Setup) {
            assert!(shown.contains("https://login.example:8443"), "{shown}");
        }
    }
}

/// What the system said is to be had as it is.
#[test]
fn the_systems_error_is_behind_a_failed_request() {
    let http = TransportError::caused(TransportErrorKind::Connection, system());
    assert_eq!(http.system().map(io::Error::kind), Some(io::ErrorKind::NotFound));
    assert!(http.to_string().ends_with(": the file cannot be read"), "{http}");
    assert!(TransportError::new(TransportErrorKind::Timeout).system().is_none());
}
