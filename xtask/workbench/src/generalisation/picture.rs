//! The laboratory's pictures: the curves as small multiples, one panel for each remedy, and the
//! scores side by side.

use super::report::{Report, Row};
use xtask::chart::{Axis, Bars, Color, Figure, Line, Panel};

/// Accuracy while training and on images held out, epoch by epoch, for the first seed, and
/// pale the held-out images of the others; the baseline stands behind each remedy.
pub(super) fn curves(report: &Report<'_>) -> Figure {
    let epochs = report.rows.iter().map(|row| row.runs[0].train_curve.len()).max().unwrap_or(1);
    let baseline = &report.rows[0];
    let lowest = report.rows.iter().flat_map(|row| &row.runs[0].held_out_curve).copied();
    let low = lowest.fold(0.8, f64::min).max(0.5) - 0.02;
    let mut figure = Figure::new("What helps against over-fitting (section 3.3)")
        .columns(4)
        .panel_size(190.0, 130.0)
        .shared_axes();
    for row in &report.rows {
        let mut panel = Panel::new(row.remedy.name)
            .x(Axis::new("epochs").range(0.0, epochs as f64))
            .y(Axis::new("accuracy").percent().range(low, 1.01));
        if !std::ptr::eq(row, baseline) {
            let curve = curve(&baseline.runs[0].held_out_curve);
            panel = panel.line(Line::new("held out, baseline", curve).color(Color::Gray).dashed());
        }
        panel = panel
            .line(Line::new("training", curve(&row.runs[0].train_curve)))
            .line(Line::new("held out", curve(&row.runs[0].held_out_curve)).color(Color::Orange))
            .note(note(row));
        for run in &row.runs[1..] {
            let line = Line::new("", curve(&run.held_out_curve)).color(Color::Orange);
            panel = panel.line(line.faint());
        }
        if row.remedy.setup.early_stopping {
            panel = panel.vertical(row.runs[0].epoch as f64, "kept");
        }
        figure = figure.panel(panel);
    }
    let explained = "Training accuracy is measured while training: on changed images and with \
                     dropped units, where there are any.";
    let captions = report.conditions().into_iter().chain([explained.to_owned()]);
    captions.fold(figure, Figure::caption)
}

/// The accuracies at the end, means over the seeds.
pub(super) fn scores(report: &Report<'_>) -> Figure {
    let rows = &report.rows;
    let lowest = rows.iter().flat_map(|row| [row.train, row.test]).fold(0.8, f64::min);
    let base = (20.0 * lowest - 0.5).floor() / 20.0;
    let panel = Panel::new("")
        .x(Axis::new("accuracy").percent().range(base, 1.0))
        .y(Axis::categories(rows.iter().map(|row| row.remedy.name)))
        .bars(Bars::new("training", rows.iter().map(|row| row.train), Color::Blue).base(base))
        .bars(Bars::new("test", rows.iter().map(|row| row.test), Color::Orange).base(base))
        .vertical(rows[0].test, "");
    let figure = Figure::new("What helps against over-fitting (section 3.3)");
    let height = 34.0 * rows.len() as f64;
    let figure = figure.panel_size(480.0, height).panel(panel);
    let figure = figure.caption("The dotted line is the baseline on the test set.");
    report.conditions().into_iter().fold(figure, Figure::caption)
}

fn curve(values: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    values.iter().enumerate().map(|(i, value)| (i as f64 + 1.0, *value))
}

/// `train 100 %, test 83.1 %`, over all seeds.
fn note(row: &Row) -> String {
    format!("train {:.1} %, test {:.1} %", 100.0 * row.train, 100.0 * row.test)
}
