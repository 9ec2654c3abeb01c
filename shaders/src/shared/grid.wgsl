// Row index of an invocation of a grid made by `linear_grid`: workgroups run along x first, then y.
fn grid_index(workgroup: vec3<u32>, workgroups: vec3<u32>, local: u32, size: u32) -> u32 {
    return (workgroup.y * workgroups.x + workgroup.x) * size + local;
}
