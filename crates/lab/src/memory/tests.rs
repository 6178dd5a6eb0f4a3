use super::*;

/// Everything of a run is there as often as there are runs, what is shared is there once; fewer runs go side by side where
/// more do not fit, and what does not fit at all is refused with what it needs.
#[test]
fn runs_side_by_side_share_the_data_alone() {
    let needs = Needs {
        parameters: 1 << 17,
        scalar: 8,
        vectors: 10,
        work: Work { kept: 64 << 20, shards: 64, products: [1 << 20; 4], ..Work::default() },
        phases: vec![Phase::ends(1, 1, 8, 84), Phase::other("results", 2, false)],
        ..Needs::default()
    };
    let data = || vec![Item { what: "data".into(), bytes: 100 << 20, cost: String::new() }];
    let roomy = side_by_side(4 << 30, data(), None, &needs, 4).unwrap();
    assert_eq!((roomy.threads, roomy.kept, roomy.slowdown), (4, 64 << 20, 1.0));
    let own = plan(4 << 30, &Needs { threads: 1, ..needs.clone() }, Some(Memory)).unwrap();
    assert_eq!(roomy.peak, (100 << 20) + 4 * own.peak);
    assert_eq!(roomy.items.iter().map(|item| item.bytes).sum::<usize>(), roomy.peak);
    let mut last = 1.0;
    for budget in [900usize, 600, 500, 400, 350, 300].map(|mib| mib << 20) {
        let tight = side_by_side(budget, data(), None, &needs, 4).unwrap();
        assert!(tight.peak <= budget && tight.threads <= 4 && tight.slowdown > 1.0);
        assert!(tight.slowdown >= last, "less memory is no faster");
        last = tight.slowdown;
    }
    let error = side_by_side(150 << 20, data(), None, &needs, 4).unwrap_err();
    assert!(side_by_side(error.needed, data(), None, &needs, 4).is_ok());
    assert!(side_by_side(error.needed - 1, data(), None, &needs, 4).is_err());
    let after = Item { what: "pictures".into(), bytes: 2 << 30, cost: String::new() };
    let later = side_by_side(4 << 30, data(), Some(after.clone()), &needs, 4).unwrap();
    assert_eq!(later.peak, (100 << 20) + (2 << 30));
    assert_eq!(side_by_side(1 << 30, data(), Some(after), &needs, 4).unwrap_err().needed, later.peak);
}

use crate::krylov::BasisKind::{Bf16, Disk, Memory, None as Nowhere};

const MIB: usize = 1 << 20;

/// A network of two million parameters in double precision: a vector has 16 MiB.
fn needs() -> Needs {
    Needs {
        parameters: 2 * MIB,
        scalar: 8,
        data: 40 * MIB,
        vectors: 4,
        threads: 4,
        work: Work {
            kept: 800 * MIB,
            shards: 16,
            products: [4 * MIB, 8 * MIB, 16 * MIB, 32 * MIB],
            again: 60 * MIB,
            other_per_thread: 10 * MIB,
            other: 0,
            gradients: true,
        },
        phases: vec![
            Phase::ends(10, 4, 8, 92),
            Phase::trace(32, 8, 14),
            Phase::density(16, 80, 14),
            Phase::other("results", 20, false),
        ],
    }
}

#[test]
fn room_decides_in_order() {
    let needs = needs();
    let roomy = plan(40_000 * MIB, &needs, None).unwrap();
    assert_eq!((roomy.basis, roomy.kept, roomy.threads), (Memory, 800 * MIB, 4));
    assert_eq!((roomy.width, roomy.together, roomy.slowdown), (WIDTH, WIDTH, 1.0));
    let mut seen = vec![Memory];
    for mib in (500..9000).rev() {
        if let Ok(plan) = plan(mib * MIB, &needs, None)
            && plan.basis != seen[seen.len() - 1]
        {
            seen.push(plan.basis);
        }
    }
    assert_eq!(seen, [Memory, Bf16, Disk, Nowhere]);
}

#[test]
fn less_memory_never_costs_less_time_and_never_holds_more() {
    let needs = needs();
    let mut last: Option<Plan> = None;
    for mib in (700..9000).step_by(97).rev() {
        let Ok(plan) = plan(mib * MIB, &needs, None) else { continue };
        assert!(plan.peak <= mib * MIB && plan.kept % (50 * MIB) == 0);
        if let Some(last) = &last {
            assert!(plan.basis >= last.basis, "{mib}");
            assert!(
                plan.basis > last.basis || plan.slowdown >= last.slowdown - 1e-9,
                "{mib}: {plan:#?} {last:#?}"
            );
        }
        last = Some(plan);
    }
}

#[test]
fn what_does_not_fit_is_said_with_what_is_needed() {
    let error = plan(64 * MIB, &needs(), None).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("--memory 64 MiB: this study needs at least "), "{text}");
    assert!(text.contains(": data 40 MiB, parameters 64 MiB, evaluations "), "{text}");
    // What it asks for is enough, and nothing less is.
    assert!(plan(error.needed, &needs(), None).is_ok());
    assert!(plan(error.needed - 1, &needs(), None).is_err());
    let error = plan(2048 * MIB, &needs(), Some(Memory)).unwrap_err();
    assert!(error.to_string().starts_with("--memory 2 GiB with --basis memory: "), "{error}");
}

#[test]
fn a_kind_that_is_asked_for_is_used() {
    for kind in [Memory, Bf16, Disk, Nowhere] {
        let found = plan(60_000 * MIB, &needs(), Some(kind)).unwrap();
        assert_eq!((found.basis, found.width, found.together), (kind, WIDTH, WIDTH));
    }
    // Without a search there is nothing to keep.
    let plain = Needs { phases: vec![Phase::other("planes", 20, false)], ..needs() };
    assert_eq!(plan(3000 * MIB, &plain, None).unwrap().basis, Memory);
    assert!(plan(300 * MIB, &plain, None).is_err());
}

#[test]
fn phases_are_weighed_one_at_a_time() {
    let needs = needs();
    let vector = 16 * MIB;
    let ends = Phase::ends(10, 4, 8, 92);
    assert_eq!(ends.bytes(&needs, Memory, 8), (92 + 44) * vector);
    assert_eq!(ends.bytes(&needs, Bf16, 8), 92 * vector / 4 + 92 * 2048 * 8 + 44 * vector);
    assert!(ends.bytes(&needs, Disk, 8) <= 44 * vector + 64 * MIB);
    let density = Phase::density(16, 80, 14);
    assert_eq!(density.bytes(&needs, Memory, 2), (14 + 2 * (81 + 4)) * vector);
    assert_eq!(density.bytes(&needs, Nowhere, 8), (14 + 8 * 4) * vector);
    assert_eq!(Phase::whole(1000, 0).bytes(&needs, Memory, 8), 32_000_000);
}

#[test]
fn sizes_are_rounded_up() {
    for (bytes, text) in [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1025, "1.1 KiB"),
        (64 * MIB, "64 MiB"),
        (64 * MIB + 1, "65 MiB"),
        (1288490189, "1.3 GiB"),
    ] {
        assert_eq!(Size(bytes).to_string(), text);
    }
}
