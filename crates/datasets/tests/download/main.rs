//! Fetching files from real HTTP servers on the loopback interface, well-behaved and not.

mod messages;
mod server;

use datasets::download::{DownloadError, Event, FetchedFile, Fetcher, TransferError};
use datasets::sources::{Proof, Source, SourceFile};
use datasets::{Error, Result, idx::IdxArray};
use flate2::{Compression, write::GzEncoder};
use ndarray::Array1;
use server::{Reply, Request, Server};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const NAME: &str = "train-labels-idx1-ubyte";
const PACKED: &str = "train-labels-idx1-ubyte.gz";

/// An IDX file that does not compress well, so that half of the .gz is a real half.
fn payload() -> Vec<u8> {
    let labels = Array1::from_shape_fn(40_000, |i| ((i * i * 2_654_435_761) >> 7) as u8);
    let mut file = Vec::new();
    IdxArray::from(labels).write(&mut file).unwrap();
    file
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn sha256(bytes: &[u8]) -> &'static str {
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    hash.leak()
}

fn source(proof: Proof) -> Source {
    let file = SourceFile { name: NAME, bytes: payload().len() as u64, proof };
    Source { name: "test", title: "A test", files: vec![file].leak(), mirrors: &[] }
}

fn by_payload() -> Source {
    source(Proof::Payload(sha256(&payload())))
}

/// A folder, and a fetcher into it that waits for nothing longer than it must.
struct Setup {
    folder: TempDir,
    source: Source,
}

