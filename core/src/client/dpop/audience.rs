//! Who a proof is for: [`Audience`].

/// Whom a proof is for. One origin may be both, and its nonces are then two ([DP-3](crate::Rule::Dp3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    AuthorizationServer,
    Api,
}
