//! Every attack on every method, played at this moment and not written down: [`AttackTable`].

use valetkey_core::UnixTime;

use super::{Attack, Method, Organisation, Run, Trial, Verdict, demo_setup};

/// What became of each attack on each method.
pub struct AttackTable(Vec<(Attack, Vec<(Method, Verdict)>)>);

impl AttackTable {
    /// Plays them all, each in a sandbox of its own and without a socket.
    #[must_use]
    pub fn play(now: UnixTime) -> Self {
        let row = |attack| {
            let verdicts = Method::ALL.iter().map(|method| (*method, play(*method, attack, now)));
            (attack, verdicts.collect())
        };
        Self(Attack::all().map(row).collect())
    }

    /// An attack a row, with what came of it on each method.
    pub fn rows(&self) -> impl Iterator<Item = (Attack, &[(Method, Verdict)])> {
        self.0.iter().map(|(attack, verdicts)| (*attack, verdicts.as_slice()))
    }
}

fn play(method: Method, attack: Attack, now: UnixTime) -> Verdict {
    let url = "http://127.0.0.1:1";
    let organisation = Organisation::standard();
    let mut sandbox = organisation.sandbox([7; 32], url);
    let setup = demo_setup(method, &organisation, &mut sandbox, url, "http://127.0.0.1:2/callback");
    match Run::begin(setup, [8; 32], now) {
        Ok(run) => Trial::new(run, Some(attack), Some(&mut sandbox)).drive(&mut sandbox, now),
        Err(error) => error.rule().map_or(Verdict::Refused(error.to_string()), Verdict::Caught),
    }
}
