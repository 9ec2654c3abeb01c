//! The inner step of products whose weights reach all invocations by `subgroupBroadcast`: the invocations of a subgroup
//! load different weights, and each passes its own around. A load serves a whole tile of accumulators that way.
//!
//! Weights lie as `[k / 4, rows]` of `vec4<f32>`, four neighbouring k each, where rows is [`Tile::padded_m`].

use std::fmt::Write as _;

/// Accumulators of one invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    /// Output channels, a multiple of 4.
    pub m: u32,
    /// Positions.
    pub n: u32,
    /// Neighbouring invocations that share weights: 4 or 8.
    pub width: u32,
}

impl Tile {
    /// Rows of weights in memory for the channels of one tile.
    pub const fn padded_m(self) -> u32 {
        self.m.next_multiple_of(self.width)
    }

    /// Declares the accumulators `aM_N`, zero.
    pub(super) fn init(self) -> String {
        let mut text = String::new();
        for m in 0..self.m {
            for n in 0..self.n {
                let _ = writeln!(text, "    var a{m}_{n} = 0.0;");
            }
        }
        text
    }

    /// Loads the weights of four k from `weight[at + ..]`, where `at` counts in the invocation's lane.
    pub(super) fn load_weights(self, at: &str) -> String {
        let mut text = String::new();
        for g in 0..self.padded_m() / self.width {
            let _ = writeln!(text, "        let w{g} = weight[{at} + {}u];", g * self.width);
        }
        text
    }

    /// Adds the products of the `c`-th of the four k; `value(n)` is the expression of position n.
    pub(super) fn accumulate(self, c: u32, value: impl Fn(u32) -> String) -> String {
        let mut text = String::new();
        for m in 0..self.m {
            let (g, lane) = (m / self.width, m % self.width);
            let _ = writeln!(text, "        let b{m}_{c} = subgroupBroadcast(w{g}[{c}], {lane}u);");
            for n in 0..self.n {
                let _ = writeln!(text, "        a{m}_{n} = fma(b{m}_{c}, {}, a{m}_{n});", value(n));
            }
        }
        text
    }
}
