//! Vision transformers.

use std::fmt;

use thalweg_graph::Value;

use super::images::{CLASSES, INPUT};
use super::text::{number, size};
use super::{Architecture, Design, Entry, Images, Text};
use crate::problem::network::layers::{Attention, Dropout, attention, layer_norm, linear_drawn, residual};
use crate::problem::network::net::Net;
use crate::problem::network::{Activation, Draw, Input};

/// A vision transformer (Dosovitskiy et al. 2021, eq. 1 to 4) in the size of DeiT-Tiny (Touvron
/// et al. 2021), for small images.
///
/// | Blocks | Shape |
/// |---|---|
/// | `cls_token`, `pos_embed` | `[1, 1, D]`, `[1, patches + 1, D]` |
/// | `patch_embed.proj.weight`, `.bias` | `[D, C, P, P]`, `[D]` |
/// | `blocks.I.norm1`, `blocks.I.norm2` | `[D]`, `[D]` |
/// | `blocks.I.attn.qkv`, `blocks.I.attn.proj` | `[3D, D]`, `[3D]`; `[D, D]`, `[D]` |
/// | `blocks.I.mlp.fc1`, `blocks.I.mlp.fc2` | `[4D, D]`, `[4D]`; `[D, 4D]`, `[D]` |
/// | `norm`, `head` | `[D]`, `[D]`; `[classes, D]`, `[classes]` |
///
/// Names and shapes are those of timm. Blocks are x + attn(norm1(x)), then
/// x + mlp(norm2(x)) with GELU; ε = 10⁻⁶. All weights, token and positions begin normal with deviation
/// 0.02, where timm cuts that distribution off at ±2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vit {
    /// Height and width P of a patch.
    pub patch: usize,
    /// Features D of a token.
    pub width: usize,
    /// Number of blocks.
    pub depth: usize,
    /// Heads of attention, which divide the width.
    pub heads: usize,
    /// Inputs and classes.
    pub images: Images,
}

const DRAW: Draw = Draw::Normal { deviation: 0.02 };
const EPSILON: f64 = 1e-6;
/// Beyond this, sizes of arrays could overflow before they are refused.
const LARGEST: usize = 1 << 20;

pub(super) const ENTRY: Entry = Entry {
    names: &["vit-tiny"],
    pattern: "vit-tiny[,patch=P][,width=D][,depth=L][,heads=H]",
    summary: "a vision transformer for 32×32 images: patches of 4×4, width 192, 12 blocks, 3 heads",
    source: "Dosovitskiy et al. 2021; Touvron et al. 2021",
    options: &[
        ("patch=P", "height and width of a patch [4]"),
        ("width=D", "features of a token [192]"),
        ("depth=L", "number of blocks [12]"),
        ("heads=H", "heads of attention, which divide the width [3]"),
        INPUT,
        CLASSES,
    ],
    examples: &["vit-tiny", "vit-tiny,patch=8,width=64,depth=4,heads=4"],
    build,
};

fn build(text: &mut Text) -> Result<Architecture, String> {
    text.no_sizes()?;
    let usual = usual();
    Ok(Architecture::Vit(Vit {
        patch: text.value("patch", size)?.unwrap_or(usual.patch),
        width: text.value("width", size)?.unwrap_or(usual.width),
        depth: text.value("depth", |value| number(value, 1, 1000))?.unwrap_or(usual.depth),
        heads: text.value("heads", size)?.unwrap_or(usual.heads),
        images: usual.images.read(text)?,
    }))
}

fn usual() -> Vit {
    Vit { patch: 4, width: 192, depth: 12, heads: 3, images: Images::of(&[3, 32, 32]) }
}

