//! A model from an ONNX file.

mod check;
mod fit;
mod network;
mod probe;

use std::collections::HashMap;
use std::sync::Arc;

use thalweg_graph::{Builder, DType, Type, Value};

use super::array::{Data, Kind};
use super::batch::Batch;
use super::emitter::{Emitter, Normalization, Origin, Tensor};
use super::error::OnnxError;
use super::external::ExternalData;
use super::message;
use super::program::Program;
use super::roles::{Role, roles};
use super::translate::translate;
use crate::arrays::{NamedArrays, Values};
use crate::error::excerpt;

/// A network from an ONNX file, to be written into programs.
///
/// The file is read and checked once: what the first output needs, in order, with the
/// arithmetic on shapes carried out, is then written down for any number of examples
/// in either precision. Parameters keep the file's names.
///
/// ```
/// use thalweg_graph::{Builder, DType, Type};
/// use thalweg_io::{NoExternalData, OnnxModel};
///
/// let bytes = include_bytes!("../../tests/fixtures/onnx/mlp-old.onnx");
/// let model = OnnxModel::from_bytes("mlp.onnx", bytes, &NoExternalData)?;
/// assert_eq!(model.input().shape, [Some(6)]);
/// let mut b = Builder::new();
/// let mut arrays = std::collections::HashMap::new();
/// for array in model.arrays() {
///     let ty = Type::new(DType::F64, array.shape.iter().copied());
///     arrays.insert(array.name.clone(), b.input(ty));
/// }
/// let x = b.input(Type::new(DType::F64, [32, 6]));
/// let logits = model.emit(&mut b, DType::F64, &|name| arrays[name], x)?;
/// assert_eq!(b.shape(logits), [32, 4]);
/// # Ok::<(), thalweg_io::OnnxError>(())
/// ```
#[derive(Clone, Debug)]
pub struct OnnxModel {
    file: String,
    program: Arc<Program>,
    input: OnnxInput,
    /// Weights and statistics; for each the number of its initializer.
    arrays: Vec<OnnxArray>,
    numbers: Vec<usize>,
    /// What was learnt from a walk through the graph, where the input's shape is known.
    probed: Option<probe::Probed>,
}

/// What goes into a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnnxInput {
    /// Its name in the file.
    pub name: String,
    /// Whether it consists of integers, which stand for words or characters.
    pub tokens: bool,
    /// The shape of one example; `None` for axes that the file leaves open.
    pub shape: Vec<Option<usize>>,
    /// The number of examples that the file was exported for, if it has one.
    pub batch: Option<usize>,
}

/// An array that a model's outputs depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnnxArray {
    /// Its name in the file.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Whether it is a weight or a statistic.
    pub role: Role,
    /// Whether it is one of the parameters.
    pub trained: bool,
    /// How many nodes read it. Exporters merge equal arrays, so that scales of layers
    /// that were not trained yet may be one parameter with many uses.
    pub uses: usize,
}

/// What a model writes into a program.
#[derive(Clone, Debug)]
pub struct Outputs {
    /// The outputs `[b, …]`.
    pub z: Value,
    /// The batch's mean or variance (with n − 1 in the denominator) for each statistic
    /// whose layer normalizes by the batch, with the statistic's name.
    pub statistics: Vec<(String, Value)>,
}

