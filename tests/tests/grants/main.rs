//! DV, and TR-16: devices, token exchange and assertions.

mod assertions;
mod device_answers;
mod device_polling;
mod exchange;
