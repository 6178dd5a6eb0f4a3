//! Symmetries of every architecture: how many there are, and that none of them changes the loss.

use thalweg_lab::Objective;
use thalweg_lab::critical::{Copies, Symmetry};
use thalweg_lab::landscape::symmetry::{
    WeightOptions, activation_matching, invariance, straight_through_matching, weight_matching,
};
use thalweg_lab::landscape::{Curve, ProfileOptions, profile};
use thalweg_lab::problem::network::{
    Activation, Data, InputKind, Inputs, Loss, Model, ModelSpec, Network, Settings, Targets,
};
use thalweg_lab::random::Stream;
use thalweg_lab::symmetry::{Element, Symmetries};
use thalweg_lab::{Layout, Oracle};

fn uniform(n: usize, bound: f64, name: &str, seed: u64) -> Vec<f64> {
    let mut out = vec![0.0; n];
    Stream::new(seed, name, 0).fill_uniform(-bound, bound, &mut out);
    out
}

fn ln_factorial(k: usize) -> f64 {
    (2..=k).map(|i| (i as f64).ln()).sum()
}

/// ln of a product of k! and powers of 2.
fn ln(factorials: &[(usize, usize)], twos: usize) -> f64 {
    let factorials: f64 = factorials.iter().map(|&(k, times)| times as f64 * ln_factorial(k)).sum();
    factorials + twos as f64 * std::f64::consts::LN_2
}

/// A network with its usual activation, or rectifiers, on random data at a random point.
fn network_of(text: &str) -> (Network<f64>, Vec<f64>) {
    const EXAMPLES: usize = 6;
    let (text, relu) = text.strip_suffix(" relu").map_or((text, false), |text| (text, true));
    let mut model: ModelSpec = text.parse().unwrap();
    if relu {
        model.activation = Activation::Relu;
    }
    let (input, output) = (model.input(), model.output());
    let features = input.size();
    let (count, positions) = (output[output.len() - 1], output[..output.len() - 1].iter().product::<usize>());
    let whole = |n: usize, below: usize, name: &str| -> Vec<i32> {
        uniform(n, 0.5, name, 3)
            .into_iter()
            .map(|u| ((u + 0.5) * below as f64) as i32 % below as i32)
            .collect()
    };
    let inputs = match input.kind {
        InputKind::Numbers => Inputs::Numbers(uniform(EXAMPLES * features, 1.0, "numbers", 3)),
        InputKind::Tokens { vocabulary } => Inputs::Tokens(whole(EXAMPLES * features, vocabulary, "tokens")),
    };
    let labels = whole(EXAMPLES * positions, count, "labels");
    let data = Data { inputs, features, targets: Targets::Classes { labels, count } };
    let (data, loss) = match model.is_autoencoder() {
        true => (data.autoencoding().unwrap(), Loss::SquaredError),
        false => (data, Loss::smoothed(0.1)),
    };
    let x = point(&model.layout(), 4);
    let settings = Settings { loss, weight_decay: 0.01, ..Default::default() };
    (Network::new(model, data, settings).unwrap(), x)
}

/// Normalization's scales are of the size of one, as they begin; all else is random.
fn point(layout: &Layout, seed: u64) -> Vec<f64> {
    let mut x = uniform(layout.dimension(), 0.6, "point", seed);
    for block in layout.blocks().iter().filter(|b| b.shape.len() == 1 && b.name.ends_with("weight")) {
        x[block.range.clone()].iter_mut().for_each(|x| *x += 1.0);
    }
    x
}

fn checked(text: &str) -> (Network<f64>, Vec<f64>, Symmetries) {
    let (network, x) = network_of(text);
    let symmetries = network.symmetries();
    let before = network.value(&x);
    for index in 0..4 {
        let element = Element::random(&symmetries, 7, index);
        let copy = element.apply(&symmetries, network.layout(), &x);
        let after = network.value(&copy);
        assert!((after - before).abs() <= 1e-11 * before.abs(), "{text}: {before} became {after}");
        assert_eq!(element.inverse().apply(&symmetries, network.layout(), &copy), x);
    }
    (network, x, symmetries)
}

