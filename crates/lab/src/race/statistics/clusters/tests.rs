//! Clusters are compared with the transitive closure of the links, and with minima known in closed form.

use super::*;
use crate::random::Stream;

fn run(points: &[Vec<f64>], values: &[f64], distance: f64, value: f64) -> Clusters {
    let rows: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
    clusters(&rows, values, Nearness { distance, value })
}

fn random(index: u64, m: usize, n: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut numbers = vec![0.0f64; m * (n + 1)];
    Stream::new(12, "clusters", index).fill_uniform(-3.0, 3.0, &mut numbers);
    let points = numbers[..m * n].chunks(n).map(<[f64]>::to_vec).collect();
    (points, numbers[m * n..].iter().map(|v| v.round()).collect())
}

/// Warshall's algorithm on the links as defined.
fn connected(points: &[Vec<f64>], values: &[f64], distance: f64, value: f64) -> Vec<Vec<bool>> {
    let m = points.len();
    let length = |x: &[f64]| x.iter().map(|v| v * v).sum::<f64>().sqrt();
    let linked = |i: usize, j: usize| {
        let difference: Vec<f64> = points[i].iter().zip(&points[j]).map(|(x, y)| x - y).collect();
        length(&difference) <= distance * 1f64.max(length(&points[i])).max(length(&points[j]))
            && (values[i] - values[j]).abs() <= value * 1f64.max(values[i].abs()).max(values[j].abs())
    };
    let mut reach: Vec<Vec<bool>> = (0..m).map(|i| (0..m).map(|j| linked(i, j)).collect()).collect();
    for k in 0..m {
        for i in 0..m {
            for j in 0..m {
                reach[i][j] |= reach[i][k] && reach[k][j];
            }
        }
    }
    reach
}

#[test]
fn clusters_are_what_links_connect() {
    let mut sizes = Vec::new();
    for index in 0..30 {
        let (points, values) = random(index, 25, 2);
        let (distance, value) = (0.5, 0.6);
        let found = run(&points, &values, distance, value);
        let reach = connected(&points, &values, distance, value);
        for i in 0..25 {
            for j in 0..25 {
                assert_eq!(found.of[i] == found.of[j], reach[i][j], "{index}: {i} and {j}");
            }
        }
        for (number, &lowest) in found.representatives.iter().enumerate() {
            assert_eq!(found.of[lowest], Some(number));
            for i in (0..25).filter(|&i| found.of[i] == Some(number)) {
                assert!((values[lowest], lowest) <= (values[i], i));
            }
        }
        let order: Vec<_> = found.representatives.iter().map(|&i| (values[i], i)).collect();
        assert!(order.is_sorted_by(|a, b| a < b));
        sizes.push(found.representatives.len());
    }
    assert!(sizes.iter().any(|&size| 1 < size && size < 20), "{sizes:?}");
}

#[test]
fn the_order_of_points_changes_names_alone() {
    let (points, values) = random(99, 30, 3);
    // Distinct values, so that numbers are the same as well.
    let values: Vec<f64> = values.iter().enumerate().map(|(i, v)| v + 1e-6 * i as f64).collect();
    let found = run(&points, &values, 0.4, 0.5);
    for index in 0..10 {
        let order = Stream::new(1, "order", index).permutation(30);
        let shuffled: Vec<Vec<f64>> = order.iter().map(|&i| points[i as usize].clone()).collect();
        let shuffled_values: Vec<f64> = order.iter().map(|&i| values[i as usize]).collect();
        let again = run(&shuffled, &shuffled_values, 0.4, 0.5);
        for (place, &i) in order.iter().enumerate() {
            assert_eq!(again.of[place], found.of[i as usize]);
        }
    }
}

/// Himmelblau's function has four minima, all of value 0: runs that end within
/// 1e-4 of them are told apart by place, though not by value.
#[test]
fn himmelblaus_minima() {
    let minima = [(3.0, 2.0), (-2.805118, 3.131313), (-3.779310, -3.283186), (3.584428, -1.848127)];
    let f = |x: f64, y: f64| (x * x + y - 11.0).powi(2) + (x + y * y - 7.0).powi(2);
    let mut noise = [0.0f64; 80];
    Stream::new(3, "noise", 0).fill_uniform(-1e-4, 1e-4, &mut noise);
    let points: Vec<Vec<f64>> =
        (0..40).map(|i| vec![minima[i % 4].0 + noise[2 * i], minima[i % 4].1 + noise[2 * i + 1]]).collect();
    let values: Vec<f64> = points.iter().map(|p| f(p[0], p[1])).collect();
    let found = run(&points, &values, 1e-3, 1e-3);
    assert_eq!(found.representatives.len(), 4);
    assert!((0..40).all(|i| found.of[i] == found.of[i % 4]));
    assert_eq!(run(&points, &values, 10.0, 1e-3).representatives.len(), 1);
}

#[test]
fn value_distance_and_scale_all_count() {
    let points = [vec![1e6, 0.0], vec![1e6, 1.0], vec![0.0, 0.0], vec![0.0, 1.0]];
    // 1 is 1e-6 of the size of the first two, and far at the origin.
    assert_eq!(run(&points, &[0.0; 4], 1e-5, 0.0).of, [Some(0), Some(0), Some(1), Some(2)]);
    // The same place with another value is another end (a function of data that changed).
    let found = run(&points[..2], &[5.0, 4.0], 1e-5, 0.1);
    assert_eq!(found, Clusters { of: vec![Some(1), Some(0)], representatives: vec![1, 0] });
    let chain: Vec<Vec<f64>> = (0..10).map(|i| vec![0.1 * f64::from(i)]).collect();
    assert_eq!(run(&chain, &[0.0; 10], 0.11, 0.0).representatives, [0], "single linkage chains");
}

#[test]
fn diverged_runs_are_in_no_cluster() {
    let points = [vec![1.0], vec![f64::NAN], vec![f64::INFINITY], vec![1.0], vec![1.0], vec![1e300]];
    let values = [0.0, 0.0, 0.0, f64::INFINITY, 0.0, 0.0];
    let found = run(&points, &values, 1e-3, 1e-3);
    assert_eq!(found.of, [Some(0), None, None, None, Some(0), Some(1)]);
    assert!(run(&[], &[], 1.0, 1.0).representatives.is_empty());
    let single: [&[f32]; 2] = [&[1.0], &[1.0 + f32::EPSILON]];
    assert_eq!(clusters(&single, &[0.0; 2], Nearness { distance: 1e-6, value: 0.0 }).of, [Some(0); 2]);
}