impl OnnxModel {
    /// Reads a model and the weights in files beside it.
    ///
    /// # Errors
    /// [`OnnxError`] names the place in the file, or the node, that is not understood.
    #[cfg(feature = "files")]
    pub fn read(path: impl AsRef<std::path::Path>) -> Result<Self, OnnxError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|source| OnnxError::Io { file: file.clone(), source })?;
        Self::from_bytes(&file, &bytes, &super::external::Folder::of(path))
    }

    /// Reads a model from its bytes; `file` is its name in errors.
    pub fn from_bytes(file: &str, bytes: &[u8], external: &dyn ExternalData) -> Result<Self, OnnxError> {
        let program = message::decode(bytes).and_then(|message| Program::check(&message, external));
        let program = program.map_err(|fault| fault.of(file))?;
        check::operators(file, &program)?;
        let declared = &program.input;
        let input = OnnxInput {
            name: declared.name.clone(),
            tokens: declared.element.is_integer(),
            shape: declared.example.iter().map(|extent| extent.as_ref().ok().copied()).collect(),
            batch: declared.batch,
        };
        let (mut arrays, mut numbers) = (Vec::new(), Vec::new());
        for (i, (role, uses)) in roles(&program).into_iter().enumerate() {
            let (name, array) = &program.initializers[i];
            if role != Role::Constant && uses > 0 {
                check::finite(name, array).map_err(|fault| fault.of(file))?;
                let (name, shape) = (name.clone(), array.shape.clone());
                arrays.push(OnnxArray { name, shape, role, trained: role == Role::Weight, uses });
                numbers.push(i);
            }
        }
        let file = file.to_owned();
        let mut model = Self { file, program: Arc::new(program), input, arrays, numbers, probed: None };
        if let Some(example) = model.input.shape.iter().copied().collect::<Option<Vec<usize>>>() {
            model.probed = Some(model.probe(&example)?);
        }
        Ok(model)
    }

    /// The model for examples of one shape, where the file leaves axes open.
    ///
    /// # Errors
    /// If the shape is not what the file says, or a node cannot be translated with it.
    pub fn bind(&self, example: &[usize]) -> Result<Self, OnnxError> {
        self.check_example(example)?;
        let probed = Some(self.probe(example)?);
        let input = OnnxInput { shape: example.iter().copied().map(Some).collect(), ..self.input.clone() };
        Ok(Self { input, probed, ..self.clone() })
    }

    /// The same model, of whose weights those are trained whose names are chosen.
    pub fn train(&self, choose: impl Fn(&str) -> bool) -> Self {
        let mut model = self.clone();
        for array in &mut model.arrays {
            array.trained = array.role == Role::Weight && choose(&array.name);
        }
        model
    }

    /// The file, as it was named.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The program that wrote the file, with its version.
    pub fn producer(&self) -> &str {
        &self.program.producer
    }

    /// The version of the operators.
    pub fn opset(&self) -> i64 {
        self.program.opset
    }

    /// The model's input.
    pub fn input(&self) -> &OnnxInput {
        &self.input
    }

    /// The number of tokens that the model knows, if its input are tokens that choose among slices.
    pub fn vocabulary(&self) -> Option<usize> {
        self.probed.as_ref().and_then(|probed| probed.vocabulary)
    }

    /// The shape of one example's output, where the input's shape is known.
    pub fn output(&self) -> Option<&[usize]> {
        self.probed.as_ref().map(|probed| probed.output.as_slice())
    }

    /// The name of the output in the file: the first.
    pub fn output_name(&self) -> &str {
        &self.program.output
    }

    /// How often each operator is used, by name.
    pub fn operators(&self) -> Vec<(String, usize)> {
        let mut counts = std::collections::BTreeMap::new();
        for node in self.program.nodes() {
            *counts.entry(node.operator.clone()).or_insert(0) += 1;
        }
        counts.into_iter().collect()
    }

    /// The weights and statistics, in the file's order.
    ///
    /// Other arrays of the file (scalars, integers, sizes, masks of booleans) belong to
    /// the model's structure and are not among them.
    pub fn arrays(&self) -> &[OnnxArray] {
        &self.arrays
    }

    /// The weights that are trained.
    pub fn parameters(&self) -> impl Iterator<Item = &OnnxArray> {
        self.arrays.iter().filter(|array| array.trained)
    }

    /// The values of [`arrays`](Self::arrays) in the file.
    pub fn values(&self) -> NamedArrays {
        let mut values = NamedArrays::new(self.file.clone());
        for (array, &i) in self.arrays.iter().zip(&self.numbers) {
            let elements = match &self.program.initializers[i].1.data {
                Data::Single(v) => Values::F32(v.to_vec()),
                _ => Values::F64(self.program.initializers[i].1.doubles().into_owned()),
            };
            values
                .push(array.name.clone(), array.shape.clone(), elements)
                .expect("names of initializers differ, and each has as many elements as its shape");
        }
        values
    }

    /// Writes the outputs `[b, …]` for inputs `x` in floats of `dtype`, with batch
    /// normalization as the file has it.
    ///
    /// `x` is `[b, example…]`, or `[b, n]` with as many numbers an example; floats of
    /// `dtype`, or i32 where the input consists of tokens. `arrays` gives a value of
    /// `dtype` for each of [`arrays`](Self::arrays).
    pub fn emit(
        &self,
        b: &mut Builder,
        dtype: DType,
        arrays: &dyn Fn(&str) -> Value,
        x: Value,
    ) -> Result<Value, OnnxError> {
        self.emit_with(b, dtype, arrays, x, Normalization::File).map(|outputs| outputs.z)
    }

    /// Like [`emit`](Self::emit), with a choice of what batch normalization divides by.
    pub fn emit_with(
        &self,
        b: &mut Builder,
        dtype: DType,
        arrays: &dyn Fn(&str) -> Value,
        x: Value,
        normalization: Normalization,
    ) -> Result<Outputs, OnnxError> {
        let x = self.shaped(b, dtype, x)?;
        let examples = b.shape(x)[0];
        let example = b.shape(x)[1..].to_vec();
        let probed = match &self.probed {
            Some(probed) => probed.clone(),
            None => self.probe(&example)?,
        };
        let batch = match self.input.batch {
            Some(made_for) if made_for != examples => Batch::replaying(&probed.batch, examples),
            _ => Batch::default(),
        };
        let mut e = Emitter::new(b, dtype);
        (e.normalization, e.batch) = (normalization, batch);
        let z = self.walk(&mut e, arrays, x)?;
        let found = std::mem::take(&mut e.found);
        self.check_output(e.b.shape(z), examples)?;
        let name = |i: usize| self.program.initializers[i].0.clone();
        Ok(Outputs { z, statistics: found.into_iter().map(|(i, value)| (name(i), value)).collect() })
    }

    /// Walks through the graph; x has the declared shape.
    fn walk(&self, e: &mut Emitter, arrays: &dyn Fn(&str) -> Value, x: Value) -> Result<Value, OnnxError> {
        let initializers = self.program.initializers.iter();
        let mut values: HashMap<&str, Tensor> =
            initializers.map(|(name, array)| (name.as_str(), array.clone().into())).collect();
        for (array, &i) in self.arrays.iter().zip(&self.numbers) {
            let value = arrays(&array.name);
            let expected = Type::new(e.float, array.shape.iter().copied());
            if *e.b.ty(value) != expected {
                let found = e.b.ty(value).to_string();
                return Err(self.mismatch(
                    format!("array {}", excerpt(&array.name)),
                    expected.to_string(),
                    found,
                ));
            }
            values.insert(&self.program.initializers[i].0, Tensor::Live(value, Origin::Array(i)));
        }
        values.insert(&self.program.input.name, Tensor::Live(x, Origin::Input));
        let node = |node: String, reason: String| OnnxError::Node { file: self.file.clone(), node, reason };
        let outputs = translate(&self.program, e, values).map_err(|fault| node(fault.node, fault.reason))?;
        let named = || format!("output {}", excerpt(&self.program.output));
        if e.kind(&outputs[0]) != Kind::Float {
            return Err(node(
                named(),
                format!("it consists of {}, not of floats", e.kind(&outputs[0]).words()),
            ));
        }
        e.value(&outputs[0]).map_err(|reason| node(named(), reason))
    }
}
