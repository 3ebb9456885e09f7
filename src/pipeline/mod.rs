//! Joins the stages: reader → resolver → enricher → writer, by bounded channels and nowhere else.
//!
//! The reader's thread sends chunks; each becomes a task that works on it, waits for what must be
//! asked, and works on it again; a queue of tasks in input order restores the order; the writer's
//! thread writes. Back-pressure is the only memory plan: a chunk is admitted when there is room in the
//! window, which it holds until it is written, and a place for its first pass.

mod chunk;
mod options;
mod task;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::buffers;
use crate::crossref::Client;
use crate::event::{Phase, Progress, Tally};
use crate::reader::{self, Chunk, ReadError};
use crate::resolver::{self, Resolver, Stop};
use crate::source::{Given, Source, expand};
use crate::store::Store;
use crate::writer::{Lines, Place, Target, WriteError, Writer, part_of, resolved};
use chunk::Context;
pub use options::{Options, RunError};
use task::{ChunkTask, Cores, Finished, Flow, WINDOW, admit};

/// So long the last lines may take to be written when a run ends early.
const LAST_LINES: Duration = Duration::from_secs(2);

/// What is in flight when the user stops may take so long to arrive.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// A run that is ready to start: all that can be wrong beforehand was checked.
pub struct Pipeline {
    sources: Vec<Source>,
    place: Place,
    writer: Writer,
    context: Arc<Context>,
    resolver: Arc<Resolver>,
    progress: Arc<Progress>,
    max_record: usize,
    total: Option<u64>,
    require_input: bool,
}

impl Pipeline {
    /// Checks inputs and output and sets the stages up.
    ///
    /// # Errors
    /// If an input can't be read or is in no known format, if there is none, if the output can't be
    /// written, is one of the inputs or is being written by another run.
    pub fn new(
        options: Options,
        store: Arc<Store>,
        progress: Arc<Progress>,
    ) -> Result<Self, RunError> {
        let sources = expand(&options.inputs)?;
        let target = Place::of(&options.output);
        // A run that would not begin is no better dry.
        refuse_inputs(&target, &sources)?;
        let place = match options.dry_run {
            true => Place::Nowhere,
            false => target,
        };
        for source in &sources {
            reader::check(source)?;
        }
        let open = |place: &Place| Writer::open(place);
        Self::joined(sources, place, open, options, store, progress)
    }

    /// From a reader of your own, in any format that a file may have, to a writer of your own: JSON
    /// Lines, a line a record. Parts of the input that are no records are told as warnings. What
    /// `options` says of inputs and output is left aside.
    ///
    /// ```
    /// use std::{fs::File, path::Path, sync::Arc};
    /// use crossfill::config::{self, Overrides, Settings};
    /// use crossfill::{Answer, Doi, Options, Pipeline, Progress, Store};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// let store = Arc::new(Store::open(folder)?);
    /// # let (doi, json) = (Doi::parse("10.5555/12345678")?, r#"{"DOI":"10.5555/12345678","volume":"5"}"#.into());
    /// # store.commit(&[Answer::Work { doi, json, whole: false }], 1_700_000_000)?;
    /// let over = Overrides { inputs: vec!["-".into()], offline: true, ..Overrides::default() };
    /// let settings = Settings::new(config::File::default(), Path::new(""), over)?;
    ///
    /// let reader = &b"doi,volume\nhttps://doi.org/10.5555/12345678,\n"[..];
    /// let writer = File::create(folder.join("enriched.jsonl"))?;
    /// let options = Options::from(&settings);
    /// let tally = Pipeline::between(reader, writer, options, store, Arc::new(Progress::default()))?
    ///     .run()
    ///     .await?;
    ///
    /// assert_eq!((tally.records, tally.values()), (1, 1));
    /// let line = std::fs::read_to_string(folder.join("enriched.jsonl"))?;
    /// assert!(line.starts_with(r#"{"doi":"https://doi.org/10.5555/12345678","volume":"5""#));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there can't be a client.
    pub fn between(
        reader: impl Read + Send + 'static,
        writer: impl Write + Send + 'static,
        options: Options,
        store: Arc<Store>,
        progress: Arc<Progress>,
    ) -> Result<Self, RunError> {
        let sources = vec![Source::Given(Given::new(reader))];
        let open = |_: &Place| Ok(Writer::given(writer));
        let place = Place::Stream("output".into());
        Self::joined(sources, place, open, options, store, progress)
    }

