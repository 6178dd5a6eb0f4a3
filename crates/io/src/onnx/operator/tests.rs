use std::collections::HashMap;

use thalweg_graph::{Builder, DType, Program as Compiled, Threads, Type};

use super::*;
use crate::arrays::{NamedArrays, Values};
use crate::onnx::array::{Array, Kind};
use crate::onnx::external::NoExternalData;
use crate::onnx::message;
use crate::onnx::program::{Declared, Program};
use crate::onnx::translate::translate;
use crate::stored::ElementType;

/// A case of `operators.npz`, which `operators.py` beside it made.
struct Case {
    name: String,
    model: Vec<u8>,
    inputs: Vec<Array>,
    outputs: Vec<Array>,
}

fn cases() -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/onnx/");
    let path = std::env::var("THALWEG_OPERATORS").unwrap_or_else(|_| format!("{folder}operators.npz"));
    let arrays = NamedArrays::from_bytes(&std::fs::read(path).unwrap(), "operators.npz").unwrap();
    let bytes = |name: &str| match &arrays.get(name).unwrap().values {
        Values::I64(v) => v.iter().map(|&b| b as u8).collect::<Vec<u8>>(),
        _ => panic!("bytes are expected"),
    };
    let (index, data) = (bytes("index"), bytes("data"));
    type Arrays = Vec<(String, Vec<usize>)>;
    let rows: Vec<(String, usize, Arrays, Arrays)> = serde_json::from_slice(&index).unwrap();
    let mut rest = data.as_slice();
    let mut take = |count: usize| rest.split_off(..count).unwrap().to_vec();
    rows.into_iter()
        .map(|(name, length, inputs, outputs)| {
            let model = take(length);
            let mut all =
                |arrays: Arrays| arrays.iter().map(|(ty, shape)| array(ty, shape, &mut take)).collect();
            Case { name, model, inputs: all(inputs), outputs: all(outputs) }
        })
        .collect()
}

/// An array of NumPy's element type.
fn array(ty: &str, shape: &[usize], take: &mut impl FnMut(usize) -> Vec<u8>) -> Array {
    let count: usize = shape.iter().product();
    let size: usize = ty[1..].parse().unwrap();
    let bytes = take(count * size);
    let elements = bytes.chunks_exact(size);
    let wide = |chunk: &[u8], signed: bool| {
        let fill = if signed && chunk[size - 1] >= 0x80 { 0xff } else { 0 };
        let mut whole = [fill; 8];
        whole[..size].copy_from_slice(chunk);
        i64::from_le_bytes(whole)
    };
    match &ty[..1] {
        "f" if size == 4 => {
            let all = elements.map(|c| f64::from(f32::from_le_bytes(c.try_into().unwrap())));
            Array::floats(shape, all.collect::<Vec<_>>())
        }
        "f" => Array::floats(
            shape,
            elements.map(|c| f64::from_le_bytes(c.try_into().unwrap())).collect::<Vec<_>>(),
        ),
        "b" => Array::bools(shape, bytes.iter().map(|&b| b != 0).collect::<Vec<_>>()),
        kind => Array::ints(shape, elements.map(|c| wide(c, kind == "i")).collect::<Vec<_>>()),
    }
}

/// Which inputs are computed while the program is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Known {
    All,
    Integers,
    None,
}

