//! The way to a point: where it began, where it went, where it ended.

use thalweg_io::{NamedArrays, Values};
use thalweg_lab::Scalar;

use crate::chapter::Chapter;
use crate::error::Error;
use crate::subject::Subject;

/// A trajectory and its last point.
pub struct Path<T> {
    /// The last point.
    pub x: Vec<T>,
    /// Points along the way with their steps, the last one among them; empty if there was no way.
    pub points: Vec<(u64, Vec<T>)>,
}

impl<T: Scalar> Path<T> {
    /// A point without a way to it.
    pub fn still(x: Vec<T>) -> Self {
        Self { x, points: Vec::new() }
    }

    /// The points as the lab's methods take them.
    pub fn rows(&self) -> Vec<(u64, &[T])> {
        self.points.iter().map(|(step, x)| (*step, &x[..])).collect()
    }

    /// The way that was read.
    pub fn read(subject: &Subject<T>) -> Self {
        let x = subject.way.last().map_or(&subject.start, |(_, x)| x).clone();
        Self { x, points: subject.way.clone() }
    }

    /// Puts the way among a chapter's arrays.
    pub fn keep(&self, chapter: &mut Chapter) -> Result<(), Error> {
        let n = self.x.len();
        let steps: Vec<i64> = self.points.iter().map(|(step, _)| *step as i64).collect();
        let rows = self.points.iter().flat_map(|(_, x)| x);
        chapter.arrays.push("trajectory_step", [steps.len()], steps)?;
        chapter.arrays.push("trajectory", [self.points.len(), n], values(rows))?;
        chapter.arrays.push("x", [n], values(&self.x))?;
        Ok(())
    }

    /// Takes it from there again.
    pub fn of(chapter: &Chapter) -> Self {
        let x = numbers(&chapter.arrays, "x");
        let steps: Vec<f64> = numbers(&chapter.arrays, "trajectory_step");
        let all = &chapter.arrays.get("trajectory").expect(KEPT).values;
        let n = x.len();
        let rows =
            (0..steps.len()).map(|row| (row * n..(row + 1) * n).map(|i| T::of(all.double(i))).collect());
        let points = steps.iter().map(|&step| step as u64).zip(rows).collect();
        Self { x, points }
    }
}

const KEPT: &str = "a chapter keeps the arrays that it was made with";

/// The numbers of an array that a chapter keeps; `T`'s own bits where it was written from `T`.
pub fn numbers<T: Scalar>(arrays: &NamedArrays, name: &str) -> Vec<T> {
    let array = arrays.get(name).expect(KEPT);
    (0..array.values.len()).map(|i| T::of(array.values.double(i))).collect()
}

/// Numbers as an array of their own precision.
pub fn values<'a, T: Scalar>(numbers: impl IntoIterator<Item = &'a T>) -> Values {
    let numbers = numbers.into_iter();
    match size_of::<T>() {
        4 => Values::F32(numbers.map(|v| v.wide() as f32).collect()),
        _ => Values::F64(numbers.map(|v| v.wide()).collect()),
    }
}
