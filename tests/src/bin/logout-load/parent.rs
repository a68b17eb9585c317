//! The one that measures: it starts the processes, logs people out, and asks the other process whether they are.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until};
use valetkey_core::jose::{Algorithm, JwtSigner, KeyPair};
use valetkey_tests::processes::Redis;

use crate::Arguments;
use crate::messages::{CLIENT, Found, ISSUER, Order, Outcome, SECRET, Said, milliseconds, names};
use crate::server;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How long the sessions are used before the first log-out, and for how long they are looked at after the last.
const BEFORE: Duration = Duration::from_secs(6);
const AFTERWARDS: Duration = Duration::from_secs(8);

/// Memory at the end over memory at the start that is bounded.
const MOST_GROWTH: u64 = 2;

pub(crate) async fn run(arguments: &Arguments) -> Result<Value, Box<dyn Error>> {
    let redis = Redis::in_memory()?;
    let (url, told) = server::start(arguments.sessions, arguments.lifetime).await?;
    let place = redis.url();
    let processes = [Process::start(arguments, &url, &place)?, Process::start(arguments, &url, &place)?];
    let half = arguments.sessions / 2;
    let logins = [(0, half), (half, arguments.sessions)].into_iter().zip(&processes);
    let logins: Vec<_> =
        logins.map(|((from, to), process)| process.ask(|id| Order::LogIn { id, from, to })).collect();
    for login in logins {
        done(login.await?)?;
    }
    for process in &processes {
        done(process.ask(|id| Order::Use { id }).await?)?;
    }
    sleep(BEFORE).await;
    let mut memory = vec![resident(&processes)];
    let processes = Arc::new(processes);
    let log_outs = arguments.rate * arguments.seconds;
    let (begun, mut out) = (Instant::now(), Vec::new());
    for person in 0..log_outs {
        if person == log_outs / 2 {
            memory.push(resident(&processes));
        }
        sleep_until(begun + Duration::from_secs_f64(person as f64 / arguments.rate as f64)).await;
        out.push(tokio::spawn(log_out(Arc::clone(&processes), person)));
    }
    let mut came = Vec::new();
    for one in out {
        came.push(one.await?);
    }
    let took = begun.elapsed();
    sleep(AFTERWARDS).await;
    memory.push(resident(&processes));
    let wrongly_ended = wrongly_ended(&processes, log_outs, arguments.sessions).await?;
    let mut found = Vec::new();
    for process in &*processes {
        match process.ask(|id| Order::Report { id }).await? {
            Outcome::Report(one) => found.push(*one),
            other => done(other)?,
        }
    }
    let told = told.lock().unwrap();
    let mut figures = json!({
        "sessions": arguments.sessions,
        "seconds": took.as_secs_f64(),
        "log_outs": log_outs,
        "log_outs_per_second": log_outs as f64 / took.as_secs_f64(),
        "renewals": told.renewals,
        "refresh_tokens_used_twice": told.used_twice,
        "renewals_after_revocation": told.after_revocation,
        "revocations": told.revocations,
        "resident_kib": { "start": memory[0], "middle": memory[1], "end": memory[2] },
    });
    judge(&mut figures, &came, &found, &wrongly_ended, &memory);
    Ok(figures)
}

/// What came of one log-out.
struct Came {
    person: usize,
    /// How long the acknowledgement took, in milliseconds; or why it failed.
    took: Result<u64, String>,
    /// What the other process said just after it.
    is_alive: Result<bool, String>,
}

async fn log_out(processes: Arc<[Process; 2]>, person: usize) -> Came {
    let [here, elsewhere] = if person.is_multiple_of(2) {
        [&processes[0], &processes[1]]
    } else {
        [&processes[1], &processes[0]]
    };
    let (begun, token) = (Instant::now(), logout_token(person));
    let took = match here.ask(|id| Order::LogOut { id, token }).await {
        Ok(Outcome::Done) => Ok(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)),
        Ok(Outcome::Failed(why)) => Err(why),
        _ => Err("the process is gone".to_owned()),
    };
    if took.is_err() {
        return Came { person, took, is_alive: Ok(false) };
    }
    let at = milliseconds();
    let asked = elsewhere.ask(|id| Order::Ask { id, person });
    processes.iter().for_each(|process| process.tell(&Order::Ended { person, at }));
    let is_alive = match asked.await {
        Ok(Outcome::LoggedIn(is_alive)) => Ok(is_alive),
        Ok(Outcome::Failed(why)) => Err(why),
        _ => Err("the process is gone".to_owned()),
    };
    Came { person, took, is_alive }
}

