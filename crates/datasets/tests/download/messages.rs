//! What is told of a fetch that fails, word for word.

use crate::server::{Reply, Server};
use crate::{NAME, PACKED, Setup, gzip, half, payload};
use datasets::download::{DownloadError, Event};
use std::fs;
use std::time::Duration;

/// What is told of a server that each try fails with, and what was reported before.
fn told(setup: &Setup, server: &Server, tries: u32) -> (Vec<String>, String) {
    let mut failures = Vec::new();
    let fetcher = setup.fetcher(&[server]).tries(tries).stall_timeout(Duration::from_millis(150));
    let record = &mut |event: Event<'_>| {
        if let Event::Failed { cause, .. } = event {
            failures.push(cause.to_string());
        }
    };
    let message = fetcher.fetch(record).unwrap_err().to_string();
    let start = format!("no mirror delivered `{PACKED}` of test:\n  {}/{PACKED}: ", server.url());
    let end = format!(
        "\ntry again later, name another mirror, or get the files by hand: put them, as .gz or \
         unpacked, into `{}` under their usual names and run the command again to have them verified",
        setup.folder.path().display()
    );
    let cause = message.strip_prefix(&start).and_then(|rest| rest.strip_suffix(&end));
    (failures, cause.unwrap_or_else(|| panic!("{message}")).to_owned())
}

#[test]
fn every_failure_of_a_transfer() {
    let file = gzip(&payload());
    let (length, middle) = (file.len(), file.len() / 2);
    let circle = Server::start(|request, _| {
        Reply::new("302 Found", &[("Location", &request.target), ("Content-Length", "0")], b"")
    });
    let silent =
        Server::start(|_, _| Reply { bytes: Vec::new(), hold: Duration::from_millis(600) });
    let stalls = {
        let file = file.clone();
        Server::start(move |_, _| Reply { hold: Duration::from_millis(600), ..half(&file) })
    };
    let breaks = {
        let file = file.clone();
        Server::start(move |_, _| half(&file))
    };
    let announced = Server::start(|_, _| {
        Reply::new("200 OK", &[("Content-Length", "9000000000000000000")], &[0; 1000])
    });
    let endless = Server::start(|_, _| Reply::new("200 OK", &[], &vec![0; 4_000_000]));
    let elsewhere = Server::start(|_, _| {
        let range = [("Content-Range", "bytes 5-9/10"), ("Content-Length", "5")];
        Reply::new("206 Partial Content", &range, b"abcde")
    });
    let odd = Server::start(|_, _| Reply::status("599 Odd"));
    let page = Server::start(|_, _| Reply::ok(b"<html>"));
    let cases = [
        (circle, "the redirections lead nowhere: too many redirects".to_owned()),
        (silent, "the server sent nothing for too long".to_owned()),
        (stalls, "the server sent nothing for too long".to_owned()),
        (breaks, format!("the connection ended after {middle} of {length} bytes")),
        (
            announced,
            "the server announced 9000000000000000000 bytes, expected at most 105584".to_owned(),
        ),
        (endless, "the server kept sending, expected at most 105584".to_owned()),
        (elsewhere, "the server cannot continue the part that was left".to_owned()),
        (odd, "the server answered 599".to_owned()),
        (page, "not the published file: it holds 6 bytes, expected 40008".to_owned()),
    ];
    for (server, cause) in cases {
        let (failures, last) = told(&Setup::new(), &server, 1);
        assert_eq!((failures, last), (vec![cause.clone()], cause));
    }
}

/// The part of another day's file is not continued, and the second try begins anew.
#[test]
fn a_part_that_the_server_cannot_continue() {
    let setup = Setup::new();
    let file = gzip(&payload());
    let server = Server::start(move |request, _| match request.header("range") {
        None => half(&file),
        Some(_) => Reply::new(
            "416 Range Not Satisfiable",
            &[("Content-Range", "bytes */7"), ("Content-Length", "0")],
            b"",
        ),
    });
    let length = gzip(&payload()).len();
    let cut = format!("the connection ended after {} of {length} bytes", length / 2);
    let range = "the server cannot continue the part that was left".to_owned();
    let (failures, last) = told(&setup, &server, 3);
    assert_eq!(failures, [cut.clone(), range, cut.clone()]);
    assert_eq!(last, cut);
}

/// The system's words are compared with what it says when it is asked the same.
#[test]
fn folders_and_files_that_the_system_refuses() {
    let setup = Setup::new();
    let server = Server::start(|_, _| Reply::status("404 Not Found"));
    let file = setup.path("a file");
    fs::write(&file, "").unwrap();
    let folder = file.join("mnist");
    let fetcher = datasets::download::Fetcher::new(setup.source, &folder).mirror(server.url());
    assert_eq!(
        fetcher.fetch(&mut |_| {}).unwrap_err().to_string(),
        format!(
            "`{}`: cannot create the folder: {}",
            folder.display(),
            fs::create_dir_all(&folder).unwrap_err()
        )
    );
    fs::remove_file(&file).unwrap();

    // A directory where the part should be.
    let half = {
        let file = gzip(&payload());
        Server::start(move |_, _| half(&file))
    };
    setup.fetcher(&[&half]).tries(1).fetch(&mut |_| {}).unwrap_err();
    let part = setup.path(&setup.names()[0]);
    fs::remove_file(&part).unwrap();
    fs::create_dir(&part).unwrap();
    assert_eq!(
        setup.fetch(&[&half]).unwrap_err().to_string(),
        format!(
            "`{}`: cannot open the file: {}",
            part.display(),
            fs::OpenOptions::new().write(true).open(&part).unwrap_err()
        )
    );
    fs::remove_dir(&part).unwrap();

    // And one where the file should be.
    fs::create_dir(setup.path(NAME)).unwrap();
    assert_eq!(
        setup.fetch(&[&server]).unwrap_err().to_string(),
        format!(
            "`{}` is a directory, expected an IDX file (plain or gzip): name a file inside it",
            setup.path(NAME).display()
        )
    );
}

#[test]
fn nobody_to_ask() {
    let setup = Setup::new();
    assert_eq!(
        setup.fetch(&[]).unwrap_err().to_string(),
        format!(
            "no mirror is known for `{PACKED}` of test\nname one, or get the files by hand: put them, \
             as .gz or unpacked, into `{}` under their usual names and run the command again to have \
             them verified",
            setup.folder.path().display()
        )
    );
    let error = DownloadError::Client { cause: "no randomness".to_owned() };
    assert_eq!(
        error.to_string(),
        "cannot set up the HTTP client: no randomness; fetch the files with another program"
    );
}