/// Each with the count by hand.
#[test]
fn every_architecture_has_its_symmetries() {
    let heads = |blocks: usize| vec![(2, blocks), (4, 4 * blocks), (32, blocks)];
    let and = |mut list: Vec<(usize, usize)>, more: &[(usize, usize)]| {
        list.extend(more);
        list
    };
    // Channels of a residual network's three stages: shared along the skip where zeros are added, whose
    // new channels are free; and those inside each of three blocks a stage.
    let resnet = [(2, 1), (2, 1), (4, 1), (2, 3), (4, 3), (8, 3)];
    let cases: Vec<(&str, f64)> = vec![
        ("mlp:6-3-2", ln(&[(3, 1)], 3)),
        ("mlp:6-10-4-2 relu", ln(&[(10, 1), (4, 1)], 0)),
        ("deep-linear:5-4-3-3", ln(&[(4, 1), (3, 1)], 7)),
        ("autoencoder:6-4-2", ln(&[(4, 2), (2, 1)], 10)),
        ("lenet5,pool=average,input=1x12x12,classes=3", ln(&[(6, 1), (16, 1), (120, 1), (84, 1)], 0)),
        ("lenet5,input=1x12x12,classes=3", ln(&[(6, 1), (16, 1), (120, 1), (84, 1)], 0)),
        ("cnn:3-4,input=2x9,classes=3", ln(&[(3, 1), (4, 1)], 0)),
        // Filter and scale of a normalized channel may both change their sign.
        ("cnn:3,norm=batch,input=2x4x5x3,classes=3", ln(&[(3, 1)], 3)),
        ("resnet20,channels=2,input=1x4x4,classes=3", ln(&resnet, 86)),
        // Without skips each of the 19 normalized layers is on its own.
        ("resnet20,no-skip,channels=2,input=1x4x4,classes=3", ln(&[(2, 7), (4, 6), (8, 6)], 86)),
        // Two, four and eight groups of two channels, which move as wholes.
        (
            "resnet20,shortcut=b,norm=group,channels=4,input=1x4x4,classes=3",
            ln(&[(2, 4 + 4 * 2 + 4 * 4 + 4 * 8), (4, 4), (8, 4)], 0),
        ),
        ("resnet20,norm=layer,channels=2,input=1x4x4,classes=3", ln(&resnet, 0)),
        ("resnet20,norm=instance,channels=2,input=1x8x8,classes=3", ln(&resnet, 86)),
        ("resnet20,norm=none,channels=2,input=1x4x4,classes=3", ln(&resnet, 0)),
        ("vgg11,channels=2,input=1x32x32,classes=3", ln(&[(2, 1), (4, 1), (8, 2), (16, 4)], 86)),
        // Features of the stream, with the signs of what each of five normalizations hands on; heads, queries
        // with keys and values within them, with signs; hidden units.
        (
            "vit-tiny,width=8,depth=2,heads=2,input=1x8x8,classes=3",
            ln(&and(heads(2), &[(8, 1)]), 5 * 8 + 2 * 16),
        ),
        // The last normalization meets the table that tokens come from.
        ("gpt:2-8-2-6,vocabulary=5", ln(&and(heads(2), &[(8, 1)]), 4 * 8 + 2 * 16)),
        // Masks tell features of the stream and heads apart, and what has places cannot move.
        // Two positions of the context are not used.
        ("gpt:1-8-2-6,dropout=0.3,seed=5,vocabulary=5,length=4", ln(&[(2, 1), (4, 4), (32, 1)], 16 + 2)),
        (
            "gpt:1-8-2-6,dropout=0.2,positions=rotary,norm=rms,gated,vocabulary=5",
            ln(&[(4, 2), (32, 1)], 8 + 32 + 4),
        ),
        // Above, pairs of queries with keys may turn by 180°. Without masks heads move, with fixed places of
        // queries and keys, whose pairs may turn by 180°; the stream's signs, and those of two
        // normalizations.
        (
            "gpt:1-8-2-6,positions=rotary,norm=rms,gated,vocabulary=5",
            ln(&[(8, 1), (2, 1), (4, 2), (32, 1)], 3 * 8 + 2 * 2 + 8 + 32),
        ),
        ("gpt:1-8-2-6,positions=sinusoidal,untied,vocabulary=5", ln(&[(2, 1), (4, 4), (32, 1)], 16)),
    ];
    for (text, expected) in cases {
        let (_, _, symmetries) = checked(text);
        let found = symmetries.ln_count();
        assert!((found - expected).abs() < 1e-9, "{text}: ln {found}, by hand {expected}");
    }
}

