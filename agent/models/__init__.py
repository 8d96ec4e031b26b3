"""Weights: which exist, where they can be had, and the folder in which each stands verified.

From the outside in: `ensure`, `path` and `verify` (store.py); fetching and placing (pull.py);
the catalogue (models.toml, read by catalogue.py); what a model folder must hold (folder.py); the
hub and the package registries (sources.py); archives as data (archives.py); what is shown
meanwhile (progress.py).
"""

from agent.models.catalogue import Catalogue, Model, model_names
from agent.models.folder import Problem
from agent.models.progress import Progress, console_progress
from agent.models.pull import Fetchers
from agent.models.store import State, default_models, ensure, path, published, state, verify

__all__ = [
    "Catalogue",
    "Fetchers",
    "Model",
    "Problem",
    "Progress",
    "State",
    "console_progress",
    "default_models",
    "ensure",
    "model_names",
    "path",
    "published",
    "state",
    "verify",
]
