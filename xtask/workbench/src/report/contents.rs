//! Everything that a report shows, gathered from a run's folder and the test images.

use super::charts;
use super::evaluation::{Evaluation, Mistake};
use super::page::shape;
use super::picture::Picture;
use super::record::Record;
use crate::activations::{Activation, activations};
use anyhow::{Result, ensure};
use datasets::Dataset;
use layers::{Layer, Summary, summary};
use ndarray::Axis;
use std::path::Path;
use train::load_weights;
use xtask::reader::samples;
use xtask::train_lenet::{Data, RunConfiguration};

/// What the page and the picture files are made from.
pub(super) struct Contents {
    pub(super) record: Record,
    pub(super) title: &'static str,
    pub(super) version: &'static str,
    pub(super) command: String,
    pub(super) train_images: usize,
    pub(super) summary: Summary,
    pub(super) evaluation: Evaluation,
    /// The confusion matrix.
    pub(super) counts: Vec<Vec<usize>>,
    /// All mistakes, the most confident first.
    pub(super) mistakes: Vec<Mistake>,
    /// The first of them.
    pub(super) pictures: Vec<(Mistake, Picture)>,
    pub(super) sample: Sample,
    /// SVG, by names of files.
    pub(super) curves: [(&'static str, String); 3],
    pub(super) confusion: String,
    pub(super) filters: Option<String>,
    pub(super) phases: String,
}

/// A test image, and what becomes of it.
pub(super) struct Sample {
    /// Its place among the test images.
    pub(super) image: usize,
    pub(super) picture: Picture,
    pub(super) read: usize,
    pub(super) probabilities: Vec<f32>,
    pub(super) stages: Vec<Stage>,
}

/// The feature maps of a layer.
pub(super) struct Stage {
    pub(super) layer: String,
    /// `6×28×28`.
    pub(super) shape: String,
    pub(super) picture: Picture,
}

/// The test image whose way through the network is shown.
const SAMPLE: usize = 0;
/// The most confident mistakes that are shown.
const MISTAKES: usize = 24;
/// How much the sample's pixels are enlarged, in the page and in files.
const ENLARGED: usize = 4;

impl Contents {
    /// Reads the run in `folder`, and the test images with its weights.
    pub(super) fn of(folder: &Path, data_dir: Option<&Path>) -> Result<Self> {
        let run = RunConfiguration::read(folder)?;
        let record = Record::read(folder)?;
        let mut network = run.network.build();
        load_weights(&mut *network, folder.join("weights.safetensors"))?;
        let network: &dyn Layer = &*network;
        let loaded = Data::of_run(&run, folder, data_dir)?;
        let data = loaded.test.dataset();
        let evaluation = Evaluation::of(network, data)?;
        let accuracy = evaluation.accuracy();
        // Another instruction set may read an image or two in another way.
        ensure!(
            (accuracy - record.test_accuracy).abs() < 0.001,
            "{}: history.json tells a test accuracy of {:.4}, but weights.safetensors reaches \
             {accuracy:.4}: they are not of one run; train again",
            folder.display(),
            record.test_accuracy,
        );
        let mistakes = evaluation.mistakes();
        let images = data.images().images();
        let grey =
            |image: usize| Picture::grey(&images.index_axis(Axis(0), image)).enlarged(ENLARGED);
        let pictures = mistakes.iter().take(MISTAKES).map(|m| (*m, grey(m.image))).collect();
        let counts = evaluation.confusion();
        let (layers, _) = activations(network, samples(data, &[SAMPLE])?)?;
        let sample = Sample {
            image: SAMPLE,
            picture: grey(SAMPLE),
            read: evaluation.read(SAMPLE),
            probabilities: evaluation.probabilities(SAMPLE).to_vec(),
            stages: layers.iter().filter_map(Stage::of).collect(),
        };
        Ok(Contents {
            title: run.network.title(),
            version: env!("CARGO_PKG_VERSION"),
            command: run.command(),
            train_images: loaded.train.dataset().len(),
            summary: summary(network, data.input_shape())?,
            curves: charts::curves(&record),
            confusion: charts::confusion(&counts),
            filters: charts::filters(network),
            phases: charts::phases(&record.phases),
            record,
            evaluation,
            counts,
            mistakes,
            pictures,
            sample,
        })
    }

    /// Every picture, with the name of its file.
    pub(super) fn files(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let charts = self.curves.iter().map(|(name, svg)| (*name, svg));
        let others = [("confusion-matrix", &self.confusion), ("phases", &self.phases)];
        let filters = self.filters.iter().map(|svg| ("filters", svg));
        let svg = charts.chain(others).chain(filters);
        let mut files: Vec<_> =
            svg.map(|(name, svg)| (format!("{name}.svg"), svg.clone().into_bytes())).collect();
        files.push(("sample.png".to_owned(), self.sample.picture.to_png()?));
        for (number, (mistake, picture)) in (1..).zip(&self.pictures) {
            let Mistake { truth, read, .. } = mistake;
            let name = format!("mistake-{number:02}-{truth}-read-as-{read}.png");
            files.push((name, picture.to_png()?));
        }
        for stage in &self.sample.stages {
            files.push((format!("maps-{}.png", stage.layer), stage.picture.to_png()?));
        }
        Ok(files)
    }
}

impl Stage {
    /// The maps of a layer whose output is images.
    fn of(layer: &Activation) -> Option<Self> {
        let &[maps, rows, columns] = &layer.shape[..] else { return None };
        if rows * columns == 1 {
            return None;
        }
        let largest = layer.values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let each = layer.values.chunks(rows * columns);
        let each: Vec<_> = each.map(|values| Picture::signed(columns, values, largest)).collect();
        let factor = (84 / columns).max(2);
        Some(Stage {
            layer: layer.path.clone(),
            shape: shape(&layer.shape),
            picture: Picture::sheet(&each, if maps > 6 { 4 } else { 3 }).enlarged(factor),
        })
    }
}
