//! ST-4: by which grant tokens came. What they are for is a set: its order tells nothing apart, and a part of it is not all.

use valetkey_core::error::Cause;
use valetkey_core::store::StoreKey;
use valetkey_core::{Error, Flow as _, Grant, Resource, Rule, Session, Step, TokenRequest};
use valetkey_tests::renewing::{Rig, held, key, refreshing};
use valetkey_tests::world::token;
use valetkey_tests::{NOW, client, json};

fn resources(names: &str) -> Vec<Resource> {
    let url = |name: char| format!("https://{name}.example");
    names.chars().map(|name| Resource::new(url(name)).unwrap()).collect()
}

fn grant(names: &str) -> Grant {
    resources(names)
        .into_iter()
        .fold(Grant::client_credentials(), |grant, resource| grant.resource(resource).unwrap())
}

/// The application's own tokens, of which it is known by which grant they came.
fn own(grant: Grant) -> Session {
    let mut flow = TokenRequest::new(&client(), grant).unwrap();
    let Step::Send(_) = flow.step(None, NOW).unwrap() else { panic!("it asks") };
    let answer = json(200, &token("a", 3600, None));
    let Step::Done(tokens) = flow.step(Some(answer), NOW).unwrap() else { panic!("tokens") };
    Session::from_tokens(&client(), &tokens)
}

#[test]
fn st_4_tokens_are_stored_for_the_resources_that_they_came_for_in_whatever_order() {
    let names = ["", "a", "b", "ab", "ba", "abc", "cab"];
    let is_same =
        |one: &str, other: &str| one.len() == other.len() && one.chars().all(|name| other.contains(name));
    for one in names {
        for other in names {
            let key = StoreKey::of_application(&client(), &grant(other));
            let refused = own(grant(one)).in_store(key).err().and_then(|error| error.rule());
            assert_eq!(refused, (!is_same(one, other)).then_some(Rule::St4), "{one}, {other}");
        }
    }
    // Another grant is another, with whatever it has in common.
    let scoped = |scope: &str| Grant::client_credentials().scope(scope).unwrap();
    for (one, other) in [
        (Grant::client_credentials(), scoped("read")),
        (scoped("read"), scoped("write")),
        (grant("a"), Grant::client_credentials().parameter("audience", "https://a.example").unwrap()),
    ] {
        for (one, other) in [(&one, &other), (&other, &one)] {
            let key = StoreKey::of_application(&client(), other);
            let refused = own(one.clone()).in_store(key).err().and_then(|error| error.rule());
            assert_eq!(refused, Some(Rule::St4), "{one:?}, {other:?}");
        }
    }
}

#[test]
fn st_4_a_session_takes_up_what_is_for_its_resources_in_whatever_order() {
    for (stored, wanted, is_taken) in [
        ("ab", "ab", true),
        ("ab", "ba", true),
        ("ab", "aab", true),
        ("ab", "a", false),
        ("a", "ab", false),
        ("ab", "abc", false),
        ("abc", "ab", false),
        ("", "a", false),
        ("a", "", false),
    ] {
        let mut rig = Rig::new();
        let stored_for = resources(stored).iter().map(|one| one.as_str().to_owned()).collect::<Vec<_>>();
        rig.rotates("a", "r");
        rig.renew(&mut refreshing("refresh-0")).unwrap();
        rig.edit(|record| record["resources"] = stored_for.into());
        let session = Session::from_store(&client()).with_resources(resources(wanted));
        let mut session = session.in_store(key()).unwrap();
        let came = rig.renew(&mut session);
        if is_taken {
            came.unwrap();
            assert_eq!(held(&session).as_deref(), Some("a"), "{stored}, {wanted}");
        } else {
            let Err(Error::AuthorizationRequired(required)) = &came else { panic!("{came:?}") };
            assert!(matches!(required.cause(), Cause::OtherResources), "{came:?}");
            assert_eq!(came.unwrap_err().rule(), Some(Rule::St4), "{stored}, {wanted}");
            assert_eq!(held(&session), None);
        }
    }
}
