use ocelli_tensor::{DType, Tensor};

use super::{Pool, PoolKind};
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use crate::ops::window::{AutoPad, Window};

/// Cases of MaxPool, AveragePool and LpPool.
pub fn cases() -> Vec<Case> {
    const MAX: PoolKind = PoolKind::Max { column_major: false };
    const AVERAGE: PoolKind = PoolKind::Average { count_include_pad: false };
    const PADDED: PoolKind = PoolKind::Average { count_include_pad: true };
    let window = |kernel: &[usize], strides: &[usize], dilations: &[usize], pads: &[i64]| Window {
        kernel: kernel.to_vec(),
        strides: strides.to_vec(),
        dilations: dilations.to_vec(),
        pads: pads.to_vec(),
        ..Window::default()
    };
    let on = |name: &str, kind, window, ceil_mode, x: Tensor| Case::new(name, Pool { kind, window, ceil_mode }, vec![x]);
    let case = |name: &str, kind, window, ceil_mode, x: &[usize]| on(name, kind, window, ceil_mode, random_f32(x, 7));
    let mut cases = Vec::new();
    for (name, kind) in [("", MAX), ("", AVERAGE), ("include_pad_", PADDED), ("", PoolKind::Lp { p: 2.0 }), ("p3_", PoolKind::Lp { p: 3.0 })] {
        let mut add = |what: &str, window, ceil, x: &[usize]| cases.push(case(&format!("{name}{what}"), kind, window, ceil, x));
        add("asymmetric", window(&[3, 2], &[2, 1], &[], &[1, 0, 2, 1]), false, &[2, 3, 9, 14]);
        add("ceil", window(&[3, 2], &[2, 3], &[], &[1, 1, 0, 1]), true, &[1, 5, 8, 12]);
        add("ceil_drops_last", window(&[1, 1], &[2, 2], &[], &[]), true, &[1, 2, 2, 5]);
        add("ceil_begins_in_pads", window(&[3, 3], &[3, 3], &[], &[1, 1, 1, 1]), true, &[1, 3, 2, 5]);
        add("dilated", window(&[2, 3], &[1, 2], &[3, 2], &[1, 1, 1, 2]), false, &[1, 4, 11, 13]);
        add("one_dimension", window(&[4], &[3], &[], &[2, 1]), false, &[2, 3, 17]);
        add("three_dimensions", window(&[2, 3, 2], &[2, 1, 2], &[1, 2, 1], &[1, 0, 0, 0, 1, 1]), false, &[1, 2, 5, 7, 6]);
        let same = |auto_pad| Window { auto_pad, ..window(&[3, 4], &[2, 3], &[], &[]) };
        add("same_upper", same(AutoPad::SameUpper), false, &[1, 2, 7, 10]);
        add("same_lower", same(AutoPad::SameLower), true, &[1, 2, 8, 10]);
        add("valid_ceil", same(AutoPad::Valid), true, &[1, 2, 8, 9]);
    }
    let bytes = |dtype, low: f64| {
        let values: Vec<f64> = random_f32(&[1, 3, 7, 10], 9).to_f64s().iter().map(|v| ((v + 1.0) * 127.0 + low).round()).collect();
        case_tensor(dtype, &[1, 3, 7, 10], &values)
    };
    cases.push(on("bytes", MAX, window(&[3, 2], &[2, 2], &[], &[1, 0, 1, 1]), true, bytes(DType::U8, 0.0)));
    cases.push(on("signed_bytes", MAX, window(&[3, 2], &[2, 2], &[], &[1, 0, 1, 1]), true, bytes(DType::I8, -127.0)));
    for (name, column_major) in [("indices", false), ("column_major_indices", true)] {
        let kind = PoolKind::Max { column_major };
        cases.push(case(name, kind, window(&[2, 3], &[2, 1], &[2, 1], &[1, 1, 0, 1]), false, &[2, 3, 9, 7]).outputs(2));
        let name = format!("{name}_three_dimensions");
        cases.push(case(&name, kind, window(&[2, 2, 3], &[1, 2, 2], &[], &[0, 1, 1, 1, 0, 1]), true, &[2, 2, 3, 6, 5]).outputs(2));
    }
    cases
}
