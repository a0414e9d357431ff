//! A real browser, driven over the WebDriver protocol: headless Chromium and its driver from the system's packages.
//!
//! Where one of them is missing, the tests that need a browser say so and pass.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::http;

/// The key under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Arrow, tab and other keys as WebDriver spells them.
pub mod keys {
    pub const TAB: &str = "\u{e004}";
    pub const ENTER: &str = "\u{e007}";
    pub const SPACE: &str = "\u{e00d}";
    pub const RIGHT: &str = "\u{e014}";
    pub const DOWN: &str = "\u{e015}";
}

/// A browser window with its driver. Both end when this is dropped.
pub struct Browser {
    driver: Child,
    at: SocketAddr,
    session: String,
    _profile: tempfile::TempDir,
    pub downloads: tempfile::TempDir,
}

/// An element of the page.
#[derive(Debug, Clone)]
pub struct Element(String);

fn program(names: &[&str]) -> Option<String> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|dir| names.iter().map(move |name| dir.join(name)))
        .find(|candidate| candidate.is_file())
        .map(|found| found.display().to_string())
}

impl Browser {
    /// Opens a window of this size, or prints why there is none.
    pub fn open(width: u32, height: u32) -> Option<Self> {
        let chromium = program(&["chromium", "chromium-browser", "google-chrome", "chrome"]);
        let driver = program(&["chromedriver"]);
        let (Some(chromium), Some(driver)) = (chromium, driver) else {
            println!("skipped: no Chromium with chromedriver is installed (Debian: chromium, chromium-driver)");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut driver = Command::new(driver)
            .arg(format!("--port={port}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        assert!(lines.any(|l| l.is_ok_and(|l| l.contains("started successfully"))), "chromedriver starts");
        std::thread::spawn(move || lines.for_each(drop));
        let (profile, downloads) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut arguments: Vec<String> = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
            "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
            "--force-color-profile=srgb",
            "--hide-scrollbars",
        ]
        .map(String::from)
        .to_vec();
        arguments.push(format!("--window-size={width},{height}"));
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let mut browser = Self {
            driver,
            at: SocketAddr::from(([127, 0, 0, 1], port)),
            session: String::new(),
            _profile: profile,
            downloads,
        };
        let preferences = json!({
            "download.default_directory": browser.downloads.path(),
            "download.prompt_for_download": false,
            "plugins.always_open_pdf_externally": true,
        });
        let options = json!({
            "binary": chromium, "args": arguments, "prefs": preferences,
            "perfLoggingPrefs": { "enableNetwork": true, "enablePage": false },
        });
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": options,
            "timeouts": { "script": 300_000, "pageLoad": 300_000 },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        } } });
        let session = browser.call("POST", "/session", &capabilities);
        browser.session = session["sessionId"].as_str().expect("a session").to_owned();
        // A phone is narrower than the narrowest window, so the size of the page is set as well.
        browser.devtools(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
        Some(browser)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let headers = [("Content-Type", "application/json; charset=utf-8")];
        let answer = http::send(self.at, method, path, &headers, body.as_bytes());
        let value = answer.json()["value"].clone();
        assert_eq!(answer.status, 200, "{method} {path}: {value}");
        value
    }

    fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        self.call(method, &format!("/session/{}{path}", self.session), body)
    }

    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    pub fn goto(&self, url: &str) {
        self.command("POST", "/url", &json!({ "url": url }));
    }

    pub fn back(&self) {
        self.command("POST", "/back", &json!({}));
    }

    pub fn url(&self) -> String {
        self.command("GET", "/url", &Value::Null).as_str().unwrap().to_owned()
    }

    pub fn title(&self) -> String {
        self.command("GET", "/title", &Value::Null).as_str().unwrap().to_owned()
    }

    pub fn find(&self, css: &str) -> Element {
        let found = self.command("POST", "/element", &json!({ "using": "css selector", "value": css }));
        Element(found[ELEMENT].as_str().unwrap().to_owned())
    }

    pub fn link(&self, text: &str) -> Element {
        let found = self.command("POST", "/element", &json!({ "using": "partial link text", "value": text }));
        Element(found[ELEMENT].as_str().unwrap().to_owned())
    }

    pub fn click(&self, element: &Element) {
        self.command("POST", &format!("/element/{}/click", element.0), &json!({}));
    }

    pub fn write(&self, element: &Element, text: &str) {
        self.command("POST", &format!("/element/{}/value", element.0), &json!({ "text": text }));
    }

    pub fn text(&self, css: &str) -> String {
        let element = self.find(css);
        self.command("GET", &format!("/element/{}/text", element.0), &Value::Null).as_str().unwrap().to_owned()
    }

    /// Presses keys wherever the focus is.
    pub fn press(&self, keys: &[&str]) {
        let actions: Vec<Value> = keys
            .iter()
            .flat_map(|k| [json!({ "type": "keyDown", "value": k }), json!({ "type": "keyUp", "value": k })])
            .collect();
        self.command(
            "POST",
            "/actions",
            &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] }),
        );
    }

    /// Runs a function body and gives what it returns.
    pub fn run(&self, script: &str) -> Value {
        self.command("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Runs a function body that calls `arguments[0]` when it is done.
    pub fn run_async(&self, script: &str) -> Value {
        self.command("POST", "/execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Waits until a script gives true.
    pub fn wait_for(&self, script: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        while self.run(&format!("return !!({script})")) != Value::Bool(true) {
            assert!(Instant::now() < end, "{script} does not become true at {}", self.url());
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Waits until the address has this ending. A click that sends a form may return before the next page is there: with
    /// script switched off, the driver does not wait for it.
    pub fn wait_for_address(&self, ending: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        while !self.url().ends_with(ending) {
            assert!(Instant::now() < end, "{} does not become {ending}", self.url());
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Complaints of the browser's console since the last call.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.command("POST", "/se/log", &json!({ "type": "browser" }));
        log.as_array().unwrap().iter().map(|e| format!("{}: {}", e["level"], e["message"])).collect()
    }

    /// Addresses that the browser asked for since the last call.
    pub fn requests(&self) -> Vec<String> {
        let log = self.command("POST", "/se/log", &json!({ "type": "performance" }));
        log.as_array()
            .unwrap()
            .iter()
            .filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok())
            .filter(|event| event["message"]["method"] == "Network.requestWillBeSent")
            .filter_map(|event| Some(event["message"]["params"]["request"]["url"].as_str()?.to_owned()))
            .collect()
    }

    /// The content of the window as PNG, or the page in its full length if `whole`.
    pub fn screenshot(&self, whole: bool) -> Vec<u8> {
        let shot = self.devtools(
            "Page.captureScreenshot",
            &json!({ "format": "png", "captureBeyondViewport": whole, "fromSurface": true }),
        );
        decode_base64(shot["data"].as_str().unwrap())
    }

    /// The page as it is printed on A4 by default, as PDF, and how many sheets it takes.
    pub fn print(&self) -> (Vec<u8>, usize) {
        self.print_pdf(true)
    }

    /// Whether the browser prints a header and footer of its own, with the date in American form and the address.
    pub fn prints_own_header_and_footer(&self) -> bool {
        let content_sizes = |own_header| {
            let (pdf, _) = self.print_pdf(own_header);
            let document = lopdf::Document::load_mem(&pdf).expect("the browser prints a PDF");
            document.page_iter().map(|page| document.get_page_content(page).len()).collect()
        };
        let (with, without): (Vec<usize>, Vec<usize>) = (content_sizes(true), content_sizes(false));
        with != without
    }

    fn print_pdf(&self, own_header: bool) -> (Vec<u8>, usize) {
        let page = json!({
            "paperWidth": 8.27, "paperHeight": 11.69, "printBackground": true, "displayHeaderFooter": own_header,
        });
        let pdf = decode_base64(self.devtools("Page.printToPDF", &page)["data"].as_str().unwrap());
        let document = lopdf::Document::load_mem(&pdf).expect("the browser prints a PDF");
        let sheets = document.get_pages().len();
        (pdf, sheets)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let path = format!("/session/{}", self.session);
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.call("DELETE", &path, &Value::Null)));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn decode_base64(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    out
}
