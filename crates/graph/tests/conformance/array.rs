//! Arrays of any element type with their elements as doubles, and their way through the executor.

use thalweg_graph::{DType, Graph, Program, Threads, Type};

/// An array; every element type's values are doubles exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub ty: Type,
    pub data: Vec<f64>,
}

impl Array {
    /// An array of the given elements, rounded to the element type.
    pub fn new(ty: &Type, data: Vec<f64>) -> Self {
        assert_eq!(ty.size(), data.len(), "{ty}");
        Self { ty: ty.clone(), data: data.into_iter().map(|x| round(ty.dtype, x)).collect() }
    }

    /// An array whose element at an index is `f(index)`.
    pub fn from_fn(dtype: DType, shape: &[usize], f: impl FnMut(&[usize]) -> f64) -> Self {
        let ty = Type::new(dtype, shape.iter().copied());
        let mut f = f;
        let data = indices(shape).map(|index| f(&index)).collect();
        Self::new(&ty, data)
    }

    pub fn shape(&self) -> &[usize] {
        &self.ty.shape
    }

    /// The element at an index.
    pub fn at(&self, index: &[usize]) -> f64 {
        self.data[flat(self.shape(), index).expect("an index inside the array")]
    }

    /// Arrays of one type along a new axis.
    pub fn stack(parts: &[Array], axis: usize) -> Self {
        let mut shape = parts[0].shape().to_vec();
        shape.insert(axis, parts.len());
        Self::from_fn(parts[0].ty.dtype, &shape, |index| {
            let mut inner = index.to_vec();
            let part = inner.remove(axis);
            parts[part].at(&inner)
        })
    }

    /// The part at position `i` of an axis, which disappears.
    pub fn take(&self, axis: usize, i: usize) -> Self {
        let mut shape = self.shape().to_vec();
        shape.remove(axis);
        Self::from_fn(self.ty.dtype, &shape, |index| {
            let mut outer = index.to_vec();
            outer.insert(axis, i);
            self.at(&outer)
        })
    }

    /// The same elements, rounded to another element type.
    pub fn cast(&self, dtype: DType) -> Self {
        Self::new(&self.ty.with_dtype(dtype), self.data.clone())
    }

    fn to_words(&self) -> Vec<u64> {
        let bytes: Vec<u8> = match self.ty.dtype {
            DType::F32 => self.data.iter().flat_map(|&x| (x as f32).to_ne_bytes()).collect(),
            DType::F64 => self.data.iter().flat_map(|&x| x.to_ne_bytes()).collect(),
            DType::I32 => self.data.iter().flat_map(|&x| (x as i32).to_ne_bytes()).collect(),
            DType::Bool => self.data.iter().map(|&x| x as u8).collect(),
        };
        let mut words = vec![0; bytes.len().div_ceil(8)];
        bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(&bytes);
        words
    }

    fn from_words(ty: &Type, words: &[u64]) -> Self {
        let bytes = &bytemuck::cast_slice::<u64, u8>(words)[..ty.bytes()];
        let data = match ty.dtype {
            DType::F32 => bytemuck::cast_slice(bytes).iter().map(|&x: &f32| f64::from(x)).collect(),
            DType::F64 => bytemuck::cast_slice(bytes).to_vec(),
            DType::I32 => bytemuck::cast_slice(bytes).iter().map(|&x: &i32| f64::from(x)).collect(),
            DType::Bool => bytes.iter().map(|&x| f64::from(x)).collect(),
        };
        Self { ty: ty.clone(), data }
    }
}

/// The nearest value of an element type; integers and booleans must be given exactly.
fn round(dtype: DType, x: f64) -> f64 {
    match dtype {
        DType::F32 => f64::from(x as f32),
        DType::F64 => x,
        DType::I32 => {
            assert_eq!(f64::from(x as i32), x, "an i32");
            x
        }
        DType::Bool => {
            assert!(x == 0.0 || x == 1.0, "{x} is no boolean");
            x
        }
    }
}

/// All indices of a shape in row-major order.
pub fn indices(shape: &[usize]) -> impl Iterator<Item = Vec<usize>> + use<> {
    let shape = shape.to_vec();
    let size: usize = shape.iter().product();
    (0..size).map(move |mut at| {
        let mut index = vec![0; shape.len()];
        for axis in (0..shape.len()).rev() {
            index[axis] = at % shape[axis];
            at /= shape[axis];
        }
        index
    })
}

/// Row-major position of an index, if it lies inside the shape.
pub fn flat(shape: &[usize], index: &[usize]) -> Option<usize> {
    assert_eq!(shape.len(), index.len());
    shape.iter().zip(index).try_fold(0, |at, (&size, &i)| (i < size).then_some(at * size + i))
}

/// A compiled graph that takes and returns arrays.
pub struct Runner(Program);

impl Runner {
    pub fn new(graph: &Graph) -> Self {
        Self(Program::compile(graph))
    }

    pub fn run(&self, inputs: &[Array]) -> Vec<Array> {
        self.run_on(inputs, &Threads::default())
    }

    pub fn run_on(&self, inputs: &[Array], threads: &Threads) -> Vec<Array> {
        let words: Vec<Vec<u64>> = inputs.iter().map(Array::to_words).collect();
        let bytes: Vec<&[u8]> =
            words.iter().zip(inputs).map(|(w, input)| &bytemuck::cast_slice(w)[..input.ty.bytes()]).collect();
        let types = self.0.outputs();
        // Filled with something, so that an element that is never written does not pass for 0.
        let mut outputs: Vec<Vec<u64>> =
            types.iter().map(|t| vec![0x7b7b_7b7b_7b7b_7b7b; t.bytes().div_ceil(8)]).collect();
        let mut slices: Vec<&mut [u8]> = outputs
            .iter_mut()
            .zip(types)
            .map(|(o, t)| &mut bytemuck::cast_slice_mut(o)[..t.bytes()])
            .collect();
        self.0.run(&bytes, &mut slices, threads);
        outputs.iter().zip(types).map(|(o, t)| Array::from_words(t, o)).collect()
    }
}

/// Compiles a graph and runs it once.
pub fn run(graph: &Graph, inputs: &[Array]) -> Vec<Array> {
    Runner::new(graph).run(inputs)
}
