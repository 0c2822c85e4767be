//! How the network learned: curves, and a table of the epochs.

use super::{Contents, plot, table};
use crate::curves::Scores;
use maud::{Markup, html};
use xtask::progress::percent;

const COLUMNS: [&str; 6] = ["Epoch", "Loss", "Accuracy", "Test loss", "Test accuracy", "Seconds"];

pub(super) fn learning(contents: &Contents) -> Markup {
    let rows = contents.record.rows().map(|(number, epoch, seconds)| {
        html! {
            td { (number) }
            (pair(Some(&epoch.train)))
            (pair(epoch.evaluation.as_ref()))
            td { (format!("{seconds:.2}")) }
        }
    });
    html! {
        p.soft {
            "The network is tested on images that it never trains on, at the end of each epoch."
        }
        div.cards { @for (_, svg) in &contents.curves { (plot(svg, "")) } }
        div.card.below { (table(&COLUMNS, rows)) }
    }
}

fn pair(scores: Option<&Scores>) -> Markup {
    html! {
        @if let Some(Scores { loss, accuracy }) = scores {
            td { (format!("{loss:.4}")) } td { (percent(*accuracy)) }
        } @else {
            td { "-" } td { "-" }
        }
    }
}
