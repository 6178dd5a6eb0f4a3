//! Values of a program under their names in a file.

use std::cell::RefCell;
use std::collections::HashMap;

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, NodeProto, TensorProto, TensorShapeProto,
    TypeProto, TypeProtoTensor, ValueInfoProto,
};
use thalweg_graph::{DType, Graph, Literal, Node, Value};

/// The extent of an axis: a number, or so many times the number of examples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Fixed(usize),
    Examples(usize),
}

impl Size {
    /// From those for two and for three examples.
    fn new(two: usize, three: usize) -> Self {
        if two == three { Self::Fixed(two) } else { Self::Examples(three - two) }
    }
}

/// What a value of the program is in the file.
#[derive(Clone, Debug)]
struct Known {
    name: String,
    /// Its shape there, which may have ones where the value is repeated.
    shape: Vec<Size>,
}

/// The file as it grows.
pub(super) struct Writer<'g> {
    two: &'g Graph,
    three: &'g Graph,
    values: Vec<Option<Known>>,
    graph: GraphProto,
    /// Small constant arrays, by type, shape and bytes.
    constants: HashMap<(i32, Vec<i64>, Vec<u8>), String>,
    /// The number of examples, once it is asked for.
    examples: Option<String>,
    names: usize,
}

impl<'g> Writer<'g> {
    /// Nothing yet, of a program for two and for three examples.
    pub fn new(two: &'g Graph, three: &'g Graph) -> Self {
        assert_eq!(two.nodes().len(), three.nodes().len(), "the same program for any number of examples");
        Self {
            two,
            three,
            values: vec![None; two.nodes().len()],
            graph: GraphProto::default(),
            constants: HashMap::new(),
            examples: None,
            names: 0,
        }
    }

    /// The program's node, and that of the program for one example more.
    pub fn node(&self, at: usize) -> (&'g Node, &'g Node) {
        (&self.two.nodes()[at], &self.three.nodes()[at])
    }

    /// Whether the value is in the file already.
    pub fn has(&self, at: usize) -> bool {
        self.values[at].is_some()
    }

    /// The shape that a value has.
    pub fn shape(&self, at: usize) -> Vec<Size> {
        let (two, three) = self.node(at);
        two.ty.shape.iter().zip(&three.ty.shape).map(|(&two, &three)| Size::new(two, three)).collect()
    }

    /// The shape that a value has in the file, which may have ones where it is repeated.
    pub fn stored(&self, value: Value) -> &[Size] {
        &self.known(value).shape
    }

    fn known(&self, value: Value) -> &Known {
        self.values[value.index()].as_ref().expect("what a node reads was written before it")
    }

    /// An array of the model.
    pub fn initializer(&mut self, value: Value, name: &str, shape: &[usize], bytes: &[u8]) {
        let dtype = self.two.node(value).ty.dtype;
        let dims = shape.iter().map(|&n| n as i64).collect();
        self.graph.initializer.push(tensor(name, code(dtype), dims, bytes.to_vec()));
        let shape = shape.iter().map(|&n| Size::Fixed(n)).collect();
        self.values[value.index()] = Some(Known { name: name.into(), shape });
    }

    /// The examples. Tokens are i64 in files, as PyTorch and ONNX have them.
    pub fn input(&mut self, value: Value, name: &str) {
        let shape = self.shape(value.index());
        let dtype = self.two.node(value).ty.dtype;
        let elem = if dtype == DType::I32 { DataType::INT64 } else { code(dtype) };
        self.graph.input.push(info(name, elem, &shape));
        let mut known = Known { name: name.into(), shape };
        if dtype == DType::I32 {
            known.name = self.emit("Cast", vec![name.into()], vec![int("to", code(dtype).0.into())]);
        }
        self.values[value.index()] = Some(known);
    }

    /// Writes a node, and returns the name of its result.
    pub fn emit(&mut self, op: &str, input: Vec<String>, attribute: Vec<AttributeProto>) -> String {
        let name = self.fresh();
        self.graph.node.push(NodeProto {
            input,
            output: vec![name.clone()],
            name: Some(format!("{op}_{}", self.graph.node.len())),
            op_type: Some(op.into()),
            attribute,
            domain: None,
        });
        name
    }

