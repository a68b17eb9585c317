//! The key that tokens are bound to: [`Key`], which WebCrypto has and which signs later.

use std::sync::Arc;
use std::time::Duration;

use js_sys::Uint8Array;
use valetkey_core::jose::{Algorithm, DeferredSigner, Jwk, Signer, SignerError};
use wasm_bindgen::prelude::*;

use crate::failed::Failed;

#[wasm_bindgen(module = "/src/key.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = keyPair)]
    async fn key_pair() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = publicJwk)]
    async fn public_jwk(pair: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn sign(pair: &JsValue, message: Uint8Array) -> Result<JsValue, JsValue>;
}

/// A handle of the browser's key, and what stands for it in core.
///
/// A flow asks its signer and may not await. So a [`DeferredSigner`] notes what is wanted, the flow says
/// [`Step::Wait`](valetkey_core::Step::Wait), and the host, which may await, has it signed.
pub(crate) struct Key {
    pair: JsValue,
    signer: Arc<DeferredSigner>,
}

impl Key {
    /// The one that this page's origin has, made at the first login.
    pub(crate) async fn of_this_origin() -> Result<Self, Failed> {
        let pair = key_pair().await?;
        let public = public_jwk(&pair).await?.as_string().unwrap_or_default();
        let public = Jwk::parse(public.as_bytes())?;
        let signer = DeferredSigner::new(Algorithm::Es256, Some(public), Duration::from_millis(20));
        Ok(Self { pair, signer: Arc::new(signer) })
    }

    pub(crate) fn signer(&self) -> Arc<dyn Signer> {
        Arc::clone(&self.signer) as Arc<dyn Signer>
    }

    /// Signs what flows are waiting for; whether there was anything.
    pub(crate) async fn sign_wanted(&self) -> bool {
        let wanted = self.signer.wanted();
        for message in &wanted {
            let signature = sign(&self.pair, Uint8Array::from(message.as_slice())).await;
            let signature = signature.map(|signature| Uint8Array::new(&signature).to_vec());
            self.signer.fulfil(message, signature.map_err(|_| SignerError::new("WebCrypto does not sign")));
        }
        !wanted.is_empty()
    }
}
