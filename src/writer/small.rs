//! Small files that are there whole or not at all, and take nobody's place meanwhile.

use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use super::WriteError;
use super::target::resolved;

/// Puts a small file in its place, whole or not at all. A link stays a link.
///
/// # Errors
/// If it can't be written.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    let failed = |source| WriteError::Io {
        path: path.to_owned(),
        source,
    };
    let target = resolved(path);
    let mut file = beside(&target).map_err(failed)?;
    file.write_all(content).map_err(failed)?;
    match file.persist(&target) {
        Ok(_) => Ok(()),
        Err(error) => Err(failed(error.error)),
    }
}

/// Can [`replace`] put a file there?
///
/// # Errors
/// If not.
pub(crate) fn probe(path: &Path) -> Result<(), WriteError> {
    // It goes as it came.
    match beside(&resolved(path)) {
        Ok(_) => Ok(()),
        Err(source) => Err(WriteError::Io {
            path: path.to_owned(),
            source,
        }),
    }
}

/// A file of a name that nobody has, in the same folder; it may be read by all whom the user lets.
fn beside(target: &Path) -> std::io::Result<NamedTempFile> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".crossfill-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_touched() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let part = dir.path().join("a.part");
        std::fs::write(&part, "somebody's own").unwrap();
        probe(&path).unwrap();
        assert!(!path.exists());
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read(&part).unwrap(), b"somebody's own");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
        assert!(probe(&dir.path().join("none/a")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_even_to_what_is_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let (link, target) = (dir.path().join("link"), dir.path().join("target"));
        std::os::unix::fs::symlink("target", &link).unwrap();
        replace(&link, b"one").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&target).unwrap(), b"one");
    }
}
