//! What a real Redis finds by an index, page by page, and what it drops of it.

use std::time::Duration;

use redis::Connection;
use valetkey_core::store::{Entry, Found, Index, MOST_FOUND, Store as _, StoreKey, StoredBytes};
use valetkey_stores::RedisStore;
use valetkey_tests::NOW;
use valetkey_tests::processes::Redis;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: i64 = 24 * 60 * 60 * 1000;

/// A store, and the same server by hand.
fn both(redis: &Redis) -> (RedisStore, Connection) {
    let raw = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    (RedisStore::connect(&redis.url()).unwrap(), raw)
}

fn mark(name: &str) -> StoreKey {
    StoreKey::of_mark(&["an index of Redis", name])
}

fn entry(index: &Index) -> Entry {
    Entry::new(StoredBytes::new(b"record".to_vec())).indexed([index.clone()])
}

fn place(index: &Index, part: &str) -> String {
    format!("valetkey:{{index-{}}}{part}", index.as_str())
}

fn ask<T: redis::FromRedisValue>(raw: &mut Connection, words: &[&str]) -> T {
    redis::cmd(words[0]).arg(&words[1..]).query(raw).unwrap()
}

/// When a key is over, from now on, in milliseconds.
fn left(raw: &mut Connection, index: &Index, key: &StoreKey) -> i64 {
    let [seconds, micros]: [i64; 2] = ask(raw, &["TIME"]);
    let score: f64 = ask(raw, &["ZSCORE", &place(index, ":until"), key.as_str()]);
    score as i64 - seconds * 1000 - micros / 1000
}

fn all(store: &RedisStore, index: &Index) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let found = store.find(index, after.as_ref()).unwrap();
        after = found.rest_after(after.as_ref()).unwrap();
        all.extend(found.keys.iter().map(|key| key.as_str().to_owned()));
        if after.is_none() {
            return all;
        }
    }
}

/// A name goes a day after its record's time is over, when another is written or with the last of them; and no refused write takes away
/// what was said before.
#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn an_index_in_redis_drops_what_is_long_over() {
    let redis = Redis::in_memory().unwrap();
    let (store, mut raw) = both(&redis);
    let index = Index::of_user("https://as.example", "alice");
    assert!(store.insert_if_absent(&mark("short"), &entry(&index).kept_for(MINUTE, NOW)).unwrap());
    assert!((DAY + 50_000..=DAY + 60_000).contains(&left(&mut raw, &index, &mark("short"))));
    assert!(store.insert_if_absent(&mark("for ever"), &entry(&index)).unwrap());
    assert!((400 * DAY..=401 * DAY).contains(&left(&mut raw, &index, &mark("for ever"))));
    // Of the whole, when the last of it goes.
    for part in [":names", ":until"] {
        let ttl: i64 = ask(&mut raw, &["PTTL", &place(&index, part)]);
        assert!((400 * DAY..=401 * DAY).contains(&ttl), "{part}: {ttl}");
    }
    // A write with a shorter time is refused: the record is there as before, and so is its name.
    assert!(!store.insert_if_absent(&mark("for ever"), &entry(&index).kept_for(MINUTE, NOW)).unwrap());
    assert!(left(&mut raw, &index, &mark("for ever")) > 400 * DAY);

    // Two days later, by hand: the records' time is over, and their names go with the next write, a hundred at a time.
    for number in 0..150 {
        let gone = mark(&format!("gone {number}"));
        let _: i64 = ask(&mut raw, &["ZADD", &place(&index, ":names"), "0", gone.as_str()]);
        let _: i64 = ask(&mut raw, &["ZADD", &place(&index, ":until"), "1000", gone.as_str()]);
    }
    assert_eq!(all(&store, &index).len(), 152);
    assert!(store.insert_if_absent(&mark("one"), &entry(&index)).unwrap());
    assert_eq!(all(&store, &index).len(), 53);
    assert!(store.insert_if_absent(&mark("another"), &entry(&index)).unwrap());
    let mut kept = ["short", "for ever", "one", "another"].map(|name| mark(name).as_str().to_owned());
    kept.sort();
    assert_eq!(all(&store, &index), kept);
    for part in [":names", ":until"] {
        let names: i64 = ask(&mut raw, &["ZCARD", &place(&index, part)]);
        assert_eq!(names, 4, "{part}");
    }
}

