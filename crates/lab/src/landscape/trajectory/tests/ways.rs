//! Several runs on one plane, steps, and the straight line between the ends.

use super::*;
use crate::optim::{Length, Marks, Trainer, Training};
use crate::problem::analytic::{Analytic, quadratic};

fn rows(points: &[Vec<f64>]) -> Vec<(u64, &[f64])> {
    (0..).zip(points.iter().map(|x| &x[..])).collect()
}

/// I − 2uuᵀ with u along (1, 2, …), by which the sample's quadratic is turned.
fn mirrored(x: &[f64]) -> Vec<f64> {
    let scale: f64 = (1..=x.len()).map(|i| (i * i) as f64).sum();
    let along: f64 = x.iter().zip(1..).map(|(x, i)| x * f64::from(i)).sum::<f64>() / scale;
    x.iter().zip(1..).map(|(x, i)| x - 2.0 * along * f64::from(i)).collect()
}

/// Two walks with a drift in R⁶.
fn wanderers() -> [Vec<Vec<f64>>; 2] {
    [1, 2].map(|run| {
        let mut noise = vec![0.0; 60];
        Stream::new(run, "way", 0).fill_normal(&mut noise);
        let mut x = vec![0.5; 6];
        let steps = noise.chunks(6).map(|step| {
            x.iter_mut().zip(step).enumerate().for_each(|(i, (x, s))| *x += s / (1 + i) as f64 + 0.3);
            x.clone()
        });
        steps.collect()
    })
}