    fn joined(
        sources: Vec<Source>,
        place: Place,
        open: impl FnOnce(&Place) -> Result<Writer, WriteError>,
        options: Options,
        store: Arc<Store>,
        progress: Arc<Progress>,
    ) -> Result<Self, RunError> {
        let client = Client::new(&options.client)?;
        let resolver = Resolver::new(
            client,
            Arc::clone(&store),
            resolver::Options {
                batch: options.batch,
                max_outage: options.max_outage,
                ages: options.ages,
                jitter: fastrand::f64,
                max_requests: options.max_requests,
                max_time: options.max_time,
            },
            Arc::clone(&progress),
        );
        let sizes = sources.iter().map(Source::len);
        Ok(Self {
            total: sizes.sum(),
            require_input: options.require_input,
            writer: open(&place)?,
            context: Arc::new(Context {
                store,
                progress: Arc::clone(&progress),
                mapping: options.mapping,
                ages: options.ages,
                offline: options.offline,
                limit: options.limit,
                tell_rejects: !options.dry_run && place.beside("rejects.jsonl").is_none(),
            }),
            resolver: Arc::new(resolver),
            max_record: options.max_record,
            sources,
            place,
            progress,
        })
    }

    /// Bytes of all inputs on disk; `None` if one has no size.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total
    }

    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        self.sources.len()
    }

    /// A file beside the output, `None` if the output is a stream.
    pub fn beside(&self, name: &str) -> Option<PathBuf> {
        self.place.beside(name)
    }

    /// Refuses a further file to be written if that would not be possible, or if it is an input or
    /// belongs to the output: better known now than in some hours.
    ///
    /// # Errors
    /// If it is so.
    pub(crate) fn refuse(&self, path: &Path) -> Result<(), RunError> {
        let inputs = self.sources.iter().filter_map(|source| match source {
            Source::Stdin | Source::Given(_) => None,
            Source::File { path, .. } => Some(path.clone()),
        });
        let place = Place::of(path);
        let streams = self.place == Place::Stdout && place == Place::Stdout;
        let wanted = [resolved(path), resolved(&part_of(path))];
        let is_taken = |own: PathBuf| wanted.contains(&resolved(&own));
        let mut own = inputs.chain(self.place.files());
        if streams || own.any(is_taken) {
            let path = path.to_owned();
            return Err(RunError::Write(WriteError::Taken { path }));
        }
        if let Place::File(path) = place {
            // It leaves nothing, for nothing is written.
            drop(Target::file(&path)?);
        }
        Ok(())
    }

    /// What messages call the output.
    pub fn output_name(&self) -> String {
        self.place.name()
    }

    /// Where the output lies until it is whole.
    pub fn part(&self) -> Option<PathBuf> {
        self.writer.part().map(ToOwned::to_owned)
    }

    /// For stopping and asking about the run while it goes on.
    pub fn handle(&self) -> Handle {
        Handle(Arc::clone(&self.resolver))
    }

    /// Runs to the end of the input.
    ///
    /// # Errors
    /// If the run could not go on. What was answered is kept, and the output is left as it was.
    pub async fn run(self) -> Result<Tally, RunError> {
        let asking = tokio::spawn(Arc::clone(&self.resolver).run());
        let outcome = self.stages().await;
        let (resolver, progress) = outcome.1;
        // Nothing is asked for any more; what is in flight is worth keeping.
        resolver.stop(Stop::Interrupted);
        let _arrived = tokio::time::timeout(LAST_ANSWERS, asking).await;
        outcome.0.map(|()| progress.tally())
    }

    async fn stages(self) -> (Result<(), RunError>, (Arc<Resolver>, Arc<Progress>)) {
        let shared = (Arc::clone(&self.resolver), Arc::clone(&self.progress));
        let (chunk_sender, mut chunks) = mpsc::channel(1);
        let reading = read_on_thread(self.sources, self.max_record, &self.progress, chunk_sender);
        let (line_sender, lines) = mpsc::channel(1);
        let writing = write_on_thread(self.writer, lines, Arc::clone(&self.progress));

        // One more: while a chunk is handed on, the next is at work already.
        let places = cores() + 1;
        let cores = Cores {
            first: Arc::new(Semaphore::new(places)),
            again: Arc::new(Semaphore::new(cores())),
        };
        let window = Arc::new(Semaphore::new(WINDOW as usize));
        let flow = Arc::new(Flow::new(places));
        let mut tasks: FuturesOrdered<JoinHandle<Finished>> = FuturesOrdered::new();
        let (mut number, mut first) = (0, 0);
        // The chunk that was read last, until there is room and a core for it.
        let mut next: Option<Chunk> = None;
        let mut reading_done = false;
        let result = loop {
            if reading_done && next.is_none() && tasks.is_empty() {
                break Ok(());
            }
            tokio::select! {
                biased;
                stop = self.resolver.stopped() => break Err(RunError::Stopped(stop)),
                Some(done) = tasks.next(), if !tasks.is_empty() => {
                    let (lines, tally, room) = match done {
                        Ok(Ok(finished)) => finished,
                        Ok(Err(error)) => break Err(error),
                        Err(error) => break Err(RunError::Broken(error.to_string())),
                    };
                    let bytes = lines.len();
                    let sent = tokio::select! {
                        biased;
                        sent = line_sender.send((lines, tally)) => sent,
                        stop = self.resolver.stopped() => break Err(RunError::Stopped(stop)),
                    };
                    drop(room);
                    flow.written(bytes);
                    // A writer that has gone says why below.
                    if sent.is_err() {
                        break Ok(());
                    }
                }
                // Not before a core is free: what was read would only lie there.
                chunk = chunks.recv(),
                    if next.is_none() && !reading_done && cores.first.available_permits() > 0 => {
                    reading_done = chunk.is_none();
                    next = chunk;
                }
                // In input order: the first chunk of all that are in work always has its room.
                (room, core) = admit(&window, &cores, next.as_ref()),
                    if next.is_some() && flow.admits() => {
                    let Some(chunk) = next.take() else { continue };
                    flow.begins(chunk.items.len());
                    let task = ChunkTask {
                        context: Arc::clone(&self.context),
                        resolver: Arc::clone(&self.resolver),
                        again: Arc::clone(&cores.again),
                        flow: Arc::clone(&flow),
                        number,
                        first,
                    };
                    number += 1;
                    first += chunk.items.len() as u64;
                    self.progress.read.store(first, Ordering::Relaxed);
                    tasks.push_back(tokio::spawn(task.run(chunk, core, room)));
                }
                () = flow.changed.notified() => {}
            }
        };
        drop(tasks);
        drop(line_sender);
        drop(chunks);
        // A reader of our output that has stopped reading must not keep us.
        let patience = if result.is_ok() {
            Duration::MAX
        } else {
            LAST_LINES
        };
        let written = match tokio::time::timeout(patience, writing).await {
            Ok(Ok(written)) => written.map_err(RunError::from),
            Ok(Err(error)) => Err(RunError::Broken(error.to_string())),
            Err(_) => Err(RunError::Broken("the output is stuck".to_owned())),
        };
        let result = match (result, written) {
            // The reader may still wait for an input that never comes: nobody waits for it.
            (Err(error), _) | (Ok(()), Err(error)) => Err(error),
            (Ok(()), Ok(writer)) => match reading.await {
                Ok(Ok(()))
                    if self.require_input
                        && self.progress.with_tally(|tally| tally.records) == 0 =>
                {
                    Err(RunError::Empty {
                        rejects: self.progress.with_tally(|tally| tally.rejects),
                    })
                }
                Ok(Ok(())) => finish(writer).await,
                Ok(Err(error)) => Err(error.into()),
                Err(_) => Err(RunError::Broken("the reader ended early".to_owned())),
            },
        };
        (result, shared)
    }
}

