//! How the logins of a server differ from those of others: [`Logins`].

/// How the logins of a server differ.
#[derive(Clone, Default)]
pub(crate) struct Logins {
    /// The parameters that a claim of the same name repeats.
    pub(in crate::server) repeated: Vec<String>,
    /// The scopes that are answered by a form.
    pub(in crate::server) by_form: Vec<String>,
    /// Whether ID tokens are signed with the client's secret.
    pub(in crate::server) is_by_secret: bool,
}