    fn fresh(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    /// Says which value of the program a name is, and its shape if it is not the value's.
    pub fn set(&mut self, at: usize, name: String, shape: Option<Vec<Size>>) {
        let shape = shape.unwrap_or_else(|| self.shape(at));
        self.values[at] = Some(Known { name, shape });
    }

    /// A constant of the program; one that repeats a number keeps it once.
    pub fn literal(&mut self, at: usize, literal: &Literal) {
        let ty = literal.ty();
        let bytes = literal.bytes();
        let each = bytes.len() / ty.size().max(1);
        let same = each > 0 && bytes.chunks(each).all(|one| *one == bytes[..each]);
        let shape: Vec<usize> = if same { vec![1; ty.rank()] } else { ty.shape.to_vec() };
        let name = self.constant(ty.dtype, &shape, if same { &bytes[..each] } else { bytes });
        self.set(at, name, Some(shape.into_iter().map(Size::Fixed).collect()));
    }

    /// The name of a constant array.
    pub fn constant(&mut self, dtype: DType, shape: &[usize], bytes: &[u8]) -> String {
        self.stored_constant(code(dtype).0, shape.iter().map(|&n| n as i64).collect(), bytes.to_vec())
    }

    /// The name of some whole numbers, as axes and shapes are given.
    pub fn numbers(&mut self, numbers: &[i64]) -> String {
        let bytes = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        self.stored_constant(DataType::INT64.0, vec![numbers.len() as i64], bytes)
    }

    fn stored_constant(&mut self, data_type: i32, dims: Vec<i64>, raw_data: Vec<u8>) -> String {
        let key = (data_type, dims, raw_data);
        if let Some(name) = self.constants.get(&key) {
            return name.clone();
        }
        // A node rather than an initializer: it is no weight.
        let (data_type, dims, raw_data) = key.clone();
        let value = Some(tensor("", DataType(data_type), dims, raw_data));
        let r#type = Some(AttributeType::TENSOR);
        let value =
            AttributeProto { name: Some("value".into()), t: value, r#type, ..AttributeProto::default() };
        let name = self.emit("Constant", Vec::new(), vec![value]);
        self.constants.insert(key, name.clone());
        name
    }

    /// A value as it is in the file, for operators that repeat what they read as NumPy does.
    pub fn loose(&self, value: Value) -> String {
        self.known(value).name.clone()
    }

    /// A value with its whole shape.
    pub fn whole(&mut self, value: Value) -> String {
        let shape = self.shape(value.index());
        let known = self.known(value).clone();
        if known.shape == shape {
            return known.name;
        }
        let to = self.shape_value(&shape);
        let name = self.emit("Expand", vec![known.name, to], vec![]);
        self.set(value.index(), name.clone(), None);
        name
    }

    /// The name of a shape.
    pub fn shape_value(&mut self, shape: &[Size]) -> String {
        let fixed: Option<Vec<i64>> = shape
            .iter()
            .map(|size| match size {
                Size::Fixed(n) => Some(*n as i64),
                Size::Examples(_) => None,
            })
            .collect();
        if let Some(fixed) = fixed {
            return self.numbers(&fixed);
        }
        let parts: Vec<String> = shape
            .iter()
            .map(|size| match *size {
                Size::Fixed(n) => self.numbers(&[n as i64]),
                Size::Examples(1) => self.examples(),
                Size::Examples(times) => {
                    let (examples, times) = (self.examples(), self.numbers(&[times as i64]));
                    self.emit("Mul", vec![examples, times], vec![])
                }
            })
            .collect();
        self.emit("Concat", parts, vec![int("axis", 0)])
    }

    /// The name of the number of examples, an array of one.
    fn examples(&mut self) -> String {
        if let Some(name) = &self.examples {
            return name.clone();
        }
        let range = vec![int("start", 0), int("end", 1)];
        let x = self.graph.input[0].name.clone().expect("a name was given");
        let name = self.emit("Shape", vec![x], range);
        self.examples = Some(name.clone());
        name
    }

    /// The file's graph, whose output gets this name.
    pub fn finish(mut self, output: &str) -> GraphProto {
        let value = self.two.outputs()[0];
        let shape = self.shape(value.index());
        let whole = self.whole(value);
        self.graph.node.push(NodeProto {
            input: vec![whole],
            output: vec![output.into()],
            name: Some("Outputs".into()),
            op_type: Some("Identity".into()),
            ..NodeProto::default()
        });
        self.graph.output.push(info(output, code(self.two.node(value).ty.dtype), &shape));
        self.graph
    }
}

/// ONNX's name of an element type.
pub(super) fn code(dtype: DType) -> DataType {
    match dtype {
        DType::F32 => DataType::FLOAT,
        DType::F64 => DataType::DOUBLE,
        DType::I32 => DataType::INT32,
        DType::Bool => DataType::BOOL,
    }
}

/// An attribute that is a whole number.
pub(super) fn int(name: &str, i: i64) -> AttributeProto {
    let r#type = Some(AttributeType::INT);
    AttributeProto { name: Some(name.into()), i: Some(i), r#type, ..AttributeProto::default() }
}

/// An attribute that is a number.
pub(super) fn float(name: &str, f: f32) -> AttributeProto {
    let r#type = Some(AttributeType::FLOAT);
    AttributeProto { name: Some(name.into()), f: Some(f), r#type, ..AttributeProto::default() }
}

/// An attribute that is a text.
pub(super) fn text(name: &str, s: String) -> AttributeProto {
    let r#type = Some(AttributeType::STRING);
    AttributeProto { name: Some(name.into()), s: Some(s), r#type, ..AttributeProto::default() }
}

/// An attribute that is a list of whole numbers.
pub(super) fn ints(name: &str, ints: impl IntoIterator<Item = i64>) -> AttributeProto {
    let (ints, r#type) = (ints.into_iter().collect(), Some(AttributeType::INTS));
    AttributeProto { name: Some(name.into()), ints, r#type, ..AttributeProto::default() }
}

fn tensor(name: &str, data_type: DataType, dims: Vec<i64>, raw_data: Vec<u8>) -> TensorProto {
    let (data_type, raw_data) = (Some(data_type), Some(RefCell::new(raw_data)));
    let name = (!name.is_empty()).then(|| name.into());
    TensorProto { name, data_type, dims, raw_data, ..TensorProto::default() }
}

fn info(name: &str, elem_type: DataType, shape: &[Size]) -> ValueInfoProto {
    let dim = shape.iter().map(|size| match size {
        Size::Fixed(n) => Dimension { dim_value: Some(*n as i64), dim_param: None },
        Size::Examples(1) => Dimension { dim_value: None, dim_param: Some("batch".into()) },
        Size::Examples(times) => Dimension { dim_value: None, dim_param: Some(format!("{times}*batch")) },
    });
    let shape = Some(TensorShapeProto { dim: dim.collect() });
    let tensor_type = Some(TypeProtoTensor { elem_type: Some(elem_type), shape });
    let r#type = Some(TypeProto { tensor_type, ..TypeProto::default() });
    ValueInfoProto { name: Some(name.into()), r#type }
}
