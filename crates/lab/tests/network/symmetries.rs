//! Symmetries of every architecture: how many there are, and that none of them changes the loss.

use thalweg_lab::Objective;
use thalweg_lab::problem::network::{Activation, ModelSpec, Network};
use thalweg_lab::symmetry::{Element, Symmetries};

use crate::architectures::case;
use crate::support::*;

fn ln_factorial(k: usize) -> f64 {
    (2..=k).map(|i| (i as f64).ln()).sum()
}

/// ln of a product of k! and powers of 2.
fn ln(factorials: &[(usize, usize)], twos: usize) -> f64 {
    let factorials: f64 = factorials.iter().map(|&(k, times)| times as f64 * ln_factorial(k)).sum();
    factorials + twos as f64 * std::f64::consts::LN_2
}

/// A network with its usual activation, at a random point.
fn network_of(text: &str) -> (Network<f64>, Vec<f64>) {
    let (text, relu) = text.strip_suffix(" relu").map_or((text, false), |text| (text, true));
    let case = case(text, 6);
    let mut model: ModelSpec = text.parse().unwrap();
    if relu {
        model.activation = Activation::Relu;
    }
    (network(&model, case.data, &case.settings), case.x)
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
        // Features of the stream, with the signs of what each of five normalizations hands on; heads, queries with keys
        // and values within them, with signs; hidden units.
        ("vit-tiny,width=8,depth=2,heads=2,input=1x8x8,classes=3", ln(&and(heads(2), &[(8, 1)]), 5 * 8 + 2 * 16)),
        // The last normalization meets the table that tokens come from.
        ("gpt:2-8-2-6,vocabulary=5", ln(&and(heads(2), &[(8, 1)]), 4 * 8 + 2 * 16)),
        // Masks tell features of the stream and heads apart, and what has places cannot move.
        ("gpt:1-8-2-6,dropout=0.3,seed=5,vocabulary=5,length=4", ln(&[(4, 4), (32, 1)], 16)),
        ("gpt:1-8-2-6,dropout=0.2,positions=rotary,norm=rms,gated,vocabulary=5", ln(&[(4, 2), (32, 1)], 8 + 32)),
        // Without masks heads move, with fixed places of queries and keys, whose pairs may turn by 180°; the
        // stream's signs, and those of two normalizations.
        (
            "gpt:1-8-2-6,positions=rotary,norm=rms,gated,vocabulary=5",
            ln(&[(8, 1), (2, 1), (4, 2), (32, 1)], 3 * 8 + 2 * 2 + 8 + 32),
        ),
        ("gpt:1-8-2-6,positions=sinusoidal,untied,vocabulary=5", ln(&[(2, 1), (4, 4), (32, 1)], 16)),
    ];
    for (text, expected) in cases {
        let (_, _, symmetries) = checked(text);
        let found = symmetries.ln_count();
        assert!((found - expected).abs() < 1e-9, "{text}: ln {found}, by hand {expected}: {symmetries:#?}");
    }
}
