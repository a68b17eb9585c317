//! AR-22, AR-26: the page that hands a fragment on to the server, and what comes of it.

use valetkey_core::authorize::ResponseType;
use valetkey_core::authorize::receiver::fragment_page;
use valetkey_core::jose::Algorithm;
use valetkey_core::{AuthorizationResponse, Response, Rule};
use valetkey_tests::openid::{CALLBACK, begun, claims, client, id_token, run};
use valetkey_tests::{NOW, entropy};

fn header<'r>(page: &'r Response, name: &str) -> &'r str {
    page.headers()[name].to_str().unwrap()
}

/// The nonce of the page's one script.
fn nonce(page: &Response) -> String {
    let html = std::str::from_utf8(page.body()).unwrap();
    let (_, rest) = html.split_once("<script nonce=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// AR-26: one script, by a nonce of its own, and nothing else; no referrer, and nothing kept.
#[test]
fn the_page_has_one_script_and_nothing_else() {
    let page = fragment_page(entropy(1)).unwrap();
    assert_eq!(page.status(), 200);
    let nonce = nonce(&page);
    assert_eq!(
        header(&page, "content-security-policy"),
        format!(
            "default-src 'none'; script-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
    );
    assert_eq!(header(&page, "referrer-policy"), "no-referrer");
    assert_eq!(header(&page, "cache-control"), "no-store");
    assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&page, "x-content-type-options"), "nosniff");
    let html = std::str::from_utf8(page.body()).unwrap();
    let elements: Vec<&str> =
        html.split('<').skip(1).map(|it| it.split([' ', '>']).next().unwrap()).collect();
    let expected = [
        "!doctype", "html", "head", "meta", "title", "/title", "/head", "body", "script", "/script", "/body",
        "/html",
    ];
    assert_eq!(elements, expected);
    for loads in ["src=", "href=", "http:", "https:", "url("] {
        assert!(!html.contains(loads), "{loads}");
    }
    // The fragment leaves the address bar and the history before the form leaves the page.
    let (cleared, submitted) =
        (html.find("history.replaceState").unwrap(), html.find("form.submit").unwrap());
    assert!(cleared < submitted);
    // It is the same for everybody but for the nonce, which is another each time.
    let other = fragment_page(entropy(2)).unwrap();
    let others = self::nonce(&other);
    assert_ne!(nonce, others);
    assert_eq!(html.replace(&nonce, &others), std::str::from_utf8(other.body()).unwrap());
}

fn posted(form: &str) -> AuthorizationResponse {
    let request =
        http::Request::post("/callback").header("content-type", "application/x-www-form-urlencoded");
    AuthorizationResponse::from_request(CALLBACK, &request.body(form.to_owned()).unwrap()).unwrap()
}

/// AR-26, AR-22: what the page posts is the fragment, as the browser had it, and nothing else is.
#[test]
fn what_the_page_posts_is_the_fragment() {
    let client = client();
    let mut begun = begun(&client, |request| request.response_type(ResponseType::IdToken)).unwrap();
    let token = id_token(Algorithm::Es256, &claims(Some(begun.nonce())));
    let fragment = format!("id_token={token}&state={}", begun.pending.state());
    let handed_on = |fragment: &str| {
        posted(&form_urlencoded::Serializer::new(String::new()).append_pair("fragment", fragment).finish())
    };
    let rule = |response: &AuthorizationResponse| {
        begun.pending.open(&client, response).err().and_then(|it| it.rule())
    };
    // A form that has more than a fragment is a form, which was not asked for.
    for form in [fragment.clone(), format!("{fragment}&fragment="), format!("fragment=&{fragment}")] {
        assert_eq!(rule(&posted(&form)), Some(Rule::Ar11), "{form}");
    }
    assert_eq!(rule(&handed_on(&format!("{fragment}&state=again"))), Some(Rule::Ar1));
    let response = handed_on(&fragment);
    assert_eq!(response.state().as_deref(), Some(begun.pending.state()));
    let opened = run(begun.pending.open(&client, &response).unwrap(), Vec::new(), NOW).unwrap();
    assert_eq!(
        begun.pending.finish_login(&client, &opened, NOW).unwrap().identity().subject(),
        "248289761001"
    );
}
