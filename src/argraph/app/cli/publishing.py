"""Commands for nanopublications: check and publish."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from argraph.app.cli.base import graph_option, main, operation
from argraph.errors import ArgraphError, FormatError, ResourceMissing


@main.group("nanopub")
def nanopub_() -> None:
    """Check nanopublications, and publish a debate as such.

    \b
    Examples:
      argraph nanopub check downloaded.trig
      argraph nanopub publish --key key.pem --creator https://orcid.org/0000-0002-1825-0097 -o debate.trig
    """


@nanopub_.command("check")
@click.argument("files", metavar="FILE…", type=click.Path(path_type=Path), nargs=-1, required=True)
@operation
def check_nanopub(files: tuple[Path, ...]) -> None:
    """Check the structure, Trusty URI and signature of each nanopublication in files.

    Exit code 1: one is not in order; its fault is named.

    \b
    Examples:
      argraph nanopub check downloaded.trig
    """
    from argraph.exchange import nanopub

    faults = 0
    for path in files:
        try:
            found = nanopub.read(_bytes(path), str(path))
        except FormatError as fault:
            faults += 1
            click.echo(str(fault))
            continue
        for np in found:
            trusty = "its Trusty URI is right" if np.code else "it has no Trusty URI"
            try:
                signed = "its signature is right" if nanopub.check_signature(np) else "it is not signed"
            except ResourceMissing as missing:
                signed = f"its signature is not checked ({missing})"
            except ArgraphError as fault:
                faults += 1
                click.echo(f"{path}: {fault}")
                continue
            click.echo(f"{path}: {np.iri}: in order; {trusty}; {signed}.")
    sys.exit(1 if faults else 0)


@nanopub_.command("publish")
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="RSA key to sign with.")
@click.option("--creator", default="", metavar="IRI", help="Who answers for it, such as https://orcid.org/…")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", required=True
)
@graph_option
@operation
def publish(key: Path | None, creator: str, output: Path, graph: Path | None) -> None:
    """Write a debate as nanopublications, signed with a key; what it came from stays as it was signed.

    Nothing is sent anywhere: the file is yours to publish.

    \b
    Examples:
      argraph nanopub publish -o debate.trig
      argraph nanopub publish --key id_rsa --creator https://orcid.org/0000-0002-1825-0097 -o d.trig
    """
    from argraph.exchange import nanoarguments, nanopub
    from argraph.exchange.turtle import Place
    from argraph.workspace import Workspace

    private = nanopub.private_key(_bytes(key), str(key)) if key is not None else None
    model, base = Workspace.open(graph).model()
    Place(base, creator=creator) if creator else Place(base)
    data = nanoarguments.dump(model, base, key=private, creator=creator)
    try:
        output.write_bytes(data)
    except OSError as error:
        raise ArgraphError(f"{output} cannot be written: {error.strerror}.") from error
    signed = "signed" if private is not None else "not signed"
    click.echo(f"{output}: {len(nanopub.read(data, str(output)))} nanopublications, {signed}.")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ResourceMissing(f"{path} cannot be read: {error.strerror}.") from error
