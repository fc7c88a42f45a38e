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

from argraph import __version__, resources, vocab
from argraph.errors import ResourceMissing, UnknownNode
from argraph.progress import Report as Progress
from argraph.progress import silent
from argraph.rdf.store import Amendment, Store, read_files
from argraph.showing import Showing

if TYPE_CHECKING:
    from argraph.argument.dependence import Dependence
    from argraph.argument.derived import Derivation
    from argraph.argument.evaluation import Framework, Verdict
    from argraph.argument.extensions import Semantics
    from argraph.argument.scores import Scores
    from argraph.contribution.archive import Archive
    from argraph.contribution.check import Edit
    from argraph.contribution.history import Chronicle
    from argraph.contribution.impact import Impact
    from argraph.diagnostics import Report
    from argraph.rdf.statistics import Statistics


class Workspace(Showing):
    """An opened graph folder."""

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
        self._since: tuple[frozenset[ox.Quad], frozenset[ox.Quad]] | None = None

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
        report: Progress = silent,
    ) -> Workspace:
        """Open a folder of Turtle files; without one, the shipped debates.

        Args:
            graph: The folder.
            scores: A Turtle file with scores to use in place of those that the ontology declares.
            queries: Folder of saved queries beside the shipped ones; see `catalogue.Folder`.
            data: Folder of a ledger that records how the files came about.
            as_of: Show it as it was then; see `Archive.as_of`. Saved queries and scores are those of now.
            chronicle: What the ledger records, where that is known already, in place of `data`.
            report: Is told how far it is.

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
            return cls(folder, Store.load(folder, report), amended, queries=queries)
        from argraph.contribution.archive import Archive
        from argraph.contribution.history import Chronicle

        archive = Archive(folder, Chronicle.read(data) if data and chronicle is None else chronicle)
        if as_of is None:
            store = Store.load(folder, report)
            return cls(folder, store, amended, queries=queries, archive=archive)
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
        told = self.store.amendment(changes)
        if not told.store.graphs:
            raise ResourceMissing(f"There is no Turtle file (*.ttl) in {self.folder}.")
        archive = self.archive.amended(changes, chronicle)
        other = Workspace(self.folder, told.store, self._scores, queries=self.queries, archive=archive)
        other._origin = ref(self), told
        other._take_over(self, told)
        return other

    def _take_over(self, before: Workspace, told: Amendment) -> None:
        """Have what another workspace has worked out, amended by what became of its store."""
        from argraph.argument.census import recounted
        from argraph.argument.dependence import edited

        known = vars(before)
        for name in ("scores", "shapes", "shipped"):  # what does not depend on the files
            if name in known:
                vars(self)[name] = known[name]
        if "argument" in known:
            added = [quad.triple for quad in self.store.quads_of(told.new)]
            self.argument = before.argument.edited(before.store.raw, without=told.gone, triples=added)
            if "_counts" in known:
                self._counts = recounted(before._counts, before.argument, self.argument)
            if "framework" in known:
                self.framework = before.framework.edited(before.argument, self.argument, self.scores)
                if "dependence" in known:
                    debates = before.argument, self.argument
                    self.dependence = edited(before.dependence, *debates, before.framework, self.framework)
            if "ground" in known:
                self.ground = before.ground.amended(told, self.argument)
        if {"statistics", "index"} & known.keys():
            self._take_over_counts(before)

    def _take_over_counts(self, before: Workspace) -> None:
        """The same of what is counted and indexed."""
        known = vars(before)
        gone, new = self.argued_since(before)
        if "statistics" in known:
            self.statistics = before.statistics.amended(gone, new)
        if "index" in known:
            status = ox.NamedNode(vocab.STATUS)
            settled = {quad.subject for quad in (*gone, *new) if quad.predicate == status}
            touched = {term.value for term in settled if isinstance(term, ox.NamedNode)}
            touched.update(*self.argument.differences(before.argument))
            self.index = before.index.amended(self.argument, self.verdicts, touched)

    def prepare(self, report: Progress = silent, *, index: bool = True) -> None:
        """Compute what showing the debate takes, so that nobody waits for it later.

        Args:
            report: Is told how far it is.
            index: Whether the search index is to be made as well.
        """
        stages = [
            ("Building the argument graph", "argument"),
            ("Computing statuses and strengths", "verdicts"),
            ("Finding what statements hang on", "dependence"),
            ("Counting", "statistics"),
            ("Naming the state", "version"),
            ("Setting the stage", "stage"),
        ]
        for what, needed in [*stages, *[("Indexing words", "index")] * index]:
            with report(what):
                getattr(self, needed)  # reading them is what computes them

    @cached_property
    def scores(self) -> Scores:
        """The base scores: those that the ontology declares, unless others were given."""
        from argraph.argument.scores import Scores

        return self._scores or Scores.declared()

    @cached_property
    def digest(self) -> str:
        """Fingerprint of all that statuses and strengths are computed from: files and base scores."""
        return fingerprint_of(self.store.digest, self.scores)

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
    def dependence(self) -> Dependence:
        """For statements that stand, the nodes and steps without any one of which they would not, by IRI."""
        from argraph.argument.dependence import dependence

        return dependence(self.argument, self.framework)

    @cached_property
    def derivation(self) -> Derivation:
        """The debate with all that is computed of it."""
        from argraph.argument.derived import Derivation

        sources = frozenset(self.store.graphs.values())
        return Derivation(self.argument, self.framework, self.dependence, sources, self.digest, __version__)

    def argued(self) -> Iterator[ox.Quad]:
        """What the files say, and what is computed from it, in named graphs."""
        from argraph.argument import derived

        yield from self.store.raw
        yield from derived.statements(self.derivation)

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
        yield from self.argued()
        for part in self._added():
            yield from part

    def _added(self) -> Iterator[Iterator[ox.Quad]]:
        """What argraph adds to what is argued, graph by graph."""
        yield self.provenance()
        yield self.statistics.statements()
        yield self.published(self.shipped.values())

    def difference(self, before: Workspace) -> tuple[set[ox.Quad], set[ox.Quad]]:
        """The quads that only another workspace has among its `quads`, and those that only this one has.

        Of files and of what is computed it looks at what differs, where this workspace is the other one as
        amended.
        """
        gone, new = map(set, self.argued_since(before))
        for was, now in zip(before._added(), self._added(), strict=True):
            old, fresh = set(was), set(now)
            gone |= old - fresh
            new |= fresh - old
        return gone, new

    def argued_since(self, before: Workspace) -> tuple[frozenset[ox.Quad], frozenset[ox.Quad]]:
        """The same of `argued`; kept, where this workspace is the other one as amended."""
        if self._origin is None or self._origin[0]() is not before:
            return self._argued_since(before, set(before.store.raw), set(self.store.raw))
        if self._since is None:
            told = self._origin[1]
            was, now = set(before.store.quads_of(told.gone)), set(self.store.quads_of(told.new))
            self._since = self._argued_since(before, was, now)
        return self._since

    def _argued_since(
        self, before: Workspace, was: set[ox.Quad], now: set[ox.Quad]
    ) -> tuple[frozenset[ox.Quad], frozenset[ox.Quad]]:
        from argraph.argument import derived

        gone, new = derived.difference(before.derivation, self.derivation)
        return frozenset(was - now).union(gone), frozenset(now - was).union(new)

    @cached_property
    def version(self) -> str:
        """Names the content of `quads`: equal for equal files, scores and queries and the same release."""
        queries = [(stored.name, stored.text) for stored in self.shipped.values()]
        accepted = [change.entry.id for change in self.archive.chronicle.changes]
        told = json.dumps([__version__, self.digest, sorted(self.store.graphs.values()), queries, accepted])
        return sha256(told.encode()).hexdigest()

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


def fingerprint_of(digest: str, scores: Scores) -> str:
    """`Workspace.digest` for files of that digest, and base scores."""
    grades, factors = (sorted(table.items()) for table in (scores.grades, scores.factors))
    return sha256(repr((digest, grades, factors, scores.assumed)).encode()).hexdigest()
