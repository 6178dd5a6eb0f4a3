//! Speed beside the `gemm` crate's; run with `--ignored --nocapture`.

use std::time::Instant;

use super::*;

/// Least seconds of a call of each, taken in turn.
fn seconds(works: &mut [&mut dyn FnMut()]) -> Vec<f64> {
    let mut best = vec![f64::INFINITY; works.len()];
    let start = Instant::now();
    let mut runs = 0;
    while runs < 5 || start.elapsed().as_secs_f64() < 0.4 {
        for (work, best) in works.iter_mut().zip(&mut best) {
            // Again and again, so that the caches are its own.
            let turn = Instant::now();
            while turn.elapsed().as_secs_f64() < 2e-3 {
                let once = Instant::now();
                work();
                *best = best.min(once.elapsed().as_secs_f64());
            }
        }
        runs += 1;
    }
    best
}

fn compare<T: Float>(name: &str, (m, n, k): (usize, usize, usize), turned: (bool, bool), threads: &Threads) {
    let make = |count: usize| -> Vec<T> { (0..count).map(|i| T::of((i as f64 * 0.7).sin())).collect() };
    let (a, b, mut out) = (make(m * k), make(k * n), vec![T::zero(); m * n]);
    let left = if turned.0 { (1, m as isize) } else { (k as isize, 1) };
    let right = if turned.1 { (k as isize, 1) } else { (1, n as isize) };
    let machine = Machine::detect(T::DTYPE);
    let mut ours = || {
        let lhs = Strands::new(&a, 0, (m, left.0), (k, left.1));
        let rhs = Strands::new(&b, 0, (n, right.0), (k, right.1));
        product(machine, &mut out, n, &lhs, &rhs, false, threads);
    };
    let parallelism = match threads.count() {
        1 => gemm::Parallelism::None,
        count => gemm::Parallelism::Rayon(count),
    };
    let mut check = vec![T::zero(); m * n];
    let mut theirs = || {
        // SAFETY: the strides stay inside the three vectors.
        threads.install(|| unsafe {
            gemm::gemm(
                m,
                n,
                k,
                check.as_mut_ptr(),
                1,
                n as isize,
                false,
                a.as_ptr(),
                left.1,
                left.0,
                b.as_ptr(),
                right.0,
                right.1,
                T::one(),
                T::one(),
                false,
                false,
                false,
                parallelism,
            );
        });
    };
    let best = seconds(&mut [&mut ours, &mut theirs]);
    let (ours, theirs) = (best[0], best[1]);
    let off = out.iter().zip(&check).map(|(&x, &y)| (x.wide() - y.wide()).abs()).fold(0.0, f64::max);
    let rate = |s: f64| 2e-9 * (m * n * k) as f64 / s;
    println!(
        "{name:12} {m:5}×{n:4}×{k:4} {:1} ours {:7.1} gemm {:7.1} GFLOP/s, {:5.2} times; off {off:.1e}",
        threads.count(),
        rate(ours),
        rate(theirs),
        theirs / ours
    );
}

#[test]
#[ignore = "measures"]
fn small() {
    for (name, turned) in [("x·W", (false, false)), ("x·Wᵀ", (false, true)), ("dᵀ·x", (true, false))] {
        for size in [
            (1797, 32, 64),
            (1797, 10, 32),
            (128, 32, 64),
            (128, 10, 32),
            (64, 10, 512),
            (2048, 10, 512),
            (10, 32, 128),
            (32, 64, 128),
            (32, 32, 16),
            (8, 8, 8),
            (16, 16, 16),
            (5, 3, 7),
            (64, 1, 32),
            (1, 64, 32),
            (256, 1, 256),
            (1, 256, 256),
        ] {
            compare::<f32>(name, size, turned, &Threads::default());
        }
        compare::<f64>("f64 x·W", (128, 10, 32), turned, &Threads::default());
        compare::<f64>("f64 x·W", (128, 32, 64), turned, &Threads::default());
    }
}

#[test]
#[ignore = "measures"]
fn large() {
    for (name, turned) in [("x·W", (false, false)), ("x·Wᵀ", (false, true)), ("dᵀ·x", (true, false))] {
        for size in [(512, 512, 512), (512, 1024, 512), (1024, 512, 256), (512, 784, 256), (1024, 384, 128)] {
            compare::<f32>(name, size, turned, &Threads::default());
        }
        compare::<f64>("f64 x·W", (256, 512, 512), turned, &Threads::default());
    }
}

#[test]
#[ignore = "measures"]
fn products_beside_the_gemm_crate() {
    let forms = [("x·W", (false, false)), ("x·Wᵀ", (false, true)), ("dᵀ·x", (true, false))];
    for threads in [Threads::default(), Threads::new(2)] {
        for (name, turned) in forms {
            for size in [
                (64, 64, 64),
                (128, 128, 128),
                (256, 256, 256),
                (512, 512, 512),
                (512, 1024, 512),
                (1024, 1024, 1024),
                (256, 512, 784),
                (256, 512, 512),
                (512, 784, 256),
                (128, 512, 784),
                (1797, 32, 64),
                (128, 32, 64),
                (128, 10, 32),
                (64, 32, 64),
                (64, 64, 32),
                (1024, 96, 128),
                (1024, 384, 128),
            ] {
                compare::<f32>(name, size, turned, &threads);
            }
        }
        compare::<f64>("f64 x·W", (256, 512, 512), (false, false), &threads);
        compare::<f64>("f64 x·Wᵀ", (256, 512, 512), (false, true), &threads);
    }
}
