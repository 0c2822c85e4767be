//! A Chromium that a test steers over the DevTools protocol, whose messages are JSON texts that end
//! with a zero byte. With `--remote-debugging-pipe` it reads them from file 3 and writes them to file
//! 4, which a shell makes of the pipes to its standard input and output: that takes no crate.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a page may take for what is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Browser {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    messages: u64,
    _profile: tempfile::TempDir,
}

/// A tab of the browser.
#[derive(Clone)]
pub(crate) struct Tab {
    session: String,
}

/// The browser's program, if one is installed: what CHROMIUM names, or else the usual names.
pub(crate) fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM").filter(|name| !name.is_empty()) {
        return Some(named.into());
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| cfg!(unix) && path.is_file())
}

impl Browser {
    pub(crate) fn start(program: &Path) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"])
            .args(["--no-first-run", "--disable-extensions", "--disable-background-networking"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Browser { child, input, output: BufReader::new(output), messages: 0, _profile: profile }
    }

    fn call(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        self.messages += 1;
        let id = self.messages;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        self.input.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut bytes = Vec::new();
            self.output.read_until(0, &mut bytes).unwrap();
            assert_eq!(bytes.pop(), Some(0), "the browser went away during {method}");
            let answer: Value = serde_json::from_slice(&bytes).unwrap();
            // Events, which nobody asked for, have no id.
            if answer["id"] == id {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// Opens a page in a tab of its own, of so many pixels.
    pub(crate) fn open(&mut self, url: &str, [width, height]: [u32; 2], dark: bool) -> Tab {
        let target = self.call(None, "Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call(None, "Target.attachToTarget", &attach)["sessionId"].clone();
        let tab = Tab { session: session.as_str().unwrap().to_owned() };
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.ask(&tab, "Emulation.setDeviceMetricsOverride", &metrics);
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.ask(&tab, "Emulation.setEmulatedMedia", &json!({ "features": features }));
        self.ask(&tab, "Page.navigate", &json!({ "url": url }));
        self.wait(&tab, "document.readyState === 'complete'");
        tab
    }

    pub(crate) fn ask(&mut self, tab: &Tab, method: &str, parameters: &Value) -> Value {
        self.call(Some(&tab.session), method, parameters)
    }

    /// The value of a JavaScript expression in the page.
    pub(crate) fn evaluate(&mut self, tab: &Tab, expression: &str) -> Value {
        let parameters =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.ask(tab, "Runtime.evaluate", &parameters);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// The text of the first element that a selector finds.
    pub(crate) fn text(&mut self, tab: &Tab, selector: &str) -> String {
        let text = self.evaluate(tab, &format!("document.querySelector({selector:?}).textContent"));
        text.as_str().unwrap().to_owned()
    }

    /// Waits until an expression is true.
    pub(crate) fn wait(&mut self, tab: &Tab, expression: &str) {
        let start = Instant::now();
        while self.evaluate(tab, expression) != true {
            assert!(start.elapsed() < PATIENCE, "waited in vain for {expression}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    pub(crate) fn click(&mut self, tab: &Tab, selector: &str) {
        self.evaluate(tab, &format!("document.querySelector({selector:?}).click()"));
    }

    /// Presses a key as a person does.
    pub(crate) fn key(&mut self, tab: &Tab, key: &str) {
        let text = if key == " " { " " } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": key, "text": text });
            self.ask(tab, "Input.dispatchKeyEvent", &event);
        }
    }

    /// Draws a line with the mouse through points that are given in shares of an element's sides.
    pub(crate) fn drag(&mut self, tab: &Tab, selector: &str, points: &[[f64; 2]]) {
        let rectangle = format!(
            "(() => {{ const b = document.querySelector({selector:?}).getBoundingClientRect(); \
             return [b.x, b.y, b.width, b.height] }})()"
        );
        let place: Vec<f64> = serde_json::from_value(self.evaluate(tab, &rectangle)).unwrap();
        let mut mouse = |kind: &str, [x, y]: [f64; 2]| {
            let (x, y) = (place[0] + x * place[2], place[1] + y * place[3]);
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.ask(tab, "Input.dispatchMouseEvent", &event);
        };
        mouse("mousePressed", points[0]);
        for pair in points.windows(2) {
            for part in 1..=8 {
                let share = f64::from(part) / 8.0;
                let along = |i: usize| pair[0][i] + share * (pair[1][i] - pair[0][i]);
                mouse("mouseMoved", [along(0), along(1)]);
            }
        }
        mouse("mouseReleased", points[points.len() - 1]);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
