//! The report as one HTML page that needs nothing else.

mod head;
mod inside;
mod learning;
mod mistakes;
mod run;

use super::contents::Contents;
use super::picture::Picture;
use anyhow::Result;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use xtask::progress::percent;

/// The whole page.
pub(super) fn page(contents: &Contents) -> Result<String> {
    let accuracy = percent(contents.record.test_accuracy);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (contents.title) " on MNIST: " (accuracy) " of the test images read right" }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                main {
                    (head::head(contents))
                    h2 { "How it learned" }
                    (learning::learning(contents))
                    h2 { "What it reads wrong" }
                    (mistakes::classes(contents))
                    (mistakes::mistakes(contents)?)
                    h2 { "What it looks for" }
                    (inside::inside(contents)?)
                    h2 { "The run" }
                    (run::run(contents))
                    h2 { "To repeat it" }
                    (run::command(contents))
                    footer {
                        "Made by Sporelet " (contents.version) ". Every picture is also a file, in "
                        "the folder " code { "report" } " of the run."
                    }
                }
            }
        }
    };
    Ok(page.into_string())
}

/// A card with a chart, which was escaped when it was drawn.
fn plot(svg: &str, class: &str) -> Markup {
    html! { div class={ "card plot " (class) } { (PreEscaped(svg)) } }
}

/// A picture within the page itself.
fn image(picture: &Picture, what: &str) -> Result<Markup> {
    let [width, height] = picture.size();
    Ok(html! { img src=(picture.to_data_uri()?) alt=(what) width=(width) height=(height); })
}

/// A table's head and its rows.
fn table(names: &[&str], rows: impl Iterator<Item = Markup>) -> Markup {
    html! {
        div.scroll {
            table {
                thead { tr { @for name in names { th { (name) } } } }
                tbody { @for row in rows { tr { (row) } } }
            }
        }
    }
}

/// `6×28×28`.
pub(super) fn shape(sizes: &[usize]) -> String {
    sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join("×")
}
