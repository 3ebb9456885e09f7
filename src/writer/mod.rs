//! The last stage: rendered chunks, in input order, into the output and the files beside it.

mod early;
mod small;
mod target;

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub(crate) use small::{probe, replace};
pub(crate) use target::{Place, Target, part_of, resolved};

/// Why output can't be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The operating system says no.
    #[error("cannot write `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another run writes there.
    #[error("another run ({holder}) is writing `{}`", path.display())]
    Held {
        /// The part file.
        path: PathBuf,
        /// Who, as far as can be told.
        holder: String,
    },
    /// What was written was taken away meanwhile.
    #[error("`{}` was removed while it was written to", path.display())]
    Removed {
        /// The part file, or its folder.
        path: PathBuf,
    },
    /// A file that the run writes is one of the inputs.
    #[error("`{}`, which belongs to the output, is one of the inputs", path.display())]
    Input {
        /// The file.
        path: PathBuf,
    },
    /// A further file that the run is to write is one of its own, or an input.
    #[error("`{}` is already an input or an output of this run", path.display())]
    Taken {
        /// The file.
        path: PathBuf,
    },
    /// What is there is nothing that may be replaced.
    #[error("`{}` is there already, and is {kept}: it is not replaced", path.display())]
    Kept {
        /// The file.
        path: PathBuf,
        /// What it is, or is not.
        kept: &'static str,
    },
    /// Whoever read the output has had enough.
    #[error("the output was closed")]
    Closed,
}

/// The lines that a chunk leaves, for each file.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pub(crate) output: Vec<u8>,
    pub(crate) rejects: Vec<u8>,
    pub(crate) review: Vec<u8>,
}

impl Lines {
    /// Bytes held.
    pub(crate) fn len(&self) -> usize {
        self.output.len() + self.rejects.len() + self.review.len()
    }
}

/// The output and what lies beside it.
pub(crate) struct Writer {
    output: Target,
    rejects: Aside,
    review: Aside,
}

/// A file that is there only if something is in it.
struct Aside {
    /// None beside a stream: then there is no place for it.
    path: Option<PathBuf>,
    target: Option<Target>,
}

impl Aside {
    fn write(&mut self, lines: &[u8]) -> Result<(), WriteError> {
        let Some(path) = self.path.as_ref().filter(|_| !lines.is_empty()) else {
            return Ok(());
        };
        let target = match &mut self.target {
            Some(target) => target,
            none => none.insert(Target::file(path)?),
        };
        target.write(lines)
    }

    fn finish(self) -> Result<(), WriteError> {
        match (self.target, self.path) {
            (Some(target), _) => target.finish(),
            // What an earlier run left there would be taken for this one's.
            (None, Some(path)) => [target::part_of(&path), path]
                .into_iter()
                .try_for_each(|path| match std::fs::remove_file(&path) {
                    Err(source) if source.kind() != io::ErrorKind::NotFound => {
                        Err(WriteError::Io { path, source })
                    }
                    _ => Ok(()),
                }),
            (None, None) => Ok(()),
        }
    }
}

impl Writer {
    /// Opens the output; nothing that is there is touched before [`Writer::finish`].
    ///
    /// # Errors
    /// If it can't be written, or if another run writes it.
    pub(crate) fn open(place: &Place) -> Result<Self, WriteError> {
        let aside = |name: &str| Aside {
            path: place.beside(name),
            target: None,
        };
        Ok(Self {
            rejects: aside("rejects.jsonl"),
            review: aside("review.jsonl"),
            output: Target::open(place)?,
        })
    }

    /// Writes to a program's own `writer`; what else there is to write has no place.
    pub(crate) fn given(writer: impl io::Write + Send + 'static) -> Self {
        let nowhere = || Aside {
            path: None,
            target: None,
        };
        Self {
            rejects: nowhere(),
            review: nowhere(),
            output: Target::stream("output".into(), Box::new(writer)),
        }
    }

    /// Writes what a chunk leaves. Rejects first: an output that was closed must not cost them.
    pub(crate) fn write(&mut self, lines: &Lines) -> Result<(), WriteError> {
        self.rejects.write(&lines.rejects)?;
        self.review.write(&lines.review)?;
        self.output.write(&lines.output)
    }

    /// Lets whoever follows the output see what was written so far.
    pub(crate) fn flush(&mut self) -> Result<(), WriteError> {
        self.output.flush()
    }

    /// Where the unfinished output lies, for messages.
    pub(crate) fn part(&self) -> Option<&Path> {
        self.output.part()
    }

    /// All is written: the output moves to its place.
    pub(crate) fn finish(self) -> Result<(), WriteError> {
        self.rejects.finish()?;
        self.review.finish()?;
        self.output.finish()
    }
}
