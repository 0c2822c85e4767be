//! One request: bytes from an address appended to a part file.

use super::Event;
use super::error::{Failure, TransferError, causes};
use super::part::Part;
use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use std::io::{self, Read};

/// Completes `part` from `url`, with at most `limit` bytes in all.
///
/// What the part already holds is not asked for again where the server can continue; where it
/// sends everything instead, the part starts over.
pub(super) fn transfer(
    client: &Client,
    url: &str,
    part: &mut Part,
    limit: u64,
    report: &mut dyn FnMut(Event<'_>),
) -> Result<(), Failure> {
    if part.len() > limit {
        part.clear()?;
    }
    let mut request = client.get(url).header(ACCEPT_ENCODING, "identity");
    if part.len() > 0 {
        request = request.header(RANGE, format!("bytes={}-", part.len()));
        if let Some(etag) = &part.etag {
            request = request.header(IF_RANGE, etag);
        }
    }
    let mut response = request.send().map_err(|cause| remote(request_error(&cause)))?;
    match response.status() {
        StatusCode::OK => part.clear()?,
        StatusCode::PARTIAL_CONTENT if range_start(&response) == Some(part.len()) => {}
        StatusCode::RANGE_NOT_SATISFIABLE if part.len() > 0 => {
            // The part is the whole file already, or not a part of this file at all.
            if range_total(&response) == Some(part.len()) {
                return Ok(());
            }
            part.clear()?;
            return Err(remote(TransferError::Range));
        }
        StatusCode::PARTIAL_CONTENT => {
            part.clear()?;
            return Err(remote(TransferError::Range));
        }
        status => return Err(remote(TransferError::Status { code: status.as_u16() })),
    }
    part.etag = strong_etag(&response);
    let resumed = part.len();
    let total = response.content_length().map(|rest| rest.saturating_add(resumed));
    if let Some(size) = total.filter(|&size| size > limit) {
        return Err(remote(TransferError::TooLarge { announced: Some(size), limit }));
    }
    report(Event::Started { url, resumed, total });
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = match response.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(remote(body_error(&cause, part.len(), total))),
        };
        if part.len() + read as u64 > limit {
            return Err(remote(TransferError::TooLarge { announced: None, limit }));
        }
        part.append(&buffer[..read])?;
        report(Event::Advanced { bytes: read as u64 });
    }
    match total {
        Some(expected) if part.len() < expected => {
            Err(remote(TransferError::CutShort { found: part.len(), expected }))
        }
        _ => Ok(()),
    }
}

fn remote(cause: TransferError) -> Failure {
    Failure::Remote(cause)
}

fn request_error(cause: &reqwest::Error) -> TransferError {
    if cause.is_connect() {
        TransferError::Connect(causes(cause))
    } else if cause.is_timeout() {
        TransferError::Stalled
    } else if cause.is_redirect() {
        TransferError::Redirect(causes(cause))
    } else {
        TransferError::Broken(causes(cause))
    }
}

fn body_error(cause: &io::Error, found: u64, total: Option<u64>) -> TransferError {
    let inner = cause.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>());
    let timeout =
        cause.kind() == io::ErrorKind::TimedOut || inner.is_some_and(reqwest::Error::is_timeout);
    match total {
        _ if timeout => TransferError::Stalled,
        Some(expected) if found < expected => TransferError::CutShort { found, expected },
        _ => TransferError::Broken(causes(cause)),
    }
}

/// A weak validator does not promise the same bytes, so it cannot join two halves.
fn strong_etag(response: &Response) -> Option<String> {
    let etag = response.headers().get(ETAG)?.to_str().ok()?;
    (!etag.starts_with("W/")).then(|| etag.to_string())
}

/// The first byte that a partial response brings: `7` of `bytes 7-99/100`.
fn range_start(response: &Response) -> Option<u64> {
    content_range(response)?.split('-').next()?.trim().parse().ok()
}

/// The size of the whole file: `100` of `bytes */100`.
fn range_total(response: &Response) -> Option<u64> {
    content_range(response)?.split('/').nth(1)?.trim().parse().ok()
}

fn content_range(response: &Response) -> Option<&str> {
    response.headers().get(CONTENT_RANGE)?.to_str().ok()?.trim().strip_prefix("bytes ")
}
