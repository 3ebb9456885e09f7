//! Asking for one DOI as a run does: with its budget, its patience and its store.

use std::sync::Arc;
use std::time::Duration;

use crate::crossref::Client;
use crate::doi::Doi;
use crate::event::Progress;
use crate::resolution::Why;
use crate::resolver::{self, Resolver, Stop};
use crate::store::Store;

/// All is answered: nothing but an agency's answer may be on its way.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Asks for `doi`. The answer is in `store` then; or this tells why there is none.
///
/// # Errors
/// If nobody can be asked.
pub(crate) async fn ask(
    doi: &Doi,
    store: Arc<Store>,
    client: Client,
    options: resolver::Options,
    progress: Arc<Progress>,
) -> Result<Option<Why>, Arc<Stop>> {
    let resolver = Arc::new(Resolver::new(client, store, options, progress));
    let asking = tokio::spawn(Arc::clone(&resolver).run());
    let answered = resolver.resolve(std::slice::from_ref(doi)).await;
    resolver.stop(Stop::Interrupted);
    let _ended = tokio::time::timeout(LAST_ANSWERS, asking).await;
    Ok(answered?.get(doi).copied())
}
