//! The spherical 3-spin function with given couplings.

use super::*;
use crate::vector::norm;

/// Jᵢⱼₖ = sin(1 + 7i + 11j + 13k + 3ijk).
fn couplings(n: usize) -> Vec<f64> {
    (0..n * n * n)
        .map(|c| {
            let [i, j, k] = [c / (n * n), c / n % n, c % n].map(|v| v as f64);
            (1.0 + 7.0 * i + 11.0 * j + 13.0 * k + 3.0 * i * j * k).sin()
        })
        .collect()
}

/// Σ Jᵢⱼₖ uᵢuⱼuₖ with u = x/‖x‖.
fn spins(n: usize) -> Analytic<f64> {
    let j = couplings(n);
    let function = Function::formula("3-spin", n, move |x| {
        let u = x / x.square().sum().sqrt();
        let mut left = x.vector(&j);
        for rest in [n * n, n, 1] {
            left = left.reshape(&[rest, n]).times(u);
        }
        left.reshape(&[])
    });
    Analytic::new(function, Default::default())
}

/// An independent enumeration: the critical points of the cubic on the sphere are the directions of the solutions of
/// S x x = x, S the symmetrized couplings (Cartwright & Sturmfels 2013); all are sought by plain Newton with Gaussian
/// elimination from many starts. x and −x are of opposite value.
fn enumerated(n: usize, starts: u64) -> Vec<Vec<f64>> {
    let j = couplings(n);
    let s = |a: usize, b: usize, c: usize| {
        [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]]
            .iter()
            .map(|p| j[p[0] * n * n + p[1] * n + p[2]])
            .sum::<f64>()
            / 6.0
    };
    let mut units: Vec<Vec<f64>> = Vec::new();
    for k in 0..starts {
        let mut x = vec![0.0; n];
        crate::random::Stream::new(99, "enumeration", k).fill_normal(&mut x);
        // The value is 1/‖x‖: points of small value lie far off.
        let far = [1.0, 3.0, 10.0, 30.0][k as usize % 4];
        x.iter_mut().for_each(|v| *v *= far);
        for _ in 0..60 {
            let mut rows = vec![vec![0.0; n + 1]; n];
            for a in 0..n {
                for b in 0..n {
                    let sx: f64 = (0..n).map(|c| s(a, b, c) * x[c]).sum();
                    rows[a][b] = 2.0 * sx - f64::from(a == b);
                    rows[a][n] -= sx * x[b];
                }
                rows[a][n] += x[a];
            }
            let step = eliminated(rows);
            x.iter_mut().zip(&step).for_each(|(x, s)| *x += s);
            if norm(&step) < 1e-14 * norm(&x) {
                break;
            }
        }
        let residual: f64 = (0..n)
            .map(|a| {
                let image: f64 = (0..n * n).map(|bc| s(a, bc / n, bc % n) * x[bc / n] * x[bc % n]).sum();
                (image - x[a]).powi(2)
            })
            .sum::<f64>()
            .sqrt();
        let length = norm(&x);
        if residual < 1e-10 * length && length > 1e-6 {
            for sign in [1.0, -1.0] {
                let unit: Vec<f64> = x.iter().map(|v| sign * v / length).collect();
                if units.iter().all(|other| symmetry::apart(other, &unit) > 1e-6) {
                    units.push(unit);
                }
            }
        }
    }
    units
}

fn eliminated(mut rows: Vec<Vec<f64>>) -> Vec<f64> {
    let n = rows.len();
    for c in 0..n {
        let pivot = (c..n).max_by(|&a, &b| rows[a][c].abs().total_cmp(&rows[b][c].abs())).unwrap();
        rows.swap(c, pivot);
        for r in 0..n {
            if r != c {
                let factor = rows[r][c] / rows[c][c];
                for k in c..=n {
                    rows[r][k] -= factor * rows[c][k];
                }
            }
        }
    }
    (0..n).map(|r| rows[r][n] / rows[r][r]).collect()
}

/// Counts by index and the lowest value: computed by tracking all 2^N − 1 complex solutions by homotopy.
#[test]
fn the_three_spin_sphere_is_exhausted() {
    for (n, by_index, lowest) in [
        (3, vec![4, 6, 4], -1.263410940),
        (4, vec![4, 7, 7, 4], -2.055468705),
        (5, vec![4, 7, 8, 7, 4], -2.338395125),
    ] {
        let f = spins(n);
        let oracle = Oracle::new(&f);
        let starts: Vec<Vec<f64>> = (0..3).map(|k| Starts::Box(vec![(-1.0, 1.0); n]).get(5, k, 3)).collect();
        assert!(is_constant_along_rays(&oracle, &starts).unwrap());
        let options = SearchOptions { reach: 0.5, follow: Some(n - 1), ..SearchOptions::default() };
        let bounds = vec![(-1.0, 1.0); n];
        let catalogue = survey(&oracle, &bounds, [20 * n as u64, 1], &Rays, &options);
        let counts: Vec<usize> = (0..n as u64)
            .map(|index| catalogue.found().iter().filter(|f| f.certificate.index.is(index)).count())
            .collect();
        assert_eq!(counts, by_index, "N = {n}");
        let least = catalogue.found().iter().map(Found::value).fold(f64::INFINITY, f64::min);
        assert!((least - lowest).abs() < 1e-9, "{least}");
        // The Euler characteristic of the sphere, 1 + (−1)^{N−1}.
        let euler: i64 = counts
            .iter()
            .enumerate()
            .map(|(k, c)| if k.is_multiple_of(2) { *c as i64 } else { -(*c as i64) })
            .sum();
        assert_eq!(euler, if n.is_multiple_of(2) { 0 } else { 2 });
        for found in catalogue.found() {
            assert_eq!((found.isolation, found.certificate.null), (Isolation::Orbit, Some(1)));
        }
        let expected = enumerated(n, 3000);
        assert_eq!(expected.len(), catalogue.found().len());
        for unit in &expected {
            let copies = catalogue
                .found()
                .iter()
                .filter(|found| {
                    let length = norm(&found.x);
                    found.x.iter().zip(unit).all(|(x, u)| (x / length - u).abs() < 1e-7)
                })
                .count();
            assert_eq!(copies, 1, "{unit:?}");
        }
    }
}
