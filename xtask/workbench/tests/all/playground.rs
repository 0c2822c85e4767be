//! `cargo xtask playground`: the server by hand-made requests, and the page in a browser.

mod browser;

use crate::common::{root, run, stderr, succeed, write_images};
use browser::{Browser, Tab};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server of its own, with no weights at first.
struct Server {
    child: Child,
    /// `127.0.0.1:PORT`
    host: String,
    folder: tempfile::TempDir,
}

impl Server {
    fn start(port: &str, data: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_workbench"))
            .args(["playground", "--port", port, "--runs"])
            .arg(folder.path().join("runs"))
            .arg("--data-dir")
            .arg(data)
            .current_dir(root())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let host = url.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        assert!(host.starts_with("127.0.0.1:"), "{url}");
        Server { child, host, folder }
    }

    /// Status, head and body of the answer to some bytes.
    fn send(&self, bytes: &[u8]) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.write_all(bytes).unwrap();
        answer(&mut stream)
    }

    fn request(&self, line: &str, headers: &str, body: &[u8]) -> (u16, String, String) {
        let head = format!(
            "{line} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n{headers}\r\n",
            self.host,
            body.len()
        );
        self.send(&[head.as_bytes(), body].concat())
    }

    /// Status and value of a JSON answer.
    fn json(&self, line: &str, body: &[u8]) -> (u16, Value) {
        let (status, head, body) = self.request(line, "", body);
        assert!(head.contains("Content-Type: application/json;"), "{head}");
        (status, serde_json::from_str(&body).unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answer(stream: &mut TcpStream) -> (u16, String, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_owned(), body.to_owned())
}

/// All of MNIST.
fn mnist() -> PathBuf {
    root().join("data/mnist")
}

/// A picture of a thick 1, or of nothing, in the PGM format.
fn picture(ink: u8) -> Vec<u8> {
    let pixel = |i: usize| {
        if (8..32).contains(&(i / 40)) && (18..22).contains(&(i % 40)) { ink } else { 255 }
    };
    b"P5 40 40 255\n".iter().copied().chain((0..1600).map(pixel)).collect()
}

#[test]
fn requests_are_answered_or_refused() {
    let server = Server::start("0", &mnist());
    let (status, head, page) = server.request("GET /", "", b"");
    assert_eq!(status, 200);
    assert!(head.contains("Content-Security-Policy: default-src 'self';"), "{head}");
    assert!(page.starts_with("<!doctype html>"));
    // Nothing from outside: every address in the page is a path of this server.
    let outside = page.split(['"', '\'']).find(|part| part.contains("//"));
    assert_eq!(outside, None);
    for file in page.split('"').filter(|part| part.starts_with('/') && part.contains('.')) {
        assert_eq!(server.request(&format!("GET {file}"), "", b"").0, 200, "{file}");
    }

    let (status, value) = server.json("GET /api/networks", b"");
    assert_eq!((status, value["networks"].as_array().unwrap().len()), (200, 2));
    assert_eq!(value["networks"][0]["origin"], Value::Null);
    let (status, value) = server.json("POST /api/read", &picture(0));
    assert_eq!(status, 200);
    assert_eq!(value["digit"].as_array().unwrap().len(), 28 * 28);
    assert_eq!(value["networks"], json!({}));
    let (status, value) = server.json("GET /api/sample?index=10000", b"");
    assert_eq!((status, &value["label"]), (200, &json!(7)));
    let small =
        br#"{"inputs":1,"hidden":1,"outputs":1,"activation":"relu","learning_rate":1,"seed":1}"#;
    assert_eq!(server.json("POST /api/lesson", small).0, 200);

    let host = &server.host;
    let cases: [(&str, &[u8], u16, String); 14] = [
        ("GET /Cargo.toml", b"", 404, "/Cargo.toml: there is nothing here".into()),
        ("GET /../../etc/passwd", b"", 404, "/../../etc/passwd: there is nothing here".into()),
        ("PUT /", b"", 405, "PUT /: expected GET".into()),
        ("GET /api/read", b"", 405, "GET /api/read: expected POST".into()),
        ("DELETE /api/training", b"", 405, "DELETE /api/training: expected GET, POST".into()),
        ("POST /api/networks", b"", 405, "POST /api/networks: expected GET".into()),
        (
            "POST /api/read",
            &picture(255),
            422,
            "nothing is drawn here, expected a digit that stands out from its background".into(),
        ),
        (
            "POST /api/read",
            b"P5 9000 9000 255\n",
            400,
            "9000 × 9000 pixels, expected at most 16777216: make it smaller".into(),
        ),
        (
            "GET /api/sample?index=-1",
            b"",
            400,
            "index is \"-1\", expected a whole number: invalid digit found in string".into(),
        ),
        (
            "GET /api/training?from=x",
            b"",
            400,
            "from is \"x\", expected a whole number: invalid digit found in string".into(),
        ),
        (
            "POST /api/training",
            br#"{"network":"alexnet","epochs":1,"learning_rate":0.1,"seed":1}"#,
            400,
            "network is \"alexnet\", expected one of lenet5, lenet5-classic".into(),
        ),
        (
            "POST /api/training",
            br#"{"network":"lenet5","epochs":1000,"learning_rate":0.1,"seed":1}"#,
            400,
            "epochs is 1000, expected 1 to 20".into(),
        ),
        (
            "POST /api/training",
            br#"{"network":"lenet5","epochs":1,"learning_rate":0,"seed":1}"#,
            400,
            "learning_rate is 0, expected a number above 0 and at most 1".into(),
        ),
        (
            "POST /api/lesson",
            b"[1",
            400,
            "expected a JSON object with inputs, hidden, outputs, activation, learning_rate and \
             seed: EOF while parsing a list at line 1 column 2"
                .into(),
        ),
    ];
    for (line, body, status, error) in cases {
        assert_eq!(server.json(line, body), (status, json!({ "error": error })), "{line}");
    }

    let refused = |bytes: &[u8], status: u16, error: &str| {
        let (found, _, body) = server.send(bytes);
        let value: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((found, value), (status, json!({ "error": error })));
    };
    let port = host.split(':').next_back().unwrap();
    let foreign = format!("GET / HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n");
    let expected =
        format!("the host is \"evil.example:{port}\", expected localhost:{port} or an address");
    refused(foreign.as_bytes(), 403, &expected);
    let (status, ..) =
        server.request("POST /api/training/stop", "Origin: http://evil.example\r\n", b"");
    assert_eq!(status, 403);
    let large =
        format!("POST /api/read HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9000000\r\n\r\n");
    refused(large.as_bytes(), 413, "the body has 9000000 bytes, expected at most 8388608");
    let chunked =
        format!("POST /api/read HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n");
    refused(chunked.as_bytes(), 411, "expected a body with a Content-Length");
    let endless = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(20_000));
    refused(endless.as_bytes(), 431, "the request's head has more than 16384 bytes");
    refused(b"\x16\x03\x01 hello\r\n\r\n", 400, "not an HTTP request: invalid token");
    refused(
        b"GET / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        400,
        "more than one header content-length",
    );
}

