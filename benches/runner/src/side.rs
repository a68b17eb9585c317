//! What a program says of its sides.

use std::path::{Path, PathBuf};
use std::process::Command;

use bench_inputs::{Job, Probe};

use crate::Outcome;

/// One side.
pub(crate) struct Side {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) bears_load: bool,
    jobs: Vec<(Job, String)>,
    probes: Vec<(String, String)>,
}

impl Side {
    /// The sides of a program, each of whose jobs has passed its check.
    pub(crate) fn of_program(program: &Path) -> Outcome<Vec<Self>> {
        let output = Command::new(program).arg("describe").output()?;
        if !output.status.success() {
            let what = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(format!("{} does a job wrongly: {what}", program.display()).into());
        }
        let mut sides: Vec<Self> = Vec::new();
        for line in String::from_utf8(output.stdout)?.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            match (fields.as_slice(), sides.last_mut()) {
                (["side", name], _) => sides.push(Self {
                    name: (*name).to_owned(),
                    program: program.to_owned(),
                    bears_load: false,
                    jobs: Vec::new(),
                    probes: Vec::new(),
                }),
                (["job", id, leaves_out], Some(side)) => {
                    side.jobs.extend(Job::of(id).map(|job| (job, (*leaves_out).to_owned())));
                }
                (["probe", id, verdict], Some(side)) => {
                    side.probes.push(((*id).to_owned(), (*verdict).to_owned()));
                }
                (["load"], Some(side)) => side.bears_load = true,
                _ => {}
            }
        }
        Ok(sides)
    }

    /// What it leaves out of a job that it does.
    pub(crate) fn leaves_out(&self, job: Job) -> Option<&str> {
        self.jobs.iter().find(|(other, _)| *other == job).map(|(_, what)| what.as_str())
    }

    /// What it did with wrong input.
    pub(crate) fn verdict(&self, probe: Probe) -> Option<&str> {
        self.probes.iter().find(|(id, _)| id == probe.id()).map(|(_, verdict)| verdict.as_str())
    }

    pub(crate) fn has_probes(&self) -> bool {
        !self.probes.is_empty()
    }

    /// Whether it is ours.
    pub(crate) fn is_ours(&self) -> bool {
        is_ours(&self.name)
    }
}

/// Whether a side of this name is ours.
pub(crate) fn is_ours(name: &str) -> bool {
    name.starts_with("valetkey")
}
