//! [`Picture`]: an image file of any size, and the handwritten digit in it.

mod ink;
mod place;

use crate::{Error, Result};
use image::{DynamicImage, ImageDecoder, ImageReader, RgbImage, imageops};
use ndarray::Array2;
use std::io::{BufRead, Cursor, Seek};
use std::path::Path;

/// The pixels that a picture may have: more than the cameras of most telephones take.
pub const MAX_PICTURE_PIXELS: u64 = 64 << 20;

/// The longest side that digits are looked for in; larger pictures are averaged down to it.
const LONGEST: u32 = 384;

/// A PNG, JPEG or PNM image of any size, in colour or grey, with or without transparency.
///
/// [`Picture::digit`] finds the one handwritten digit in it and draws it as MNIST draws its digits,
/// so that a network that was trained on MNIST can read it. Needs the feature `images`.
///
/// ```
/// use datasets::Picture;
///
/// // An 8 × 6 picture in the PGM format: a black stroke on white paper.
/// let mut file = b"P5 8 6 255\n".to_vec();
/// file.extend((0..48).map(|i| if i % 8 == 4 && i / 8 > 0 && i / 8 < 5 { 0 } else { 255 }));
///
/// let digit = Picture::decode(&file)?.digit()?;
/// assert_eq!(digit.dim(), (28, 28));
/// assert_eq!((digit[[14, 14]], digit[[14, 2]]), (255, 0));
/// # Ok::<(), datasets::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Picture {
    /// Without transparency.
    image: RgbImage,
}

impl Picture {
    /// Reads an image file. A photo is turned as its camera says it was held.
    ///
    /// # Errors
    /// [`Error::InFile`] with [`Error::Picture`] where the file cannot be read, is no such image or
    /// has more than [`MAX_PICTURE_PIXELS`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let reader = ImageReader::open(path).map_err(|error| unreadable(&error));
        reader
            .and_then(|reader| decode(reader, MAX_PICTURE_PIXELS))
            .map(|image| Picture { image: opaque(image) })
            .map_err(|cause| Error::Picture { cause }.in_file(path))
    }

    /// Decodes the bytes of an image file.
    ///
    /// # Errors
    /// [`Error::Picture`] where they are no such image, or one of more than
    /// [`MAX_PICTURE_PIXELS`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Self::decode_within(bytes, MAX_PICTURE_PIXELS)
    }

    /// As [`Picture::decode`], with a limit of the caller's: nothing is decoded that has more
    /// pixels.
    ///
    /// # Errors
    /// As [`Picture::decode`].
    pub fn decode_within(bytes: &[u8], max_pixels: u64) -> Result<Self> {
        let image = decode(ImageReader::new(Cursor::new(bytes)), max_pixels);
        let image = image.map_err(|cause| Error::Picture { cause })?;
        Ok(Picture { image: opaque(image) })
    }

    /// Rows and columns.
    pub fn size(&self) -> (usize, usize) {
        (self.image.height() as usize, self.image.width() as usize)
    }

    /// The digit as MNIST has its digits: 28×28, light on black, scaled into a box of 20×20 with its
    /// proportions kept, its centre of mass in the middle.
    ///
    /// What is ink is told by its distance in colour from the background, which is a plane fitted
    /// to the picture: dark on light, light on dark and coloured pens are the same, and light that
    /// falls from one side does no harm. Specks are left out, and strokes far thinner than those of
    /// MNIST are thickened. Pictures of MNIST's own digits come back nearly as they were.
    ///
    /// # Errors
    /// [`Error::NothingDrawn`] where nothing stands out from the background.
    pub fn digit(&self) -> Result<Array2<u8>> {
        let (width, height) = self.image.dimensions();
        let longest = width.max(height);
        let shrunk;
        let image = if longest > LONGEST {
            let side = |side: u32| {
                (u64::from(side) * u64::from(LONGEST) / u64::from(longest)).max(1) as u32
            };
            shrunk = imageops::thumbnail(&self.image, side(width), side(height));
            &shrunk
        } else {
            &self.image
        };
        ink::find(image).map(|ink| place::as_mnist(&ink)).ok_or(Error::NothingDrawn)
    }
}

/// Decodes an image of at most `max_pixels`, turned as its metadata say; errors are told in words.
pub(crate) fn decode<R: BufRead + Seek>(
    reader: ImageReader<R>,
    max_pixels: u64,
) -> Result<DynamicImage, String> {
    let no_image = |error| format!("not a PNG, JPEG or PNM image: {error}");
    let reader = reader.with_guessed_format().map_err(|error| unreadable(&error))?;
    let mut decoder = reader.into_decoder().map_err(no_image)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > max_pixels {
        return Err(format!(
            "{width} × {height} pixels, expected at most {max_pixels}: make it smaller"
        ));
    }
    let orientation = decoder.orientation().map_err(no_image)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(no_image)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn unreadable(error: &std::io::Error) -> String {
    format!("cannot be read: {error}")
}

/// The picture on a ground of its own where it is transparent: white under dark strokes, black
/// under light ones.
fn opaque(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let (mut light, mut seen) = (0.0, 0.0);
    for pixel in image.pixels() {
        let [red, green, blue, alpha] = pixel.0.map(f64::from);
        light += alpha * (red + green + blue) / 3.0;
        seen += alpha;
    }
    let ground = if light > 127.5 * seen { 0 } else { 255 };
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [colour @ .., alpha] = image.get_pixel(x, y).0;
        let alpha = u32::from(alpha);
        let mix = |c: u8| (u32::from(c) * alpha + ground * (255 - alpha) + 127) / 255;
        image::Rgb(colour.map(|c| mix(c) as u8))
    })
}
