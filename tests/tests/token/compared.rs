//! Secrets are compared whole: an equal end, or an equal beginning, is no equality.

use valetkey_core::{AccessToken, RefreshToken};

/// Some lengths are a number of whole blocks of the comparison, others are not.
#[test]
fn secrets_that_differ_in_one_byte_are_not_equal_wherever_it_is() {
    for length in 1..=40 {
        let text = "a".repeat(length);
        let (access, refresh) = (AccessToken::new(&text).unwrap(), RefreshToken::new(&text).unwrap());
        assert!(access == AccessToken::new(&text).unwrap() && refresh == RefreshToken::new(&text).unwrap());
        for place in 0..length {
            let mut other = text.clone();
            other.replace_range(place..=place, "b");
            assert!(
                access != AccessToken::new(&other).unwrap(),
                "{length} bytes, and byte {place} is another"
            );
            assert!(
                refresh != RefreshToken::new(&other).unwrap(),
                "{length} bytes, and byte {place} is another"
            );
        }
        let longer = format!("{text}a");
        assert!(
            access != AccessToken::new(&longer).unwrap() && refresh != RefreshToken::new(longer).unwrap()
        );
    }
}
