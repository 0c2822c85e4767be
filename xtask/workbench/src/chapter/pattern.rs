//! What a guide says of a command's output: lines that it prints, in order.

/// The first expected line that `printed` does not have in its place.
///
/// Expected lines follow each other in the output, unless a line `...` between them stands for any
/// number of others; before the first and after the last there may be more. `…` in a line stands for
/// any text. Trailing spaces do not count.
pub(crate) fn missing<'a>(expected: &'a [String], printed: &str) -> Option<&'a str> {
    let printed: Vec<_> = printed.lines().map(str::trim_end).collect();
    let mut next = 0;
    for group in expected.split(|line| line == "...").filter(|group| !group.is_empty()) {
        // Where the most of the group's lines fit, for a message that helps.
        let fits = |start: usize| {
            let lines = group.iter().zip(&printed[start..]);
            lines.take_while(|(expected, printed)| line_fits(expected, printed)).count()
        };
        let best = (next..printed.len()).map(|start| (fits(start), start));
        let best = best.max_by_key(|&(count, start)| (count, std::cmp::Reverse(start)));
        match best {
            Some((count, start)) if count == group.len() => next = start + count,
            Some((count, _)) => return Some(&group[count]),
            None => return Some(&group[0]),
        }
    }
    None
}

fn line_fits(expected: &str, printed: &str) -> bool {
    let mut parts = expected.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(before) = last.replace(part) {
            let Some(place) = rest.find(before) else { return false };
            rest = &rest[place + before.len()..];
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn an_ellipsis_stands_for_any_text() {
        assert!(line_fits("loss 0.1…  (… s)", "loss 0.1788  (1.1 s)"));
        assert!(line_fits("…", ""));
        assert!(line_fits("same", "same"));
        assert!(!line_fits("same", "same, not"));
        assert!(!line_fits("loss 0.1…  (… s)", "loss 0.1788  (1.1 ms) "));
        assert!(!line_fits("a…a", "a"));
    }

    #[test]
    fn lines_follow_each_other_unless_dots_part_them() {
        let printed = "head\none\ntwo \nthree\nfour\n";
        assert_eq!(missing(&lines("one\ntwo\n...\nfour"), printed), None);
        assert_eq!(missing(&lines(""), printed), None);
        assert_eq!(missing(&lines("one\nthree"), printed), Some("three"));
        assert_eq!(missing(&lines("three\n...\none"), printed), Some("one"));
        assert_eq!(missing(&lines("five"), printed), Some("five"));
        assert_eq!(missing(&lines("one"), ""), Some("one"));
    }
}
