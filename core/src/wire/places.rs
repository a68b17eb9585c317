//! Where the members of a JSON object stand in its text: [`Places`].
//!
//! Claims are checked at once and asked for later, one by one. To find one by reading the text again costs as much as the
//! check did; a parsed object would be a second copy of everything, which would have to be wiped too. So the places of the
//! names are kept, which say nothing by themselves.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

use crate::ground::error::Error;
use crate::wire::json::{self, Object};

/// Where the names of an object's members stand in the text that [`Object::read`] has read.
#[derive(Clone, Default)]
pub(crate) struct Places {
    /// Where each begins and ends, without its quotes.
    names: Box<[(u32, u32)]>,
    /// Whether another name is written with escapes, so that it stands nowhere as it is.
    has_others: bool,
}

impl Places {
    /// The places in this text, which the object was read from, and from which nothing was taken yet.
    pub(crate) fn of(object: &Object<'_>, text: &[u8]) -> Self {
        let mut names = Vec::with_capacity(object.members().size_hint().0);
        let mut has_others = false;
        for (name, _) in object.members() {
            match place(name, text) {
                Some(place) => names.push(place),
                None => has_others = true,
            }
        }
        Self { names: names.into_boxed_slice(), has_others }
    }

    /// A member as a type of the caller's, as [`json::member`] reads it.
    pub(crate) fn member<'de, T: Deserialize<'de>>(
        &self,
        text: &'de [u8],
        name: &str,
    ) -> Result<Option<T>, Error> {
        match self.after_name(text, name) {
            Some(value) if !json::misreads() => {
                let value = T::deserialize(&mut Deserializer::from_slice(value));
                value.map(Some).map_err(|_| json::of_another_type())
            }
            None if !self.has_others => Ok(None),
            _ => json::member(text, name),
        }
    }

    /// The text of a member's value, as it was written.
    pub(crate) fn text<'t>(&self, text: &'t [u8], name: &str) -> Result<Option<Cow<'t, [u8]>>, Error> {
        if let Some(value) = self.after_name(text, name) {
            let mut values = Deserializer::from_slice(value).into_iter::<IgnoredAny>();
            let is_value = values.next().is_some_and(|value| value.is_ok());
            return Ok(value.get(..values.byte_offset()).filter(|_| is_value).map(Cow::Borrowed));
        }
        if !self.has_others {
            return Ok(None);
        }
        let value: Option<Value> = json::member(text, name)?;
        Ok(value.map(|value| Cow::Owned(value.to_string().into_bytes())))
    }

    /// The text after the colon that follows a name, to the end of the object.
    fn after_name<'t>(&self, text: &'t [u8], name: &str) -> Option<&'t [u8]> {
        let is_it =
            |(from, to): &&(u32, u32)| text.get(*from as usize..*to as usize) == Some(name.as_bytes());
        let (_, end) = self.names.iter().find(is_it)?;
        text.get(*end as usize + 1..)?.trim_ascii_start().strip_prefix(b":")
    }
}

/// Where a name that was borrowed from this text stands in it.
fn place(name: &str, text: &[u8]) -> Option<(u32, u32)> {
    let from = name.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let to = from + name.len();
    // One that had escapes has memory of its own, beyond the text. After one that has not is its quote.
    let is_here = text.get(from..to) == Some(name.as_bytes()) && text.get(to) == Some(&b'"');
    is_here.then_some((u32::try_from(from).ok()?, u32::try_from(to).ok()?))
}