/// Stops a run, and tells about it.
#[derive(Clone, Debug)]
pub struct Handle(Arc<Resolver>);

impl Handle {
    /// Asks nobody any more; the run ends as soon as what is in flight has arrived.
    pub fn interrupt(&self) {
        self.0.stop(Stop::Interrupted);
    }

    /// Requests a second that are allowed now: lists and singles.
    pub fn allowed(&self) -> (f64, f64) {
        self.0.allowed()
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

fn read_on_thread(
    sources: Vec<Source>,
    max_record: usize,
    progress: &Arc<Progress>,
    sender: mpsc::Sender<Chunk>,
) -> oneshot::Receiver<Result<(), ReadError>> {
    let progress = Arc::clone(progress);
    let (done, reading) = oneshot::channel();
    // Not one of the runtime's threads: it may hang in an endless pipe when all else is over.
    std::thread::spawn(move || {
        let mut since = Instant::now();
        let mut give = |chunk| {
            progress.spent(Phase::Reading, since.elapsed());
            let given = sender.blocking_send(chunk).is_ok();
            since = Instant::now();
            given
        };
        let outcome = reader::read(&sources, max_record, &progress.bytes, &mut give);
        progress.spent(Phase::Reading, since.elapsed());
        drop(done.send(outcome));
    });
    reading
}

fn write_on_thread(
    mut writer: Writer,
    mut lines: mpsc::Receiver<(Lines, Box<Tally>)>,
    progress: Arc<Progress>,
) -> JoinHandle<Result<Writer, WriteError>> {
    tokio::task::spawn_blocking(move || {
        while let Some((lines_of_chunk, tally)) = lines.blocking_recv() {
            let start = Instant::now();
            writer.write(&lines_of_chunk)?;
            buffers::give(lines_of_chunk.output);
            if lines.is_empty() {
                writer.flush()?;
            }
            progress.spent(Phase::Writing, start.elapsed());
            progress.add(*tally);
        }
        Ok(writer)
    })
}

async fn finish(writer: Writer) -> Result<(), RunError> {
    match tokio::task::spawn_blocking(move || writer.finish()).await {
        Ok(finished) => Ok(finished?),
        Err(error) => Err(RunError::Broken(error.to_string())),
    }
}

/// An output that is also read would be read while it is written.
fn refuse_inputs(place: &Place, sources: &[Source]) -> Result<(), WriteError> {
    // As with `crossfill in.jsonl >> in.jsonl`: it would never end.
    if *place == Place::Stdout
        && let Ok(stdout) = same_file::Handle::stdout()
        && stdout.as_file().metadata().is_ok_and(|meta| meta.is_file())
    {
        for source in sources {
            if let Source::File { path, .. } = source
                && same_file::Handle::from_path(path).is_ok_and(|file| file == stdout)
            {
                return Err(WriteError::Input { path: path.clone() });
            }
        }
    }
    for written in place.files() {
        let Ok(written) = written.canonicalize() else {
            continue;
        };
        let is_input = sources.iter().any(|source| match source {
            Source::Stdin | Source::Given(_) => false,
            Source::File { path, .. } => path.canonicalize().is_ok_and(|path| path == written),
        });
        if is_input {
            return Err(WriteError::Input { path: written });
        }
    }
    Ok(())
}
