"""The start page: the debate at a glance, and what its theses hang on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, Final

from starlette.responses import Response

from argraph.app.cards import Link
from argraph.app.exchanging import WRITTEN, shown
from argraph.app.overview import Overview, ThesisView
from argraph.app.site import Site
from argraph.app.thesis import Theses
from argraph.argument.cruxes import cruxes, without_finer
from argraph.argument.wording import counted, name

_WORK: Final = 200_000  # items labelled in each search: a page does not keep its readers waiting
_TOLD: Final = 4  # main reasons whose hinges are told
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
        return self._site.html("start.html", exports=shown(WRITTEN, self._pages.workspace.argument), **told)

    @cached_property
    def _told(self) -> dict[str, Any]:
        """What the template is given: `hinges` and `maps` are by the address of a thesis's page."""
        pages = self._pages
        page = Overview(pages.cards, pages.findings).start()
        views = [view for debate in page.debates for view in debate.theses]
        iris = {view.card.href: pages.workspace.resolve(view.card.id) for view in views}
        return {
            "page": page,
            "hinges": {view.card.href: tuple(self._hinges(view)) for view in views},
            "maps": {href: self._theses.address(iri) for href, iri in iris.items()},
        }

    def _hinges(self, view: ThesisView) -> Iterator[Hinge]:
        """What a thesis and its main reasons hang on, where that was found."""
        if len(self._pages.argument.nodes) > _LARGE:
            return
        pillars = [premise.id for reason in view.pillars for premise in reason.argument.premises]
        for key in (view.card.id, *[*dict.fromkeys(pillars)][:_TOLD]):
            if hinge := self._hinge(self._pages.workspace.resolve(key)):
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
