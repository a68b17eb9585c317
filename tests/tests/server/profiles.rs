//! Profiles: data with a source for each quirk, and each quirk shown by the answer that needs it.

use std::collections::BTreeSet;
use std::time::Duration;

use valetkey_core::server::{Endpoint, Pkce, Profile};
use valetkey_core::session::Margin;
use valetkey_core::token::TokenType;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, DeviceAuthorizationRequest,
    DevicePoll, Discovery, Error, Grant, Quirk, Quirks, Rule, Session, TokenResponse,
};
use valetkey_tests::script::play;
use valetkey_tests::world::World;
use valetkey_tests::{NOW, client_of, entropy, json, server};

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
        assert!(profile.source().starts_with("https://"), "{}", profile.name());
        assert!(!profile.title().is_empty() && !profile.remark().is_empty(), "{}", profile.name());
        assert!(profile.as_of() >= "2026-11-27" && profile.as_of().len() == 10, "{}", profile.name());
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
    assert!(Profile::ALL.len() >= 50);
    let device = Profile::GITHUB.server().unwrap().url_of(Endpoint::DeviceAuthorization);
    assert_eq!(device.as_deref(), Some("https://github.com/login/device/code"));
}

/// AR-4: a server of fixed endpoints that names itself in its responses has its issuer from the profile.
#[test]
fn a_server_that_names_itself_is_known_by_that_name() {
    for (profile, iss) in
        [(Profile::GITHUB, "https://github.com/login/oauth"), (Profile::DISCORD, "https://discord.com")]
    {
        let server = profile.server().unwrap();
        assert_eq!((profile.iss(), server.issuer_identifier()), (Some(iss), Some(iss)));
        let client = Client::new(server, "s6BhdRkqt3");
        let finished = |iss: &str| {
            let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
            let (url, mut pending) = request.begin_unbound(entropy(7), NOW).unwrap();
            let state = form_urlencoded::parse(url.as_str().split_once('?').unwrap().1.as_bytes())
                .find_map(|(name, value)| (name == "state").then_some(value.into_owned()))
                .unwrap();
            let back = format!("https://app.example/callback?code=a&state={state}{iss}");
            let response = AuthorizationResponse::from_url(&back).unwrap();
            pending.finish(&client, &response, NOW).map(drop).map_err(|error| error.rule())
        };
        assert_eq!(finished(&format!("&iss={iss}")), Ok(()));
        assert_eq!(finished(""), Ok(()), "what is not advertised may be missing");
        assert_eq!(finished("&iss=https://evil.example"), Err(Some(Rule::Ar4)));
    }
    for profile in Profile::ALL.iter().filter(|profile| profile.server().is_none()) {
        assert_eq!(profile.iss(), None, "{} has its issuer from its metadata", profile.name());
    }
}

/// CA-3: a device login needs no secret where the server has public clients.
#[test]
fn a_public_client_logs_in_by_another_device() {
    for profile in [Profile::GITHUB, Profile::TWITCH] {
        let client = Client::new(profile.server().unwrap(), "s6BhdRkqt3");
        let begun = r#"{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device","expires_in":900,"interval":5}"#;
        let played = play(DeviceAuthorizationRequest::new(&client).unwrap(), [Some(json(200, begun))]);
        let sent = played.sent.first().unwrap().1.body().clone();
        assert!(!String::from_utf8(sent).unwrap().contains("client_secret"), "{}", profile.name());
        let poll = DevicePoll::new(&client, played.outcome.unwrap()).unwrap();
        let tokens = r#"{"access_token":"a","token_type":"bearer"}"#;
        let played = play(poll, [Some(json(200, tokens))]);
        assert_eq!(played.outcome.unwrap().access_token().expose(), "a", "{}", profile.name());
    }
    let has_devices = |profile: Profile| profile.server().unwrap().url_of(Endpoint::DeviceAuthorization);
    assert_eq!(has_devices(Profile::AMAZON), None, "its device login is not that of RFC 8628");
}

