//! What the page is told if something fails: [`Failed`], one sentence.

use valetkey_core::host;
use wasm_bindgen::{JsCast as _, JsValue};

/// Core's errors name the rule that was broken, and never show a secret; so they may be shown.
pub struct Failed(String);

impl From<valetkey_core::Error> for Failed {
    fn from(error: valetkey_core::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<host::Error> for Failed {
    fn from(error: host::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<&str> for Failed {
    fn from(what: &str) -> Self {
        Self(what.to_owned())
    }
}

/// An exception of the browser's.
impl From<JsValue> for Failed {
    fn from(thrown: JsValue) -> Self {
        let message = thrown.dyn_ref::<js_sys::Error>().map(js_sys::Error::message);
        Self(message.map_or_else(|| "the browser does not say why".to_owned(), String::from))
    }
}

impl From<Failed> for JsValue {
    fn from(failed: Failed) -> Self {
        js_sys::Error::new(&failed.0).into()
    }
}
