//! Sessions and their calls, in virtual time; their renewals; and the `Tokens` of both adapters.

mod begun_anew;
mod brought;
mod dead;
mod ending;
mod expiry;
mod failures;
mod headers;
mod kept;
mod kept_bounds;
mod kinds;
mod looking;
mod lookup;
mod made_anew;
mod observed;
mod owners;
mod parameters;
mod purposes;
mod recent;
mod record;
mod refusals;
mod refused;
mod rejections;
mod renewal;
mod shown;
mod texts;
mod tokens;
mod wanted_anew;

use tokens::{face, for_both, world};
