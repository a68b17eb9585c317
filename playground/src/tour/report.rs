//! What the tour shows: a table for people, objects for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::Failed;
use super::example::Seen;

/// What of a row is known before it is run.
pub(crate) struct Planned {
    pub(crate) method: &'static str,
    pub(crate) subject: String,
    pub(crate) advice: &'static str,
    /// Whom the API must name as the author; anybody if not said.
    pub(crate) author: Option<&'static str>,
}

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
        planned: Planned,
        adapter: &'static str,
        requests: usize,
        outcome: Result<Seen, Failed>,
    ) -> Self {
        let row = Self {
            method: planned.method,
            adapter,
            subject: planned.subject,
            requests,
            api_status: None,
            ok: false,
            advice: planned.advice,
            told: String::new(),
        };
        match outcome {
            Ok(seen) => Self {
                api_status: seen.status,
                ok: seen.status.is_none_or(|status| (200..300).contains(&status))
                    && planned.author.is_none_or(|author| seen.author.as_deref() == Some(author)),
                told: match (seen.status, seen.author) {
                    (None, _) => "no API is known".to_owned(),
                    (_, None) => "names no author".to_owned(),
                    (_, Some(author)) => format!("by {author}"),
                },
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

/// The table of what was run, under its title.
pub(crate) fn table(title: &str, rows: &[Row], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{title}\n")?;
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
    columns(&[head].into_iter().chain(body).collect::<Vec<_>>(), out)?;
    let failed = rows.iter().filter(|row| !row.ok).count();
    let called = rows.iter().filter(|row| row.api_status.is_some()).count();
    match failed {
        0 if called == rows.len() => {
            writeln!(out, "\nAll {called} runs got a token and called the API with it.")
        }
        0 => writeln!(out, "\nAll {} runs got a token, and {called} called an API with it.", rows.len()),
        failed => writeln!(out, "\n{failed} of {} runs failed.", rows.len()),
    }
}

/// Columns as wide as they need to be.
pub(crate) fn columns<const N: usize>(lines: &[[String; N]], out: &mut impl Write) -> io::Result<()> {
    for line in lines {
        for (column, cell) in line.iter().enumerate() {
            let width =
                lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max();
            write!(out, "{cell:<width$}  ", width = width.unwrap_or_default())?;
        }
        writeln!(out)?;
    }
    Ok(())
}
