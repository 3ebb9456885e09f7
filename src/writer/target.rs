//! One output file: a part file beside it, locked, and moved when whole; or a stream that is
//! written straight.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use same_file::Handle;

use super::WriteError;
use super::early::Early;

/// Large enough that a write costs nothing against what it writes.
const BUFFER: usize = 256 << 10;

/// Where output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Standard output.
    Stdout,
    /// A pipe or device: written straight.
    Stream(PathBuf),
    File(PathBuf),
    /// Nothing is written.
    Nowhere,
}

impl Place {
    /// `-` is standard output; what exists and is no regular file is a stream.
    pub(crate) fn of(path: &Path) -> Self {
        // These name a stream even where it is redirected to a file, which is not ours to replace.
        let own = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
        if own.iter().any(|name| path.as_os_str() == *name) {
            return Self::Stdout;
        }
        // A file system in memory, for files like any other.
        let files = path.starts_with("/dev/shm");
        if !files && (path.starts_with("/dev") || path.starts_with("/proc")) {
            return Self::Stream(path.to_owned());
        }
        match path.metadata() {
            Ok(meta) if !meta.is_file() && !meta.is_dir() => Self::Stream(path.to_owned()),
            // A link stays a link: what it leads to is the target.
            _ => Self::File(match path.symlink_metadata() {
                Ok(meta) if meta.is_symlink() => linked(path),
                _ => path.to_owned(),
            }),
        }
    }

    /// All files that a run may write or remove, for a target in the file system.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let Self::File(path) = self else {
            return Vec::new();
        };
        let asides = ["rejects.jsonl", "review.jsonl", "run.json"];
        let asides = asides.iter().filter_map(|name| self.beside(name));
        let files = std::iter::once(path.clone()).chain(asides);
        files.flat_map(|file| [part_of(&file), file]).collect()
    }

    /// A file beside the output: `OUT.rejects.jsonl` for `OUT.jsonl.gz`. Streams have none.
    pub(crate) fn beside(&self, name: &str) -> Option<PathBuf> {
        let Self::File(path) = self else { return None };
        let file = path.file_name()?.to_string_lossy().into_owned();
        let mut stem = file.as_str();
        for suffix in [".gz", ".zst", ".jsonl"] {
            stem = stem.strip_suffix(suffix).unwrap_or(stem);
        }
        Some(path.with_file_name(format!("{stem}.{name}")))
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdout => "standard output".to_owned(),
            Self::Nowhere => "nowhere".to_owned(),
            Self::Stream(path) | Self::File(path) => path.display().to_string(),
        }
    }
}

/// Where a link leads, even if nothing is there yet.
fn linked(path: &Path) -> PathBuf {
    if let Ok(target) = path.canonicalize() {
        return target;
    }
    match std::fs::read_link(path) {
        Ok(target) => path.parent().unwrap_or(Path::new("")).join(target),
        Err(_) => path.to_owned(),
    }
}

/// Where a file is, or will be, by a path that leads there without links: by it one sees whether two
/// paths are one.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    let target = linked(path);
    let Some(name) = target.file_name() else {
        return target;
    };
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match folder.canonicalize() {
        Ok(folder) => folder.join(name),
        Err(_) => std::path::absolute(&target).unwrap_or(target),
    }
}

/// The part file of `path`.
pub(crate) fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

enum Sink {
    Plain(BufWriter<Box<dyn Write + Send>>),
    Gzip(Box<GzEncoder<BufWriter<Box<dyn Write + Send>>>>),
    Zstd(Box<zstd::Encoder<'static, BufWriter<Box<dyn Write + Send>>>>),
}

impl Sink {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Plain(writer) => writer,
            Self::Gzip(writer) => writer,
            Self::Zstd(writer) => writer,
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut writer) => writer.flush(),
            Self::Gzip(writer) => writer.finish()?.flush(),
            Self::Zstd(writer) => writer.finish()?.flush(),
        }
    }
}

/// An output that is being written.
pub(crate) struct Target {
    path: PathBuf,
    /// `None` once it is finished.
    sink: Option<Sink>,
    empty: bool,
    /// The part file, which holds the lock while it is open; `None` for streams.
    part: Option<(PathBuf, File)>,
}

impl Target {
    /// Opens `place`.
    pub(crate) fn open(place: &Place) -> Result<Self, WriteError> {
        match place {
            Place::Stdout => Ok(Self::stream(
                "standard output".into(),
                Box::new(io::stdout()),
            )),
            Place::Nowhere => Ok(Self::stream("nowhere".into(), Box::new(io::sink()))),
            Place::Stream(path) => {
                let file = OpenOptions::new().write(true).open(path);
                let file = file.map_err(|source| failed(path, source))?;
                Ok(Self::stream(path.clone(), Box::new(file)))
            }
            Place::File(path) => Self::file(path),
        }
    }

