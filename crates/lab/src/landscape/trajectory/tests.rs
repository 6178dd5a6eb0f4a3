mod ways;

use super::*;
use crate::random::Stream;
use crate::samples;

fn plane(points: &[Vec<f64>], spectrum: &[f64], centering: Centering) -> TrajectoryPlane<f64> {
    let f = samples::diagonal(spectrum);
    let steps: Vec<_> = points.iter().enumerate().map(|(i, x)| (10 * i as u64, &x[..])).collect();
    TrajectoryPlane::new(&Oracle::new(&f), &steps, centering).unwrap()
}

/// A curve in the plane of two orthonormal vectors of R⁵.
fn planar() -> (Vec<Vec<f64>>, [[f64; 5]; 2]) {
    let frame = [[0.6, 0.0, 0.8, 0.0, 0.0], [0.0, 0.5, 0.0, 0.5, 0.5f64.sqrt()]];
    let point = |t: f64| (0..5).map(|i| 1.0 + 3.0 * t * frame[0][i] + t * t * frame[1][i]).collect();
    ((0..9).map(|i| point(1.0 - f64::from(i) / 8.0)).collect(), frame)
}

#[test]
fn a_planar_curve_lies_in_its_plane() {
    let (points, frame) = planar();
    for centering in [Centering::Mean, Centering::Last] {
        let found = plane(&points, &[1.0, 2.0, 3.0, 4.0, 5.0], centering);
        assert!(found.explained[0] + found.explained[1] > 1.0 - 1e-14);
        assert_eq!(found.explained.len(), 8);
        for (point, x) in found.points.iter().zip(&points) {
            assert!(point.off_plane < 1e-14, "{}", point.off_plane);
            assert!((point.loss - point.plane_loss).abs() < 1e-12);
            let expected: f64 = x.iter().enumerate().map(|(i, x)| 0.5 * (i + 1) as f64 * x * x).sum();
            assert!((point.loss - expected).abs() < 1e-12);
            let back = found.at(point.u, point.v);
            assert!(back.iter().zip(x).all(|(a, b)| (a - b).abs() < 1e-14));
        }
        for d in &found.directions {
            let inside: f64 = frame.iter().map(|f| dot(&d.vector, f).powi(2)).sum();
            assert!((inside - 1.0).abs() < 1e-14);
        }
        assert!(found.directions[0].cosine(&found.directions[1]).abs() < 1e-15);
        assert!(found.points[0].u < 0.0);
        let last = found.points[8];
        assert_eq!((last.u.to_bits(), last.v.to_bits(), last.step), (0, 0, 80));
    }
}

/// Points ±aᵢeᵢ about the last one, 0: the variances are 2aᵢ² by either centering.
#[test]
fn shares_of_variance_are_the_known_ones() {
    let lengths = [1.0, 3.0, 2.0];
    let mut points = Vec::new();
    for (i, a) in lengths.iter().enumerate() {
        for sign in [1.0, -1.0] {
            let mut x = vec![0.0; 3];
            x[i] = sign * a;
            points.push(x);
        }
    }
    points.push(vec![0.0; 3]);
    for centering in [Centering::Mean, Centering::Last] {
        let found = plane(&points, &[1.0, 1.0, 7.0], centering);
        for (share, expected) in found.explained.iter().zip([9.0, 4.0, 1.0, 0.0, 0.0, 0.0]) {
            assert!((share - expected / 14.0).abs() < 1e-14);
        }
        assert!((found.directions[0].vector[1].abs() - 1.0).abs() < 1e-14);
        assert!((found.directions[1].vector[2].abs() - 1.0).abs() < 1e-14);
        // The first two points are off the plane by 1, where f = 1/2; their projection is the origin.
        for point in &found.points[..2] {
            assert!((point.off_plane - 1.0).abs() < 1e-14);
            assert!((point.loss - 0.5).abs() < 1e-14 && point.plane_loss.abs() < 1e-14);
        }
    }
}

