//! `TensorProto`: an array, inside the file or beside it.

use crate::onnx::error::Fault;
use crate::onnx::wire::{Budget, Fields, Part};

/// `TensorProto`.
#[derive(Default)]
pub(in crate::onnx) struct Tensor<'a> {
    pub name: &'a str,
    pub dims: Vec<i64>,
    /// Number of the element type.
    pub element: i32,
    /// The elements as bytes.
    pub raw: Option<Part<'a>>,
    /// The elements as a list, if they are 32-bit floats.
    pub floats: Vec<f32>,
    /// The elements as a list, if they are doubles.
    pub doubles: Vec<f64>,
    /// The elements as a list, if they are anything else; unsigned ones by their bits.
    pub ints: Vec<i64>,
    /// Whether the elements are strings, or a segment of a larger tensor.
    pub strange: bool,
    pub external: bool,
    pub location: &'a str,
    pub offset: &'a str,
    pub length: &'a str,
}

pub(super) fn decode<'a>(part: Part<'a>, budget: &mut Budget) -> Result<Tensor<'a>, Fault> {
    budget.message(part, |budget| {
        let mut tensor = Tensor::default();
        let mut fields = Fields::new(part);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => field.ints(&mut tensor.dims)?,
                2 => tensor.element = field.small()?,
                3 | 6 => tensor.strange = true,
                4 => field.floats(&mut tensor.floats)?,
                5 | 7 | 11 => field.ints(&mut tensor.ints)?,
                10 => field.doubles(&mut tensor.doubles)?,
                8 => tensor.name = field.text()?,
                9 => tensor.raw = Some(field.part()?),
                13 => {
                    let part = field.part()?;
                    budget.message(part, |_| entry(part, &mut tensor))?;
                }
                14 => tensor.external = field.int()? == 1,
                _ => {}
            }
        }
        Ok(tensor)
    })
}

/// One `StringStringEntryProto` of what says where the elements are.
fn entry<'a>(part: Part<'a>, tensor: &mut Tensor<'a>) -> Result<(), Fault> {
    let (mut key, mut value) = ("", "");
    let mut fields = Fields::new(part);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => key = field.text()?,
            2 => value = field.text()?,
            _ => {}
        }
    }
    match key {
        "location" => tensor.location = value,
        "offset" => tensor.offset = value,
        "length" => tensor.length = value,
        _ => {}
    }
    Ok(())
}
