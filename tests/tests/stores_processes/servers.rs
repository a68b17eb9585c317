//! Several Redis servers on loopback: a cluster of three masters with a replica each, and a master with two replicas and three sentinels.

use std::io::{Error, Result};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{fs, io};

use redis::Value;
use valetkey_tests::processes::{Folder, signal};

/// What all of them are logged in with.
const PASSWORD: &str = "a-password-of-the-tests";

/// After how long without a sign of life a server is taken for dead, in milliseconds.
const SILENCE: &str = "1500";

/// How long is waited for what must come about between servers.
const PATIENCE: Duration = Duration::from_secs(60);

/// Servers of which one takes over when another is killed.
pub(crate) struct Fleet {
    nodes: Vec<Node>,
    /// Of them there are so many sentinels, at the end.
    sentinels: usize,
    _folder: Folder,
}

struct Node {
    port: u16,
    arguments: Vec<String>,
    server: Child,
}

impl Fleet {
    /// Three masters with a replica each. What they have written is there when they are killed, if not when the computer is.
    ///
    /// # Errors
    ///
    /// The operating system's, if there is no `redis-server` or no cluster comes about.
    pub(crate) fn cluster() -> Result<Self> {
        let fleet = Self::started(6, 0, |_, _| {
            ["--cluster-enabled", "yes", "--cluster-node-timeout", SILENCE].map(str::to_owned).to_vec()
        })?;
        let created = Command::new("redis-cli")
            .args(["-a", PASSWORD, "--no-auth-warning", "--cluster", "create"])
            .args(fleet.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)))
            .args(["--cluster-replicas", "1", "--cluster-yes"])
            .stdout(Stdio::null())
            .status()?;
        if !created.success() {
            return Err(Error::other("redis-cli makes no cluster"));
        }
        fleet.heal();
        Ok(fleet)
    }

    /// A master, two replicas, and three sentinels of which two must agree.
    ///
    /// # Errors
    ///
    /// As for [`cluster`](Self::cluster).
    pub(crate) fn sentinels() -> Result<Self> {
        let fleet = Self::started(3, 3, |number, ports| {
            let master = format!("127.0.0.1 {}", ports[0]);
            match number {
                0 => vec![],
                1 | 2 => vec!["--replicaof".to_owned(), master],
                _ => [
                    "monitor sessions",
                    "auth-pass sessions",
                    "down-after-milliseconds sessions",
                    "failover-timeout sessions",
                ]
                .into_iter()
                .zip([format!("{master} 2"), PASSWORD.to_owned(), SILENCE.to_owned(), "5000".to_owned()])
                .map(|(option, value)| format!("sentinel {option} {value}"))
                .collect(),
            }
        })?;
        fleet.heal();
        Ok(fleet)
    }

    fn started(redis: usize, sentinels: usize, more: impl Fn(usize, &[u16]) -> Vec<String>) -> Result<Self> {
        let folder = Folder::new();
        let ports = &free_ports(redis + sentinels);
        let mut nodes = Vec::new();
        for (number, port) in ports.iter().enumerate() {
            let home = folder.path().join(number.to_string());
            fs::create_dir_all(&home)?;
            let port = *port;
            let mut arguments = Vec::new();
            let options = more(number, ports);
            if number >= redis {
                // A sentinel writes into its own configuration what it learns.
                let configuration = home.join("sentinel.conf");
                let head = format!(
                    "bind 127.0.0.1\nport {port}\ndir {}\nrequirepass {PASSWORD}\nsentinel sentinel-pass {PASSWORD}\n",
                    home.display()
                );
                fs::write(&configuration, format!("{head}{}\n", options.join("\n")))?;
                arguments.extend([configuration.display().to_string(), "--sentinel".to_owned()]);
            } else {
                let own =
                    ["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"];
                arguments.extend(own.map(str::to_owned));
                arguments.extend(["--requirepass", PASSWORD, "--masterauth", PASSWORD].map(str::to_owned));
                arguments.extend([
                    "--port".to_owned(),
                    port.to_string(),
                    "--dir".to_owned(),
                    home.display().to_string(),
                ]);
                arguments.extend(options);
            }
            nodes.push(Node { port, server: serve(port, &arguments)?, arguments });
        }
        Ok(Self { nodes, sentinels, _folder: folder })
    }

    /// Where they are, as `redis_at` reads it.
    pub(crate) fn place(&self) -> String {
        let url = |node: &Node| format!("redis://:{PASSWORD}@127.0.0.1:{}", node.port);
        let (redis, sentinels) = self.nodes.split_at(self.redis());
        let urls = |nodes: &[Node]| nodes.iter().map(url).collect::<Vec<_>>().join(" ");
        match self.sentinels {
            0 => format!("cluster {}", urls(redis)),
            _ => format!("sentinels redis://:{PASSWORD}@sessions {}", urls(sentinels)),
        }
    }

    /// The masters, by their number.
    pub(crate) fn masters(&self) -> Vec<usize> {
        (0..self.redis()).filter(|number| self.role(*number).is_some_and(|role| role == "master")).collect()
    }

    /// Kills a server, as a failing computer would.
    ///
    /// # Panics
    ///
    /// If it cannot be killed.
    pub(crate) fn kill(&mut self, number: usize) {
        let server = &mut self.nodes[number].server;
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// Stops a server where it is: its connections stay, and nothing answers. Needs `kill`.
    ///
    /// # Panics
    ///
    /// If it cannot be stopped.
    pub(crate) fn stall(&self, number: usize) {
        signal("-STOP", &self.nodes[number].server);
    }

    /// Lets it go on, as if nothing had happened.
    ///
    /// # Panics
    ///
    /// If it cannot be told to.
    pub(crate) fn go_on(&self, number: usize) {
        signal("-CONT", &self.nodes[number].server);
    }

    /// Starts it again, with what it had written.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub(crate) fn start_again(&mut self, number: usize) {
        let node = &mut self.nodes[number];
        node.server = serve(node.port, &node.arguments).unwrap();
    }

    /// Waits until each master has its replicas, which have what it has.
    ///
    /// # Panics
    ///
    /// If that does not come about.
    pub(crate) fn heal(&self) {
        let until = Instant::now() + PATIENCE;
        let (masters, replicas) = if self.sentinels == 0 { (3, 3) } else { (1, 2) };
        loop {
            let lines: Vec<String> = (0..self.redis()).map(|number| self.said(number)).collect();
            let count = |what: &str| lines.iter().filter(|said| said.contains(what)).count();
            let is_whole = count("role:master") == masters
                && count("role:slave") == replicas
                && count("master_link_status:up") == replicas
                && lines.iter().all(|said| said.contains("role:slave") || said.contains("state=online"))
                && (self.sentinels > 0 || count("cluster_state:ok") == self.redis());
            if is_whole && self.is_known_to_sentinels() {
                return;
            }
            assert!(Instant::now() < until, "the servers do not come together: {lines:?}");
            sleep(Duration::from_millis(100));
        }
    }

    /// How often a server has sent somebody elsewhere, by `MOVED` or `ASK`.
    pub(crate) fn redirects(&self) -> u64 {
        let count = |number| {
            let said: String =
                self.ask(number, &["INFO", "errorstats"]).expect("it is up, and tells its errors");
            assert!(said.contains("# Errorstats"), "Redis 6.2 at least");
            let lines = said.lines().filter(|line| line.contains("MOVED") || line.contains("ASK"));
            lines.filter_map(|line| line.trim().rsplit_once('=')?.1.parse::<u64>().ok()).sum::<u64>()
        };
        (0..self.redis()).map(count).sum()
    }

    /// Lets a record go to another server, as whoever moves a slot does.
    ///
    /// # Panics
    ///
    /// If it cannot be moved.
    pub(crate) fn send_on(&self, key: &str, [from, to]: [usize; 2]) {
        let port = self.nodes[to].port.to_string();
        let moved: Option<String> =
            self.ask(from, &["MIGRATE", "127.0.0.1", &port, key, "0", "5000", "AUTH", PASSWORD]);
        assert_eq!(moved.as_deref(), Some("OK"));
    }

    fn redis(&self) -> usize {
        self.nodes.len() - self.sentinels
    }

    fn role(&self, number: usize) -> Option<String> {
        let role: Vec<Value> = self.ask(number, &["ROLE"])?;
        redis::from_redis_value(role.first()?.clone()).ok()
    }

    /// What it says of itself and of its cluster; nothing if it is dead.
    fn said(&self, number: usize) -> String {
        let said = |words| self.ask::<String>(number, words).unwrap_or_default();
        said(&["INFO", "replication"])
            + &if self.sentinels == 0 { said(&["CLUSTER", "INFO"]) } else { String::new() }
    }

    /// Each sentinel knows the others and the replicas: before that none of them could let another take over.
    fn is_known_to_sentinels(&self) -> bool {
        (self.redis()..self.nodes.len()).all(|number| {
            let said: String = self.ask(number, &["INFO", "sentinel"]).unwrap_or_default();
            said.contains("status=ok") && said.contains("slaves=2") && said.contains("sentinels=3")
        })
    }

    /// What it answers; nothing if it is dead, or refuses.
    pub(crate) fn ask<T: redis::FromRedisValue>(&self, number: usize, words: &[&str]) -> Option<T> {
        let url = format!("redis://:{PASSWORD}@127.0.0.1:{}", self.nodes[number].port);
        let client = redis::Client::open(url).ok()?;
        let mut connection = client.get_connection_with_timeout(Duration::from_secs(2)).ok()?;
        connection.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
        redis::cmd(words[0]).arg(&words[1..]).query(&mut connection).ok()
    }
}

/// Those that were started end too where another does not start.
impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Ports that are free, and with each the one by which it speaks with the others of a cluster: below those that the system gives to whoever
/// asks for none. None is given back before all are found.
fn free_ports(many: usize) -> Vec<u16> {
    let mut held = Vec::new();
    while held.len() < many {
        let port = fastrand::u16(10_000..20_000);
        let both = [port, port + 10_000].map(|port| TcpListener::bind(("127.0.0.1", port)));
        if let [Ok(one), Ok(bus)] = both {
            held.push((port, one, bus));
        }
    }
    held.iter().map(|(port, ..)| *port).collect()
}

fn serve(port: u16, arguments: &[String]) -> Result<Child> {
    let started = Command::new("redis-server").args(arguments).stdout(Stdio::null()).spawn();
    let mut server =
        started.map_err(|error| Error::new(error.kind(), format!("redis-server does not start: {error}")))?;
    let until = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if let Some(status) = server.try_wait()? {
            return Err(Error::other(format!("redis-server ends as soon as it is started: {status}")));
        }
        if Instant::now() > until {
            server.kill()?;
            server.wait()?;
            return Err(io::ErrorKind::TimedOut.into());
        }
        sleep(Duration::from_millis(20));
    }
    Ok(server)
}
