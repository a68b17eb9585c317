//! ST-4, over random sets of sessions: keys are equal only for what may share a token.

use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use valetkey_core::store::StoreKey;
use valetkey_core::token::{JwtAssertion, TokenExchange, TokenKind};
use valetkey_core::{AccessToken, Client, Grant, RefreshToken, Resource, Subject};
use valetkey_tests::{client, client_of, server};

/// What makes a session's tokens other tokens, as sets where the order says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Means {
    client: u8,
    owner: Owner,
    name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Owner {
    User(String),
    OnlyUser,
    Application(Asked),
}

/// What a grant says in public.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    kind: u8,
    scope: Option<BTreeSet<&'static str>>,
    limit: Option<BTreeSet<&'static str>>,
    resources: BTreeSet<&'static str>,
    audience: Option<String>,
    tenant: Option<&'static str>,
}

/// How the same is written down: in another order, with another secret.
#[derive(Clone, Debug)]
struct Writing {
    backwards: bool,
    secret: &'static str,
}

fn texts() -> impl Strategy<Value = String> {
    // Short ones of few characters, so that many are equal, and some would run together.
    prop_oneof![
        select(vec!["", "a", "b", "ab", "a\u{0}b", "a=b", "user:a"]).prop_map(str::to_owned),
        "[ab:=&,]{0,3}"
    ]
}

fn asked() -> impl Strategy<Value = Asked> {
    let scopes = || option::of(btree_set(select(vec!["read", "write", "read:all"]), 1..3));
    let resources = btree_set(select(vec!["https://a.example", "https://b.example", "urn:x"]), 0..3);
    let tenants = option::of(select(vec!["a", "b"]));
    (0..5_u8, scopes(), scopes(), resources, option::of("[ab=&]{1,2}"), tenants).prop_map(
        |(kind, scope, limit, resources, audience, tenant)| Asked {
            kind,
            scope,
            limit,
            resources,
            audience,
            tenant,
        },
    )
}

fn means() -> impl Strategy<Value = Means> {
    let owner = prop_oneof![
        texts().prop_map(Owner::User),
        Just(Owner::OnlyUser),
        asked().prop_map(Owner::Application),
    ];
    (0..4_u8, owner, option::of(texts())).prop_map(|(client, owner, name)| Means { client, owner, name })
}

fn writings() -> impl Strategy<Value = Writing> {
    (any::<bool>(), select(vec!["e30.e30.b25l", "e30.e30.b3RoZXI"]))
        .prop_map(|(backwards, secret)| Writing { backwards, secret })
}

fn key(means: &Means, writing: &Writing) -> StoreKey {
    let client = match means.client {
        0 => client(),
        1 => Client::new(server(), "another"),
        2 => client_of(server().issuer("https://other.example").unwrap()),
        _ => client_of(server().token_endpoint("https://as.example/other").unwrap()),
    };
    let key = match &means.owner {
        Owner::User(user) => StoreKey::of_user(&client, user),
        Owner::OnlyUser => StoreKey::of_only_user(&client),
        Owner::Application(asked) => StoreKey::of_application(&client, &grant(asked, writing)),
    };
    match &means.name {
        Some(name) => key.named(name),
        None => key,
    }
}

fn grant(asked: &Asked, writing: &Writing) -> Grant {
    let scope = |tokens: &BTreeSet<&'static str>| {
        let mut tokens: Vec<_> = tokens.iter().copied().collect();
        if writing.backwards {
            tokens.reverse();
        }
        tokens.join(" ")
    };
    let mut grant = match asked.kind {
        0 => Grant::client_credentials(),
        1 => Grant::from(&JwtAssertion::new(writing.secret).unwrap()),
        2 => Grant::from(TokenExchange::new(writing.secret, TokenKind::ACCESS_TOKEN).unwrap()),
        3 => Grant::refresh_token(&RefreshToken::new(writing.secret).unwrap()),
        _ => Grant::extension("urn:example:ticket", Subject::User, [("ticket", writing.secret)]).unwrap(),
    };
    if let Some(tokens) = &asked.scope {
        grant = grant.scope(scope(tokens)).unwrap();
    }
    if let Some(tokens) = &asked.limit {
        grant = grant.at_most(scope(tokens)).unwrap();
    }
    let mut parameters = Vec::new();
    parameters.extend(asked.audience.as_deref().map(|audience| ("audience", audience)));
    parameters.extend(asked.tenant.map(|tenant| ("tenant", tenant)));
    let mut resources: Vec<_> = asked.resources.iter().copied().collect();
    if writing.backwards {
        parameters.reverse();
        resources.reverse();
    }
    for resource in resources {
        grant = grant.resource(Resource::new(resource).unwrap()).unwrap();
    }
    parameters.into_iter().fold(grant, |grant, (name, value)| grant.parameter(name, value).unwrap())
}

proptest! {
    /// Two keys are equal if and only if the same is meant, in whatever order it is written; no secret of a grant has a
    /// part in it.
    #[test]
    fn s0_keys_are_equal_only_for_what_may_share_a_token(
        sessions in vec((means(), writings()), 2..12),
        again in writings(),
    ) {
        for (one, writing) in &sessions {
            prop_assert_eq!(key(one, writing), key(one, &again));
            for (other, other_writing) in &sessions {
                let equal = key(one, writing) == key(other, other_writing);
                prop_assert_eq!(equal, one == other, "{:?} and {:?}", one, other);
            }
        }
    }
}

/// The digest tells nothing, and nothing of what it is of is shown.
#[test]
fn s0_a_key_shows_nothing() {
    let token = AccessToken::new("planted-SECRET-0123456789").unwrap();
    let exchange = Grant::from(TokenExchange::of(&token));
    let key = StoreKey::of_application(&client(), &exchange).named("planted-NAME");
    let shown = format!("{key:?} {} {:?}", key.as_str(), StoreKey::of_user(&client(), "planted-NAME"));
    assert!(!shown.contains("planted"), "{shown}");
}
