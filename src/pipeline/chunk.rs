//! One chunk through look-up, enrichment and rendering; runs on all cores, one chunk a core.
//!
//! A chunk is worked on until nothing in it waits: once if the store has all its answers, else once
//! more when they have come. The second time everything is in the store, so there is one way
//! through, and an answer is on disk before its record can be written.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use crate::buffers;
use crate::doi::Doi;
use crate::enricher::{self, Enriched, Identity, Mapping, Status};
use crate::event::{Difference, Mismatch, Phase, Progress, RecordPlace, Retraction, Tally};
use crate::json::{self, ObjectWriter, one_line};
use crate::reader::{Chunk, Item, not_json};
use crate::record::{Record, RecordError};
use crate::resolution::{Resolution, Why};
use crate::resolver::{self, Found};
use crate::store::{Ages, Decoder, Store, StoreError};
use crate::work::Work;
use crate::writer::Lines;

/// What all chunks are worked on with.
pub(super) struct Context {
    pub(super) store: Arc<Store>,
    pub(super) progress: Arc<Progress>,
    pub(super) mapping: Mapping,
    pub(super) ages: Ages,
    pub(super) offline: bool,
    /// Records from here on are not asked for.
    pub(super) limit: Option<u64>,
    /// Rejects are told here if there is no file for them.
    pub(super) tell_rejects: bool,
}

/// A chunk that was worked on.
pub(super) enum Worked {
    /// Rendered.
    Done { lines: Lines, tally: Box<Tally> },
    /// These DOIs must be asked first.
    Ask(Vec<Doi>),
}

/// The answers that a chunk has had: of each DOI that was asked, why there is none, if so.
pub(super) type Asked = HashMap<Doi, Option<Why>>;

thread_local! {
    /// Unpacking needs a workspace that is larger than most works.
    static DECODER: RefCell<Decoder> = RefCell::new(Decoder::new());
}

/// Works on `chunk`, whose first record is the run's `first`-th (from 0).
pub(super) fn work(
    context: &Context,
    chunk: &Chunk,
    first: u64,
    asked: &Asked,
) -> Result<Worked, StoreError> {
    let start = Instant::now();
    let worked =
        DECODER.with_borrow_mut(|decoder| work_with(decoder, context, chunk, first, asked));
    context.progress.spent(Phase::Enriching, start.elapsed());
    worked
}

fn work_with(
    decoder: &mut Decoder,
    context: &Context,
    chunk: &Chunk,
    first: u64,
    asked: &Asked,
) -> Result<Worked, StoreError> {
    let reading = context.store.read()?;
    let mut out = Out {
        context,
        chunk,
        lines: Lines {
            output: buffers::take(chunk.len() + chunk.len() / 4),
            ..Lines::default()
        },
        tally: Tally::default(),
        wants: context.progress.wants(),
    };
    let (mut ask, mut asks) = (Vec::new(), HashSet::new());
    for (at, item) in chunk.items.iter().enumerate() {
        // Once something must be asked the chunk will come again: only its DOIs are of interest.
        let again = !ask.is_empty();
        let text = match chunk.record(item) {
            Ok(text) => text,
            Err(reason) if !again => {
                out.reject(item, &reason);
                continue;
            }
            Err(_) => continue,
        };
        let record = match Record::parse(&text) {
            Ok(record) => record,
            Err(RecordError::Json(error)) if !again => {
                out.reject(item, &not_json(&error));
                continue;
            }
            Err(_) => continue,
        };
        let identity = context.mapping.identify(&record);
        let limited = context
            .limit
            .is_some_and(|limit| first + at as u64 >= limit);
        let found = match context.mapping.wanted(&record, &identity) {
            Err(resolution) => Found::Is(resolution),
            Ok(_) if limited => Found::Is(Resolution::Unresolved(Why::Limit)),
            Ok(doi) => {
                let asked = asked.get(doi).copied();
                let found = resolver::find(
                    Some(&reading),
                    decoder,
                    doi,
                    &context.ages,
                    context.offline,
                    asked,
                )?;
                match found {
                    Found::Ask if asks.insert(doi.clone()) => ask.push(doi.clone()),
                    Found::Work { stale: true, .. } if matches!(asked, Some(Some(_))) => {
                        out.tally.stale += 1;
                    }
                    _ => {}
                }
                found
            }
        };
        if let Found::Is(Resolution::Unresolved(why)) = &found {
            out.tally.offline += u64::from(*why == Why::Offline);
            out.tally.limited += u64::from(*why == Why::Limit);
        }
        match found {
            Found::Ask => {}
            _ if again => {}
            Found::Is(resolution) => out.render(item, &record, &identity, &resolution),
            Found::Work { json, alias_of, .. } => match Work::parse(json) {
                Ok(work) => {
                    let resolution = Resolution::Work {
                        work: &work,
                        alias_of,
                    };
                    out.render(item, &record, &identity, &resolution);
                }
                // It was parsed before it was stored.
                Err(_) => {
                    let resolution = Resolution::Unresolved(Why::Unavailable);
                    out.render(item, &record, &identity, &resolution);
                }
            },
        }
    }
    Ok(if ask.is_empty() {
        Worked::Done {
            tally: Box::new(out.tally),
            lines: out.lines,
        }
    } else {
        buffers::give(out.lines.output);
        Worked::Ask(ask)
    })
}

