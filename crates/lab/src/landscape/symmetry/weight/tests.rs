use super::*;
use crate::symmetry::{Group, Occurrence};

/// Two hidden layers between wide ones, with units below others in the second: 2 heads of 3. Narrow
/// inputs would leave local maxima.
fn nested() -> (Layout, Symmetries) {
    let layout = Layout::new([("w", vec![5, 30]), ("v", vec![6, 5]), ("u", vec![30, 6])]);
    let group = |parent, fiber, units, places: &[(usize, usize)], signs| Group {
        name: String::new(),
        parent,
        fiber,
        units,
        occurrences: places
            .iter()
            .map(|&(block, axis)| Occurrence {
                block,
                axis,
                positions: (0..units).collect(),
                signs: vec![true; signs],
                scales: vec![],
            })
            .collect(),
        signs,
        scales: vec![],
    };
    let groups = vec![
        group(None, 5, 5, &[(0, 0), (1, 1)], 1),
        group(None, 2, 2, &[], 0),
        group(Some(1), 3, 6, &[(1, 0), (2, 1)], 0),
    ];
    (layout, Symmetries { groups, scalings: vec![] })
}

fn random(layout: &Layout, seed: u64) -> Vec<f64> {
    let mut x = vec![0.0; layout.dimension()];
    Stream::new(seed, "weights", 0).fill_normal(&mut x);
    x
}

#[test]
fn planted_elements_are_recovered() {
    let (layout, symmetries) = nested();
    for index in 0..20 {
        let a = random(&layout, index);
        let planted = Element::random(&symmetries, 1, index);
        let b = planted.apply(&symmetries, &layout, &a);
        let start = Element::identity(&symmetries);
        let found = weight_matching(&symmetries, &layout, &a, &b, &start, &WeightOptions::default());
        assert!(found.converged && found.products.windows(2).all(|w| w[1] > w[0]), "{:?}", found.products);
        assert_eq!(found.element, planted.inverse(), "{index}");
        assert_eq!(found.element.apply(&symmetries, &layout, &b), a);
    }
}

/// One group alone is one assignment: as good as the best of all 2³ · 3! elements.
#[test]
fn one_group_is_solved_exactly() {
    let layout = Layout::new([("w", vec![3, 4])]);
    let (_, mut symmetries) = nested();
    symmetries.groups.truncate(1);
    let group = &mut symmetries.groups[0];
    (group.fiber, group.units) = (3, 3);
    group.occurrences.truncate(1);
    group.occurrences[0].positions.truncate(3);
    let (a, b) = (random(&layout, 5), random(&layout, 6));
    let best = (0..2000)
        .map(|i| dot(&a, &Element::random(&symmetries, 2, i).apply(&symmetries, &layout, &b)))
        .fold(f64::NEG_INFINITY, f64::max);
    let start = Element::identity(&symmetries);
    let found = weight_matching(&symmetries, &layout, &a, &b, &start, &WeightOptions::default());
    assert!((found.products[1] - best).abs() < 1e-12, "{:?} {best}", found.products);
}
