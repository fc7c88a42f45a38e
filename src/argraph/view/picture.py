"""A part of a debate as the content of a file, in each form that there is."""

from __future__ import annotations

from argraph.view import diagram, drawing
from argraph.view.drawing import Form, Scheme
from argraph.view.layout import place
from argraph.view.stage import WHOLE, Extent, Stage


def draw(stage: Stage, root: str, form: Form, extent: Extent | None, *, scheme: Scheme, credit: str) -> bytes:
    """A picture, diagram or page of what is around a node, in UTF-8 where it is text.

    Args:
        stage: The debate, set up to be shown.
        root: IRI of a statement or evidence item.
        form: `svg`, `png`, `dot`, `mermaid` or `html`.
        extent: How much is shown; by default two levels, and all on a page.
        scheme: As for `Workspace.drawing`.
        credit: A line that names the debate and its terms.

    Raises:
        UnknownNode: There is no such statement or evidence item.
        MissingExtra: A PNG is wanted and what draws it is not installed.
        ResourceMissing: A PNG is wanted and this machine has no font.
    """
    if form == "html":
        from argraph.view import page

        return page.html(stage, root, extent or WHOLE, credit=credit).encode()
    scene = place(stage.scene(root, extent or Extent()), "layered")
    title = scene.cards[0].label
    if form in {"dot", "mermaid"}:
        return (diagram.dot if form == "dot" else diagram.mermaid)(scene, title=title).encode()
    if form == "png" and scheme == "auto":
        scheme = "light"
    picture = drawing.svg(scene, title=title, credit=credit, scheme=scheme)
    return drawing.png(picture) if form == "png" else picture.encode()