/// AQ-6, CA-3: what a profile turns on is turned on at the server that is described, and at the one that is found.
#[test]
fn a_profile_turns_everything_on() {
    for profile in Profile::ALL {
        let (server, name) = (described(profile), profile.name());
        let client = Client::new(server.clone(), "s6BhdRkqt3");
        let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
        let request = request.scope("read write").unwrap();
        let (url, _) = request.begin_unbound(entropy(7), NOW).unwrap();
        let query = url.as_str().split_once('?').unwrap().1;
        let sent: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let has = |name: &str, value: &str| sent.iter().any(|(known, own)| known == name && own == value);
        for (parameter, value) in profile.authorization_parameters() {
            assert!(has(parameter, value), "{name}: {parameter}");
        }
        assert!(has(profile.client_id_parameter(), "s6BhdRkqt3"), "{name}");
        let in_token_requests: Vec<_> = server.token_parameters().collect();
        assert_eq!(in_token_requests, profile.token_parameters(), "{name}");
        let scope = if profile.asks_with_commas() { "read,write" } else { "read write" };
        let renamed = profile.scope_parameters().iter().find(|(at, _)| *at == Endpoint::Authorization);
        assert!(has(renamed.map_or("scope", |(_, name)| name), scope), "{name}");
        let methods = profile.authentication_methods();
        if !methods.is_empty() {
            assert_eq!(server.listed("token_endpoint_auth_methods_supported").unwrap(), methods, "{name}");
        }
        let at_revocation = profile.revocation_authentication_methods();
        if !at_revocation.is_empty() {
            let listed = server.listed("revocation_endpoint_auth_methods_supported").unwrap();
            assert_eq!(listed, at_revocation, "{name}");
            assert!(server.url_of(Endpoint::Revocation).is_some(), "{name}");
        }
    }
}

/// AQ-3: a client that has a secret sends no challenge where the family refuses one; one that has none sends it everywhere.
#[test]
fn a_challenge_goes_wherever_it_is_not_refused() {
    for profile in Profile::ALL {
        let public = Client::new(described(profile), "s6BhdRkqt3");
        let confidential = public.clone().secret("gX1fBAt3bV").unwrap();
        let name = profile.name();
        for (client, is_challenged) in [(public, true), (confidential, profile.pkce() != Pkce::Refused)] {
            let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
            let (url, _) = request.begin_unbound(entropy(7), NOW).unwrap();
            assert_eq!(url.as_str().contains("code_challenge="), is_challenged, "{name}");
            assert_eq!(request.quirks().contains(Quirk::NoCodeChallenge), !is_challenged, "{name}");
        }
    }
    let refusing = Profile::ALL.iter().filter(|profile| profile.pkce() == Pkce::Refused);
    let refusing: Vec<_> = refusing.map(Profile::name).collect();
    assert_eq!(refusing, ["facebook", "tiktok", "slack", "slack-user"]);
    assert_eq!(
        [Profile::X, Profile::NOTION, Profile::FACEBOOK].map(|profile| profile.pkce().name()),
        ["known", "ignored", "refused"]
    );
}

