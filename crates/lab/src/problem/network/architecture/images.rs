//! Images and their classes: what the data determine of an architecture for images.

use std::fmt;
use std::ops::RangeInclusive;

use super::numbers;
use super::text::{Text, shape, size};
use crate::problem::network::Input;

/// What an example looks like, and how many classes there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// `[channels, height, width]`; for some architectures other numbers of spatial axes.
    pub shape: Vec<usize>,
    /// Number of outputs.
    pub classes: usize,
}

/// The options that architectures for images share.
pub(super) const INPUT: (&str, &str) =
    ("input=CxHxW", "channels, height and width, where the data does not say");
pub(super) const CLASSES: (&str, &str) = ("classes=N", "number of outputs, where no data says");

impl Images {
    /// Images of a shape, in ten classes.
    pub(super) fn of(shape: &[usize]) -> Self {
        Self { shape: shape.to_vec(), classes: 10 }
    }

    /// The options `input` and `classes`.
    pub(super) fn read(mut self, text: &mut Text) -> Result<Self, String> {
        if let Some(shape) = text.value("input", shape)? {
            self.shape = shape;
        }
        if let Some(classes) = text.value("classes", size)? {
            self.classes = classes;
        }
        Ok(self)
    }

    /// The input of one example.
    pub(super) fn input(&self) -> Input {
        Input::numbers(self.shape.clone())
    }

    /// Sizes of the spatial axes.
    pub(super) fn spatial(&self) -> &[usize] {
        &self.shape[1..]
    }

    /// Takes over shape and classes of data. Data whose shape says nothing, but which has
    /// as many numbers as expected, is taken to be laid out as expected.
    pub(super) fn fit(
        &mut self,
        input: &Input,
        outputs: usize,
        spatial: RangeInclusive<usize>,
    ) -> Result<(), String> {
        numbers(input)?;
        if spatial.contains(&(input.shape.len().saturating_sub(1))) {
            self.shape = input.shape.clone();
        } else if input.size() != self.input().size() {
            return Err(format!(
                "the data's inputs have the shape {}, which does not tell channels from height and width; \
                 say how they are laid out with the option input=CxHxW",
                written(&input.shape)
            ));
        }
        self.classes = outputs;
        Ok(())
    }

    /// Whether the shape has so many spatial axes, each with at least `least` positions.
    pub(super) fn check(&self, spatial: RangeInclusive<usize>, least: usize) -> Result<(), String> {
        let axes = self.shape.len() - 1;
        if !spatial.contains(&axes) {
            let expected = if *spatial.end() == 2 {
                "channels, height and width"
            } else {
                "channels and one to three spatial axes"
            };
            return Err(format!("expected inputs of {expected}, found {}", written(&self.shape)));
        }
        if self.spatial().iter().any(|&n| n < least) {
            return Err(format!(
                "its layers need at least {least} positions along each axis, and inputs are {}",
                written(&self.shape)
            ));
        }
        Ok(())
    }

    /// Writes the options in which this differs from what is usual.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, usual: &Images) -> fmt::Result {
        if self.shape != usual.shape {
            let sizes: Vec<String> = self.shape.iter().map(usize::to_string).collect();
            write!(f, ",input={}", sizes.join("x"))?;
        }
        if self.classes != usual.classes {
            write!(f, ",classes={}", self.classes)?;
        }
        Ok(())
    }
}

/// A shape for readers: 3×32×32.
fn written(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    sizes.join("×")
}