/// Two curves planted in a known plane of R⁵, and one point of each beside it by a known distance.
#[test]
fn planted_curves_lie_in_their_plane() {
    let (first, frame) = planar();
    let point = |t: f64| (0..5).map(move |i| 1.0 + 5.0 * (t - 0.5) * frame[0][i] + t.sin() * frame[1][i]);
    let mut second: Vec<Vec<f64>> = (0..7).map(|i| point(f64::from(i) / 3.0).collect()).collect();
    let f = samples::diagonal(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    let oracle = Oracle::new(&f);
    let found = shared_plane(&oracle, &[rows(&first), rows(&second)]).unwrap();
    assert!(found.explained[0] + found.explained[1] > 1.0 - 1e-14);
    assert_eq!((found.runs[0].points.len(), found.runs[1].points.len()), (9, 7));
    assert!(found.runs.iter().all(|run| (run.within.unwrap() - 1.0).abs() < 1e-14));
    for d in &found.directions {
        let inside: f64 = frame.iter().map(|f| dot(&d.vector, f).powi(2)).sum();
        assert!((inside - 1.0).abs() < 1e-13);
    }
    for (point, x) in found.runs.iter().flat_map(|run| &run.points).zip(first.iter().chain(&second)) {
        assert!(point.off_plane < 1e-13 && (point.loss - point.plane_loss).abs() < 1e-11);
        let expected: f64 = x.iter().enumerate().map(|(i, x)| 0.5 * (i + 1) as f64 * x * x).sum();
        assert!((point.loss - expected).abs() < 1e-11);
    }
    // Beside the mean by ±h along (0.8, 0, −0.6, 0, 0), which is orthogonal to the plane: that is the third component.
    let mean: Vec<f64> =
        (0..5).map(|i| first.iter().chain(&second).map(|x| x[i]).sum::<f64>() / 16.0).collect();
    let normal = [0.8, 0.0, -0.6, 0.0, 0.0];
    for h in [0.25, -0.25] {
        second.push(mean.iter().zip(normal).map(|(m, n)| m + h * n).collect());
    }
    let found = shared_plane(&oracle, &[rows(&first), rows(&second)]).unwrap();
    for point in &found.runs[1].points[7..] {
        assert!((point.off_plane - 0.25).abs() < 1e-13);
        assert!(point.u.abs() < 1e-13 && point.v.abs() < 1e-13);
    }
    // A third run that moves along the normal alone has nothing of its way in the plane.
    let across: Vec<Vec<f64>> =
        [0.1, -0.1].iter().map(|h| mean.iter().zip(normal).map(|(m, n)| m + h * n).collect()).collect();
    let still = vec![mean.clone(); 2];
    let found = shared_plane(&oracle, &[rows(&first), rows(&second), rows(&across), rows(&still)]).unwrap();
    assert!(found.runs[2].within.unwrap() < 1e-20);
    assert_eq!(found.runs[3].within, None);
}

/// The plane through the mean leaves what the third and further components hold.
#[test]
fn what_the_shared_plane_misses_is_what_its_components_leave() {
    let ways = wanderers();
    let f = samples::diagonal(&[1.0; 6]);
    let found = shared_plane(&Oracle::new(&f), &[rows(&ways[0]), rows(&ways[1])]).unwrap();
    let all: Vec<&Vec<f64>> = ways.iter().flatten().collect();
    let mean = |i: usize| all.iter().map(|x| x[i]).sum::<f64>() / all.len() as f64;
    let total: f64 = all.iter().map(|x| (0..6).map(|i| (x[i] - mean(i)).powi(2)).sum::<f64>()).sum();
    let off: f64 = found.runs.iter().flat_map(|run| &run.points).map(|p| p.off_plane.powi(2)).sum();
    assert!((off / total - (1.0 - found.explained[0] - found.explained[1])).abs() < 1e-12);
    assert!((0..6).all(|i| (found.origin[i] - mean(i)).abs() < 1e-14));
}

/// Turning the coordinates changes no number of any picture.
#[test]
fn rotations_change_nothing() {
    let spectrum = [4.0, 2.0, 1.0, 0.5, -0.3, 0.1];
    let (plain, turned) = (samples::diagonal(&spectrum), samples::quadratic(&spectrum));
    let ways = wanderers();
    let mirror = ways.each_ref().map(|way| way.iter().map(|x| mirrored(x)).collect::<Vec<_>>());
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-10 * a.abs().max(1.0), "{a} is not {b}");
    let a = shared_plane(&Oracle::new(&plain), &[rows(&ways[0]), rows(&ways[1])]).unwrap();
    let b = shared_plane(&Oracle::new(&turned), &[rows(&mirror[0]), rows(&mirror[1])]).unwrap();
    a.explained.iter().zip(&b.explained).for_each(|(a, b)| near(*a, *b));
    let points =
        |plane: &SharedPlane<f64>| plane.runs.iter().flat_map(|run| run.points.clone()).collect::<Vec<_>>();
    for (a, b) in points(&a).iter().zip(&points(&b)) {
        for (a, b) in [(a.u, b.u), (a.v, b.v), (a.off_plane, b.off_plane)] {
            near(a, b);
        }
        near(a.loss, b.loss);
        near(a.plane_loss, b.plane_loss);
    }
    let (a, b) = (steps(&rows(&ways[0])).unwrap(), steps(&rows(&mirror[0])).unwrap());
    a.lengths.iter().zip(&b.lengths).for_each(|(a, b)| near(*a, *b));
    a.cosines.iter().zip(&b.cosines).for_each(|(a, b)| near(a.unwrap(), b.unwrap()));
    near(a.path_length, b.path_length);
    let line = |way: &[Vec<f64>]| deviation(&rows(way), &way[9]).unwrap();
    for (a, b) in line(&ways[0]).points.iter().zip(&line(&mirror[0]).points) {
        near(a.along, b.along);
        near(a.aside, b.aside);
    }
}

/// A regular polygon of k sides: cosine cos(2π/k), path k times the side, back where it began.
#[test]
fn a_polygon_turns_by_its_angle() {
    let angle = |i: i32| std::f64::consts::TAU * f64::from(i) / 8.0;
    let corners: Vec<Vec<f64>> = (0..=8).map(|i| vec![angle(i).cos(), 0.0, angle(i).sin()]).collect();
    let found = steps(&rows(&corners)).unwrap();
    let side = 2.0 * (angle(1) / 2.0).sin();
    assert!((found.path_length - 8.0 * side).abs() < 1e-13);
    assert!(found.displacement < 1e-14 && found.straightness().unwrap() < 1e-14);
    assert!(found.cosines.iter().all(|c| (c.unwrap() - angle(1).cos()).abs() < 1e-13));
    assert_eq!((found.lengths.len(), found.cosines.len()), (8, 7));
    // A pause has no direction, and neither has its neighbour a turn.
    let pause = [vec![0.0], vec![1.0], vec![1.0], vec![3.0]];
    let found = steps(&rows(&pause)).unwrap();
    assert_eq!((found.cosines, found.path_length), (vec![None, None], 3.0));
}

