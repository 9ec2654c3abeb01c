//! Functions and control-flow bodies: what they read from outside, and how names are kept apart.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ocelli_graph::{TensorType, bind, interpreter};
use ocelli_onnx::proto::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TypeProto,
    ValueInfoProto, attribute_type, type_proto,
};
use ocelli_onnx::{ImportError, Imported, read_bytes};
use ocelli_tensor::Tensor;
use prost::Message;

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|s| (*s).to_owned()).collect()
}

fn node(op: &str, name: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    NodeProto {
        op_type: op.to_owned(),
        name: name.to_owned(),
        input: strings(inputs),
        output: strings(outputs),
        ..Default::default()
    }
}

fn value(name: &str, elem_type: i32) -> ValueInfoProto {
    let tensor = type_proto::Tensor { elem_type, shape: None };
    ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { value: Some(type_proto::Value::Tensor(tensor)) }) }
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.to_owned(), i: Some(i), r#type: attribute_type::INT, ..Default::default() }
}

fn graph_attribute(name: &str, g: GraphProto) -> AttributeProto {
    AttributeProto { name: name.to_owned(), g: Some(g), r#type: attribute_type::GRAPH, ..Default::default() }
}

fn opset(domain: &str, version: i64) -> OperatorSetIdProto {
    OperatorSetIdProto { domain: domain.to_owned(), version }
}

fn model(graph: GraphProto, functions: Vec<FunctionProto>) -> Result<Imported, ImportError> {
    let model = ModelProto {
        ir_version: Some(9),
        opset_import: vec![opset("", 17), opset("own", 1)],
        graph: Some(graph),
        functions,
        ..Default::default()
    };
    read_bytes(model.encode_to_vec(), None)
}

fn run(imported: &Imported, inputs: &[Tensor]) -> Vec<Tensor> {
    let types: Vec<TensorType> = inputs.iter().map(|t| TensorType::new(t.dtype(), t.shape())).collect();
    bind(&imported.graph, &types).unwrap();
    interpreter::run(&imported.graph, inputs).unwrap()
}

/// `own.Ends(x)` joins `x` with its reverse along `axis`, written for the operator set that had Softmax flatten.
fn function(name: &str, body: Vec<NodeProto>) -> FunctionProto {
    FunctionProto {
        name: name.to_owned(),
        domain: "own".to_owned(),
        input: strings(&["x"]),
        output: strings(&["y"]),
        attribute: strings(&["axis"]),
        node: body,
        opset_import: vec![opset("", 17), opset("own", 1)],
        ..Default::default()
    }
}

fn with_axis(mut node: NodeProto) -> NodeProto {
    node.attribute.push(AttributeProto {
        name: "axis".to_owned(),
        ref_attr_name: "axis".to_owned(),
        r#type: attribute_type::INT,
        ..Default::default()
    });
    node
}

fn call(op: &str, inputs: &[&str], outputs: &[&str], axis: i64) -> NodeProto {
    let mut call = node(op, "", inputs, outputs);
    call.domain = "own".to_owned();
    call.attribute.push(int("axis", axis));
    call
}

#[test]
fn functions_are_expanded_with_their_attributes_and_own_names() {
    let twice = function("Twice", vec![with_axis(node("Concat", "join", &["x", "x"], &["y"]))]);
    let graph = GraphProto {
        // Two calls: the inner names must not collide. `t` is also a name inside.
        node: vec![call("Twice", &["a"], &["t"], 0), call("Twice", &["t"], &["b"], 1)],
        input: vec![value("a", 1)],
        output: vec![value("b", 1)],
        ..Default::default()
    };
    let imported = model(graph, vec![twice]).unwrap();
    let got = run(&imported, &[Tensor::from_vec(&[1, 2], vec![1f32, 2.0]).unwrap()]);
    assert_eq!(got[0].shape(), [2, 4]);
    assert_eq!(got[0].to_f32s(), [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
}

#[test]
fn a_function_keeps_the_operator_set_that_it_was_written_for() {
    // Before version 13 Softmax ran over all dimensions from `axis` on.
    let mut old = function("Old", vec![with_axis(node("Softmax", "", &["x"], &["y"]))]);
    old.opset_import = vec![opset("", 11)];
    let graph = GraphProto {
        node: vec![call("Old", &["a"], &["b"], 1)],
        input: vec![value("a", 1)],
        output: vec![value("b", 1)],
        ..Default::default()
    };
    let imported = model(graph, vec![old]).unwrap();
    let got = run(&imported, &[Tensor::from_vec(&[1, 2, 2], vec![0f32; 4]).unwrap()]);
    assert_eq!(got[0].to_f32s(), [0.25; 4]);
}

#[test]
fn a_function_that_calls_itself_is_refused() {
    let endless = function("Endless", vec![call("Endless", &["x"], &["y"], 0)]);
    let graph = GraphProto {
        node: vec![call("Endless", &["a"], &["b"], 1)],
        input: vec![value("a", 1)],
        output: vec![value("b", 1)],
        ..Default::default()
    };
    let error = model(graph, vec![endless]).unwrap_err().to_string();
    assert!(error.contains("nesting depth of functions"), "{error}");
}

#[test]
fn functions_that_multiply_are_refused() {
    // Each level calls the next one eight times: 8^20 nodes.
    let mut functions = Vec::new();
    for level in 0..20 {
        let next = format!("F{}", level + 1);
        let mut body: Vec<NodeProto> = (0..7).map(|i| call(&next, &["x"], &[&format!("unused{i}")], 0)).collect();
        body.push(call(&next, &["x"], &["y"], 0));
        functions.push(function(&format!("F{level}"), body));
    }
    functions.push(function("F20", vec![node("Concat", "", &["x"], &["y"])]));
    let graph = GraphProto {
        node: vec![call("F0", &["a"], &["b"], 1)],
        input: vec![value("a", 1)],
        output: vec![value("b", 1)],
        ..Default::default()
    };
    let start = std::time::Instant::now();
    let error = model(graph, functions).unwrap_err();
    assert!(matches!(error, ImportError::Limit { .. }), "{error}");
    assert!(start.elapsed() < std::time::Duration::from_secs(20));
}

/// A body that joins two values of the graphs around it.
fn join(a: &str, b: &str) -> GraphProto {
    let mut join = node("Concat", "", &[a, b], &["joined"]);
    join.attribute.push(int("axis", 0));
    GraphProto { node: vec![join], output: vec![value("joined", 0)], ..Default::default() }
}

fn branches(then_branch: GraphProto, else_branch: GraphProto) -> NodeProto {
    let mut choose = node("If", "choose", &["condition"], &["result"]);
    choose.attribute = vec![graph_attribute("then_branch", then_branch), graph_attribute("else_branch", else_branch)];
    choose
}

#[test]
fn bodies_read_inputs_weights_and_results_around_them() {
    let mut transpose = node("Transpose", "", &["a"], &["turned"]);
    transpose.attribute.clear();
    let weight =
        TensorProto { name: "w".to_owned(), dims: vec![1], data_type: 7, int64_data: vec![9], ..Default::default() };
    let graph = GraphProto {
        // The If comes before the node that its branch reads from.
        node: vec![branches(join("turned", "w"), join("a", "turned")), transpose],
        initializer: vec![weight],
        input: vec![value("condition", 9), value("a", 7)],
        output: vec![value("result", 7)],
        ..Default::default()
    };
    let imported = model(graph, Vec::new()).unwrap();
    for (condition, expected) in [(true, [3i64, 9]), (false, [3, 3])] {
        let inputs = [Tensor::from_bools(&[], &[condition]).unwrap(), Tensor::vector(vec![3i64])];
        assert_eq!(run(&imported, &inputs)[0].to_i64s(), expected);
    }
}

#[test]
fn bodies_in_bodies_capture_through_both() {
    let inner = branches(join("a", "a"), join("a", "condition"));
    let outer_then = GraphProto { node: vec![inner], output: vec![value("result", 0)], ..Default::default() };
    let graph = GraphProto {
        node: vec![NodeProto { output: strings(&["outer"]), ..branches(outer_then, join("a", "a")) }],
        input: vec![value("condition", 9), value("a", 1)],
        output: vec![value("outer", 1)],
        ..Default::default()
    };
    let imported = model(graph, Vec::new()).unwrap();
    assert_eq!(imported.graph.nodes.len(), 1);
    // condition; then: a and the condition of the inner If; else: a
    assert_eq!(imported.graph.nodes[0].inputs.len(), 4);
}

#[test]
fn a_body_must_fit_its_node() {
    let graph = |body: GraphProto| {
        let mut repeat = node("Loop", "repeat", &["count", "", "a"], &["last"]);
        repeat.attribute.push(graph_attribute("body", body));
        GraphProto {
            node: vec![repeat],
            input: vec![value("count", 7), value("a", 1)],
            output: vec![value("last", 1)],
            ..Default::default()
        }
    };
    let body = GraphProto {
        input: vec![value("i", 7), value("go", 9)],
        output: vec![value("go", 9), value("i", 7)],
        ..Default::default()
    };
    let error = model(graph(body), Vec::new()).unwrap_err().to_string();
    assert!(error.contains("node 'repeat' (Loop): attribute 'body': expected 3 inputs"), "{error}");
    let body = GraphProto {
        input: vec![value("i", 7), value("go", 9), value("v", 1)],
        output: vec![value("go", 9)],
        ..Default::default()
    };
    let error = model(graph(body), Vec::new()).unwrap_err().to_string();
    assert!(error.contains("expected a graph of 2 outputs, got 1"), "{error}");
}

#[test]
fn sequences_of_known_length_vanish() {
    let scalar = |name: &str, v: i64| TensorProto {
        name: name.to_owned(),
        data_type: 7,
        int64_data: vec![v],
        ..Default::default()
    };
    let with = |mut node: NodeProto, attributes: Vec<AttributeProto>| {
        node.attribute = attributes;
        node
    };
    let sizes = TensorProto { dims: vec![3], int64_data: vec![1, 2, 1], ..scalar("sizes", 0) };
    let mut graph = GraphProto {
        node: vec![
            with(node("SplitToSequence", "", &["a", "sizes"], &["parts"]), vec![int("axis", 0)]),
            node("SequenceAt", "", &["parts", "last"], &["tail"]),
            node("SequenceErase", "", &["parts", "one"], &["fewer"]),
            node("SequenceInsert", "", &["fewer", "tail", "zero"], &["more"]),
            with(node("ConcatFromSequence", "", &["more"], &["together"]), vec![int("axis", 0)]),
            node("SequenceLength", "", &["more"], &["count"]),
            branches(
                GraphProto {
                    node: vec![node("SequenceAt", "", &["more", "zero"], &["inside"])],
                    output: vec![value("inside", 0)],
                    ..Default::default()
                },
                join("together", "together"),
            ),
        ],
        initializer: vec![scalar("last", -1), scalar("zero", 0), scalar("one", 1), sizes],
        input: vec![value("a", 1), value("condition", 9)],
        output: vec![value("together", 1), value("count", 7), value("result", 1)],
        ..Default::default()
    };
    let imported = model(graph.clone(), Vec::new()).unwrap();
    let inputs = [Tensor::vector(vec![1f32, 2.0, 3.0, 4.0]), Tensor::from_bools(&[], &[true]).unwrap()];
    let got = run(&imported, &inputs);
    // [1] [2 3] [4] without the second, with the last in front
    assert_eq!(got[0].to_f32s(), [4.0, 1.0, 4.0]);
    assert_eq!(got[1].to_i64s(), [3]);
    assert_eq!(got[2].to_f32s(), [4.0]);
    graph.output.push(value("more", 0));
    let error = model(graph, Vec::new()).unwrap_err().to_string();
    assert_eq!(error, "not supported: an output of type sequence ('more')");
}

#[test]
fn quantized_operators_of_another_domain() {
    let byte = |name: &str, v: i32| TensorProto {
        name: name.to_owned(),
        data_type: 2,
        int32_data: vec![v],
        ..Default::default()
    };
    let scale = |name: &str, v: f32| TensorProto {
        name: name.to_owned(),
        data_type: 1,
        float_data: vec![v],
        ..Default::default()
    };
    let mut add = node("QLinearAdd", "", &["a", "half", "ten", "a", "half", "ten", "one", "zero"], &["y"]);
    add.domain = "com.microsoft".to_owned();
    let model = ModelProto {
        ir_version: Some(8),
        opset_import: vec![opset("", 17), opset("com.microsoft", 1)],
        graph: Some(GraphProto {
            node: vec![add],
            initializer: vec![scale("half", 0.5), scale("one", 1.0), byte("ten", 10), byte("zero", 0)],
            input: vec![value("a", 2)],
            output: vec![value("y", 2)],
            ..Default::default()
        }),
        ..Default::default()
    };
    let imported = read_bytes(model.encode_to_vec(), None).unwrap();
    // 2 * (x - 10) / 2, at least 0
    let got = run(&imported, &[Tensor::vector(vec![0u8, 10, 13, 255])]);
    assert_eq!(got[0].to_i64s(), [0, 0, 3, 245]);
}