/// Runs a case; the outputs, or why it is refused.
fn run(case: &Case, known: Known, float: DType) -> Result<Vec<Array>, String> {
    let message = message::decode(&case.model).map_err(|fault| format!("{fault:?}"))?;
    let graph = message.graph.as_ref().unwrap();
    let names: Vec<&str> = graph.outputs.iter().map(|output| output.name).collect();
    let opset = message.opsets.iter().find(|(domain, _)| domain.is_empty()).unwrap().1;
    let input = Declared { name: String::new(), element: ElementType::F32, batch: None, example: Vec::new() };
    let program =
        Program::of(&message, opset, input, &names, &NoExternalData).map_err(|fault| format!("{fault:?}"))?;
    let mut b = Builder::new();
    let mut data = Vec::new();
    let mut values: HashMap<&str, Tensor> =
        program.initializers.iter().map(|(name, array)| (name.as_str(), array.clone().into())).collect();
    for (declared, array) in graph.inputs.iter().zip(&case.inputs) {
        // What has no elements cannot be told from a shape; it is known as well.
        let fixed = known == Known::All
            || known == Known::Integers && array.kind() != Kind::Float
            || array.len() == 0;
        let tensor = match fixed {
            true => array.clone().into(),
            false => {
                data.push(array.literal(float)?);
                b.input(Type::new(array.kind().dtype(float), array.shape.iter().copied())).into()
            }
        };
        values.insert(declared.name, tensor);
    }
    let mut e = Emitter::new(&mut b, float);
    let tensors =
        translate(&program, &mut e, values).map_err(|fault| format!("{}: {}", fault.node, fault.reason))?;
    let outputs = tensors.iter().map(|tensor| e.value(tensor)).collect::<Outcome<Vec<_>>>()?;
    let compiled = Compiled::compile(&b.finish(&outputs));
    let inputs: Vec<&[u8]> = data.iter().map(|literal| literal.bytes()).collect();
    let mut words: Vec<Vec<u64>> =
        compiled.outputs().iter().map(|ty| vec![0; ty.bytes().div_ceil(8)]).collect();
    let mut slices: Vec<&mut [u8]> = words
        .iter_mut()
        .zip(compiled.outputs())
        .map(|(words, ty)| &mut bytemuck::cast_slice_mut(words)[..ty.bytes()])
        .collect();
    compiled.run(&inputs, &mut slices, &Threads::default());
    let found = words.iter().zip(compiled.outputs()).map(|(words, ty)| {
        let bytes = &bytemuck::cast_slice::<u64, u8>(words)[..ty.bytes()];
        let shape = ty.shape.to_vec();
        match ty.dtype {
            DType::F32 => Array::floats(
                shape,
                bytemuck::cast_slice(bytes).iter().map(|&x: &f32| f64::from(x)).collect::<Vec<_>>(),
            ),
            DType::F64 => Array::floats(shape, bytemuck::cast_slice::<u8, f64>(bytes).to_vec()),
            DType::I32 => Array::ints(
                shape,
                bytemuck::cast_slice(bytes).iter().map(|&x: &i32| i64::from(x)).collect::<Vec<_>>(),
            ),
            DType::Bool => Array::bools(shape, bytes.iter().map(|&x| x != 0).collect::<Vec<_>>()),
        }
    });
    Ok(found.collect())
}

/// What is wrong with found outputs.
fn compare(found: &[Array], expected: &[Array]) -> Option<String> {
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        if found.shape != expected.shape || found.kind() != expected.kind() {
            return Some(format!(
                "output {i} is {:?} of {:?}, not {:?} of {:?}",
                found.kind(),
                found.shape,
                expected.kind(),
                expected.shape
            ));
        }
        let (found, expected) = (found.doubles(), expected.doubles());
        let scale = expected.iter().filter(|x| x.is_finite()).fold(1e-3f64, |m, x| m.max(x.abs()));
        for (f, e) in found.iter().zip(expected.iter()) {
            let same = f == e || f.is_nan() && e.is_nan() || (f - e).abs() <= 3e-6 * scale;
            if !same {
                return Some(format!("output {i} has {f}, not {e}"));
            }
        }
    }
    None
}

/// The reasons for which cases are refused: what the table says of the operators' limits.
const REFUSED: [(&str, &str); 6] = [
    ("Attention", "keys and values of earlier calls"),
    ("Attention", "output 1 of this operator"),
    ("Dropout", "the attribute ratio"),
    ("Einsum", "a letter twice"),
    ("MaxPool", "output 1 of this operator"),
    ("Scatter", "reduction is"),
];

/// With all inputs known, with the integers known, and with nothing known, in both precisions.
#[test]
fn operators_agree_with_other_implementations() {
    let (mut compared, mut covered) = (0, std::collections::BTreeSet::new());
    for case in cases() {
        for known in [Known::All, Known::Integers, Known::None] {
            for float in [DType::F32, DType::F64] {
                let what = format!("{} in {float}, known: {known:?}", case.name);
                match run(&case, known, float) {
                    Ok(found) => {
                        assert_eq!(compare(&found, &case.outputs), None, "{what}");
                        compared += 1;
                        covered.extend(operators(&case));
                    }
                    Err(reason) => {
                        let open = match known {
                            Known::All => false,
                            Known::Integers => {
                                reason.starts_with("Range") && reason.contains("depends on the data")
                            }
                            Known::None => reason.contains("depends on the data"),
                        };
                        let refused =
                            |(name, why): &(&str, &str)| reason.starts_with(name) && reason.contains(why);
                        assert!(open || REFUSED.iter().any(refused), "{what}: {reason}");
                    }
                }
            }
        }
    }
    assert!(compared > 5000, "{compared} runs");
    let missing: Vec<&str> =
        TABLE.iter().map(|operator| operator.name).filter(|name| !covered.contains(*name)).collect();
    assert_eq!(missing, [""; 0], "operators without a case");
}

fn operators(case: &Case) -> Vec<String> {
    let message = message::decode(&case.model).unwrap();
    message.graph.unwrap().nodes.iter().map(|node| node.operator.to_owned()).collect()
}

#[test]
fn the_table_is_sorted() {
    assert!(TABLE.is_sorted_by_key(|operator| operator.name));
    for operator in TABLE {
        assert!(find(operator.name).is_some_and(|found| std::ptr::eq(found, operator)));
        assert!(refusal(operator.name).is_none(), "{}", operator.name);
    }
}
