//! Redirect URIs that are registered and unusual.

use valetkey_core::{Grant, Quirks, Rule, TokenRequest};
use valetkey_sandbox::{Application, FlowKind, PersonError, Rights};

use super::*;

const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";
const RU_NAME: &str = "Some_Name-SomeApp-PRD-abcd";

/// The sandbox with a public client that has all of these.
fn registered() -> Sandbox {
    let mut sandbox = sandbox();
    let app = Application::public("app")
        .flow(FlowKind::AuthorizationCode)
        .redirect_uri("cursor://callback")
        .redirect_uri("com.example.app:/callback")
        .redirect_uri("http://localhost/callback")
        .redirect_uri(OUT_OF_BAND)
        .redirect_uri("postmessage")
        .redirect_name(RU_NAME, WEB)
        .may_request(Rights::All);
    sandbox.add_application(app);
    sandbox
}

fn app(sandbox: &mut Sandbox, quirks: &[Quirk]) -> Client {
    Client::new(server(sandbox, quirks), "app")
}

const LAX: &[Quirk] = &[Quirk::UnusualRedirectUri];

/// AQ-8: what may go to another program is refused by the quirk's name.
#[test]
fn an_unusual_redirect_uri_is_refused_by_an_error_that_names_its_quirk() {
    let mut sandbox = registered();
    let strict = app(&mut sandbox, &[]);
    for uri in ["cursor://callback", OUT_OF_BAND, "postmessage", RU_NAME] {
        let refused = AuthorizationRequest::new(&strict, uri).map(drop).unwrap_err();
        assert_eq!(
            (refused.rule(), refused.admitted_by()),
            (Some(Rule::Aq8), Some(Quirk::UnusualRedirectUri)),
            "{uri}"
        );
        let request = AuthorizationRequest::new(&app(&mut sandbox, LAX), uri).unwrap();
        assert!(request.quirks().contains(Quirk::UnusualRedirectUri), "{uri}");
    }
    // What is usual needs none, `localhost` among it.
    for uri in ["com.example.app:/callback", "http://localhost:4000/callback"] {
        let request = AuthorizationRequest::new(&strict, uri).unwrap();
        assert!(request.quirks().is_empty(), "{uri}");
        tokens(&mut sandbox, &strict, uri).unwrap();
    }
}

/// A scheme of the program's own brings the browser back; a name does so by the URL that it stands for, and the token request
/// repeats the name.
#[test]
fn a_scheme_without_a_dot_and_a_name_that_stands_for_a_url_bring_the_browser_back() {
    let mut sandbox = registered();
    let client = app(&mut sandbox, LAX);
    for (uri, place) in [("cursor://callback", "cursor://callback?"), (RU_NAME, WEB)] {
        let request = AuthorizationRequest::new(&client, uri).unwrap().scope(SCOPE).unwrap();
        let (url, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
        let alice = alice(&sandbox);
        let arrival = sandbox.visit(url.as_str(), &alice, NOW).unwrap();
        let (back, query) = arrival.url().unwrap().split_once('?').unwrap();
        assert!(place.starts_with(back), "{back}");
        let response = AuthorizationResponse::from_query(uri, query).unwrap();
        run(&mut sandbox, pending.finish(&client, &response, NOW).unwrap()).unwrap();
    }
}

/// The page that a person is left at, where no browser gets back.
fn copied(sandbox: &mut Sandbox, url: &str) -> String {
    let alice = alice(sandbox);
    assert_eq!(sandbox.visit(url, &alice, NOW).unwrap_err(), PersonError::Stays);
    let page = String::from_utf8(sandbox.log().last().unwrap().response().body().clone()).unwrap();
    let (_, shown) = page.split_once("<code>").unwrap();
    shown.split_once("</code>").unwrap().0.replace("&amp;", "&")
}

/// A person copies what the page shows, `state` and all, and it is checked like any other.
#[test]
fn an_urn_leaves_the_response_at_a_page_from_which_it_is_copied() {
    let mut sandbox = registered();
    let client = app(&mut sandbox, LAX);
    let request = AuthorizationRequest::new(&client, OUT_OF_BAND).unwrap().scope(SCOPE).unwrap();
    let (url, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let shown = copied(&mut sandbox, url.as_str());
    let response = AuthorizationResponse::from_query(OUT_OF_BAND, &shown).unwrap();
    run(&mut sandbox, pending.finish(&client, &response, NOW).unwrap()).unwrap();
}

/// A code that another program got, by a constructor that says what was not checked.
#[test]
fn a_code_that_came_from_elsewhere_is_redeemed_by_a_loud_name() {
    let mut sandbox = registered();
    let client = web(server(&mut sandbox, LAX), &sandbox);
    let secret = sandbox.client_secret("web").unwrap().to_owned();
    let popup = Application::confidential("web", &secret)
        .flow(FlowKind::AuthorizationCode)
        .redirect_uri("postmessage")
        .may_request(Rights::All);
    sandbox.add_application(popup);
    let url =
        format!("{ISSUER}/oauth/auth?response_type=code&client_id=web&redirect_uri=postmessage&scope=**");
    let shown = copied(&mut sandbox, &url);
    let code = shown.split(['=', '&']).nth(1).unwrap();
    let grant = Grant::code_of_unverified_response(code, Some("postmessage")).unwrap();
    let tokens = run(&mut sandbox, TokenRequest::new(&client, grant).unwrap()).unwrap();
    assert_eq!(tokens.quirks(), Quirks::default());
}
