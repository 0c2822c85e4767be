//! `xtask report`: a page that needs nothing else and tells what the run's files tell.

use crate::common::{Folder, run, stderr, stdout, succeed, train};
use serde_json::Value;

/// Tags that have no end.
const VOID: [&str; 4] = ["br", "img", "meta", "!DOCTYPE"];

/// Every element that begins ends, in order.
fn assert_balanced(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    for piece in html.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').expect("a tag ends");
        let name = tag.split([' ', '\n']).next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') || VOID.contains(&name) => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

/// What follows each `start`, up to a quote.
fn after<'a>(html: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(start).skip(1).map(|rest| rest.split('"').next().unwrap())
}

#[test]
fn a_report_tells_what_the_history_tells() {
    let folder = Folder::new();
    let out = folder.path("run");
    succeed(&mut train(&["--epochs", "2", "--out", &out]));
    let reported = succeed(&mut run(&["report", &out]));
    assert_eq!(stdout(&reported), format!("{out}/report.html\n"));
    let html = String::from_utf8(folder.read("run/report.html")).unwrap();
    assert_balanced(&html);

    let history: Value = serde_json::from_slice(&folder.read("run/history.json")).unwrap();
    let accuracy = 100.0 * history["test_accuracy"].as_f64().unwrap();
    assert!(
        html.contains(&format!("<dt>Test accuracy</dt><dd>{accuracy:.2} %</dd>")),
        "{accuracy}"
    );
    for epoch in history["epochs"].as_array().unwrap() {
        for scores in ["train", "evaluation"] {
            let loss = epoch[scores]["loss"].as_f64().unwrap();
            let accuracy = 100.0 * epoch[scores]["accuracy"].as_f64().unwrap();
            let cells = format!("<td>{loss:.4}</td><td>{accuracy:.2} %</td>");
            assert!(html.contains(&cells), "{cells}");
        }
    }
    let [losses, rates, shares] = ["loss", "learning_rate", "accuracy"]
        .map(|name| history["steps"][name].as_array().unwrap());
    assert_eq!([losses.len(), rates.len(), shares.len()], [20; 3]);
    assert_eq!(rates[0], 0.02);
    let wrong = (64.0 - 0.64 * accuracy).round();
    assert!(html.contains(&format!("<dt>Read wrong</dt><dd>{wrong} ")), "{wrong}");
    let text: String = html.split('<').filter_map(|part| Some(part.split_once('>')?.1)).collect();
    let command = "cargo xtask train-lenet --network lenet5 --epochs 2 --batch-size 32 \
                   --learning-rate 0.02 --schedule cosine --momentum 0.9 --seed 1";
    assert!(text.contains(command), "{text}");
}

#[test]
fn a_report_needs_nothing_but_itself() {
    let folder = Folder::new();
    let out = folder.path("run");
    succeed(&mut train(&["--epochs", "1", "--network", "classic", "--out", &out]));
    let elsewhere = folder.path("page.html");
    succeed(&mut run(&["report", &out, "--out", &elsewhere]));
    let html = String::from_utf8(folder.read("page.html")).unwrap();
    for reference in ["<script", "<link", "<iframe", "url(", "@import", "href=", "srcset="] {
        assert!(!html.contains(reference), "{reference}");
    }
    assert!(after(&html, "src=\"").all(|source| source.starts_with("data:image/png;base64,")));
    // The name of SVG's language is no address that anyone asks.
    assert_eq!(
        html.matches("://").count(),
        html.matches("xmlns=\"http://www.w3.org/2000/svg\"").count()
    );
}

#[test]
fn the_pictures_are_files_too() {
    let folder = Folder::new();
    let out = folder.path("run");
    succeed(&mut train(&["--epochs", "1", "--out", &out]));
    std::fs::create_dir(folder.file("run/report")).unwrap();
    std::fs::write(folder.file("run/report/mistake-99-1-read-as-2.png"), "of an earlier run")
        .unwrap();
    succeed(&mut run(&["report", &out]));
    let html = String::from_utf8(folder.read("run/report.html")).unwrap();
    let names = folder.names("run/report");
    let of_kind = |ending: &str| names.iter().filter(|name| name.ends_with(ending)).count();
    assert_eq!(of_kind(".svg"), html.matches("<svg xmlns=").count());
    assert_eq!(of_kind(".png"), html.matches("<img ").count());
    assert_eq!(of_kind(".svg") + of_kind(".png"), names.len());
    for name in &names {
        let bytes = folder.read(&format!("run/report/{name}"));
        if name.ends_with(".svg") {
            let text = String::from_utf8(bytes).unwrap();
            let svg = roxmltree::Document::parse(&text).unwrap();
            assert_eq!(svg.root_element().tag_name().name(), "svg", "{name}");
            assert!(html.contains(text.trim_end()), "{name} is another picture in the page");
        } else {
            let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            assert!(reader.next_frame(&mut pixels).unwrap().width > 4, "{name}");
        }
    }
}

#[test]
fn a_folder_without_a_finished_run_is_told() {
    let folder = Folder::new();
    let out = folder.path("run");
    let missing = run(&["report", &out]).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
    let text = stderr(&missing);
    assert!(
        text.starts_with(&format!("error: {out}/run.json: no run can be read there; ")),
        "{text}"
    );

    succeed(&mut train(&["--epochs", "1", "--out", &out]));
    let history = folder.read("run/history.json");
    std::fs::write(folder.file("run/history.json"), &history[..100]).unwrap();
    let damaged = stderr(&run(&["report", &out]).output().unwrap());
    let expected = "this is not a whole history of this version; train again: ";
    assert!(damaged.starts_with(&format!("error: {out}/history.json: {expected}")), "{damaged}");
    std::fs::remove_file(folder.file("run/history.json")).unwrap();
    let unfinished = stderr(&run(&["report", &out]).output().unwrap());
    assert!(
        unfinished.starts_with(&format!(
            "error: {out}/history.json: a report needs the history of a finished run, which cargo \
             xtask train-lenet writes at its end: "
        )),
        "{unfinished}"
    );
}

#[test]
fn weights_of_another_run_are_no_report() {
    let folder = Folder::new();
    let (one, two) = (folder.path("one"), folder.path("two"));
    succeed(&mut train(&["--epochs", "2", "--out", &one]));
    succeed(&mut train(&["--epochs", "1", "--learning-rate", "0.000001", "--out", &two]));
    std::fs::copy(folder.file("two/weights.safetensors"), folder.file("one/weights.safetensors"))
        .unwrap();
    let text = stderr(&run(&["report", &one]).output().unwrap());
    assert!(text.contains(": they are not of one run; train again\n"), "{text}");
}
