//! What holds for every input.

use proptest::collection::vec;
use proptest::prelude::*;
use valetkey_core::{Request, UnixTime};
use valetkey_sandbox::{Misbehaviour, Rights, Sandbox};

use crate::support::*;

const TODAYS: [&str; 14] = [
    "request",
    "request_uri",
    "resource",
    "authorization_details",
    "client_assertion",
    "client_assertion_type",
    "assertion",
    "subject_token",
    "device_code",
    "dpop_jkt",
    "max_age",
    "acr_values",
    "prompt",
    "token",
];

/// Values with a shape: tokens of three parts, JSON, URIs.
const SHAPED: [&str; 9] = [
    "eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6ImRwb3Arand0In0.eyJzdWIiOiJ3ZWIifQ.AA",
    "..",
    "[{\"type\":\"rights\",\"rights\":[\"a:b\"]}]",
    "https://as.example/api/http/absences",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "18446744073709551616",
];

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "/oauth/auth",
            "/oauth/token",
            "/oauth/jwks.json",
            "/oauth/par",
            "/oauth/device_authorization",
            "/oauth/introspect",
            "/oauth/revoke",
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-protected-resource/api/http/absences",
            "/api/http/absences",
            "/api/http/team-directory/profiles/me",
            "/api/http/chats/messages/send-message",
            "/api/http/projects/key:DEMO/planning/issues",
            "/",
        ])
        .prop_map(str::to_owned),
        "/[a-zA-Z0-9/%:._-]{0,40}",
    ]
}

/// Names and values that mean something, among some that do not.
fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    let names: Vec<&str> = REQUEST
        .iter()
        .map(|(name, _)| *name)
        .chain(TODAYS)
        .chain(["grant_type", "code", "password"])
        .collect();
    let values: Vec<&str> =
        REQUEST.iter().map(|(_, value)| *value).chain(SHAPED).chain(["password", "token"]).collect();
    let name = prop_oneof![prop::sample::select(names).prop_map(str::to_owned), any::<String>()];
    let value = prop_oneof![prop::sample::select(values).prop_map(str::to_owned), any::<String>()];
    vec((name, value), 0..12)
}

fn request() -> impl Strategy<Value = Request> {
    let method = prop::sample::select(vec!["GET", "POST", "DELETE", "PUT", "BREW"]);
    let header = prop_oneof![
        Just(None),
        "(Basic|Bearer|DPoP) [!-~ ]{0,60}".prop_map(Some),
        vec(0x20_u8..0x7f, 0..40).prop_map(|bytes| String::from_utf8(bytes).ok()),
    ];
    let body = prop_oneof![
        pairs().prop_map(|pairs| {
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
        }),
        vec(any::<u8>(), 0..300),
    ];
    let proof = prop::option::of(prop_oneof![
        prop::sample::select(SHAPED.to_vec()).prop_map(str::to_owned),
        "[ -~]{0,80}"
    ]);
    (method, path(), pairs(), header, body, any::<bool>(), proof).prop_filter_map(
        "a request that http can carry",
        |(method, path, query, header, body, form, proof)| {
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
            let mut request = http::Request::builder().method(method).uri(format!("{path}?{query}"));
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            if let Some(proof) = proof {
                request = request.header("dpop", proof);
            }
            if form {
                request = request.header("content-type", "application/x-www-form-urlencoded");
            }
            request.body(body).ok()
        },
    )
}

fn rights() -> impl Strategy<Value = Rights> {
    let right = (prop::sample::select(vec!["global", "channel:a", "project:key:b", "c"]), 0..3_u8)
        .prop_map(|(context, permission)| format!("{context}:P{permission}"));
    prop_oneof![
        1 => Just(Rights::All),
        6 => vec(right, 0..5).prop_map(|rights| Rights::of(rights.iter().map(String::as_str))),
    ]
}

fn any_right() -> impl Strategy<Value = String> {
    "(global|channel:a|project:key:b|c|d):P[0-3]"
}

