//! Servers that people use, as their documentation describes them: the program says who logged in there.

use std::fs;

use valetkey_blocking::{Request, http_client, http_client_for, send};
use valetkey_sandbox::{Arrival, Persona, Provider, Stage};

use crate::world::{Ran, SECRET, World};

/// The programs of a test, in the place of whose servers the stage is.
struct Staged {
    world: World,
    stage: Stage,
}

impl Staged {
    fn new() -> Self {
        let (world, stage) = (World::standard(), Stage::start().unwrap());
        fs::write(world.path("ca.pem"), stage.authority()).unwrap();
        Self { world, stage }
    }

    /// A login at this persona, by a profile with these keys.
    fn log_in(&self, name: &str, keys: &str, change: impl FnOnce(&mut Provider)) -> Ran {
        let mut provider = Provider::new(&Persona::named(name).unwrap(), [7; 32]);
        change(&mut provider);
        let (id, secret) = (provider.client_id().to_owned(), provider.client_secret().to_owned());
        self.stage.play(provider);
        self.world.config(&format!(
            "[profile.me]\nstore = \"file:kept\"\nca = \"ca.pem\"\nclient_id = \"{id}\"\nsecret = \"env:{SECRET}\"\n{keys}"
        ));
        let network = self.stage.network();
        let proxy = network.proxies().for_uri(&"https://as.example".parse().unwrap()).unwrap().unwrap();
        let data = self.world.path(&format!("data-{name}"));
        let variables =
            [("HTTPS_PROXY", proxy.expose()), (SECRET, &*secret), ("XDG_DATA_HOME", data.to_str().unwrap())];
        let (login, url) = self.world.start_with(&["login", "--no-open"], &variables);
        if url.starts_with("https://") {
            let page = send(&http_client_for(&network).unwrap(), get(&url)).unwrap();
            let back = Arrival::after(&page).unwrap();
            let answer = send(&http_client(), get(back.url().unwrap())).unwrap();
            if let Some(page) = answer.headers().get("location") {
                let (origin, _) = back.url().unwrap().split_once("/callback").unwrap();
                send(&http_client(), get(&format!("{origin}{}", page.to_str().unwrap()))).unwrap();
            }
        }
        login.end(&self.world)
    }
}

fn get(url: &str) -> Request {
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = url.parse().unwrap();
    request
}

const GOOGLE: &str = "server = \"google\"\nscope = \"openid\"\n";

const ENTRA: &str = "server = \"entra\"\nissuer = \"https://login.microsoftonline.com/organizations/v2.0\"\nscope = \"openid\"\n";

/// ID-57: nobody of another domain is let in, where the profile says which.
#[test]
fn google_says_who_logged_in() {
    let staged = Staged::new();
    let who =
        "Logged in as Jane Smith (subject 110169484474386276334 at https://accounts.google.com), for openid";
    staged.log_in("google", GOOGLE, |_| ()).failed(0, &[who]);
    let limited = format!("{GOOGLE}parameters = {{ hd = \"example.com\" }}\n");
    staged.log_in("google", &limited, |_| ()).failed(0, &[who]);
    let other =
        staged.log_in("google", &limited, |provider| provider.say_in_id_tokens("hd", "attacker.example"));
    other.failed(5, &["ID-57", "hd"]);
}

/// ID-55: whose people may log in is said by `tenants`.
#[test]
fn entra_says_who_of_which_tenant_logged_in() {
    let staged = Staged::new();
    let tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
    let nobody = staged.log_in("entra", ENTRA, |_| ());
    nobody.failed(2, &["ID-55", "`tenants` in the profile"]);
    assert!(!nobody.err.contains("::"), "{nobody:?}");
    let who = format!(
        "Logged in as Abe Lincoln (subject AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ at https://login.microsoftonline.com/{tenant}/v2.0)"
    );
    for tenants in [format!("[\"{tenant}\"]"), format!("\"{tenant}\""), "\"any\"".to_owned()] {
        staged.log_in("entra", &format!("{ENTRA}tenants = {tenants}\n"), |_| ()).failed(0, &[&who]);
    }
    let other = format!("{ENTRA}tenants = \"99999999-0000-cccc-1111-dddd2222eeee\"\n");
    staged.log_in("entra", &other, |_| ()).failed(5, &["ID-55", "`tenants` in the profile"]);
    let wrong = format!("{ENTRA}tenants = \"contoso.onmicrosoft.com\"\n");
    staged.log_in("entra", &wrong, |_| ()).failed(2, &["`tenants`", "GUID"]);
}
