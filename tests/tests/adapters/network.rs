//! How the blocking adapter finds a host's addresses, and what it tells a connection of its deadline. Both modules are compiled
//! here once more, with a resolver, a clock and a connection of the test's: no public call takes them, and the system's own
//! would make the tests wait.
//!
//! That the system's look-up is given up at its bound is ureq's part, by the thread that it makes; what is tested is that
//! this bound reaches it unchanged, and what becomes of a look-up that was given up.

use std::cell::Cell;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ureq::config::{Config, IpFamily};
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::time::Duration as Within;
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};
use ureq::{Agent, Error, Timeout};

#[path = "../../../adapter-blocking/src/network/deadlines.rs"]
#[allow(dead_code, reason = "what makes a connection is not used: the test makes its own")]
mod deadlines;
#[path = "../../../adapter-blocking/src/network/names.rs"]
mod names;

use deadlines::InSeconds;
use names::Names;

/// A system that finds 192.0.2.1, until it hangs, and writes down what it was asked.
#[derive(Debug, Default)]
struct System {
    hangs: Mutex<bool>,
    asked: Mutex<Vec<(String, NextTimeout)>>,
}

impl Resolver for &'static System {
    fn resolve(&self, uri: &Uri, _: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        self.asked.lock().unwrap().push((uri.to_string(), timeout));
        if *self.hangs.lock().unwrap() {
            return Err(Error::Timeout(timeout.reason));
        }
        let mut found = self.empty();
        found.push(SocketAddr::from(([192, 0, 2, 1], uri.port_u16().unwrap_or(443))));
        Ok(found)
    }
}

impl System {
    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

thread_local! {
    /// How long ago a test began, as it says.
    static PASSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static BEGAN: Instant = Instant::now();
}

fn moment() -> Instant {
    BEGAN.with(|began| *began) + PASSED.get()
}

fn names() -> (Names<&'static System>, &'static System) {
    let system = Box::leak(Box::<System>::default());
    (Names::over(&*system, moment), system)
}

fn within(time: Duration) -> NextTimeout {
    NextTimeout { after: time.into(), reason: Timeout::Global, ..NextTimeout::default() }
}

fn of(family: IpFamily) -> Config {
    Agent::config_builder().ip_family(family).build()
}

fn resolve(names: &impl Resolver, uri: &str, family: IpFamily) -> Result<Vec<String>, Error> {
    let found = names.resolve(&uri.parse().unwrap(), &of(family), within(Duration::from_secs(60)))?;
    Ok(found.iter().map(ToString::to_string).collect())
}

/// What looks up is what makes a thread.
#[test]
fn an_address_is_its_own_answer_and_nothing_looks_it_up() {
    let (names, system) = names();
    for (uri, address) in [
        ("http://127.0.0.1:8080/token", "127.0.0.1:8080"),
        ("http://192.0.2.7/", "192.0.2.7:80"),
        ("https://192.0.2.7/", "192.0.2.7:443"),
        ("http://[::1]:8080/token", "[::1]:8080"),
        ("https://[2001:db8::7]/", "[2001:db8::7]:443"),
        ("https://[::ffff:192.0.2.7]/", "[::ffff:192.0.2.7]:443"),
    ] {
        assert_eq!(resolve(&names, uri, IpFamily::Any).unwrap(), [address], "{uri}");
    }
    assert_eq!(system.asked(), 0);
}

#[test]
fn an_address_is_looked_up_where_only_one_family_is_wanted() {
    let (names, system) = names();
    resolve(&names, "https://[::1]/", IpFamily::Ipv4Only).unwrap();
    resolve(&names, "https://127.0.0.1/", IpFamily::Ipv6Only).unwrap();
    assert_eq!(system.asked(), 2);
}

#[test]
fn what_looks_like_an_address_and_is_none_is_looked_up() {
    let (names, system) = names();
    for uri in ["https://127.0.0.1.example/", "https://127.1/", "https://0x7f000001/"] {
        resolve(&names, uri, IpFamily::Any).unwrap();
    }
    assert_eq!(system.asked(), 3);
}

#[test]
fn a_name_is_remembered_for_ten_seconds_and_then_looked_up_again() {
    let (names, system) = names();
    let found = || resolve(&names, "https://as.example/token", IpFamily::Any).unwrap();
    assert_eq!(found(), ["192.0.2.1:443"]);
    PASSED.set(Duration::from_millis(9_999));
    assert_eq!((found(), system.asked()), (vec!["192.0.2.1:443".to_owned()], 1));
    PASSED.set(Duration::from_secs(10));
    found();
    assert_eq!(system.asked(), 2);
    // From the second look-up on, and not from the first.
    PASSED.set(Duration::from_millis(19_999));
    found();
    assert_eq!(system.asked(), 2);
    PASSED.set(Duration::from_secs(20));
    found();
    assert_eq!(system.asked(), 3);
}

#[test]
fn a_name_is_remembered_by_its_port_and_the_family_that_was_wanted() {
    let (names, system) = names();
    let found = |uri, family| resolve(&names, uri, family).unwrap();
    found("https://as.example/", IpFamily::Any);
    assert_eq!(found("https://as.example:8443/", IpFamily::Any), ["192.0.2.1:8443"]);
    assert_eq!(found("http://as.example:443/", IpFamily::Any), ["192.0.2.1:443"]);
    assert_eq!(system.asked(), 2);
    found("https://as.example/", IpFamily::Ipv4Only);
    assert_eq!(system.asked(), 3);
}

#[test]
fn sixty_four_names_are_remembered_and_the_next_is_when_those_are_old() {
    let (names, system) = names();
    let found = |place: u32| resolve(&names, &format!("https://{place}.example/"), IpFamily::Any).unwrap();
    (0..65).for_each(|place| drop(found(place)));
    found(0);
    found(63);
    assert_eq!(system.asked(), 65);
    found(64);
    assert_eq!(system.asked(), 66);
    PASSED.set(Duration::from_secs(10));
    found(64);
    found(64);
    assert_eq!(system.asked(), 67);
}

#[test]
fn a_look_up_has_the_time_of_its_request_and_one_that_was_given_up_is_made_again() {
    let (names, system) = names();
    *system.hangs.lock().unwrap() = true;
    let left = within(Duration::from_millis(1_234));
    let uri = "https://as.example/".parse().unwrap();
    let failed = names.resolve(&uri, &of(IpFamily::Any), left).map(drop);
    assert!(matches!(failed, Err(Error::Timeout(Timeout::Global))), "{failed:?}");
    assert_eq!(*system.asked.lock().unwrap(), [("https://as.example/".to_owned(), left)]);

    *system.hangs.lock().unwrap() = false;
    assert_eq!(resolve(&names, "https://as.example/", IpFamily::Any).unwrap(), ["192.0.2.1:443"]);
    assert_eq!(system.asked(), 2);
}

/// What was found stands, though the look-ups hang now: until it is old.
#[test]
fn a_name_that_is_remembered_is_not_looked_up_by_a_system_that_hangs() {
    let (names, system) = names();
    let found = || resolve(&names, "https://as.example/", IpFamily::Any);
    found().unwrap();
    *system.hangs.lock().unwrap() = true;
    found().unwrap();
    PASSED.set(Duration::from_secs(10));
    assert!(matches!(found(), Err(Error::Timeout(_))));
}

/// A connection on which nothing comes, or something at the second read; it writes down how long it was to wait.
#[derive(Debug)]
struct Silent {
    buffers: LazyBuffers,
    reads_to_come: usize,
    told: Vec<(&'static str, Within)>,
}

impl Transport for Silent {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, _: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.told.push(("write", timeout.after));
        Err(Error::Timeout(timeout.reason))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.told.push(("read", timeout.after));
        self.reads_to_come = self.reads_to_come.saturating_sub(1);
        if self.reads_to_come == 0 { Ok(true) } else { Err(Error::Timeout(timeout.reason)) }
    }

