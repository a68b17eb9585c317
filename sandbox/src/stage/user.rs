//! What the simulated user does: [`User`].

use std::io;

use http::Method;
use http::header::CONTENT_TYPE;
use valetkey_core::Request;

use super::browser::{Browser, Next, Page};
use crate::Person;
use crate::person::form::Form;

/// A user and a browser.
pub(super) struct User {
    pub(super) browser: Browser,
    pub(super) person: Person,
    /// What a page calls somebody whom it knows.
    pub(super) name: &'static str,
}

impl User {
    /// Opens the URL of an authorization, logs in, allows, and goes back to the program, which says itself what it makes of
    /// that: it may be gone before the browser has the last page.
    pub(super) fn log_in(&mut self, url: &str) -> io::Result<()> {
        let page = self.browser.open(url)?;
        // A silent login (`prompt=none`) shows no page of the server's: the browser is back at the program already.
        if page.is_good && Form::read(&page.html).is_none() {
            return Ok(());
        }
        let callback = self.allow(&page)?;
        if let Next::Goes(next) = self.browser.send(callback)? {
            drop(self.browser.follow(next));
        }
        Ok(())
    }

    /// Opens a web application's page and presses its button to log in; is greeted by name; presses the button of that page
    /// to log out, and is not known any more. `another` tries to have this browser logged in by the response to a login of
    /// their own.
    pub(super) fn visit(&mut self, url: &str, another: &mut Self) -> io::Result<()> {
        let page = self.browser.open(url)?;
        self.expect(&page, false, "before the login")?;
        let page = self.begin(&page)?;
        let before = self.browser.cookies();
        let page = self.consent(&page)?;
        self.expect(&page, true, "after the login")?;
        let page = self.browser.open(url)?;
        self.expect(&page, true, "at the next visit")?;
        if self.browser.cookies().iter().any(|value| before.contains(value)) {
            return Err(io::Error::other("a cookie from before the login is kept"));
        }
        let cookies = self.browser.all();
        self.press(&page)?;
        let page = self.browser.open(url)?;
        self.expect(&page, false, "after the log-out")?;
        // To delete the cookie is not enough: the session has ended for somebody who copied it, too.
        self.browser.replay(cookies);
        let page = self.browser.open(url)?;
        self.expect(&page, false, "with the cookies from before the log-out")?;

        let page = another.browser.open(url)?;
        let page = another.begin(&page)?;
        let callback = another.allow(&page)?;
        let page = self.browser.follow(callback)?;
        if page.is_good || page.html.contains(self.name) {
            return Err(io::Error::other("the response to somebody else's login is taken"));
        }
        let page = self.browser.open(url)?;
        self.expect(&page, false, "after the response to somebody else's login")?;
        match self.browser.careless.first() {
            None => Ok(()),
            Some(name) => {
                Err(io::Error::other(format!("the cookie {name} is not HttpOnly and SameSite=Lax or Strict")))
            }
        }
    }

    fn expect(&self, page: &Page, is_known: bool, when: &str) -> io::Result<()> {
        if page.is_good && page.html.contains(self.name) == is_known {
            return Ok(());
        }
        Err(io::Error::other(format!("{} {when}: {}", page.url, page.html)))
    }

    fn consent(&mut self, page: &Page) -> io::Result<Page> {
        let callback = self.allow(page)?;
        self.browser.follow(callback)
    }

    /// Logs in and allows; where the browser is sent then.
    fn allow(&mut self, page: &Page) -> io::Result<Request> {
        let request = self.person.consent(&page.url, &page.html);
        let request = request.map_err(|error| io::Error::other(format!("{error}: {}", page.html)))?;
        match self.browser.send(request)? {
            Next::Goes(callback) => Ok(callback),
            Next::Stays(page) => Err(io::Error::other(format!("the login fails: {}", page.html))),
        }
    }

    /// Presses the button to log in. Where there is a choice of servers, the next one is this stage's.
    fn begin(&mut self, page: &Page) -> io::Result<Page> {
        let page = self.press(page)?;
        let own = self.browser.address();
        let form = page.html.split("<form ").skip(1).find(|form| form.contains(own));
        match (Form::read(&page.html), form) {
            (None, Some(form)) => self.press(&Page { html: format!("<form {form}"), ..page }),
            _ => Ok(page),
        }
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
