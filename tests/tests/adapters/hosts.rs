//! Where a request goes: the host of its URL, by an address or by a name.

use valetkey_sandbox::{RawAnswer, RawFront};
use valetkey_tests::get;

use crate::face::Adapter;
use crate::for_both;

fn saying(what: &str) -> RawFront {
    let length = what.len();
    RawFront::start([RawAnswer::new(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{what}"))])
        .unwrap()
}

for_both! {
    /// An answer to a name is used again, and is that of host and port: servers of one name are told apart, however often and
    /// in whatever order they are asked.
    fn servers_of_one_name_are_told_apart_by_their_ports(adapter: A) {
        let servers = ["one", "another"].map(|what| (what, saying(what)));
        for _ in 0..3 {
            for (what, server) in &servers {
                for url in [server.url().to_owned(), server.url().replace("127.0.0.1", "localhost")] {
                    let answer = adapter.send(get(&url)).unwrap();
                    assert_eq!(answer.into_body(), what.as_bytes(), "{url}");
                }
            }
        }
    }
}
