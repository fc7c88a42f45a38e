"""A picture, diagram or page of what is around a root, as the content of a file."""

from __future__ import annotations

from argraph.view import diagram, drawing
from argraph.view.drawing import Form, Scheme
from argraph.view.layout import place
from argraph.view.stage import WHOLE, Extent, Stage


def draw(stage: Stage, root: str, form: Form, extent: Extent | None, *, scheme: Scheme, credit: str) -> bytes:
    """What is around a root in one of the forms of `drawing.Form`; text in UTF-8.

    Args:
        stage: The debate.
        root: IRI of a statement or evidence item.
        form: What is made.
        extent: How much is shown; by default two levels, and all on a page.
        scheme: Of an SVG; a PNG is light unless dark.
        credit: Where it comes from, in a line below.

    Raises:
        UnknownNode: The root is neither statement nor evidence item.
        MissingExtra: A PNG is wanted and what draws it is not installed.
        ResourceMissing: A PNG is wanted and this machine has no font.
    """
    if form == "html":
        from argraph.view import page  # pyvis takes a while to import

        return page.html(stage, root, extent or WHOLE, credit=credit).encode()
    scene = place(stage.scene(root, extent or Extent()), "layered")
    title = scene.cards[0].label
    if form in {"dot", "mermaid"}:
        return (diagram.dot if form == "dot" else diagram.mermaid)(scene, title=title).encode()
    if form == "png" and scheme == "auto":
        scheme = "light"
    picture = drawing.svg(scene, title=title, credit=credit, scheme=scheme)
    return drawing.png(picture) if form == "png" else picture.encode()