/// AQ-6: a device's scope goes under the server's own name for it, with each poll too; a browser's does not.
#[test]
fn a_device_s_scope_has_the_name_that_the_server_wants() {
    let client = Client::new(Profile::TWITCH.server().unwrap(), "s6BhdRkqt3");
    let request = DeviceAuthorizationRequest::new(&client).unwrap().scope("chat:read chat:edit").unwrap();
    assert_eq!(
        DeviceAuthorizationRequest::new(&client).unwrap().parameter("scopes", "x").err().unwrap().rule(),
        Some(Rule::Aq6)
    );
    let begun = r#"{"device_code":"d","user_code":"u","verification_uri":"https://www.twitch.tv/activate","expires_in":1800,"interval":5}"#;
    let played = play(request, [Some(json(200, begun))]);
    let body = |request: &valetkey_core::Request| String::from_utf8(request.body().clone()).unwrap();
    let sent = body(&played.sent.first().unwrap().1);
    assert_eq!(sent, "scopes=chat%3Aread+chat%3Aedit&client_id=s6BhdRkqt3");
    let poll = DevicePoll::new(&client, played.outcome.unwrap()).unwrap();
    let played = play(poll, [Some(json(200, r#"{"access_token":"a","token_type":"bearer"}"#))]);
    let sent = body(&played.sent.first().unwrap().1);
    assert!(sent.contains("scopes=chat%3Aread+chat%3Aedit") && !sent.contains("scope="), "{sent}");

    for (endpoint, name) in [
        (Endpoint::Token, "scopes"),
        (Endpoint::Revocation, "scopes"),
        (Endpoint::DeviceAuthorization, "device_code"),
        (Endpoint::DeviceAuthorization, "user_code"),
        (Endpoint::Authorization, "state"),
        (Endpoint::Authorization, ""),
    ] {
        let refused = server().scope_as(endpoint, name).err().unwrap();
        assert_eq!(refused.rule(), Some(Rule::Aq6), "{endpoint:?} {name}");
    }
    let renamed = server().scope_as(Endpoint::Authorization, "user_scope").unwrap();
    let request = AuthorizationRequest::new(&client_of(renamed), "https://app.example/callback").unwrap();
    assert!(request.clone().parameter("user_scope", "x").is_err(), "it would be there twice");
    let (url, _) = request.scope("chat:write").unwrap().begin_unbound(entropy(7), NOW).unwrap();
    assert!(url.as_str().contains("&user_scope=chat%3Awrite&") && !url.as_str().contains("&scope="));
}

/// A token is renewed as long before its expiry as is known of the server, until the program says its own margin.
#[test]
fn a_token_is_renewed_as_long_before_its_expiry_as_the_server_says() {
    let is_renewed_after = |seconds: u64, margin: Option<u64>, own: Option<u64>| {
        let known = margin.map(|margin| server().renewed_before_expiry(Duration::from_secs(margin)));
        let session =
            Session::from_grant(&client_of(known.unwrap_or_else(server)), Grant::client_credentials());
        let mut world = World::of(match own {
            Some(own) => session.with_margin(Margin::of(Duration::from_secs(own))),
            None => session,
        });
        world.grants("a1", 21_600);
        world.grants("a2", 21_600);
        world.calls(1);
        world.pass(seconds);
        world.calls(1);
        world.sent().last().unwrap() == "call a2"
    };
    for (margin, own, before) in [
        (None, None, 60),
        (Some(600), None, 600),
        // A tenth of the lifetime at most.
        (Some(3600), None, 2160),
        (Some(600), Some(120), 120),
    ] {
        assert!(!is_renewed_after(21_600 - before - 5, margin, own), "{margin:?} {own:?}");
        assert!(is_renewed_after(21_600 - before + 5, margin, own), "{margin:?} {own:?}");
    }
    assert_eq!(Profile::STRAVA.margin(), Some(Duration::from_secs(3600)));
    assert_eq!(Profile::GITHUB.margin(), None);
}

/// The server of a family, from its endpoints or from metadata.
fn described(profile: &Profile) -> AuthorizationServer {
    if let Some(server) = profile.server() {
        return server;
    }
    let issuer = "https://as.example";
    let body = format!(
        r#"{{"issuer":"{issuer}","response_types_supported":["code"],"authorization_endpoint":"{issuer}/authorize","token_endpoint":"{issuer}/token"}}"#
    );
    play(profile.discovery(issuer).unwrap(), [Some(json(200, &body))]).outcome.unwrap().into_server()
}

/// What is known beforehand is known of the server that is found; what its document says takes its place.
#[test]
fn a_document_stands_before_what_was_known() {
    let known = AuthorizationServer::new()
        .authentication_methods(["client_secret_post"])
        .authorization_parameter("access_type", "offline")
        .unwrap()
        .scope_with_commas();
    let body = |methods: &str| {
        format!(
            r#"{{"issuer":"https://as.example","response_types_supported":["code"],"authorization_endpoint":"https://as.example/authorize"{methods}}}"#
        )
    };
    let found = |body: String| {
        let flow = Discovery::new("https://as.example").unwrap().knowing(&known);
        play(flow, [Some(json(200, &body))]).outcome.unwrap().into_server()
    };
    let server = found(body(""));
    assert_eq!(server.listed("token_endpoint_auth_methods_supported").unwrap(), ["client_secret_post"]);
    let server = found(body(r#","token_endpoint_auth_methods_supported":["client_secret_basic"]"#));
    assert_eq!(server.listed("token_endpoint_auth_methods_supported").unwrap(), ["client_secret_basic"]);
    let request = AuthorizationRequest::new(&Client::new(server, "id"), "https://app.example/cb").unwrap();
    let (url, _) = request.scope("a b").unwrap().begin_unbound(entropy(7), NOW).unwrap();
    assert!(url.as_str().contains("scope=a%2Cb") && url.as_str().contains("access_type=offline"));
}

/// AQ-6: a program's own value stands in the place of the server's; what the library sends, neither sets.
#[test]
fn a_parameter_of_the_server_gives_way_to_the_program_s() {
    let server = || server().authorization_parameter("prompt", "consent").unwrap();
    let request = AuthorizationRequest::new(&client_of(server()), "https://app.example/callback").unwrap();
    let url = |request: AuthorizationRequest| request.begin_unbound(entropy(7), NOW).unwrap().0;
    assert_eq!(url(request.clone()).as_str().matches("prompt=consent").count(), 1);
    let own = url(request.parameter("prompt", "login").unwrap());
    assert_eq!(own.as_str().matches("prompt=").count(), 1);
    assert!(own.as_str().contains("prompt=login"));
    for (name, value) in [("state", "s"), ("redirect_uri", "https://evil.example"), ("prompt", "none")] {
        let refused = server().authorization_parameter(name, value).err().unwrap();
        assert_eq!(refused.rule(), Some(Rule::Aq6), "{name}");
    }
    assert!(server().authorization_parameter("max_age", "never").is_err());
    // The endpoint's own query is not sent beside it (AQ-6).
    let twice = server().authorization_endpoint("https://as.example/authorize?prompt=login").unwrap();
    let request = AuthorizationRequest::new(&client_of(twice), "https://app.example/callback").unwrap();
    assert_eq!(request.begin_unbound(entropy(7), NOW).err().unwrap().rule(), Some(Rule::Aq6));
}

/// The table in the documentation is that of the profiles.
#[test]
fn the_documented_table_is_that_of_the_profiles() {
    let written = include_str!("../../../core/src/server/profile/table.md");
    assert!(
        written == valetkey_tests::profile_table::table(),
        "the profiles have changed: cargo run -p valetkey-tests --bin profile_table"
    );
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
    let nothing = read(&body.replace("public_repo,user:email", ","), Profile::GITHUB.quirks()).unwrap();
    assert!(nothing.scope().is_none() && nothing.quirks().contains(Quirk::EmptyScope));

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

/// DI-4, ID-56: the profile expects the issuer of many where that is known, and nothing else does.
#[test]
fn an_issuer_of_many_is_expected_where_the_profile_knows_it() {
    let read = |issuer: &str| {
        let body = r#"{"issuer":"https://login.microsoftonline.com/{tenantid}/v2.0","response_types_supported":["code"]}"#;
        play(Profile::ENTRA.discovery(issuer).unwrap(), [Some(json(200, body))])
    };
    for name in ["common", "organizations"] {
        let metadata = read(&format!("https://login.microsoftonline.com/{name}/v2.0")).outcome.unwrap();
        assert!(metadata.quirks().contains(Quirk::OtherIssuer), "{name}");
        let client = client_of(metadata.into_server());
        assert_eq!(
            client.server().issuer_identifier(),
            Some("https://login.microsoftonline.com/{tenantid}/v2.0")
        );
    }
    for name in ["contoso.onmicrosoft.com", "consumers", "11111111-2222-3333-4444-555555555555"] {
        let refused = read(&format!("https://login.microsoftonline.com/{name}/v2.0"));
        assert_eq!(refused.rule(), Rule::Di4, "{name}");
    }
    assert_eq!(client_of(server()).server().quirks(), Quirks::STRICT);
}

/// ID-8, ID-9: what a profile knows is enough for a login, or no login begins.
#[test]
fn a_profile_that_tells_who_logged_in_needs_nothing_more() {
    let mut fixed = Vec::new();
    for profile in Profile::ALL {
        let (Some(server), name) = (profile.server(), profile.name()) else { continue };
        let has_keys = server.url_of(Endpoint::Jwks).is_some();
        assert_eq!(has_keys, profile.tells_who_logged_in(), "{name}");
        let request =
            AuthorizationRequest::new(&Client::new(server, "s6BhdRkqt3"), "https://app.example/callback");
        let begun = request.unwrap().scope("openid").unwrap().begin_unbound(entropy(7), NOW);
        match begun {
            Ok((url, _)) if has_keys => {
                assert!(url.as_str().contains("nonce="), "{name}");
                assert!(profile.iss().is_some(), "{name}");
                fixed.push(name);
            }
            Ok(_) => assert!(profile.quirks().contains(Quirk::NoIdToken), "{name}"),
            Err(error) => {
                assert!(
                    !has_keys && [Some(Rule::Id8), Some(Rule::Id9)].contains(&error.rule()),
                    "{name}: {error}"
                );
            }
        }
    }
    fixed.sort_unstable();
    assert_eq!(fixed, ["facebook", "line", "linkedin", "twitch"]);
    assert!(Profile::ALL.iter().filter(|profile| profile.tells_who_logged_in()).count() >= 18);
}

/// ID-57, ID-58, AR-11: what a profile says of logins is what it is about.
#[test]
fn what_is_peculiar_to_logins_is_said_by_the_profiles_that_need_it() {
    let named = |has: fn(&Profile) -> bool| -> Vec<&str> {
        Profile::ALL.iter().filter(|profile| has(profile)).map(Profile::name).collect()
    };
    assert_eq!(named(Profile::leaves_out_scheme), ["google"]);
    assert_eq!(named(|profile| profile.login_limits() == ["hd"]), ["google"]);
    assert_eq!(named(|profile| !profile.login_limits().is_empty()), ["google"]);
    assert_eq!(named(|profile| profile.scopes_by_form_post() == ["name", "email"]), ["apple"]);
    assert_eq!(named(Profile::has_id_tokens_by_secret), ["line"]);
    assert_eq!(named(|profile| !profile.naming().is_empty()), ["entra"]);
    assert_eq!(named(|profile| profile.quirks().contains(Quirk::BooleanAsText)), ["apple"]);
    assert_eq!(named(|profile| profile.quirks().contains(Quirk::NoNonce)), ["linkedin"]);
}
