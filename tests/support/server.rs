//! A small HTTP/1.1 server on loopback that can also misbehave: it answers with exactly the given bytes.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A request as it arrived, and when.
#[derive(Debug, Clone)]
pub struct Hit {
    pub at: Instant,
    /// Path with query.
    pub path: String,
    /// Header lines as sent.
    pub headers: Vec<(String, String)>,
}

impl Hit {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What to answer.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A proper answer with its length.
    Full { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// These bytes, then silence for this time.
    Stall(Vec<u8>, Duration),
    /// These bytes one by one with a pause after each.
    Drip(Vec<u8>, Duration),
    /// The connection is closed without an answer.
    Reset,
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self::Full { status, headers: vec![], body: format!("status {status}").into_bytes() }
    }

    pub fn html(body: impl Into<String>) -> Self {
        Self::Full { status: 200, headers: vec![], body: body.into().into_bytes() }
            .with("Content-Type", "text/html; charset=utf-8")
    }

    pub fn text(body: &str) -> Self {
        Self::Full { status: 200, headers: vec![], body: body.as_bytes().to_vec() }.with("Content-Type", "text/plain")
    }

    pub fn pdf(body: &[u8]) -> Self {
        Self::Full { status: 200, headers: vec![], body: body.to_vec() }.with("Content-Type", "application/pdf")
    }

    pub fn redirect(to: &str) -> Self {
        Self::status(302).with("Location", to)
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Self::Full { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

type Handler = Box<dyn FnMut(&Hit) -> Reply + Send>;

/// The server. It runs until the test process ends.
#[derive(Clone)]
pub struct Server {
    pub address: SocketAddr,
    scheme: &'static str,
    log: Arc<Mutex<Vec<Hit>>>,
    handler: Arc<Mutex<Handler>>,
}

impl Server {
    pub fn start(handler: impl FnMut(&Hit) -> Reply + Send + 'static) -> Self {
        Self::listen("127.0.0.1:0", None, handler)
    }

    /// Starts on another address of the loopback network, which is another host for the crawler.
    pub fn start_on(address: &str, handler: impl FnMut(&Hit) -> Reply + Send + 'static) -> Self {
        Self::listen(address, None, handler)
    }

    pub fn start_tls(tls: rustls::ServerConfig, handler: impl FnMut(&Hit) -> Reply + Send + 'static) -> Self {
        Self::listen("127.0.0.1:0", Some(Arc::new(tls)), handler)
    }

    fn listen(
        address: &str,
        tls: Option<Arc<rustls::ServerConfig>>,
        handler: impl FnMut(&Hit) -> Reply + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            scheme: if tls.is_some() { "https" } else { "http" },
            log: Arc::default(),
            handler: Arc::new(Mutex::new(Box::new(handler))),
        };
        let running = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (server, tls) = (running.clone(), tls.clone());
                std::thread::spawn(move || match tls {
                    None => server.serve(stream),
                    Some(tls) => {
                        let connection = rustls::ServerConnection::new(tls).unwrap();
                        server.serve(rustls::StreamOwned::new(connection, stream));
                    }
                });
            }
        });
        server
    }

    /// Address of a path on this server.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// All requests so far.
    pub fn hits(&self) -> Vec<Hit> {
        self.log.lock().unwrap().clone()
    }

    /// Paths of all requests so far, in order.
    pub fn paths(&self) -> Vec<String> {
        self.hits().into_iter().map(|hit| hit.path).collect()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.log.lock().unwrap().clear();
    }

    /// Answers with another handler from now on.
    pub fn answer(&self, handler: impl FnMut(&Hit) -> Reply + Send + 'static) {
        *self.handler.lock().unwrap() = Box::new(handler);
    }

    fn serve(&self, stream: impl Read + Write) {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let at = Instant::now();
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            match line.trim_end().split_once(": ") {
                Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
                None => break,
            }
        }
        let hit = Hit { at, path, headers };
        self.log.lock().unwrap().push(hit.clone());
        let reply = (self.handler.lock().unwrap())(&hit);
        // The client may hang up on an answer that it refuses.
        _ = send(stream.get_mut(), reply);
    }
}

fn send(stream: &mut impl Write, reply: Reply) -> std::io::Result<()> {
    match reply {
        Reply::Full { status, headers, body } => {
            let mut head =
                format!("HTTP/1.1 {status} Status\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            stream.write_all(head.as_bytes())?;
            stream.write_all(b"\r\n")?;
            if status != 304 {
                stream.write_all(&body)?;
            }
        }
        Reply::Raw(bytes) => stream.write_all(&bytes)?,
        Reply::Stall(bytes, pause) => {
            stream.write_all(&bytes)?;
            stream.flush()?;
            std::thread::sleep(pause);
        }
        Reply::Drip(bytes, pause) => {
            for byte in bytes {
                stream.write_all(&[byte])?;
                stream.flush()?;
                std::thread::sleep(pause);
            }
        }
        Reply::Reset => {}
    }
    stream.flush()
}
