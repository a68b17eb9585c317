//! The programs that the page hands out: each is the file here, and each file compiles.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test fails by a panic, and reads its files"
)]

use valetkey_playground::play::{Adapter, Method, Organisation, Setup, demo_setup, program};

/// The files, as modules: that they compile is half of the test. Nobody runs their `main`.
#[rustfmt::skip]
#[allow(dead_code, clippy::disallowed_macros, clippy::disallowed_methods, missing_docs, reason = "handed out as they are")]
mod programs {
    mod authorization_code_async;
    mod authorization_code_blocking;
    mod client_credentials_async;
    mod client_credentials_blocking;
    mod implicit_async;
    mod implicit_blocking;
    mod password_async;
    mod password_blocking;
    mod permanent_token_async;
    mod permanent_token_blocking;
    mod refresh_token_async;
    mod refresh_token_blocking;
}

fn setup(method: Method) -> Setup {
    let (url, organisation) = ("http://127.0.0.1:9", Organisation::default());
    let mut sandbox = organisation.sandbox([1; 32], url);
    demo_setup(method, &organisation, &mut sandbox, url, "http://127.0.0.1:8/callback")
}

#[test]
fn each_program_is_the_one_that_compiles() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs");
    for method in Method::ALL {
        for adapter in [Adapter::Blocking, Adapter::Async] {
            let name = format!("{}_{}", method.name().replace('-', "_"), adapter.name());
            let path = format!("{folder}/{name}.rs");
            let handed_out = program(&setup(*method), adapter);
            if std::env::var_os("VALETKEY_KEEP_PROGRAMS").is_some() {
                std::fs::create_dir_all(folder).unwrap();
                std::fs::write(&path, &handed_out).unwrap();
            }
            assert_eq!(std::fs::read_to_string(&path).unwrap(), handed_out, "{name}");
        }
    }
}

/// A program names where its secrets come from, and holds none.
#[test]
fn no_program_holds_a_secret() {
    for method in Method::ALL {
        let setup = setup(*method);
        for adapter in [Adapter::Blocking, Adapter::Async] {
            let text = program(&setup, adapter);
            for secret in setup.secrets() {
                assert!(!text.contains(&secret), "{method:?}");
            }
        }
    }
}

/// What is typed into a form is a string in the program, whatever it holds.
#[test]
fn a_program_quotes_what_it_is_given() {
    let mut setup = setup(Method::ClientCredentials);
    setup.client_id = "\"); std::process::exit(1); (\"".to_owned();
    let text = program(&setup, Adapter::Blocking);
    assert!(text.contains(r#""\"); std::process::exit(1); (\"""#), "{text}");
}
