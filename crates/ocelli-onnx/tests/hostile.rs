//! Damaged and malicious files: every one gives an error or a graph, in bounded time, without a panic.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use ocelli_onnx::proto::{
    AttributeProto, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, SparseTensorProto,
    StringStringEntryProto, TensorProto, TensorShapeProto, TypeProto, ValueInfoProto, attribute_type, dimension,
    type_proto,
};
use ocelli_onnx::{ImportError, Imported, read_bytes};
use prost::Message;

fn value(name: &str, dims: &[i64]) -> ValueInfoProto {
    let dim = dims.iter().map(|&d| Dimension { value: Some(dimension::Value::DimValue(d)) }).collect();
    let tensor = type_proto::Tensor { elem_type: 1, shape: Some(TensorShapeProto { dim }) };
    ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { value: Some(type_proto::Value::Tensor(tensor)) }) }
}

fn node(op: &str, name: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    NodeProto {
        op_type: op.to_owned(),
        name: name.to_owned(),
        input: inputs.iter().map(|s| (*s).to_owned()).collect(),
        output: outputs.iter().map(|s| (*s).to_owned()).collect(),
        ..Default::default()
    }
}

fn weight(name: &str, dims: &[i64], raw: Vec<u8>) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        dims: dims.to_vec(),
        data_type: 1,
        raw_data: Some(raw.into()),
        ..Default::default()
    }
}

fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    AttributeProto { name: name.to_owned(), ints: ints.to_vec(), r#type: attribute_type::INTS, ..Default::default() }
}

