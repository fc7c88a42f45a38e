"""A debate that carries every attack in every text: what a page, picture or file must show as mere text."""

from __future__ import annotations

import json
from pathlib import Path

STRUCK = "window.struck=1"
"""What every attack tries to run."""

ATTACKS: dict[str, str] = {
    "script": f"<script>{STRUCK}</script>",
    "end-of-script": f"</script><script>{STRUCK}</script>",
    "end-of-title": f"</title></style></textarea><script>{STRUCK}</script>",
    "image": f"<img src=x onerror={STRUCK}>",
    "svg": f"<svg onload={STRUCK}><animate onbegin={STRUCK} attributeName=x dur=1s>",
    "attribute": f'" autofocus onfocus={STRUCK} onmouseover={STRUCK} x="',
    "apostrophe": f"' autofocus onfocus={STRUCK} x='",
    "backtick": f"` onfocus={STRUCK} ${{{STRUCK}}}",
    "string": f"\\\";{STRUCK};//\\';{STRUCK}//",
    "lines": f"\u2028{STRUCK}\u2029\n{STRUCK}\r\n*/{STRUCK}/*",
    "comment": f"--><script>{STRUCK}</script><!--<script>",
    "cdata": f"]]><script>{STRUCK}</script><![CDATA[",
    "entity": f"&lt;script&gt;{STRUCK}&lt;/script&gt;&#60;script&#62;",
    "encoded": f"%3Cscript%3E{STRUCK}%3C/script%3E",
    "template": f"{{{{constructor.constructor('{STRUCK}')()}}}}{{% for x in [] %}}${{{STRUCK}}}",
    "address": f"javascript:{STRUCK}",
    "data-address": f"data:text/html,<script>{STRUCK}</script>",
    "object": f"<object data='data:text/html,<script>{STRUCK}</script>'></object><base href=//evil.example/>",
    "style": "</style><style>*{background:url(//evil.example/x)}</style>"
    "<link rel=stylesheet href=//evil.example/>",
    "frame": f"<iframe srcdoc='<script>parent.{STRUCK}</script>'></iframe>"
    "<meta http-equiv=refresh content=0;//evil.example>",
    "diagram": f'"]; click a "javascript:{STRUCK}" \n a [URL="javascript:{STRUCK}", label=<<b>x</b>>];'
    " %%{init: {}}%%",
    "reference": "}, url = {javascript:x}\n}\n@misc{evil, \\input{/etc/passwd} \\write18{id} %",
    "header": "x\r\nSet-Cookie: struck=1\r\n\r\n<html>",
    "prototype": "__proto__",
    "direction": "\u202eevil\u202c \u2066\u2067\u2069 \u061c",
    "invisible": "in\u200bvi\u200csi\u200dble\ufeff\u2060\u00ad",
    "long": "x" * 5_000,
    "marks": "Z\u0311\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324" * 40,
}
"""By name; the name is part of the local names of all that carries the attack."""

_PREFIXES = """@prefix arg: <https://w3id.org/argraph/ns#> .
@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix fabio: <http://purl.org/spar/fabio/> .
@prefix i: <https://injected.example/d/> .
@prefix onload-alert: <https://injected.example/d/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def write(folder: Path) -> None:
    """Write the debate into a folder, in a file whose name is an attack as well."""
    name = "<img src=x onerror=window.struck=1> & '.ttl"
    (folder / name).write_text(_PREFIXES + _debate() + "".join(map(_carrier, ATTACKS)), encoding="utf-8")


def _text(attack: str) -> str:
    return json.dumps(ATTACKS[attack])


def _debate() -> str:
    every = json.dumps(" ".join(text for name, text in ATTACKS.items() if len(text) < 300))
    title = _text("end-of-title")
    return f"""
<https://injected.example/d/> a void:Dataset ; dcterms:title {title} ; dcterms:description {every} ;
    void:uriSpace "https://injected.example/d/" .
i:thesis a arg:Thesis ; skos:prefLabel {title} ; schema:text {every} ; skos:note {every} ; arg:assumed true .
i:contribution a arg:Contribution ; dcterms:title {title} ; dcterms:description {every} ;
    dcterms:creator <javascript:window.struck=1>, "creator {ATTACKS["image"]}" ;
    dcterms:isPartOf <https://injected.example/d/> ;
    dcterms:license <javascript:window.struck=1> ; dcterms:created "<script>{STRUCK}</script>" .
"""


def _carrier(attack: str) -> str:
    """Nodes of every kind with one attack in all their texts, and steps of every kind between them."""
    text = _text(attack)
    doi = json.dumps("10.1/" + ATTACKS[attack])
    return f"""
i:theme-{attack} a arg:Theme ; skos:prefLabel {text} ; skos:definition {text} .
i:scheme-{attack} a arg:Scheme ; skos:prefLabel {text} ; skos:definition {text} ;
    arg:criticalQuestion {text} .
i:article-{attack} a schema:Article ; schema:name {text} ; bibo:authorList ( {text} ) ; schema:url {text} .
i:passage-{attack} a arg:Passage ; dcterms:isPartOf i:article-{attack} ; schema:position {text} .
i:claim-{attack} a arg:Claim ; skos:prefLabel {text} ; schema:text {text} ; skos:note {text} ;
    skos:altLabel {text} ;
    dcterms:subject i:theme-{attack} ; prov:hadPrimarySource i:passage-{attack}, i:article-{attack} .
i:objection-{attack} a arg:Objection ; skos:prefLabel {text} ; schema:text {text} ; arg:assumed true .
i:rebuttal-{attack} a arg:Rebuttal ; skos:prefLabel {text} ; schema:text {text} ; skos:note {text} .
i:evidence-{attack} a arg:Evidence ; skos:prefLabel {text} ; schema:text {text} ; skos:note {text} ;
    arg:reportedIn i:study-{attack} ;
    arg:grade arg:Moderate ; arg:verification arg:Unverified .
i:study-{attack} a arg:Study ; schema:name {text} ; bibo:authorList ( {text} "{STRUCK}, <b>" ) ;
    arg:venue {text} ;
    schema:datePublished {text} ; bibo:doi {doi} ; fabio:hasArXivId {text} ; schema:url {text} ;
    skos:note {text} .
i:study-iri-{attack} a arg:Study ; schema:name {text} ; schema:url <javascript:window.struck=1> ;
    schema:isbn {text} ; schema:publisher {text} .
i:evidence-iri-{attack} a arg:Evidence ; schema:text {text} ; arg:reportedIn i:study-iri-{attack} ;
    arg:grade arg:Low .
i:support-{attack} a arg:Support ; arg:premise i:claim-{attack} ; arg:conclusion i:thesis ;
    schema:text {text} ; arg:scheme i:scheme-{attack} .
i:attack-{attack} a arg:Attack ; arg:premise i:objection-{attack} ; arg:target i:claim-{attack} ;
    schema:text {text} .
i:answer-{attack} a arg:Attack ; arg:premise i:rebuttal-{attack} ; arg:target i:attack-{attack} ;
    schema:text {text} .
i:line-{attack} a arg:EvidenceLine ; arg:evidence i:evidence-{attack} ; arg:bearsOn i:claim-{attack} ;
    arg:direction arg:For ;
    arg:directness arg:Direct ; skos:note {text} .
i:line-iri-{attack} a arg:EvidenceLine ; arg:evidence i:evidence-iri-{attack} ;
    arg:bearsOn i:rebuttal-{attack} ; arg:direction arg:For .
"""
