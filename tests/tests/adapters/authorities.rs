//! Whom TLS trusts: the system's authorities, and one that the program names (F25).

use std::fs;
use std::path::PathBuf;

use valetkey_core::host::{Network, ProxyRules};
use valetkey_tests::get;

use crate::face::{Adapter, Failed};
use crate::for_both;
use crate::peers::{ASKERS, Authority, Peer, asker};

/// A URL with what no error may show.
fn url(server: &Peer) -> String {
    format!("https://{}/secret-path?secret-query", server.address)
}

fn trusting(authority: &Authority) -> Network {
    Network::new(ProxyRules::direct()).authority(authority.pem())
}

fn told(server: &Peer, failed: &Failed, kind: &str, words: &str) {
    assert_eq!(failed.http.as_deref(), Some(kind), "{}", failed.shown);
    let first = failed.shown.lines().next().unwrap();
    assert!(first.contains(&format!("https://{}", server.address)) && first.contains(words), "{first}");
    assert!(!failed.shown.contains("secret-") && !failed.is_transient, "{}", failed.shown);
    assert_eq!(server.heard(), [""; 0], "nothing was sent");
}

for_both! {
    fn f25_an_authority_that_is_named_is_trusted_beside_the_systems(adapter: A) {
        let authority = Authority::new();
        let server = authority.server("127.0.0.1", |_| ());
        told(&server, &adapter.send(get(&url(&server))).unwrap_err(), "Certificate(UnknownIssuer)", "UnknownIssuer");
        let trusting = A::on(&trusting(&authority)).unwrap();
        assert_eq!(trusting.send(get(&url(&server))).unwrap().status(), 200);
    }

    /// The error's own text says whose certificate it is, what is wrong with it, and what to do.
    fn f25_what_is_wrong_with_a_certificate_is_said(_default: A) {
        let authority = Authority::new();
        let adapter = A::on(&trusting(&authority)).unwrap();
        let failed = |server: &Peer| adapter.send(get(&url(server))).unwrap_err();

        let expired = authority.server("127.0.0.1", |params| params.not_after = rcgen::date_time_ymd(2020, 1, 1));
        told(&expired, &failed(&expired), "Certificate(Expired)", "it has expired");
        let early = authority.server("127.0.0.1", |params| params.not_before = rcgen::date_time_ymd(3000, 1, 1));
        told(&early, &failed(&early), "Certificate(NotYetValid)", "not valid yet");
        let other = authority.server("other.example", |_| ());
        told(&other, &failed(&other), "Certificate(WrongName)", "another name");
        let stranger = Authority::new().server("127.0.0.1", |_| ());
        told(&stranger, &failed(&stranger), "Certificate(UnknownIssuer)", "SSL_CERT_FILE");
    }

    fn f25_what_is_no_authority_is_refused(_default: A) {
        let pem = Authority::new().pem();
        let half = pem.lines().filter(|line| line.starts_with("-----") || line.starts_with("MIIB")).collect::<Vec<_>>();
        for wrong in ["", "no PEM", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", &half.join("\n")] {
            let network = Network::default().authority(pem.clone()).authority(wrong);
            let failed = A::on(&network).err().unwrap();
            assert_eq!(failed.http.as_deref(), Some("Setup"), "{wrong}");
            assert!(!failed.is_transient);
        }
    }
}

/// As OpenSSL and everything that is made with it does.
#[test]
#[cfg(target_os = "linux")]
fn f25_the_file_of_ssl_cert_file_is_trusted() {
    let authority = Authority::new();
    let server = authority.server("127.0.0.1", |_| ());
    let file =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("authority-{}.pem", std::process::id()));
    fs::write(&file, authority.pem()).unwrap();
    for by in ASKERS.into_iter().filter(|by| *by != "own-blocking") {
        assert_eq!(asker(by, &url(&server), &[("SSL_CERT_FILE", file.to_str().unwrap())]), "200", "{by}");
        let said = asker(by, &url(&server), &[("SSL_CERT_FILE", "/nowhere/authority.pem")]);
        assert!(said.contains("No CA certificates were loaded"), "{by}: {said}");
    }
    fs::remove_file(file).unwrap();
}
