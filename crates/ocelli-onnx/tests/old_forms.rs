//! Forms of operators that newer operator sets write differently, on the reference interpreter, against results worked
//! out by hand from the text of the set in question.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ocelli_graph::{TensorType, bind, interpreter};
use ocelli_onnx::proto::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TypeProto, ValueInfoProto,
    attribute_type as kind, type_proto,
};
use ocelli_onnx::{ImportError, read_bytes};
use ocelli_tensor::{DType, Tensor};
use prost::Message;

fn value(name: &str, elem_type: i32) -> ValueInfoProto {
    let tensor = type_proto::Tensor { elem_type, shape: None };
    ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { value: Some(type_proto::Value::Tensor(tensor)) }) }
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.to_owned(), i: Some(i), r#type: kind::INT, ..Default::default() }
}

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { name: name.to_owned(), ints: values.to_vec(), r#type: kind::INTS, ..Default::default() }
}

fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto { name: name.to_owned(), f: Some(f), r#type: kind::FLOAT, ..Default::default() }
}

fn floats(name: &str, values: &[f32]) -> AttributeProto {
    AttributeProto { name: name.to_owned(), floats: values.to_vec(), r#type: kind::FLOATS, ..Default::default() }
}

fn text(name: &str, s: &'static str) -> AttributeProto {
    let s = Some(bytes::Bytes::from_static(s.as_bytes()));
    AttributeProto { name: name.to_owned(), s, r#type: kind::STRING, ..Default::default() }
}

/// Runs one node; tensors after the first are weights.
fn try_run(
    op: &str,
    version: i64,
    attributes: Vec<AttributeProto>,
    inputs: &[Tensor],
    outputs: usize,
) -> Result<Vec<Tensor>, ImportError> {
    let number = |d: DType| match d {
        DType::F32 => 1,
        DType::I64 => 7,
        DType::Bool => 9,
        DType::F16 => 10,
        other => panic!("{other}"),
    };
    let names: Vec<String> = (0..inputs.len()).map(|i| format!("i{i}")).collect();
    let results: Vec<String> = (0..outputs).map(|i| format!("o{i}")).collect();
    let weights = names.iter().zip(inputs).skip(1).map(|(name, t)| TensorProto {
        name: name.clone(),
        dims: t.shape().iter().map(|&d| i64::try_from(d).unwrap()).collect(),
        data_type: number(t.dtype()),
        raw_data: Some(t.bytes().to_vec().into()),
        ..Default::default()
    });
    let graph = GraphProto {
        node: vec![NodeProto {
            op_type: op.to_owned(),
            input: names.clone(),
            output: results.clone(),
            attribute: attributes,
            ..Default::default()
        }],
        initializer: weights.collect(),
        input: vec![value("i0", number(inputs[0].dtype()))],
        output: results.iter().map(|n| value(n, 1)).collect(),
        ..Default::default()
    };
    let model = ModelProto {
        ir_version: Some(3),
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version }],
        graph: Some(graph),
        ..Default::default()
    };
    let imported = read_bytes(model.encode_to_vec(), None)?;
    let x = &inputs[0];
    bind(&imported.graph, &[TensorType::new(x.dtype(), x.shape())]).unwrap();
    Ok(interpreter::run(&imported.graph, std::slice::from_ref(x)).unwrap())
}

fn run(op: &str, version: i64, attributes: Vec<AttributeProto>, inputs: &[Tensor]) -> Tensor {
    try_run(op, version, attributes, inputs, 1).unwrap().remove(0)
}

fn f32s(shape: &[usize], values: &[f32]) -> Tensor {
    Tensor::from_vec(shape, values.to_vec()).unwrap()
}

fn counting(shape: &[usize]) -> Tensor {
    let n: usize = shape.iter().product();
    f32s(shape, &(0..n).map(|i| f32::from(u16::try_from(i).unwrap())).collect::<Vec<_>>())
}

fn expect(got: &Tensor, shape: &[usize], values: &[f32]) {
    assert_eq!(got.shape(), shape);
    for (i, (a, b)) in got.to_f32s().iter().zip(values).enumerate() {
        assert!((a - b).abs() <= 1e-5, "element {i}: expected {b}, got {a}");
    }
    assert_eq!(got.len(), values.len());
}

#[test]
fn broadcasting_at_an_axis() {
    let x = counting(&[1, 2, 2, 2]);
    let b = f32s(&[2], &[10.0, 20.0]);
    let at = |axis: i64| vec![int("broadcast", 1), int("axis", axis)];
    expect(&run("Add", 6, at(1), &[x.clone(), b.clone()]), &[1, 2, 2, 2], &[10., 11., 12., 13., 24., 25., 26., 27.]);
    expect(&run("Add", 6, at(2), &[x.clone(), b.clone()]), &[1, 2, 2, 2], &[10., 11., 22., 23., 14., 15., 26., 27.]);
    // From the back: -3 is the channel.
    expect(
        &run("Sub", 1, at(-3), &[x.clone(), b.clone()]),
        &[1, 2, 2, 2],
        &[-10., -9., -8., -7., -16., -15., -14., -13.],
    );
    // Without an axis the last dimensions match.
    let plain = vec![int("broadcast", 1)];
    expect(&run("Add", 6, plain, &[x, b]), &[1, 2, 2, 2], &[10., 21., 12., 23., 14., 25., 16., 27.]);
}