fn small() -> ModelProto {
    let mut conv = node("Conv", "conv", &["x", "w", "b"], &["c"]);
    conv.attribute.push(ints("pads", &[0, 1, 2, 1]));
    ModelProto {
        ir_version: Some(8),
        producer_name: "test".to_owned(),
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
        graph: Some(GraphProto {
            name: "g".to_owned(),
            node: vec![conv, node("Relu", "relu", &["c"], &["y"])],
            initializer: vec![weight("w", &[2, 1, 2, 3], vec![0; 48]), weight("b", &[2], vec![0; 8])],
            input: vec![value("x", &[1, 1, 5, 7])],
            output: vec![value("y", &[1, 2, 6, 7])],
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn import(model: &ModelProto) -> Result<Imported, ImportError> {
    read_bytes(model.encode_to_vec(), None)
}

/// The error of a model made by changing the small one.
fn error_of(change: impl FnOnce(&mut GraphProto)) -> String {
    let mut model = small();
    change(model.graph.as_mut().unwrap());
    import(&model).unwrap_err().to_string()
}

#[test]
fn the_small_model_is_fine() {
    let imported = import(&small()).unwrap();
    assert_eq!(imported.graph.nodes.len(), 2);
    assert_eq!(imported.opset[""], 17);
    assert_eq!(imported.producer, "test");
}

#[test]
fn truncated_at_every_byte() {
    let bytes = small().encode_to_vec();
    for n in 0..bytes.len() {
        // A cut between two top-level fields leaves a smaller message that may be whole; what it lacks is an error.
        let result = read_bytes(bytes[..n].to_vec(), None);
        assert!(result.is_err(), "{n} of {} bytes were accepted", bytes.len());
        assert!(!result.unwrap_err().to_string().is_empty());
    }
}

#[test]
fn flipped_bits_and_random_bytes() {
    let bytes = small().encode_to_vec();
    let start = Instant::now();
    for at in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[at / 8] ^= 1 << (at % 8);
        let _ = read_bytes(damaged, None);
    }
    let mut state = 0x1234_5678_9abc_def0u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap()
    };
    for _ in 0..20_000 {
        let mut damaged = bytes.clone();
        for _ in 0..1 + next() % 6 {
            let at = next() % damaged.len();
            damaged[at] = u8::try_from(next() % 256).unwrap();
        }
        let _ = read_bytes(damaged, None);
    }
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn dimensions_that_cannot_be() {
    let error = error_of(|g| g.initializer[0].dims = vec![-1, 48]);
    assert!(error.contains("tensor 'w'") && error.contains("-1"), "{error}");
    let error = error_of(|g| g.initializer[0].dims = vec![i64::MAX, i64::MAX, 4]);
    assert!(error.contains("too many elements"), "{error}");
    let error = error_of(|g| g.initializer[0].dims = vec![1 << 40]);
    assert!(error.contains("exceeds the limit"), "{error}");
    let error = error_of(|g| g.initializer[0].dims = vec![1 << 30]);
    assert!(error.contains("bytes needed"), "{error}");
    let error = error_of(|g| g.initializer[0].dims = vec![1; 100]);
    assert!(error.contains("100 dimensions"), "{error}");
    let error = error_of(|g| g.input[0] = value("x", &[1; 100]));
    assert!(error.contains("100 dimensions"), "{error}");
}

#[test]
fn a_sparse_tensor_that_would_fill_the_memory() {
    let sparse = |dims: &[i64], index: i64| SparseTensorProto {
        values: Some(weight("s", &[1], vec![0; 4])),
        indices: Some(TensorProto { dims: vec![1], data_type: 7, int64_data: vec![index], ..Default::default() }),
        dims: dims.to_vec(),
    };
    let error = error_of(|g| g.sparse_initializer.push(sparse(&[1 << 20, 1 << 20], 0)));
    assert!(error.contains("made dense"), "{error}");
    let error = error_of(|g| g.sparse_initializer.push(sparse(&[2, 2], 4)));
    assert!(error.contains("index 4 of 4 elements"), "{error}");
    let error = error_of(|g| g.sparse_initializer.push(sparse(&[2, 2], -1)));
    assert!(error.contains("do not fit"), "{error}");
}

#[test]
fn names_that_do_not_fit_together() {
    let error = error_of(|g| g.node[0].input[0] = "y".to_owned());
    assert!(error.contains("cycle") && error.contains("'conv'") && error.contains("'relu'"), "{error}");
    let error = error_of(|g| g.node[0].input[0] = "nowhere".to_owned());
    assert!(error.contains("node 'conv' (Conv)") && error.contains("'nowhere'"), "{error}");
    let error = error_of(|g| g.output[0].name = "nothing".to_owned());
    assert!(error.contains("graph output 'nothing'"), "{error}");
    let error = error_of(|g| g.node.push(node("Relu", "again", &["c"], &["y"])));
    assert!(error.contains("'y' is defined twice"), "{error}");
    let error = error_of(|g| g.node.push(node("Relu", "again", &["c"], &["w"])));
    assert!(error.contains("'w' is an input or a weight and an output of node 'again'"), "{error}");
    let error = error_of(|g| g.initializer.push(weight("w", &[1], vec![0; 4])));
    assert!(error.contains("initializer 'w' is defined twice"), "{error}");
    let error = error_of(|g| g.input.push(value("x", &[1])));
    assert!(error.contains("graph input 'x' is defined twice"), "{error}");
}

#[test]
fn nodes_that_break_their_operator() {
    let error = error_of(|g| g.node[0].input.truncate(1));
    assert!(error.contains("expected 2 to 3 inputs, got 1"), "{error}");
    let error = error_of(|g| g.node[0].attribute[0].r#type = attribute_type::FLOAT);
    assert!(error.contains("attribute 'pads': expected ints, got float"), "{error}");
    let error = error_of(|g| g.node[0].attribute.push(ints("strides", &[-1, 1])));
    assert!(error.contains("attribute 'strides': expected zero or more, got -1"), "{error}");
}

#[test]
fn operator_sets() {
    let mut model = small();
    model.opset_import[0].version = 1000;
    let error = import(&model).unwrap_err();
    assert!(matches!(error, ImportError::Opset { version: 1000, .. }), "{error}");
    model.opset_import[0].version = -3;
    assert!(matches!(import(&model).unwrap_err(), ImportError::Invalid(_)));
    model.opset_import[0].domain = "elsewhere".to_owned();
    model.opset_import[0].version = 1;
    assert!(import(&model).unwrap_err().to_string().contains("imports no operator set"));
}

#[test]
fn everything_unsupported_is_told_at_once() {
    let mut model = small();
    let graph = model.graph.as_mut().unwrap();
    for i in 0..5 {
        graph.node.push(node("Frobnicate", &format!("f{i}"), &["y"], &[&format!("z{i}")]));
    }
    let mut custom = node("FancyConv", "fancy", &["y"], &["q"]);
    custom.domain = "com.example".to_owned();
    graph.node.push(custom);
    graph.node.push(node("Relu", "last", &["q"], &["r"]));
    let error = import(&model).unwrap_err();
    let text = error.to_string();
    let ImportError::Unsupported(items) = error else { panic!("{text}") };
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].nodes.len(), 5);
    assert_eq!(text, "not supported: Frobnicate (5 times: nodes 'f0' to 'f4'); com.example::FancyConv (node 'fancy')");
}

#[test]
fn deep_nesting() {
    // Graphs in graphs, as the body of an If would be.
    let mut graph = GraphProto::default();
    for _ in 0..200 {
        let attribute = AttributeProto {
            name: "g".to_owned(),
            g: Some(graph),
            r#type: attribute_type::GRAPH,
            ..Default::default()
        };
        let inner = NodeProto { attribute: vec![attribute], ..node("If", "", &[], &[]) };
        graph = GraphProto { node: vec![inner], ..Default::default() };
    }
    let error = error_of(|g| g.node.extend(graph.node));
    assert!(error.contains("nesting depth"), "{error}");
    // Types in types: sequences of sequences.
    let mut ty = TypeProto { value: None };
    for _ in 0..500 {
        let element = type_proto::Element { elem_type: Some(Box::new(ty)) };
        ty = TypeProto { value: Some(type_proto::Value::Sequence(Box::new(element))) };
    }
    let error = error_of(|g| g.input.push(ValueInfoProto { name: "s".to_owned(), r#type: Some(ty) }));
    assert!(error.contains("nesting depth"), "{error}");
}

#[test]
fn many_empty_messages_are_counted_before_they_are_decoded() {
    // Each node is two bytes here and hundreds once decoded.
    let nodes = [0x0a, 0x00].repeat(25_000_000);
    let mut bytes = vec![0x3a];
    let mut len = nodes.len();
    while len >= 0x80 {
        bytes.push(u8::try_from(len % 128).unwrap() | 0x80);
        len /= 128;
    }
    bytes.push(u8::try_from(len).unwrap());
    bytes.extend(nodes);
    let error = read_bytes(bytes, None).unwrap_err().to_string();
    assert!(error.contains("number of protobuf fields"), "{error}");
}

#[test]
fn external_data_needs_a_folder() {
    let entry = |key: &str, value: &str| StringStringEntryProto { key: key.to_owned(), value: value.to_owned() };
    let error = error_of(|g| {
        g.initializer[0].raw_data = None;
        g.initializer[0].data_location = 1;
        g.initializer[0].external_data = vec![entry("location", "/etc/passwd")];
    });
    assert!(error.contains("tensor 'w'") && error.contains("no folder"), "{error}");
}

#[test]
fn weights_share_the_bytes_of_the_file() {
    let bytes = bytes::Bytes::from(small().encode_to_vec());
    let range = bytes.as_ptr_range();
    let imported = read_bytes(bytes.clone(), None).unwrap();
    let w = imported.graph.values.iter().find(|v| v.name == "w").and_then(|v| v.constant.as_ref()).unwrap();
    assert!(range.contains(&w.bytes().as_ptr()), "the weight was copied");
}

#[test]
fn initializers_that_are_also_inputs_are_constants() {
    let mut model = small();
    model.ir_version = Some(3);
    model.graph.as_mut().unwrap().input.push(value("w", &[2, 1, 2, 3]));
    let imported = import(&model).unwrap();
    assert_eq!(imported.graph.inputs.len(), 1);
}

#[test]
fn nodes_out_of_order_are_sorted_and_named() {
    let mut model = small();
    let graph = model.graph.as_mut().unwrap();
    graph.node.reverse();
    graph.node[0].name = String::new();
    graph.node[1].name = String::new();
    let imported = import(&model).unwrap();
    let names: Vec<&str> = imported.graph.nodes.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(names, ["Conv_0", "Relu_1"]);
}

#[test]
fn time_grows_with_the_size_and_no_faster() {
    const NODES: usize = 60_000;
    // One name for all nodes, and operators that nobody knows, each another one.
    let start = Instant::now();
    let mut model = small();
    let graph = model.graph.as_mut().unwrap();
    for i in 0..NODES {
        graph.node.push(node("Relu", "same", &["y"], &[&format!("r{i}")]));
    }
    let imported = import(&model).unwrap();
    assert_eq!(imported.graph.nodes.last().unwrap().name, format!("same_{NODES}"));
    let graph = model.graph.as_mut().unwrap();
    for i in 0..NODES {
        graph.node.push(node(&format!("Op{i}"), "", &["y"], &[&format!("u{i}")]));
    }
    let ImportError::Unsupported(items) = import(&model).unwrap_err() else { panic!("expected unsupported") };
    assert_eq!(items.len(), NODES);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}