/// The lines that a chunk leaves.
struct Out<'a> {
    context: &'a Context,
    chunk: &'a Chunk,
    lines: Lines,
    tally: Tally,
    /// Mismatches, retractions, differences: are further ones of use?
    wants: [bool; 3],
}

impl Out<'_> {
    fn reject(&mut self, item: &Item, reason: &str) {
        self.tally.rejects += 1;
        if self.context.tell_rejects {
            tracing::warn!(
                "{}:{}: not a record: {reason}",
                self.chunk.source,
                item.line
            );
        } else {
            let line = self.chunk.reject(item, reason);
            self.lines.rejects.extend_from_slice(line.as_bytes());
            self.lines.rejects.push(b'\n');
        }
    }

    fn render(
        &mut self,
        item: &Item,
        record: &Record<'_>,
        identity: &Identity,
        resolution: &Resolution<'_>,
    ) {
        let mapping = &self.context.mapping;
        let enriched = mapping.enrich(record, identity, resolution);
        let note = mapping.note.as_deref().zip(enriched.note.as_deref());
        record.write(&enriched.patch, note, &mut self.lines.output);
        self.lines.output.push(b'\n');
        if enriched.status == Status::Mismatch || enriched.retracted.is_some() {
            self.review(item, record, resolution, &enriched);
        }
        let profile = || mapping.profile_named(enriched.profile).field_names();
        self.tally.count(&enriched, profile);
        if let Resolution::Work { work, .. } = resolution {
            let values = enriched.filled.len();
            for (names, member) in [
                (&mut self.tally.journals, "container-title"),
                (&mut self.tally.publishers, "publisher"),
            ] {
                if let Some(raw) = work.raw(member) {
                    names.count(raw, values);
                }
            }
            self.note(item, record, identity, work, &enriched);
        }
    }

    /// What a person may want to look at.
    fn note(
        &mut self,
        item: &Item,
        record: &Record<'_>,
        identity: &Identity,
        work: &Work<'_>,
        enriched: &Enriched,
    ) {
        let [mismatches, retractions, differences] = self.wants;
        let mismatch = mismatches && enriched.status == Status::Mismatch;
        let retracted = enriched.retracted.as_ref().filter(|_| retractions);
        let differs = if differences {
            enriched.differs.as_slice()
        } else {
            &[]
        };
        if !mismatch && retracted.is_none() && differs.is_empty() {
            return;
        }
        let place = RecordPlace {
            file: self.chunk.source.to_string(),
            line: item.line,
            doi: match identity {
                Identity::Doi { doi, .. } => doi.as_str().to_owned(),
                Identity::Invalid | Identity::None => String::new(),
            },
        };
        let (mapping, notable) = (&self.context.mapping, &mut self.tally.notable);
        let value = |raw: &str| serde_json::from_str(raw).unwrap_or_default();
        if mismatch {
            let own = mapping.title_of(record, enriched.profile);
            notable.mismatches.push(Mismatch {
                place: place.clone(),
                record: own.and_then(json::string).unwrap_or_default().into(),
                crossref: enricher::title_of(work).unwrap_or_default(),
                doubt: enriched.doubt,
                evidence: enriched
                    .evidence
                    .as_deref()
                    .map_or_else(Default::default, value),
            });
        }
        if let Some(retracted) = retracted {
            notable.retractions.push(Retraction {
                place: place.clone(),
                title: enricher::title_of(work).unwrap_or_default(),
                retracted: value(retracted),
            });
        }
        let profile = mapping.profile_named(enriched.profile);
        for (field, crossref) in differs {
            let own = profile.value_of(record, field);
            notable.differences.push(Difference {
                place: place.clone(),
                field: (*field).to_owned(),
                record: own.map_or_else(Default::default, value),
                crossref: value(crossref),
            });
        }
    }

    /// Record and work side by side, for a person to judge.
    fn review(
        &mut self,
        item: &Item,
        record: &Record<'_>,
        resolution: &Resolution<'_>,
        enriched: &Enriched,
    ) {
        let Resolution::Work { work, .. } = resolution else {
            return;
        };
        let mut out = ObjectWriter::new();
        out.string("file", &self.chunk.source)
            .raw("line", &item.line.to_string());
        if let Some(evidence) = &enriched.evidence {
            out.raw("evidence", evidence);
        }
        if let Some(retracted) = &enriched.retracted {
            out.raw("retracted", retracted);
        }
        out.raw("record", &one_line(record.text()));
        let mut facts = ObjectWriter::new();
        for key in [
            "DOI",
            "type",
            "title",
            "subtitle",
            "author",
            "container-title",
            "volume",
            "issue",
            "page",
            "issued",
        ] {
            if let Some(raw) = work.raw(key) {
                facts.raw(key, &one_line(raw));
            }
        }
        out.raw("work", &facts.finish());
        self.lines.review.extend_from_slice(out.finish().as_bytes());
        self.lines.review.push(b'\n');
    }
}
