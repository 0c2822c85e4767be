//! What the network reads wrong: by digit, and the mistakes that it was surest of.

use super::{Contents, image, plot, table};
use crate::report::evaluation::{ClassScores, Mistake, class_scores};
use crate::report::picture::Picture;
use anyhow::Result;
use maud::{Markup, html};
use xtask::output::{counted, thousands};

/// A precision or recall below this is marked.
const LOW: f64 = 0.97;

const COLUMNS: [&str; 5] = ["Digit", "Images", "Precision %", "Recall %", "F1 %"];

/// The confusion matrix, and the scores of each class.
pub(super) fn classes(contents: &Contents) -> Markup {
    let scores = class_scores(&contents.counts);
    let rows = scores.into_iter().enumerate().map(|(class, scores)| {
        let ClassScores { images, precision, recall, f1 } = scores;
        html! {
            td { (class) } td { (thousands(images)) }
            (share(precision)) (share(recall)) (share(f1))
        }
    });
    html! {
        div.cards.wide {
            (plot(&contents.confusion, "narrow"))
            div.card {
                h3 { "Each digit" }
                (table(&COLUMNS, rows))
                p.soft.last {
                    "Precision: how many of the images read as the digit are one. Recall: how many "
                    "of its images are read as it. Below " (format!("{:.0}", 100.0 * LOW)) " % is "
                    "marked."
                }
            }
        }
    }
}

fn share(share: f64) -> Markup {
    if share.is_nan() {
        return html! { td { "-" } };
    }
    html! { td class=[(share < LOW).then_some("low")] { (format!("{:.2}", 100.0 * share)) } }
}

/// The most confident mistakes as images.
pub(super) fn mistakes(contents: &Contents) -> Result<Markup> {
    let all = contents.mistakes.len();
    let pictures = contents.pictures.iter().map(mistake).collect::<Result<Vec<_>>>()?;
    Ok(html! {
        div.card.below {
            h3 { "The most confident mistakes" }
            @if pictures.is_empty() {
                p { "There is none: every test image is read right." }
            } @else {
                p.soft {
                    "The true digit, what the network reads, and how sure it is of it: "
                    (counted(pictures.len(), "mistake")) " of " (thousands(all)) "."
                }
                div.mistakes { @for picture in pictures { (picture) } }
            }
        }
    })
}

fn mistake((mistake, picture): &(Mistake, Picture)) -> Result<Markup> {
    let Mistake { truth, read, probability, .. } = mistake;
    Ok(html! {
        figure {
            (image(picture, &format!("a {truth} that is read as {read}"))?)
            figcaption {
                strong { (truth) " → " span.read { (read) } }
                br;
                (format!("{:.1} %", 100.0 * probability))
            }
        }
    })
}
