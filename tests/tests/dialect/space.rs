//! JetBrains Space: its endpoints, its parameters, its rights, and each authorization method of its page.

use valetkey_core::dialect::jetbrains::{AccessType, Application, RequestCredentials};
use valetkey_core::dialect::space::{Permissions, RefreshTokenPayload, Space};
use valetkey_core::session::Call;
use valetkey_core::terms::Password;
use valetkey_core::{
    AccessToken, AuthorizationResponse, ClientSecret, Error, Flow, Quirk, RefreshToken, Request, Rule, Scope,
    Session, Step, Subject,
};
use valetkey_tests::{NOW, SECRET, entropy, get, json};

const CALLBACK: &str = "https://app.example/callback";

fn app() -> Application {
    let space = Space::new("https://mycompany.jetbrains.space").unwrap();
    space.application("app-id").secret(ClientSecret::new(SECRET).unwrap()).unwrap()
}

fn sent<T>(flow: &mut dyn Flow<Output = T>) -> Request {
    match flow.step(None, NOW).unwrap() {
        Step::Send(request) => request,
        other => panic!("{other:?}"),
    }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn body(request: &Request) -> &str {
    std::str::from_utf8(request.body()).unwrap()
}

/// What one call of the session sends first: its own request, or the renewal before it.
fn first_of(session: &mut Session) -> Request {
    sent(&mut session.call(get("https://mycompany.jetbrains.space/api/http/absences")).unwrap())
}

#[test]
fn a_service_has_its_endpoints_with_or_without_a_slash_at_its_end() {
    for url in [
        "https://mycompany.jetbrains.space",
        "https://mycompany.jetbrains.space/",
        "https://mycompany.jetbrains.space//",
    ] {
        let space = Space::new(url).unwrap();
        let base = "https://mycompany.jetbrains.space";
        assert_eq!(space.api("absences"), format!("{base}/api/http/absences"));
        assert_eq!(
            space.api("/team-directory/profiles/me?x=y"),
            format!("{base}/api/http/team-directory/profiles/me?x=y")
        );
        assert_eq!(space.jwks_uri(), format!("{base}/oauth/jwks.json"));
        let app = space.application("id");
        let (browser, _) = app.authorization_code(CALLBACK).unwrap().begin_unbound(entropy(1), NOW).unwrap();
        assert!(browser.as_str().starts_with(&format!("{base}/oauth/auth?response_type=code&")));
        let mut session = app.client_credentials(Permissions::all().scope().unwrap()).unwrap();
        assert_eq!(first_of(&mut session).uri().to_string(), format!("{base}/oauth/token"));
    }
    let below = Space::new("https://intra.example/space/").unwrap();
    assert_eq!(below.api("absences"), "https://intra.example/space/api/http/absences");
    for url in
        ["http://mycompany.jetbrains.space", "https://x.example/?a", "https://x.example/#a", "x.example", ""]
    {
        assert_eq!(Space::new(url).unwrap_err().rule(), Some(Rule::Di5), "{url}");
    }
    assert!(Space::on_loopback("http://127.0.0.1:8080").is_ok());
    assert!(Space::on_loopback("http://space.example").is_err());
}

#[test]
fn a_permanent_token_is_sent_as_it_is() {
    for subject in [Subject::Application, Subject::User] {
        let mut session = app().permanent_token(AccessToken::new("perm").unwrap(), subject).unwrap();
        assert_eq!(session.subject(), Some(subject));
        assert_eq!(first_of(&mut session).headers()["authorization"], "Bearer perm");
        assert_eq!(
            Call::new(session.shared(), &get("https://jetbrains.space/api/http/me")).unwrap_err().rule(),
            Some(Rule::Wa5)
        );
    }
}

#[test]
fn the_code_flow_asks_with_pkce_and_answers_with_basic() {
    let request = app().authorization_code(CALLBACK).unwrap().scope("**").unwrap().offline();
    let (url, mut pending) =
        request.request_credentials(RequestCredentials::Required).begin_unbound(entropy(1), NOW).unwrap();
    let asked = pairs(url.as_str().split_once('?').unwrap().1);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "app-id"),
        ("redirect_uri", CALLBACK),
        ("scope", "**"),
        ("access_type", "offline"),
        ("request_credentials", "required"),
        ("code_challenge_method", "S256"),
        ("state", pending.state()),
    ] {
        assert_eq!(
            asked.iter().filter(|pair| (pair.0.as_str(), pair.1.as_str()) == (name, value)).count(),
            1,
            "{name}"
        );
    }
    let back = format!("{CALLBACK}?code=c&state={}", pending.state());
    let mut flow = pending.finish(&app(), &AuthorizationResponse::from_url(&back).unwrap(), NOW).unwrap();
    let request = sent(&mut flow);
    assert_eq!(request.headers()["authorization"], "Basic YXBwLWlkOnBsYW50ZWQtU0VDUkVULTAxMjM0NTY3ODk=");
    assert!(body(&request).starts_with("grant_type=authorization_code&code=c&redirect_uri="));
    assert!(!body(&request).contains("client_id"));
    // The documented answer: no `token_type`, no `scope`.
    let answer = r#"{"access_token":"1443459450185.0-0-0-0-0","expires_in":600,"refresh_token":"r0"}"#;
    let Step::Done(tokens) = flow.step(Some(json(200, answer)), NOW).unwrap() else { panic!("no tokens") };
    assert_eq!(tokens.quirks().iter().collect::<Vec<_>>(), [Quirk::NoTokenType]);
    assert_eq!(tokens.scope().unwrap().as_str(), "**");
    let session = Session::from_tokens(&app(), &tokens);
    assert_eq!(session.subject(), Some(Subject::User));
    assert_eq!(session.refresh_token().unwrap().expose(), "r0");
}

