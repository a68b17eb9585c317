//! What the pages say: [`Texts`].

/// What the pages say, in one language. The default is English.
///
/// ```
/// let mut texts = valetkey_axum::Texts::default();
/// texts.lang = "de".into();
/// texts.log_in = "Anmelden".into();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Texts {
    /// The language, by its BCP 47 tag: the pages' attribute `lang`.
    pub lang: String,
    /// The title of the pages.
    pub title: String,
    /// The button that logs in.
    pub log_in: String,
    /// The button that logs out.
    pub log_out: String,
    /// The link to the application's first page.
    pub home: String,
    /// Several servers are there: by which one to log in.
    pub choose: String,
    /// The login was not carried out: a stale tab, a page loaded again, or an attack, which look alike.
    pub refused: String,
    /// The person, or the server, said no.
    pub cancelled: String,
    /// Something does not work just now.
    pub unavailable: String,
    /// Somebody is logged in already, and another site started a login.
    pub occupied: String,
    /// Too many logins are begun just now.
    pub busy: String,
    /// The request to log out came from elsewhere.
    pub not_logged_out: String,
    /// The log-out failed, because something does not work just now: nothing has ended.
    pub log_out_failed: String,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            lang: "en".into(),
            title: "Log in".into(),
            log_in: "Log in".into(),
            log_out: "Log out".into(),
            home: "Go to the first page".into(),
            choose: "Where do you want to log in?".into(),
            refused: "This login did not work. Please log in again.".into(),
            cancelled: "The login was cancelled. You can log in again.".into(),
            unavailable: "This does not work at the moment. Please try again in a while.".into(),
            occupied: "You are logged in already. Do you want to log in again?".into(),
            busy: "Too many people are logging in at the moment. Please try again in a while.".into(),
            not_logged_out: "You are still logged in. Please use the button to log out.".into(),
            log_out_failed: "You are still logged in: the log-out does not work at the moment. Please try again in a while."
                .into(),
        }
    }
}
