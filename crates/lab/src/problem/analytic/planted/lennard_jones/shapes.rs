//! The structures of small clusters, relaxed within their symmetry.

use std::f64::consts::TAU;

/// Places that are p times these directions, for one parameter p; the other atoms are at 0.
type Orbit = Vec<[f64; 3]>;

/// Coordinates and energy of the global minimum of so many atoms, where its structure is listed.
pub(super) fn relaxed(atoms: usize) -> Option<(Vec<f64>, f64)> {
    let (orbits, mut p) = shape(atoms)?;
    // Newton's method in the parameters: each place is linear in them.
    for _ in 0..50 {
        let (_, slope, bend) = energy(&orbits, &p);
        let step = solve(bend, slope);
        p.iter_mut().zip(&step).for_each(|(p, step)| *p -= step);
    }
    let (value, ..) = energy(&orbits, &p);
    let place =
        |atom: usize, axis: usize| -> f64 { orbits.iter().zip(&p).map(|(o, p)| o[atom][axis] * p).sum() };
    Some(((0..3 * atoms).map(|k| place(k / 3, k % 3)).collect(), value))
}

/// The orbits, each with a direction for every atom, and first values of the parameters.
fn shape(atoms: usize) -> Option<(Vec<Orbit>, Vec<f64>)> {
    let parts: Vec<(Orbit, f64)> = match atoms {
        2 => vec![(vec![[0.5, 0.0, 0.0], [-0.5, 0.0, 0.0]], 1.12)],
        3 => vec![(ring(3), 0.65)],
        4 => vec![(vec![[1.0; 3], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]], 0.4)],
        5 => vec![(ring(3), 0.65), (poles(), 0.91)],
        6 => vec![(signed([1.0, 0.0, 0.0]), 0.79)],
        7 => vec![(ring(5), 0.95), (poles(), 0.58)],
        13 => vec![(icosahedron(), 0.57), (vec![[0.0; 3]], 1.0)],
        38 => vec![
            (signed([1.0, 0.0, 0.0]), 0.78),
            (signed([1.0, 1.0, 1.0]), 0.78),
            (signed([2.0, 1.0, 0.0]), 0.78),
        ],
        _ => return None,
    };
    let mut orbits: Vec<Orbit> = Vec::new();
    let mut p = Vec::new();
    let mut from = 0;
    for (directions, first) in parts {
        let until = from + directions.len();
        // What rests at the centre has no parameter.
        if directions.iter().flatten().any(|v| *v != 0.0) {
            let mut orbit = vec![[0.0; 3]; atoms];
            orbit[from..until].copy_from_slice(&directions);
            orbits.push(orbit);
            p.push(first);
        }
        from = until;
    }
    if atoms == 38 {
        // The vertices (2, 1, 0) have a second parameter: how far they are off the axes' planes.
        let mut orbit = orbits[2].clone();
        orbit.iter_mut().flatten().for_each(|v| *v = if v.abs() == 1.0 { *v } else { 0.0 });
        orbits.push(orbit);
        p.push(0.0);
    }
    Some((orbits, p))
}

fn ring(count: usize) -> Orbit {
    (0..count)
        .map(|k| {
            let (sin, cos) = (TAU * k as f64 / count as f64).sin_cos();
            [cos, sin, 0.0]
        })
        .collect()
}

fn poles() -> Orbit {
    vec![[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]
}

fn icosahedron() -> Orbit {
    let golden = 0.5 * (1.0 + 5f64.sqrt());
    let mut all = Vec::new();
    for (a, b) in [(1.0, golden), (1.0, -golden), (-1.0, golden), (-1.0, -golden)] {
        all.extend([[0.0, a, b], [a, b, 0.0], [b, 0.0, a]]);
    }
    all
}

/// All orders and signs of three coordinates.
fn signed(v: [f64; 3]) -> Orbit {
    let mut all: Orbit = Vec::new();
    for [i, j, k] in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for signs in 0..8u32 {
            let sign = |bit: u32| if signs >> bit & 1 == 0 { 1.0 } else { -1.0 };
            // + 0.0 makes −0 positive.
            let place = [sign(0) * v[i] + 0.0, sign(1) * v[j] + 0.0, sign(2) * v[k] + 0.0];
            if !all.contains(&place) {
                all.push(place);
            }
        }
    }
    all
}

/// The energy with its first and second derivatives in the parameters.
fn energy(orbits: &[Orbit], p: &[f64]) -> (f64, Vec<f64>, Vec<Vec<f64>>) {
    let (atoms, k) = (orbits[0].len(), p.len());
    let (mut value, mut slope, mut bend) = (0.0, vec![0.0; k], vec![vec![0.0; k]; k]);
    for (i, j) in (0..atoms).flat_map(|i| (0..i).map(move |j| (i, j))) {
        let parts: Vec<[f64; 3]> =
            orbits.iter().map(|o| std::array::from_fn(|a| o[i][a] - o[j][a])).collect();
        let gap: [f64; 3] = std::array::from_fn(|a| parts.iter().zip(p).map(|(d, p)| d[a] * p).sum());
        let dot = |x: &[f64; 3], y: &[f64; 3]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let q = dot(&gap, &gap);
        let s = q.powi(-3);
        value += 4.0 * s * (s - 1.0);
        // φ(q) = 4(q⁻⁶ − q⁻³).
        let (first, second) = (12.0 * s * (1.0 - 2.0 * s) / q, 24.0 * s * (7.0 * s - 2.0) / (q * q));
        let along: Vec<f64> = parts.iter().map(|d| 2.0 * dot(&gap, d)).collect();
        for a in 0..k {
            slope[a] += first * along[a];
            for b in 0..k {
                bend[a][b] += second * along[a] * along[b] + 2.0 * first * dot(&parts[a], &parts[b]);
            }
        }
    }
    (value, slope, bend)
}

/// A⁻¹b for a positive definite A of a few rows.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        for j in i + 1..n {
            let factor = a[j][i] / a[i][i];
            for k in i..n {
                let above = a[i][k];
                a[j][k] -= factor * above;
            }
            b[j] -= factor * b[i];
        }
    }
    for i in (0..n).rev() {
        for k in i + 1..n {
            b[i] -= a[i][k] * b[k];
        }
        b[i] /= a[i][i];
    }
    b
}