    fn is_open(&mut self) -> bool {
        true
    }

    fn is_tls(&self) -> bool {
        true
    }
}

/// A connection on which the read of this number brings something.
fn silent(reads_to_come: usize) -> InSeconds<Silent> {
    InSeconds(Silent { buffers: LazyBuffers::new(1, 1), reads_to_come, told: Vec::new() })
}

const NEVER: usize = 9;

fn millis(millis: u64) -> Within {
    Within::from_millis(millis)
}

#[test]
fn a_read_is_told_whole_seconds_first_and_waits_neither_longer_nor_less_than_it_may() {
    for (left, told) in [
        (59_700, vec![59_000, 700]),
        (1_001, vec![1_000, 1]),
        (60_000, vec![60_000]),
        (999, vec![999]),
        (0, vec![0]),
    ] {
        let mut connection = silent(NEVER);
        let failed = connection.await_input(within(Duration::from_millis(left)));
        assert!(matches!(failed, Err(Error::Timeout(Timeout::Global))), "{left}: {failed:?}");
        let told: Vec<_> = told.into_iter().map(|time| ("read", millis(time))).collect();
        assert_eq!(connection.0.told, told, "{left}");
    }
}

#[test]
fn a_read_is_made_again_only_if_nothing_came() {
    let left = within(Duration::from_millis(59_700));
    let mut connection = silent(1);
    assert!(connection.await_input(left).unwrap());
    assert_eq!(connection.0.told, [("read", millis(59_000))]);
    let mut connection = silent(2);
    assert!(connection.await_input(left).unwrap());
    assert_eq!(connection.0.told, [("read", millis(59_000)), ("read", millis(700))]);
}

/// Some of it may have been sent.
#[test]
fn a_write_is_never_made_again_and_has_less_than_a_second_less() {
    for (left, told) in [(59_700, 59_000), (999, 999)] {
        let mut connection = silent(NEVER);
        connection.transmit_output(1, within(Duration::from_millis(left))).unwrap_err();
        assert_eq!(connection.0.told, [("write", millis(told))]);
    }
}

#[test]
fn a_time_of_its_own_for_each_read_or_write_and_a_time_without_end_are_told_as_they_are() {
    let of_each = NextTimeout { per_read: Some(millis(1_500)), ..within(Duration::from_millis(59_700)) };
    for left in [of_each, NextTimeout::default()] {
        let mut connection = silent(NEVER);
        connection.await_input(left).unwrap_err();
        connection.transmit_output(1, left).unwrap_err();
        assert_eq!(connection.0.told, [("read", left.after), ("write", left.after)]);
    }
}

#[test]
fn all_else_of_a_connection_is_its_own() {
    let mut connection = silent(NEVER);
    assert!(connection.is_open() && connection.is_tls());
    assert_eq!(connection.buffers().output().len(), 1);
}