#[test]
fn connections_at_a_time_are_bounded() {
    let server = Server::start("0", &mnist());
    let idle: Vec<_> = (0..16).map(|_| TcpStream::connect(&server.host).unwrap()).collect();
    let refused = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        server.request("GET /", "", b"").0 == 503
    });
    assert!(refused);
    drop(idle);
    let served = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        server.request("GET /", "", b"").0 == 200
    });
    assert!(served);
}

/// What the server says of its run when that has come to an end.
fn ended(server: &Server) -> Value {
    loop {
        let (_, progress) = server.json("GET /api/training", b"");
        if progress["status"] != "running" {
            return progress;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn a_run_on_the_page_is_a_run_like_any_other() {
    let data = tempfile::tempdir().unwrap();
    write_images(data.path(), 0, [3200, 64]);
    let server = Server::start("0", data.path());
    let begin = |epochs: usize| {
        let request =
            json!({ "network": "lenet5", "epochs": epochs, "learning_rate": 0.02, "seed": 1 });
        let body = request.to_string();
        assert_eq!(server.request("POST /api/training", "", body.as_bytes()).0, 200);
    };
    begin(1);
    let progress = ended(&server);
    let folder = server.folder.path().join("runs").join("lenet5-001");
    let shown = folder.display();
    assert_eq!(progress["status"], "finished");
    assert_eq!(
        progress["message"],
        format!("{shown}/weights.safetensors; a report of it: cargo xtask report {shown}")
    );
    succeed(&mut run(&["report", folder.to_str().unwrap()]));
    let resumed = succeed(&mut run(&["train-lenet", "--resume", folder.to_str().unwrap()]));
    assert!(stderr(&resumed).contains("is finished, after 1 epoch; nothing is left to do"));

    begin(20);
    server.request("POST /api/training/stop", "", b"");
    let progress = ended(&server);
    let folder = server.folder.path().join("runs").join("lenet5-002");
    let shown = folder.display();
    assert_eq!(progress["status"], "stopped");
    assert_eq!(
        progress["message"],
        format!("{shown}/weights.safetensors; to go on: cargo xtask train-lenet --resume {shown}")
    );
    succeed(&mut run(&["train-lenet", "--resume", folder.to_str().unwrap()]));
    assert!(folder.join("history.json").is_file());
}

/// A 7 as a person draws it.
const SEVEN: [[f64; 2]; 4] = [[0.26, 0.24], [0.72, 0.22], [0.6, 0.5], [0.46, 0.84]];

fn draw_seven(browser: &mut Browser, tab: &Tab) {
    browser.drag(tab, "#pad", &SEVEN);
    let read = "document.querySelector('[data-network=lenet5] .answer b').textContent === '7'";
    browser.wait(tab, read);
}

#[test]
fn the_page_works_in_a_browser() {
    let Some(program) = browser::program() else {
        // Past the test harness, which keeps what tests that pass print to itself.
        let note = "SKIPPED: no Chromium is installed, so the page was not tried in a browser";
        writeln!(std::io::stderr(), "{note}").unwrap();
        return;
    };
    // Enough to learn what a 7 is, and quick.
    let data = tempfile::tempdir().unwrap();
    write_images(data.path(), 0, [12_000, 500]);
    let mut server = Server::start("0", data.path());
    let url = format!("http://{}/", server.host);
    let mut browser = Browser::start(&program);
    let tab = browser.open(&url, [1280, 900], false);
    let errors = "window.failures = []; addEventListener('error', (e) => failures.push(e.message)); \
                  addEventListener('unhandledrejection', (e) => failures.push(String(e.reason)))";
    browser.evaluate(&tab, errors);

    // No weights yet: the page offers to train them.
    browser.wait(
        &tab,
        "!!document.querySelector('[data-network=lenet5] .untrained:not([hidden]) button')",
    );
    browser.click(&tab, "[data-network=lenet5] .untrained button");
    browser.drag(&tab, "#pad", &SEVEN);
    browser.click(&tab, "#tab-train");
    browser.wait(&tab, "document.querySelector('#run-status').textContent.startsWith('Finished')");
    assert_eq!(browser.evaluate(&tab, "document.querySelectorAll('#epochs tr').length"), 1);
    assert_eq!(browser.evaluate(&tab, "document.querySelectorAll('#curve .line').length"), 1);
    let runs = server.folder.path().join("runs");
    assert!(runs.join("lenet5-001").join("weights.safetensors").is_file());

    // Strokes of the mouse.
    browser.click(&tab, "#tab-draw");
    browser.wait(
        &tab,
        "document.querySelector('[data-network=lenet5] .answer b').textContent === '7'",
    );
    let ink = "[...document.querySelector('#digit').getContext('2d').getImageData(0, 0, 28, 28).data].some((x, i) => i % 4 === 0 && x > 200)";
    assert_eq!(browser.evaluate(&tab, ink), true);
    assert!(browser.text(&tab, "#message").contains('7'));
    let before = browser.text(&tab, "[data-network=lenet5] .bars li.best");
    browser.click(&tab, "#clear");
    browser.wait(
        &tab,
        "document.querySelector('[data-network=lenet5] .answer b').textContent === '·'",
    );

    // The keys: a vertical line is a 1.
    browser.evaluate(&tab, "document.querySelector('#pad').focus()");
    let keys = [vec!["ArrowUp"; 10], vec![" "], vec!["ArrowDown"; 20], vec![" "]].concat();
    keys.into_iter().for_each(|key| browser.key(&tab, key));
    browser.wait(
        &tab,
        "document.querySelector('[data-network=lenet5] .answer b').textContent === '1'",
    );
    browser.key(&tab, "Delete");

    // A test digit, and a second tab beside the first.
    browser.click(&tab, "#sample");
    browser.wait(
        &tab,
        "document.querySelector('[data-network=lenet5] .answer b').textContent === '7'",
    );
    let second = browser.open(&url, [390, 844], true);
    browser
        .wait(&second, "!!document.querySelector('[data-network=lenet5] .verdict:not([hidden])')");
    draw_seven(&mut browser, &second);
    assert_eq!(browser.text(&second, "[data-network=lenet5] .bars li.best")[..1], before[..1]);
    // Nothing is wider than a telephone.
    for part in ["draw", "train", "lesson"] {
        browser.click(&second, &format!("#tab-{part}"));
        let wide = "document.documentElement.scrollWidth > innerWidth";
        assert_eq!(browser.evaluate(&second, wide), false, "{part}");
    }

    // Back-propagation, step by step to its end.
    browser.click(&tab, "#tab-lesson");
    browser.wait(&tab, "document.querySelector('#step-count').textContent === '1 of 11'");
    for step in 2..=11 {
        browser.click(&tab, "#next");
        assert_eq!(browser.text(&tab, "#step-count"), format!("{step} of 11"));
    }
    assert!(browser.text(&tab, "#equation").starts_with("(3.11)"));
    assert_eq!(browser.evaluate(&tab, "document.querySelector('#next').disabled"), true);
    assert_eq!(browser.evaluate(&tab, "failures"), json!([]));

    // The server goes away, and comes back.
    let port = server.host.split(':').next_back().unwrap().to_owned();
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    browser.wait(&tab, "!document.querySelector('#offline').hidden");
    drop(server);
    let _server = Server::start(&port, data.path());
    browser.wait(&tab, "document.querySelector('#offline').hidden");
}
