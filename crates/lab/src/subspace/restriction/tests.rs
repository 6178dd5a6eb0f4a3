use super::*;
use crate::krylov::{Dense, dense};
use crate::problem::analytic::Analytic;
use crate::problem::learning::{ExampleSum, logistic, two_clouds};
use crate::random::Stream;
use crate::subspace::ProjectionKind;
use crate::vector::{dot, norm};

const KINDS: [ProjectionKind; 3] = [ProjectionKind::Dense, ProjectionKind::Sparse, ProjectionKind::Fastfood];

fn random(n: usize, index: u64) -> Vec<f64> {
    let mut x = vec![0.0; n];
    Stream::new(8, "restriction", index).fill_normal(&mut x);
    x
}

/// P, row by row.
fn matrix(p: &Projection<f64>) -> Vec<Vec<f64>> {
    let row = |i: usize| {
        let (mut unit, mut row) = (vec![0.0; p.rows()], vec![0.0; p.columns()]);
        unit[i] = 1.0;
        p.apply_transpose(&unit, &mut row);
        row
    };
    (0..p.rows()).map(row).collect()
}

/// Pᵀv by plain sums.
fn down(p: &[Vec<f64>], v: &[f64]) -> Vec<f64> {
    (0..p[0].len()).map(|j| p.iter().zip(v).map(|(row, v)| row[j] * v).sum()).collect()
}

#[track_caller]
fn close(found: &[f64], expected: &[f64], what: &str) {
    let error = found.iter().zip(expected).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    assert!(error <= 1e-11 * norm(expected).max(1.0), "{what}: {found:?} and {expected:?}");
}

fn clouds() -> ExampleSum<f64> {
    let (features, labels) = two_clouds(12, 9, 1.5, 4);
    logistic(Layout::flat(9), &features, &labels, 0.1, 9)
}

#[test]
fn values_gradients_and_curvature_are_those_of_the_whole_seen_through_the_matrix() {
    let whole = Analytic::<f64>::new("rosenbrock:9".parse().unwrap(), Default::default());
    for kind in KINDS {
        let p = Projection::new(kind, 9, 4, 2, usize::MAX);
        let rows = matrix(&p);
        let (origin, z) = (random(9, 0), random(4, 1));
        let cut = Restriction::new(&whole, origin.clone(), p);
        let theta: Vec<f64> = origin.iter().zip(&rows).map(|(x, row)| x + dot(row, &z)).collect();
        close(&cut.lift(&z), &theta, "the point");
        let (mut gradient, mut all) = (vec![0.0; 4], vec![0.0; 9]);
        let value = cut.value_grad(&z, &mut gradient);
        let expected = whole.value_grad(&theta, &mut all);
        close(&[value, cut.value(&z), cut.terms(&z).total()], &[expected; 3], "the value");
        close(&gradient, &down(&rows, &all), "the gradient");
        // Central differences of the restriction itself.
        let along = |t: f64| cut.value(&z.iter().map(|z| z + t * 0.5).collect::<Vec<_>>());
        let slope = (8.0 * (along(1e-4) - along(-1e-4)) - (along(2e-4) - along(-2e-4))) / 12e-4;
        let inner = 0.5 * gradient.iter().sum::<f64>();
        assert!((slope - inner).abs() < 1e-7 * norm(&gradient), "{slope} and {inner}");
        for curvature in [Curvature::Hessian, Curvature::GaussNewton] {
            let Ok(mut operator) = cut.linearize(&z, curvature) else {
                assert!(whole.linearize(&theta, curvature).is_err());
                continue;
            };
            let found = dense(&mut *operator, 3).unwrap();
            let big = dense(&mut *whole.linearize(&theta, curvature).unwrap(), 9).unwrap();
            close(&found.entries, &sandwich(&rows, &big), "PᵀAP");
        }
        let directions = [random(4, 2), random(4, 3)];
        let coordinates = [0.3, -0.2, 0.0, 1.1];
        let mut values = [0.0; 2];
        cut.values_along(&z, &[&directions[0], &directions[1]], &coordinates, &mut values);
        for (c, value) in coordinates.chunks(2).zip(values) {
            let point: Vec<f64> =
                (0..4).map(|i| z[i] + c[0] * directions[0][i] + c[1] * directions[1][i]).collect();
            close(&[value], &[cut.value(&point)], "a value on a plane");
        }
    }
}

