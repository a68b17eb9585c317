//! What is built is read the same, and what is stored is taken up the same.

#![expect(deprecated, reason = "the deprecated grant and request are built too")]

use http::HeaderMap;
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use proptest::collection::{hash_map, vec};
use proptest::option;
use proptest::prelude::*;
use valetkey_core::authorize::{ImplicitRequest, ResponseMode};
use valetkey_core::dialect::space::Permissions;
use valetkey_core::error::Challenge;
use valetkey_core::terms::Password;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret, Flow, Grant,
    RefreshToken, Request, Scope, Step, Subject, TokenRequest,
};
use valetkey_tests::arbitrary::{any_text, nqchars, token, vschars};
use valetkey_tests::secrets::base64;
use valetkey_tests::{NOW, entropy, server};

type Pairs = Vec<(String, String)>;

fn pairs(form: &str) -> Pairs {
    form_urlencoded::parse(form.as_bytes()).into_owned().collect()
}

fn owned(pairs: &[(&str, &str)]) -> Pairs {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn sent(client: &Client, grant: Grant) -> Request {
    match TokenRequest::new(client, grant).unwrap().step(None, NOW).unwrap() {
        Step::Send(request) => request,
        other => panic!("{other:?}"),
    }
}

fn form_of(request: &Request) -> Pairs {
    pairs(std::str::from_utf8(request.body()).unwrap())
}

fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Parameter names that are nobody's own.
fn names() -> impl Strategy<Value = String> {
    any_text().prop_map(|name| format!("x-{name}"))
}

/// A challenge as a server may write it: any spelling of its list and its quotes.
fn challenges() -> impl Strategy<Value = (String, Pairs, String)> {
    let value = vschars(12).prop_map(|value| (value, true));
    let plain = token(12).prop_map(|value| (value, false));
    let parameters = hash_map("[a-z]{1,8}", prop_oneof![value, plain], 0..5);
    let separator = prop_oneof![Just(", "), Just(","), Just(" ,\t"), Just(", ,, ")];
    (token(10), parameters, separator).prop_map(|(scheme, parameters, separator)| {
        let written: Vec<String> = parameters
            .iter()
            .map(|(name, (value, quoted))| match quoted {
                true => format!("{name} = \"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
                false => format!("{name}={value}"),
            })
            .collect();
        let line = format!("{scheme} {}", written.join(separator));
        let read = parameters.into_iter().map(|(name, (value, _))| (name, value)).collect();
        (scheme, read, line)
    })
}

fn read(line: &str) -> Vec<Challenge> {
    let value = HeaderValue::from_str(line).unwrap();
    Challenge::parse(&HeaderMap::from_iter([(WWW_AUTHENTICATE, value)])).unwrap()
}

proptest! {
    #[test]
    fn a_scope_is_read_as_it_is_written(tokens in vec(nqchars(12), 1..20)) {
        let scope = Scope::new(&tokens).unwrap();
        prop_assert!(scope.as_str().parse::<Scope>().unwrap().as_str() == scope.as_str());
        prop_assert!(tokens.iter().all(|token| scope.contains(token)));
        prop_assert!(scope.iter().all(|token| tokens.iter().any(|known| known == token)));
        let json = serde_json::to_string(&scope).unwrap();
        prop_assert!(serde_json::from_str::<Scope>(&json).unwrap().as_str() == scope.as_str());
        // A set: each token once, in whatever order.
        let reversed = Scope::new(tokens.iter().rev()).unwrap();
        prop_assert!(reversed == scope && reversed.is_within(&scope));
        prop_assert_eq!(scope.beyond(&reversed).count(), 0);
        prop_assert_eq!(scope.to_string(), scope.as_str());
    }

    #[test]
    fn a_scope_that_is_wider_is_seen_as_wider(tokens in vec(nqchars(6), 1..8), more in nqchars(12)) {
        let scope = Scope::new(&tokens).unwrap();
        let wider = Scope::new(tokens.iter().chain([&more])).unwrap();
        let new: Vec<&str> = wider.beyond(&scope).collect();
        prop_assert_eq!(new.is_empty(), scope.contains(&more));
        prop_assert!(scope.is_within(&wider));
        prop_assert_eq!(wider.is_within(&scope), scope == wider);
    }

    /// The right is after the last colon, whatever the context holds.
    #[test]
    fn a_right_of_space_is_found_in_its_scope_token(
        key in "[A-Za-z0-9:.-]{1,12}", right in "[A-Z][A-Za-z.]{1,24}"
    ) {
        let scope = Permissions::new()
            .global(&right).project(&key, &right).project_id(&key, &right).channel(&key, &right)
            .package_repository(&key, &right).raw("**").scope().unwrap();
        let tokens: Vec<&str> = scope.iter().collect();
        prop_assert_eq!(tokens.len(), 6);
        for (token, context) in tokens.iter().zip(["global", "project:key:", "project:id:", "channel:", "packageRepository:"]) {
            let (before, found) = token.rsplit_once(':').unwrap();
            prop_assert_eq!(found, &right);
            prop_assert!(before.starts_with(context) && (context == "global" || before.ends_with(&key)));
        }
    }

    #[test]
    fn a_challenge_is_read_as_it_is_written(
        (scheme, parameters, line) in challenges(), (other, _, tail) in challenges()
    ) {
        let challenges = read(&format!("{line}, {tail}"));
        prop_assert_eq!(challenges.len(), 2);
        prop_assert!(challenges[0].scheme() == scheme && challenges[1].is(&other.to_ascii_uppercase()));
        let found: Pairs = challenges[0].parameters().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        prop_assert_eq!(&found, &parameters);
        for (name, value) in &parameters {
            prop_assert_eq!(challenges[0].parameter(&name.to_ascii_uppercase()), Some(value.as_str()));
        }
        let written = challenges.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        prop_assert_eq!(read(&written), challenges);
    }

    /// AQ-6: every parameter is in the URL as it was given, once, after the endpoint's own.
    #[test]
    fn an_authorization_url_is_read_as_it_was_built(
        id in any_text(), tokens in option::of(vec(nqchars(8), 1..4)),
        extra in hash_map(names(), any_text(), 0..4), seed in any::<u8>(),
    ) {
        let client = Client::new(server().authorization_endpoint("https://as.example/a?t=1&").unwrap(), &id);
        let mut request = AuthorizationRequest::new(&client, "https://app.example/cb?x=y").unwrap();
        let mut expected = owned(&[
            ("t", "1"), ("response_type", "code"), ("client_id", &id), ("redirect_uri", "https://app.example/cb?x=y"),
        ]);
        if let Some(tokens) = &tokens {
            let scope = Scope::new(tokens).unwrap();
            expected.extend(owned(&[("scope", scope.as_str())]));
            request = request.scope(scope).unwrap();
        }
        let mut last = Pairs::new();
        for (name, value) in extra {
            request = request.parameter(&name, &value).unwrap();
            last.push((name, value));
        }
        expected.append(&mut last);
        let (url, pending) = request.begin_unbound(entropy(seed), NOW).unwrap();
        expected.extend(owned(&[("state", pending.state())]));
        let found = pairs(url.as_str().strip_prefix("https://as.example/a?").unwrap());
        prop_assert_eq!(&found[..expected.len()], &expected[..]);
        let names: Vec<&str> = found[expected.len()..].iter().map(|(name, _)| name.as_str()).collect();
        prop_assert_eq!(names, ["code_challenge", "code_challenge_method"]);
        // AQ-7: nothing in it but the characters of a URI, and any URL parser reads the same.
        let plain = url.as_str().bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte));
        prop_assert!(plain);
        let parsed = url::Url::from(url.clone());
        prop_assert_eq!(parsed.as_str(), url.as_ref());
        prop_assert_eq!(parsed.query_pairs().into_owned().collect::<Pairs>(), found);
    }

    /// CA-1, CA-2: the form of a token request, and its client's part, are read as they were given.
    #[test]
    fn a_token_request_is_read_as_it_was_built(
        id in any_text(), secret in any_text().prop_filter("a secret", |secret| !secret.is_empty()),
        user in any_text(), password in any_text(), token in vschars(20),
        tokens in vec(nqchars(8), 1..4), extra in hash_map(names(), any_text(), 0..4),
    ) {
        let scope = Scope::new(&tokens).unwrap();
        let secret = || ClientSecret::new(&secret).unwrap();
        let public = Client::new(server(), &id);
        let post = public.clone().secret_in_body(secret()).unwrap();
        let basic = public.clone().secret(secret()).unwrap();
        let grant = || Grant::password(&user, &Password::new(&password)).scope(scope.clone()).unwrap();
        let mut expected = owned(&[("grant_type", "password"), ("username", &user), ("password", &password)]);
        expected.extend(owned(&[("scope", scope.as_str())]));

        let request = sent(&basic, grant());
        prop_assert_eq!(form_of(&request), expected.clone());
        let pair = format!("{}:{}", form_encoded(&id), form_encoded(secret().expose()));
        let header = format!("Basic {}", base64(pair.as_bytes(), b"+/", true));
        prop_assert_eq!(request.headers()["authorization"].to_str().unwrap(), header);

        // A client without an identifier sends none.
        expected.extend(owned(&[("client_id", &id)]).into_iter().filter(|(_, id)| !id.is_empty()));
        prop_assert_eq!(form_of(&sent(&public, grant())), expected.clone());
        expected.extend(owned(&[("client_secret", secret().expose())]));
        prop_assert_eq!(form_of(&sent(&post, grant())), expected);

        let refresh = Grant::refresh_token(&RefreshToken::new(&token).unwrap());
        let expected = owned(&[("grant_type", "refresh_token"), ("refresh_token", &token)]);
        prop_assert_eq!(form_of(&sent(&basic, refresh)), expected);

        let extension = Grant::extension("urn:x:y", Subject::User, &extra).unwrap();
        let mut expected = owned(&[("grant_type", "urn:x:y")]);
        expected.extend(extra);
        prop_assert_eq!(form_of(&sent(&basic, extension)), expected);
    }

    /// A code comes out of its response, and into the token request, as the server made it.
    #[test]
    fn a_code_is_carried_as_it_is(code in vschars(40), form_post in any::<bool>()) {
        let client = Client::new(server(), "id");
        let mode = if form_post { ResponseMode::FormPost } else { ResponseMode::Query };
        let request = AuthorizationRequest::new(&client, "https://app.example/cb").unwrap().response_mode(mode);
        let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code).append_pair("state", pending.state()).finish();
        let response = if form_post {
            let post = http::Request::post("/cb").header("content-type", "application/x-www-form-urlencoded");
            let post = post.body(query.into_bytes()).unwrap();
            AuthorizationResponse::from_request(pending.redirect_uri(), &post)
        } else {
            AuthorizationResponse::from_url(&format!("{}?{query}", pending.redirect_uri()))
        };
        let mut flow = pending.finish(&client, &response.unwrap(), NOW).unwrap();
        let Step::Send(request) = flow.step(None, NOW).unwrap() else { panic!("nothing to send") };
        prop_assert_eq!(&form_of(&request)[1], &("code".to_owned(), code));
    }

    /// An endpoint is kept as it is, or refused; a redirect URI is sent as it is, or refused.
    #[test]
    fn an_address_is_kept_as_it_is_or_refused(text in prop_oneof![any_text(), vschars(30)], slash in any::<bool>()) {
        let address = format!("https://as.example{}{text}", if slash { "/" } else { "" });
        if let Ok(server) = AuthorizationServer::new().authorization_endpoint(&address) {
            let client = Client::new(server, "id");
            let request = ImplicitRequest::new(&client, "https://app.example/").unwrap();
            if let Ok((url, _)) = request.begin_unbound(entropy(1), NOW) {
                prop_assert!(url.as_str().starts_with(&address));
            }
        }
        let client = Client::new(server(), "id");
        if let Ok(request) = AuthorizationRequest::new(&client, &address) {
            let (url, pending) = request.begin_unbound(entropy(1), NOW).unwrap();
            prop_assert_eq!(pending.redirect_uri(), &address);
            prop_assert!(pairs(url.as_str()).contains(&("redirect_uri".to_owned(), address)));
        }
    }
}
