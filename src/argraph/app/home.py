"""The start page: the debate at a glance, and what it hangs on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Final

from starlette.responses import Response

from argraph.app.cards import Link
from argraph.app.pages import StartPage, ThesisView
from argraph.app.site import Site
from argraph.app.thesis import Theses
from argraph.argument.cruxes import cruxes, without_finer
from argraph.argument.wording import counted, name

_WORK: Final = 200_000  # items labelled in each search: a page does not keep its readers waiting
_TOLD: Final = 4
_LARGE: Final = 5_000  # statements and findings; in a larger debate one asks for each statement by itself


@dataclass(frozen=True, slots=True)
class Hinge:
    """What the status of a statement hangs on: one of the smallest sets of changes that turn it.

    Attributes:
        of: The statement.
        kind: What it is.
        status: Its status now.
        would: What would become of it: `fall` or `stand`.
        done: What would have to happen to the items: `withdrawn` or `answered`.
        items: Statements, findings or inferences.
        besides: How many other sets would do, in words; empty for none.
        fewer: Whether it is known that fewer would not do.
    """

    of: Link
    kind: str
    status: str
    would: str
    done: str
    items: tuple[Link, ...]
    besides: str
    fewer: bool


class Home:
    """The start page."""

    def __init__(self, site: Site, theses: Theses) -> None:
        self._site = site
        self._pages = site.pages
        self._theses = theses
        self._lock = Lock()

    def page(self) -> Response:
        """The debate at a glance."""
        with self._lock:  # worked out by the first who asks; the others wait for it
            told = self._told
        page, hinges = told
        maps = {
            view.card.href: self._theses.address(self._pages.workspace.find(view.card.id))
            for debate in page.debates
            for view in debate.theses
        }
        return self._site.html("start.html", page=page, hinges=hinges, maps=maps)

    @cached_property
    def _told(self) -> tuple[StartPage, dict[str, tuple[Hinge, ...]]]:
        page = self._pages.start()
        views = [view for debate in page.debates for view in debate.theses]
        return page, {view.card.href: tuple(self._hinges(view)) for view in views}

    def _hinges(self, view: ThesisView) -> Iterator[Hinge]:
        """What a thesis and its main reasons hang on, where that was found."""
        if len(self._pages.argument.nodes) > _LARGE:
            return
        pillars = (premise.id for reason in view.pillars for premise in reason.argument.premises)
        for key in [view.card.id, *list(dict.fromkeys(pillars))[:_TOLD]]:
            iri = self._pages.workspace.find(key)
            hinge = self._hinge(iri) if iri else None
            if hinge:
                yield hinge

    def _hinge(self, iri: str) -> Hinge | None:
        workspace, argument = self._pages.workspace, self._pages.argument
        result = cruxes(argument, workspace.scores, iri, work=_WORK, framework=workspace.framework)
        stands = result.status == "accepted"
        answer = result.flips if stands else result.restores
        told = without_finer(argument, [crux.items for crux in answer.sets])
        if not told:
            return None
        first, *others = told
        return Hinge(
            of=self._pages.cards.link(iri),
            kind=argument.nodes[iri].kind,
            status=result.status,
            would="fall" if stands else "stand",
            done="withdrawn" if stands else "answered",
            items=tuple(Link(self._pages.cards.href(item), name(argument, item)) for item in first),
            besides=counted(len(others), "other set") if others else "",
            fewer=len(first) > 1,
        )
