//! The form of a JWT that another authority wrote, which is handed on unread.

/// The longest assertion, in bytes.
pub(crate) const MAX_ASSERTION: usize = 256 * 1024;

/// Whether this is a signed or encrypted JWT in compact form: three or five parts of base64url (RFC 7515 §7.1, RFC 7516 §7.1).
pub(crate) fn is_jwt(text: &str) -> bool {
    if text.len() > MAX_ASSERTION {
        return false;
    }
    // Counted before it is split: a million dots make no list.
    let dots = text.bytes().filter(|byte| *byte == b'.').count();
    let is_base64url =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let mut parts = text.split('.');
    let has_header = parts.next().is_some_and(|header| !header.is_empty());
    matches!(dots, 2 | 4) && has_header && text.split('.').all(is_base64url)
}
