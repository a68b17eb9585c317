//! Bounded, strict JSON ([TR-2](crate::Rule::Tr2)): one object in UTF-8, no member twice, limited size, depth and width.
//!
//! Longer than most files: it is one grammar, and what is refused of it is read beside what is taken.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::ground::error::{Error, malformed};
use crate::ground::limits::MAX_BODY;
use crate::ground::rule::Rule;

/// The most members one object may have. Duplicates are searched for linearly, so this bounds that too.
const MAX_MEMBERS: usize = 256;

/// The name under which `serde_json` hands over a number as an object of one member, where some crate of the program
/// switches its feature `arbitrary_precision` on. Cargo then builds it so for everybody.
const NUMBER: &str = "$serde_json::private::Number";
/// What such names begin with. There is another for texts that are to be read as JSON (feature `raw_value`).
const PRIVATE: &str = "$serde_json::private::";

/// Whether `serde_json`, as it is built for this program, takes an object of one of its own names for something else
/// when it reads one of its values.
static MISREADS: LazyLock<bool> = LazyLock::new(|| {
    let is_object = |json: &str| {
        serde_json::from_str(json).is_ok_and(|value: serde_json::Value| value.as_object().is_some())
    };
    !["Number", "RawValue"].iter().all(|name| is_object(&format!(r#"{{"{PRIVATE}{name}":"1"}}"#)))
});

/// A JSON value that borrows what it can from the body. The depth is bounded by `serde_json`, at 128.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Whole(u64),
    Negative(i64),
    Fraction(f64),
    Text(Cow<'a, str>),
    Array(Vec<Value<'a>>),
    Object(Object<'a>),
}

impl Value<'_> {
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }

    /// Whether it is the same value, to the letter. What is not kept to the letter is not the same, nor is an object.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Whole(one), Self::Whole(other)) => one == other,
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Array(one), Self::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is(other))
            }
            _ => false,
        }
    }

    /// Whether `serde_json` would take it, or something in it, for something else than it is.
    fn is_misread(&self) -> bool {
        match self {
            Self::Array(values) => values.iter().any(Self::is_misread),
            Self::Object(object) => object.is_misread(),
            _ => false,
        }
    }
}

/// The members of one object, in their order.
#[derive(Debug)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Object<'a> {
    /// Reads a body that must be exactly one object.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, Error> {
        Self::outer("the body is", body, None)
    }

    /// Reads the claims of what `is` names, which may have one of them twice, with one and the same value. It is taken once, and
    /// its name is handed back.
    pub(crate) fn read_repeating(is: &str, claims: &'a [u8]) -> Result<(Self, Option<Cow<'a, str>>), Error> {
        let mut repeated = None;
        let object = Self::outer(is, claims, Some(&mut repeated))?;
        Ok((object, repeated))
    }

    fn outer(is: &str, body: &'a [u8], repeated: Repeated<'_, 'a>) -> Result<Self, Error> {
        if body.len() > MAX_BODY {
            return Err(malformed(Rule::Tr2, format!("{is} larger than {MAX_BODY} bytes")));
        }
        // A member has hardly ever fewer bytes: most objects are not moved while they are read, and none takes a kilobyte at once.
        let room = (body.len() / 20).clamp(4, 18);
        whole(is, body, Members { room, repeated })
    }

    /// Whether it has no member, or none any more.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it has a member of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All members.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// A member of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(key, _)| is_same(key, name)).map(|(_, value)| value)
    }

    fn is_misread(&self) -> bool {
        *MISREADS && self.0.iter().any(|(name, value)| name.starts_with(PRIVATE) || value.is_misread())
    }

    /// Takes a member out of the object.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value<'a>> {
        let place = self.0.iter().position(|(key, _)| is_same(key, name))?;
        Some(self.0.swap_remove(place).1)
    }
}

/// Whether two names are the same. Most names are told apart by their lengths or their first letters, which costs less than to
/// compare them whole.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.as_bytes().first() == other.as_bytes().first() && one == other
}

