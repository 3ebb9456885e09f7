//! What there is instead of a path that is not there: the nearest name, or some of the others.

use std::path::Path;

use crate::config::nearest;

/// So many entries of a folder are looked at: it may be a large one, or far away.
const LOOKED_AT: usize = 500;

/// So many names are told.
const SHOWN: usize = 5;

/// What to do about `path`, where nothing is; `None` if there is nothing to say of it.
pub(super) fn nearby(path: &Path) -> Option<String> {
    let mut missing = path;
    let (folder, wanted) = loop {
        let parent = missing.parent()?;
        let folder = match parent.as_os_str().is_empty() {
            true => Path::new("."),
            false => parent,
        };
        if folder.is_dir() {
            break (folder, missing.file_name()?.to_string_lossy());
        }
        if folder.exists() {
            return Some(format!("`{}` is a file, not a folder", folder.display()));
        }
        missing = parent;
    };
    let names = names(folder)?;
    let near = nearest(&wanted, names.iter().map(|name| name.trim_end_matches('/')));
    let near = near.and_then(|near| names.iter().find(|name| name.trim_end_matches('/') == near));
    if let Some(near) = near {
        let rest = path.strip_prefix(missing).unwrap_or(Path::new(""));
        let meant = folder.join(near).join(rest);
        let meant = meant.strip_prefix(".").unwrap_or(&meant);
        // What else was asked for need not be there.
        return Some(match rest.as_os_str().is_empty() || meant.exists() {
            true => format!("did you mean `{}`?", shown(folder, near, rest)),
            false => format!(
                "there is no `{}`; did you mean `{}`?",
                missing.display(),
                shown(folder, near, Path::new(""))
            ),
        });
    }
    let here = match folder == Path::new(".") {
        true => "this folder".to_owned(),
        false => format!("`{}`", folder.display()),
    };
    let lead = match missing == path {
        true => String::new(),
        false => format!("there is no folder `{}`; ", missing.display()),
    };
    Some(match names.as_slice() {
        [] => format!("{lead}{here} is empty"),
        names => format!("{lead}in {here} there {}", listed(names)),
    })
}

fn shown(folder: &Path, name: &str, rest: &Path) -> String {
    let whole = match folder == Path::new(".") {
        true => Path::new(name).to_owned(),
        false => folder.join(name),
    };
    match rest.as_os_str().is_empty() {
        // A joined empty path would lose or gain the slash.
        true => whole.display().to_string(),
        false => whole.join(rest).display().to_string(),
    }
}

/// `is `a.jsonl``, `are `a.jsonl`, `b/` and 3 more`.
fn listed(names: &[String]) -> String {
    let mut told: Vec<_> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    if names.len() > SHOWN {
        told.push(format!("{} more", names.len() - SHOWN));
    }
    match told.split_last() {
        Some((last, [])) => format!("is only {last}"),
        Some((last, first)) => format!("are {} and {last}", first.join(", ")),
        None => String::new(),
    }
}

/// The names in `folder`, sorted, with a slash behind those of folders; hidden ones are left out.
fn names(folder: &Path) -> Option<Vec<String>> {
    let entries = std::fs::read_dir(folder).ok()?;
    let mut names: Vec<String> = entries
        .take(LOOKED_AT)
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let slash = if entry.path().is_dir() { "/" } else { "" };
            (!name.starts_with('.')).then(|| name + slash)
        })
        .collect();
    names.sort();
    Some(names)
}
