//! Keys of clients, made for these tests and used nowhere else, and what clients sign with them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const P256: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgarvxPOAIZoHa913zAuzm05di0Iar1ArAJfCXX7h6SDihRANCAASbrVOAnX8jmRAlOy0FBJ5fI9C+N+d8967SEwpne+hLUzmBIOHssij6/NvN7YNC7lmRiw+K3PcCNGaPRyfwDyQb";
const OTHER_P256: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnLBIM2tWXvJ30xfnuqUmLcrQKzk7ZlA4wAj740OelTChRANCAARhW25ugiVW8wnC8uWw0gkAuOCsb+EWIpC6XTCd+3fAjoo1UxExd3Z/hNePqDvOXrlIYeyRpuWhJ/sH0opo0w19";
const ED25519: &str = "MC4CAQAwBQYDK2VwBCIEIKDtp3W7pM2z3T8NDsTKk2CUZqdSsUMexT8YfhVKiWjq";
const RSA: &str = "MIIEowIBAAKCAQEAp34TQBilft5mEdOhrkq/GLk3YlqmDTuFqmOkOf8739GlJmOKlE+adWWiJVWQk5B5doNjpC0aGgYl2gY0zZgAb8rJEAxYRvK5lcDBuTlyGiNWKYw5mMoqkU1IV2sJy7ZOho991OPtYwAT6diJyzdDrPRW+GIVjcLxgaXJ4JAK1LLFX5O87RHbuIUe5voszIIAqde4iN7uJIxIEVc8rjwNOUDaolYByqUPiKvdqQ1/8msJMUiBUtddouG34iF/Go/FVnC6F8JJ6m5tkPAuoKTDFRSNZZweiO+Kn4oZN1lc2ztHSB5ZTskiyVt8kaG5tuFRi8z+XFBxlzEYu+9BXlPOjQIDAQABAoIBABCrEUtdqIqZo1q+zuZDdgUF2acmEkRa2hB83gkPh2vctyy81zuvOFXaiWphu4OT6yKKLM5X1rMkTXwHBhY3vENj0OKR9+8HlMR8bEr8lohXX+m+lLTJ2bagFETu2Ai32dS2TvVywVsK1PB+pifdFhUOM+GAEVkMP3CBiTeZ3hoQjwnMT49BVV3VKYLO04vznnCZrgEVwvVHNErN6Qon9SQZoNm89abTQfhCRG2FFDcJ7hj922d8N7aCK34PcgEiUxUl9IXbv6u3lo/N6BPWIFm9hyE4FrujSVVIDs8hn+8af6uCr9QfSQ5QwGy3L2gI0Pua8k2l6scDywcKD/JETNkCgYEA4bJXX6ugUoQh/zpBxQA8L7fYBVQs4+LHAj89xgZC4yKQGoX65oPfYQIjl1SPWSGqrX/X/MKgSelp26jUwoBfr6/ElvEWmcQYIScZRz30myFfO/p7mV+uZtGZivkTAYjoUcOhRPOOzsTKJ6MsbAP+C6JVzMqhRKJjSXOGda1hKY8CgYEAvfsjCGkNf4DAGQDIzHzICcX0IuLna7etMGOO/Ul+kcoeiiANkasQYsnhCQbzXifidm04w8jUvlzWsUX7AxNiZZad8OqGuz1eI00q1CmHj/lxnSUh72McXLJ8wmbD/8IEgPB+1SEXbSeWe+PgJFupYEXJ3IbDfcc/36hMQpxy4CMCgYBIZGjMIgOplAJHmEsSQlILyD887lP7wHiuytQomUeJDUQFjeX9XF0hA4ug9ZmJMFhLkE8aHt9E9d5je5LK1FxcwNcgxzHFnnVS5PShukikHZ8rYNuWRW9uQVqrjdq/ykciOsqWkDzFK6/f6OHNv7YTyz0UFAaIOkH4hFqjkjoxFwKBgCbhElZSSXTigG2df3p5vuZhIIlTLlEZEdRpS4YCWGi1mHJkBOLew0e0UN1sEroeJ3Zc+9T1cLRUg4tb6vbCLMzlegUnudLvyCgpTq6EoT2RqvKh+sPm4JMH5AhUx5+7sPhCP3KWhxjLlTxdci1+pLcTETCUU8WV1TiMVK79HXVJAoGBAIfNE0P+HeHtvV86QbO80obbWMwJB5sGklLrLhl0XxX5eLvrqguNZdAaG1hD8GnPg4HWHaf9qwXC8KDcGat3GxzCYZnD2AjqFbo/2lw/rPkzGGQLPVt2gVVnKIpDkOKesmk3pLvEvVBCbH5NQw0ngngMkUNNtEkh888RcN7olEZY";
const RSA_1024: &str = "MIICXgIBAAKBgQC9Qcmk2YqYdZVvHvR6+Kb1PjkvKGXRYrLVS1rfH/AAG9y+hY/mFLZeCki4uxrqEFK7aURA2r89t9eMNwG7XxhdAqGKa1jcQeuN1hrvY7Xw+XIJnshESL99kqwnrgprskIISZVz+Y0AFeKRnsljNe+BFa3UlTYh7PW4+vFVoBY9JwIDAQABAoGBALEP1Zl3NWWBzLbTnSNXcsxK1LE7+FY3ItzOzUum06EmcBWHW6OEiUHeGT9LPdjyQJS53XNXtEgHsY+q/uHQDDeI2oR2VEYEh1nxeZDsIEP836lbmoYRpbjW8j7af4GW5u0uvrNuVD0x6SOuoZOt9sWh0+UiV87tKi96WljuYdsBAkEA++VfagUoB9YoXsweTg/6jCDgXJfUmfbDOTxM42Ah0LXl+6fSwnt4RFPOdukcAc7AsxtblU4WI8hQwI6Ds/uRZwJBAMBXJ8UgHQnanZG/Wq0lTFtZKxT/PJovM+VWAsVCzQ6DMLf6w6gNMtofs/NWjX/sVDo3Y+OAqX0RECDkjkOJ3kECQE7EKbLQS/UvXU5PS4ajbngU67Nocr12MRObrHtJGynVR0YK81eHHlNXVW9Pc0eJbC5VdqzYTwn/YGjl538HQi8CQQCuXhTS03Mf3M3eNICq2VZoteSlq2IwUTyV2yy10gJ99pbzI2W+8wA32GfV4ZBz+Ta+dDqdI6YDmLVrbGhAeDtBAkEAuYy6ykXl1a3Jl5iB4dsWH6HcxH0ztIuoM65jw4JQOIaQa4TT49lK+lpHvHuQ+jAFBjgfmsHi0grPFVWtdASHFw==";

