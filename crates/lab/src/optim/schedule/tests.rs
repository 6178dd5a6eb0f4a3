use super::*;

const HUNDRED: Clock = Clock { steps: 100, steps_per_epoch: 1 };

fn rate(text: &str, step: u64, clock: Clock) -> f64 {
    text.parse::<Schedule>().unwrap().at(step, clock, 0).learning_rate
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} against {expected}");
}

/// η = 0.1 to 0.001 in 100 steps; the digits come from η_min + (η_max − η_min)(1 + cos(πt/T))/2
/// in multiple precision.
#[test]
fn cosine_is_pytorchs_annealing() {
    for (t, expected) in [(0, 0.1), (1, 0.099975574738), (25, 0.085501785669), (50, 0.0505)] {
        let found = 0.1 * rate("cosine:0.01", t, HUNDRED);
        assert!((found - expected).abs() < 1e-12, "{t}: {found}");
    }
}

#[test]
fn cosine_counts_steps_within_epochs() {
    let clock = Clock { steps: 100, steps_per_epoch: 7 };
    close(rate("cosine", 25, clock), (1.0 + (PI / 4.0).cos()) / 2.0);
}

#[test]
fn steps_drop_at_whole_epochs() {
    let clock = Clock { steps: 1000, steps_per_epoch: 10 };
    for (step, expected) in [(0, 1.0), (299, 1.0), (300, 0.1), (599, 0.1), (600, 0.01)] {
        close(rate("step:30:0.1", step, clock), expected);
    }
}

/// `torch.optim.lr_scheduler` 2.x, lr 0.1: `ExponentialLR(gamma=0.95)` after 10 epochs 0.1·0.95¹⁰, and
/// `PolynomialLR(total_iters=100, power=2)` after 30 steps 0.1·0.7².
#[test]
fn exponential_and_polynomial_are_pytorchs() {
    assert!((0.1 * rate("exponential:0.95", 10, HUNDRED) - 0.059873693923837895).abs() < 1e-15);
    let clock = Clock { steps: 100, steps_per_epoch: 4 };
    close(rate("exponential:0.5", 6, clock), 0.5f64.powf(1.5));
    assert!((0.1 * rate("polynomial:2", 30, HUNDRED) - 0.049).abs() < 1e-15);
    close(rate("polynomial", 99, clock), 0.01);
    close(rate("polynomial:1:0.2", 50, HUNDRED), 0.6);
    close(rate("polynomial", 100, HUNDRED), 0.0);
    close(rate("polynomial:0.5", 500, HUNDRED), 0.0);
}

/// Vaswani's d^−½ min(k^−½, k w^−3/2) over its peak (dw)^−½, at the steps k = 1, 2, …, w = 40.
#[test]
fn the_inverse_root_is_the_transformers() {
    let clock = Clock { steps: 1000, steps_per_epoch: 10 };
    let paper = |k: f64| 40f64.sqrt() * k.powf(-0.5).min(k * 40f64.powf(-1.5));
    for step in 0..40 {
        close(rate("warmup:4+inverse-sqrt:4", step, clock), paper((step + 1) as f64));
    }
    for step in 40..1000 {
        close(rate("warmup:4+inverse-sqrt:4", step, clock), paper(step as f64));
    }
}

/// Ten steps of warm-up, ninety of which the last fifth, eighteen, goes down in a line.
#[test]
fn the_stable_phase_ends_in_a_linear_decay() {
    for (step, expected) in [(0, 0.1), (9, 1.0), (10, 1.0), (82, 1.0), (91, 0.5), (99, 1.0 / 18.0)] {
        close(rate("warmup:10+wsd", step, HUNDRED), expected);
    }
    close(rate("wsd:0.5:0.1", 75, HUNDRED), 0.55);
    close(rate("wsd:0", 99, HUNDRED), 1.0);
    close(rate("wsd:1", 25, HUNDRED), rate("polynomial", 25, HUNDRED));
}