impl Setup {
    fn new() -> Self {
        Setup { folder: tempfile::tempdir().unwrap(), source: by_payload() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn fetcher(&self, servers: &[&Server]) -> Fetcher {
        let fetcher = Fetcher::new(self.source, self.folder.path())
            .pause(Duration::from_millis(1))
            .connect_timeout(Duration::from_secs(5))
            .stall_timeout(Duration::from_secs(5));
        servers.iter().fold(fetcher, |fetcher, server| fetcher.mirror(server.url()))
    }

    fn fetch(&self, servers: &[&Server]) -> Result<Vec<FetchedFile>> {
        self.fetcher(servers).fetch(&mut |_| {})
    }

    /// The names in the folder, sorted.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The file arrived, whole, and nothing else is left.
    fn assert_complete(&self, file: &[u8]) {
        assert_eq!(self.names(), [PACKED]);
        assert_eq!(fs::read(self.path(PACKED)).unwrap(), file);
    }
}

/// Why each mirror failed.
fn causes(error: Error) -> Vec<TransferError> {
    match error {
        Error::Download(DownloadError::NoMirror { failures, .. }) => {
            failures.into_iter().map(|failure| failure.cause).collect()
        }
        other => panic!("{other}"),
    }
}

/// A server that knows ranges and entity tags.
fn with_ranges(file: Vec<u8>, first: impl Fn(&[u8]) -> Reply + Send + 'static) -> Server {
    Server::start(move |request: &Request, number| {
        if number == 0 {
            return first(&file);
        }
        match request.header("range").and_then(|range| range.strip_prefix("bytes=")) {
            None => Reply::ok(&file),
            Some(range) => {
                let start: usize = range.trim_end_matches('-').parse().unwrap();
                let rest = &file[start..];
                let range = format!("bytes {start}-{}/{}", file.len() - 1, file.len());
                let length = rest.len().to_string();
                let headers = [("Content-Range", &*range), ("Content-Length", &*length)];
                Reply::new("206 Partial Content", &headers, rest)
            }
        }
    })
}

/// The head of the whole file, but only half of the body.
fn half(file: &[u8]) -> Reply {
    let length = file.len().to_string();
    let headers = [("Content-Length", &*length), ("ETag", "\"v1\"")];
    Reply::new("200 OK", &headers, &file[..file.len() / 2])
}

#[test]
fn a_good_server_delivers() {
    let setup = Setup::new();
    let file = gzip(&payload());
    let served = file.clone();
    let server = Server::start(move |_, _| Reply::ok(&served));
    let mut arrived = 0;
    let fetched = setup
        .fetcher(&[&server])
        .fetch(&mut |event| match event {
            Event::Started { total, resumed, .. } => {
                assert_eq!((total, resumed), (Some(file.len() as u64), 0));
            }
            Event::Advanced { bytes } => arrived += bytes,
            Event::Fetched { path } => assert!(path.ends_with(PACKED)),
            other => panic!("{other:?}"),
        })
        .unwrap();
    let url = format!("{}/{PACKED}", server.url());
    let bytes = file.len() as u64;
    assert_eq!(fetched, [FetchedFile { path: setup.path(PACKED), bytes, url: Some(url) }]);
    assert_eq!(arrived, file.len() as u64);
    assert_eq!(server.requests()[0].target, format!("/{PACKED}"));
    setup.assert_complete(&file);
}

#[test]
fn redirections_are_followed() {
    let setup = Setup::new();
    let file = gzip(&payload());
    let served = file.clone();
    let server = Server::start(move |request, _| {
        if request.target.starts_with("/moved/") {
            return Reply::ok(&served);
        }
        let location = format!("/moved{}", request.target);
        Reply::new("302 Found", &[("Location", &location), ("Content-Length", "0")], b"")
    });
    setup.fetch(&[&server]).unwrap();
    setup.assert_complete(&file);

    let circle = Server::start(|request, _| {
        Reply::new("302 Found", &[("Location", &request.target), ("Content-Length", "0")], b"")
    });
    let setup = Setup::new();
    let causes = causes(setup.fetch(&[&circle]).unwrap_err());
    assert!(matches!(causes[..], [TransferError::Redirect(_)]), "{causes:?}");
    assert!(setup.names().is_empty());
}

#[test]
fn the_next_mirror_is_asked_after_404_and_first_for_the_next_file() {
    let setup = Setup::new();
    let file = gzip(&payload());
    let served = file.clone();
    let good = Server::start(move |_, _| Reply::ok(&served));
    let missing = Server::start(|_, _| Reply::status("404 Not Found"));
    let proof = Proof::Payload(sha256(&payload()));
    let second = SourceFile { name: "train-images", bytes: payload().len() as u64, proof };
    let files = vec![setup.source.files[0], second].leak();
    let setup = Setup { source: Source { files, ..setup.source }, ..setup };
    setup.fetch(&[&missing, &good]).unwrap();
    assert_eq!(setup.names(), ["train-images.gz", PACKED]);
    assert_eq!(missing.requests().len(), 1, "404 is final, and the good mirror moved to the front");
    assert_eq!(good.requests().len(), 2);
}

#[test]
fn a_server_error_is_tried_again() {
    let setup = Setup::new();
    let file = gzip(&payload());
    let served = file.clone();
    let server = Server::start(move |_, number| match number {
        0 => Reply::status("500 Internal Server Error"),
        1 => Reply::status("429 Too Many Requests"),
        _ => Reply::ok(&served),
    });
    let mut pauses = Vec::new();
    let fetcher = setup.fetcher(&[&server]).pause(Duration::from_millis(2));
    let record = &mut |event: Event<'_>| {
        if let Event::Failed { retry_in, .. } = event {
            pauses.push(retry_in.unwrap().as_millis());
        }
    };
    fetcher.fetch(record).unwrap();
    assert_eq!(pauses, [2, 4]);
    setup.assert_complete(&file);
}

#[test]
fn a_broken_transfer_is_resumed() {
    let setup = Setup::new();
    let file = gzip(&payload());
    let server = with_ranges(file.clone(), half);
    setup.fetch(&[&server]).unwrap();
    setup.assert_complete(&file);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].header("range"), None);
    let range = format!("bytes={}-", file.len() / 2);
    assert_eq!(requests[1].header("range"), Some(&*range));
    assert_eq!(requests[1].header("if-range"), Some("\"v1\""));
}

#[test]
fn a_part_left_by_an_earlier_run_is_resumed() {
    let setup = Setup::new();
    let file = gzip(&payload());
    let server = with_ranges(file.clone(), half);
    let error = setup.fetcher(&[&server]).tries(1).fetch(&mut |_| {}).unwrap_err();
    let (found, expected) = (file.len() as u64 / 2, file.len() as u64);
    assert_eq!(causes(error), [TransferError::CutShort { found, expected }]);
    assert_eq!(setup.names().len(), 1);
    assert!(setup.names()[0].ends_with(".part"), "{:?}", setup.names());
    let mut resumed = None;
    let record = &mut |event: Event<'_>| {
        if let Event::Started { resumed: bytes, .. } = event {
            resumed = Some(bytes);
        }
    };
    setup.fetcher(&[&server]).fetch(record).unwrap();
    assert_eq!(resumed, Some(found));
    setup.assert_complete(&file);
}

#[test]
fn a_server_that_ignores_ranges_starts_over() {
    let setup = Setup::new();
    let file = gzip(&payload());
    let served = file.clone();
    let server = Server::start(move |_, number| match number {
        0 => half(&served),
        _ => Reply::ok(&served),
    });
    setup.fetch(&[&server]).unwrap();
    assert!(server.requests()[1].header("range").is_some());
    setup.assert_complete(&file);
}

