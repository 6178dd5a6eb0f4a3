//! Speed of convolutions and of both their derivatives; run with `--ignored --nocapture`.

use std::time::Instant;

use crate::primitive::Window;
use crate::{Builder, DType, Graph, Program, Threads, Type};

/// Least seconds of a run.
fn seconds(graph: &Graph) -> f64 {
    let program = Program::compile(graph);
    let numbers = |types: &[Type]| -> Vec<Vec<f32>> {
        types.iter().map(|t| (0..t.size()).map(|i| (i as f32 * 0.7).sin()).collect()).collect()
    };
    let (inputs, mut outputs) = (numbers(program.inputs()), numbers(program.outputs()));
    let inputs: Vec<&[u8]> = inputs.iter().map(|x| bytemuck::cast_slice(x)).collect();
    let mut outputs: Vec<&mut [u8]> = outputs.iter_mut().map(|x| bytemuck::cast_slice_mut(x)).collect();
    let (start, mut best) = (Instant::now(), f64::INFINITY);
    while start.elapsed().as_secs_f64() < 0.5 {
        let once = Instant::now();
        program.run(&inputs, &mut outputs, &Threads::default());
        best = best.min(once.elapsed().as_secs_f64());
    }
    best
}

#[test]
#[ignore = "measures"]
fn layers() {
    // Examples, input and output features, image, filter, stride, padding.
    for [n, c, o, image, filter, stride, padding] in [
        [32, 3, 16, 32, 3, 1, 1],
        [32, 16, 16, 32, 3, 1, 1],
        [32, 16, 32, 32, 3, 2, 1],
        [32, 32, 32, 16, 3, 1, 1],
        [32, 32, 64, 16, 3, 2, 1],
        [32, 64, 64, 8, 3, 1, 1],
        [32, 16, 32, 32, 1, 2, 0],
        [32, 64, 64, 16, 1, 1, 0],
        [32, 1, 6, 28, 5, 1, 2],
        [32, 6, 16, 14, 5, 1, 0],
        [32, 16, 32, 12, 5, 1, 0],
    ] {
        let mut b = Builder::new();
        let x = b.input(Type::new(DType::F32, [n, c, image, image]));
        let w = b.input(Type::new(DType::F32, [o, c, filter, filter]));
        let side = padding as isize;
        let y = b.convolution(x, w, &[Window::new().stride(stride).padding(side, side); 2], 1);
        let positions = b.shape(y)[2..].iter().product::<usize>();
        let forward = b.finish(&[y]);
        let work = 2e-9 * (n * c * o * filter * filter * positions) as f64;
        let rate = |graph: &Graph| work / seconds(graph);
        println!(
            "{n}×{c:2}×{image}² to {o:2} by {filter}² stride {stride}: {:6.1} {:6.1} {:6.1} GFLOP/s",
            rate(&forward),
            rate(&forward.transpose(&[0])),
            rate(&forward.transpose(&[1])),
        );
    }
}
