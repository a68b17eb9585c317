//! What a program used of late, by name, and no more of it than it says: [`Recent`].

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use crate::ground::time::UnixTime;

/// What a program used of late, by name: the sessions of its users, for example. What was not used for a while is let go,
/// and so are the least recently used ones where there are too many. The adapters' `Sessions` stand on it.
///
/// ```
/// use std::time::Duration;
/// use valetkey_core::UnixTime;
/// use valetkey_core::session::Recent;
///
/// let mut recent = Recent::new(1000, Duration::from_secs(900));
/// let now = UnixTime::from_secs(1_700_000_000);
/// recent.put("alice", 1, now);
/// assert_eq!(recent.get("alice", now.after(Duration::from_secs(899))), Some(1));
/// assert_eq!(recent.get("alice", now.after(Duration::from_secs(1800))), None);
/// ```
pub struct Recent<T> {
    most: usize,
    idle: Duration,
    /// What must not be let go.
    is_kept: fn(&T) -> bool,
    held: HashMap<String, (T, UnixTime)>,
    /// When idle ones are looked for next: not at each use, which would look at all of them.
    look_at: UnixTime,
}

impl<T: Clone> Recent<T> {
    /// Holds this many at most, each until it was not used for this long.
    #[must_use]
    pub fn new(most: usize, idle: Duration) -> Self {
        Self { most, idle, is_kept: |_| false, held: HashMap::new(), look_at: UnixTime::default() }
    }

    /// Lets nothing go of which this is true, whatever its number and however idle: tokens that are in no store yet, for
    /// example.
    #[must_use]
    pub fn keeping(self, is_kept: fn(&T) -> bool) -> Self {
        Self { is_kept, ..self }
    }

    /// What has this name, which is used by that.
    pub fn get(&mut self, name: &str, now: UnixTime) -> Option<T> {
        self.let_idle_go(now);
        let (value, used) = self.held.get_mut(name)?;
        if now.since(*used) > self.idle && !(self.is_kept)(value) {
            self.held.remove(name);
            return None;
        }
        *used = now;
        Some(value.clone())
    }

    /// Holds this under a name, in the place of what had it.
    pub fn put(&mut self, name: &str, value: T, now: UnixTime) {
        self.let_idle_go(now);
        if self.most == 0 {
            return;
        }
        if self.held.len() >= self.most && !self.held.contains_key(name) {
            self.make_room();
        }
        self.held.insert(name.to_owned(), (value, now));
    }

    /// Lets go of what has this name.
    pub fn remove(&mut self, name: &str) -> Option<T> {
        self.held.remove(name).map(|(value, _)| value)
    }

    /// How many are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    fn let_idle_go(&mut self, now: UnixTime) {
        // A clock that was set back does not put it off.
        if now < self.look_at && self.look_at.since(now) <= self.idle {
            return;
        }
        self.look_at = now.after(self.idle);
        let (idle, is_kept) = (self.idle, self.is_kept);
        self.held.retain(|_, (value, used)| now.since(*used) <= idle || is_kept(value));
    }

    /// Lets the least recently used quarter go, so that the next ones find room without a look at all others.
    fn make_room(&mut self) {
        let mut used: Vec<_> = self.held.values().map(|(_, used)| *used).collect();
        let quarter = (used.len() / 4).min(used.len().saturating_sub(1));
        let (_, oldest, _) = used.select_nth_unstable(quarter);
        let oldest = *oldest;
        let mut left = quarter + 1;
        let is_kept = self.is_kept;
        self.held.retain(|_, (value, used)| {
            let goes = left > 0 && *used <= oldest && !is_kept(value);
            left -= usize::from(goes);
            !goes
        });
    }
}

impl<T> fmt::Debug for Recent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent")
            .field("held", &self.held.len())
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}
