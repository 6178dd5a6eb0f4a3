//! Symmetries of small programs, counted by hand, and that they are symmetries.

use thalweg_graph::primitive::{Convolution, ConvolutionDims, Window};
use thalweg_graph::symmetry::Symmetries;
use thalweg_graph::{Axes, Builder, DType, Graph, Type, Value, evaluate};

fn input(b: &mut Builder, shape: &[usize]) -> Value {
    b.input(Type::new(DType::F64, shape.iter().copied()))
}

/// (units, fiber, signs, scales) of each group.
fn groups(found: &Symmetries) -> Vec<(usize, usize, usize, usize)> {
    found.groups.iter().map(|g| (g.units, g.fiber, g.signs, g.scales.len())).collect()
}

/// Cycles every group's units below each parent, flips every sign of every third unit, and compares outputs.
fn check(graph: &Graph, acted: &[bool]) -> Symmetries {
    let found = graph.symmetries(acted, 0.0);
    let types = graph.input_types();
    let numbers: Vec<Vec<f64>> = types
        .iter()
        .enumerate()
        .map(|(i, ty)| (0..ty.size()).map(|j| ((i * 31 + j * 17) % 23) as f64 / 11.0 - 1.03).collect())
        .collect();
    let before = evaluate::<f64>(graph, &numbers.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let mut sources: Vec<Vec<usize>> = Vec::new();
    for g in &found.groups {
        let above = |u: usize| g.parent.map_or(0, |p| sources[p][u / g.fiber]);
        let list = (0..g.units).map(|u| above(u) * g.fiber + (u % g.fiber + 1) % g.fiber).collect();
        sources.push(list);
    }
    let mut moved = numbers.clone();
    for (input, ty) in types.iter().enumerate() {
        for axis in 0..ty.rank() {
            let inner: usize = ty.shape[axis + 1..].iter().product();
            let from = moved[input].clone();
            let mut map: Vec<(usize, f64)> = (0..ty.shape[axis]).map(|i| (i, 1.0)).collect();
            for (g, sources) in found.groups.iter().zip(&sources) {
                for o in g.occurrences.iter().filter(|o| o.input == input && o.axis == axis) {
                    for (u, &source) in sources.iter().enumerate() {
                        let flips = o.signs.iter().filter(|&&s| s && u % 3 == 0).count();
                        map[o.positions[u]] = (o.positions[source], if flips % 2 == 1 { -1.0 } else { 1.0 });
                    }
                }
            }
            for (i, value) in moved[input].iter_mut().enumerate() {
                let at = i / inner % ty.shape[axis];
                let (source, sign) = map[at];
                *value = sign * from[i + source * inner - at * inner];
            }
        }
    }
    let after = evaluate::<f64>(graph, &moved.iter().map(Vec::as_slice).collect::<Vec<_>>());
    for (before, after) in before.iter().flatten().zip(after.iter().flatten()) {
        assert!((before - after).abs() < 1e-12 * (1.0 + before.abs()), "{before} became {after}: {found:?}");
    }
    found
}

#[test]
fn a_hidden_layer_has_its_neurons() {
    for (relu, expected) in [(false, (7, 7, 1, 0)), (true, (7, 7, 0, 1))] {
        let mut b = Builder::new();
        let [x, w, c, v] = [vec![5, 3], vec![7, 3], vec![7], vec![2, 7]].map(|s| input(&mut b, &s));
        let h = b.dot(x, 1, w, 1);
        let c = b.broadcast(c, &[5, 7]);
        let h = b.add(h, c);
        let zero = b.zeros_like(h);
        let h = if relu { b.max(h, zero) } else { b.tanh(h) };
        let y = b.dot(h, 1, v, 1);
        let found = check(&b.finish(&[y]), &[false, true, true, true]);
        assert_eq!(groups(&found), [expected]);
        assert_eq!(found.groups[0].occurrences.len(), 3);
    }
}

/// What enters both sides of a sum moves together; a fixed mask holds everything.
#[test]
fn a_sum_ties_and_a_constant_holds() {
    for held in [false, true] {
        let mut b = Builder::new();
        let [x, u, w, v] = [vec![4, 3], vec![6, 3], vec![6, 6], vec![2, 6]].map(|s| input(&mut b, &s));
        let stream = b.dot(x, 1, u, 1);
        let bent = b.logistic(stream);
        let branch = b.dot(bent, 1, w, 1);
        let mut stream = b.add(stream, branch);
        if held {
            let places = b.iota(Type::new(DType::F64, [4, 6]), 1);
            stream = b.mul(stream, places);
        }
        let y = b.dot(stream, 1, v, 1);
        let found = check(&b.finish(&[y]), &[false, true, true, true]);
        assert_eq!(groups(&found), if held { vec![] } else { vec![(6, 6, 0, 0)] });
    }
}

/// One matrix, cut into two that are multiplied: its rows i and n + i belong together.
#[test]
fn slices_keep_their_roles() {
    let mut b = Builder::new();
    let [x, w, v] = [vec![4, 3], vec![10, 3], vec![2, 5]].map(|s| input(&mut b, &s));
    let both = b.dot(x, 1, w, 1);
    let [gate, value] = [0, 5].map(|first| b.slice_axis(both, 1, first..first + 5));
    let gate = b.logistic(gate);
    let h = b.mul(gate, value);
    let y = b.dot(h, 1, v, 1);
    let found = check(&b.finish(&[y]), &[false, true, true]);
    assert_eq!(groups(&found), [(5, 5, 1, 1)]);
    // Reversed, x + reverse(x) would tie i to n − 1 − i: nothing is claimed.
    let mut b = Builder::new();
    let [x, w, v] = [vec![4, 3], vec![6, 3], vec![2, 6]].map(|s| input(&mut b, &s));
    let h = b.dot(x, 1, w, 1);
    let [first, rest] = [0..1, 1..6].map(|range| b.slice_axis(h, 1, range));
    let turned = b.concatenate(&[rest, first], 1);
    let h = b.tanh(turned);
    let h = b.mul(h, turned);
    let straight = b.dot(x, 1, w, 1);
    let h = b.add(h, straight);
    let y = b.dot(h, 1, v, 1);
    let found = check(&b.finish(&[y]), &[false, true, true]);
    assert_eq!(groups(&found), []);
}

/// Two heads of three features, split by a reshape and contracted within each head.
#[test]
fn units_lie_within_heads() {
    let mut b = Builder::new();
    let [x, q, k] = [vec![4, 5], vec![6, 5], vec![6, 5]].map(|s| input(&mut b, &s));
    let [left, right] = [q, k].map(|w| {
        let z = b.dot(x, 1, w, 1);
        b.reshape(z, &[4, 2, 3])
    });
    let product = b.mul(left, right);
    let scores = b.sum(product, &[2]);
    let scores = b.tanh(scores);
    let y = b.sum(scores, &[1]);
    let found = check(&b.finish(&[y]), &[false, true, true]);
    assert_eq!(groups(&found), [(2, 2, 0, 0), (6, 3, 1, 1)]);
    assert_eq!(found.groups[1].parent, Some(0));
}

/// Depthwise: channels move with their filters; two channels a group: groups move as wholes.
#[test]
fn grouped_convolutions_keep_their_groups() {
    for (per, expected) in [(1, vec![(4, 4, 1, 1)]), (2, vec![(4, 4, 0, 0)])] {
        let mut b = Builder::new();
        let channels = 4 * per;
        let [x, w, f, v] =
            [vec![2, 3, 6], vec![channels, 3, 1], vec![4, per, 3], vec![2, 4]].map(|s| input(&mut b, &s));
        let conv = |b: &mut Builder, x, w, groups| {
            let op = Convolution {
                dims: ConvolutionDims::channels_first(1),
                window: [Window::new()].into_iter().collect(),
                feature_groups: groups,
                batch_groups: 1,
            };
            b.emit(op, &[x, w])
        };
        let h = conv(&mut b, x, w, 1);
        let h = conv(&mut b, h, f, 4);
        let axes: Axes = [2].into_iter().collect();
        let h = b.sum(h, &axes);
        let h = b.logistic(h);
        let y = b.dot(h, 1, v, 1);
        let found = check(&b.finish(&[y]), &[false, true, true, true]);
        assert_eq!(groups(&found), expected, "{found:?}");
    }
}