#[test]
fn slopes_of_channels() {
    let x = f32s(&[1, 2, 1, 2], &[-1.0, 1.0, -1.0, 2.0]);
    expect(&run("PRelu", 6, vec![], &[x, f32s(&[2], &[0.5, 0.25])]), &[1, 2, 1, 2], &[-0.5, 1.0, -0.25, 2.0]);
}

#[test]
fn pads() {
    let x = f32s(&[1, 2], &[1.0, 2.0]);
    let attributes = |name| vec![ints(name, &[0, 1, 0, 2]), float("value", 7.0)];
    expect(&run("Pad", 1, attributes("paddings"), std::slice::from_ref(&x)), &[1, 5], &[7., 1., 2., 7., 7.]);
    expect(&run("Pad", 2, attributes("pads"), &[x]), &[1, 5], &[7., 1., 2., 7., 7.]);
    // The value takes the type of the data.
    let half = Tensor::from_f64s(DType::F16, &[1, 2], &[1.0, 2.0]).unwrap();
    let got = run("Pad", 2, attributes("pads"), &[half]);
    assert_eq!(got.dtype(), DType::F16);
    expect(&got, &[1, 5], &[7., 1., 2., 7., 7.]);
}

#[test]
fn bounds_as_attributes() {
    let x = f32s(&[4], &[-2.0, -0.5, 0.5, 9.0]);
    expect(
        &run("Clip", 6, vec![float("min", 0.0), float("max", 6.0)], std::slice::from_ref(&x)),
        &[4],
        &[0., 0., 0.5, 6.],
    );
    expect(&run("Clip", 6, vec![float("max", 6.0)], &[x]), &[4], &[-2., -0.5, 0.5, 6.]);
}

#[test]
fn shapes_and_axes_as_attributes() {
    let x = counting(&[2, 1, 3]);
    assert_eq!(run("Reshape", 1, vec![ints("shape", &[3, -1])], std::slice::from_ref(&x)).shape(), [3, 2]);
    assert_eq!(run("Squeeze", 11, vec![ints("axes", &[1])], std::slice::from_ref(&x)).shape(), [2, 3]);
    assert_eq!(run("Squeeze", 1, vec![], std::slice::from_ref(&x)).shape(), [2, 3]);
    assert_eq!(run("Unsqueeze", 11, vec![ints("axes", &[0, 4])], std::slice::from_ref(&x)).shape(), [1, 2, 1, 3, 1]);
    let slice = vec![ints("starts", &[0, -2]), ints("ends", &[1, 1000]), ints("axes", &[0, 2])];
    expect(&run("Slice", 1, slice, std::slice::from_ref(&x)), &[1, 1, 2], &[1., 2.]);
    let sum = vec![ints("axes", &[0]), int("keepdims", 0)];
    expect(&run("ReduceSum", 11, sum, std::slice::from_ref(&x)), &[1, 3], &[3., 5., 7.]);
    expect(&run("ReduceMax", 17, vec![ints("axes", &[-1])], &[x]), &[2, 1, 1], &[2., 5.]);
}

#[test]
fn parts() {
    let x = counting(&[4]);
    let got = try_run("Split", 2, vec![ints("split", &[1, 3])], std::slice::from_ref(&x), 2).unwrap();
    expect(&got[0], &[1], &[0.]);
    expect(&got[1], &[3], &[1., 2., 3.]);
    let got = try_run("Split", 1, vec![], &[x, f32s(&[2], &[3.0, 1.0]).cast(DType::I64).unwrap()], 2).unwrap();
    expect(&got[0], &[3], &[0., 1., 2.]);
    let x = counting(&[1, 2]);
    // The axis of Concat was 1 by default.
    let twice = run("Concat", 1, vec![], &[x.clone(), x]);
    expect(&twice, &[1, 4], &[0., 1., 0., 1.]);
}

#[test]
fn one_axis_repeated() {
    let x = counting(&[2, 2]);
    let got = run("Tile", 1, vec![], &[x, f32s(&[], &[2.0]), f32s(&[], &[1.0])]);
    expect(&got, &[2, 4], &[0., 1., 0., 1., 2., 3., 2., 3.]);
}