proptest! {
    /// Every request gets an answer and an entry in the log, whatever else is on; and the same seed the same answers.
    #[test]
    fn any_requests_get_the_same_answers_from_the_same_seed(
        requests in vec((request(), any::<u64>()), 1..12),
        wrong in vec(prop::sample::select(Misbehaviour::ALL), 0..3),
        todays in any::<bool>(),
    ) {
        let fresh = || if todays { crate::metadata::modern() } else { demo() };
        let (mut one, mut two) = (fresh(), fresh());
        // The giants cost time and show nothing here.
        let wrong = wrong.iter().filter(|it| !["huge", "deep", "dots", "many"].iter().any(|giant| it.name().contains(giant)));
        for misbehaviour in wrong {
            one.misbehave(*misbehaviour);
            two.misbehave(*misbehaviour);
        }
        for (index, (request, time)) in requests.iter().enumerate() {
            let now = UnixTime::from_secs(*time);
            let (first, second) = (one.answer(request, now), two.answer(request, now));
            prop_assert_eq!(first.status(), second.status());
            prop_assert_eq!(first.headers(), second.headers());
            prop_assert_eq!(first.body(), second.body());
            prop_assert_eq!(one.log().len(), index + 1);
            let line = format!("{:?}", one.log()[index]);
            prop_assert!(!line.chars().any(char::is_control));
        }
    }

    #[test]
    fn other_seeds_give_other_tokens(seed in any::<[u8; 32]>()) {
        let mut one = Sandbox::demo(seed);
        let mut two = Sandbox::demo([3; 32]);
        prop_assume!(seed != [3; 32]);
        prop_assert_ne!(one.permanent_token_of_user("alice"), two.permanent_token_of_user("alice"));
        prop_assert_ne!(one.client_secret("web"), two.client_secret("web"));
    }

    /// `intersect` covers exactly what both cover, so it never widens.
    #[test]
    fn intersecting_covers_what_both_cover(a in rights(), b in rights(), right in any_right()) {
        let both = a.intersect(&b);
        prop_assert_eq!(both.cover(&right), a.cover(&right) && b.cover(&right));
        prop_assert!(a.cover_all(&both) && b.cover_all(&both));
        prop_assert_eq!(&both, &b.intersect(&a));
        prop_assert_eq!(&a, &a.intersect(&a));
        prop_assert_eq!(a.intersect(&Rights::All), a.clone());
        prop_assert!(a.intersect(&Rights::none()).is_empty());
    }

    /// `cover_all` is reflexive and transitive, agrees with `cover`, and has `**` at its top and nothing at its bottom.
    #[test]
    fn covering_is_an_order(a in rights(), b in rights(), c in rights(), right in any_right()) {
        prop_assert!(a.cover_all(&a));
        prop_assert!(!(a.cover_all(&b) && b.cover_all(&c)) || a.cover_all(&c));
        prop_assert!(!(a.cover_all(&b) && b.cover(&right)) || a.cover(&right));
        prop_assert!(Rights::All.cover_all(&a) && a.cover_all(&Rights::none()));
        prop_assert!(!a.cover_all(&Rights::All) || a == Rights::All);
    }

    #[test]
    fn rights_survive_being_written(a in rights()) {
        let written = a.to_string();
        prop_assert_eq!(Rights::parse(&written).unwrap_or_else(Rights::none), a);
    }

    /// No line of the log shows a secret that was sent or issued.
    #[test]
    fn the_log_tells_no_secret(username in prop::sample::select(vec!["alice", "bob"])) {
        let mut sandbox = demo();
        let answer = tokens(&mut sandbox, username, &[]);
        let _ = refresh(&mut sandbox, answer.text("refresh_token"), NOW);
        let _ = profile(&mut sandbox, answer.text("access_token"), NOW);
        let lines: String = sandbox.log().iter().map(|exchange| format!("{exchange}\n{exchange:?}\n")).collect();
        let password = sandbox.password(username).unwrap();
        let secret = sandbox.client_secret("web").unwrap();
        for planted in [answer.text("access_token"), answer.text("refresh_token"), password, secret, VERIFIER, "xyz"] {
            prop_assert!(!lines.contains(planted), "{}", lines);
        }
        let outline = format!("{sandbox:?}");
        prop_assert!(!outline.contains(secret) && !outline.contains(password));
    }
}
