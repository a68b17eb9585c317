//! Every page of the playground, as axe-core sees it, light and dark.

use serde_json::json;
use valetkey_playground::play::{Attack, Method};

use crate::axe::violations;
use crate::chromium::Visit;
use crate::{begin, step_under, to_a_token};

/// What axe finds on the page that the browser is at, light and dark, goes to the others.
async fn look(visit: &Visit, what: &str, found: &mut Vec<String>) {
    for scheme in ["light", "dark"] {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        visit.chromium("Emulation.setEmulatedMedia", media).await;
        found.extend(
            violations(visit).await.into_iter().map(|violation| format!("{what}, {scheme}: {violation}")),
        );
    }
}

/// No page has a violation that is serious or critical: those that stand alone, and a run of each method from its first step to
/// an API call.
#[tokio::test]
#[ignore = "needs Chromium and axe-core; run by tests/interop/browser/run"]
async fn no_page_of_the_playground_shuts_anybody_out() {
    let mut visit = begin().await;
    let mut found = Vec::new();
    for path in ["/", "/attacks", "/compare", "/callback", "/nothing-here"] {
        visit.open(path).await;
        look(&visit, path, &mut found).await;
    }
    for method in Method::ALL {
        visit.open(&format!("/new/{}", method.name())).await;
        look(&visit, &format!("new {}", method.name()), &mut found).await;
        visit.open("/").await;
        visit.press(&format!("button[value='{}']", method.name())).await;
        look(&visit, &format!("begun {}", method.name()), &mut found).await;
        to_a_token(&mut visit, *method).await;
        if *method != Method::PermanentToken {
            visit.press_named("Call the API").await;
        }
        visit.press_named("Send").await;
        look(&visit, &format!("ended {}", method.name()), &mut found).await;
    }
    assert_eq!(found, Vec::<String>::new());
    visit.end_with(|told| told.contains("the server responded with a status of 404")).await;
}

/// The same where something goes wrong: an attack that a rule catches, one that the server refuses, a person who says no, an address
/// of nobody's.
#[tokio::test]
#[ignore = "needs Chromium and axe-core; run by tests/interop/browser/run"]
async fn no_page_about_a_failure_shuts_anybody_out() {
    let mut visit = begin().await;
    let mut found = Vec::new();
    for name in ["state-wrong", "token-type-mac", "code-forged", "code-stolen"] {
        step_under(&mut visit, Method::AuthorizationCode, Attack::of_name(name).unwrap()).await;
        look(&visit, name, &mut found).await;
    }
    visit.open("/").await;
    visit.press("button[value='authorization-code']").await;
    visit.press_named("Open the consent page").await;
    visit.press_named("Deny").await;
    look(&visit, "denied", &mut found).await;
    let origin = url::Url::parse(&visit.url).unwrap().origin().ascii_serialization();
    for path in ["/", "/nothing-here", "/at/nobody/"] {
        visit.client.goto(&format!("{origin}{path}")).await.unwrap();
        look(&visit, &format!("outside {path}"), &mut found).await;
    }
    assert_eq!(found, Vec::<String>::new());
    visit.end_with(|told| told.contains("the server responded with a status of 40")).await;
}
