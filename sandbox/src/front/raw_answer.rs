//! Answers that no HTTP library would write: [`RawAnswer`].

/// Bytes to be written to a connection, the last of them perhaps many times over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawAnswer {
    pub(crate) beginning: Vec<u8>,
    pub(crate) repeated: Vec<u8>,
    pub(crate) times: u64,
}

impl RawAnswer {
    /// These bytes and no others.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self { beginning: bytes.into(), ..Self::default() }
    }

    /// These bytes as well, so many times, written one after the other and never held in memory at once.
    #[must_use]
    pub fn then_repeat(mut self, bytes: impl Into<Vec<u8>>, times: u64) -> Self {
        self.repeated = bytes.into();
        self.times = times;
        self
    }

    /// The hostile answers of the transport that broke real clients, each with a stable name in kebab case. None of
    /// them is a token response.
    #[must_use]
    pub fn catalogue() -> Vec<(&'static str, Self)> {
        let json = |head: &str, body: &str| {
            Self::new(format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{head}\r\n\r\n{body}"))
        };
        vec![
            ("closed-at-once", Self::default()),
            ("not-http", Self::new("SSH-2.0-OpenSSH_9.6\r\n")),
            ("head-cut-short", Self::new("HTTP/1.1 200 OK\r\nContent-Type: applica")),
            ("body-cut-short", json("Content-Length: 100", "{")),
            ("chunked-cut-short", json("Transfer-Encoding: chunked", "64\r\n{\"access_token\":")),
            ("chunk-size-huge", json("Transfer-Encoding: chunked", "ffffffffffffffff\r\n{")),
            ("chunk-size-overflowing", json("Transfer-Encoding: chunked", "fffffffffffffffff0\r\n{")),
            ("content-length-huge", json("Content-Length: 18446744073709551615", "{")),
            ("content-length-negative", json("Content-Length: -1", "{}")),
            ("content-length-twice", json("Content-Length: 2\r\nContent-Length: 3", "{} ")),
            // More than any buffer that an HTTP library may happen to fill at once, before it looks how much it is.
            ("header-huge", json(&format!("X-Padding: {}\r\nContent-Length: 2", "x".repeat(4 << 20)), "{}")),
            ("headers-many", json(&format!("{}Content-Length: 2", "X-Padding: x\r\n".repeat(20_000)), "{}")),
            ("date-before-1970", json("Date: Wed, 31 Dec 1969 23:59:59 GMT\r\nContent-Length: 2", "{}")),
            ("date-day-zero", json("Date: Mon, 00 Jan 2024 00:00:00 GMT\r\nContent-Length: 2", "{}")),
            // 1 GiB, in pieces of 64 KiB.
            ("body-huge", json("Content-Length: 1073741824", "").then_repeat(vec![b' '; 1 << 16], 1 << 14)),
            ("body-endless", json("Connection: close", "[").then_repeat(vec![b'['; 1 << 16], u64::MAX)),
        ]
    }

    /// One of the [`catalogue`](Self::catalogue), by name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::catalogue().into_iter().find(|(known, _)| *known == name).map(|(_, answer)| answer)
    }
}
