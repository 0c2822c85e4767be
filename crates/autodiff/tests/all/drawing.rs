//! The drawings of an explained tape: well-formed, complete, and without overlaps.

use autodiff::{Explanation, Tape};
use tensor::Tensor;

/// z = Σ (s² e^s + c s), in which s is used three times and a long edge passes two rows.
fn explanation() -> Explanation {
    let tape = Tape::<f64>::new().explained();
    let s = tape.leaf(Tensor::from_vec([2], [0.5, -1.0]).unwrap()).named("s");
    let c = tape.constant(Tensor::scalar(2.0)).named("c < \"3\" & more");
    let product = s.clone().square().named("a").mul(&s.clone().exp().named("b")).unwrap();
    let z = product.add(&s.mul(&c).unwrap()).unwrap().sum().named("z");
    z.backward().unwrap();
    tape.explanation().unwrap()
}

#[test]
fn dot_has_every_step_and_every_edge() {
    let explanation = explanation();
    let dot = explanation.to_dot();
    assert!(dot.starts_with("digraph tape {\n") && dot.ends_with("}\n"));
    assert_eq!(dot.matches(" -> ").count(), 9);
    let nodes = dot.lines().filter(|line| line.contains("[label=") && !line.contains("->"));
    assert_eq!(nodes.count(), explanation.steps.len());
    assert!(dot.contains(r#"n0 -> n2 [label="∂a/∂s = 2 s"];"#), "{dot}");
    assert!(dot.contains(r#"n1 [label="c < \"3\" & more\l= 2\l", style=dashed];"#), "{dot}");
}

/// The number of an attribute in each `<rect class="box" ..>`.
fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let attribute = |text: &str, name: &str| -> f64 {
        let from = text.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
        text[from..].split('"').next().unwrap().parse().unwrap()
    };
    let rects = svg.split("<rect class=\"box\"").skip(1);
    rects.map(|rect| ["x", "y", "width", "height"].map(|name| attribute(rect, name))).collect()
}

#[test]
fn svg_has_a_box_for_every_step_and_none_overlap() {
    let explanation = explanation();
    let svg = explanation.to_svg();
    let boxes = boxes(&svg);
    assert_eq!(boxes.len(), explanation.steps.len());
    for (i, a) in boxes.iter().enumerate() {
        for b in &boxes[..i] {
            let apart =
                |axis: usize| a[axis] + a[axis + 2] <= b[axis] || b[axis] + b[axis + 2] <= a[axis];
            assert!(apart(0) || apart(1), "{a:?} and {b:?} overlap");
        }
    }
    // Whatever is computed stands below what it is computed from.
    for (i, step) in explanation.steps.iter().enumerate() {
        for &input in step.inputs.iter().flatten() {
            assert!(boxes[input][1] + boxes[input][3] < boxes[i][1]);
        }
    }
    assert!(svg.contains("prefers-color-scheme:dark"));
    assert!(svg.contains("c\u{a0}&lt;\u{a0}\"3\"\u{a0}&amp;\u{a0}more"), "names are escaped");
    for (open, close) in [("<g ", "</g>"), ("<text ", "</text>"), ("<svg ", "</svg>")] {
        assert_eq!(svg.matches(open).count(), svg.matches(close).count(), "{open}");
    }
    assert_eq!(svg.matches("class=\"edge").count(), 9, "an edge for each use");
}

#[test]
fn nothing_is_an_empty_drawing() {
    let empty = Explanation::default();
    assert!(empty.to_svg().ends_with("</svg>\n"));
    assert!(empty.to_dot().starts_with("digraph tape {"));
    assert_eq!(empty.to_string(), "Going forward\n");
}
