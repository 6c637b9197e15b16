//! What files say. Each is parsed once, however many services use it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::Finder;
use crate::deploy::dockerfile::{self, Dockerfile};
use crate::deploy::model::ServerSetting;
use crate::deploy::nginx::{self, Nginx};
use crate::deploy::part::Variable;
use crate::deploy::shell::{self, Script};
use crate::deploy::text::FileId;

/// Bytes of a file that cost a look: texts are searched faster than commands are judged.
const LOOK: usize = 100;

/// Variables of an environment file.
pub(in crate::deploy) type Variables = Arc<[Arc<Variable>]>;

/// What was parsed so far; nothing where there was no room for it.
#[derive(Default)]
pub(in crate::deploy) struct Models {
    dockerfiles: HashMap<FileId, Option<Arc<Dockerfile>>>,
    scripts: HashMap<(FileId, Range<usize>), Option<Arc<Script>>>,
    nginx: HashMap<FileId, Option<Arc<Nginx>>>,
    settings: HashMap<FileId, Arc<[ServerSetting]>>,
    /// Those of `env_file`s.
    pub(in crate::deploy) variables: HashMap<FileId, Variables>,
}

impl Finder<'_> {
    /// What a Dockerfile says to one more service.
    pub(in crate::deploy) fn dockerfile_model(&mut self, file: FileId) -> Option<Arc<Dockerfile>> {
        if !self.models.dockerfiles.contains_key(&file) {
            let model = dockerfile::parse(self.text(file));
            let model = self.kept(file, model.cost() + self.text(file).len()).then(|| Arc::new(model));
            if let Some(model) = &model {
                self.dockerfile_faults(file, model);
            }
            self.models.dockerfiles.insert(file, model);
        }
        let model = self.models.dockerfiles.get(&file).cloned().flatten()?;
        self.looks(file, model.looks()).then_some(model)
    }

    /// What a script says to one more service; `range` is where it stands in its file, or nothing for all of it.
    pub(in crate::deploy) fn script_model(&mut self, file: FileId, range: Option<Range<usize>>) -> Option<Arc<Script>> {
        let range = range.unwrap_or(0..self.text(file).len());
        let key = (file, range);
        if !self.models.scripts.contains_key(&key) {
            let text = self.text(file).get(key.1.clone()).unwrap_or_default();
            let model = shell::parse_at(text, key.1.start);
            let model = self.kept(file, model.cost() + key.1.len()).then(|| Arc::new(model));
            self.models.scripts.insert(key.clone(), model);
        }
        let model = self.models.scripts.get(&key).cloned().flatten()?;
        self.looks(file, model.parts).then_some(model)
    }

    /// What a text says that stands in no file as a shell reads it.
    pub(in crate::deploy) fn text_model(&mut self, file: FileId, text: &str, base: usize) -> Option<Arc<Script>> {
        let model = shell::parse_at(text, base);
        (self.kept(file, model.cost() + text.len()) && self.looks(file, model.parts)).then(|| Arc::new(model))
    }

    /// What a configuration of nginx says to one more service.
    pub(in crate::deploy) fn nginx_model(&mut self, file: FileId) -> Option<Arc<Nginx>> {
        if !self.models.nginx.contains_key(&file) {
            let model = nginx::parse(self.text(file));
            let model = self.kept(file, model.cost() + self.text(file).len()).then(|| Arc::new(model));
            if let Some(model) = &model {
                super::proxy::form(self, file, model);
            }
            self.models.nginx.insert(file, model);
        }
        let model = self.models.nginx.get(&file).cloned().flatten()?;
        self.looks(file, model.words).then_some(model)
    }

    /// The settings in the configuration of a cache.
    pub(in crate::deploy) fn settings(&mut self, file: FileId) -> Arc<[ServerSetting]> {
        if let Some(known) = self.models.settings.get(&file) {
            return Arc::clone(known);
        }
        let found: Arc<[ServerSetting]> =
            self.deployment.file(file).map(|text| super::cache::read(file, text)).unwrap_or_default().into();
        self.models.settings.insert(file, Arc::clone(&found));
        found
    }

    /// Whether there is room for what was made of a file.
    pub(in crate::deploy) fn kept(&mut self, file: FileId, bytes: usize) -> bool {
        let kept = self.budget.build(bytes);
        if !kept {
            self.cut(file, "what was read before it takes all the room that a deployment needs, so it was left aside");
        }
        kept
    }

    /// Whether one more service may look at a file.
    pub(in crate::deploy) fn looks(&mut self, file: FileId, parts: usize) -> bool {
        let enough = self.budget.look(1 + parts + self.text(file).len() / LOOK);
        if !enough {
            self.cut(file, "more services use it than are looked at; of the others it says nothing");
        }
        enough
    }
}
