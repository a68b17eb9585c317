//! What the user does who is played: Alice, at her browser.

use std::io;

use http::Method;
use http::header::CONTENT_TYPE;
use valetkey_core::Request;

use super::browser::{Browser, Page};
use crate::Person;
use crate::person::form::Form;

/// Alice and her browser.
pub(super) struct User {
    pub(super) browser: Browser,
    pub(super) person: Person,
    /// What a page calls her that knows who she is.
    pub(super) name: &'static str,
}

impl User {
    /// Opens the URL of an authorization, logs in, allows, and goes back to the program.
    pub(super) fn log_in(&mut self, url: &str) -> io::Result<()> {
        let page = self.browser.open(url)?;
        let back = self.consent(&page)?;
        match back.is_good {
            true => Ok(()),
            false => {
                Err(io::Error::other(format!("the program does not accept the response: {}", back.html)))
            }
        }
    }

    /// Opens a web application's page and presses its button to log in; is greeted by name; presses the button of that page
    /// to log out, and is not known any more.
    pub(super) fn visit(&mut self, url: &str) -> io::Result<()> {
        let page = self.browser.open(url)?;
        self.expect(&page, false, "before the login")?;
        let page = self.press(&page)?;
        let page = self.consent(&page)?;
        self.expect(&page, true, "after the login")?;
        let page = self.browser.open(url)?;
        self.expect(&page, true, "at the next visit")?;
        self.press(&page)?;
        let page = self.browser.open(url)?;
        self.expect(&page, false, "after the log-out")
    }

    fn expect(&self, page: &Page, is_known: bool, when: &str) -> io::Result<()> {
        if page.is_good && page.html.contains(self.name) == is_known {
            return Ok(());
        }
        Err(io::Error::other(format!("{} {when}: {}", page.url, page.html)))
    }

    fn consent(&mut self, page: &Page) -> io::Result<Page> {
        let request = self.person.consent(&page.url, &page.html);
        let request = request.map_err(|error| io::Error::other(format!("{error}: {}", page.html)))?;
        self.browser.follow(request)
    }

    /// Presses the button of a page's only form.
    fn press(&mut self, page: &Page) -> io::Result<Page> {
        let form =
            Form::read(&page.html).ok_or_else(|| io::Error::other(format!("{} has no form", page.url)))?;
        let origin = page.url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let fields = form_urlencoded::Serializer::new(String::new()).extend_pairs(form.fields).finish();
        let request: Request = http::Request::builder()
            .method(Method::POST)
            .uri(format!("{origin}{}", form.action))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(fields.into_bytes())
            .map_err(io::Error::other)?;
        self.browser.follow(request)
    }
}
