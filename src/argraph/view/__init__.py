"""What of a debate is shown, where, and how it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argraph.view.scene import Scene


def to_pyvis(scene: Scene) -> Any:
    """A placed scene, such as `Workspace.scene` gives it, as a `pyvis.network.Network` for a notebook.

    >>> from argraph.workspace import Workspace
    >>> to_pyvis(Workspace.open().scene("pil-safety")).options["physics"]
    {'enabled': False}
    """
    from argraph.view.page import to_pyvis as build  # pyvis takes a while to import

    return build(scene)
