//! HTTP/1.1 as far as one page needs it, every part of a request bounded. `httparse` reads the
//! head; each connection carries one request.

use serde_json::json;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// A request line with its headers.
const HEAD: usize = 16 << 10;
const HEADERS: usize = 64;
/// A body: a picture, mostly.
pub(super) const BODY: usize = 8 << 20;
/// From the first byte to the last of a request, and again of an answer.
const TIME: Duration = Duration::from_secs(10);

/// A request that came in whole.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path, without what follows a question mark.
    pub(super) path: String,
    pub(super) query: String,
    pub(super) host: Option<String>,
    pub(super) origin: Option<String>,
    pub(super) body: Vec<u8>,
}

/// An answer: also what is told of a request that was not accepted.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    content_type: &'static str,
    allow: Option<&'static str>,
    body: Vec<u8>,
}

impl Response {
    pub(super) fn file(content_type: &'static str, text: &str) -> Self {
        Response { status: 200, content_type, allow: None, body: text.into() }
    }

    pub(super) fn json(value: &serde_json::Value) -> Self {
        Response::file("application/json", &value.to_string())
    }

    /// A mistake, told as a JSON object.
    pub(super) fn error(status: u16, message: impl std::fmt::Display) -> Self {
        Response { status, ..Response::json(&json!({ "error": message.to_string() })) }
    }

    pub(super) fn method_not_allowed(method: &str, path: &str, allow: &'static str) -> Self {
        let error = Response::error(405, format!("{method} {path}: expected {allow}"));
        Response { allow: Some(allow), ..error }
    }

    fn reason(&self) -> &'static str {
        match self.status {
            200 => "OK",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            408 => "Request Timeout",
            411 => "Length Required",
            413 => "Content Too Large",
            422 => "Unprocessable Content",
            431 => "Request Header Fields Too Large",
            503 => "Service Unavailable",
            _ => "Internal Server Error",
        }
    }

    /// Sends the answer and ends the connection. A browser that went away is no mistake of ours.
    pub(super) fn send(&self, stream: &mut TcpStream) {
        let mut text = format!("HTTP/1.1 {} {}\r\n", self.status, self.reason());
        text += &format!("Content-Type: {}; charset=utf-8\r\n", self.content_type);
        text += &format!("Content-Length: {}\r\nConnection: close\r\n", self.body.len());
        if let Some(allow) = self.allow {
            text += &format!("Allow: {allow}\r\n");
        }
        // The page runs its own scripts and nothing else, and no other page may hold it in a frame.
        text += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
                 Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n\
                 Content-Security-Policy: default-src 'self'; img-src 'self' data:; \
                 base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\r\n";
        let _ = stream.set_write_timeout(Some(TIME));
        let sent = stream.write_all(text.as_bytes()).and_then(|()| stream.write_all(&self.body));
        if sent.is_ok() && stream.shutdown(Shutdown::Write).is_ok() {
            drain(stream);
        }
    }
}

/// Takes what still comes of a request that was refused half read; closing on it would make the
/// system throw the answer away before it is read.
fn drain(stream: &mut TcpStream) {
    let end = Instant::now() + Duration::from_secs(1);
    let mut waste = [0; 16 << 10];
    let mut left = 2 * BODY;
    let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
    while let Ok(count @ 1..) = stream.read(&mut waste) {
        left = left.saturating_sub(count);
        if left == 0 || Instant::now() > end {
            break;
        }
    }
}

impl Request {
    /// Reads a request, or says what is wrong with it.
    pub(super) fn read(stream: &mut TcpStream) -> Result<Self, Response> {
        let mut source = Source { stream, end: Instant::now() + TIME, bytes: Vec::new() };
        let (request, start, length) = loop {
            if let Some(parsed) = parse(&source.bytes)? {
                break parsed;
            }
            if source.bytes.len() > HEAD {
                return Err(Response::error(
                    431,
                    format!("the request's head has more than {HEAD} bytes"),
                ));
            }
            source.more()?;
        };
        if length > BODY {
            let message = format!("the body has {length} bytes, expected at most {BODY}");
            return Err(Response::error(413, message));
        }
        while source.bytes.len() < start + length {
            source.more()?;
        }
        let body = source.bytes[start..start + length].to_vec();
        Ok(Request { body, ..request })
    }

    /// The value of a parameter after the question mark.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next_back()
    }
}

/// A connection that is being read, until its time is over.
struct Source<'a> {
    stream: &'a mut TcpStream,
    end: Instant,
    bytes: Vec<u8>,
}

impl Source<'_> {
    fn more(&mut self) -> Result<(), Response> {
        let late =
            || Response::error(408, format!("the request took longer than {} s", TIME.as_secs()));
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(late());
        }
        let _ = self.stream.set_read_timeout(Some(left));
        let mut chunk = [0; 16 << 10];
        match self.stream.read(&mut chunk) {
            Ok(0) => Err(Response::error(400, "the request ends before it is whole")),
            Ok(count) => {
                self.bytes.extend_from_slice(&chunk[..count]);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Err(late())
            }
            Err(error) => Err(Response::error(400, format!("the request cannot be read: {error}"))),
        }
    }
}

/// The request that begins with `bytes`, its body still empty, where that body begins and how long
/// it is; `None` if the head is not whole yet.
fn parse(bytes: &[u8]) -> Result<Option<(Request, usize, usize)>, Response> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let start = match head.parse(bytes) {
        Ok(httparse::Status::Complete(start)) => start,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Response::error(431, format!("more than {HEADERS} headers")));
        }
        Err(error) => return Err(Response::error(400, format!("not an HTTP request: {error}"))),
    };
    let header = |name: &str| {
        let mut values =
            head.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        let value = values.next().map(|header| String::from_utf8_lossy(header.value).into_owned());
        if values.next().is_some() {
            return Err(Response::error(400, format!("more than one header {name}")));
        }
        Ok(value)
    };
    if header("transfer-encoding")?.is_some() {
        return Err(Response::error(411, "expected a body with a Content-Length"));
    }
    let length = match header("content-length")? {
        None => 0,
        Some(text) => text.parse().map_err(|_| {
            Response::error(400, format!("Content-Length is {text:?}, expected a whole number"))
        })?,
    };
    let target = head.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let request = Request {
        method: head.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        host: header("host")?,
        origin: header("origin")?,
        body: Vec::new(),
    };
    Ok(Some((request, start, length)))
}
