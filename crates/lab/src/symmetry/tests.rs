use super::*;

/// Three tanh neurons between two inputs and one output: rows of `w`, entries of `b`, columns of `v`.
fn neurons() -> (Layout, Symmetries) {
    let layout = Layout::new([("w", vec![3, 2]), ("b", vec![3]), ("v", vec![1, 3])]);
    let at = |block, axis| Occurrence {
        block,
        axis,
        positions: vec![0, 1, 2],
        signs: vec![true],
        scales: vec![if block == 2 { -1.0 } else { 1.0 }],
    };
    let occurrences = vec![at(0, 0), at(1, 0), at(2, 1)];
    let group = Group {
        name: name(&layout, &occurrences),
        parent: None,
        fiber: 3,
        units: 3,
        occurrences,
        signs: 1,
        scales: vec![true],
    };
    (layout, Symmetries { groups: vec![group], scalings: vec![] })
}

fn point() -> Vec<f64> {
    (1..=12).map(f64::from).collect()
}

#[test]
fn an_element_moves_rows_and_columns_together() {
    let (layout, symmetries) = neurons();
    let element =
        Element { moves: vec![Move { sources: vec![2, 0, 1], flips: vec![vec![true, false, false]] }] };
    let moved = element.apply(&symmetries, &layout, &point());
    assert_eq!(moved, [-5.0, -6.0, 1.0, 2.0, 3.0, 4.0, -9.0, 7.0, 8.0, -12.0, 10.0, 11.0]);
}

/// All 48 elements for three neurons are different, and those of k neurons are 2^k k! many.
#[test]
fn counts_are_those_of_signed_permutations() {
    let (layout, symmetries) = neurons();
    assert_eq!(symmetries.count(), Some(48));
    assert!((symmetries.ln_count() - 48f64.ln()).abs() < 1e-12);
    let mut seen = std::collections::HashSet::new();
    for index in 0..2000 {
        let x = Element::random(&symmetries, 1, index).apply(&symmetries, &layout, &point());
        seen.insert(x.iter().map(|v| v.to_bits()).collect::<Vec<_>>());
    }
    assert_eq!(seen.len(), 48);
    let mut ten = symmetries;
    (ten.groups[0].fiber, ten.groups[0].units) = (10, 10);
    assert_eq!(ten.count(), Some(3_715_891_200));
}

#[test]
fn elements_form_a_group() {
    let (layout, symmetries) = neurons();
    let [g, h] = [1, 2].map(|i| Element::random(&symmetries, 3, i));
    let one_by_one = g.apply(&symmetries, &layout, &h.apply(&symmetries, &layout, &point()));
    assert_eq!(g.after(&h).apply(&symmetries, &layout, &point()), one_by_one);
    assert!(g.inverse().after(&g).is_identity() && g.after(&g.inverse()).is_identity());
    assert_eq!(Element::identity(&symmetries).apply(&symmetries, &layout, &point()), point());
}

#[test]
fn units_go_with_the_units_above_them() {
    let (_, mut symmetries) = neurons();
    symmetries.groups.push(Group {
        parent: Some(0),
        fiber: 2,
        units: 6,
        signs: 0,
        occurrences: vec![],
        ..symmetries.groups[0].clone()
    });
    for index in 0..20 {
        let element = Element::random(&symmetries, 5, index);
        let [above, below] = &element.moves[..] else { unreachable!() };
        assert!((0..6).all(|u| below.sources[u] / 2 == above.sources[u / 2]));
    }
    assert_eq!(symmetries.count(), Some(48 * 8));
}

#[test]
fn a_scaling_multiplies_by_powers() {
    let (layout, symmetries) = neurons();
    let factor = Factor::Unit { group: 0, scale: 0, unit: 1, alpha: 4.0 };
    let x = symmetries.scaled(&layout, &point(), &[factor]);
    let expected = [1.0, 2.0, 12.0, 16.0, 5.0, 6.0, 7.0, 32.0, 9.0, 10.0, 2.75, 12.0];
    assert!(x.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{x:?}");
    assert_eq!(symmetries.scale_dimensions(), [3, 3]);
}
