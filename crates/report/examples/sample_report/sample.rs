//! Rosenbrock's valley with a bowl in 40 further directions, and what a survey of it would show.

use thalweg_report::model::*;

/// A report with every kind of figure, among them gaps, holes and unusual text.
pub fn report() -> Report {
    let run = descend();
    let end = run.last().expect("a run has a start");
    Report::new("Rosenbrock's valley in 42 dimensions")
        .subtitle(
            "Heavy-ball descent on `rosenbrock:2` with a quadratic bowl in 40 further directions, from \
             (−1.3, 1.2). The run ends close to the minimum at (1, 1); the way there follows the valley's floor.",
        )
        .headline(Headline::new("loss at the end", end.loss).note("true loss, off the plane"))
        .headline(Headline::new("‖∇L‖", end.gradient).note("at step 600"))
        .headline(Headline::new("sharpness λ_max", spectrum()[0]).note("± 2×10⁻⁹ residual"))
        .headline(Headline::new("negative eigenvalues", 0).note("of 42, exact"))
        .headline(Headline::new("verdict", "minimum").note("decided by the whole spectrum"))
        .section(point(end))
        .section(training(&run))
        .section(curvature())
        .section(landscape(&run))
        .provenance(
            Provenance::new("thalweg survey --model 'rosenbrock:2' --seed 1 --out \"run <1>\"")
                .fact("version", env!("CARGO_PKG_VERSION"))
                .fact("seed", 1)
                .fact("dtype", "f64")
                .fact("gradients", 600)
                .fact("weights", "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
                .note("The `Fisher` was not computed: the objective has no probabilities.")
                .note(
                    "A sample to look at the report itself: losses and eigenvalues are closed forms, while \
                     standard errors, residuals and the held-out loss are made up to show how they look.",
                ),
        )
}

struct Step {
    x: [f64; 2],
    loss: f64,
    plane_loss: f64,
    distance: f64,
    gradient: f64,
    sharpness: f64,
    rate: f64,
}

fn rosenbrock([x, y]: [f64; 2]) -> f64 {
    (1.0 - x).powi(2) + 20.0 * (y - x * x).powi(2)
}

fn gradient([x, y]: [f64; 2]) -> [f64; 2] {
    [-2.0 * (1.0 - x) - 80.0 * x * (y - x * x), 40.0 * (y - x * x)]
}

fn hessian_eigenvalues([x, y]: [f64; 2]) -> [f64; 2] {
    let (a, b, d) = (2.0 - 80.0 * (y - 3.0 * x * x), -80.0 * x, 40.0);
    let (mean, root) = ((a + d) / 2.0, (((a - d) / 2.0f64).powi(2) + b * b).sqrt());
    [mean + root, mean - root]
}

/// Curvatures of the bowl in the directions off the plane.
fn bowl() -> impl Iterator<Item = f64> {
    (0..40).map(|k| 0.05 * 1.14f64.powi(k))
}

fn descend() -> Vec<Step> {
    let (mut x, mut v) = ([-1.3, 1.2], [0.0; 2]);
    let mut off: Vec<(f64, f64)> = vec![(0.11, 0.0); 40];
    let mut steps = Vec::new();
    for step in 0..=600 {
        let rate = if step < 400 { 6e-3 } else { 3e-3 };
        let g = gradient(x);
        let bowl_loss: f64 = bowl().zip(&off).map(|(k, (u, _))| k * u * u / 2.0).sum();
        let bowl_gradient: f64 = bowl().zip(&off).map(|(k, (u, _))| (k * u).powi(2)).sum();
        steps.push(Step {
            x,
            loss: rosenbrock(x) + bowl_loss,
            plane_loss: rosenbrock(x),
            distance: off.iter().map(|(u, _)| u * u).sum::<f64>().sqrt(),
            gradient: (g[0] * g[0] + g[1] * g[1] + bowl_gradient).sqrt(),
            sharpness: hessian_eigenvalues(x)[0],
            rate,
        });
        for i in 0..2 {
            v[i] = 0.8 * v[i] - rate * g[i];
            x[i] += v[i];
        }
        for (k, (u, w)) in bowl().zip(&mut off) {
            *w = 0.8 * *w - rate * k * *u;
            *u += *w;
        }
    }
    steps
}

fn spectrum() -> Vec<f64> {
    let mut values: Vec<f64> = bowl().chain(hessian_eigenvalues([1.0, 1.0])).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

fn point(end: &Step) -> Section {
    let values = spectrum();
    let verdict = Verdict {
        title: "Minimum".into(),
        badge: "index 0".into(),
        evidence: format!(
            "All 42 eigenvalues are positive: the smallest is {:.3}, far above its residual of 10^{{-10}}. \
             The gradient's norm is {:.1e}, below the tolerance of 10^{{-2}}.",
            values[41], end.gradient
        ),
        tone: Tone::Minimum,
    };
    let card = Card::new(verdict)
        .row(Row::new("loss", end.loss).uncertainty(Uncertainty::Exact).note("Value of the objective."))
        .row(Row::new("gradient norm ‖∇L‖", end.gradient).note("Zero at a critical point."))
        .row(
            Row::new("sharpness λ_max", values[0])
                .uncertainty(Uncertainty::Residual { value: 2.1e-9 })
                .note("Largest eigenvalue of the Hessian. Gradient descent is stable below 2/η."),
        )
        .row(
            Row::new("smallest eigenvalue λ_min", values[41])
                .uncertainty(Uncertainty::Residual { value: 1e-10 })
                .note("Positive: no direction leads down to second order."),
        )
        .row(
            Row::new("trace", values.iter().sum::<f64>())
                .uncertainty(Uncertainty::StandardError { value: 0.7312 })
                .note("Sum of all eigenvalues, from 64 probes."),
        )
        .row(Row::new("condition number", values[0] / values[41]).note("λ_max / λ_min"))
        .row(Row::new("gradient-noise scale", Cell::Missing).note("Not computed: there is no minibatch."))
        .row(Row::new("log-determinant", f64::NAN).note("Shown as it came out."));
    Section::new("point", "Where it stands")
        .lead("The end of the run is a minimum. Every number below carries how far it can be off.")
        .figure(
            Figure::new("point-card", "Point card", card).caption(
                "A residual is ‖Hv − λv‖: an eigenvalue lies within that distance of the number given.",
            ),
        )
}

fn training(run: &[Step]) -> Section {
    let steps: Vec<f64> = (0..run.len()).map(|i| i as f64).collect();
    let column = |f: fn(&Step) -> f64| run.iter().map(f).collect::<Vec<_>>();
    let held_out: Vec<f64> = run
        .iter()
        .enumerate()
        .map(|(i, s)| match i {
            180..=195 => f64::INFINITY,
            _ => s.loss * 1.25 + 0.02 * (1.0 + (i as f64 / 9.0).sin() / 3.0),
        })
        .collect();
    let spread = |share: f64| held_out.iter().map(|y| y * share).collect::<Vec<_>>();
    let (low, high) = (spread(0.85), spread(1.15));
    let losses = Lines::new(Axis::linear("step"), Axis::log("loss"))
        .right(Axis::linear("‖x − x*‖"))
        .with(Series::line("loss", steps.clone(), column(|s| s.loss)))
        .with(Series::line("held-out loss", steps.clone(), held_out).spread(low, high))
        .with(
            Series::line("distance to x*", steps.clone(), column(|s| (s.x[0] - 1.0).hypot(s.x[1] - 1.0)))
                .stroke(Stroke::Dashed)
                .right(),
        )
        .mark_x(400.0, "η falls");
    let every = |k: usize| (0..run.len()).step_by(k);
    let sharp = Lines::new(Axis::linear("step"), Axis::linear("curvature"))
        .with(
            Series::line(
                "sharpness λ_max",
                every(25).map(|i| i as f64).collect(),
                every(25).map(|i| run[i].sharpness).collect(),
            )
            .stroke(Stroke::Dotted)
            .spread(
                every(25).map(|i| run[i].sharpness - 12.0).collect(),
                every(25).map(|i| run[i].sharpness + 12.0).collect(),
            ),
        )
        .with(Series::line("2(1 + β)/η", steps, column(|s| 3.6 / s.rate)).stroke(Stroke::Step))
        .mark_y(hessian_eigenvalues([1.0, 1.0])[0], "λ_max at the minimum");
    let shares = [0.712, 0.164, 0.062, 0.028, 0.015, 0.008];
    let variance = shares
        .iter()
        .enumerate()
        .fold(Bars::new("principal component", Axis::linear("share of variance")), |bars, (i, share)| {
            bars.bar_with_error((i + 1).to_string(), *share, share * 0.06)
        });
    Section::new("training", "The way there")
        .lead("The loss falls fast until the valley's floor is reached, then slowly along it.")
        .figure(Figure::new("loss-curves", "Loss along the run", losses).caption(
            "Loss after each step. The band is one standard error over five repetitions of the \
                          held-out sample; where the held-out loss overflowed there is a gap.",
        ))
        .figure(Figure::new("sharpness", "Sharpness against the stability limit", sharp).half().caption(
            "λ_max every 25 steps, from the closed form. Above the line, heavy-ball descent \
                          with β = 0.8 would be unstable on a quadratic.",
        ))
        .figure(
            Figure::new("variance", "Variance of the trajectory", variance.cumulative())
                .half()
                .caption("Share of the trajectory's variance by principal component; errors by bootstrap."),
        )
}

fn curvature() -> Section {
    let values = spectrum();
    let width = 0.9;
    let at: Vec<f64> = (0..800).map(|i| -6.0 + 214.0 * f64::from(i) / 799.0).collect();
    let gaussian = |x: f64| (-x * x / (2.0 * width * width)).exp() / (width * std::f64::consts::TAU.sqrt());
    let density: Vec<f64> = at
        .iter()
        .map(|x| values.iter().map(|v| gaussian(x - v)).sum::<f64>() / values.len() as f64)
        .collect();
    let stderr = density.iter().enumerate().map(|(i, d)| d * (0.1 + 0.05 * (i as f64 / 7.0).sin())).collect();
    let mut figure =
        Density::new("eigenvalue λ", at, density).stderr(stderr).floor(1e-5).exact(values.clone());
    for (i, value) in values.iter().take(5).enumerate() {
        figure = figure.eigenvalue(format!("λ_{}", i + 1), *value, 10f64.powi(i as i32 - 5));
    }
    let figure = figure.eigenvalue("λ_min", values[41], 1e-10);
    let columns = [
        Column::text("block"),
        Column::number("parameters"),
        Column::number("‖∇L‖").note("Norm of the gradient within the block.").bar(),
        Column::number("trace").unit("per parameter").bar(),
        Column::number("λ_max"),
    ];
    let row = |name: &str, n: usize, g: f64, trace: f64, top: Cell| {
        [Cell::from(name), Cell::from(n), Cell::from(g), Cell::from(trace), top]
    };
    let table = Table::new(columns)
        .row(row("`valley`", 2, 0.0031, values[0] / 2.0, values[0].into()))
        .row(row("`bowl.flat`", 20, 2.4e-4, 0.22, bowl().nth(19).into()))
        .row(row("`bowl.steep`", 20, 8.1e-5, -0.04, Cell::Missing))
        .row(row("`<b>&broken`", 0, f64::INFINITY, 0.0, f64::NAN.into()));
    Section::new("curvature", "Curvature")
        .lead("One stiff direction across the valley, one soft one along it, and a bowl in between.")
        .figure(
            Figure::new("spectrum", "Spectral density", figure)
                .caption("Density of the Hessian's eigenvalues, broadened by a Gaussian of width 0.9; behind it the exact spectrum. The bars at the marked \
                          eigenvalues are residual bounds."),
        )
        .figure(
            Figure::new("blocks", "Block by block", table)
                .caption("Norms and traces by block of parameters. A dash means that it was not computed."),
        )
}

fn landscape(run: &[Step]) -> Section {
    let n = 51;
    let range = |low: f64, high: f64| -> Vec<f64> {
        (0..n).map(|i| low + (high - low) * i as f64 / (n - 1) as f64).collect()
    };
    let grid = |xs: &[f64], ys: &[f64], f: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
        ys.iter().flat_map(|y| xs.iter().map(|x| f(*x, *y)).collect::<Vec<_>>()).collect()
    };
    let points: Vec<TrajectoryPoint> = (0..run.len())
        .filter(|i| i % 5 == 0 && (*i < 60 || i % 20 == 0))
        .map(|i| {
            let Step { x, loss, plane_loss, distance, .. } = run[i];
            TrajectoryPoint { step: i as f64, x: x[0], y: x[1], loss, plane_loss, distance }
        })
        .collect();
    let (xs, ys) = (range(-1.8, 1.8), range(-0.8, 2.6));
    let valley = Surface::new(
        "loss",
        "x_1",
        "x_2",
        xs.clone(),
        ys.clone(),
        grid(&xs, &ys, &|x, y| rosenbrock([x, y])),
    )
    .trajectory("heavy ball", points)
    .landmark("minimum", 1.0, 1.0);
    let (us, vs) = (range(-1.0, 1.0), range(-1.0, 1.0));
    let broken = |x: f64, y: f64| match () {
        () if (x - 0.55).hypot(y + 0.5) < 0.22 => f64::NAN,
        () if x < -0.9 && y > 0.8 => f64::INFINITY,
        () => 2.0 + (3.0 * x).sin() * (4.0 * y).cos() + 1.5 * x * y - 0.8 * x * x,
    };
    let saddle = Surface::new(
        "loss",
        "direction v_1",
        "direction v_2",
        us.clone(),
        vs.clone(),
        grid(&us, &vs, &broken),
    )
    .shade(Shade::Linear);
    Section::new("landscape", "The landscape around")
        .lead("The plane of the first two coordinates, with the run's way through it.")
        .figure(
            Figure::new("valley", "The valley and the way through it", valley)
                .caption("Loss on a grid of 51×51 points. The path is the run's projection onto the plane; \
                          the points above it are the true losses, which the 40 directions off the plane raise."),
        )
        .figure(
            Figure::new("holes", "A plane with holes", saddle)
                .caption("Grid points whose loss is not finite are left out, never filled in."),
        )
        .figure(
            Figure::new("wells", "Where wells are joined", wells())
                .caption("The four minima of g(x) + g(y), g(x) = (x² − 1)² + x/4, by their values and by the passes between them."),
        )
}

/// The four minima of g(x) + g(y) for g(x) = (x² − 1)² + x/4, joined at its saddles: each is a minimum of one
/// coordinate and the maximum of the other.
fn wells() -> Tree {
    let g = |x: f64| (x * x - 1.0).powi(2) + 0.25 * x;
    // Roots of g′ = 4x³ − 4x + ¼, to four digits.
    let (left, top, right) = (g(-1.0299), g(0.0629), g(0.9670));
    Tree::new(Axis::linear("loss"))
        .leaf("− −", left + left)
        .leaf("− +", left + right)
        .leaf("+ −", left + right)
        .leaf("+ +", right + right)
        .joint(left + top, [0, 1], "x on the left")
        .joint(left + top, [4, 2], "y on the left")
        .joint(right + top, [5, 3], "a pass on the right")
}
