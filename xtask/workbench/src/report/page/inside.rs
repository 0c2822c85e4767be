//! What the network looks for: its first filters, and what its layers make of an image.

use super::{Contents, image, plot};
use crate::report::contents::{Sample, Stage};
use anyhow::Result;
use maud::{Markup, html};

pub(super) fn inside(contents: &Contents) -> Result<Markup> {
    let sample = &contents.sample;
    let stages = sample.stages.iter().map(stage).collect::<Result<Vec<_>>>()?;
    Ok(html! {
        div.cards.wide {
            @if let Some(filters) = &contents.filters { (plot(filters, "narrow")) }
            div.card {
                h3 { "A test image, and what it is read as" }
                div.digit {
                    figure { (image(&sample.picture, "the test image")?) }
                    (chances(sample))
                }
                p.soft.last {
                    "Test image " (sample.image) ", read as " (sample.read) ". Below is what each "
                    "layer makes of it: white where a map is positive, blue where it is negative."
                }
            }
        }
        div.card.below {
            h3 { "Feature maps" }
            div.stages { @for stage in stages { (stage) } }
        }
    })
}

/// The probability of each class.
fn chances(sample: &Sample) -> Markup {
    html! {
        dl.chances {
            @for (class, share) in sample.probabilities.iter().enumerate() {
                @let share = format!("{:.1}", 100.0 * share);
                dt { (class) }
                dd {
                    span.track { i style={ "width:" (share) "%" } {} }
                    span.share { (share) " %" }
                }
            }
        }
    }
}

fn stage(stage: &Stage) -> Result<Markup> {
    Ok(html! {
        figure {
            figcaption { strong { (stage.layer) } " " (stage.shape) }
            (image(&stage.picture, &format!("feature maps of {}", stage.layer))?)
        }
    })
}
