//! Many callers, one renewal, and its failure too.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use valetkey_core::Error;
use valetkey_core::host::TransportErrorKind;
use valetkey_core::store::MemoryStore;
use valetkey_sandbox::Misbehaviour;

use crate::face::Failed;
use crate::for_both;
use crate::world::{Hooked, Server, Tries};

/// A second's share of a failure that is over.
fn failed_before() -> serde_json::Value {
    json!({"failure": {"at": 1000, "until": 2000, "count": 3, "cause": {"kind": "unanswered"}}})
}

for_both! {
    /// RF-1: cold, with nothing held and nothing stored: one token request, whoever asks.
    fn many_cold_callers_make_one_request(adapter: A) {
        let server = Server::new();
        let tokens = adapter.tokens(server.session());
        assert_eq!(A::fresh(&tokens), None);
        let asked = adapter.ask_at_once(&tokens, 50);
        let first = asked[0].clone().unwrap();
        assert!(asked.iter().all(|asked| asked.as_ref().unwrap() == &first));
        assert_eq!((server.requests(), A::fresh(&tokens)), (1, Some(first)));
    }

    /// RF-1: the same where what is held has expired.
    fn many_callers_with_an_expired_token_make_one_request(adapter: A) {
        let server = Server::new();
        let tokens = adapter.tokens(server.with_seconds_left(-10));
        assert_eq!(A::fresh(&tokens), None);
        let asked = adapter.ask_at_once(&tokens, 50);
        assert!(asked.iter().all(|asked| asked.as_ref().is_ok_and(|token| token != "old")));
        assert_eq!(server.requests(), 1);
    }

    /// RF-1: and where what is stored has.
    fn many_callers_with_an_expired_record_make_one_request(adapter: A) {
        let (server, memory) = (Server::new(), Arc::new(MemoryStore::new()));
        server.put(&memory, -10, json!({}));
        let tokens = adapter.stored(server.session(), server.key(), Hooked::working(&memory)).unwrap();
        let asked = adapter.ask_at_once(&tokens, 50);
        assert!(asked.iter().all(|asked| asked.as_ref().is_ok_and(|token| token != "old")));
        assert_eq!(server.requests(), 1);
    }

    /// RF-1: what another process has renewed is used as it is.
    fn a_good_record_costs_no_request(adapter: A) {
        let (server, memory) = (Server::new(), Arc::new(MemoryStore::new()));
        server.put(&memory, 3600, json!({}));
        let tokens = adapter.stored(server.session(), server.key(), Hooked::working(&memory)).unwrap();
        assert_eq!(adapter.ask(&tokens).unwrap(), "old");
        assert_eq!((A::fresh(&tokens).as_deref(), server.requests()), (Some("old"), 0));
    }

    /// RF-1: a server that is down is asked once for all callers, and each is told so.
    fn a_failure_is_shared_by_all_callers(adapter: A) {
        let server = Server::new();
        server.front().sandbox().misbehave(Misbehaviour::Unavailable);
        let tokens = adapter.tokens(server.session());
        let tries = Tries::begin();
        for asked in adapter.ask_at_once(&tokens, 1) {
            assert!(matches!(asked, Err(Failed::Core(error)) if error.is_transient()));
        }
        tries.require(server.requests());
    }

    /// RF-1: one request a backoff step: once the wait in the record is over there is one more, and its wait is longer.
    fn a_failing_server_gets_one_request_a_step(adapter: A) {
        let (server, memory) = (Server::new(), Arc::new(MemoryStore::new()));
        server.front().sandbox().misbehave(Misbehaviour::Unavailable);
        server.put(&memory, -10, failed_before());
        let tokens = adapter.stored(server.session(), server.key(), Hooked::working(&memory)).unwrap();
        assert!(adapter.ask_at_once(&tokens, 1).iter().all(Result::is_err));
        assert_eq!((server.requests(), server.record(&memory)["failure"]["count"].as_u64()), (1, Some(4)));

        // Another process keeps to it.
        let other = adapter.stored(server.session(), server.key(), Hooked::working(&memory)).unwrap();
        assert!(adapter.ask_at_once(&other, 1).iter().all(Result::is_err));
        assert_eq!(server.requests(), 1);
    }

    /// RF-1: a server that is down while the old token is good blocks nobody and fails nobody.
    fn a_good_token_is_used_while_the_server_is_down(adapter: A) {
        let server = Server::new();
        server.front().sandbox().misbehave(Misbehaviour::Unavailable);
        let tokens = adapter.tokens(server.with_seconds_left(30));
        for asked in adapter.ask_at_once(&tokens, 1) {
            assert_eq!(asked.unwrap(), "old");
        }
        drop(tokens);
        assert!(server.requests() <= 1);
    }

    /// RF-1: within the margin the token is used at once, by everybody, while one renewal is under way.
    fn a_token_within_its_margin_is_used_while_one_renewal_runs(adapter: A) {
        let (server, gate) = Server::gated();
        let tokens = adapter.tokens(server.with_seconds_left(30));
        assert_eq!(adapter.ask(&tokens).unwrap(), "old", "the server has not answered yet");
        gate.came();
        for asked in adapter.ask_at_once(&tokens, 1) {
            assert_eq!(asked.unwrap(), "old");
        }
        assert_eq!(A::fresh(&tokens), None, "it is due");
        gate.open();
        let token = loop {
            match adapter.ask(&tokens).unwrap() {
                token if token == "old" => std::thread::yield_now(),
                token => break token,
            }
        };
        assert_eq!((A::fresh(&tokens), server.requests()), (Some(token), 1));
    }

    /// Nobody is blocked for longer than their patience, however long the server is silent; what it says at last is used.
    fn a_silent_server_blocks_nobody_beyond_their_patience(adapter: A) {
        let (server, gate) = Server::gated();
        let tokens = A::patient(adapter.tokens(server.session()), Duration::from_millis(20));
        for asked in adapter.ask_at_once(&tokens, 1) {
            assert!(matches!(asked, Err(Failed::Http(TransportErrorKind::Timeout))), "{asked:?}");
        }
        gate.came();
        gate.open();
        let tokens = A::patient(tokens, crate::world::LONG);
        adapter.ask(&tokens).unwrap();
        assert_eq!(server.requests(), 1);
    }

    /// RF-1, WA-3: ten thousand who refuse the same credential make one request, and all get what it brought.
    fn many_who_refuse_a_credential_make_one_request(adapter: A) {
        let server = Server::new();
        let tokens = adapter.tokens(server.with_seconds_left(3600));
        assert_eq!(adapter.ask(&tokens).unwrap(), "old");
        let asked = adapter.refuse_at_once(&tokens, 10_000);
        let first = asked[0].clone().unwrap();
        assert_ne!(first, "old");
        assert!(asked.iter().all(|asked| asked.as_ref().is_ok_and(|token| *token == first)));
        assert_eq!(server.requests(), 1);
    }

    /// A new token is had whatever the old one is still worth, here and in a process that has yet to look into its store.
    fn a_new_token_is_had_for_the_asking(adapter: A) {
        let (server, memory) = (Server::new(), Arc::new(MemoryStore::new()));
        server.put(&memory, 3600, json!({}));
        let tokens = adapter.stored(server.session(), server.key(), Hooked::working(&memory)).unwrap();
        let first = adapter.ask_anew(&tokens).unwrap();
        assert_eq!((first == "old", server.requests()), (false, 1));
        assert_eq!(adapter.ask(&tokens).unwrap(), first, "it is held");
        assert_eq!(server.record(&memory)["access_token"], first, "and stored");
        let second = adapter.ask_anew(&tokens).unwrap();
        assert_eq!((second == first, server.requests()), (false, 2));
    }

    /// A server that is down takes no good token away because somebody asked for a new one.
    fn a_new_token_that_is_not_had_leaves_the_old_one(adapter: A) {
        let server = Server::new();
        server.front().sandbox().misbehave(Misbehaviour::Unavailable);
        let tokens = adapter.tokens(server.with_seconds_left(3600));
        assert!(matches!(adapter.ask_anew(&tokens), Err(Failed::Core(error)) if error.is_transient()));
        assert_eq!(adapter.ask(&tokens).unwrap(), "old");
        assert!(adapter.ask_anew(&tokens).is_err(), "the wait after a failure is kept to");
        assert_eq!(server.requests(), 1);
    }

    /// Whoever wants only a token needs one method, of whatever has it.
    fn tokens_are_a_source(adapter: A) {
        let server = Server::new();
        let tokens = adapter.tokens(server.session());
        let token = adapter.ask_as_source(&tokens).unwrap();
        assert_eq!((A::fresh(&tokens), server.requests()), (Some(token), 1));
    }

    /// A person who must act is told so, by whoever asks.
    fn a_grant_that_is_refused_for_good_is_told_to_all(adapter: A) {
        let server = Server::new();
        server.front().sandbox().misbehave(Misbehaviour::InvalidGrantAlways);
        let tokens = adapter.tokens(server.session());
        for asked in adapter.ask_at_once(&tokens, 1) {
            assert!(matches!(asked, Err(Failed::Core(Error::AuthorizationRequired(_)))), "{asked:?}");
        }
        assert_eq!(server.requests(), 1);
    }
}
