//! The head of the page: what was trained, and the numbers that matter.

use super::Contents;
use maud::{Markup, html};
use xtask::output::{counted, thousands};
use xtask::progress::percent;

pub(super) fn head(contents: &Contents) -> Markup {
    let record = &contents.record;
    let wrong = thousands(contents.mistakes.len());
    let images = format!("of {}", thousands(contents.evaluation.images()));
    let seconds = format!("{:.1}", record.seconds);
    let speed = thousands(record.images_per_second() as usize);
    let parameters = thousands(contents.summary.parameters);
    html! {
        header {
            p.eyebrow { "Training report" }
            h1 { (contents.title) " on MNIST" }
            p.soft {
                (counted(record.epochs(), "epoch"))
                " of " (counted(contents.train_images, "image"))
                ", " (counted(record.steps(), "step"))
                ", seed " (record.seed)
                ", " (record.date())
            }
            dl.facts {
                div.lead { dt { "Test accuracy" } dd { (percent(record.test_accuracy)) } }
                (fact("Read wrong", &wrong, &images))
                (fact("Test loss", &format!("{:.4}", record.test_loss), ""))
                (fact("Training and testing", &seconds, "s"))
                (fact("Training speed", &speed, "images/s"))
                (fact("Parameters", &parameters, ""))
            }
        }
    }
}

fn fact(name: &str, value: &str, unit: &str) -> Markup {
    html! {
        div {
            dt { (name) }
            dd { (value) @if !unit.is_empty() { " " span.unit { (unit) } } }
        }
    }
}
