//! Images with a hole.

use super::{Format, Interval, Sample, Stream, Transform, finite, probability};
use crate::{Error, Result};

/// Sets a rectangle to one value in all channels: MindSpore's `Erase`.
#[derive(Clone, Debug)]
pub struct Erase {
    top: usize,
    left: usize,
    rows: usize,
    columns: usize,
    value: Option<f32>,
}

impl Erase {
    /// The rectangle of `rows` × `columns` from pixel (`top`, `left`) on, as far as it is in the
    /// image.
    pub fn new(top: usize, left: usize, rows: usize, columns: usize) -> Self {
        Erase { top, left, rows, columns, value: None }
    }

    /// The value; the background unless set.
    #[must_use]
    pub fn value(mut self, value: f32) -> Self {
        self.value = Some(value);
        self
    }
}

impl Transform for Erase {
    fn format(&self, input: Format) -> Result<Format> {
        input.image("Erase")?;
        self.value.map_or(Ok(()), |value| finite("Erase", "value", value.into()))?;
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, _: &mut Stream) {
        let [channels, height, width] = sample.image();
        let part = |start: usize, len: usize, side: usize| {
            start.min(side)..start.saturating_add(len).min(side)
        };
        let rows = part(self.top, self.rows, height);
        let columns = part(self.left, self.columns, width);
        for channel in 0..channels {
            let value = self.value.unwrap_or(sample.background(channel));
            let image = &mut sample.values_mut()[channel * height * width..][..height * width];
            for row in image.chunks_exact_mut(width).take(rows.end).skip(rows.start) {
                row[columns.clone()].fill(value);
            }
        }
    }
}

/// Sets a random rectangle to one value in some of the draws: MindSpore's and torchvision's
/// `RandomErasing` (Zhong et al. 2017).
///
/// The rectangle's share of the image is uniform in `area` and the logarithm of its height by its
/// width uniform between those of `ratio`; its place is uniform. A rectangle that does not fit is
/// drawn again, up to ten times in all; then the image stays as it is.
#[derive(Clone, Debug)]
pub struct RandomErasing {
    probability: f64,
    area: Interval,
    ratio: Interval,
    value: Option<f32>,
}

/// Rectangles drawn before giving up: MindSpore's `max_attempts`.
const ATTEMPTS: usize = 10;

impl RandomErasing {
    /// With this probability, 2 to 33 % of the image, height by width 0.3 to 3.3: with a
    /// probability of 0.5, MindSpore's defaults.
    pub fn new(probability: f64) -> Self {
        let (area, ratio) = ((0.02, 0.33).into(), (0.3, 3.3).into());
        RandomErasing { probability, area, ratio, value: None }
    }

    /// The rectangle's share of the image, in 0..=1.
    #[must_use]
    pub fn area(mut self, low: f64, high: f64) -> Self {
        self.area = Interval { low, high };
        self
    }

    /// The rectangle's height by its width, above 0.
    #[must_use]
    pub fn ratio(mut self, low: f64, high: f64) -> Self {
        self.ratio = Interval { low, high };
        self
    }

    /// The value; the background unless set. (MindSpore's is 0.)
    #[must_use]
    pub fn value(mut self, value: f32) -> Self {
        self.value = Some(value);
        self
    }

    /// A rectangle for an image of this size, if one fits.
    fn rectangle(&self, height: usize, width: usize, random: &mut Stream) -> Option<Erase> {
        for _ in 0..ATTEMPTS {
            let pixels = self.area.draw(random) * (height * width) as f64;
            let ratio = random.uniform_in(self.ratio.low.ln(), self.ratio.high.ln()).exp();
            let rows = (pixels * ratio).sqrt().round() as usize;
            let columns = (pixels / ratio).sqrt().round() as usize;
            if rows <= height && columns <= width {
                let (top, left) =
                    (random.below(height - rows + 1), random.below(width - columns + 1));
                return Some(Erase { top, left, rows, columns, value: self.value });
            }
        }
        None
    }
}

impl Transform for RandomErasing {
    fn format(&self, input: Format) -> Result<Format> {
        input.image("RandomErasing")?;
        probability("RandomErasing", self.probability)?;
        self.area.check("RandomErasing", "area")?;
        self.ratio.check("RandomErasing", "ratio")?;
        let wrong = |argument, Interval { low, high }, expected| {
            Err(Error::argument(
                "RandomErasing",
                argument,
                format!("from {low} to {high}"),
                expected,
            ))
        };
        if self.area.low < 0.0 || self.area.high > 1.0 {
            return wrong("area", self.area, "shares of the image, in 0..=1");
        }
        if self.ratio.low <= 0.0 {
            return wrong("ratio", self.ratio, "positive ratios");
        }
        self.value.map_or(Ok(()), |value| finite("RandomErasing", "value", value.into()))?;
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, random: &mut Stream) {
        if random.uniform() < self.probability {
            let [_, height, width] = sample.image();
            if let Some(erase) = self.rectangle(height, width, random) {
                erase.apply(sample, random);
            }
        }
    }
}