/// What the server posts: it names the login, the person, or both.
fn logout_token(person: usize) -> String {
    let (time, [sub, sid]) = (milliseconds() / 1000, names(person));
    let mut claims = json!({
        "iss": ISSUER, "aud": CLIENT, "iat": time, "exp": time + 120, "jti": format!("log-out {person}"),
        "events": { EVENT: {} },
    });
    if person % 3 != 1 {
        claims["sid"] = sid.into();
    }
    if !person.is_multiple_of(3) {
        claims["sub"] = sub.into();
    }
    let key = KeyPair::from_secret(Algorithm::Hs256, SECRET.as_bytes()).unwrap();
    let signer = JwtSigner::new(Arc::new(key), Some("logout+jwt"));
    signer.write(&claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned()
}

/// Those whom nobody logged out and who are not logged in.
async fn wrongly_ended(
    processes: &[Process; 2],
    from: usize,
    to: usize,
) -> Result<Vec<usize>, Box<dyn Error>> {
    let mut wrongly = Vec::new();
    for person in from..to {
        match processes[person % 2].ask(|id| Order::Ask { id, person }).await? {
            Outcome::LoggedIn(true) => {}
            Outcome::LoggedIn(false) => wrongly.push(person),
            other => done(other)?,
        }
    }
    Ok(wrongly)
}

fn judge(figures: &mut Value, came: &[Came], found: &[Found], wrongly_ended: &[usize], memory: &[[u64; 2]]) {
    let mut took: Vec<u64> = came.iter().filter_map(|one| one.took.as_ref().ok().copied()).collect();
    took.sort_unstable();
    let at = |part: usize| took.get((took.len() * part / 100).min(took.len().saturating_sub(1))).copied();
    figures["acknowledged"] = took.len().into();
    figures["acknowledged_after_ms"] =
        json!({ "median": at(50), "99_of_100": at(99), "longest": took.last() });
    let sum = |of: fn(&Found) -> u64| found.iter().map(of).sum::<u64>();
    figures["credentials"] = sum(|one| one.credentials).into();
    figures["asked_after_log_out"] = sum(|one| one.asked_afterwards).into();
    let latest = found.iter().map(|one| one.latest).max();
    figures["latest_token_after_log_out_ms"] = latest.into();
    let mut failures = HashMap::<&str, usize>::new();
    found.iter().flat_map(|one| &one.failures).for_each(|why| *failures.entry(why).or_default() += 1);
    figures["failures"] = json!(failures);
    let mut violations = Vec::new();
    for one in came {
        match (&one.took, &one.is_alive) {
            (Err(why), _) => violations.push(format!("the log-out of {} failed: {why}", one.person)),
            (_, Ok(true)) => {
                violations.push(format!("{} is logged in after the log-out was acknowledged", one.person))
            }
            (_, Err(why)) => {
                violations.push(format!("whether {} is logged in is not known: {why}", one.person))
            }
            _ => {}
        }
    }
    for person in found.iter().flat_map(|one| &one.too_late) {
        violations.push(format!("a token of {person} was handed out more than 5 s after the log-out"));
    }
    for person in found.iter().flat_map(|one| &one.came_back) {
        violations.push(format!("the session of {person} had ended and came back"));
    }
    for person in wrongly_ended {
        violations.push(format!("nobody logged {person} out, and they are not logged in"));
    }
    if figures["renewals"] == 0 {
        violations.push("no token was renewed: say a shorter --lifetime".to_owned());
    }
    let [start, end] = [memory[0], memory[2]];
    for (process, (start, end)) in start.into_iter().zip(end).enumerate() {
        if end > start.saturating_mul(MOST_GROWTH) {
            violations.push(format!("process {process} grew from {start} to {end} KiB"));
        }
    }
    figures["violations"] = json!(violations);
}

fn done(outcome: Outcome) -> Result<(), Box<dyn Error>> {
    match outcome {
        Outcome::Failed(why) => Err(why.into()),
        _ => Ok(()),
    }
}

/// A process of the application.
struct Process {
    child: Mutex<Child>,
    pid: u32,
    orders: Mutex<ChildStdin>,
    waiting: Arc<Mutex<HashMap<u64, oneshot::Sender<Outcome>>>>,
    count: AtomicU64,
}

impl Process {
    fn start(arguments: &Arguments, server: &str, store: &str) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(env::current_exe()?)
            .args(["--sessions", &arguments.sessions.to_string()])
            .args(["--lifetime", &arguments.lifetime.to_string()])
            .args(["--process", server, store])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = child.stdin.take().ok_or("a pipe to the process")?;
        let said = BufReader::new(child.stdout.take().ok_or("a pipe from the process")?);
        let waiting: Arc<Mutex<HashMap<u64, oneshot::Sender<Outcome>>>> = Arc::default();
        let answered = Arc::clone(&waiting);
        thread::spawn(move || {
            for line in said.lines().map_while(Result::ok) {
                let Ok(Said { id, what }) = serde_json::from_str(&line) else { break };
                if let Some(waiting) = answered.lock().unwrap().remove(&id) {
                    let _ = waiting.send(what);
                }
            }
            // It has ended: nobody waits for it.
            answered.lock().unwrap().clear();
        });
        let pid = child.id();
        Ok(Self {
            child: Mutex::new(child),
            pid,
            orders: Mutex::new(orders),
            waiting,
            count: AtomicU64::new(0),
        })
    }

    /// Gives an order, and waits for what it comes to. It is given at once, whenever that is asked for.
    fn ask(&self, order: impl FnOnce(u64) -> Order) -> oneshot::Receiver<Outcome> {
        let id = self.count.fetch_add(1, Ordering::Relaxed);
        let (waiting, outcome) = oneshot::channel();
        self.waiting.lock().unwrap().insert(id, waiting);
        self.tell(&order(id));
        outcome
    }

    fn tell(&self, order: &Order) {
        let line = serde_json::to_string(order).unwrap();
        // One that has ended is noticed by whoever waits for it.
        let _ = writeln!(self.orders.lock().unwrap(), "{line}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// The memory that each process has, in KiB; 0 where that is not told.
fn resident(processes: &[Process; 2]) -> [u64; 2] {
    processes.each_ref().map(|process| {
        let status = std::fs::read_to_string(format!("/proc/{}/status", process.pid)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
    })
}