#[test]
fn a_wrong_part_is_thrown_away_and_fetched_afresh_once() {
    let setup = Setup::new();
    let file = gzip(&payload());
    let server = with_ranges(file.clone(), half);
    setup.fetcher(&[&server]).tries(1).fetch(&mut |_| {}).unwrap_err();
    let part = setup.path(&setup.names()[0]);
    fs::write(&part, vec![b'x'; file.len() / 2]).unwrap();
    setup.fetch(&[&server]).unwrap();
    setup.assert_complete(&file);
    assert_eq!(server.requests().len(), 3);
    assert_eq!(server.requests()[2].header("range"), None);
}

#[test]
fn a_part_that_was_complete_already_needs_no_byte_more() {
    let setup = Setup::new();
    let file = gzip(&payload());
    let length = file.len();
    let server = Server::start(move |request, number| {
        if number == 0 {
            return half(&vec![0; length]);
        }
        assert_eq!(request.header("range"), Some(&*format!("bytes={length}-")));
        let range = format!("bytes */{length}");
        let headers = [("Content-Range", &*range), ("Content-Length", "0")];
        Reply::new("416 Range Not Satisfiable", &headers, b"")
    });
    setup.fetcher(&[&server]).tries(1).fetch(&mut |_| {}).unwrap_err();
    fs::write(setup.path(&setup.names()[0]), &file).unwrap();
    setup.fetch(&[&server]).unwrap();
    setup.assert_complete(&file);
}

#[test]
fn a_stalled_connection_is_given_up_and_resumed() {
    let setup = Setup::new();
    let file = gzip(&payload());
    let server =
        with_ranges(file.clone(), |file| Reply { hold: Duration::from_secs(3), ..half(file) });
    let mut failures = Vec::new();
    let record = &mut |event: Event<'_>| {
        if let Event::Failed { cause, .. } = event {
            failures.push(cause.clone());
        }
    };
    setup.fetcher(&[&server]).stall_timeout(Duration::from_millis(200)).fetch(record).unwrap();
    assert_eq!(failures, [TransferError::Stalled]);
    setup.assert_complete(&file);

    // A server that never answers at all.
    let setup = Setup::new();
    let silent = Server::start(|_, _| Reply { bytes: Vec::new(), hold: Duration::from_secs(3) });
    let fetcher = setup.fetcher(&[&silent]).stall_timeout(Duration::from_millis(100)).tries(2);
    assert_eq!(causes(fetcher.fetch(&mut |_| {}).unwrap_err()), [TransferError::Stalled]);
    assert_eq!(silent.requests().len(), 2);
}

#[test]
fn wrong_content_is_refused() {
    let other = {
        let mut other = payload();
        *other.last_mut().unwrap() ^= 1;
        gzip(&other)
    };
    let cut = gzip(&payload()[..payload().len() - 1]);
    let damaged = {
        let mut damaged = gzip(&payload());
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0xff;
        damaged
    };
    let bomb = gzip(&vec![0; 20_000_000]);
    let page = b"<html>Please log in to the network</html>".to_vec();
    let cases = [
        (page, "it holds 41 bytes, expected 40008"),
        (cut, "it holds 40007 bytes, expected 40008"),
        (bomb, "it holds more than the expected 40008 bytes"),
        (other, "the SHA-256 of its content is "),
        (damaged, "its gzip data is damaged or cut short ("),
        (gzip(&payload())[..9000].to_vec(), "its gzip data is damaged or cut short ("),
    ];
    for (file, start) in cases {
        let setup = Setup::new();
        let server = Server::start(move |_, _| Reply::ok(&file));
        let causes = causes(setup.fetch(&[&server]).unwrap_err());
        let [TransferError::Content(text)] = &causes[..] else { panic!("{causes:?}") };
        // Which of the two a flipped bit shows as depends on where it hits.
        let flipped = start.starts_with("its gzip") && text.starts_with("the SHA-256");
        assert!(text.starts_with(start) || flipped, "{text}");
        assert_eq!(server.requests().len(), 1, "the same content would come again");
        assert!(setup.names().is_empty(), "{:?}", setup.names());
    }
}