    /// A stream; `path` is what messages call it.
    pub(super) fn stream(path: PathBuf, stream: Box<dyn Write + Send>) -> Self {
        Self {
            path,
            sink: Some(Sink::Plain(BufWriter::with_capacity(BUFFER, stream))),
            empty: true,
            part: None,
        }
    }

    /// Opens and locks the part file of `path`.
    pub(crate) fn file(path: &Path) -> Result<Self, WriteError> {
        if path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(failed(path, io::ErrorKind::IsADirectory.into()));
        }
        let part = part_of(path);
        let failed = |source| failed(&part, source);
        if let Some(folder) = part.parent().filter(|folder| !is_here(folder)) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = lock(&part)?;
        let stream = Early::new(file.try_clone().map_err(failed)?);
        let stream: Box<dyn Write + Send> = Box::new(stream);
        let stream = BufWriter::with_capacity(BUFFER, stream);
        let sink = match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz") => Sink::Gzip(Box::new(GzEncoder::new(stream, Compression::default()))),
            Some("zst") => Sink::Zstd(Box::new(zstd::Encoder::new(stream, 3).map_err(failed)?)),
            _ => Sink::Plain(stream),
        };
        Ok(Self {
            path: path.to_owned(),
            sink: Some(sink),
            empty: true,
            part: Some((part, file)),
        })
    }

    pub(crate) fn part(&self) -> Option<&Path> {
        self.part.as_ref().map(|(path, _)| path.as_path())
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.empty &= bytes.is_empty();
        let written = self
            .sink
            .as_mut()
            .map(|sink| sink.writer().write_all(bytes));
        written
            .transpose()
            .map(drop)
            .map_err(|source| self.failed(source))
    }

    /// Streams only: nobody follows a part file.
    pub(crate) fn flush(&mut self) -> Result<(), WriteError> {
        if self.part.is_some() {
            return Ok(());
        }
        let flushed = self.sink.as_mut().map(|sink| sink.writer().flush());
        flushed
            .transpose()
            .map(drop)
            .map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> WriteError {
        failed(self.part().unwrap_or(&self.path), source)
    }

    /// All is written: on disk, then in its place.
    pub(crate) fn finish(mut self) -> Result<(), WriteError> {
        if let Some(sink) = self.sink.take() {
            sink.finish().map_err(|source| self.failed(source))?;
        }
        if let Some((part, file)) = &self.part {
            // Who could read the old one, and nobody else, can read the new one.
            if let Ok(old) = self.path.metadata() {
                let kept = file.set_permissions(old.permissions());
                kept.map_err(|source| failed(part, source))?;
            }
            file.sync_all().map_err(|source| failed(part, source))?;
            // Else what lies there now would be taken for the output.
            if !is_at(file, part).map_err(|source| failed(part, source))? {
                let folder = part.parent().filter(|folder| !is_here(folder));
                return Err(WriteError::Removed {
                    path: folder.unwrap_or(part).to_owned(),
                });
            }
            std::fs::rename(part, &self.path).map_err(|source| failed(&self.path, source))?;
        }
        Ok(())
    }
}

impl Drop for Target {
    /// A run that ended before it wrote anything leaves nothing.
    fn drop(&mut self) {
        if let (true, Some(_), Some((part, _))) = (self.empty, &self.sink, &self.part) {
            drop(std::fs::remove_file(part));
        }
    }
}

fn failed(path: &Path, source: io::Error) -> WriteError {
    if source.kind() == io::ErrorKind::BrokenPipe {
        return WriteError::Closed;
    }
    WriteError::Io {
        path: path.to_owned(),
        source,
    }
}

/// Makes the part file at `part`, locked and new: its birth is the start of the run.
///
/// The lock counts only if the locked file still lies there. Else another run has finished meanwhile,
/// and the file may be its output by now: it must not be touched.
fn lock(part: &Path) -> Result<File, WriteError> {
    let failed = |source| failed(part, source);
    loop {
        let mut options = OpenOptions::new();
        options.write(true).read(true);
        let (file, new) = match options.create_new(true).open(part) {
            Ok(file) => (file, true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                match options.create_new(false).open(part) {
                    Ok(file) => (file, false),
                    // Its run has just finished. (A link to nowhere is there and is not.)
                    Err(error) if error.kind() == io::ErrorKind::NotFound && !part.is_symlink() => {
                        continue;
                    }
                    Err(error) => return Err(failed(error)),
                }
            }
            Err(error) => return Err(failed(error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(WriteError::Held {
                    path: part.to_owned(),
                    holder: holder(&file),
                });
            }
            // File systems without locks exist; two runs there are the user's to avoid.
            Err(TryLockError::Error(error)) => tracing::debug!(%error, "no lock"),
        }
        match (is_at(&file, part).map_err(failed)?, new) {
            (false, _) => {}
            (true, true) => return Ok(file),
            // What a killed run has left there.
            (true, false) => std::fs::remove_file(part).map_err(failed)?,
        }
    }
}

/// Is there such a folder? The empty path is the one that we are in.
fn is_here(folder: &Path) -> bool {
    folder.as_os_str().is_empty() || folder.exists()
}

/// Is `file` what lies at `path`?
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let there = match Handle::from_path(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        there => there?,
    };
    Ok(there == Handle::from_file(file.try_clone()?)?)
}

