//! What was named: a DOI, or a place in a file.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::doi::{Doi, DoiError};
use crate::source::{Source, SourceError};

/// What to show.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A DOI, in the case in which it was written.
    Doi(Box<str>),
    /// The record at this line, or the only one.
    Record { source: Source, line: Option<u64> },
}

/// Why it can't be told what to show.
#[derive(Debug, Error)]
pub(crate) enum TargetError {
    /// No such file, or none that can be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("`{0}` is a folder")]
    Folder(String),
    #[error("`{line}` is no line of `{file}`: lines are counted from 1")]
    Line { file: String, line: String },
    #[error("`{text}` is neither a DOI ({why}) nor a file and a line of it")]
    Neither { text: String, why: DoiError },
}

impl Target {
    /// Reads `10.…/…`, a link to a DOI, `FILE`, `FILE:LINE`, `-` or `-:LINE`. A file that is there is
    /// that file, whatever its name looks like; then what is before the last colon.
    ///
    /// # Errors
    /// If it is none of these, or the file is not there.
    pub(crate) fn parse(named: &Path) -> Result<Self, TargetError> {
        let file = |path: &Path, line| Self::Record {
            source: match path.as_os_str() == "-" {
                true => Source::Stdin,
                false => Source::File {
                    path: path.to_owned(),
                    named: true,
                },
            },
            line,
        };
        let is_there = |path: &Path| path.as_os_str() == "-" || path.exists();
        if named.is_dir() {
            return Err(TargetError::Folder(named.display().to_string()));
        }
        if is_there(named) {
            return Ok(file(named, None));
        }
        let text = named.to_string_lossy();
        let split = last_colon(named);
        if let Some((path, line)) = &split
            && is_there(path)
        {
            if path.is_dir() {
                return Err(TargetError::Folder(path.display().to_string()));
            }
            return match line.parse() {
                Ok(line @ 1..) => Ok(file(path, Some(line))),
                _ => Err(TargetError::Line {
                    file: path.display().to_string(),
                    line: line.clone(),
                }),
            };
        }
        let found = Doi::find_as_written(&text);
        let place = split.filter(|(_, line)| line.parse::<u64>().is_ok());
        match (found, place) {
            (Ok((_, written)), _) if Doi::is_whole(&text) => Ok(Self::Doi(written)),
            (_, Some((path, _))) if !text.contains("://") => Err(absent(&path)),
            (Ok((_, written)), _) => Ok(Self::Doi(written)),
            (Err(DoiError::NotFound), _) if is_path(&text) => Err(absent(named)),
            (Err(why), _) => Err(TargetError::Neither {
                text: text.into_owned(),
                why,
            }),
        }
    }
}

/// What is before the last colon, and what is behind it.
fn last_colon(named: &Path) -> Option<(PathBuf, String)> {
    let bytes = named.as_os_str().as_encoded_bytes();
    let at = bytes.iter().rposition(|byte| *byte == b':')?;
    let line = std::str::from_utf8(&bytes[at + 1..]).ok()?;
    Some((before(named, at), line.to_owned()))
}

/// The first `count` bytes of a path, which end before a colon.
#[cfg(unix)]
fn before(path: &Path, count: usize) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    let bytes = path.as_os_str().as_bytes();
    std::ffi::OsStr::from_bytes(&bytes[..count]).into()
}

#[cfg(not(unix))]
fn before(path: &Path, count: usize) -> PathBuf {
    let text = path.to_string_lossy();
    text.get(..count).unwrap_or_default().into()
}

/// Was a file meant?
fn is_path(text: &str) -> bool {
    let path = Path::new(text);
    path.extension().is_some() || path.components().count() > 1
}

fn absent(path: &Path) -> TargetError {
    let source = path.metadata().err();
    TargetError::Source(SourceError::Unreadable {
        path: path.to_owned(),
        source: source.unwrap_or_else(|| io::ErrorKind::NotFound.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_first_then_lines_then_dois() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.jsonl", "b:7", "b", "10.5555"] {
            std::fs::write(folder.path().join(name), "{}").unwrap();
        }
        std::fs::create_dir(folder.path().join("d")).unwrap();
        let told = |name: &str| match Target::parse(&folder.path().join(name)) {
            Ok(Target::Record {
                source: Source::File { path, .. },
                line,
            }) => {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                format!("{name} {line:?}")
            }
            Ok(other) => format!("{other:?}"),
            Err(error) => {
                let folder = format!("{}/", folder.path().display());
                error.to_string().replace(&folder, "")
            }
        };
        assert_eq!(told("a.jsonl"), "a.jsonl None");
        assert_eq!(told("a.jsonl:12"), "a.jsonl Some(12)");
        assert_eq!(told("b:7"), "b:7 None");
        assert_eq!(told("b:7:3"), "b:7 Some(3)");
        assert_eq!(told("b:8"), "b Some(8)");
        assert_eq!(told("d"), "`d` is a folder");
        assert_eq!(told("d:3"), "`d` is a folder");
        let counted = "is no line of `a.jsonl`: lines are counted from 1";
        assert_eq!(told("a.jsonl:0"), format!("`0` {counted}"));
        assert_eq!(told("a.jsonl:x"), format!("`x` {counted}"));
        assert!(told("c.jsonl:3").starts_with("cannot read `c.jsonl`: "));
        assert!(told("c.jsonl").starts_with("cannot read `c.jsonl`: "));
    }

    #[test]
    fn dois_are_told_in_the_case_in_which_they_were_written() {
        for (named, written) in [
            ("10.5555/ABC", "10.5555/ABC"),
            ("10.5555/abc:17", "10.5555/abc:17"),
            ("https://doi.org/10.5555/Abc", "10.5555/Abc"),
            ("https://example.org:80/10.5555/abc", "10.5555/abc"),
            ("doi:10.5555/abc", "10.5555/abc"),
        ] {
            let target = Target::parse(Path::new(named)).unwrap();
            assert_eq!(target, Target::Doi(written.into()), "{named}");
        }
        for named in ["nonsense", "10/abc", "10.55/x y"] {
            let error = Target::parse(Path::new(named)).unwrap_err().to_string();
            assert!(error.contains("neither a DOI"), "{error}");
        }
        assert!(matches!(
            Target::parse(Path::new("-:3")),
            Ok(Target::Record {
                source: Source::Stdin,
                line: Some(3)
            })
        ));
    }
}