/// However many log in, an index ends somewhere: above a quarter of a million the name goes that is over first, and never the one that is
/// just written.
#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn an_index_in_redis_has_a_bound() {
    const MOST: i64 = 250_000;
    let redis = Redis::in_memory().unwrap();
    let (store, mut raw) = both(&redis);
    let index = Index::of_user("https://as.example", "a robot");
    let fill = "
        local time = redis.call('TIME')
        local now = time[1] * 1000
        for number = 1, tonumber(ARGV[1]) do
          local name = string.format('mark-%06d', number)
          redis.call('ZADD', KEYS[1], 0, name)
          redis.call('ZADD', KEYS[2], string.format('%.0f', now + 1000000000 + number), name)
        end
        return 1";
    let (names, until) = (place(&index, ":names"), place(&index, ":until"));
    let many = (MOST + 120).to_string();
    let _: i64 = ask(&mut raw, &["EVAL", fill, "2", &names, &until, &many]);
    let score = |raw: &mut Connection, name: &str| -> Option<f64> { ask(raw, &["ZSCORE", &until, name]) };
    let count =
        |raw: &mut Connection| -> [i64; 2] { [&names, &until].map(|part| ask(raw, &["ZCARD", part])) };
    // A hundred at a time, and its own is not among them, though it is over before all others.
    assert!(store.insert_if_absent(&mark("one"), &entry(&index).kept_for(MINUTE, NOW)).unwrap());
    assert_eq!(count(&mut raw), [MOST + 22; 2]);
    assert!(score(&mut raw, mark("one").as_str()).is_some());
    assert!(score(&mut raw, "mark-000099").is_none() && score(&mut raw, "mark-000100").is_some());
    assert!(store.insert_if_absent(&mark("two"), &entry(&index)).unwrap());
    assert_eq!(count(&mut raw), [MOST; 2]);
    assert!(score(&mut raw, mark("two").as_str()).is_some() && score(&mut raw, "mark-000123").is_some());
    assert!(score(&mut raw, mark("one").as_str()).is_none(), "it is over first by now");
    // A renewal changes nothing of it.
    assert!(score(&mut raw, "mark-250120").is_some());
}

/// The list of a former version is read, in its place among the pages, and not written: a process of that version goes on with it.
#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn what_a_former_version_has_indexed_is_found_too() {
    let redis = Redis::in_memory().unwrap();
    let (store, mut raw) = both(&redis);
    let index = Index::of_login("https://as.example", "08a5019c");
    let former: Vec<StoreKey> = (0..MOST_FOUND).map(|number| mark(&format!("former {number}"))).collect();
    for key in &former {
        let _: i64 = ask(&mut raw, &["LPUSH", &place(&index, ""), key.as_str()]);
    }
    let mut names: Vec<String> = former.iter().map(|key| key.as_str().to_owned()).collect();
    names.sort();
    assert_eq!(all(&store, &index), names, "before anything new is written");
    for number in 0..MOST_FOUND + 500 {
        let key = mark(&format!("new {number}"));
        assert!(store.insert_if_absent(&key, &entry(&index)).unwrap());
        names.push(key.as_str().to_owned());
    }
    // One that both have is found once.
    assert!(store.insert_if_absent(&former[0], &entry(&index)).unwrap());
    names.sort();
    assert_eq!(all(&store, &index), names);
    let list: i64 = ask(&mut raw, &["LLEN", &place(&index, "")]);
    assert_eq!(list, i64::try_from(MOST_FOUND).unwrap());
    // Nothing that is no key is returned, and nothing behind it is hidden.
    for part in ["!", "~"] {
        let _: i64 = ask(&mut raw, &["ZADD", &place(&index, ":names"), "0", part]);
        let _: i64 = ask(&mut raw, &["LPUSH", &place(&index, ""), part]);
    }
    assert_eq!(all(&store, &index), names);
    assert_eq!(store.find(&Index::of_name("nobody"), None).unwrap(), Found::default());
}
