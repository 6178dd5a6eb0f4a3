//! Specifications: their texts, their sizes, and data that they fit.

use proptest::prelude::*;

use super::*;
use crate::problem::network::InputKind;
use crate::problem::network::architecture::registry;

fn model(text: &str) -> ModelSpec {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn specifications_print_back() {
    let texts = [
        "mlp:3-1",
        "deep-linear:8-5-3",
        "autoencoder:64-32-8",
        "lenet5,pool=average",
        "lenet5,input=3x40x50,classes=7",
        "cnn:4,norm=instance",
        "cnn:4-8,input=2x100",
        "resnet32,shortcut=b,norm=none,channels=4,input=1x8x8,classes=3",
        "resnet44,norm=layer",
        "vgg19,norm=none,channels=16",
        "vit-tiny,patch=2,width=32,depth=1,heads=2,input=1x8x8",
        "gpt:1-8-2-16,dropout=0.25,seed=3,positions=sinusoidal,untied,vocabulary=5,length=7",
    ];
    for text in texts.into_iter().chain(registry().iter().flat_map(|entry| entry.examples).copied()) {
        let model = model(text);
        assert_eq!(model.to_string(), text);
        assert_eq!(model, model.to_string().parse().unwrap());
        assert_eq!(model.name(), text);
    }
    // Spellings that mean the same.
    for (text, written) in [
        ("resnet20,width=2", "resnet20,channels=32"),
        ("resnet20,shortcut=a,norm=batch", "resnet20"),
        ("vit-tiny,heads=3,classes=10", "vit-tiny"),
        ("gpt:2-8-2-16,gated,positions=rotary,dropout=0", "gpt:2-8-2-16,positions=rotary,gated"),
    ] {
        assert_eq!(model(text).to_string(), written);
    }
}

#[test]
fn every_name_is_in_its_pattern_and_makes_a_model() {
    for entry in registry() {
        assert!(!entry.examples.is_empty() && !entry.summary.is_empty() && !entry.source.is_empty());
        for name in entry.names {
            let sizes = entry.examples[0].split_once(':').map(|(_, sizes)| format!(":{sizes}"));
            model(&format!("{name}{}", sizes.unwrap_or_default()));
            assert!(entry.pattern.starts_with(entry.names[0]), "{name} and {}", entry.pattern);
        }
    }
}

#[test]
fn mistakes_are_explained() {
    for (text, reason) in [
        ("rnn:3", "no architecture is named \"rnn\"; there are mlp:IN-HIDDEN"),
        ("mlp", "expected sizes after a colon (expected mlp:IN-HIDDEN-…-OUT)"),
        ("mlp:64", "at least an input and an output"),
        ("mlp:64-0-10", "\"0\""),
        ("mlp:64-x-10", "\"x\""),
        ("mlp:16777216-16777216", "281474993487872 parameters"),
        ("mlp:3-2,fast", "it has no options, found \"fast\""),
        ("resnet18", "no architecture is named \"resnet18\""),
        ("resnet20:3", "no sizes to choose, found \"3\""),
        ("resnet20,skip", "no option \"skip\"; there are no-skip, norm=batch|group"),
        ("resnet20,no-skip=1", "no-skip takes no value"),
        ("resnet20,no-skip,shortcut=b", "exclude each other"),
        ("resnet20,width=2,channels=8", "exclude each other"),
        ("resnet20,norm", "norm needs a value"),
        ("resnet20,norm=batch,norm=none", "norm is given twice"),
        ("resnet20,norm=weight", "norm: expected batch, group, layer, instance, none, found \"weight\""),
        ("resnet20,input=3x32", "expected inputs of channels, height and width, found 3×32"),
        ("lenet5,input=1x8x8", "at least 12 positions along each axis, and inputs are 1×8×8"),
        ("lenet5,input=1x8xa", "input: expected a size from 1 to 16777216, found \"a\""),
        ("lenet5,input=4096x4096x4096", "numbers an example"),
        ("cnn:4-4-4-4-4", "at least 32 positions"),
        ("cnn:4,input=4x4x4x4x4", "one to three spatial axes"),
        ("vgg11,input=1x28x28", "at least 32 positions"),
        ("vit-tiny,patch=5", "an image of 32 pixels a side does not fall into patches of 5"),
        ("vit-tiny,heads=5", "a width of 192 does not fall into 5 heads"),
        ("vit-tiny,depth=2000", "depth: expected a size from 1 to 1000"),
        ("gpt:2-64-4", "expected four sizes"),
        ("gpt:2-64-5-8", "does not fall into 5 heads"),
        ("gpt:2-6-2-8,positions=rotary", "a head has 3"),
        ("gpt:2-64-4-8,length=9", "sequences of 9 do not fit into a context of 8"),
        ("gpt:2-64-4-8,dropout=1", "share from 0 to less than 1"),
        ("gpt:1000-1048576-4-8", "parameters, more than the 2147483648 allowed"),
        ("gpt:1-16777216-16777216-16777216", "width and context are at most 1048576"),
        ("gpt:1-1048576-1-1048576,positions=sinusoidal", "a table of positions of 1048576 × 1048576"),
        ("vit-tiny,patch=1,input=1x4096x4096", "number of patches are at most"),
        ("gpt:1001-8-4-8", "1001 layers"),
    ] {
        let error = text.parse::<ModelSpec>().expect_err(text).to_string();
        assert!(error.contains(reason) && error.contains(text), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(
        entry in 0..registry().len(),
        name in 0usize..4,
        sizes in prop::collection::vec(prop::sample::select(SIZES.to_vec()), 0..6),
        options in prop::collection::vec((0usize..8, prop::sample::select(VALUES.to_vec())), 0..4),
    ) {
        let entry = &registry()[entry];
        let mut text = entry.names[name % entry.names.len()].to_owned();
        if !sizes.is_empty() {
            text.push(':');
            text.push_str(&sizes.join("-"));
        }
        for (option, value) in options {
            if let Some((option, _)) = entry.options.get(option) {
                let option = option.split('=').next().unwrap();
                text.push_str(&format!(",{option}{value}"));
            }
        }
        match text.parse::<ModelSpec>() {
            Ok(model) => {
                prop_assert!(model.layout().dimension() <= 1 << 31);
                prop_assert_eq!(model.to_string().parse::<ModelSpec>().unwrap(), model);
            }
            Err(error) => prop_assert!(error.to_string().contains(&text)),
        }
    }
}

const SIZES: [&str; 8] = ["1", "2", "3", "16", "97", "1048576", "16777216", "16777217"];
const VALUES: [&str; 16] = [
    "",
    "=1",
    "=2",
    "=3",
    "=0",
    "=16",
    "=1048576",
    "=16777216",
    "=0.5",
    "=-1",
    "=none",
    "=rotary",
    "=rms",
    "=b",
    "=3x32x32",
    "=1x4096x4096",
];

#[test]
fn sizes_are_those_of_the_papers_and_of_torchvision() {
    for (text, parameters) in [
        ("lenet5", 61_706),
        ("resnet20", 269_722),
        ("resnet32", 464_154),
        ("resnet44", 658_586),
        ("resnet56", 853_018),
        // torchvision's vgg11_bn … without the biases of its convolutions and with one dense layer.
        ("vgg11", 9_228_362),
        ("vgg11,norm=none", 9_225_610),
        ("vgg16", 14_724_042),
        ("vgg19", 20_035_018),
        ("gpt:12-768-12-1024,vocabulary=50257", 124_439_808),
        ("gpt:12-768-12-256,vocabulary=50257", 124_439_808 - 768 * 768),
    ] {
        assert_eq!(model(text).layout().dimension(), parameters, "{text}");
    }
    // Token, positions, patches, twelve blocks, and the head; a block is 12 D² + 13 D.
    let d = 192;
    let expected = d + 65 * d + (48 * d + d) + 12 * (12 * d * d + 13 * d) + 2 * d + (10 * d + 10);
    assert_eq!(model("vit-tiny").layout().dimension(), expected);
}

#[test]
fn names_and_shapes_are_pytorchs() {
    let named = |text: &str| {
        let layout = model(text).layout();
        layout.blocks().iter().map(|b| (b.name.clone(), b.shape.clone())).collect::<Vec<_>>()
    };
    let has = |text: &str, name: &str, shape: &[usize]| {
        let found = named(text);
        let block = found.iter().find(|(n, _)| n == name);
        assert_eq!(block.map(|(_, s)| &s[..]), Some(shape), "{text} {name} among {found:?}");
    };
    has("lenet5", "conv2.weight", &[16, 6, 5, 5]);
    has("lenet5", "fc1.weight", &[120, 400]);
    has("cnn:4-6,input=2x100", "conv1.weight", &[6, 4, 3]);
    has("cnn:4-6,input=2x8x8x8", "conv1.weight", &[6, 4, 3, 3, 3]);
    has("resnet20", "layer3.0.conv1.weight", &[64, 32, 3, 3]);
    has("resnet20,shortcut=b", "layer2.0.downsample.0.weight", &[32, 16, 1, 1]);
    has("resnet20,shortcut=b", "layer2.0.downsample.1.bias", &[32]);
    has("resnet20,norm=none", "layer1.0.conv1.bias", &[16]);
    has("vgg11", "features.4.weight", &[128, 64, 3, 3]);
    has("vgg11", "features.26.weight", &[512]);
    has("vgg16,norm=none", "features.28.bias", &[512]);
    has("vit-tiny", "patch_embed.proj.weight", &[192, 3, 4, 4]);
    has("vit-tiny", "blocks.11.attn.qkv.weight", &[576, 192]);
    has("gpt:2-8-2-16", "transformer.h.1.mlp.c_fc.weight", &[32, 8]);
    has("gpt:2-8-2-16,gated", "transformer.h.1.mlp.c_fc.weight", &[64, 8]);
    has("gpt:2-8-2-16,untied", "lm_head.weight", &[96, 8]);
    has("autoencoder:8-4-2", "decoder.fc1.weight", &[8, 4]);
    let first: Vec<String> = named("resnet20").into_iter().take(5).map(|(name, _)| name).collect();
    assert_eq!(
        first,
        ["conv1.weight", "bn1.weight", "bn1.bias", "layer1.0.conv1.weight", "layer1.0.bn1.weight"]
    );
    let buffers = model("resnet20").buffers();
    assert_eq!(buffers.len(), 2 * 19);
    assert_eq!(buffers[1].name, "bn1.running_var");
    assert_eq!(buffers[2].name, "layer1.0.bn1.running_mean");
    assert!(buffers.iter().all(|buffer| buffer.statistic));
    assert!(model("resnet20,norm=group").buffers().is_empty());
    // Neither biases before batch normalization, nor any in a product of matrices.
    assert!(named("deep-linear:8-5-3").iter().all(|(name, _)| name.ends_with("weight")));
    let spare = ModelSpec { bias: false, ..model("lenet5") };
    assert_eq!(spare.layout().blocks().len(), 5);
}

#[test]
fn data_decides_what_the_architecture_leaves_open() {
    let image = |shape: &[usize]| Input::numbers(shape);
    let fitted = |text: &str, input: &Input, outputs| model(text).fitted(input, outputs);
    for (text, shape, written) in [
        ("lenet5", &[1, 28, 28][..], "lenet5,classes=3"),
        ("lenet5", &[784], "lenet5,classes=3"),
        ("lenet5,input=1x16x49", &[784], "lenet5,input=1x16x49,classes=3"),
        ("resnet20", &[1, 8, 8], "resnet20,input=1x8x8,classes=3"),
        ("cnn:4", &[2, 100], "cnn:4,input=2x100,classes=3"),
        ("vit-tiny", &[3, 64, 32], "vit-tiny,input=3x64x32,classes=3"),
        ("mlp:64-10", &[1, 8, 8], "mlp:64-10"),
        ("autoencoder:64-2", &[64], "autoencoder:64-2"),
    ] {
        assert_eq!(fitted(text, &image(shape), 3).unwrap().to_string(), written);
    }
    let tokens =
        |shape: &[usize]| Input { shape: shape.to_vec(), kind: InputKind::Tokens { vocabulary: 50 } };
    let gpt = fitted("gpt:1-8-2-16", &tokens(&[12]), 50).unwrap();
    assert_eq!(gpt.to_string(), "gpt:1-8-2-16,vocabulary=50,length=12");
    assert_eq!(gpt.output(), [12, 50]);
    for (text, input, reason) in [
        ("lenet5", image(&[1, 8, 8]), "at least 12 positions along each axis, and inputs are 1×8×8"),
        ("lenet5", image(&[64]), "say how they are laid out with the option input=CxHxW"),
        ("lenet5", image(&[28, 20]), "the shape 28×20"),
        ("lenet5", tokens(&[784]), "it takes numbers, the data has tokens"),
        ("vgg16", image(&[1, 28, 28]), "at least 32 positions"),
        ("vit-tiny", image(&[1, 30, 30]), "patches of 4"),
        ("mlp:64-10", image(&[63]), "it takes inputs of 64 numbers, the data has 63"),
        ("mlp:64-2", image(&[64]), "it has 2 outputs, the data asks for 3"),
        ("deep-linear:64-2", image(&[64]), "2 outputs"),
        ("gpt:1-8-2-16", image(&[12]), "it takes tokens, the data has numbers"),
        ("gpt:1-8-2-16", tokens(&[17]), "sequences of 17 do not fit into a context of 16"),
        ("gpt:1-8-2-16", tokens(&[4, 4]), "arrays of 2 axes"),
    ] {
        let error = fitted(text, &input, 3).unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains(text), "{error}");
    }
}

#[test]
fn initial_weights_have_the_variances_that_are_stated() {
    let spread = |text: &str, name: &str, expected: f64| {
        let model = model(text);
        let x: Vec<f64> = model.initialization().draw(&model, 1);
        let layout = model.layout();
        let block = layout.blocks().iter().find(|b| b.name == name).unwrap();
        let w = &x[block.range.clone()];
        let found = (w.iter().map(|w| w * w).sum::<f64>() / w.len() as f64).sqrt();
        let tolerance = 4.0 / (2.0 * w.len() as f64).sqrt();
        assert!((found - expected).abs() <= tolerance * expected, "{text} {name}: {found} and {expected}");
    };
    spread("lenet5", "fc1.weight", (1.0 / 1200.0f64).sqrt());
    spread("lenet5", "fc1.bias", (1.0 / 1200.0f64).sqrt());
    spread("resnet20", "layer3.0.conv1.weight", (2.0 / (32.0 * 9.0f64)).sqrt());
    spread("resnet20", "layer3.0.bn1.weight", 1.0);
    spread("vgg11", "features.4.weight", (2.0 / (64.0 * 9.0f64)).sqrt());
    spread("deep-linear:64-32-32", "fc0.weight", 1.0 / 8.0);
    spread("vit-tiny,depth=1", "blocks.0.attn.qkv.weight", 0.02);
    spread("vit-tiny,depth=1", "blocks.0.attn.qkv.bias", 0.0);
    spread("gpt:8-64-4-32", "transformer.h.3.attn.c_attn.weight", 0.02);
    spread("gpt:8-64-4-32", "transformer.h.3.mlp.c_proj.weight", 0.02 / 4.0);
    spread("gpt:8-64-4-32", "transformer.wpe.weight", 0.02);
}
