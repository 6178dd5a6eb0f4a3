//! Generative pre-trained transformers.

use std::fmt;

use thalweg_graph::Value;

use super::text::{choice, number, size};
use super::{Architecture, Design, Entry, Text};
use crate::problem::network::layers::{
    Attention, Dropout, attention, dropout, embedding, gated, layer_norm, learned_positions, linear_drawn,
    residual, rms_norm, sinusoidal_positions, unembedding,
};
use crate::problem::network::net::Net;
use crate::problem::network::{Activation, Draw, Input, InputKind};

/// A decoder of text in the manner of GPT-2 (Radford et al. 2019): scores of the next token
/// at each position.
///
/// | Blocks | Shape |
/// |---|---|
/// | `transformer.wte.weight`: tokens, and scores unless untied | `[vocabulary, D]` |
/// | `transformer.wpe.weight`: learned positions | `[context, D]` |
/// | `transformer.h.I.ln_1`, `ln_2`: `.weight`, `.bias` | `[D]`, `[D]` |
/// | `transformer.h.I.attn.c_attn`, `.attn.c_proj` | `[3D, D]`, `[3D]`; `[D, D]`, `[D]` |
/// | `transformer.h.I.mlp.c_fc`, `.mlp.c_proj` | `[4D, D]`, `[4D]`; `[D, 4D]`, `[D]` |
/// | `transformer.ln_f` | `[D]`, `[D]` |
/// | `lm_head.weight`, if untied | `[vocabulary, D]` |
///
/// Names are those of GPT-2 in PyTorch, shapes those of dense layers, [out, in]. Blocks are
/// x + attn(ln_1(x)), then x + mlp(ln_2(x)); attention is causal; ε = 10⁻⁵. Weights begin normal
/// with deviation 0.02, those of both `c_proj` with 0.02/√(2 · layers) (§2.3). `gpt:12-768-12-1024` with 50,257
/// tokens is GPT-2 small, with 124,439,808 parameters.
///
/// The input is T tokens, at most as many as the context; the output [T, vocabulary].
#[derive(Clone, Debug, PartialEq)]
pub struct Gpt {
    /// Number of blocks.
    pub layers: usize,
    /// Features D of a token.
    pub width: usize,
    /// Heads of attention, which divide the width.
    pub heads: usize,
    /// The most positions that a sequence may have.
    pub context: usize,
    /// Positions T of an example.
    pub length: usize,
    /// Number of different tokens.
    pub vocabulary: usize,
    /// How positions are told apart.
    pub positions: Positions,
    /// Whether scores have a table of their own.
    pub untied: bool,
    /// What a block is made of.
    pub block: Block,
    /// Share p of values that are dropped after the embedding, of attention weights, and at the
    /// end of both branches of a block.
    pub dropout: f64,
    /// Which masks that share is dropped by; they belong to the objective.
    pub seed: u64,
}

/// How positions are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positions {
    /// By a table that is learned.
    Learned,
    /// By sines and cosines that are added (Vaswani et al. 2017).
    Sinusoidal,
    /// By turning queries and keys (Su et al. 2021).
    Rotary,
}

/// What departs from GPT-2 within a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Root-mean-square normalization instead of layer normalization (Zhang & Sennrich 2019).
    pub rms: bool,
    /// A gated unit of 4D gates and values in the place of `c_fc` (Shazeer 2020).
    pub gated: bool,
}

const POSITIONS: [(&str, Positions); 3] =
    [("learned", Positions::Learned), ("sinusoidal", Positions::Sinusoidal), ("rotary", Positions::Rotary)];
/// Beyond this, sizes of arrays could overflow before they are refused.
const LARGEST: usize = 1 << 20;
/// Numbers in a table of positions that is not learned.
const TABLE: usize = 1 << 24;
const VOCABULARY: usize = 96;
const DRAW: Draw = Draw::Normal { deviation: DEVIATION };
const DEVIATION: f64 = 0.02;
const EPSILON: f64 = 1e-5;

pub(super) const ENTRY: Entry = Entry {
    names: &["gpt"],
    pattern: "gpt:LAYERS-WIDTH-HEADS-CONTEXT[,dropout=P][,positions=…][,untied]",
    summary: "GPT-2's decoder of text; gpt:12-768-12-1024 with 50,257 tokens is GPT-2 small",
    source: "Radford et al. 2019",
    options: &[
        ("dropout=P", "share that is dropped, by masks that stay the same [0]"),
        ("seed=N", "which masks [0]"),
        ("positions=learned|sinusoidal|rotary", "how positions are told apart [learned]"),
        ("untied", "scores have a table of their own"),
        ("norm=layer|rms", "what blocks normalize by [layer]"),
        ("gated", "gated units in the place of the first dense layer"),
        ("vocabulary=N", "number of tokens, where no data says [96]"),
        ("length=T", "positions of an example, where no data says [the context]"),
    ],
    examples: &["gpt:2-128-4-64", "gpt:4-64-4-32,dropout=0.1,positions=rotary,untied,norm=rms,gated"],
    build,
};

fn build(text: &mut Text) -> Result<Architecture, String> {
    let sizes = text.sizes()?;
    let [layers, width, heads, context] = sizes[..] else {
        return Err(format!("expected four sizes, layers, width, heads and context, found {}", sizes.len()));
    };
    let block = Block {
        rms: text.value("norm", |value| choice(value, &[("layer", false), ("rms", true)]))?.unwrap_or(false),
        gated: text.flag("gated")?,
    };
    let positions = text.value("positions", |value| choice(value, &POSITIONS))?;
    Ok(Architecture::Gpt(Gpt {
        layers,
        width,
        heads,
        context,
        length: text.value("length", size)?.unwrap_or(context),
        vocabulary: text.value("vocabulary", size)?.unwrap_or(VOCABULARY),
        positions: positions.unwrap_or(Positions::Learned),
        untied: text.flag("untied")?,
        block,
        dropout: text.value("dropout", share)?.unwrap_or(0.0),
        seed: text.value("seed", |value| number(value, 0, u64::MAX))?.unwrap_or(0),
    }))
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(p) if (0.0..1.0).contains(&p) => Ok(p),
        _ => Err(format!("expected a share from 0 to less than 1, found {text:?}")),
    }
}

