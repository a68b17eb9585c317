//! A Redis at a socket of this machine.

use std::io::{BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use valetkey_stores::RedisStore;

use super::super::{Folder, fake_redis, in_time};
use super::{Asked, LONG, OnTokio, SHORT, record};

for_both! {
    /// It is asked on one connection, on which each waits for as long as it was told.
    fn a_socket_of_this_machine_is_asked_as_any_other<S>() {
        let folder = Folder::new();
        let listener = UnixListener::bind(folder.at("s")).unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                counted.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || {
                    let mut from = BufReader::new(&socket);
                    for number in 0.. {
                        let Some(_) = fake_redis::read(&mut from) else { return };
                        if number < 3 && (&socket).write_all(&record(b"there")).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        let store = S::connect(&format!("unix://{}", folder.at("s").display()), LONG).unwrap();
        let hasty = store.within(SHORT);
        in_time(move || {
            for _ in 0..3 {
                assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
            }
        });
        let error = in_time(move || hasty.load()).unwrap_err().to_string();
        assert!(error.contains("within 200ms"), "{error}");
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}
