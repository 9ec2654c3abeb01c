struct Params {
    in_h: u32, in_w: u32, out_h: u32, out_w: u32,
    ic_group: u32, oc_group: u32, blocks: u32, kernel_h: u32,
    kernel_w: u32, stride_h: u32, stride_w: u32, dilation_h: u32,
    dilation_w: u32, pad_top: i32, pad_left: i32, src_offset: u32,
    src_n: u32, src_c: u32, src_y: u32, src_x: u32,
    dst_offset: u32, dst_n: u32, dst_c: u32, dst_y: u32,
    dst_x: u32, positions: u32, unused0: u32, unused1: u32,
#import slot::epilogue_params
}
@group(0) @binding(0) var<uniform> p: Params;