/// These members of a body that must be exactly one object. The others are held to the same, and not kept: an object that has
/// none takes no memory.
pub(crate) fn only<'a, const N: usize>(
    body: &'a [u8],
    names: &[&str; N],
) -> Result<[Option<Value<'a>>; N], Error> {
    struct Only<'n, const N: usize>(&'n [&'n str; N]);

    impl<'de, const N: usize> Visitor<'de> for Only<'_, N> {
        type Value = [Option<Value<'de>>; N];

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let (mut found, mut others) = ([const { None }; N], Vec::new());
            while let Some(Text(name)) = map.next_key()? {
                let value = map.next_value()?;
                let place = self.0.iter().position(|known| is_same(known, &name));
                let is_first = match place.and_then(|place| found.get_mut(place)) {
                    Some(known) => known.replace(value).is_none(),
                    None if others.len() == MAX_MEMBERS || others.contains(&name) => false,
                    None => {
                        others.push(name);
                        true
                    }
                };
                if !is_first {
                    return Err(de::Error::custom("duplicate member, or too many"));
                }
            }
            Ok(found)
        }
    }

    whole("the body is", body, Only(names))
}

/// What a visitor makes of a body that must be exactly one object.
fn whole<'de, V: Visitor<'de>>(is: &str, body: &'de [u8], visitor: V) -> Result<V::Value, Error> {
    // Whether it is UTF-8 is asked of the whole, and not of each text in it.
    let text = std::str::from_utf8(body)
        .map_err(|_| malformed(Rule::Tr2, format!("{is} not in UTF-8, as JSON must be")))?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let object = deserializer.deserialize_map(visitor).and_then(|object| deserializer.end().map(|()| object));
    // serde_json's message may quote the input, which may hold a token: only the place is told.
    object.map_err(|error| {
        let place = format!("(line {}, column {})", error.line(), error.column());
        let what = match twice(text) {
            Some(name) => format!("{is} not one strict JSON object: `{name}` is there twice {place}"),
            None => format!("{is} not one strict JSON object {place}"),
        };
        malformed(Rule::Tr2, what)
    })
}

/// The name of a member that the body's object has twice, if it is one that may be shown: for the person who reads the error.
fn twice(body: &str) -> Option<String> {
    struct Names<'f>(&'f mut Option<String>);

    impl<'de> Visitor<'de> for Names<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            let mut known = Vec::new();
            while let (Some(Text(name)), true) = (map.next_key()?, known.len() < MAX_MEMBERS) {
                map.next_value::<IgnoredAny>()?;
                if known.contains(&name) {
                    *self.0 = Some(name.into_owned());
                    break;
                }
                known.push(name);
            }
            Ok(())
        }
    }

    let mut found = None;
    // It ends in an error, as it did before.
    let _ = serde_json::Deserializer::from_str(body).deserialize_map(Names(&mut found));
    found.filter(|name| TOLD.contains(&name.as_str()))
}

/// The names that are told. A server may echo a secret in the place of a name, so no other is.
const TOLD: [&str; 40] = [
    "access_token",
    "active",
    "aud",
    "authorization_details",
    "authorization_endpoint",
    "azp",
    "client_id",
    "code",
    "device_code",
    "device_authorization_endpoint",
    "error",
    "error_description",
    "error_uri",
    "exp",
    "expires_in",
    "iat",
    "id_token",
    "interval",
    "introspection_endpoint",
    "iss",
    "issued_token_type",
    "issuer",
    "jti",
    "jwks_uri",
    "keys",
    "kid",
    "nbf",
    "nonce",
    "pushed_authorization_request_endpoint",
    "refresh_token",
    "request_uri",
    "response_types_supported",
    "revocation_endpoint",
    "scope",
    "state",
    "sub",
    "token_endpoint",
    "token_type",
    "user_code",
    "verification_uri",
];