#[test]
fn a_right_angle_is_half_a_length_aside() {
    let corner = [vec![0.0f64, 1.0], vec![1.0, 1.0], vec![1.0, 2.0]];
    let found = deviation(&rows(&corner), &corner[2]).unwrap();
    assert_eq!(found.distance, 2f64.sqrt());
    assert!((found.points[1].along - 0.5).abs() < 1e-15 && (found.points[1].aside - 0.5).abs() < 1e-15);
    assert!((found.points[2].along - 1.0).abs() < 1e-15 && found.points[2].aside < 1e-15);
    assert_eq!((found.points[0].along, found.points[0].aside), (0.0, 0.0));
    assert!((found.largest() - 0.5).abs() < 1e-15);
}

/// Training on a quadratic of 1,000 dimensions leaves the curve that the closed form says.
#[test]
fn descent_on_a_quadratic_is_its_closed_form() {
    use crate::landscape::{log_spectrum, quadratic_descent};
    let spectrum = log_spectrum(1000, 3.0);
    let objective = Analytic::<f64>::new(quadratic(&spectrum), Default::default());
    let oracle = Oracle::new(&objective);
    for (method, rate, momentum) in [("sgd", 1.9, 0.0), ("momentum:momentum=0.9", 0.1, 0.9)] {
        let training = Training {
            length: Length::Steps(60),
            batch: None,
            checkpoints: Marks::Every(1),
            ..Training::new(method.parse().unwrap(), rate)
        };
        let mut trainer = Trainer::new(training, &oracle).unwrap();
        let mut run = trainer.begin(vec![1.0; 1000]).unwrap();
        trainer.advance(&mut run, 60, &mut |_, _| Ok(())).unwrap();
        let points: Vec<(u64, &[f64])> = run.checkpoints.iter().map(|c| (c.step, &c.x[..])).collect();
        let found = deviation(&points, &[0.0; 1000]).unwrap();
        assert!((found.distance - 1000f64.sqrt()).abs() < 1e-12);
        let steps: Vec<u64> = (0..=60).collect();
        for (point, expected) in found.points.iter().zip(quadratic_descent(&spectrum, rate, momentum, &steps))
        {
            assert_eq!(point.step, expected.step);
            assert!((point.along - expected.along).abs() < 1e-12);
            assert!((point.aside - expected.aside).abs() < 1e-12);
        }
    }
}

#[test]
fn ways_that_lead_nowhere_are_refused() {
    let f = samples::diagonal(&[1.0, 1.0]);
    let oracle = Oracle::new(&f);
    let points = [vec![0.0, 0.0], vec![1.0, 2.0]];
    let few = shared_plane(&oracle, &[rows(&points)]).unwrap_err();
    assert_eq!(few.to_string(), "a trajectory's plane needs 3 points or more; found 2");
    let line = [vec![0.0, 0.0], vec![1.0, 2.0], vec![2.0, 4.0]];
    assert_eq!(shared_plane(&oracle, &[rows(&line), rows(&points)]), Err(TrajectoryError::Line));
    assert_eq!(steps(&rows(&points[..1])), Err(TrajectoryError::Few(1)));
    let back = [vec![1.0, 1.0], vec![2.0, 1.0], vec![1.0, 1.0]];
    assert_eq!(deviation(&rows(&back), &back[2]), Err(TrajectoryError::Still));
    assert_eq!(
        deviation(&rows(&back), &[1.0]),
        Err(TrajectoryError::Dimension { step: 0, expected: 1, found: 2 })
    );
    let broken = [vec![1.0, 1.0], vec![f64::INFINITY, 1.0]];
    assert_eq!(steps(&rows(&broken)), Err(TrajectoryError::NonFinite { step: 1 }));
}