#[test]
fn the_softmax_of_all_dimensions_behind() {
    let x = f32s(&[1, 2, 2], &[0.0, 0.0, 0.0, 3f32.ln()]);
    // exp: 1 1 1 3
    let all = [1.0 / 6.0, 1.0 / 6.0, 1.0 / 6.0, 0.5];
    expect(&run("Softmax", 11, vec![], std::slice::from_ref(&x)), &[1, 2, 2], &all);
    expect(&run("Softmax", 11, vec![int("axis", 2)], std::slice::from_ref(&x)), &[1, 2, 2], &[0.5, 0.5, 0.25, 0.75]);
    expect(&run("Softmax", 13, vec![int("axis", 1)], std::slice::from_ref(&x)), &[1, 2, 2], &[0.5, 0.25, 0.5, 0.75]);
    expect(&run("Hardmax", 11, vec![], &[x]), &[1, 2, 2], &[0., 0., 0., 1.]);
}

#[test]
fn resizing() {
    let x = counting(&[1, 1, 1, 4]);
    let scales = |w: f32| f32s(&[4], &[1.0, 1.0, 1.0, w]);
    // Version 10: nearest takes the ceiling of x / scale when it shrinks: 0, 1.67.
    expect(&run("Resize", 10, vec![], &[x.clone(), scales(0.6)]), &[1, 1, 1, 2], &[0., 2.]);
    // ... and the floor when it grows: 0, 0.4, 0.8, 1.2, 1.6, 2, 2.4, 2.8, 3.2, 3.6
    expect(
        &run("Resize", 10, vec![], &[x.clone(), scales(2.5)]),
        &[1, 1, 1, 10],
        &[0., 0., 0., 1., 1., 2., 2., 2., 3., 3.],
    );
    let linear = run("Upsample", 9, vec![text("mode", "linear")], &[x.clone(), scales(2.0)]);
    expect(&linear, &[1, 1, 1, 8], &[0., 0.5, 1., 1.5, 2., 2.5, 3., 3.]);
    let attribute = vec![floats("scales", &[1.0, 1.0, 2.0, 1.0])];
    expect(&run("Upsample", 7, attribute, std::slice::from_ref(&x)), &[1, 1, 2, 4], &[0., 1., 2., 3., 0., 1., 2., 3.]);
    let first = vec![float("height_scale", 2.0), float("width_scale", 1.0)];
    expect(&run("Upsample", 1, first, std::slice::from_ref(&x)), &[1, 1, 2, 4], &[0., 1., 2., 3., 0., 1., 2., 3.]);
    // floor((x + 0.5) / scale), with a region that is not used and given as an empty tensor: 1, 3
    let tf = vec![text("coordinate_transformation_mode", "tf_half_pixel_for_nn"), text("nearest_mode", "floor")];
    expect(&run("Resize", 11, tf, &[x, f32s(&[0], &[]), scales(0.5)]), &[1, 1, 1, 2], &[1., 3.]);
}

#[test]
fn batch_normalization_per_activation() {
    let x = f32s(&[2, 1, 2], &[1.0, 2.0, 3.0, 4.0]);
    let t = |a, b| f32s(&[1, 2], &[a, b]);
    let attributes = vec![int("spatial", 0), float("epsilon", 0.0), int("is_test", 1)];
    let got = run("BatchNormalization", 6, attributes, &[x, t(1.0, 2.0), t(0.0, 1.0), t(1.0, 0.0), t(4.0, 1.0)]);
    expect(&got, &[2, 1, 2], &[0.0, 5.0, 1.0, 9.0]);
}

#[test]
fn types_by_name_and_counts_as_attributes() {
    let x = f32s(&[3], &[1.5, -2.5, 0.0]);
    let got = run("Cast", 1, vec![text("to", "INT64")], std::slice::from_ref(&x));
    assert_eq!((got.dtype(), got.to_i64s()), (DType::I64, vec![1, -2, 0]));
    let error = try_run("Cast", 1, vec![text("to", "NUMBER")], std::slice::from_ref(&x), 1).unwrap_err().to_string();
    assert!(error.contains("attribute 'to': expected the name of a type, got 'NUMBER'"), "{error}");
    let got = try_run("TopK", 1, vec![int("k", 2)], &[x], 2).unwrap();
    expect(&got[0], &[2], &[1.5, 0.0]);
    assert_eq!(got[1].to_i64s(), [0, 2]);
}

#[test]
fn dropout_does_nothing() {
    let x = counting(&[2]);
    let got = try_run("Dropout", 6, vec![int("is_test", 1)], std::slice::from_ref(&x), 2).unwrap();
    expect(&got[0], &[2], &[0., 1.]);
    expect(&got[1], &[2], &[1., 1.]);
    let got = try_run("Dropout", 12, vec![], std::slice::from_ref(&x), 2).unwrap();
    assert_eq!(got[1].bools().unwrap(), [true, true]);
    let training = [x, f32s(&[], &[0.5]), Tensor::from_bools(&[], &[true]).unwrap()];
    assert!(matches!(try_run("Dropout", 12, vec![], &training, 1), Err(ImportError::Unsupported(_))));
}

#[test]
fn norms_as_floats() {
    let x = f32s(&[1, 1, 2], &[3.0, 4.0]);
    let attributes = vec![float("p", 2.0), ints("kernel_shape", &[2])];
    expect(&run("LpPool", 1, attributes, &[x]), &[1, 1, 1], &[5.0]);
}