/// Far from the mean, the plane through the last point leaves less distance by `Last`, which minimizes it.
#[test]
fn centering_on_the_last_point_leaves_the_least_distance() {
    let mut points: Vec<Vec<f64>> = Vec::new();
    let mut noise = vec![0.0; 60];
    Stream::new(3, "test", 0).fill_normal(&mut noise);
    for i in 0..10 {
        points.push((0..6).map(|j| noise[6 * i + j] + if j == 0 { 5.0 } else { 0.0 }).collect());
    }
    points.push(vec![0.0; 6]);
    let spectrum = [1.0; 6];
    let off = |centering| -> f64 {
        plane(&points, &spectrum, centering).points.iter().map(|p| p.off_plane.powi(2)).sum()
    };
    assert!(off(Centering::Last) < 0.8 * off(Centering::Mean));
    let found = plane(&points, &spectrum, Centering::Last);
    let total: f64 = points.iter().map(|x| dot(x, x)).sum();
    let inside = found.explained[0] + found.explained[1];
    assert!((off(Centering::Last) / total - (1.0 - inside)).abs() < 1e-12);
}

/// A pure random walk in 20,000 dimensions has the shares of the null model.
#[test]
fn a_random_walk_has_the_shares_of_the_null_model() {
    assert!((random_walk_share(1, 1000) - 0.6079282).abs() < 1e-7);
    assert!((random_walk_share(2, 1000) - 0.1519824).abs() < 1e-7);
    assert!((random_walk_share(3, 1000) - 0.0675480).abs() < 1e-7);
    let (t, n) = (60, 20_000);
    assert!(((1..t).map(|k| random_walk_share(k, t)).sum::<f64>() - 1.0).abs() < 1e-12);
    let mut x = vec![0.0f64; n];
    let mut step = vec![0.0f64; n];
    let points: Vec<Vec<f64>> = (0..t)
        .map(|i| {
            Stream::new(11, "walk", i as u64).fill_normal(&mut step);
            x.iter_mut().zip(&step).for_each(|(x, s)| *x += s);
            x.clone()
        })
        .collect();
    let found = plane(&points, &vec![1.0; n], Centering::Mean);
    for k in 1..=3 {
        let (share, null) = (found.explained[k - 1], random_walk_share(k, t));
        assert!((share - null).abs() < 0.01, "{k}: {share} against {null}");
    }
}

#[test]
fn single_precision_reports_distances_of_its_own_plane() {
    let (points, _) = planar();
    let narrow: Vec<Vec<f32>> = points.iter().map(|x| x.iter().map(|&v| v as f32).collect()).collect();
    let steps: Vec<_> = narrow.iter().enumerate().map(|(i, x)| (i as u64, &x[..])).collect();
    let f = samples::diagonal(&[1.0; 5]);
    let found = TrajectoryPlane::new(&Oracle::new(&f), &steps, Centering::Mean).unwrap();
    assert!(found.points.iter().all(|p| p.off_plane < 1e-6 && (p.loss - p.plane_loss).abs() < 1e-5));
}

#[test]
fn trajectories_without_a_plane_are_refused() {
    let f = samples::diagonal(&[1.0, 1.0]);
    let oracle = Oracle::new(&f);
    let new = |points: &[&[f64]]| {
        let steps: Vec<_> = points.iter().enumerate().map(|(i, x)| (i as u64, *x)).collect();
        TrajectoryPlane::new(&oracle, &steps, Centering::Mean).unwrap_err()
    };
    assert_eq!(new(&[&[0.0, 0.0], &[1.0, 0.0]]), TrajectoryError::Points(2));
    assert_eq!(new(&[&[0.0, 0.0], &[0.1, 0.3], &[0.2, 0.6]]), TrajectoryError::Line);
    assert_eq!(new(&[&[1.0, 2.0][..]; 4]), TrajectoryError::Line);
    assert_eq!(
        new(&[&[0.0], &[1.0, 0.0], &[1.0, 2.0]]),
        TrajectoryError::Dimension { step: 0, expected: 2, found: 1 }
    );
    assert_eq!(new(&[&[0.0, 1.0], &[1.0, f64::NAN], &[1.0, 2.0]]), TrajectoryError::NonFinite { step: 1 });
}