/// Whether a member's name may be shown: one that is no token, and controls no terminal.
pub(crate) fn is_plain(name: &str) -> bool {
    const LONGEST: usize = 32;
    name.len() <= LONGEST && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// What some servers write before the text (RFC 8259 §8.1).
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The body without a byte order mark.
pub(crate) fn unmarked(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
}

/// A body that must be exactly one strict object, as a type of ours or as `serde_json`'s own. What a member is refused for,
/// its type says.
pub(crate) fn read<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, Error> {
    if Object::read(body)?.is_misread() {
        return Err(misread());
    }
    serde_json::from_slice(body).map_err(|_| malformed(Rule::Tr2, "the object is not of its documented form"))
}

/// One member of a body that [`Object::read`] has checked before, as a type of the caller's.
pub(crate) fn member<'de, T: Deserialize<'de>>(body: &'de [u8], name: &str) -> Result<Option<T>, Error> {
    let body = unmarked(body);
    // The caller's type may be, or hold, one of `serde_json`'s values.
    if *MISREADS && Object::read(body)?.take(name).is_some_and(|value| value.is_misread()) {
        return Err(misread());
    }

    struct Named<'n, T>(&'n str, std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Named<'_, T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<T>, A::Error> {
            let mut found = None;
            while let Some(Text(key)) = map.next_key()? {
                if key == self.0 {
                    found = Some(map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(found)
        }
    }

    serde_json::Deserializer::from_slice(body)
        .deserialize_map(Named(name, std::marker::PhantomData))
        .map_err(|_| of_another_type())
}

/// Whether [`member`] has to look at a value before a type of the caller's may.
pub(crate) fn misreads() -> bool {
    *MISREADS
}

pub(crate) fn of_another_type() -> Error {
    malformed(Rule::Tr2, "a member of the answer is not of the type that was asked for")
}

fn misread() -> Error {
    malformed(Rule::Tr2, "a member has a name that this program's JSON library keeps for itself")
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members { room: 12, repeated: None })
    }
}

/// Where the name is put of a member that may be there twice with one value; `None` where none may.
type Repeated<'r, 'de> = Option<&'r mut Option<Cow<'de, str>>>;

/// The members of an object, with room for so many at first.
struct Members<'r, 'de> {
    room: usize,
    repeated: Repeated<'r, 'de>,
}

impl<'de> Visitor<'de> for Members<'_, 'de> {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<'de>, A::Error> {
        members(map, Vec::with_capacity(self.room), self.repeated)
    }
}

fn members<'de, A: MapAccess<'de>>(
    mut map: A,
    mut members: Vec<(Cow<'de, str>, Value<'de>)>,
    mut repeated: Repeated<'_, 'de>,
) -> Result<Object<'de>, A::Error> {
    while let Some(Text(key)) = map.next_key()? {
        if members.len() == MAX_MEMBERS {
            return Err(de::Error::custom("too many members"));
        }
        if let Some((_, first)) = members.iter().find(|(known, _)| is_same(known, &key)) {
            match repeated.as_deref_mut() {
                Some(repeated) if first.is(&map.next_value()?) => *repeated = Some(key),
                _ => return Err(de::Error::custom("duplicate member")),
            }
            continue;
        }
        members.push((key, map.next_value()?));
    }
    Ok(Object(members))
}

/// A string, borrowed unless it had escapes. Transparent, because the name of a number is not handed over as a structure.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Read::deserialize(deserializer)? {
            Read::Value(value) => Ok(value),
            Read::Digits(_) => Err(de::Error::custom("a number outside of its object")),
        }
    }
}

/// What a visitor is shown in the place of one value.
enum Read<'a> {
    Value(Value<'a>),
    /// The text of a number under `arbitrary_precision`.
    ///
    /// It comes as the value of an object under the name [`NUMBER`], and so may a text that a server writes. What tells
    /// them apart: `serde_json` has made the number's text itself and hands over a `String`; a text of the body is borrowed
    /// from it, or from a buffer if it has escapes. Should this change, numbers are refused, and a test says so.
    Digits(String),
}

