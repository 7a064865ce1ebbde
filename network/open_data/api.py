"""Public data of the network as an API, at `/api/<language>/` of the public site.

The first page of each list is prerendered.
Other pages, and single records, are served here, without a record of who requested them.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Path, Query, Router, Schema
from ninja.errors import ValidationError
from pydantic import ConfigDict, Field

from core.http import public_url
from core.publishing import routes
from network.members import vcards
from network.open_data import lists
from network.open_data import lists as open_records
from network.open_data.feeds import FEEDS
from network.open_data.lists import FOLDER, LISTS, MOST_PER_PAGE, PER_PAGE, OpenList
from network.practices import open_table


class AskedPage(Schema):
    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(PER_PAGE, ge=1, le=MOST_PER_PAGE)
    id: uuid.UUID | None = None


class AskedCard(Schema):
    id: uuid.UUID


class OpenRecord(Schema):
    """A record in the vocabulary of schema.org (JSON-LD)."""

    model_config = ConfigDict(extra="allow")


class RecordPage(Schema):
    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool
    license: str | None
    contents: list[OpenRecord]


class ApiRoot(Schema):
    language: str
    documentation: str
    openapi_url: str
    lists: dict[str, str]


api = NinjaAPI(
    title="Network",
    version="1",
    description="What is public of the network: members who show themselves, their needs and offers, "
    "practices with their evidence, research digests, events.",
    docs_url=None,  # the documentation page loads third-party scripts
    openapi_url=None,  # one for each language, below
    urls_namespace="network-api",
)
router = Router()
HTTP_OK = 200
# Locations that the framework adds to the name of a parameter.
PLACES = ("query", "asked")


@api.exception_handler(ValidationError)
def refused(request: HttpRequest, problem: ValidationError) -> HttpResponseBase:
    """Reject an invalid request with 400, naming the invalid parameters but not their values."""
    wrong = [
        {"parameter": next(part for part in error["loc"] if part not in PLACES), "message": error["msg"]}
        for error in problem.errors
    ]
    return as_json(request, {"detail": wrong}, status=400)


@api.exception_handler(Http404)
def missing(request: HttpRequest, problem: Http404) -> HttpResponseBase:
    return as_json(request, {"detail": "Not found"}, status=404)


def as_json(request: HttpRequest, what: object, *, status: int = 200) -> HttpResponseBase:
    text = json.dumps(what, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder) + "\n"
    return conditional(request, HttpResponse(text, status=status, content_type="application/json"))


def conditional(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """Add an ETag of the content to a response; return 304 if the client has it already.

    Prerendered files get their ETag from the server.
    """
    if routes.is_prerendering(request) or response.status_code != HTTP_OK:
        return response
    response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


def in_language(request: HttpRequest, language: str, *, answers_query: bool = False) -> translation.override:
    if not routes.may_render(request, answers_query=answers_query):
        raise Http404
    if language not in open_records.languages():
        raise Http404
    return translation.override(language)


def unknown_parameter(request: HttpRequest, asked: Schema) -> HttpResponseBase | None:
    """Return an error that lists the valid parameters, if the query has any other.

    The unknown one is not repeated.
    """
    known = type(asked).model_fields
    if set(request.GET) <= set(known):
        return None
    message = f"Unknown parameter. There are: {', '.join(known)}."
    return as_json(request, {"detail": [{"message": message}]}, status=400)


@router.get("", response=ApiRoot, summary="About this interface", operation_id="network_about")
def about(request: HttpRequest, language: Path[str]) -> HttpResponseBase:
    with in_language(request, language):
        return as_json(request, open_records.root(language))


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: HttpRequest, language: Path[str]) -> HttpResponseBase:
    with in_language(request, language):
        return as_json(request, description(language))


def page_of(wanted: OpenList) -> Callable[..., HttpResponseBase]:
    """Return the view of one list."""

    def view(request: HttpRequest, language: Path[str], asked: Query[AskedPage]) -> HttpResponseBase:
        with in_language(request, language, answers_query=True):
            return unknown_parameter(request, asked) or as_json(
                request,
                open_records.page(wanted, language, number=asked.page, per_page=asked.per_page, identity=asked.id),
            )

    return view


for _list in LISTS.values():
    router.get(
        f"/{_list.name}",
        response=RecordPage,
        summary=f"The list of {_list.name}",
        operation_id=f"network_{_list.name}",
    )(page_of(_list))


@router.get("/members/card", summary="What a member shows to everybody, as a vCard", operation_id="network_card")
def card(request: HttpRequest, language: Path[str], asked: Query[AskedCard]) -> HttpResponseBase:
    """Return a member's vCard.

    Rendered on request and never prerendered, so that no file of a withdrawn card remains.
    """
    with in_language(request, language, answers_query=True):
        if (problem := unknown_parameter(request, asked)) is not None:
            return problem
        profile = open_records.card_of(asked.id, language)
        if profile is None:
            raise Http404
        response = HttpResponse(
            vcards.of_profile(profile, public_url(f"/{language}/network/{profile.uuid}/")),
            content_type=vcards.CONTENT_TYPE,
        )
    response["Content-Disposition"] = f'attachment; filename="{profile.uuid}.vcf"'
    return conditional(request, response)


api.add_router("/{language}", router)


@cache
def schema() -> dict[str, Any]:
    """Return the OpenAPI document of all languages.

    It is shared: do not modify it.
    """
    return dict(api.get_openapi_schema(path_prefix=""))


def description(language: str) -> dict[str, Any]:
    """Return the OpenAPI document of one language, with paths relative to the URL of its server."""
    paths = {}
    for path, operations in schema()["paths"].items():
        paths[path.removeprefix("/{language}") or "/"] = {
            method: operation
            | {"parameters": [each for each in operation.get("parameters", []) if each["name"] != "language"]}
            for method, operation in operations.items()
        }
    return schema() | {"servers": [{"url": public_url(f"{FOLDER}{language}")}], "paths": paths}


def about_interface(request: HttpRequest) -> HttpResponse:
    language = translation.get_language()
    if not routes.may_render(request) or language not in lists.languages():
        raise Http404
    context = {
        "title": _("The network for programs"),
        "description": _(
            "What is public of the network as lists in JSON-LD, described in OpenAPI, and feeds of what is new."
        ),
        "lists": [
            (each.title, public_url(lists.list_path(language, each.name)), each.is_open_data)
            for each in lists.LISTS.values()
        ],
        "root": public_url(f"{lists.FOLDER}{language}"),
        "feeds": [public_url(feed.path(language)) for feed in FEEDS if language in feed.pages()],
        "table": public_url(open_table.PATH),
        "table_metadata": public_url(open_table.METADATA_PATH),
        "licence": settings.OPEN_DATA_LICENCE["code"],
        "licence_url": settings.OPEN_DATA_LICENCE["url"],
        "most": lists.MOST_PER_PAGE,
    }
    return render(request, "network/open_data/data.html", context)
