//! The files of the page, which are part of the program.

use super::http::Response;

const HTML: &str = "text/html";
const CSS: &str = "text/css";
const JAVASCRIPT: &str = "text/javascript";
const SVG: &str = "image/svg+xml";

/// The file that is served at a path: those listed here and no others.
pub(super) fn file(path: &str) -> Option<Response> {
    let (content_type, text) = match path {
        "/" => (HTML, include_str!("page/index.html")),
        "/style.css" => (CSS, include_str!("page/style.css")),
        "/icon.svg" => (SVG, include_str!("page/icon.svg")),
        "/main.js" => (JAVASCRIPT, include_str!("page/main.js")),
        "/server.js" => (JAVASCRIPT, include_str!("page/server.js")),
        "/pad.js" => (JAVASCRIPT, include_str!("page/pad.js")),
        "/reading.js" => (JAVASCRIPT, include_str!("page/reading.js")),
        "/maps.js" => (JAVASCRIPT, include_str!("page/maps.js")),
        "/training.js" => (JAVASCRIPT, include_str!("page/training.js")),
        "/curve.js" => (JAVASCRIPT, include_str!("page/curve.js")),
        "/lesson.js" => (JAVASCRIPT, include_str!("page/lesson.js")),
        _ => return None,
    };
    Some(Response::file(content_type, text))
}
