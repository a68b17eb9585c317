//! A program says that its credential is no good, or wants a new one though the one it has is good, while everything else goes on.

use fastrand::Rng;
use valetkey_core::session::AwaitedCredential;

use super::{Event, FAULTS, World};
use crate::simulator::Protection;
use crate::simulator::process::Wanting;

impl World {
    /// In half of the schedules, up to eight refusals and forced renewals, many of them in all processes at once. They are drawn
    /// by themselves, so that the other schedules are what they would be without.
    pub(super) fn plan_refusals(&mut self, seed: u64) {
        let mut rng = Rng::with_seed(seed.rotate_left(32) ^ 0x5EED);
        if rng.bool() {
            return;
        }
        for _ in 0..rng.u8(1..=8) {
            let time = rng.u64(..FAULTS);
            let one = rng.usize(..self.processes.len());
            let everywhere = rng.bool();
            let is_forced = rng.bool();
            for process in 0..self.processes.len() {
                if everywhere || process == one {
                    let soon = rng.u64(..50);
                    let event = if is_forced { Event::WantsNew(process) } else { Event::Refuses(process) };
                    self.after(time + soon, event);
                }
            }
        }
    }

    /// The program has found out that what it holds is no good. From then on this process must not hand it out again.
    pub(super) fn refuse(&mut self, process: usize) {
        let host = &mut self.processes[process];
        let clock = host.clock(self.now);
        let Some(session) = &host.session else { return };
        let Some(held) = session.credential().current() else { return };
        if self.without == Some(Protection::Refusal) || session.refuse(&held, clock) {
            host.refused.insert(held.access_token().expose().to_owned());
            self.ledger.fault("credential refused");
        }
    }

    pub(super) fn want_new(&mut self, process: usize) {
        let host = &mut self.processes[process];
        let Some(session) = &host.session else { return };
        self.ledger.fault("renewal forced");
        let held = session.credential().current();
        let held = held.map(|held| held.access_token().expose().to_owned());
        host.wanting.push(Wanting { awaited: AwaitedCredential::renewed(), held, asked: self.now });
        self.want_further(process);
    }

    /// Asks for all who want a new credential, and have none yet.
    pub(super) fn want_further(&mut self, process: usize) {
        for mut wanting in std::mem::take(&mut self.processes[process].wanting) {
            let host = &self.processes[process];
            let clock = host.clock(self.now);
            let Some(session) = &host.session else { return };
            match session.provide(&mut wanting.awaited, clock) {
                Err(error) => {
                    let error = Some(&error).filter(|error| !self.is_told_of_its_end(process, error));
                    self.ledger.told(wanting.asked, error, self.now);
                }
                Ok((_, renewal)) => {
                    if let Some(renewal) = renewal {
                        self.start_renewal(process, 0, renewal);
                    }
                    match wanting.awaited.take() {
                        None => self.processes[process].wanting.push(wanting),
                        Some(new) => {
                            let new = new.access_token().expose().to_owned();
                            self.hand_out(process, &new);
                            self.ledger.told(wanting.asked, None, self.now);
                            if wanting.held.as_ref() == Some(&new) {
                                self.ledger
                                    .violation(self.now, "a forced renewal gave what was held before it");
                            }
                        }
                    }
                }
            }
        }
    }

    /// A caller is given a credential.
    pub(super) fn hand_out(&mut self, process: usize, access_token: &str) {
        self.ledger.sees(access_token, self.processes[process].set_back_until, self.now);
        if self.processes[process].refused.contains(access_token) {
            self.ledger.violation(self.now, "a credential that was refused is handed out again");
        }
    }
}