/// Claim X32: planted permutations and signs of 24-wide networks are recovered, without noise and with noise
/// of 2 % of the weights; without noise the aligned copy has the same bits, and the barrier is 0.
#[test]
fn planted_copies_are_recovered() {
    for text in ["mlp:8-24-24-6", "mlp:8-24-24-6 relu"] {
        let (network, x) = network_of(text);
        let (symmetries, layout) = (network.symmetries(), network.layout());
        let start = Element::identity(&symmetries);
        let oracle = Oracle::new(&network as &dyn Objective<f64>);
        for index in 0..5 {
            let planted = Element::random(&symmetries, 11, index);
            let copy = planted.apply(&symmetries, layout, &x);
            let noise = uniform(x.len(), 1.0, "noise", index);
            let size = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
            let level = 0.02 * size(&copy) / size(&noise);
            let noisy: Vec<f64> = copy.iter().zip(&noise).map(|(c, n)| c + level * n).collect();
            for b in [&copy, &noisy] {
                let found = weight_matching(&symmetries, layout, &x, b, &start, &WeightOptions::default());
                assert_eq!(found.element, planted.inverse(), "{text} {index}");
            }
            let aligned = planted.inverse().apply(&symmetries, layout, &copy);
            assert_eq!(aligned, x);
            // A random point is no minimum, so that there need not be a barrier before; but the way is another.
            let along = |b: &[f64]| {
                profile(&oracle, &Curve::line(&x, b).unwrap(), &ProfileOptions::default()).unwrap()
            };
            let (before, after) = (along(&copy), along(&aligned));
            assert!(after.barrier.unwrap().height < 1e-14, "{after:?}");
            let middle = before.samples[before.samples.len() / 2].value;
            assert!((middle - before.ends[0]).abs() > 1e-3, "{before:?}");
            // Rectifiers that are silent on all examples cannot be told apart by what they compute.
            if !text.ends_with("relu") {
                let [one, two] = [&x, &copy].map(|x| network.activities(x, 6));
                let found = activation_matching(&symmetries, &one, &two);
                assert_eq!(found, planted.inverse(), "activations: {text} {index}");
            }
        }
    }
}

/// Heads, values within heads and hidden units of a transformer, and channels of a residual network.
#[test]
fn planted_copies_of_other_networks_are_recovered() {
    for text in [
        "gpt:1-8-2-6,vocabulary=5",
        "vit-tiny,width=8,depth=1,heads=2,input=1x8x8,classes=3",
        "resnet20,norm=none,channels=2,input=1x4x4,classes=3",
        "lenet5,pool=average,input=1x12x12,classes=3",
    ] {
        let (network, x) = network_of(text);
        let (symmetries, layout) = (network.symmetries(), network.layout());
        let copy = Element::random(&symmetries, 13, 0).apply(&symmetries, layout, &x);
        let start = Element::identity(&symmetries);
        let found = weight_matching(&symmetries, layout, &x, &copy, &start, &WeightOptions::default());
        assert_eq!(found.element.apply(&symmetries, layout, &copy), x, "{text}: {:?}", found.products);
    }
}

#[test]
fn straight_through_matching_is_never_worse_than_weight_matching() {
    let (network, x) = network_of("mlp:6-5-4-2");
    let symmetries = network.symmetries();
    let copy = Element::random(&symmetries, 17, 0).apply(&symmetries, network.layout(), &x);
    let oracle = Oracle::new(&network as &dyn Objective<f64>);
    let found = straight_through_matching(&oracle, &symmetries, &x, &copy, &Default::default()).unwrap();
    // The first step is weight matching, which finds x itself. A random point is no minimum: later
    // steps may find a midpoint that is lower.
    assert!((found.losses[0] - network.value(&x)).abs() < 1e-12);
    assert!(found.losses.iter().all(|&l| l >= found.losses[found.best]));
    let other = found.element.apply(&symmetries, network.layout(), &copy);
    let middle: Vec<f64> = x.iter().zip(&other).map(|(a, b)| 0.5 * (a + b)).collect();
    assert_eq!(network.value(&middle), found.losses[found.best]);
}

