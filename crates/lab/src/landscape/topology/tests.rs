//! Planted surfaces, and counts made in another way.

use proptest::prelude::*;

use super::*;

/// f on a grid of `count` × `count` points over [−reach, reach]².
fn sampled(reach: f64, count: usize, f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let place = |i: usize| reach * (2.0 * i as f64 / (count - 1) as f64 - 1.0);
    (0..count * count).map(|k| f(place(k % count), place(k / count))).collect()
}

fn counts(topology: &Topology) -> [usize; 3] {
    let count = |kind| topology.critical.iter().filter(|c| c.kind == kind).map(|c| c.multiplicity).sum();
    [VertexKind::Minimum, VertexKind::Saddle, VertexKind::Maximum].map(count)
}

/// (x² + y − 11)² + (x + y² − 7)²: four minima at 0, four saddles, and a maximum. The values at the
/// saddles and at the maximum are those of its stationary points, by Newton's method in 50 digits.
#[test]
fn himmelblaus_function_has_its_minima_saddles_and_persistences() {
    let f = |x: f64, y: f64| (x * x + y - 11.0).powi(2) + (x + y * y - 7.0).powi(2);
    let count = 501;
    let found = Topology::new(count, &sampled(5.0, count, f));
    assert_eq!(counts(&found), [4, 4, 1]);
    assert!(found.critical.iter().all(|c| !c.edge));
    let deaths: Vec<f64> = found.branches.iter().filter_map(|b| b.death).collect();
    for (death, expected) in deaths.iter().zip([104.015_187, 67.719_178, 13.311_926]) {
        assert!((death - expected).abs() < 0.02, "{death} {expected}");
    }
    assert!(found.branches.iter().all(|b| b.birth < 0.01));
    let [ring] = found.rings[..] else { panic!("one ring: {:?}", found.rings) };
    assert!((ring.birth - 178.337_239).abs() < 0.02 && (ring.death - 181.616_522).abs() < 0.02);
    // The last valley to join is the one whose way out is highest, that at (−3.78, −3.28).
    let last = found.branches.iter().find(|b| b.death.is_some_and(|d| d > 100.0)).unwrap();
    assert!(last.minimum % count < count / 2 && last.minimum / count < count / 2);
    let shown = found.critical_above(5.0);
    assert_eq!(shown.iter().filter(|c| c.kind == VertexKind::Minimum).count(), 4);
    assert_eq!(shown.iter().filter(|c| c.kind == VertexKind::Saddle).count(), 3);
    assert_eq!(shown.iter().filter(|c| c.kind == VertexKind::Maximum).count(), 0);
}

/// Three wells −aᵢ exp(−‖x − cᵢ‖²/2σ²) far apart, and a ripple: the ripple's minima are many and die
/// below the ripple's height, the wells survive with the persistence of their depths.
#[test]
fn wells_survive_a_ripple_below_the_declared_persistence() {
    let wells = [(3.0, -3.0, -3.0), (2.0, 3.0, 0.0), (1.0, -2.0, 3.5)];
    let f = |x: f64, y: f64| {
        let depth = |&(a, p, q): &(f64, f64, f64)| -a * (-((x - p).powi(2) + (y - q).powi(2))).exp();
        wells.iter().map(depth).sum::<f64>() + 0.01 * (7.0 * x).sin() * (6.0 * y).sin()
    };
    let count = 201;
    let found = Topology::new(count, &sampled(6.0, count, f));
    assert!(counts(&found)[0] > 100, "{:?}", counts(&found));
    // Within the ripple, a well's persistence is its depth.
    let kept: Vec<&Branch> = found.branches_above(0.1).collect();
    assert_eq!(kept.len(), 3);
    assert!(kept[0].persistence().is_infinite() && (kept[0].birth + 3.0).abs() < 0.03);
    assert!((kept[1].persistence() - 2.0).abs() < 0.05 && (kept[2].persistence() - 1.0).abs() < 0.05);
    assert!(
        found
            .branches
            .iter()
            .all(|b| b.parent.is_none_or(|p| found.branches[p].persistence() >= b.persistence()))
    );
    // The wells do not overlap below their own rims.
    assert!(kept[1].vertices > 20 && kept[2].vertices > 20);
}

/// x³ − 3xy²: three valleys and three ridges meet in one vertex.
#[test]
fn a_monkey_saddle_counts_twice() {
    let found = Topology::new(21, &sampled(1.0, 21, |x, y| x.powi(3) - 3.0 * x * y * y));
    let inner: Vec<&CriticalVertex> = found.critical.iter().filter(|c| !c.edge).collect();
    let [saddle] = inner[..] else { panic!("{inner:?}") };
    assert_eq!((saddle.vertex, saddle.kind, saddle.multiplicity), (220, VertexKind::Saddle, 2));
    assert!(found.critical.iter().filter(|c| c.kind == VertexKind::Minimum).all(|c| c.edge));
    assert_eq!(found.branches.len(), 3);
    assert!(found.branches.iter().filter_map(|b| b.saddle).all(|s| s == 220));
}

#[test]
fn a_flat_surface_has_one_minimum_and_nothing_else() {
    let found = Topology::new(7, &[4.0; 35]);
    assert_eq!((counts(&found), found.branches.len(), found.rings.len()), ([1, 0, 0], 1, 0));
    assert_eq!(found.branches[0].vertices, 35);
    // −0 is no lower than 0.
    let zeros: Vec<f64> = (0..35).map(|i| if i == 20 { -0.0 } else { 0.0 }).collect();
    assert_eq!(Topology::new(7, &zeros), Topology::new(7, &[0.0; 35]));
}