impl Vit {
    /// Tokens [b, patches, D]: a product with the pixels of each patch, which is a convolution
    /// whose windows do not overlap.
    fn patches(&self, net: &mut Net, x: Value) -> Value {
        let shape = net.shape(x);
        let (rows, columns) = (shape[2] / self.patch, shape[3] / self.patch);
        let pixels = shape[1] * self.patch * self.patch;
        let h = net.b.reshape(x, &[shape[0], shape[1], rows, self.patch, columns, self.patch]);
        let h = net.b.transpose(h, &[0, 2, 4, 1, 3, 5]);
        let h = net.b.reshape(h, &[shape[0], rows * columns, pixels]);
        net.within("patch_embed.proj", |net| {
            let of = [self.width, shape[1], self.patch, self.patch];
            let weight = net.parameter("weight", &of, DRAW);
            let weight = net.b.reshape(weight, &[self.width, pixels]);
            let tokens = net.b.dot(h, 2, weight, 1);
            if !net.bias {
                return tokens;
            }
            let bias = net.parameter("bias", &[self.width], Draw::Constant(0.0));
            let shape = net.shape(tokens);
            let bias = net.b.broadcast(bias, &shape);
            net.b.add(tokens, bias)
        })
    }

    fn block(&self, net: &mut Net, x: Value) -> Value {
        let x = residual(net, x, |net, x| {
            let h = layer_norm(net, "norm1", x, EPSILON);
            let choices = Attention {
                heads: self.heads,
                causal: false,
                rotary: false,
                dropout: Dropout::NONE,
                names: ["qkv", "proj"],
                draws: [DRAW, DRAW],
            };
            net.within("attn", |net| attention(net, h, &choices))
        });
        residual(net, x, |net, x| {
            let h = layer_norm(net, "norm2", x, EPSILON);
            net.within("mlp", |net| {
                let h = linear_drawn(net, "fc1", h, 4 * self.width, DRAW);
                let h = net.activate(h);
                linear_drawn(net, "fc2", h, self.width, DRAW)
            })
        })
    }
}

impl Design for Vit {
    fn write(&self, net: &mut Net, x: Value) -> Value {
        let examples = net.shape(x)[0];
        let patches: usize = self.images.spatial().iter().map(|n| n / self.patch).product();
        let class = net.parameter("cls_token", &[1, 1, self.width], DRAW);
        let positions = net.parameter("pos_embed", &[1, patches + 1, self.width], DRAW);
        let tokens = self.patches(net, x);
        let class = net.b.broadcast_in_dim(class, &[examples, 1, self.width], &[0, 1, 2]);
        let tokens = net.b.concatenate(&[class, tokens], 1);
        let shape = net.shape(tokens);
        let positions = net.b.broadcast_in_dim(positions, &shape, &[0, 1, 2]);
        let mut h = net.b.add(tokens, positions);
        for block in 0..self.depth {
            h = net.within(format!("blocks.{block}"), |net| self.block(net, h));
        }
        // Tokens are normalized one by one, and the class is read off the first alone.
        let h = net.b.slice_axis(h, 1, 0..1);
        let h = net.b.reshape(h, &[examples, self.width]);
        let h = layer_norm(net, "norm", h, EPSILON);
        linear_drawn(net, "head", h, self.images.classes, DRAW)
    }

    fn input(&self) -> Input {
        self.images.input()
    }

    fn activation(&self) -> Activation {
        Activation::Gelu
    }

    fn check(&self) -> Result<(), String> {
        self.images.check(2..=2, 1)?;
        let tokens: usize = self.images.spatial().iter().map(|n| n / self.patch).product();
        if self.width > LARGEST || tokens > LARGEST {
            return Err(format!("width and number of patches are at most {LARGEST}"));
        }
        if !self.width.is_multiple_of(self.heads) {
            return Err(format!("a width of {} does not fall into {} heads", self.width, self.heads));
        }
        match self.images.spatial().iter().find(|n| !n.is_multiple_of(self.patch)) {
            Some(n) => {
                Err(format!("an image of {n} pixels a side does not fall into patches of {}", self.patch))
            }
            None => Ok(()),
        }
    }

    fn fit(&mut self, input: &Input, outputs: usize) -> Result<(), String> {
        self.images.fit(input, outputs, 2..=2)
    }
}

impl fmt::Display for Vit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usual = usual();
        f.write_str("vit-tiny")?;
        for (name, value, usual) in [
            ("patch", self.patch, usual.patch),
            ("width", self.width, usual.width),
            ("depth", self.depth, usual.depth),
            ("heads", self.heads, usual.heads),
        ] {
            if value != usual {
                write!(f, ",{name}={value}")?;
            }
        }
        self.images.write(f, &usual.images)
    }
}
