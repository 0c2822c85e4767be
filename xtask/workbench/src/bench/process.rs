//! What the system knows about a process: its memory and its page faults. On Linux only;
//! elsewhere nothing is known, and what is not known is not reported.

use std::fs;

/// The running process, or another one by its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(Option<u32>);

impl Process {
    pub(crate) fn this() -> Self {
        Process(None)
    }

    pub(crate) fn of(child: &std::process::Child) -> Self {
        Process(Some(child.id()))
    }

    fn read(self, file: &str) -> Option<String> {
        let number = self.0.map_or("self".to_owned(), |number| number.to_string());
        fs::read_to_string(format!("/proc/{number}/{file}")).ok()
    }

    /// The most memory it ever had, in bytes.
    pub(crate) fn peak_memory(self) -> Option<u64> {
        status(&self.read("status")?, "VmHWM:")
    }

    /// The memory it has, in bytes.
    pub(crate) fn memory(self) -> Option<u64> {
        status(&self.read("status")?, "VmRSS:")
    }

    /// The numbers of the processors that it may use; none where that is not known.
    pub(crate) fn processors(self) -> Vec<usize> {
        let status = self.read("status").unwrap_or_default();
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        list.and_then(|list| numbers(list.trim())).unwrap_or_default()
    }

    /// The page faults so far of all its threads that needed no disk.
    pub(crate) fn page_faults(self) -> Option<u64> {
        minor_faults(&self.read("stat")?)
    }
}

/// The bytes of a line such as `VmHWM:     1920 kB`.
fn status(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// `0-2,5` is 0, 1, 2 and 5.
fn numbers(list: &str) -> Option<Vec<usize>> {
    let mut numbers = Vec::new();
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        numbers.extend(first.parse::<usize>().ok()?..=last.parse().ok()?);
    }
    Some(numbers)
}

/// The tenth field; the second is the program's name in parentheses, with anything inside.
fn minor_faults(text: &str) -> Option<u64> {
    text.rsplit_once(')')?.1.split_whitespace().nth(7)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_files_are_understood() {
        assert_eq!(status("Name: x\nVmHWM:\t    1920 kB\n", "VmHWM:"), Some(1920 * 1024));
        assert_eq!(status("VmHWM: many kB", "VmHWM:"), None);
        assert_eq!(numbers("0-2,5"), Some(vec![0, 1, 2, 5]));
        assert_eq!(numbers("some"), None);
        let stat = "7843 (a) b (c) R 7832 7832 29580 0 -1 4194304 100 0 0 0 0 0";
        assert_eq!(minor_faults(stat), Some(100));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_uses_memory() {
        let this = Process::this();
        let (now, peak) = (this.memory().unwrap(), this.peak_memory().unwrap());
        assert!(now > 100_000 && peak > 100_000, "{now}, {peak}");
        assert!(this.page_faults().unwrap() > 10);
        assert!(!this.processors().is_empty());
    }
}