/// Scalings: of rectifiers exactly (claim X35), of normalized weights but for ε (claim X46).
#[test]
fn scalings_leave_the_data_loss() {
    for (text, exact, all) in [
        ("mlp:6-5-4-2 relu", 9, 9),
        ("mlp:6-5-4-2", 0, 0),
        ("deep-linear:5-4-3-3", 7, 7),
        // Channels of a batch-normalized layer: its scale against the next layer's weights, and its filters.
        ("cnn:3,norm=batch,input=2x4x5x3,classes=3", 3, 6),
    ] {
        let (network, _) = network_of(text);
        let symmetries = network.symmetries();
        assert_eq!(symmetries.scale_dimensions(), [exact, all], "{text}");
    }
    for text in [
        "mlp:6-5-4-2 relu",
        "resnet20,channels=2,input=1x8x8,classes=3",
        "resnet20,norm=layer,channels=4,input=1x8x8,classes=3",
        "vit-tiny,width=8,depth=2,heads=2,input=1x8x8,classes=3",
        "gpt:1-8-2-6,positions=rotary,norm=rms,gated,vocabulary=5",
    ] {
        let (network, x) = network_of(text);
        let symmetries = network.symmetries();
        let layout = network.layout();
        let before = network.terms(&x).data;
        for (only, tolerance) in [(true, 1e-10), (false, 1e-2)] {
            let factors = symmetries.random_factors(2.0, only, 3);
            let after = network.terms(&symmetries.scaled(layout, &x, &factors)).data;
            assert!((after - before).abs() < tolerance * before, "{text}: {before} became {after}");
        }
    }
}

/// Claim X35: under (α θ₁, θ₂/α) the trace of the Hessian changes, and ⟨g, θ⟩ of each layer does not.
#[test]
fn the_trace_feels_a_scaling_and_what_is_invariant_does_not() {
    let (network, x) = network_of("mlp:6-5-2 relu");
    let (symmetries, layout) = (network.symmetries(), network.layout());
    let copies: Vec<Vec<f64>> = [0.1, 10.0]
        .iter()
        .map(|&alpha| {
            let unit = |unit| thalweg_lab::symmetry::Factor::Unit { group: 0, scale: 0, unit, alpha };
            symmetries.scaled(layout, &x, &(0..5).map(unit).collect::<Vec<_>>())
        })
        .collect();
    let copies: Vec<&[f64]> = copies.iter().map(Vec::as_slice).collect();
    let data = Network::new(
        ModelSpec { activation: Activation::Relu, ..ModelSpec::mlp(&[6, 5, 2]) },
        network.data().clone(),
        Settings { weight_decay: 0.0, ..network.settings().clone() },
    )
    .unwrap();
    let gradient = |x: &[f64]| {
        let mut g = vec![0.0; x.len()];
        data.value_grad(x, &mut g);
        g
    };
    let first = layout.select("fc1.weight").unwrap();
    let radial = |x: &[f64]| -> Result<f64, ()> {
        let g = gradient(x);
        Ok(first.clone().map(|i| g[i] * x[i]).sum())
    };
    let found = invariance("g·θ of the second layer", &x[..], &copies, 1e-8, radial).unwrap();
    assert!(found.unchanged, "{found:?}");
    let norm = |x: &[f64]| -> Result<f64, ()> { Ok(gradient(x).iter().map(|g| g * g).sum::<f64>().sqrt()) };
    let found = invariance("‖g‖", &x[..], &copies, 1e-8, norm).unwrap();
    assert!(!found.unchanged && found.change > 1.0, "{found:?}");
}

#[test]
fn a_copy_of_a_point_is_the_same_critical_point() {
    let (network, x) = network_of("mlp:5-6-4-3");
    let symmetries = network.symmetries();
    let copies = Copies::new(&symmetries, network.layout());
    let far: Vec<f64> = x.iter().zip(uniform(x.len(), 0.3, "away", 9)).map(|(x, u)| x + u).collect();
    for index in 0..4 {
        let copy = Element::random(&symmetries, 8, index).apply(&symmetries, network.layout(), &x);
        assert_ne!(x, copy, "the copy is another point");
        assert_eq!(Symmetry::<f64>::distance(&copies, &x, &copy), 0.0);
        // Another point stays one.
        assert!(Symmetry::<f64>::distance(&copies, &far, &copy) > 0.1);
    }
}
