"""Which classes of a kind a package holds, found in its files and not in its tables."""

import inspect
import pkgutil
from importlib import import_module


def kinds_in(base, package):
    """The classes made from `base` that can be used as they are, of a module or of all modules of a package."""
    modules = [import_module(package)]
    modules += [
        import_module(found.name) for found in pkgutil.iter_modules(getattr(modules[0], "__path__", ()), f"{package}.")
    ]
    found = (thing for module in modules for thing in vars(module).values() if isinstance(thing, type))
    return {kind for kind in found if issubclass(kind, base) and kind is not base and not inspect.isabstract(kind)}
