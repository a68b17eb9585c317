//! HT-3: what is set where the program sets nothing.

use std::time::Duration;

use valetkey_async::host::TransportErrorKind;
use valetkey_async::{http_client, send};
use valetkey_tests::get;

use crate::wire::stalling;

#[test]
fn an_agent_has_timeouts_and_a_limit_for_heads() {
    let agent = valetkey_blocking::http_client();
    let timeouts = agent.config().timeouts();
    assert_eq!(timeouts.connect, Some(Duration::from_secs(10)));
    assert_eq!(timeouts.global, Some(Duration::from_secs(60)));
    assert_eq!(agent.config().max_response_header_size(), 64 << 10);
}

/// A client cannot be asked for its timeouts, so a minute passes here, in virtual time.
#[tokio::test(start_paused = true)]
async fn a_client_has_timeouts() {
    for words in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"] {
        let begun = tokio::time::Instant::now();
        let error = send(&http_client().unwrap(), get(&stalling(words))).await.unwrap_err();
        assert!(
            matches!(error, valetkey_async::Error::Transport(http) if http.kind() == TransportErrorKind::Timeout)
        );
        assert!(begun.elapsed() <= Duration::from_secs(61), "{:?}", begun.elapsed());
    }
}
