//! Sessions and their calls, in virtual time; their renewals; and the `Tokens` of both adapters.

mod dead;
mod ending;
mod expiry;
mod failures;
mod headers;
mod kept;
mod kinds;
mod looking;
mod lookup;
mod made_anew;
mod observed;
mod owners;
mod parameters;
mod recent;
mod refusals;
mod refused;
mod renewal;
mod texts;
mod tokens;

use tokens::{face, for_both, world};
