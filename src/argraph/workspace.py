"""The façade that library, command line and server all call: a debate's graph and what can be asked of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import ref

import pyoxigraph as ox

from argraph import __version__, resources
from argraph.asking import Asking
from argraph.errors import ResourceMissing, UnknownNode
from argraph.rdf.store import Amendment, Store, read_files

if TYPE_CHECKING:
    from argraph.argument.evaluation import Framework, Verdict
    from argraph.argument.extensions import Semantics
    from argraph.argument.scores import Scores
    from argraph.contribution.archive import Archive
    from argraph.contribution.check import Edit
    from argraph.contribution.history import Chronicle
    from argraph.contribution.impact import Impact
    from argraph.diagnostics import Report
    from argraph.exchange.model import Exported, Model
    from argraph.query.search import Index
    from argraph.rdf.statistics import Statistics
    from argraph.view.drawing import Form, Scheme
    from argraph.view.layout import Kind
    from argraph.view.scene import Row, Scene
    from argraph.view.stage import Extent, Stage


class Workspace(Asking):
    """An opened graph folder.

    Attributes:
        folder: Where its files are.
    """

    def __init__(
        self,
        folder: Path,
        store: Store,
        scores: Scores | None = None,
        *,
        queries: Path | None = None,
        archive: Archive | None = None,
    ) -> None:
        super().__init__(store, queries=queries)
        self.folder = folder
        self._archive = archive
        self._scores = scores
        self._origin: tuple[ref[Workspace], Amendment] | None = None  # what it was made from, and how

    @classmethod
    def open(
        cls,
        graph: Path | None = None,
        *,
        scores: Path | None = None,
        queries: Path | None = None,
        data: Path | None = None,
        as_of: datetime | None = None,
        chronicle: Chronicle | None = None,
    ) -> Workspace:
        """Open a folder of Turtle files; without one, the shipped debates.

        Args:
            graph: The folder.
            scores: A Turtle file with scores to use in place of those that the ontology declares.
            queries: Folder of saved queries beside the shipped ones; see `catalogue.Folder`.
            data: Folder of a ledger that records how the files came about.
            as_of: Show it as it was then; see `Archive.as_of`. Saved queries and scores are those of now.
            chronicle: What the ledger records, where that is known already, in place of `data`.

        Raises:
            ResourceMissing: A folder is not there, the first holds no Turtle file, there is no file of
                scores, no ledger, or there was nothing at that moment.
            BrokenGraph: A file in it is not valid Turtle, or the file of scores cannot be used.
            LedgerFailed: The ledger cannot be read.
        """
        if queries is not None and not queries.is_dir():
            raise ResourceMissing(f"There is no folder {queries} of saved queries.")
        folder = graph or resources.graph()
        amended = None
        if scores is not None:
            from argraph.argument.scores import Scores

            amended = Scores.read(scores)
        if data is None and chronicle is None and as_of is None:
            return cls(folder, Store.load(folder), amended, queries=queries)
        from argraph.contribution.archive import Archive
        from argraph.contribution.history import Chronicle

        archive = Archive(folder, Chronicle.read(data) if data and chronicle is None else chronicle)
        if as_of is not None:
            archive = archive.as_of(as_of)
        return cls(folder, archive.load(), amended, queries=queries, archive=archive)

    @cached_property
    def archive(self) -> Archive:
        """The files, with the accepted changes that led to them as far as a ledger was read."""
        from argraph.contribution.archive import Archive

        return self._archive or Archive(self.folder)

    def reopened(self, chronicle: Chronicle | None = None) -> Workspace:
        """The folder as it is now, opened in the same way.

        Args:
            chronicle: The accepted changes that led to it.

        Raises:
            ResourceMissing: As `open`.
            BrokenGraph: As `open`.
        """
        from argraph.contribution.archive import Archive

        archive, store = Archive(self.folder, chronicle), Store.load(self.folder)
        return Workspace(self.folder, store, self._scores, queries=self.queries, archive=archive)

    def amended(self, changes: Mapping[str, bytes | None], chronicle: Chronicle | None = None) -> Workspace:
        """The workspace as it would be, opened in the same way, when files of its folder were changed.

        This one stays as it is; what did not change is shared, so that it costs what the changes do.

        Args:
            changes: The bytes of the files, by path as `Store.graphs` has it; None where one went.
            chronicle: The accepted changes that led there; without one, those known.

        Raises:
            ResourceMissing: No file would be left.
            BrokenGraph: One of the files is not valid Turtle.
        """
        from argraph.argument.census import recounted

        told = self.store.amendment(changes)
        if not told.store.graphs:
            raise ResourceMissing(f"There is no Turtle file (*.ttl) in {self.folder}.")
        archive = self.archive.amended(changes, chronicle)
        other = Workspace(self.folder, told.store, self._scores, queries=self.queries, archive=archive)
        other._origin = ref(self), told
        known = vars(self)
        for name in ("scores", "shapes", "shipped"):  # what does not depend on the files
            if name in known:
                vars(other)[name] = known[name]
        if "argument" in known:
            added = [quad.triple for quad in other.store.quads_of(told.new)]
            other.argument = self.argument.edited(self.store.raw, without=told.gone, triples=added)
            if "_counts" in known:
                other._counts = recounted(self._counts, self.argument, other.argument)
            if "framework" in known:
                other.framework = self.framework.edited(self.argument, other.argument, self.scores)
            if "ground" in known:
                other.ground = self.ground.amended(told, other.argument)
        return other

    def prepare(self) -> None:
        """Compute what showing the debate takes, so that nobody waits for it later."""
        for needed in (self.version, self.verdicts, self.dependence, self.statistics, self.stage, self.index):
            assert needed is not None  # noqa: S101 - reading them is what computes them

    @cached_property
    def scores(self) -> Scores:
        """The base scores: those that the ontology declares, unless others were given."""
        from argraph.argument.scores import Scores

        return self._scores or Scores.declared()

    @cached_property
    def digest(self) -> str:
        """Fingerprint of all that statuses and strengths are computed from: files and base scores."""
        grades, factors = (sorted(table.items()) for table in (self.scores.grades, self.scores.factors))
        return sha256(repr((self.store.digest, grades, factors, self.scores.assumed)).encode()).hexdigest()

    @cached_property
    def framework(self) -> Framework:
        """The argument graph as numbered items, with what follows from it."""
        from argraph.argument.evaluation import Framework

        return Framework.of(self.argument, self.scores)

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """Status, reason and strength of every node and step, by IRI."""
        return self.framework.verdicts

    @cached_property
    def dependence(self) -> Mapping[str, tuple[str, ...]]:
        """For statements that stand, the nodes and steps without any one of which they would not, by IRI."""
        from argraph.argument.dependence import dependence

        return dependence(self.argument, self.framework)

    def argued(self) -> Iterator[ox.Quad]:
        """What the files say, and what is computed from it, in named graphs."""
        yield from self.store.raw
        yield from self._derived()

    def _derived(self) -> Iterator[ox.Quad]:
        """What is computed from what the files say."""
        from argraph.argument import derived

        yield from derived.statements(
            self.argument,
            self.framework,
            hangs_on=self.dependence,
            sources=self.store.graphs.values(),
            digest=self.digest,
            version=__version__,
        )

    @cached_property
    def statistics(self) -> Statistics:
        """Numbers of `argued`."""
        from argraph.rdf.statistics import Statistics

        return Statistics.of(self.argued())

    def provenance(self) -> Iterator[ox.Quad]:
        """Who handed in and who accepted which contribution, as PROV, in a named graph."""
        from argraph.contribution import provenance

        yield from provenance.statements(self.archive.chronicle.changes)

    def quads(self) -> Iterator[ox.Quad]:
        """All that can be asked about, in named graphs.

        They are those of `argued` and `provenance`, the statistics, and the shipped queries.
        """
        yield from self.store.raw
        for part in self._added():
            yield from part

    def difference(self, before: Workspace) -> tuple[set[ox.Quad], set[ox.Quad]]:
        """The quads that only another workspace has among its `quads`, and those that only this one has.

        Of files it looks at the changed ones, where this workspace is the other one as amended.
        """
        if self._origin is not None and self._origin[0]() is before:
            told = self._origin[1]
            pairs = [(before.store.quads_of(told.gone), self.store.quads_of(told.new))]
        else:
            pairs = [(iter(before.store.raw), iter(self.store.raw))]
        gone, new = set[ox.Quad](), set[ox.Quad]()
        for parts in (*pairs, *zip(before._added(), self._added(), strict=True)):
            was, now = map(set, parts)
            gone |= was - now
            new |= now - was
        return gone, new

    def _added(self) -> Iterator[Iterator[ox.Quad]]:
        """What argraph adds to what the files say, graph by graph."""
        yield self._derived()
        yield self.provenance()
        yield self.statistics.statements()
        yield self.published(self.shipped.values())

    @cached_property
    def version(self) -> str:
        """Names the content of `quads`: equal for equal files, scores and queries and the same release."""
        queries = [(stored.name, stored.text) for stored in self.shipped.values()]
        accepted = [change.entry.id for change in self.archive.chronicle.changes]
        told = json.dumps([__version__, self.digest, sorted(self.store.graphs.values()), queries, accepted])
        return sha256(told.encode()).hexdigest()

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
            focus: A node or step, as `resolve` takes it.
            depth: So many steps from the focus; all of it without one.

        Raises:
            UnknownFormat: There is no such format.
            UnknownNode: There is no such node or step.
        """
        from argraph.exchange import reading, registry
        from argraph.exchange.model import Exported, Loss, LossReport
        from argraph.view.stage import Extent

        root = self.resolve(focus) if focus else ""
        if root and root not in self.argument.nodes and root not in self.argument.steps:
            raise UnknownNode(self.key(root))
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

    def warm(self) -> None:
        """Find out now what `check` and `impact` need of the graph, and load what they run on.

        Afterwards both cost what the files cost, also in a process that is forked from this one.
        """
        from argraph.argument.labelling import compile_kernels

        compile_kernels()
        self.ground.warm()
        self.impact_of(self.edit({})[0])
        # The shapes are understood when they are first applied, which takes something to apply them to.
        self.check_files({"warm.ttl": b"<urn:x> a <https://w3id.org/argraph/ns#Claim> ."})

    def without(self, names: Iterable[str]) -> Impact:
        """What it would change if nodes or steps were withdrawn: rejected, whatever speaks for them.

        Args:
            names: Nodes and steps, as `resolve` takes them.

        Raises:
            UnknownNode: There is no such node or step.
        """
        from argraph.contribution.impact import Impact

        items = [self.item(name).iri for name in names]
        return Impact.of_withdrawal(self.argument, self.framework, items)

    def impact(self, *places: Path, whole: bool = False) -> tuple[Impact | None, Report]:
        """What files would change in this graph, or no impact and the faults of syntax that stand in the way.

        Args:
            places: Files and folders.
            whole: Whether the files are all that there would be: what is not among them goes.

        Raises:
            ResourceMissing: A place is not there or cannot be read.
        """
        edit, faults = self.edit(read_files(*places))
        if whole:
            edit = edit._replace(without=frozenset(self.store.graphs.values()))
        return (None if len(faults) else self.impact_of(edit)), faults

    def impact_of(self, edit: Edit) -> Impact:
        """What an edit would change in this graph."""
        from argraph.contribution.impact import Impact

        after = self.argument.edited(self.store.raw, without=edit.without, triples=edit.triples)
        then = self.framework.edited(self.argument, after, self.scores)
        return Impact(self.argument, after, now=self.framework, then=then)

    def statuses(self, iri: str | None = None) -> list[dict[str, str]]:
        """Status, reason and strength in words, of one node or step or else of every statement, by IRI."""
        from argraph.argument.wording import described

        wanted = [iri] if iri else [node.iri for node in self.argument.statements]
        for one in wanted:
            if one not in self.verdicts:
                raise UnknownNode(self.key(one))
        return [described(self.argument, self.verdicts, one) for one in wanted]

    def acceptance(
        self, semantics: Semantics, *, seconds: float, iri: str | None = None
    ) -> dict[str, tuple[bool, bool]]:
        """Whether some and whether all extensions accept a node, or each statement, by IRI.

        Raises:
            MissingExtra: A search is needed, and clingo is not installed.
            BudgetExceeded: The time ran out.
        """
        from argraph.argument import extensions

        framework = self.framework
        accepted = extensions.acceptance(framework, semantics, seconds=seconds)
        wanted = [iri] if iri else [node.iri for node in self.argument.statements]
        numbers = {one: framework.index[one] for one in wanted if one in framework.index}
        return {one: (i in accepted.credulous, i in accepted.sceptical) for one, i in numbers.items()}

    def scaffold(self, kind: str, *, name: str = "", end: str | None = None) -> str:
        """Commented Turtle to start a contribution from, for the first debate of this graph.

        Args:
            kind: `claim`, `objection`, `rebuttal`, `evidence` or `study`.
            name: Name of the new node; a blank to fill in when empty.
            end: What it is put forward against or for, as `resolve` takes it.

        Raises:
            UnknownNode: There is no such end.
            ResourceMissing: The graph describes no debate.
        """
        from argraph.contribution.scaffold import scaffold

        if not self.debates:
            raise ResourceMissing(
                f"{self.folder} describes no debate: add a void:Dataset with its void:uriSpace."
            )
        debate, against = self.debates[0], self.item(end) if end else None
        return scaffold(kind, base=debate.base, prefix=debate.prefix or "debate", name=name, against=against)  # type: ignore[arg-type]

    @cached_property
    def _counts(self) -> Counter[str]:
        from argraph.argument.census import counted

        return counted(self.argument)

    def stats(self) -> dict[str, int]:
        """How much of everything the graph holds, in reading order."""
        from argraph.argument.census import census

        return {
            "debates": len(self.debates),
            "files": len(self.store.graphs),
            "triples": len(self.store.raw),
            **census(self.argument, self._counts),
        }