#[test]
fn a_public_client_names_itself_in_the_body() {
    let app = Space::new("https://mycompany.jetbrains.space").unwrap().application("app-id");
    let (_, mut pending) = app.authorization_code(CALLBACK).unwrap().begin_unbound(entropy(1), NOW).unwrap();
    let back = format!("{CALLBACK}?code=c&state={}", pending.state());
    let request =
        sent(&mut pending.finish(&app, &AuthorizationResponse::from_url(&back).unwrap(), NOW).unwrap());
    assert!(!request.headers().contains_key("authorization"));
    assert!(body(&request).ends_with("&client_id=app-id"));
}

#[test]
fn refresh_token_and_client_credentials_are_sessions() {
    let scope: Scope = "global:Project.View".parse().unwrap();
    let mut session =
        app().refresh_token(RefreshToken::new("r0").unwrap()).with_scope(scope.clone()).unwrap();
    assert_eq!(session.subject(), Some(Subject::User));
    assert_eq!(body(&first_of(&mut session)), "grant_type=refresh_token&refresh_token=r0");
    let mut session = app().client_credentials(scope).unwrap();
    assert_eq!(session.subject(), Some(Subject::Application));
    assert_eq!(body(&first_of(&mut session)), "grant_type=client_credentials&scope=global%3AProject.View");
}

#[test]
#[expect(deprecated, reason = "the deprecated methods are the page's too")]
fn the_deprecated_methods_are_there_too() {
    let password = Password::new("pass word");
    for (access, name) in [(AccessType::Online, "online"), (AccessType::Offline, "offline")] {
        let mut flow = app().password("me@x", &password, "**", access).unwrap();
        let expected =
            format!("grant_type=password&username=me%40x&password=pass+word&access_type={name}&scope=**");
        assert_eq!(body(&sent(&mut flow)), expected);
    }
    assert_eq!(AccessType::default(), AccessType::Online);

    let request = app().implicit(CALLBACK).unwrap().scope("**").unwrap();
    let (url, pending) =
        request.request_credentials(RequestCredentials::Silent).begin_unbound(entropy(1), NOW).unwrap();
    let asked = pairs(url.as_str().split_once('?').unwrap().1);
    let names: Vec<&str> = asked.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["response_type", "client_id", "redirect_uri", "scope", "request_credentials", "state"]
    );
    assert_eq!((asked[0].1.as_str(), asked[4].1.as_str()), ("token", "silent"));
    assert_eq!(pending.redirect_uri(), CALLBACK);
}

