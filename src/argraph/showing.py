"""A graph that is shown: as a map and an outline, as pictures, and in other formats."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from argraph import __version__
from argraph.asking import Asking
from argraph.errors import ArgraphError, ResourceMissing, UnknownNode

if TYPE_CHECKING:
    from argraph.argument.evaluation import Verdict
    from argraph.exchange.model import Exported, Model
    from argraph.query.search import Index
    from argraph.view.drawing import Form, Scheme
    from argraph.view.layout import Kind
    from argraph.view.scene import Row, Scene
    from argraph.view.stage import Extent, Stage


class Showing(Asking):
    """An opened graph that can be shown.

    Attributes:
        folder: Where its files are.
    """

    folder: Path

    @property
    @abstractmethod
    def verdicts(self) -> Mapping[str, Verdict]:
        """Status, reason and strength of every node and step, by IRI."""

    @cached_property
    def stage(self) -> Stage:
        """The debate set up to be shown, with `key` for the names of its nodes and steps."""
        from argraph.view.stage import Stage

        return Stage(self.argument, self.verdicts, key=self.key, digest=self.store.digest)

    def scene(self, root: str, extent: Extent | None = None, *, layout: Kind = "tree") -> Scene:
        """The cards around a root, placed.

        Args:
            root: A statement or evidence item, as `resolve` takes it.
            extent: How much is shown; by default two levels, at most 60 cards.
            layout: `tree` to explore, `layered` to print.

        Raises:
            UnknownNode: There is no such statement or evidence item.
        """
        from argraph.view.layout import place
        from argraph.view.stage import Extent

        return place(self.stage.scene(self.resolve(root), extent or Extent()), layout)

    def outline(self, root: str, extent: Extent | None = None) -> tuple[Row, ...]:
        """The same line by line; by default all that leads to the root.

        Raises:
            UnknownNode: There is no such statement or evidence item.
        """
        from argraph.view.stage import WHOLE

        return self.stage.outline(self.resolve(root), extent or WHOLE)

    @cached_property
    def index(self) -> Index:
        """Statements, findings and studies, to be searched by their words."""
        from argraph.query.search import Index

        return Index(self.argument, self.verdicts)

    def drawing(
        self, root: str, form: Form = "svg", extent: Extent | None = None, *, scheme: Scheme = "auto"
    ) -> bytes:
        """A picture or page of what is around a root, as the content of a file; text in UTF-8.

        Args:
            root: A statement or evidence item, as `resolve` takes it.
            form: `svg`, `png`, `dot` for Graphviz, `mermaid`, or `html`: a page that opens from disk.
            extent: How much is shown; by default two levels, and all on a page.
            scheme: Of an SVG: `light`, `dark`, or as the reader's system has it; a PNG is light unless dark.

        Raises:
            UnknownNode: There is no such statement or evidence item.
            MissingExtra: A PNG is wanted and what draws it is not installed.
            ResourceMissing: A PNG is wanted and this machine has no font.
        """
        from argraph.view import picture

        iri = self.resolve(root)
        debate = self.debate_of(iri)
        credit = f"{debate.credit} · argraph {__version__}" if debate else f"argraph {__version__}"
        return picture.draw(self.stage, iri, form, extent, scheme=scheme, credit=credit)

    def exported(self, form: str, *, focus: str | None = None, depth: int | None = None) -> Exported:
        """The debate, or what leads to a node or step of it, in another format, with what that cannot say.

        Args:
            form: Name of a format of `exchange.registry`, or `dot` for Graphviz.
            focus: A node or step, as `resolve` takes it; a study, where the format is one of bibliographies.
            depth: So many steps from the focus; all of it without one.

        Raises:
            UnknownFormat: There is no such format.
            UnknownNode: There is no such node, step or study.
            ArgraphError: The format cannot hold this at all, or is only read.
        """
        from argraph.exchange import reading, registry
        from argraph.exchange.model import Exported, Loss, LossReport
        from argraph.view.stage import Extent

        root = self.resolve(focus) if focus else ""
        studied = root in self.argument.studies
        if root and not studied and root not in self.argument.nodes and root not in self.argument.steps:
            raise UnknownNode(self.key(root))
        if studied and not (form in registry.FORMATS and registry.FORMATS[form].studies):
            if form != "dot":
                registry.get(form)
            names = " or ".join(known.name for known in registry.FORMATS.values() if known.studies)
            raise ArgraphError(
                f"{self.key(root)} is a study, and nothing leads to a study: take it as {names}, "
                "or name a statement."
            )
        if form == "dot":
            top = root or next((thesis.iri for thesis in self.argument.theses), "")
            if not top:
                raise ResourceMissing(f"{self.folder} has no thesis to begin at: name a focus.")
            extent = Extent(depth=depth, limit=None, opening=None, evidence=True, beside=True)
            reason = "it is a picture as text: it shows wordings, kinds and statuses, and cannot be read back"
            told = LossReport((Loss("all", "what is not drawn", reason),))
            return Exported(self.drawing(top, "dot", extent), told)
        chosen = registry.get(form)
        base = self._base
        part = reading.Part(root, depth) if root else None
        model, losses = reading.model_of(
            self.argument, self.store.raw, lambda iri: iri.removeprefix(base) or iri, part=part
        )
        return registry.dump(model, chosen.name, base=base, losses=losses)

    def model(self) -> tuple[Model, str]:
        """The debate by names, as formats have it, and what the IRIs of its nodes begin with."""
        from argraph.exchange import reading

        base = self._base
        model, _ = reading.model_of(self.argument, self.store.raw, lambda iri: iri.removeprefix(base) or iri)
        return model, base

    @property
    def _base(self) -> str:
        return self.debates[0].base if self.debates else "https://example.org/debate/"