impl<'de: 'a, 'a> Deserialize<'de> for Read<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Read<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Read<'de>, E> {
                Ok(Read::Value(Value::Null))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Read<'de>, E> {
                Ok(Read::Value(Value::Bool(value)))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Read<'de>, E> {
                Ok(Read::Value(Value::Whole(number)))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Read<'de>, E> {
                Ok(Read::Value(u64::try_from(number).map_or(Value::Negative(number), Value::Whole)))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Read<'de>, E> {
                Ok(Read::Value(Value::Fraction(number)))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Read<'de>, E> {
                Ok(Read::Value(Value::Text(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Read<'de>, E> {
                Ok(Read::Value(Value::Text(Cow::Owned(text.to_owned()))))
            }

            fn visit_string<E>(self, digits: String) -> Result<Read<'de>, E> {
                Ok(Read::Digits(digits))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Read<'de>, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = array.next_element()? {
                    values.push(value);
                }
                Ok(Read::Value(Value::Array(values)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read<'de>, A::Error> {
                // No room beforehand: a body may hold a great many of `{}`.
                let mut first = Vec::new();
                if let Some(Text(name)) = map.next_key()? {
                    match map.next_value()? {
                        Read::Digits(digits) if name == NUMBER => {
                            let number = number_of(&digits).map(Read::Value);
                            return number.ok_or_else(|| de::Error::custom("number out of range"));
                        }
                        Read::Digits(_) => return Err(de::Error::custom("a number under another name")),
                        Read::Value(value) => first.push((name, value)),
                    }
                }
                // Checked as strictly as the outer object.
                Ok(Read::Value(Value::Object(members(map, first, None)?)))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

fn number_of<'a>(text: &str) -> Option<Value<'a>> {
    if let Ok(whole) = text.parse() {
        return Some(Value::Whole(whole));
    }
    if let Some(negative) = text.parse().ok().filter(|number| *number < 0) {
        return Some(Value::Negative(negative));
    }
    fraction_of(text).map(Value::Fraction)
}

/// A JSON number with a point or an exponent, or beyond integers. `None` if it is beyond all, or none. With at most 15 digits,
/// and an exponent of at most 22, it is the nearest one that there is; elsewhere a few places beside it, where `serde_json` is
/// too, when it hands numbers over as such.
///
/// Not by `parse`, whose tables are 16 KB of every program that reads an answer, for the few whose `serde_json` keeps digits.
fn fraction_of(text: &str) -> Option<f64> {
    const MOST: i32 = 300;
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
        return None;
    }
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let beyond = if exponent.starts_with('-') { i32::MIN } else { i32::MAX };
    let mut scale: i32 = exponent.parse().unwrap_or(beyond);
    let (mut whole, mut is_full, mut is_after_point) = (0_u64, false, false);
    for byte in digits.bytes() {
        let digit = match byte {
            b'0'..=b'9' => u64::from(byte - b'0'),
            _ => {
                is_after_point |= byte == b'.';
                continue;
            }
        };
        match whole.checked_mul(10).and_then(|more| more.checked_add(digit)).filter(|_| !is_full) {
            Some(more) => whole = more,
            // What comes after twenty digits says only how large it is.
            None => is_full = true,
        }
        scale = scale.saturating_add(i32::from(is_full) - i32::from(is_after_point));
    }
    #[expect(clippy::cast_precision_loss, reason = "a fraction is the nearest one that there is")]
    let mut number = whole as f64;
    // Ten to the 22nd is exact, so that a number of 15 digits before that is rounded once. Three steps reach beyond all numbers.
    for _ in 0..3 {
        let step = scale.clamp(-MOST, MOST);
        number = if step < 0 { number / 10_f64.powi(-step) } else { number * 10_f64.powi(step) };
        scale = scale.saturating_sub(step);
    }
    number.is_finite().then_some(if text.starts_with('-') { -number } else { number })
}
