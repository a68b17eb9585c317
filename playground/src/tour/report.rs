//! What the tour shows: a table for people, objects for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::Failed;
use super::method::{Method, Seen};

/// One method through one adapter.
#[derive(Serialize)]
pub(crate) struct Row {
    method: &'static str,
    adapter: &'static str,
    subject: String,
    requests: usize,
    api_status: Option<u16>,
    pub(crate) ok: bool,
    #[serde(skip)]
    advice: &'static str,
    #[serde(skip)]
    told: String,
}

impl Row {
    pub(crate) fn new(
        method: Method,
        adapter: &'static str,
        requests: usize,
        outcome: Result<Seen, Failed>,
    ) -> Self {
        let row = Self {
            method: method.name(),
            adapter,
            subject: method.subject().to_string(),
            requests,
            api_status: None,
            ok: false,
            advice: method.advice(),
            told: String::new(),
        };
        match outcome {
            Ok(seen) => Self {
                api_status: Some(seen.status),
                ok: seen.status == 200 && seen.author.as_deref() == Some(method.author()),
                told: seen
                    .author
                    .map_or_else(|| "names no author".to_owned(), |author| format!("by {author}")),
                ..row
            },
            Err(failed) => Self { told: failed.to_string(), ..row },
        }
    }
}

/// One object a line.
pub(crate) fn json(rows: &[Row], out: &mut impl Write) -> io::Result<()> {
    for row in rows {
        serde_json::to_writer(&mut *out, row)?;
        writeln!(out)?;
    }
    Ok(())
}

/// Columns as wide as they need to be.
pub(crate) fn table(url: &str, rows: &[Row], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Every authorization method of JetBrains Space, against the sandbox at {url}\n")?;
    let head =
        ["METHOD", "ADAPTER", "ON BEHALF OF", "ADVICE", "REQUESTS", "API", "AUTHOR", ""].map(str::to_owned);
    let body = rows.iter().map(|row| {
        [
            row.method.to_owned(),
            row.adapter.to_owned(),
            row.subject.clone(),
            row.advice.to_owned(),
            row.requests.to_string(),
            row.api_status.map_or_else(|| "–".to_owned(), |status| status.to_string()),
            row.told.clone(),
            if row.ok { "ok" } else { "FAILED" }.to_owned(),
        ]
    });
    let lines: Vec<[String; 8]> = [head].into_iter().chain(body).collect();
    for line in &lines {
        for (column, cell) in line.iter().enumerate() {
            let width =
                lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max();
            write!(out, "{cell:<width$}  ", width = width.unwrap_or_default())?;
        }
        writeln!(out)?;
    }
    let failed = rows.iter().filter(|row| !row.ok).count();
    match failed {
        0 => writeln!(out, "\nAll {} runs got a token and called the API with it.", rows.len()),
        failed => writeln!(out, "\n{failed} of {} runs failed.", rows.len()),
    }
}
