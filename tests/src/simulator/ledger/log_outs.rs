//! Which logins have ended, and what must therefore not come back.

use std::collections::BTreeMap;

use valetkey_core::store::StoreKey;

/// The logins that were in the store, and the log-outs.
#[derive(Default)]
pub(super) struct LogOuts {
    /// What is under each key: the login whose tokens were there last, and whether a log-out is the last word.
    places: BTreeMap<String, (u64, bool)>,
    /// All logins that ever were in the store, each with when a log-out has ended it.
    stored: BTreeMap<u64, Option<u64>>,
    /// The logins whose names a browser has.
    through: Vec<WebLogin>,
    acknowledged: Vec<Came>,
}

/// A login of a web application. Times are true ones in milliseconds, but for the server's own, which are whole seconds.
#[derive(Clone)]
pub(crate) struct WebLogin {
    pub(crate) number: u64,
    /// Whose it is at the server: `sid`, `sub`.
    pub(crate) names: [String; 2],
    pub(crate) issued_at: u64,
    /// When its tokens were asked for.
    pub(crate) asked_at: u64,
}

/// A log-out that the server announced.
#[derive(Clone)]
pub(crate) struct Came {
    /// What its token names: `sid`, `sub`.
    pub(crate) names: [Option<String>; 2],
    pub(crate) issued_at: u64,
    /// When it came to the process that received it.
    pub(crate) at: u64,
    /// Whether all clocks were right until it was acknowledged: within one second of the server's only they tell what was first.
    pub(crate) do_clocks_agree: bool,
}

impl Came {
    /// Whether it ends this login, as one that began before it.
    fn ends(&self, login: &WebLogin) -> bool {
        let named = self.names.iter().zip(&login.names);
        let is_named = named.into_iter().all(|(named, own)| named.as_ref().is_none_or(|named| named == own));
        let is_older = login.issued_at < self.issued_at;
        is_named && (is_older || (self.do_clocks_agree && login.asked_at <= self.at))
    }
}

impl LogOuts {
    pub(super) fn are_there(&self) -> bool {
        self.stored.values().any(Option::is_some)
    }

    /// What of them still makes a difference, but for when they were: which login is where, and which have ended.
    pub(super) fn state(&self) -> String {
        let ended: Vec<_> = self.stored.iter().map(|(login, ended)| (login, ended.is_some())).collect();
        format!("{:?} {ended:?}", self.places.values().collect::<Vec<_>>())
    }

    /// Whether the last word under this key is that the user has logged out.
    pub(super) fn are_last(&self, key: &StoreKey) -> bool {
        self.places.get(key.as_str()).is_some_and(|(_, is_ended)| *is_ended)
    }

    /// When this login has ended.
    pub(super) fn ended_at(&self, login: u64) -> Option<u64> {
        self.stored.get(&login).copied().flatten()
    }

    /// A tombstone is under this key.
    pub(super) fn ended(&mut self, key: &StoreKey, now: u64) {
        let place = self.places.entry(key.as_str().to_owned()).or_default();
        place.1 = true;
        self.stored.entry(place.0).or_default().get_or_insert(now);
    }

    /// Tokens of this login were written under this key.
    pub(super) fn stored(&mut self, key: &StoreKey, login: u64) -> Result<(), &'static str> {
        let before = self.places.insert(key.as_str().to_owned(), (login, false));
        // A login that is written late, for the first time, is one all the same: nobody knew of it before.
        match self.stored.insert(login, None) {
            Some(Some(_)) => Err("a session that was ended is in the store again"),
            Some(None) if before.is_some_and(|(before, _)| login < before) => {
                Err("the tokens of a former login were written over a later one's")
            }
            _ => Ok(()),
        }
    }

    /// From here on a browser has the name of this login.
    pub(super) fn goes_on(&mut self, login: WebLogin) -> Result<(), String> {
        // One that the log-out has found in the store is over for whoever looks there, as each page does.
        let is_alive = self.stored.get(&login.number) == Some(&None);
        let ends = is_alive && self.acknowledged.iter().any(|came| came.ends(&login));
        let what = format!("login {} goes on, though a log-out came while it was under way", login.number);
        self.through.push(login);
        if ends { Err(what) } else { Ok(()) }
    }

    /// The server is told that the sessions have ended.
    pub(super) fn acknowledged(&mut self, came: Came) -> Vec<String> {
        let is_alive = |login: &&WebLogin| self.stored.get(&login.number) == Some(&None);
        let alive = self.through.iter().filter(|login| came.ends(login)).filter(is_alive);
        let what = |login: &WebLogin| format!("login {} is alive, its log-out acknowledged", login.number);
        let found = alive.map(what).collect();
        self.acknowledged.push(came);
        found
    }
}
