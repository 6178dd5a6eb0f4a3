//! Speed beside that of vectors; run with `--ignored --nocapture`.

use std::time::Instant;

use super::super::{Machine, Strands, product};
use crate::Threads;

#[test]
#[ignore = "measures"]
fn products_beside_vectors() {
    let machines: Vec<_> = Machine::all_f32().take(2).collect();
    for (name, turned) in [("x·W", (false, false)), ("x·Wᵀ", (false, true)), ("dᵀ·x", (true, false))] {
        for (m, n, k) in [
            (64, 64, 32),
            (128, 32, 64),
            (32, 32, 128),
            (64, 64, 64),
            (48, 48, 256),
            (256, 32, 64),
            (32, 512, 256),
            (1024, 96, 128),
            (1024, 384, 128),
            (128, 512, 1024),
            (384, 128, 1024),
            (1024, 1024, 1024),
        ] {
            let (a, b, mut c) = (vec![1.5f32; m * k], vec![1.5f32; n * k], vec![0f32; m * n]);
            let left = if turned.0 { (1, m as isize) } else { (k as isize, 1) };
            let right = if turned.1 { (k as isize, 1) } else { (1, n as isize) };
            let mut best = [f64::INFINITY; 2];
            for _ in 0..20 {
                for (machine, best) in machines.iter().zip(&mut best) {
                    for _ in 0..(20_000_000 / (m * n * k)).clamp(5, 200) {
                        let once = Instant::now();
                        let lhs = Strands::new(&a, 0, (m, left.0), (k, left.1));
                        let rhs = Strands::new(&b, 0, (n, right.0), (k, right.1));
                        product(machine, &mut c, n, &lhs, &rhs, false, &Threads::default());
                        *best = best.min(once.elapsed().as_secs_f64());
                    }
                }
            }
            let [matrix, vectors] = best.map(|s| 2e-9 * (m * n * k) as f64 / s);
            println!(
                "{name:6} {m:4}×{n:4}×{k:4}: {matrix:6.1} GFLOP/s, {vectors:6.1} with vectors, {:.2} times",
                matrix / vectors
            );
        }
    }
}
