//! AR-14, ST-2: random sequences of operations on a pending authorization, a token request and a session, as the fuzz target
//! `operations` plays them: whatever comes in whatever order is legal or a typed error, a code is redeemed once, and what was stored and
//! taken up again knows what it knew.

use proptest::collection::vec;
use proptest::prelude::*;
use valetkey_tests::fuzz::operations;

proptest! {
    #[test]
    fn a_pending_authorization_is_used_once_whatever_comes_in_whatever_order(moves in vec(any::<u8>(), 0..64)) {
        operations(&[b"a", &*moves].concat());
    }

    #[test]
    fn a_token_request_is_answered_once_whatever_comes_in_whatever_order(moves in vec(any::<u8>(), 0..64)) {
        operations(&[b"t", &*moves].concat());
    }

    #[test]
    fn a_session_is_renewed_once_at_a_time_whatever_comes_in_whatever_order(kind in any::<u8>(), moves in vec(any::<u8>(), 0..64)) {
        operations(&[&[kind], &*moves].concat());
    }
}
