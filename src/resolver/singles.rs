//! A DOI by itself: a work, an alias, unknown, or somebody else's.

use super::Resolver;
use super::ask::Unanswered;
use super::pending::Single;
use crate::crossref::{Permit, Route, Single as Found, Tries};
use crate::doi::Doi;
use crate::event::count;
use crate::resolution::Why;
use crate::store::Answer;

/// Who registers the DOIs of a prefix, as far as this run goes on.
enum Registrar {
    Crossref,
    Other,
}

/// So many DOIs without an answer are named.
const NAMED: u64 = 10;

impl Resolver {
    /// Asks for one DOI, and for what hangs on it: the work that it is an alias of, the agency of its
    /// prefix.
    pub(super) async fn ask_single(&self, single: Single, permit: Permit) {
        let Single { doi, missed, tries } = single;
        let prefix = doi.prefix().to_owned();
        let mut answers = Vec::new();
        // The verdict on the prefix, if there was one: it counts when it is in the store, or others
        // of the prefix could be written without their agency.
        let mut verdict = None;
        let asked = self.ask_for_work(&doi, tries, Some(permit)).await;
        let outcome = match asked {
            Ok(Found::Found(answer)) => {
                if let Answer::Work { doi: prime, .. } = &answer
                    && *prime != doi
                {
                    let prime = prime.clone();
                    answers.push(Answer::Alias {
                        doi: doi.clone(),
                        prime,
                    });
                } else if let Some(size) = missed.and_then(|missed| self.sizes.is_known(missed)) {
                    self.tell_cut(size);
                }
                answers.push(answer);
                self.release(self.prefixes.gave_a_work(&prefix));
                Ok(())
            }
            Ok(Found::Moved(prime)) => self.follow(&doi, prime, &mut answers).await,
            Ok(Found::NotFound) => {
                answers.push(Answer::NotFound(doi.clone()));
                self.ask_agency(&doi, &mut answers, &mut verdict).await
            }
            Err(failed) => Err(failed),
        };
        match outcome {
            Ok(()) => self.keep(answers, std::slice::from_ref(&doi)).await,
            Err(Unanswered::Split | Unanswered::Shorter) => self.give_up(&[doi], Why::Refused),
            Err(Unanswered::Why(why)) => {
                if why != Why::Limit {
                    self.tell_unanswered(&doi, why);
                }
                self.give_up(&[doi], why);
            }
            Err(Unanswered::Stopped) => {}
        }
        match verdict {
            Some(Registrar::Other) => self.release(self.prefixes.is_foreign(&prefix)),
            Some(Registrar::Crossref) => self.release(self.prefixes.gave_a_work(&prefix)),
            None => {}
        }
        self.release(self.prefixes.undecided(&prefix));
    }

    /// Asks for the work that `doi` is an alias of.
    async fn follow(
        &self,
        doi: &Doi,
        prime: Doi,
        answers: &mut Vec<Answer>,
    ) -> Result<(), Unanswered> {
        // It may have come already, for another alias or for itself.
        if self.came_meanwhile(&prime) {
            answers.push(Answer::Alias {
                doi: doi.clone(),
                prime,
            });
            return Ok(());
        }
        match self.ask_for_work(&prime, Tries::default(), None).await? {
            Found::Found(answer) => {
                self.release(self.prefixes.gave_a_work(doi.prefix()));
                // Under its own name, whatever the redirect called it.
                let prime = match &answer {
                    Answer::Work { doi: own, .. } => own.clone(),
                    _ => prime,
                };
                answers.push(Answer::Alias {
                    doi: doi.clone(),
                    prime,
                });
                answers.push(answer);
            }
            Found::NotFound => answers.push(Answer::NotFound(doi.clone())),
            // A redirect of a redirect: refused rather than followed round and round.
            Found::Moved(_) => return Err(Unanswered::Why(Why::Refused)),
        }
        Ok(())
    }

    /// Once for a prefix that has never given a work: whose is it?
    async fn ask_agency(
        &self,
        doi: &Doi,
        answers: &mut Vec<Answer>,
        verdict: &mut Option<Registrar>,
    ) -> Result<(), Unanswered> {
        if !self.prefixes.wants_agency(doi.prefix()) {
            return Ok(());
        }
        let client = &self.client;
        let asked = self
            .ask(
                Route::Single,
                &mut Tries::default(),
                None,
                |permit| async move { client.agency(doi, &permit).await },
            )
            .await;
        let agency = match asked {
            Ok(agency) => agency,
            Err(Unanswered::Stopped) => return Err(Unanswered::Stopped),
            // The next run asks for both.
            Err(Unanswered::Why(Why::Limit)) => return Err(Unanswered::Why(Why::Limit)),
            // The DOI is unknown all the same. Not kept: another run may ask again.
            Err(_) => {
                *verdict = Some(Registrar::Crossref);
                return Ok(());
            }
        };
        let foreign = agency.filter(|agency| !agency.id.eq_ignore_ascii_case("crossref"));
        *verdict = Some(match &foreign {
            Some(_) => Registrar::Other,
            None => Registrar::Crossref,
        });
        if self.prefixes.is_crossrefs(doi.prefix()) {
            // It gave a work meanwhile, which says more.
            return Ok(());
        }
        answers.push(Answer::Agency {
            prefix: doi.prefix().to_owned(),
            agency: foreign.map_or(String::new(), |agency| agency.label.unwrap_or(agency.id)),
        });
        Ok(())
    }

    /// Names the first DOIs that have no answer; the summary counts them all.
    fn tell_unanswered(&self, doi: &Doi, why: Why) {
        if count(&self.progress.unanswered) < NAMED {
            tracing::warn!(
                "{doi:?}: {}; the next run asks again",
                match why {
                    Why::Refused => "the service refuses to answer (-v says why)",
                    _ => "no answer, however often it was asked",
                }
            );
        }
    }

    async fn ask_for_work(
        &self,
        doi: &Doi,
        mut tries: Tries,
        permit: Option<Permit>,
    ) -> Result<Found, Unanswered> {
        let client = &self.client;
        self.ask(Route::Single, &mut tries, permit, |permit| async move {
            client.single(doi, &permit).await
        })
        .await
    }
}
