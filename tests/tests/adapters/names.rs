//! What a request is sent by: some APIs refuse what does not say (F42).

use http::header::USER_AGENT as USER_AGENT_NAME;
use valetkey_core::Request;

use crate::face::{Adapter, Async, Blocking, USER_AGENT};
use crate::peers::Peer;
use crate::wire::LONG;

/// The names that arrive: of the adapter's own, of a program's own that has none, of one that has, and of a request.
fn names<A: Adapter>() -> Vec<String> {
    let origin = Peer::origin();
    let own_name = |mut request: Request| {
        request.headers_mut().insert(USER_AGENT_NAME, "requests-own/2".parse().unwrap());
        request
    };
    let get = || valetkey_tests::get(&origin.url());
    A::new().send(get()).unwrap();
    A::of_which_nothing_is_set().send(get()).unwrap();
    A::of_the_users_own(LONG).send(get()).unwrap();
    A::new().send(own_name(get())).unwrap();
    A::of_the_users_own(LONG).send(own_name(get())).unwrap();
    let name = |head: &String| {
        let names = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| name.eq_ignore_ascii_case("user-agent"));
        names.map(|(_, value)| value.to_owned()).collect::<Vec<_>>().join(" and ")
    };
    origin.heard().iter().map(name).collect()
}

fn expected(adapter: &str) -> Vec<String> {
    let ours = format!("{adapter}/{}", env!("CARGO_PKG_VERSION"));
    [&ours, &ours, USER_AGENT, "requests-own/2", "requests-own/2"].map(str::to_owned).into()
}

#[test]
fn f42_the_blocking_adapter_says_its_name() {
    assert_eq!(names::<Blocking>(), expected("valetkey-blocking"));
}

#[test]
fn f42_the_async_adapter_says_its_name() {
    assert_eq!(names::<Async>(), expected("valetkey-async"));
}