/// A wall of cells that are not finite cuts the picture in two: each half has its own lowest minimum.
#[test]
fn what_is_not_finite_is_left_out_and_said() {
    let mut values = sampled(2.0, 9, |x, y| (x * x - 1.0).powi(2) + y * y);
    for row in 0..9 {
        values[row * 9 + 4] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY][row % 3];
    }
    let found = Topology::new(9, &values);
    assert_eq!(found.excluded, 9);
    assert_eq!(found.branches.iter().filter(|b| b.death.is_none()).count(), 2);
    assert_eq!(found.branches.iter().map(|b| b.vertices).sum::<usize>(), 72);
    let nothing = Topology::new(3, &[f64::NAN; 9]);
    assert_eq!((nothing.excluded, nothing.branches.len()), (9, 0));
}

/// Components and χ of the first vertices in the order, by flooding and by counting.
fn betti(columns: usize, values: &[f64], first: &[usize]) -> [isize; 2] {
    let rows = values.len() / columns;
    let inside = |c: isize, r: isize| {
        (c >= 0 && r >= 0 && c < columns as isize && r < rows as isize)
            && first.contains(&(r as usize * columns + c as usize))
    };
    let (mut edges, mut triangles) = (0, 0);
    for &v in first {
        let (c, r) = ((v % columns) as isize, (v / columns) as isize);
        let [right, up, diagonal] = [inside(c + 1, r), inside(c, r + 1), inside(c + 1, r + 1)];
        edges += [right, up, diagonal].iter().filter(|&&there| there).count() as isize;
        triangles += isize::from(right && diagonal) + isize::from(up && diagonal);
    }
    let mut left = first.to_vec();
    let mut components = 0;
    while let Some(seed) = left.pop() {
        components += 1;
        let mut edge = vec![seed];
        while let Some(v) = edge.pop() {
            let (c, r) = ((v % columns) as isize, (v / columns) as isize);
            left.retain(|&w| {
                let step = [(w % columns) as isize - c, (w / columns) as isize - r];
                let near = [[1, 0], [1, 1], [0, 1], [-1, 0], [-1, -1], [0, -1]].contains(&step);
                if near {
                    edge.push(w);
                }
                !near
            });
        }
    }
    [components, components - (first.len() as isize - edges + triangles)]
}

proptest! {
    /// After every vertex, the branches and rings that are alive are the Betti numbers; few levels
    /// make many ties.
    #[test]
    fn what_is_alive_is_what_flooding_finds(levels in proptest::collection::vec(0..6u8, 30)) {
        let values: Vec<f64> = levels.iter().map(|&v| f64::from(v)).collect();
        let found = Topology::new(6, &values);
        let mut order: Vec<usize> = (0..30).collect();
        order.sort_by_key(|&v| (levels[v], v));
        let rank = |v: usize| order.iter().position(|&w| w == v).unwrap();
        for k in 1..=30 {
            let born = |v: usize| rank(v) < k;
            let alive = found.branches.iter().filter(|b| born(b.minimum) && !b.saddle.is_some_and(born)).count();
            let rings = found.rings.iter().filter(|r| born(r.saddle) && !born(r.maximum)).count();
            prop_assert_eq!([alive as isize, rings as isize], betti(6, &values, &order[..k]), "after {}", k);
        }
        let [minima, saddles, maxima] = counts(&found);
        prop_assert_eq!(minima + maxima, saddles + 1);
        prop_assert_eq!(found.critical_above(-1.0).len(), found.critical.len());
    }

    /// The level at which two minima meet in the tree is the lowest height of a way between them.
    #[test]
    fn the_tree_has_the_heights_of_the_ways(values in proptest::collection::vec(-1.0..1.0f64, 36)) {
        let found = Topology::new(6, &values);
        // Heights of the best ways between all pairs, by relaxation.
        let near = |a: usize, b: usize| {
            let step = [(b % 6) as isize - (a % 6) as isize, (b / 6) as isize - (a / 6) as isize];
            AROUND.contains(&step)
        };
        let mut height = vec![vec![f64::INFINITY; 36]; 36];
        for a in 0..36 {
            height[a][a] = values[a];
            for b in (0..36).filter(|&b| near(a, b)) {
                height[a][b] = values[a].max(values[b]);
            }
        }
        for middle in 0..36 {
            for a in 0..36 {
                for b in 0..36 {
                    height[a][b] = height[a][b].min(height[a][middle].max(height[middle][b]));
                }
            }
        }
        for (i, a) in found.branches.iter().enumerate() {
            for (j, b) in found.branches.iter().enumerate().filter(|&(j, _)| j != i) {
                prop_assert_eq!(meeting(&found, i, j), height[a.minimum][b.minimum]);
            }
        }
    }
}

/// The level at which two branches have become one: the lower deaths are climbed first.
fn meeting(topology: &Topology, mut a: usize, mut b: usize) -> f64 {
    let mut level = f64::NEG_INFINITY;
    while a != b {
        let death = |i: usize| topology.branches[i].death.unwrap_or(f64::INFINITY);
        let climbed = if death(a) <= death(b) { &mut a } else { &mut b };
        level = level.max(death(*climbed));
        *climbed = topology.branches[*climbed].parent.expect("one part");
    }
    level
}