impl Gpt {
    fn dropped(&self) -> Dropout {
        Dropout { share: self.dropout, seed: self.seed }
    }

    fn norm(&self, net: &mut Net, name: &str, x: Value) -> Value {
        match self.block.rms {
            true => rms_norm(net, name, x, EPSILON),
            false => layer_norm(net, name, x, EPSILON),
        }
    }

    fn block(&self, net: &mut Net, x: Value) -> Value {
        let last = Draw::Normal { deviation: DEVIATION / (2.0 * self.layers as f64).sqrt() };
        let x = residual(net, x, |net, x| {
            let h = self.norm(net, "ln_1", x);
            let choices = Attention {
                heads: self.heads,
                causal: true,
                rotary: self.positions == Positions::Rotary,
                dropout: self.dropped(),
                names: ["c_attn", "c_proj"],
                draws: [DRAW, last.clone()],
            };
            net.within("attn", |net| attention(net, h, &choices))
        });
        residual(net, x, |net, x| {
            let h = self.norm(net, "ln_2", x);
            net.within("mlp", |net| {
                let h = match self.block.gated {
                    true => gated(net, "c_fc", h, 4 * self.width, DRAW),
                    false => {
                        let h = linear_drawn(net, "c_fc", h, 4 * self.width, DRAW);
                        net.activate(h)
                    }
                };
                let h = linear_drawn(net, "c_proj", h, self.width, last);
                dropout(net, h, &self.dropped())
            })
        })
    }

    fn hidden(&self, net: &mut Net, x: Value) -> (Value, Value) {
        let (h, table) = embedding(net, "wte", x, (self.vocabulary, self.width), DEVIATION);
        let h = match self.positions {
            Positions::Learned => learned_positions(net, "wpe", h, self.context, DEVIATION),
            Positions::Sinusoidal => sinusoidal_positions(net.b, h),
            Positions::Rotary => h,
        };
        let mut h = dropout(net, h, &self.dropped());
        for layer in 0..self.layers {
            h = net.within(format!("h.{layer}"), |net| self.block(net, h));
        }
        (self.norm(net, "ln_f", h), table)
    }
}

impl Design for Gpt {
    fn write(&self, net: &mut Net, x: Value) -> Value {
        let (h, table) = net.within("transformer", |net| self.hidden(net, x));
        let table = match self.untied {
            true => {
                net.within("lm_head", |net| net.parameter("weight", &[self.vocabulary, self.width], DRAW))
            }
            false => table,
        };
        unembedding(net, h, table)
    }

    fn input(&self) -> Input {
        Input { shape: vec![self.length], kind: InputKind::Tokens { vocabulary: self.vocabulary } }
    }

    fn activation(&self) -> Activation {
        Activation::GeluTanh
    }

    fn check(&self) -> Result<(), String> {
        if self.layers > 1000 {
            return Err(format!("{} layers are more than the 1000 allowed", self.layers));
        }
        if !self.width.is_multiple_of(self.heads) {
            return Err(format!("a width of {} does not fall into {} heads", self.width, self.heads));
        }
        if self.positions == Positions::Rotary && !(self.width / self.heads).is_multiple_of(2) {
            let features = self.width / self.heads;
            return Err(format!("rotary positions turn pairs of features, and a head has {features}"));
        }
        if self.width > LARGEST || self.context > LARGEST {
            return Err(format!("width and context are at most {LARGEST}"));
        }
        if self.positions != Positions::Learned && self.length * self.width > TABLE {
            return Err(format!("a table of positions of {} × {} is too large", self.length, self.width));
        }
        if self.length > self.context {
            return Err(format!(
                "sequences of {} do not fit into a context of {}",
                self.length, self.context
            ));
        }
        Ok(())
    }

    fn fit(&mut self, input: &Input, outputs: usize) -> Result<(), String> {
        let InputKind::Tokens { vocabulary } = input.kind else {
            return Err("it takes tokens, the data has numbers".into());
        };
        let [length] = input.shape[..] else {
            return Err(format!(
                "it takes sequences of tokens, the data has arrays of {} axes",
                input.shape.len()
            ));
        };
        self.length = length;
        self.vocabulary = vocabulary.max(outputs);
        Ok(())
    }
}

impl fmt::Display for Gpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gpt:{}-{}-{}-{}", self.layers, self.width, self.heads, self.context)?;
        if self.dropout != 0.0 {
            write!(f, ",dropout={}", self.dropout)?;
        }
        if self.seed != 0 {
            write!(f, ",seed={}", self.seed)?;
        }
        match self.positions {
            Positions::Learned => {}
            Positions::Sinusoidal => f.write_str(",positions=sinusoidal")?,
            Positions::Rotary => f.write_str(",positions=rotary")?,
        }
        for (there, option) in
            [(self.untied, ",untied"), (self.block.rms, ",norm=rms"), (self.block.gated, ",gated")]
        {
            f.write_str(if there { option } else { "" })?;
        }
        if self.vocabulary != VOCABULARY {
            write!(f, ",vocabulary={}", self.vocabulary)?;
        }
        if self.length != self.context {
            write!(f, ",length={}", self.length)?;
        }
        Ok(())
    }
}
