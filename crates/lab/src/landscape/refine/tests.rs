use super::*;
use crate::landscape::{Direction, PlaneProgress};
use crate::samples;

fn unit() -> [Direction<f64>; 2] {
    [[1.0, 0.0], [0.0, 1.0]].map(|d| Direction::unit("d", &d).unwrap())
}

fn coarse(count: usize) -> Axis {
    Axis::symmetric(2.0, count).unwrap()
}

/// A narrow bump: exp(−50 ‖x − (0.5, 0.5)‖²).
fn bump() -> samples::Function {
    samples::function(
        2,
        |x| (-50.0 * ((x[0] - 0.5).powi(2) + (x[1] - 0.5).powi(2))).exp(),
        |_, _| (),
        |_, _| (),
    )
}

#[test]
fn values_are_within_the_tolerance_at_a_fraction_of_the_cost() {
    let [first, second] = unit();
    let options = RefineOptions { tolerance: 0.03, levels: 5 };
    let axis = options.finest(coarse(9)).unwrap();
    assert_eq!(axis.count(), 257);
    let x = [0.0, 0.0];
    let f = bump();
    let spec = PlaneSpec::new(&x, [&first, &second], [axis, axis]).unwrap();
    let oracle = Oracle::new(&f);
    let (plane, found) =
        spec.refine(&oracle, &options, &mut RefineProgress::default(), &mut |_| Ok(())).unwrap();
    let whole = spec.advance(&Oracle::new(&f), &mut PlaneProgress::default(), &mut |_| Ok(())).unwrap();
    assert_eq!(oracle.counts().values, found.evaluated as u64 + 1);
    assert!(found.evaluated < 257 * 257 / 20, "{}", found.evaluated);
    assert_eq!((found.unresolved, found.unresolved_error), (0, 0.0));
    assert!(found.error <= 0.03 && found.error > 0.003);
    let mut worst = 0.0f64;
    for (at, (a, b)) in plane.values.iter().zip(&whole.values).enumerate() {
        worst = worst.max((a - b).abs());
        assert!(!found.known[at] || a == b, "an evaluated value is kept");
    }
    assert!(worst <= 0.03 && worst > 0.0, "{worst}");
    assert_eq!(found.known.iter().filter(|&&k| k).count(), found.evaluated);
    // The leaves tile the plane, and their corners are evaluated.
    assert_eq!(found.leaves.iter().map(|leaf| leaf.size * leaf.size).sum::<usize>(), 256 * 256);
    for leaf in &found.leaves {
        for (c, r) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            assert!(found.known[(leaf.row + r * leaf.size) * 257 + leaf.column + c * leaf.size]);
        }
    }
}

/// A bilinear function needs nothing beyond the first grid; a step cannot be resolved, and that is said.
#[test]
fn what_needs_nothing_gets_nothing_and_what_cannot_be_resolved_is_said() {
    let [first, second] = unit();
    let options = RefineOptions { tolerance: 1e-9, levels: 3 };
    let axes = [options.finest(coarse(5)).unwrap(), options.finest(coarse(3)).unwrap()];
    let x = [0.0, 0.0];
    let run = |f: &samples::Function| {
        let spec = PlaneSpec::new(&x, [&first, &second], axes).unwrap();
        spec.refine(&Oracle::new(f), &options, &mut RefineProgress::default(), &mut |_| Ok(())).unwrap()
    };
    let flat = samples::function(2, |x| 1.0 + x[0] - 2.0 * x[1] + 0.5 * x[0] * x[1], |_, _| (), |_, _| ());
    let (plane, found) = run(&flat);
    // The first squares are two by two cells of the first grid, whose middles belong to that grid.
    assert_eq!((found.evaluated, found.unresolved), (15, 0));
    for (row, v) in plane.v.iter().enumerate() {
        for (column, u) in plane.u.iter().enumerate() {
            let expected = 1.0 + u - 2.0 * v + 0.5 * u * v;
            assert!((plane.values[row * plane.u.len() + column] - expected).abs() < 1e-14);
        }
    }
    let step = samples::function(2, |x| f64::from(u8::from(x[0] > 0.3)), |_, _| (), |_, _| ());
    let (_, found) = run(&step);
    assert!(found.unresolved > 0 && found.unresolved_error == 0.5, "{found:?}");
    let hole = samples::function(2, |x| x[0].ln(), |_, _| (), |_, _| ());
    let (plane, found) = run(&hole);
    assert_eq!(found.unresolved_error, f64::INFINITY);
    assert!(
        plane
            .values
            .iter()
            .zip((0..).map(|i| plane.u[i % plane.u.len()]))
            .all(|(v, u)| v.is_finite() == (u > 0.0))
    );
}

#[test]
fn an_interrupted_refinement_goes_on_to_the_same_bits() {
    let [first, second] = unit();
    let options = RefineOptions { tolerance: 1e-4, levels: 4 };
    let axis = options.finest(coarse(9)).unwrap();
    let f = bump();
    let x = [0.0, 0.0];
    let spec = PlaneSpec::new(&x, [&first, &second], [axis, axis]).unwrap();
    let whole =
        spec.refine(&Oracle::new(&f), &options, &mut RefineProgress::default(), &mut |_| Ok(())).unwrap();
    let mut progress = RefineProgress::default();
    let mut blocks = 0;
    let mut stop = |_: &RefineProgress| {
        blocks += 1;
        if blocks == 3 { Err(Stop::Cancelled) } else { Ok(()) }
    };
    assert!(spec.refine(&Oracle::new(&f), &options, &mut progress, &mut stop).is_err());
    let kept = progress.values.len() as u64;
    assert!(kept > 81);
    progress.values.push(7.0);
    let rest = Oracle::new(&f);
    assert_eq!(spec.refine(&rest, &options, &mut progress, &mut |_| Ok(())).unwrap(), whole);
    assert_eq!(rest.counts().values + kept, whole.1.evaluated as u64 + 1);
}

#[test]
fn a_line_is_refined_around_its_kink() {
    let f = samples::function(1, |x| (x[0] - 0.3).abs(), |_, _| (), |_, _| ());
    let d = Direction::<f64>::unit("d", &[1.0]).unwrap();
    let options = RefineOptions { tolerance: 1e-3, levels: 20 };
    let oracle = Oracle::new(&f);
    let (found, [error, unresolved]) =
        refined_slice(&oracle, &[0.0], &d, Axis::symmetric(1.0, 5).unwrap(), &options).unwrap();
    assert_eq!(oracle.counts().values, found.positions.len() as u64 + 1);
    assert!(found.positions.len() < 40 && error <= 1e-3 && unresolved == 0.0);
    assert!(found.positions.windows(2).all(|w| w[0] < w[1]));
    // The true curve is within the tolerance of the straight pieces.
    for (t, v) in found.positions.windows(2).zip(found.values.windows(2)) {
        let middle = 0.5 * (t[0] + t[1]);
        assert!(((middle - 0.3).abs() - 0.5 * (v[0] + v[1])).abs() < 1e-3);
    }
    let shallow = RefineOptions { levels: 1, ..options };
    let (_, [_, unresolved]) =
        refined_slice(&Oracle::new(&f), &[0.0], &d, Axis::symmetric(1.0, 5).unwrap(), &shallow).unwrap();
    assert!(unresolved > 1e-3);
}
