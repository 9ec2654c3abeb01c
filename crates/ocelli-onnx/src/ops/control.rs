//! If, Loop, Scan: operators with graphs inside.
//!
//! A body reads values of the graphs around it by name; the importer makes them inputs of the body behind the formal
//! ones, and operands of the node behind the standard ones.

use ocelli_graph::ops::if_op::If;
use ocelli_graph::ops::loop_op::Loop;
use ocelli_graph::ops::scan::Scan;

use super::Convert;
use crate::ImportError;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[("If", if_op), ("Loop", loop_op), ("Scan", scan)];

fn if_op(cx: &mut NodeCx<'_>) -> Converted {
    let condition = cx.input(0)?;
    let then_body = cx.body("then_branch")?;
    let else_body = cx.body("else_branch")?;
    let mut inputs = vec![Some(condition)];
    inputs.extend(then_body.captures.iter().chain(&else_body.captures).map(|&id| Some(id)));
    for (name, body) in [("then_branch", &then_body), ("else_branch", &else_body)] {
        let formal = body.graph.inputs.len() - body.captures.len();
        if formal != 0 {
            return Err(cx.attributes().error(name, format!("expected a graph without inputs, got {formal}")));
        }
        check_outputs(cx, name, body.graph.outputs.len(), 0)?;
    }
    cx.push_with(If { then_branch: then_body.graph, else_branch: else_body.graph }, inputs)
}

fn loop_op(cx: &mut NodeCx<'_>) -> Converted {
    let mut inputs = cx.inputs.clone();
    inputs.resize(inputs.len().max(2), None);
    let carried = inputs.len() - 2;
    let body = cx.body("body")?;
    let formal = body.graph.inputs.len() - body.captures.len();
    if formal != carried + 2 {
        return Err(cx.attributes().error(
            "body",
            format!("expected {} inputs (iteration, condition, {carried} carried values), got {formal}", carried + 2),
        ));
    }
    check_outputs(cx, "body", body.graph.outputs.len(), 1)?;
    inputs.extend(body.captures.iter().map(|&id| Some(id)));
    cx.push_with(Loop { body: body.graph, carried }, inputs)
}

/// Version 8 had a batch dimension and lengths of sequences.
fn scan(cx: &mut NodeCx<'_>) -> Converted {
    if cx.version < 9 {
        return Err(cx.unsupported("the batches of operator set 8"));
    }
    let attributes = cx.attributes();
    let scan_inputs = attributes.required_size("num_scan_inputs")?;
    let Some(states) = cx.inputs.len().checked_sub(scan_inputs) else {
        return Err(
            attributes.error("num_scan_inputs", format!("expected at most {}, got {scan_inputs}", cx.inputs.len()))
        );
    };
    let body = cx.body("body")?;
    let formal = body.graph.inputs.len() - body.captures.len();
    if formal != states + scan_inputs {
        return Err(attributes.error("body", format!("expected {} inputs, got {formal}", states + scan_inputs)));
    }
    let outputs = body.graph.outputs.len();
    check_outputs(cx, "body", outputs, 0)?;
    let Some(scan_outputs) = outputs.checked_sub(states) else {
        return Err(attributes.error("body", format!("expected at least {states} outputs, got {outputs}")));
    };
    let op = Scan {
        body: body.graph,
        states,
        scan_inputs,
        scan_input_axes: list(cx, "scan_input_axes", scan_inputs)?,
        scan_input_reversed: flags(cx, "scan_input_directions", scan_inputs)?,
        scan_output_axes: list(cx, "scan_output_axes", scan_outputs)?,
        scan_output_reversed: flags(cx, "scan_output_directions", scan_outputs)?,
    };
    let mut inputs = cx.inputs.clone();
    inputs.extend(body.captures.iter().map(|&id| Some(id)));
    cx.push_with(op, inputs)
}

/// Errors unless the body gives at least what the node gives, and `more` beside that.
fn check_outputs(cx: &NodeCx<'_>, name: &str, got: usize, more: usize) -> Result<(), ImportError> {
    let expected = cx.outputs.len() + more;
    if got >= expected {
        return Ok(());
    }
    Err(cx.attributes().error(name, format!("expected a graph of {expected} outputs, got {got}")))
}

/// One number for each of `count`, zeros where not given.
fn list(cx: &NodeCx<'_>, name: &str, count: usize) -> Result<Vec<i64>, ImportError> {
    match cx.attributes().ints(name)? {
        None | Some([]) => Ok(vec![0; count]),
        Some(values) if values.len() == count => Ok(values.to_vec()),
        Some(values) => Err(cx.attributes().error(name, format!("expected {count} numbers, got {}", values.len()))),
    }
}

fn flags(cx: &NodeCx<'_>, name: &str, count: usize) -> Result<Vec<bool>, ImportError> {
    Ok(list(cx, name, count)?.into_iter().map(|v| v != 0).collect())
}