#[test]
fn more_than_the_file_can_be_is_refused() {
    let limit = 40_008 + 40 + (1 << 16);
    let setup = Setup::new();
    let announced = Server::start(|_, _| {
        Reply::new("200 OK", &[("Content-Length", "9000000000000000000")], &[0; 1000])
    });
    let unannounced = Server::start(|_, _| Reply::new("200 OK", &[], &vec![0; 4_000_000]));
    let causes = causes(setup.fetch(&[&announced, &unannounced]).unwrap_err());
    assert_eq!(
        causes,
        [
            TransferError::TooLarge { announced: Some(9_000_000_000_000_000_000), limit },
            TransferError::TooLarge { announced: None, limit },
        ]
    );
    assert!(setup.names().is_empty(), "{:?}", setup.names());
}

#[test]
fn hostile_answers_are_errors() {
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "a".repeat(1 << 20));
    let answers: [&[u8]; 8] = [
        b"",
        b"\x00\xff\xfe nonsense",
        b"HTTP/1.1 999999999999 Odd\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: minus one\r\n\r\n",
        b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-9/1\r\nContent-Length: 5\r\n\r\nabcde",
        b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: gopher://nowhere\r\nContent-Length: 0\r\n\r\n",
        long.as_bytes(),
    ];
    for answer in answers {
        let setup = Setup::new();
        let bytes = answer.to_vec();
        let server =
            Server::start(move |_, _| Reply { bytes: bytes.clone(), hold: Duration::ZERO });
        let causes = causes(setup.fetch(&[&server]).unwrap_err());
        assert_eq!(causes.len(), 1);
        assert!(setup.names().is_empty(), "{:?}", setup.names());
    }
}

#[test]
fn a_verified_file_is_not_fetched_again() {
    let file = gzip(&payload());
    for (name, content) in [(PACKED, &file), (NAME, &payload())] {
        let setup = Setup::new();
        fs::write(setup.path(name), content).unwrap();
        let server = Server::start(|_, _| Reply::status("404 Not Found"));
        let fetched = setup.fetch(&[&server]).unwrap();
        let bytes = content.len() as u64;
        assert_eq!(fetched, [FetchedFile { path: setup.path(name), bytes, url: None }]);
        assert!(server.requests().is_empty());
    }
    // Unless that is asked for; and if that fails, the good file stays.
    let setup = Setup::new();
    fs::write(setup.path(PACKED), &file).unwrap();
    let server = Server::start(|_, _| Reply::status("404 Not Found"));
    setup.fetcher(&[&server]).force(true).fetch(&mut |_| {}).unwrap_err();
    assert_eq!(server.requests().len(), 1);
    setup.assert_complete(&file);
}

#[test]
fn a_damaged_file_is_replaced_by_a_good_one_only() {
    let file = gzip(&payload());
    for (name, good) in [(PACKED, &file), (NAME, &payload())] {
        let setup = Setup::new();
        fs::write(setup.path(name), &good[..good.len() / 3]).unwrap();
        let missing = Server::start(|_, _| Reply::status("404 Not Found"));
        let bad = Server::start(|_, _| Reply::ok(b"bad"));
        setup.fetch(&[&missing, &bad]).unwrap_err();
        assert_eq!(fs::read(setup.path(name)).unwrap(), good[..good.len() / 3]);
        let served = file.clone();
        let server = Server::start(move |_, _| Reply::ok(&served));
        let mut damaged = None;
        let record = &mut |event: Event<'_>| {
            if let Event::Damaged { path, .. } = event {
                damaged = Some(path.to_path_buf());
            }
        };
        setup.fetcher(&[&server]).fetch(record).unwrap();
        assert_eq!(damaged, Some(setup.path(name)));
        assert_eq!(setup.names(), [name]);
        assert_eq!(fs::read(setup.path(name)).unwrap(), *good);
    }
}

#[test]
fn the_hash_of_the_packed_file_is_proof_too() {
    let file = gzip(&payload());
    let setup = Setup { source: source(Proof::Gzip(sha256(&file))), ..Setup::new() };
    let other = {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&payload()).unwrap();
        encoder.finish().unwrap()
    };
    let (good, other) = (file.clone(), other);
    let server = Server::start(move |_, _| Reply::ok(&good));
    let wrapped_anew = Server::start(move |_, _| Reply::ok(&other));
    let found = causes(setup.fetch(&[&wrapped_anew]).unwrap_err());
    assert!(
        matches!(&found[..], [TransferError::Content(text)] if text.starts_with("its SHA-256 is "))
    );
    setup.fetch(&[&server]).unwrap();
    setup.assert_complete(&file);
    setup.fetch(&[&server]).unwrap();
    assert_eq!(server.requests().len(), 1, "the file is proven already");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let setup = Setup::new();
    let file = setup.path("a file");
    fs::write(&file, "").unwrap();
    let folder = file.join("mnist");
    let server = Server::start(|_, _| Reply::status("404 Not Found"));
    let fetcher = Fetcher::new(setup.source, &folder).mirror(server.url());
    let message = fetcher.fetch(&mut |_| {}).unwrap_err().to_string();
    let start = format!("`{}`: cannot create the folder: ", folder.display());
    assert!(message.starts_with(&start), "{message}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_folder_in_the_place_of_the_file_is_named() {
    let setup = Setup::new();
    fs::create_dir(setup.path(PACKED)).unwrap();
    let message = setup.fetch(&[]).unwrap_err().to_string();
    let path = setup.path(PACKED);
    let start = format!("`{}` is a directory, expected an IDX file", path.display());
    assert!(message.starts_with(&start), "{message}");
}