/// PᵀAP by plain sums.
fn sandwich(p: &[Vec<f64>], a: &Dense) -> Vec<f64> {
    let (rows, columns) = (p.len(), p[0].len());
    let mut out = vec![0.0; columns * columns];
    for (i, j) in (0..rows).flat_map(|i| (0..rows).map(move |j| (i, j))) {
        for (k, out) in out.iter_mut().enumerate() {
            *out += p[i][k / columns] * a.entries[i * rows + j] * p[j][k % columns];
        }
    }
    out
}

#[test]
fn minibatches_and_moments_are_those_of_the_examples() {
    let whole = clouds();
    for kind in KINDS {
        let p = Projection::new(kind, 9, 5, 6, usize::MAX);
        let rows = matrix(&p);
        let cut = Restriction::new(&whole, random(9, 0), p);
        let z = random(5, 1);
        let theta = cut.lift(&z);
        let (sum, all) = (cut.finite_sum().unwrap(), whole.finite_sum().unwrap());
        assert_eq!((sum.examples(), sum.is_separable()), (12, true));
        let (mut gradient, mut expected) = (vec![0.0; 5], vec![0.0; 9]);
        let square = sum.gradient_moments(&z, &mut gradient);
        all.gradient_moments(&theta, &mut expected);
        close(&gradient, &down(&rows, &expected), "the mean gradient");
        // Each example's gradient without the penalty: the sum of one example whose penalty weighs nothing.
        let (features, labels) = two_clouds(12, 9, 1.5, 4);
        let squares = (0..12).map(|i| {
            let alone = logistic::<f64>(Layout::flat(9), &features[9 * i..][..9], &labels[i..=i], 0.0, 9);
            let mut one = vec![0.0; 9];
            alone.value_grad(&theta, &mut one);
            let one = down(&rows, &one);
            dot(&one, &one) / 12.0
        });
        close(&[square], &[squares.sum()], "the mean square");
        let indices = [3u32, 7, 11];
        let value = sum.minibatch(3).value_grad(&z, &indices, &mut gradient);
        let other = all.minibatch(3).value_grad(&theta, &indices, &mut expected);
        close(&[value], &[other], "a minibatch's loss");
        close(&gradient, &down(&rows, &expected), "a minibatch's gradient");
        let v = random(5, 4);
        let image: Vec<f64> = rows.iter().map(|row| dot(row, &v)).collect();
        let mut product = vec![0.0; 5];
        sum.minibatch(3).product(&z, &indices, Curvature::Hessian, &v, &mut product).unwrap();
        all.minibatch(3).product(&theta, &indices, Curvature::Hessian, &image, &mut expected).unwrap();
        close(&product, &down(&rows, &expected), "a minibatch's product");
        assert!(cut.least_squares().is_none());
    }
}

#[test]
fn residuals_have_the_jacobian_of_the_chain_rule() {
    let whole = Analytic::<f64>::new("groups:12,3".parse().unwrap(), Default::default());
    let p = Projection::new(ProjectionKind::Dense, 12, 2, 6, 0);
    let rows = matrix(&p);
    let cut = Restriction::new(&whole, random(12, 0), p);
    let z = random(2, 1);
    let squares = cut.least_squares().unwrap();
    let mut residuals = vec![0.0; squares.residual_count()];
    squares.residuals(&z, &mut residuals);
    close(&[dot(&residuals, &residuals)], &[cut.value(&z)], "the sum of squares");
    let mut jacobian = squares.jacobian(&z);
    assert_eq!(jacobian.shape(), (3, 2));
    let mut forth = vec![0.0; 6];
    jacobian.apply(&[1.0, 0.0, 0.0, 1.0], &mut forth).unwrap();
    // Row g of J P: the sum of the rows of P in group g.
    let expected: Vec<f64> = (0..2)
        .flat_map(|j| (0..3).map(move |g| (g, j)))
        .map(|(g, j)| rows[4 * g..4 * g + 4].iter().map(|row| row[j]).sum())
        .collect();
    close(&forth, &expected, "JP");
    let mut back = vec![0.0; 4];
    jacobian.apply_transpose(&[1.0, -2.0, 0.5, 0.0, 1.0, 0.0], &mut back).unwrap();
    let by_hand = |u: &[f64]| {
        (0..2).map(|j| (0..3).map(|g| u[g] * expected[3 * j + g]).sum::<f64>()).collect::<Vec<_>>()
    };
    close(&back, &[by_hand(&[1.0, -2.0, 0.5]), by_hand(&[0.0, 1.0, 0.0])].concat(), "PᵀJᵀ");
    assert!(cut.finite_sum().is_none());
}
