//! The run: settings, machine, times, layers, and how to repeat it.

use super::{Contents, plot, shape, table};
use maud::{Markup, html};
use serde_json::{Map, Value};
use xtask::output::thousands;

const COLUMNS: [&str; 5] = ["Layer", "Kind", "Output", "Parameters", "Multiply-adds"];

pub(super) fn run(contents: &Contents) -> Markup {
    let record = &contents.record;
    let layers = contents.summary.rows.iter().map(|row| {
        html! {
            td { (row.path) }
            td { (row.kind) }
            td { (shape(row.output.get(1..).unwrap_or_default())) }
            td { (thousands(row.parameters)) }
            td { (thousands(row.multiply_adds)) }
        }
    });
    html! {
        div.cards {
            div.card { h3 { "Configuration" } (settings(&record.configuration)) }
            div.card { h3 { "Environment" } (settings(&record.environment)) }
            (plot(&contents.phases, ""))
        }
        div.card.below { h3 { "Layers" } (table(&COLUMNS, layers)) }
    }
}

/// The command that repeats the run, and what to expect of it.
pub(super) fn command(contents: &Contents) -> Markup {
    let isa = contents.record.environment.get("isa").and_then(Value::as_str).unwrap_or("unknown");
    html! {
        div.card {
            // Lines break between options, not within them.
            pre { code {
                @for (i, part) in contents.command.split(" --").enumerate() {
                    @if i > 0 { " " } span { @if i > 0 { "--" } (part) }
                }
            } }
            p.last {
                "With one instruction set (here " (isa) "), the same weights come out, bit by bit, "
                "on any number of threads."
            }
        }
    }
}

/// Names and values of a JSON object.
fn settings(object: &Map<String, Value>) -> Markup {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(ToString::to_string).collect::<Vec<_>>().join("×"),
        other => other.to_string(),
    };
    html! {
        dl.settings {
            @for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
                dt { (named(name)) } dd { (text(value)) }
            }
        }
    }
}

/// The name of a setting in words.
fn named(name: &str) -> String {
    match name {
        "isa" => "instruction set".to_owned(),
        name => name.replace('_', " "),
    }
}
