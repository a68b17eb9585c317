//! A connection of the program's own, and what comes of what goes wrong with it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use redis::{ErrorKind, RedisError, RedisFuture, RedisResult, Value};
use valetkey_core::store::AsyncStore;
use valetkey_stores::AsyncRedisStore;
use valetkey_tests::NOW;

use super::super::{MINUTE, key, secret};
use super::LONG;

/// What comes of a question.
type Comes = fn() -> RedisResult<Value>;

/// A connection that always comes to this, and counts how often it was asked.
#[derive(Clone)]
struct Coming(Comes, Arc<AtomicUsize>);

impl redis::aio::ConnectionLike for Coming {
    fn req_packed_command<'a>(&'a mut self, _: &'a redis::Cmd) -> RedisFuture<'a, Value> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready((self.0)()))
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        _: &'a redis::Pipeline,
        _: usize,
        _: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(std::future::pending())
    }

    fn get_db(&self) -> i64 {
        0
    }
}

fn broken(kind: io::ErrorKind) -> RedisResult<Value> {
    Err(io::Error::from(kind).into())
}

fn said(line: &str) -> RedisResult<Value> {
    Ok(redis::parse_redis_value(line.as_bytes()).unwrap())
}

/// A load is asked again if the connection broke, once: it may have been idle. What was refused or came too late is not, and nothing of what
/// the connection or the server said is told but the codes that are known.
#[tokio::test]
async fn s5_what_goes_wrong_with_a_connection_of_the_programs_is_told() {
    let wrong: [(Comes, usize, usize, &str); 14] = [
        (|| broken(io::ErrorKind::ConnectionReset), 2, 1, "failed: not connected"),
        (|| broken(io::ErrorKind::BrokenPipe), 2, 1, "failed: not connected"),
        (|| broken(io::ErrorKind::UnexpectedEof), 2, 1, "failed: not connected"),
        (|| broken(io::ErrorKind::ConnectionRefused), 1, 1, "failed: other error"),
        (|| broken(io::ErrorKind::NetworkUnreachable), 1, 1, "failed: other error"),
        (|| broken(io::ErrorKind::TimedOut), 1, 1, "has not answered within"),
        (|| Err(RedisError::from((ErrorKind::Parse, "hush"))), 1, 1, "something else"),
        (|| Err(RedisError::from((ErrorKind::UnexpectedReturnType, "hush"))), 1, 1, "something else"),
        (|| Err(RedisError::from((ErrorKind::Client, "hush"))), 1, 0, "a code of its own"),
        (|| said("-WRONGPASS hush\r\n"), 1, 0, "error: WRONGPASS"),
        (|| said("-LOADING hush\r\n"), 1, 0, "error: LOADING"),
        (|| said("-NOPERM hush\r\n"), 1, 0, "error: NOPERM"),
        (|| said("-HUSH hush\r\n"), 1, 0, "a code of its own"),
        (|| said("+hush\r\n"), 1, 0, "something else"),
    ];
    for (comes, asked, given_back, told) in wrong {
        let count = Arc::new(AtomicUsize::new(0));
        let store = AsyncRedisStore::over(Coming(comes, Arc::clone(&count))).with_deadline(LONG);
        let error = store.load(&key()).await.unwrap_err().to_string();
        assert!(error.contains(told) && !error.to_lowercase().contains("hush"), "{told}: {error}");
        assert_eq!(count.swap(0, Ordering::SeqCst), asked, "{told}");
        // A change may have been made, and is asked for once.
        store.replace(&key(), None, Some(&secret().into())).await.unwrap_err();
        assert_eq!(count.swap(0, Ordering::SeqCst), 1, "{told}");
        // So may a lease, which is given back unless there was an answer.
        store.lease(&key(), MINUTE, NOW).await.unwrap_err();
        assert_eq!(count.load(Ordering::SeqCst), 1 + given_back, "{told}");
    }
}