/// AQ-6: each of Space's parameters is sent once, the last value said, and cannot be doubled by hand.
#[test]
fn request_credentials_has_four_values_and_may_be_left_out() {
    let request = || app().authorization_code(CALLBACK).unwrap();
    let asked = |request: valetkey_core::AuthorizationRequest| {
        let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
        pairs(url.as_str())
            .into_iter()
            .filter(|(name, _)| name.starts_with("request_") || name.starts_with("access_"))
            .collect::<Vec<_>>()
    };
    assert!(asked(request()).is_empty());
    for (value, name) in [
        (RequestCredentials::Default, "default"),
        (RequestCredentials::Required, "required"),
        (RequestCredentials::Skip, "skip"),
        (RequestCredentials::Silent, "silent"),
    ] {
        assert_eq!(value.name(), name);
        let twice = request().request_credentials(RequestCredentials::default()).request_credentials(value);
        assert_eq!(asked(twice), [("request_credentials".to_owned(), name.to_owned())]);
    }
    let last = request().offline().access_type(AccessType::Online);
    assert_eq!(asked(last.clone()), [("access_type".to_owned(), "online".to_owned())]);
    assert_eq!(last.parameter("access_type", "offline").unwrap_err().rule(), Some(Rule::Aq6));
}

/// TR-11: rights in their contexts make scope tokens; what is no scope token is refused.
#[test]
fn rights_are_scope_tokens() {
    let scope = Permissions::new()
        .global("Project.View")
        .project("ABC", "Project.Issues.View")
        .project_id("3xYz", "Project.Issues.Create")
        .channel("2Kcv", "Channel.PostMessages")
        .package_repository("9Q", "PackageRepository.Read")
        .raw("Project:AddNewProfile,AddNewTeam")
        .global("Project.View")
        .scope()
        .unwrap();
    assert_eq!(
        scope.as_str(),
        "global:Project.View project:key:ABC:Project.Issues.View project:id:3xYz:Project.Issues.Create \
         channel:2Kcv:Channel.PostMessages packageRepository:9Q:PackageRepository.Read \
         Project:AddNewProfile,AddNewTeam"
    );
    assert_eq!(Permissions::all().scope().unwrap().as_str(), "**");
    for bad in [
        Permissions::new(),
        Permissions::new().raw(""),
        Permissions::new().global("Project View"),
        Permissions::new().project("A\"B", "X"),
        Permissions::new().channel("a\\", "X"),
        Permissions::new().raw("Ünicode"),
        Permissions::new().global("X\n"),
    ] {
        assert_eq!(bad.scope().unwrap_err().rule(), Some(Rule::Tr11));
    }
}

#[test]
fn a_pushed_refresh_token_becomes_that_persons_session() {
    let payload = r#"{"className":"RefreshTokenPayload","refreshToken":"r0","scope":"global:Profile.View","clientId":"app-id","userId":"u1"}"#;
    let payload = RefreshTokenPayload::parse(payload.as_bytes()).unwrap();
    assert_eq!((payload.user_id(), payload.scope().as_str()), ("u1", "global:Profile.View"));
    assert!(!format!("{payload:?}").contains("r0"));
    let mut session = payload.clone().session(&app()).unwrap();
    assert_eq!(session.subject(), Some(Subject::User));
    assert_eq!(body(&first_of(&mut session)), "grant_type=refresh_token&refresh_token=r0");
    // ST-1: one that was meant for another application is not taken.
    let other = Space::new("https://mycompany.jetbrains.space").unwrap().application("other");
    assert_eq!(payload.session(&other).unwrap_err().rule(), Some(Rule::St1));
}

/// TR-2, TR-10, TR-11: what is no payload is refused, and not quoted.
#[test]
fn a_push_that_is_no_payload_is_refused() {
    let with = |refresh: &str, scope: &str, tail: &str| {
        format!(r#"{{"refreshToken":{refresh},"scope":{scope},"clientId":"c","userId":"u"{tail}}}"#)
    };
    for body in [
        String::new(),
        "[]".to_owned(),
        "refreshToken=r0".to_owned(),
        r#"{"refreshToken":"planted"}"#.to_owned(),
        with(r#""""#, r#""**""#, ""),
        with("null", r#""**""#, ""),
        with("5", r#""**""#, ""),
        with(r#""planted\n""#, r#""**""#, ""),
        with(r#""planted""#, r#""""#, ""),
        with(r#""planted""#, r#"["**"]"#, ""),
        with(r#""planted""#, r#""a\"b""#, ""),
        with(r#""planted""#, r#""**""#, r#","refreshToken":"planted""#),
        with(r#""planted""#, r#""**""#, r#","x":{"y":1,"y":2}"#),
        with(r#""planted""#, r#""**""#, "}"),
        with(r#""planted""#, r#""**""#, &format!(r#","x":"{}""#, "x".repeat(1 << 20))),
    ] {
        let error = RefreshTokenPayload::parse(body.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{body}");
        assert_eq!(error.rule(), Some(Rule::Tr2));
        assert!(!format!("{error} {error:?}").contains("planted"));
    }
}
