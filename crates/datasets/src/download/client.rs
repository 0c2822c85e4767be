//! The HTTP client.

use super::error::{DownloadError, causes};
use crate::Result;
use reqwest::blocking::Client;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;

/// A client that honours the usual proxy variables and trusts Mozilla's roots and the system's:
/// the former for a bare container, the latter for a company's own authority.
pub(super) fn build(connect_timeout: Duration, stall_timeout: Duration) -> Result<Client> {
    let failed = |cause| DownloadError::Client { cause };
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|cause| failed(cause.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // The blocking client applies `timeout` to the response's head and to each read of its body.
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("sporelet-datasets/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect_timeout)
        .timeout(stall_timeout)
        .build()
        .map_err(|cause| failed(causes(&cause)))?;
    Ok(client)
}
