//! Beginning a run: from a button, from the form, or again.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use valetkey_async::{entropy, now};
use valetkey_sandbox::{Front, Sandbox};

use super::desk::{Desk, Seat};
use super::form::Form;
use super::pages::{see, trouble};
use super::visitor::Visitor;
use crate::play::{Attack, Method, Organisation, Run, Setup, Trial, demo_setup};

/// What a run is begun with, and its sandbox if it has one.
struct Beginning {
    setup: Setup,
    front: Option<Front>,
    organisation: Option<Organisation>,
    attack: Option<Attack>,
}

pub(super) async fn begin(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Extension(form): Extension<Form>,
) -> Response {
    // A cell of the table of attacks names both in one value.
    let (method, attack, organisation) = match form.get("try").split_once(' ') {
        Some((method, attack)) => {
            (Method::of_name(method), Attack::of_name(attack), Organisation::standard())
        }
        None => (form.method(), form.attack(), form.organisation()),
    };
    let Some(method) = method else { return trouble(&visitor, "There is no such method.") };
    let beginning = if form.get("where") == "elsewhere" {
        form.elsewhere(method, &desk.redirect_uri())
            .map(|setup| Beginning { setup, front: None, organisation: None, attack: None })
            .map_err(|error| error.to_string())
    } else {
        in_sandbox(&desk, method, organisation, attack, |setup| form.adjust(setup))
    };
    seat(&desk, &visitor, beginning)
}

/// The same setup with a sandbox, a seed and an attack of its own.
pub(super) async fn again(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<u64>,
) -> Response {
    let old = desk.with(visitor.session, number, |seat| {
        (seat.trial.run.setup().clone(), seat.organisation, seat.trial.attack())
    });
    let Some((setup, organisation, attack)) = old else { return trouble(&visitor, "There is no such run.") };
    let beginning = match organisation {
        None => Ok(Beginning { setup, front: None, organisation: None, attack: None }),
        Some(organisation) => in_sandbox(&desk, setup.method, organisation, attack, |new| {
            new.scope = setup.scope;
            new.offline = setup.offline;
            if setup.client_secret.is_empty() {
                new.client_secret.clear();
            }
            new.client_id = setup.client_id;
        }),
    };
    seat(&desk, &visitor, beginning)
}

fn in_sandbox(
    desk: &Desk,
    method: Method,
    organisation: Organisation,
    attack: Option<Attack>,
    adjust: impl FnOnce(&mut Setup),
) -> Result<Beginning, String> {
    let seed = entropy().map_err(|error| error.to_string())?.derive("sandbox");
    let front = Front::start(Sandbox::demo(seed)).map_err(|error| error.to_string())?;
    let url = front.url().to_owned();
    organisation.settle(&mut front.sandbox(), &url);
    let mut setup = demo_setup(method, &organisation, &mut front.sandbox(), &url, &desk.redirect_uri());
    adjust(&mut setup);
    Ok(Beginning { setup, front: Some(front), organisation: Some(organisation), attack })
}

fn seat(desk: &Desk, visitor: &Visitor, beginning: Result<Beginning, String>) -> Response {
    let begun = beginning.and_then(|beginning| {
        let seed = entropy().map_err(|error| error.to_string())?.derive("run");
        let run = Run::begin(beginning.setup.clone(), seed, now()).map_err(|error| error.to_string())?;
        Ok((beginning, run))
    });
    let (beginning, run) = match begun {
        Ok(begun) => begun,
        Err(error) => return trouble(visitor, &error),
    };
    let trial = match &beginning.front {
        Some(front) => Trial::new(run, beginning.attack, Some(&mut front.sandbox())),
        None => Trial::new(run, None, None),
    };
    let number = desk.add(|number| Seat {
        number,
        owner: visitor.session,
        trial,
        front: beginning.front,
        organisation: beginning.organisation,
        is_sending: false,
        notice: None,
    });
    see(visitor, &format!("/runs/{number}#next"))
}
