//! An issuer with a path, and where its metadata are.

use valetkey_core::server::{Endpoint, Metadata};
use valetkey_core::{Discovery, Error, Flow, Quirk, Response, Step, UnixTime};

use super::rig;
use crate::adapter::{Adapter, rows};

rows! { both_places, issuer_compared }

/// A discovery of which the first places are taken to have nothing.
struct Past {
    discovery: Discovery,
    places: usize,
}

impl Flow for Past {
    type Output = Metadata;

    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Metadata>, Error> {
        let mut step = self.discovery.step(response, now)?;
        for _ in 0..std::mem::take(&mut self.places) {
            let nothing = http::Response::builder().status(404).body(Vec::new()).unwrap();
            step = self.discovery.step(Some(nothing), now)?;
        }
        Ok(step)
    }
}

/// DI-2: the place of RFC 8414 before the issuer's path, and OpenID's after it, say the same.
fn both_places(adapter: &impl Adapter) {
    let issuer = rig().text("/issuer");
    assert!(issuer.ends_with("/realms/valetkey"));
    let endpoints = [0, 1].map(|places| {
        let discovery = Discovery::new(issuer).unwrap().admit(Quirk::LoopbackHttp);
        let metadata = adapter.run(Past { discovery, places }).unwrap();
        assert!(metadata.foreign_endpoints().is_empty());
        let server = metadata.into_server();
        [Endpoint::Authorization, Endpoint::Token, Endpoint::DeviceAuthorization, Endpoint::Userinfo]
            .map(|endpoint| server.url_of(endpoint).unwrap())
    });
    assert_eq!(endpoints[0], endpoints[1]);
    assert!(endpoints[0].iter().all(|url| url.starts_with(issuer)));
}

/// DI-4: a slash at the end makes another issuer, and this server answers there too, with its own name.
fn issuer_compared(adapter: &impl Adapter) {
    let issuer = format!("{}/", rig().text("/issuer"));
    let discovery = Discovery::new(&issuer).unwrap().admit(Quirk::LoopbackHttp);
    let error = adapter.run(discovery).unwrap_err();
    assert_eq!(error.rule(), Some(valetkey_core::Rule::Di4), "{error}");
}
