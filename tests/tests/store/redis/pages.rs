//! LO-15: what is found by an index, of the names that a server has there and of the list of a former version.

use valetkey_core::store::{Index, MOST_FOUND, StoreKey};
use valetkey_stores::RedisStore;

use super::super::fake_redis::{FakeRedis, send};
use super::{Asked, LONG, OnTokio};

fn bulk(bytes: &str) -> String {
    format!("${}\r\n{bytes}\r\n", bytes.len())
}

/// A server that has these names on the page that is asked for, and these in the list.
fn having(page: &[String], list: &[String]) -> FakeRedis {
    let (page, list) = (bulk(&page.join("\n")), bulk(&list.join("\n")));
    FakeRedis::speaking(move |command| send(if command[1].contains("ZRANGEBYLEX") { &page } else { &list }))
}

/// So many keys, as Redis sorts them.
fn keys(many: usize) -> Vec<StoreKey> {
    let mut keys: Vec<StoreKey> = (0..many).map(|number| StoreKey::of_mark(&[&number.to_string()])).collect();
    keys.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    keys
}

fn names(keys: &[StoreKey]) -> Vec<String> {
    keys.iter().map(|key| key.as_str().to_owned()).collect()
}

for_both! {
    /// With one more than a page has, which says whether there are more; and after the key where the last one ended.
    fn a_page_is_asked_for_with_one_more<S>() {
        let fake = having(&[], &[]);
        let (store, index) = (S::connect(&fake.url(), LONG).unwrap(), Index::of_name("alice"));
        let after = StoreKey::of_mark(&["the last"]);
        for after in [None, Some(&after)] {
            let found = store.find(&index, after).unwrap();
            assert!(found.keys.is_empty() && !found.has_more);
        }
        let commands = fake.commands();
        let list = format!("valetkey:{{index-{}}}", index.as_str());
        let page = |from: &str| ["1".to_owned(), format!("{list}:names"), from.to_owned(), "101".to_owned()];
        assert_eq!(commands[0][2..], page("-"));
        assert_eq!(commands[2][2..], page(&format!("({}", after.as_str())));
        for number in [1, 3] {
            assert_eq!(commands[number][2..], ["1", &list]);
        }
    }

    /// Where the page is full, what is in the list and comes after it comes with the next one.
    fn names_of_both_are_found_in_their_order<S>() {
        let keys = keys(120);
        let index = Index::of_name("alice");
        let found = |page: &[String], list: &[String]| {
            let fake = having(page, list);
            let found = S::connect(&fake.url(), LONG).unwrap().find(&index, None).unwrap();
            (found.keys, found.has_more)
        };
        // The first and the last of the list are before and after all of the page.
        let list = [names(&keys[..1]), names(&keys[110..])].concat();
        assert_eq!(found(&names(&keys[1..102]), &list), (keys[..MOST_FOUND].to_vec(), true));
        // Names that are no keys are on the page too, and what comes after it is not hidden by what they leave free.
        let strange = (0..50).map(|number| format!("{}!{number:02}", keys[49].as_str())).collect();
        let page = [names(&keys[..50]), strange, names(&keys[50..51])].concat();
        assert_eq!(page.len(), MOST_FOUND + 1);
        assert_eq!(found(&page, &list), (keys[..51].to_vec(), true));
        // And where the page is not full, it is filled from the list.
        assert_eq!(found(&names(&keys[..60]), &names(&keys[60..])), (keys[..MOST_FOUND].to_vec(), true));
        assert_eq!(found(&names(&keys[..60]), &names(&keys[50..MOST_FOUND])), (keys[..MOST_FOUND].to_vec(), false));
        assert_eq!(found(&names(&keys[..3]), &[]), (keys[..3].to_vec(), false));
    }

    /// A page and one more, and a list of a thousand, of sixty-four bytes each.
    fn s5_no_more_is_read_than_a_page_and_a_list_have<S>() {
        let most = 64 * (MOST_FOUND + 1 + 1000) + 1024;
        for (length, is_read) in [(most, true), (most + 1, false)] {
            let fake = having(&["x".repeat(length)], &[]);
            let found = S::connect(&fake.url(), LONG).unwrap().find(&Index::of_name("alice"), None);
            match found {
                Ok(found) => assert!(is_read && found.keys.is_empty(), "{length}"),
                Err(error) => assert!(!is_read && error.to_string().contains("more than 16777216"), "{error}"),
            }
        }
    }
}
