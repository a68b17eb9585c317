//! Profiles: data with a source for each quirk, and each quirk shown by the answer that needs it.

use std::collections::BTreeSet;

use valetkey_core::server::{Endpoint, Profile};
use valetkey_core::token::TokenType;
use valetkey_core::{AuthorizationServer, Error, Quirk, Quirks, Rule, TokenResponse};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, json, server};

fn read(body: &str, quirks: Quirks) -> Result<TokenResponse, Option<Rule>> {
    TokenResponse::parse(json(200, body), NOW, &AuthorizationServer::new().admit_all(quirks))
        .map_err(|error| error.rule())
}

#[test]
fn every_profile_is_found_by_its_name_and_every_quirk_has_its_page() {
    let mut names = BTreeSet::new();
    for profile in Profile::ALL {
        assert!(names.insert(profile.name()), "{} comes twice", profile.name());
        assert_eq!(Profile::named(profile.name()).map(Profile::title), Some(profile.title()));
        assert!(profile.source().starts_with("https://"));
        for (quirk, page) in profile.admitted() {
            assert!(page.starts_with("https://"), "{}: {}", profile.name(), quirk.name());
            assert!(profile.quirks().contains(quirk) && !Quirks::STRICT.contains(quirk));
        }
        let admitted = profile.quirks().iter().filter(|quirk| !Quirks::STRICT.contains(*quirk)).count();
        assert_eq!(admitted, profile.admitted().count(), "{} admits nothing else", profile.name());
    }
    assert!(Profile::named("no-such-server").is_none());
    assert_eq!("github".parse::<Profile>().unwrap().name(), "github");
    assert!("no-such-server".parse::<Profile>().is_err());
}

#[test]
fn a_family_has_fixed_endpoints_or_metadata() {
    for profile in Profile::ALL {
        let fixed = profile.server();
        assert_eq!(fixed.is_none(), profile.issuer() != "none", "{}", profile.name());
        if let Some(server) = fixed {
            assert!(server.url_of(Endpoint::Authorization).is_some());
            assert!(server.url_of(Endpoint::Token).is_some());
            assert_eq!(server.quirks(), profile.quirks());
        }
    }
    let device = Profile::GITHUB.server().unwrap().url_of(Endpoint::DeviceAuthorization);
    assert_eq!(device.as_deref(), Some("https://github.com/login/device/code"));
}

/// The server that is found is met with its family's quirks.
#[test]
fn discovery_by_a_profile_keeps_its_quirks() {
    let issuer = "https://accounts.google.com";
    let body = format!(
        r#"{{"issuer":"{issuer}","response_types_supported":["code"],"token_endpoint":"https://oauth2.googleapis.com/token"}}"#
    );
    let played = play(Profile::GOOGLE.discovery(issuer).unwrap(), [Some(json(200, &body))]);
    let metadata = played.outcome.unwrap();
    assert_eq!(metadata.foreign_endpoints(), [Endpoint::Token]);
    assert!(metadata.server().quirks().contains(Quirk::VerificationUrl));
    assert!(matches!(Profile::GOOGLE.discovery("accounts.google.com"), Err(Error::Misuse(_))));
}

/// TR-11, TR-4: GitHub.
#[test]
fn a_scope_with_commas_is_read_where_it_is_known() {
    let body = r#"{"access_token":"gho_a","scope":"public_repo,user:email","token_type":"bearer"}"#;
    let tokens = read(body, Profile::GITHUB.quirks()).unwrap();
    assert_eq!(tokens.scope().unwrap().as_str(), "public_repo user:email");
    assert!(tokens.quirks().contains(Quirk::ScopeWithCommas));
    // Elsewhere a comma is a character like any other (RFC 6749 A.4).
    let tokens = read(body, Quirks::STRICT).unwrap();
    assert_eq!(tokens.scope().unwrap().iter().collect::<Vec<_>>(), ["public_repo,user:email"]);
    assert!(!tokens.quirks().contains(Quirk::ScopeWithCommas));
    assert_eq!(
        read(&body.replace("public_repo,user:email", ","), Profile::GITHUB.quirks()).err(),
        Some(Some(Rule::Tr11))
    );

    let none = r#"{"access_token":"ghu_a","scope":"","token_type":"bearer"}"#;
    assert_eq!(read(none, Profile::GITHUB.quirks()).unwrap().scope(), None);
    assert_eq!(read(none, Quirks::STRICT).err(), Some(Some(Rule::Tr11)));
}

/// TR-6: Slack.
#[test]
fn a_token_type_that_names_the_subject_is_read_where_it_is_known() {
    for (name, admitted) in [("bot", true), ("user", true), ("Bot", false), ("mac", false), ("N_A", false)] {
        let body = format!(
            r#"{{"ok":true,"access_token":"xoxb-1","token_type":"{name}","scope":"commands,incoming-webhook"}}"#
        );
        assert_eq!(read(&body, Quirks::STRICT).err(), Some(Some(Rule::Tr6)), "{name}");
        match read(&body, Profile::SLACK.quirks()) {
            Ok(tokens) => {
                assert!(admitted, "{name}");
                assert_eq!(tokens.token_type(), TokenType::Bearer);
                assert_eq!(tokens.scope().unwrap().as_str(), "commands incoming-webhook");
            }
            Err(rule) => assert!(!admitted && rule == Some(Rule::Tr6), "{name}"),
        }
    }
    let refused = TokenResponse::parse(
        json(200, r#"{"ok":false,"error":"invalid_code"}"#),
        NOW,
        &AuthorizationServer::new().admit_all(Profile::SLACK.quirks()),
    );
    assert_eq!(refused.err().unwrap().refused().unwrap().code().unwrap().as_str(), "invalid_code");
}

/// DI-4: a tenant's other names are refused, as the table says.
#[test]
fn a_template_is_no_issuer() {
    let issuer = "https://login.microsoftonline.com/common/v2.0";
    let body = r#"{"issuer":"https://login.microsoftonline.com/{tenantid}/v2.0","response_types_supported":["code"]}"#;
    let played = play(Profile::ENTRA.discovery(issuer).unwrap(), [Some(json(200, body))]);
    assert_eq!(played.rule(), Rule::Di4);
    assert_eq!(client_of(server()).server().quirks(), Quirks::STRICT);
}