/// A key pair and the algorithm that it is used with.
pub(crate) struct Key {
    pub(crate) algorithm: Algorithm,
    key: EncodingKey,
}

impl Key {
    pub(crate) fn es256() -> Self {
        Self { algorithm: Algorithm::ES256, key: EncodingKey::from_ec_der(&STANDARD.decode(P256).unwrap()) }
    }

    pub(crate) fn other() -> Self {
        let key = EncodingKey::from_ec_der(&STANDARD.decode(OTHER_P256).unwrap());
        Self { algorithm: Algorithm::ES256, key }
    }

    pub(crate) fn eddsa() -> Self {
        Self {
            algorithm: Algorithm::EdDSA,
            key: EncodingKey::from_ed_der(&STANDARD.decode(ED25519).unwrap()),
        }
    }

    pub(crate) fn rsa(algorithm: Algorithm) -> Self {
        Self { algorithm, key: EncodingKey::from_rsa_der(&STANDARD.decode(RSA).unwrap()) }
    }

    /// An RSA key that is too short to be trusted.
    pub(crate) fn short() -> Self {
        let key = EncodingKey::from_rsa_der(&STANDARD.decode(RSA_1024).unwrap());
        Self { algorithm: Algorithm::RS256, key }
    }

    pub(crate) fn secret(secret: &str) -> Self {
        Self { algorithm: Algorithm::HS256, key: EncodingKey::from_secret(secret.as_bytes()) }
    }

    fn jwk(&self) -> Jwk {
        Jwk::from_encoding_key(&self.key, self.algorithm).unwrap()
    }

    /// The public half, as it is registered.
    pub(crate) fn public(&self) -> Value {
        serde_json::to_value(self.jwk()).unwrap()
    }

    pub(crate) fn thumbprint(&self) -> String {
        self.jwk().thumbprint(ThumbprintHash::SHA256).unwrap()
    }

    /// A token whose header is changed before it is signed.
    pub(crate) fn sign(&self, typ: &str, claims: &Value, change: impl FnOnce(&mut Header)) -> String {
        let mut header = Header::new(self.algorithm);
        header.typ = Some(typ.to_owned());
        change(&mut header);
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }

    /// A proof of possession with these claims.
    pub(crate) fn proof(&self, claims: &Value) -> String {
        self.sign("dpop+jwt", claims, |header| header.jwk = Some(self.jwk()))
    }
}

pub(crate) fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}
