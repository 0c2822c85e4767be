//! PNG pictures of grey images and of maps.

use anyhow::Result;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ndarray::ArrayView2;

/// A picture in RGBA, row-major.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    rows: usize,
    columns: usize,
    pixels: Vec<[u8; 4]>,
}

impl Picture {
    /// Bytes as grey tones.
    pub(super) fn grey(image: &ArrayView2<'_, u8>) -> Self {
        let (rows, columns) = image.dim();
        Picture {
            rows,
            columns,
            pixels: image.map(|&tone| [tone, tone, tone, 255]).into_iter().collect(),
        }
    }

    /// Numbers as light on black: positive ones white, negative ones blue, `largest` the brightest.
    pub(super) fn signed(columns: usize, values: &[f32], largest: f32) -> Self {
        let tone = |value: f32| {
            let share = (value.abs() / largest.max(f32::MIN_POSITIVE)).min(1.0);
            let light = if value > 0.0 { [255.0, 255.0, 255.0] } else { [86.0, 180.0, 233.0] };
            let [red, green, blue] = light.map(|full| (share * full).round() as u8);
            [red, green, blue, 255]
        };
        let pixels = values.iter().map(|&value| tone(value)).collect();
        Picture { rows: values.len() / columns, columns, pixels }
    }

    /// Pictures of one size side by side, `columns` to a row, a transparent pixel between them.
    pub(super) fn sheet(pictures: &[Picture], columns: usize) -> Self {
        let Some(first) = pictures.first() else {
            return Picture { rows: 0, columns: 0, pixels: Vec::new() };
        };
        let (high, wide) = (first.rows + 1, first.columns + 1);
        let columns = columns.clamp(1, pictures.len());
        let width = columns * wide - 1;
        let height = pictures.len().div_ceil(columns) * high - 1;
        let mut sheet =
            Picture { rows: height, columns: width, pixels: vec![[0; 4]; width * height] };
        for (i, picture) in pictures.iter().enumerate() {
            let (left, top) = (i % columns * wide, i / columns * high);
            for (row, line) in picture.pixels.chunks(picture.columns).enumerate() {
                sheet.pixels[(top + row) * width + left..][..line.len()].copy_from_slice(line);
            }
        }
        sheet
    }

    /// Every pixel as a square of `factor` × `factor`.
    pub(super) fn enlarged(&self, factor: usize) -> Self {
        let mut pixels = Vec::with_capacity(self.pixels.len() * factor * factor);
        for line in self.pixels.chunks(self.columns.max(1)) {
            let line: Vec<_> = line.iter().flat_map(|&p| std::iter::repeat_n(p, factor)).collect();
            (0..factor).for_each(|_| pixels.extend_from_slice(&line));
        }
        Picture { rows: self.rows * factor, columns: self.columns * factor, pixels }
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> [usize; 2] {
        [self.columns, self.rows]
    }

    /// The bytes of a PNG file.
    pub(super) fn to_png(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.columns as u32, self.rows as u32);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixels.as_flattened())?;
        writer.finish()?;
        Ok(bytes)
    }

    /// The picture as an address that has it all in itself.
    pub(super) fn to_data_uri(&self) -> Result<String> {
        Ok(format!("data:image/png;base64,{}", BASE64_STANDARD.encode(self.to_png()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn decoded(picture: &Picture) -> (u32, u32, Vec<u8>) {
        let bytes = picture.to_png().unwrap();
        let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, info.height, pixels)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let picture = Picture::grey(&array![[0, 10], [20, 30], [40, 50]].view());
        let (width, height, pixels) = decoded(&picture);
        assert_eq!((width, height), (2, 3));
        let grey: Vec<_> = pixels.chunks(4).map(|pixel| (pixel[0], pixel[2], pixel[3])).collect();
        assert_eq!(grey, [0, 10, 20, 30, 40, 50].map(|tone| (tone, tone, 255)));
        assert!(picture.to_data_uri().unwrap().starts_with("data:image/png;base64,iVBORw0KGgo"));
    }

    #[test]
    fn negative_numbers_are_blue() {
        let picture = Picture::signed(3, &[2.0, 0.0, -1.0], 2.0);
        assert_eq!(picture.pixels, [[255; 4], [0, 0, 0, 255], [43, 90, 117, 255]]);
    }

    #[test]
    fn a_sheet_has_gaps_that_one_can_see_through() {
        let one = Picture::grey(&array![[9]].view());
        let sheet = Picture::sheet(&[one.clone(), one.clone(), one], 2);
        assert_eq!(sheet.size(), [3, 3]);
        let opaque: Vec<_> = sheet.pixels.iter().map(|pixel| pixel[3] == 255).collect();
        assert_eq!(opaque, [true, false, true, false, false, false, true, false, false]);
        let large = sheet.enlarged(2);
        assert_eq!(large.size(), [6, 6]);
        let corners = [0, 7, 2].map(|i| large.pixels[i]);
        assert_eq!(corners, [[9, 9, 9, 255], [9, 9, 9, 255], [0; 4]]);
    }
}
