"""The files of a debate as they are or as they were, with the changes that led to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from argraph.contribution.history import Chronicle, Happening, Turn
from argraph.contribution.versions import entered
from argraph.errors import ResourceMissing
from argraph.rdf.store import Store, read_files


class Archive:
    """A debate's folder at one moment, or now; safe to use from several threads.

    Attributes:
        folder: Where its files are.
        chronicle: The accepted changes that led to them.
        moment: The moment; None for now.
    """

    def __init__(
        self,
        folder: Path,
        chronicle: Chronicle | None = None,
        *,
        moment: datetime | None = None,
        held: Mapping[str, bytes] | None = None,
    ) -> None:
        """The folder as it is now, or else with the files that are `held`, by their paths."""
        self.folder = folder
        self.chronicle = chronicle or Chronicle()
        self.moment = moment
        self._home = folder if folder.is_dir() else folder.parent
        self._held = held

    def as_of(self, moment: datetime) -> Archive:
        """The same as it was: what was accepted later is undone, what is dated later left out.

        Args:
            moment: In UTC.

        Raises:
            ResourceMissing: Then nothing is left; or there is no such folder.
        """
        now = {self._relative(path): data for path, data in read_files(self.folder).items()}
        then = self.chronicle.at(now, moment)
        if not then:
            days = {day for data in now.values() if (day := entered(data)[0])}
            days |= {change.at.date().isoformat() for change in self.chronicle.changes}
            known = f": its first contribution is dated {min(days)}" if days else ""
            raise ResourceMissing(
                f"There was nothing in {self.folder} as of {moment:%Y-%m-%d %H:%M} UTC{known}."
            )
        held = {str(self._home / path): data for path, data in then.items()}
        return Archive(self.folder, self.chronicle.until(moment), moment=moment, held=held)

    def amended(self, changes: Mapping[str, bytes | None], chronicle: Chronicle | None = None) -> Archive:
        """The same when files were changed.

        Args:
            changes: Their bytes, by path as `Store.graphs` has it; None where one went.
            chronicle: The accepted changes that led there; without one, those of this archive.
        """
        held = self._held
        if held is not None:
            stay = {path: data for path, data in held.items() if path not in changes}
            held = {**stay, **{path: data for path, data in changes.items() if data is not None}}
        return Archive(self.folder, chronicle or self.chronicle, moment=self.moment, held=held)

    def load(self) -> Store:
        """What the files say.

        Raises:
            ResourceMissing: There is no such folder, or it holds no Turtle file.
            BrokenGraph: A file is not valid Turtle.
        """
        return Store.load(self.folder) if self._held is None else Store.of(self._held, self.folder)

    def files(self, paths: Sequence[str]) -> dict[str, bytes]:
        """The bytes of files, by path relative to the folder, with “/”.

        Args:
            paths: As `Store.graphs` has them.

        Raises:
            ResourceMissing: One cannot be read any more.
        """
        held = read_files(*map(Path, paths)) if self._held is None else self._held
        return {self._relative(path): held[path] for path in paths}

    def gone(self, iris: Iterable[str]) -> str:
        """The first of some IRIs that accepted changes speak of, so that it was a node once; else empty."""
        return next((iri for iri in iris if iri in self.chronicle.touched), "")

    def of_node(self, iri: str, paths: Sequence[str]) -> list[Happening]:
        """What happened to a node or step, oldest first; empty where nothing is known of it.

        Args:
            iri: Its IRI.
            paths: The files that speak of it.

        Raises:
            ResourceMissing: One cannot be read any more.
        """
        return self.chronicle.of_node(iri, self.files(paths))

    def turns(self, paths: Sequence[str]) -> list[Turn]:
        """How the debate came about, newest first.

        Args:
            paths: All its files.

        Raises:
            ResourceMissing: One cannot be read any more.
        """
        return self.chronicle.turns(self.files(paths))

    def _relative(self, path: str) -> str:
        return Path(path).relative_to(self._home).as_posix()
