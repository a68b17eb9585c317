//! `run` carries any flow: it waits, and it goes on without an answer where the flow does.

use std::time::Duration;

use valetkey_core::{Error, Flow, Request, Response, Step, UnixTime};
use valetkey_sandbox::{RawAnswer, RawFront};
use valetkey_tests::get;

use crate::face::Adapter;
use crate::for_both;

/// A third party's flow, which asks until it is answered: it waits a little after each time that it was not.
struct Insistent {
    request: Request,
    unanswered: u32,
    /// When it asks again.
    at: UnixTime,
    patience: u32,
}

impl Flow for Insistent {
    type Output = (u32, Response);

    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Self::Output>, Error> {
        Ok(match response {
            Some(response) => Step::Done((self.unanswered, response)),
            None if now < self.at => Step::Wait(self.at.since(now)),
            None => Step::Send(self.request.clone()),
        })
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        self.unanswered += 1;
        self.at = now.after(Duration::from_millis(2));
        self.unanswered < self.patience
    }
}

fn insistent(server: &RawFront, patience: u32) -> Insistent {
    Insistent { request: get(server.url()), unanswered: 0, at: UnixTime::default(), patience }
}

/// A server that is silent twice. It says that it closes the connection, so that nobody keeps that for the next request.
fn server() -> RawFront {
    let ok = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
    RawFront::start([RawAnswer::default(), RawAnswer::default(), RawAnswer::new(ok)]).unwrap()
}

/// One of a third party's that says nothing of what becomes of it without an answer.
struct Plain(Request);

impl Flow for Plain {
    type Output = Response;

    fn step(&mut self, response: Option<Response>, _: UnixTime) -> Result<Step<Response>, Error> {
        Ok(response.map_or_else(|| Step::Send(self.0.clone()), Step::Done))
    }
}

/// One that is to be asked again after this time, and counts how often it is.
struct Counted(Duration, u32);

impl Flow for Counted {
    type Output = ();

    fn step(&mut self, _: Option<Response>, _: UnixTime) -> Result<Step<()>, Error> {
        self.1 -= 1;
        Ok(if self.1 == 0 { Step::Done(()) } else { Step::Wait(self.0) })
    }
}

for_both! {
    /// It ends: nobody knows what asking twice would do.
    fn a_flow_that_says_nothing_of_it_ends_without_an_answer(adapter: A) {
        let server = server();
        let failed = adapter.run(Plain(get(server.url()))).unwrap_err();
        assert_eq!(failed.http.as_deref(), Some("Connection"));
        assert_eq!(server.connections(), 1);
    }

    /// Asked at once again and again, a processor would be busy with it.
    fn a_flow_is_not_asked_again_before_it_wants_to_be(adapter: A) {
        let begun = A::now();
        adapter.run(Counted(Duration::from_millis(10), 6)).unwrap();
        assert!(A::now().since(begun) >= Duration::from_millis(45));
    }

    fn a_flow_goes_on_without_an_answer_as_long_as_it_wants(adapter: A) {
        let server = server();
        let (unanswered, answer) = adapter.run(insistent(&server, 3)).unwrap();
        assert_eq!((unanswered, answer.body().as_slice()), (2, &b"{}"[..]));
        assert_eq!(server.connections(), 3);
    }

    fn a_flow_that_gives_up_is_told_by_the_transports_reason(adapter: A) {
        let server = server();
        let failed = adapter.run(insistent(&server, 2)).unwrap_err();
        assert_eq!(failed.http.as_deref(), Some("Connection"));
        assert_eq!(server.connections(), 2);
    }

    fn a_flow_may_be_boxed_or_borrowed(adapter: A) {
        let server = server();
        let boxed: Box<dyn Flow<Output = (u32, Response)>> = Box::new(insistent(&server, 9));
        assert_eq!(adapter.run(boxed).unwrap().0, 2);
        let mut flow = insistent(&server, 9);
        assert_eq!(adapter.run(&mut flow).unwrap().0, 0, "the server answers by now");
    }
}
