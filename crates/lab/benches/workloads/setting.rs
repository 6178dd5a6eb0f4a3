//! What the workloads work on: networks, data, parameters and vectors that
//! everybody can make again (`bench/peers/README.md`), and a stopwatch.

use std::time::{Duration, Instant};

use thalweg_lab::problem::network::{Data, Inputs, ModelSpec, Network, Settings, Targets};
use thalweg_lab::{FiniteSum, Objective, Scalar};

/// Widths and examples of the digits network, all of whose data make one batch.
pub const DIGITS: (&[usize], usize) = (&[64, 32, 10], 1797);
/// Widths and examples of the larger network.
pub const MLP: (&[usize], usize) = (&[784, 512, 512, 10], 256);
/// Examples of a training step's batch.
pub const BATCH: usize = 64;

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// Number `i` of a stream, 64 bits.
pub fn splitmix(stream: u64, i: u64) -> u64 {
    let mut z = ((stream << 32) + i + 1).wrapping_mul(GAMMA);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Number `i` of a stream, in [0, 1) and exact in f32.
pub fn uniform(stream: u64, i: usize) -> f32 {
    (splitmix(stream, i as u64) >> 40) as f32 / (1u64 << 24) as f32
}

/// A tanh network with mean softmax cross-entropy.
pub fn network<T: Scalar>((widths, examples): (&[usize], usize), settings: Settings) -> Network<T> {
    let features = widths[0];
    let data = Data {
        inputs: Inputs::Numbers((0..examples * features).map(|i| T::of(f64::from(uniform(1, i)))).collect()),
        features,
        targets: Targets::Classes { labels: (0..examples).map(|j| (j % 10) as i32).collect(), count: 10 },
    };
    Network::new(ModelSpec::mlp(widths), data, settings).expect("the data fits the model")
}

/// The point at which everything is measured: weights, and biases after them, in [−1, 1)/√fan-in; scales of
/// normalizations (weights of one axis) in [0.9, 1.1), and their shifts in [−0.1, 0.1).
pub fn parameters<T: Scalar>(network: &Network<T>) -> Vec<T> {
    let mut x = vec![T::zero(); network.dimension()];
    let mut fan = None;
    for block in network.layout().blocks() {
        let weight = block.name.ends_with("weight");
        if weight {
            fan = (block.shape.len() > 1).then(|| block.shape[1..].iter().product::<usize>());
        }
        for i in block.range.clone() {
            let signed = 2.0 * uniform(2, i) - 1.0;
            x[i] = T::of(f64::from(match fan {
                Some(fan) => signed / (fan as f32).sqrt(),
                None if weight => 1.0 + signed / 10.0,
                None => signed / 10.0,
            }));
        }
    }
    x
}

/// `count` vectors of n entries.
pub fn vectors<T: Scalar>(count: usize, n: usize) -> Vec<T> {
    (0..count * n).map(|i| T::of(f64::from(2.0 * uniform(3, i) - 1.0))).collect()
}

/// Ten epochs of batches of 64, shuffled.
pub fn batches<T: Scalar>(network: &Network<T>) -> Vec<u32> {
    let epoch = |epoch: u64| {
        let mut order: Vec<u32> = (0..network.examples() as u32).collect();
        order.sort_by_key(|&j| splitmix(100 + epoch, u64::from(j)));
        order.truncate(order.len() / BATCH * BATCH);
        order
    };
    (0..10).flat_map(epoch).collect()
}

/// Seconds of each of several works, which take turns until the budget is
/// spent: at least `least` times each, after two that do not count.
pub fn take_turns(budget: f64, least: usize, works: &mut [&mut dyn FnMut()]) -> Vec<Vec<f64>> {
    for _ in 0..2 {
        works.iter_mut().for_each(|work| work());
    }
    let mut seconds = vec![Vec::new(); works.len()];
    let end = Instant::now() + Duration::from_secs_f64(budget);
    while seconds[0].len() < least || Instant::now() < end {
        for (work, seconds) in works.iter_mut().zip(&mut seconds) {
            let start = Instant::now();
            work();
            seconds.push(start.elapsed().as_secs_f64());
        }
    }
    seconds.iter_mut().for_each(|s| s.sort_by(f64::total_cmp));
    seconds
}
