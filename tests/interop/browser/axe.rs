//! axe-core (Deque Systems), in the page that a browser is at: what it finds.

use serde_json::Value;

use crate::chromium::Visit;

/// The violations of a page that are serious or critical, each with its rule and the elements; nothing if all is well.
pub(crate) async fn violations(visit: &Visit) -> Vec<String> {
    let script = std::env::var_os("AXE").expect("AXE is the path of axe.min.js, as the script says");
    let script = std::fs::read_to_string(script).unwrap();
    // The driver runs it beside the page's own scripts, so that no page's policy stops it.
    visit.client.execute(&script, Vec::new()).await.unwrap();
    let run = "
        const done = arguments[arguments.length - 1];
        axe.run(document, { preload: false, resultTypes: ['violations'] }).then(
            (results) => done({ passes: results.passes.length, violations: results.violations }),
            (error) => done({ error: String(error) }));";
    let found = visit.client.execute_async(run, Vec::new()).await.unwrap();
    // A page of which it looked at nothing would be well too.
    assert!(found["passes"].as_u64() > Some(0), "axe has looked at nothing: {}", found["error"]);
    let violations = found["violations"].as_array().unwrap();
    let bad = violations.iter().filter(|it| it["impact"] == "serious" || it["impact"] == "critical");
    bad.map(|violation| {
        let nodes = violation["nodes"].as_array().unwrap();
        let nodes: Vec<&str> = nodes.iter().filter_map(|node| node["html"].as_str()).collect();
        format!("{} ({}): {}", text(violation, "id"), text(violation, "impact"), nodes.join(" "))
    })
    .collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
