//! Whose page it is: [`Visitor`].

/// The browser session that a request belongs to.
#[derive(Clone)]
pub(super) struct Visitor {
    pub(super) session: u64,
    pub(super) csrf: String,
    root: String,
}

impl Visitor {
    /// The browser of a session: where its own paths begin, and what its forms carry.
    pub(super) const fn new(session: u64, root: String, csrf: String) -> Self {
        Self { session, csrf, root }
    }

    /// A path of this session's own, which begins with a slash.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }

    /// What every path of it begins with.
    pub(super) fn root(&self) -> &str {
        &self.root
    }
}