/// With T₀ = 10 and growth 2 the rate is back at its peak at 0, 10, 30, 70, 150.
#[test]
fn restarts_come_where_sgdr_has_them() {
    let clock = Clock { steps: 200, steps_per_epoch: 1 };
    let peaks: Vec<u64> = (0..200).filter(|&t| rate("restarts:10:2", t, clock) == 1.0).collect();
    assert_eq!(peaks, [0, 10, 30, 70, 150]);
    close(rate("restarts:10:2:0.2", 20, clock), 0.6);
    let even: Vec<u64> = (0..200).filter(|&t| rate("restarts:50", t, clock) == 1.0).collect();
    assert_eq!(even, [0, 50, 100, 150]);
    close(rate("restarts:50", 75, clock), 0.5);
}

/// max_lr 0.1, 100 steps, everything else default: `OneCycleLR`'s formula in multiple precision.
#[test]
fn one_cycle_is_pytorchs() {
    let cases = [
        (0, 0.004),
        (1, 0.00428137805659),
        (10, 0.02951639484641),
        (29, 0.1),
        (50, 0.07938934505757),
        (99, 4e-7),
    ];
    for (t, expected) in cases {
        let found = 0.1 * rate("one-cycle", t, HUNDRED);
        assert!((found - expected).abs() < 1e-13, "{t}: {found}");
    }
    let momentum = |t| "one-cycle".parse::<Schedule>().unwrap().at(t, HUNDRED, 0).momentum.unwrap();
    assert!((momentum(10) - 0.923420422035).abs() < 1e-12);
    close(momentum(0), 0.95);
    close(momentum(29), 0.85);
    close(momentum(99), 0.95);
    assert_eq!("one-cycle:0.3:25:1e4:fixed".parse::<Schedule>().unwrap().at(10, HUNDRED, 0).momentum, None);
}

#[test]
fn one_cycle_stays_finite_in_very_short_runs() {
    for steps in 0..8 {
        for rise in ["0", "0.3", "1"] {
            for t in 0..=steps {
                let text = format!("one-cycle:{rise}");
                let m = rate(&text, t, Clock { steps, steps_per_epoch: 1 });
                assert!((4e-6 - 1e-12..=1.0 + 1e-12).contains(&m), "{steps} {rise} {t}: {m}");
            }
        }
    }
}

#[test]
fn warm_up_rises_linearly_and_shifts_the_rest() {
    let clock = Clock { steps: 120, steps_per_epoch: 10 };
    for step in 0..20 {
        close(rate("warmup:2+cosine", step, clock), (step + 1) as f64 / 20.0);
    }
    for step in 20..120 {
        close(rate("warmup:2+cosine", step, clock), rate("cosine", step - 20, HUNDRED));
    }
    close(rate("warmup:50+constant", 119, clock), 1.0);
}

/// By hand for PyTorch's rule: epochs of two steps with means 4, 3, 3, 3, 2.9999, 2.9, 2.9, 2.9, and a
/// patience of 1: the second epoch in a row without progress drops the rate.
#[test]
fn the_rate_drops_on_a_plateau() {
    let schedule: Schedule = "plateau:0.5:1".parse().unwrap();
    let clock = Clock { steps: 100, steps_per_epoch: 2 };
    let means = [4.0, 3.0, 3.0, 3.0, 2.9999, 2.9, 2.9, 2.9];
    let losses: Vec<f64> = means.iter().flat_map(|mean| [mean - 1.0, mean + 1.0]).collect();
    let drops: Vec<u32> = (0..=8).map(|epochs| schedule.drops(&losses[..2 * epochs], clock)).collect();
    assert_eq!(drops, [0, 0, 0, 0, 1, 1, 1, 1, 2]);
    // A part of an epoch does not count yet.
    assert_eq!(schedule.drops(&losses[..7], clock), 0);
    assert_eq!(schedule.at(8, clock, 1).learning_rate, 0.5);
    assert_eq!("cosine".parse::<Schedule>().unwrap().drops(&losses, clock), 0);
    // What is not a number is no progress.
    assert_eq!(schedule.drops(&[f64::NAN; 8], clock), 2);
}
