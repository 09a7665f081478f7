"""The engine: runs any procedure folder, knows no Flask and no petition. Its public face is ``Engine`` and what stands below."""

from .delivery import Job, JobFailed
from .errors import Conflict, FormError, HandlerFailed, NobodyThere, NotFound, Refused, TaskClosed, WorkflowError
from .forms import Field, Form
from .handlers import Actor, Ctx, Directory, Handlers, Hooks, NoHooks
from .library import Library
from .runtime import Done, Engine, Started

__all__ = [
    "Actor",
    "Conflict",
    "Ctx",
    "Directory",
    "Done",
    "Engine",
    "Field",
    "Form",
    "FormError",
    "HandlerFailed",
    "Handlers",
    "Hooks",
    "Job",
    "JobFailed",
    "Library",
    "NoHooks",
    "NobodyThere",
    "NotFound",
    "Refused",
    "Started",
    "TaskClosed",
    "WorkflowError",
]