/// Who holds the lock on `file`, and since when, as far as the system tells.
fn holder(file: &File) -> String {
    let process = match process(file) {
        Some(pid) => format!("process {pid}"),
        None => "a process that cannot be seen from here".to_owned(),
    };
    match file.metadata().and_then(|meta| meta.created()) {
        Ok(since) => format!(
            "{process}, since {}",
            humantime::format_rfc3339_seconds(since)
        ),
        Err(_) => process,
    }
}

/// The process that holds the lock on `file`; none if it is on another machine or in another
/// container, where its number would mean nothing here.
#[cfg(target_os = "linux")]
fn process(file: &File) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let inode = format!(":{}", file.metadata().ok()?.ino());
    // `1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF`
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    locks.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let pid = *fields.get(4)?;
        let held = fields.get(1) == Some(&"FLOCK") && fields.get(5)?.ends_with(&inode);
        // 0 and -1 stand for those that can't be told.
        (held && pid.parse::<i32>().is_ok_and(|pid| pid > 0)).then(|| pid.to_owned())
    })
}

#[cfg(not(target_os = "linux"))]
fn process(_: &File) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_touched_only_when_the_output_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        std::fs::write(&path, "old").unwrap();
        let mut target = Target::file(&path).unwrap();
        target.write(b"new\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        let held = Target::file(&path).err().unwrap();
        assert!(matches!(held, WriteError::Held { .. }), "{held}");
        let born = part_of(&path).metadata().unwrap().created();
        if let Ok(born) = born {
            let since = format!("since {}", humantime::format_rfc3339_seconds(born));
            assert!(held.to_string().contains(&since), "{held}");
        }
        if cfg!(target_os = "linux") {
            assert!(
                held.to_string().contains(&std::process::id().to_string()),
                "{held}"
            );
        }
        target.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new\n");
        assert!(!folder.path().join("out.jsonl.part").exists());
    }

    #[test]
    fn what_a_killed_run_left_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        std::fs::write(part_of(&path), "half a li").unwrap();
        let mut target = Target::file(&path).unwrap();
        target.write(b"line\n").unwrap();
        target.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "line\n");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    /// Many runs begin and end at the same moments: each has the part file for itself, and no
    /// output is touched once it is there.
    #[test]
    fn runs_that_start_together_do_not_harm_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = &folder.path().join("out.jsonl");
        let writers = &std::sync::atomic::AtomicUsize::new(4);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                scope.spawn(move || {
                    for n in 0..300 {
                        let Ok(mut target) = Target::file(path) else {
                            continue;
                        };
                        let line = format!("{thread} {n}\n").repeat(50);
                        target.write(line.as_bytes()).unwrap();
                        target.finish().unwrap();
                    }
                    writers.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
                });
            }
            scope.spawn(move || {
                while writers.load(std::sync::atomic::Ordering::Relaxed) > 0 {
                    let Ok(text) = std::fs::read_to_string(path) else {
                        continue;
                    };
                    let first = text.lines().next().unwrap_or("an empty output");
                    assert_eq!(text, format!("{first}\n").repeat(50));
                }
            });
        });
        assert!(!part_of(path).exists());
    }

    #[test]
    fn files_beside_the_output() {
        let beside = |path: &str| Place::File(path.into()).beside("run.json");
        assert_eq!(beside("a/out.jsonl.gz"), Some("a/out.run.json".into()));
        assert_eq!(beside("out.json"), Some("out.json.run.json".into()));
        assert_eq!(Place::Stdout.beside("run.json"), None);
        assert_eq!(
            Place::of(Path::new("/dev/shm/out.jsonl")),
            Place::File("/dev/shm/out.jsonl".into())
        );
        assert_eq!(
            Place::of(Path::new("/dev/null")),
            Place::Stream("/dev/null".into())
        );
    }

    #[test]
    fn compressed_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["out.jsonl.gz", "out.jsonl.zst"] {
            let path = folder.path().join(name);
            let mut target = Target::file(&path).unwrap();
            target.write(b"line\n").unwrap();
            target.finish().unwrap();
            let source = crate::source::Source::File { path, named: true };
            let mut text = String::new();
            let mut input = crate::source::open(&source, &Default::default()).unwrap();
            io::Read::read_to_string(&mut input, &mut text).unwrap();
            assert_eq!(text, "line\n");
        }
    }
}
