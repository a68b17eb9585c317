//! LG-1, LG-2: whatever cookies come along, nobody is logged in who was not, and nothing fails but a login that was not this browser's.

use http::StatusCode;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tokio::runtime::Builder;

use crate::browser::Browser;
use crate::world::World;

/// A cookie that somebody else set: a sibling of the host, or a script of another application.
fn foreign() -> impl Strategy<Value = (String, String)> {
    let names = select(vec![
        "__Host-session",
        "session",
        "__Host-login-0",
        "__Host-login-7",
        "__Host-login-8",
        "__Host-login-",
        "__Host-id",
        "other",
    ]);
    (names.prop_map(str::to_owned), "[!#-+./-:<-\\[\\]-~-]{0,80}")
}

/// What is done to the cookie of a login under way.
#[derive(Clone, Debug)]
enum Change {
    Flipped(Index, u8),
    Cut(Index),
    Longer(char),
    Moved,
    Left,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), 1..64_u8).prop_map(|(at, by)| Change::Flipped(at, by)),
        any::<Index>().prop_map(Change::Cut),
        select(vec!['A', '=', '-']).prop_map(Change::Longer),
        Just(Change::Moved),
        Just(Change::Left),
    ]
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn changed(value: &str, change: &Change) -> String {
    let mut value = value.to_owned().into_bytes();
    match change {
        Change::Flipped(at, by) => {
            let at = at.index(value.len());
            let digit = ALPHABET.iter().position(|letter| *letter == value[at]).unwrap();
            value[at] = ALPHABET[(digit + usize::from(*by)) % ALPHABET.len()];
        }
        Change::Cut(at) => value.truncate(at.index(value.len())),
        Change::Longer(letter) => value.push(u8::try_from(*letter).unwrap()),
        Change::Moved | Change::Left => {}
    }
    String::from_utf8(value).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_cookie_logs_anybody_in_but_that_of_their_own_login_lg_1_lg_2(
        others in prop::collection::vec(foreign(), 0..4),
        change in change(),
    ) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let web = world.web();
            let mut alice = Browser::default();
            let asked = alice.posts(&web, "/login", "").await.to().to_owned();
            let [name] = &*alice.waiting() else { panic!("{:?}", alice.cookies) };
            let value = alice.cookies.remove(name).unwrap();
            let cookie = changed(&value, &change);
            // Nobody is logged in by whatever comes before.
            alice.cookies.extend(others);
            let page = alice.goes(&web, "/").await;
            prop_assert!(page.status == StatusCode::OK && page.body.starts_with("Hello, stranger "), "{}", page.body);
            let elsewhere = if name == "__Host-login-3" { "__Host-login-4" } else { "__Host-login-3" };
            let place = if matches!(change, Change::Moved) { elsewhere } else { name };
            let is_own = matches!(change, Change::Left);
            alice.cookies.insert(place.to_owned(), cookie);
            let back = world.allows(&asked, "alice", "Alice");
            let page = alice.goes(&web, &back).await;
            if is_own {
                prop_assert_eq!((page.to(), world.redeemed()), ("/", 1));
            } else {
                prop_assert_eq!((page.to(), world.redeemed()), ("/login/failed?why=refused", 0));
                prop_assert_eq!(world.rules(), ["AR-14"]);
            }
            prop_assert_eq!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "), is_own);
            Ok(())
        })?;
    }
}