#[test]
fn when_all_fail_each_address_has_its_own_cause() {
    let setup = Setup::new();
    let closed = Server::start(|_, _| Reply::status("404 Not Found"));
    let closed_url = closed.url();
    drop(closed);
    let missing = Server::start(|_, _| Reply::status("404 Not Found"));
    let busy = Server::start(|_, _| Reply::status("503 Service Unavailable"));
    let page = Server::start(|_, _| Reply::ok(b"<html>"));
    let fetcher = setup.fetcher(&[&missing, &busy, &page]).mirror(&closed_url);
    let message = fetcher.fetch(&mut |_| {}).unwrap_err().to_string();
    let [missing, busy, page] = [missing, busy, page].map(|server| server.url());
    let start = format!(
        "no mirror delivered `{PACKED}` of test:\n  \
         {missing}/{PACKED}: the server answered 404 (Not Found)\n  \
         {busy}/{PACKED}: the server answered 503 (Service Unavailable)\n  \
         {page}/{PACKED}: not the published file: it holds 6 bytes, expected 40008\n  \
         {closed_url}/{PACKED}: cannot connect: tcp connect error: Connection refused"
    );
    assert!(message.starts_with(&start), "{message}");
    let end = format!(
        "\ntry again later, name another mirror, or get the files by hand: put them, as .gz or unpacked, \
         into `{}` under their usual names and run the command again to have them verified",
        setup.folder.path().display()
    );
    assert!(message.ends_with(&end), "{message}");
}

#[test]
fn a_mirror_that_is_no_address_is_named() {
    let setup = Setup::new();
    for (url, cause) in [
        ("mnist.example", "relative URL without a base"),
        ("ftp://mnist.example", "`ftp` is not http or https"),
    ] {
        let error = setup.fetcher(&[]).mirror(url).fetch(&mut |_| {}).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "mirror `{url}` is not an address ({cause}): expected e.g. `https://example.org/mnist/`"
            )
        );
    }
}

#[test]
fn two_processes_do_not_write_the_same_file() {
    let setup = Setup::new();
    let server = with_ranges(gzip(&payload()), half);
    setup.fetcher(&[&server]).tries(1).fetch(&mut |_| {}).unwrap_err();
    let part = setup.path(&setup.names()[0]);
    let lock = fs::File::open(&part).unwrap();
    lock.lock().unwrap();
    let error = setup.fetch(&[&server]).unwrap_err();
    assert!(
        matches!(&error, Error::Download(DownloadError::Busy { path }) if *path == part),
        "{error}"
    );
    assert_eq!(
        error.to_string(),
        format!(
            "`{}` is locked: another process is fetching this file; wait for it to end",
            part.display()
        )
    );
    drop(lock);
    setup.fetch(&[&server]).unwrap();
}

/// Runs itself again with proxy variables set: a process should not change its own.
#[test]
fn the_proxy_variables_are_honoured() {
    const CHILD: &str = "DATASETS_TEST_FETCH_INTO";
    const MIRROR: &str = "http://mirror.invalid/mnist";
    if let Some(folder) = std::env::var_os(CHILD) {
        let fetcher = Fetcher::new(by_payload(), Path::new(&folder)).mirror(MIRROR).tries(1);
        fetcher.fetch(&mut |_| {}).unwrap();
        return;
    }
    let setup = Setup::new();
    let file = gzip(&payload());
    let served = file.clone();
    let proxy = Server::start(move |_, _| Reply::ok(&served));
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_proxy_variables_are_honoured"])
        .env(CHILD, setup.folder.path())
        .env("http_proxy", proxy.url())
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
    assert_eq!(proxy.requests()[0].target, format!("{MIRROR}/{PACKED}"));
    setup.assert_complete(&file);
}
