//! Whether what goes into a model and comes out of it has the shapes that the file declares.

use thalweg_graph::{Builder, DType, Value};

use super::OnnxModel;
use crate::error::excerpt;
use crate::onnx::error::OnnxError;

impl OnnxModel {
    /// Inputs in the shape that the file declares.
    pub(super) fn shaped(&self, b: &mut Builder, dtype: DType, x: Value) -> Result<Value, OnnxError> {
        let ty = b.ty(x).clone();
        let wanted = if self.input.tokens { DType::I32 } else { dtype };
        let misfit = || {
            let shape: Vec<String> =
                self.input.shape.iter().map(|n| n.map_or("?".to_owned(), |n| n.to_string())).collect();
            let what = format!("input {}", excerpt(&self.input.name));
            self.mismatch(what, format!("{wanted}[b, {}]", shape.join(", ")), ty.to_string())
        };
        if ty.dtype != wanted || ty.rank() == 0 || ty.shape[0] == 0 {
            return Err(misfit());
        }
        let fixed: Option<Vec<usize>> = self.input.shape.iter().copied().collect();
        match fixed {
            Some(example) if ty.shape[1..] != example[..] => {
                let count: usize = example.iter().product();
                if ty.rank() != 2 || ty.shape[1] != count {
                    return Err(misfit());
                }
                let shape: Vec<usize> = [&ty.shape[..1], &example].concat();
                Ok(b.reshape(x, &shape))
            }
            _ => {
                self.check_example(&ty.shape[1..]).map_err(|_| misfit())?;
                Ok(x)
            }
        }
    }

    pub(super) fn check_example(&self, example: &[usize]) -> Result<(), OnnxError> {
        let fits = example.len() == self.input.shape.len()
            && example.iter().zip(&self.input.shape).all(|(n, m)| *n > 0 && m.is_none_or(|m| *n == m));
        if fits {
            return Ok(());
        }
        let shape: Vec<String> = self
            .program
            .input
            .example
            .iter()
            .map(|n| n.as_ref().map_or_else(String::clone, usize::to_string))
            .collect();
        let what = format!("an example of the input {}", excerpt(&self.input.name));
        Err(self.mismatch(what, format!("[{}]", shape.join(", ")), format!("{example:?}")))
    }

    pub(super) fn check_output(&self, shape: &[usize], examples: usize) -> Result<(), OnnxError> {
        if shape.first() == Some(&examples) {
            return Ok(());
        }
        let what = format!("output {}", excerpt(&self.program.output));
        Err(self.mismatch(
            what,
            format!("an output for each of {examples} examples"),
            format!("shape {shape:?}"),
        ))
    }

    pub(super) fn mismatch(&self, what: String, expected: String, found: String) -> OnnxError {
        OnnxError::Mismatch { file: self.file.clone(), what, expected, found }
    }
}
