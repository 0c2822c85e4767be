//! The server: connections, and who may ask.

use super::api;
use super::http::{Request, Response};
use super::state::State;
use anyhow::{Context, Result};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Connections that are served at a time.
const AT_ONCE: usize = 16;

/// A server that listens, and does not answer yet.
pub(super) struct Server {
    listener: TcpListener,
    state: Arc<State>,
    /// How many connections are being served.
    busy: Arc<AtomicUsize>,
}

impl Server {
    pub(super) fn bind(address: SocketAddr, state: State) -> Result<Self> {
        let listener = TcpListener::bind(address).with_context(|| {
            format!(
                "{address} cannot be listened on: choose another port by --port, or any free one \
                 by --port 0"
            )
        })?;
        Ok(Server { listener, state: Arc::new(state), busy: Arc::default() })
    }

    pub(super) fn address(&self) -> Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Answers until the program ends.
    pub(super) fn run(&self) -> Result<()> {
        let port = self.address()?.port();
        for stream in self.listener.incoming() {
            // A connection that was given up before it was accepted.
            let Ok(stream) = stream else { continue };
            let busy = Guard::new(&self.busy);
            let state = self.state.clone();
            let work = move || serve(stream, &state, port, &busy);
            // A thread that cannot be had is one more connection than can be served.
            if std::thread::Builder::new().name("playground".to_owned()).spawn(work).is_err() {
                continue;
            }
        }
        Ok(())
    }
}

/// Counts a connection while it lives.
struct Guard {
    busy: Arc<AtomicUsize>,
    too_many: bool,
}

impl Guard {
    fn new(busy: &Arc<AtomicUsize>) -> Self {
        let before = busy.fetch_add(1, Ordering::Relaxed);
        Guard { busy: busy.clone(), too_many: before >= AT_ONCE }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

fn serve(mut stream: TcpStream, state: &Arc<State>, port: u16, busy: &Guard) {
    let response = if busy.too_many {
        Response::error(503, format!("more than {AT_ONCE} requests at a time"))
    } else {
        Request::read(&mut stream)
            .and_then(|request| {
                check_sender(&request, port)?;
                Ok(api::answer(&request, state))
            })
            .unwrap_or_else(|refusal| refusal)
    };
    response.send(&mut stream);
}

/// A page of another site can make a browser send requests here, under a name of its own that it
/// lets point to this machine (DNS rebinding), or across origins. So the host must be an address
/// or `localhost`, and an origin must be that host.
fn check_sender(request: &Request, port: u16) -> Result<(), Response> {
    let host = request.host.as_deref().unwrap_or_default();
    let (name, host_port) = match host.rsplit_once(':') {
        Some((name, digits)) if !name.is_empty() && !digits.contains(']') => {
            (name, digits.parse().ok())
        }
        _ => (host, Some(80)),
    };
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let known = bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok();
    if !known || host_port != Some(port) {
        let message = format!("the host is {host:?}, expected localhost:{port} or an address");
        return Err(Response::error(403, message));
    }
    match &request.origin {
        Some(origin) if *origin != format!("http://{host}") => {
            let message = format!("the request comes from {origin:?}, expected http://{host}");
            Err(Response::error(403, message))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(host: Option<&str>, origin: Option<&str>) -> Request {
        Request {
            method: "GET".into(),
            path: "/".into(),
            query: String::new(),
            host: host.map(Into::into),
            origin: origin.map(Into::into),
            body: Vec::new(),
        }
    }

    #[test]
    fn only_pages_of_this_server_may_ask() {
        for host in
            ["127.0.0.1:7878", "localhost:7878", "LocalHost:7878", "[::1]:7878", "10.0.0.3:7878"]
        {
            check_sender(&request(Some(host), None), 7878).unwrap();
            let own = format!("http://{host}");
            check_sender(&request(Some(host), Some(&own)), 7878).unwrap();
        }
        let hosts = [
            "",
            "evil.example",
            "evil.example:7878",
            "localhost",
            "localhost:80",
            "[::1]",
            ":7878",
        ];
        for host in hosts.map(Some).into_iter().chain([None]) {
            assert_eq!(
                check_sender(&request(host, None), 7878).unwrap_err().status,
                403,
                "{host:?}"
            );
        }
        for origin in
            ["null", "http://evil.example", "https://localhost:7878", "http://localhost:79"]
        {
            let request = request(Some("localhost:7878"), Some(origin));
            assert_eq!(check_sender(&request, 7878).unwrap_err().status, 403, "{origin}");
        }
    }
}
