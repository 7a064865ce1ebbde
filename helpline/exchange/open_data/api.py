"""Programmes as an HSDS API (Open Referral) at `/hsds/<language>/` of the public site.

Objects and first pages are prerendered.
Requests with a query are answered here, and are not logged.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from functools import cache
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from ninja import NinjaAPI, Path, Query, Router, Schema
from ninja.errors import ValidationError
from pydantic import AfterValidator, ConfigDict, Field

from core.http import public_url
from core.languages import tree
from core.publishing import routes
from helpline.exchange.hsds import pages
from helpline.exchange.hsds.pages import FOLDER, MOST_PER_PAGE, PER_PAGE, VERSION, ListQuery
from helpline.exchange.hsds.taxonomies import Object
from helpline.exchange.open_data.views import as_json

LONGEST = 200
Text = Annotated[str, Field("", max_length=LONGEST, pattern=r"^[^\x00]*$")]
# As ISO 3166 writes it, in upper or lower case.
Country = Annotated[
    str,
    AfterValidator(str.lower),
    Field("", pattern="^([A-Za-z]{2})?$", description="Services for readers there, in the order of our finder."),
]
Age = Annotated[int | None, Field(None, ge=0, le=150)]


class Paged(Schema):
    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(PER_PAGE, ge=1, le=MOST_PER_PAGE)
    format: str = Field("json", pattern="^json$")
    search: Text


class OfServices(Paged):
    taxonomy_term_id: Text
    taxonomy_id: Text
    organization_id: Text
    modified_after: dt.datetime | dt.date | None = None
    minimum_age: Age
    maximum_age: Age
    full: bool = True


class Services(OfServices):
    country: Country
    minimal: bool = False


class AtLocations(OfServices):
    postcode: Text
    proximity: Text


class Organizations(Paged):
    taxonomy_term_id: Text
    taxonomy_id: Text
    full: bool = True
    full_service: bool = False


class Terms(Paged):
    taxonomy_id: Text
    parent_id: Text
    top_only: bool = False


class Item(Schema):
    """An object as the schemas of HSDS describe it."""

    model_config = ConfigDict(extra="allow")
    id: uuid.UUID


class ResultPage(Schema):
    model_config = ConfigDict(extra="allow")
    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool
    contents: list[Item]


class Root(Schema):
    model_config = ConfigDict(extra="allow")
    version: str
    profile: str
    openapi_url: str


api = NinjaAPI(
    title="HSDS",
    version=VERSION,
    description="Services that two people have checked, in the format of Open Referral.",
    docs_url=None,  # the documentation page loads third-party scripts
    openapi_url=None,  # one for each language, below
    urls_namespace="hsds",
)
router = Router()
# Not required by the UK profile.
OPTIONAL = ["Optional"]
# Where the framework found a parameter, which is not part of its name.
PLACES = ("query", "asked")


@api.exception_handler(ValidationError)
def refused(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    """Answer an invalid request with 400, naming the parameters that are wrong, without repeating their values."""
    if any(error["loc"][0] == "path" for error in problem.errors):
        return missing(request, Http404())  # not a UUID, so no object has it
    wrong = [
        {"parameter": next(part for part in error["loc"] if part not in PLACES), "message": error["msg"]}
        for error in problem.errors
    ]
    return as_json({"detail": wrong}, status=400)


@api.exception_handler(Http404)
def missing(request: HttpRequest, problem: Http404) -> HttpResponse:
    return as_json({"detail": "Not found"}, status=404)


def page(request: HttpRequest, language: str, asked: Paged, make: Callable[[ListQuery], Object]) -> HttpResponse:
    """Return one page of a list.

    The first page without filters is prerendered, and one with a query is rendered on request.
    """
    known = type(asked).model_fields
    if not set(request.GET) <= set(known):
        # The response does not repeat the name, which may be a search term of the user.
        message = f"Unknown parameter. There are: {', '.join(known)}."
        return as_json({"detail": [{"message": message}]}, status=400)
    given = {name: value for name, value in asked.model_dump().items() if name in ListQuery.__dataclass_fields__}
    if "modified_after" in given:
        given["modified_after"] = moment(given["modified_after"])
    with in_language(request, language, answers_query=True):
        return as_json(make(ListQuery(**given)))


def one(
    request: HttpRequest,
    language: str,
    identity: uuid.UUID,
    find: Callable[[uuid.UUID], Object | None],
) -> HttpResponse:
    with in_language(request, language):
        found = find(identity)
    if found is None:
        raise Http404
    return as_json(found)


def in_language(request: HttpRequest, language: str, *, answers_query: bool = False) -> translation.override:
    if not routes.may_render(request, answers_query=answers_query) or not tree.is_public(language):
        raise Http404
    return translation.override(language)


def moment(given: dt.datetime | dt.date | None) -> dt.datetime | None:
    """Return an aware datetime: a date is its midnight, and a time without a zone is in UTC."""
    if given is None:
        return None
    if not isinstance(given, dt.datetime):
        given = dt.datetime.combine(given, dt.time())
    return timezone.make_aware(given, dt.UTC) if timezone.is_naive(given) else given


@router.get("", response=Root, summary="About this API")
def about(request: HttpRequest, language: Path[str]) -> HttpResponse:
    with in_language(request, language):
        return as_json(pages.root())


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: HttpRequest, language: Path[str]) -> HttpResponse:
    with in_language(request, language):
        return as_json(description(language))


@router.get("/services", response=ResultPage, summary="Services")
def services(request: HttpRequest, language: Path[str], asked: Query[Services]) -> HttpResponse:
    return page(request, language, asked, pages.services)


@router.get("/services/{identity}", response=Item, summary="A service")
def service(request: HttpRequest, language: Path[str], identity: uuid.UUID) -> HttpResponse:
    return one(request, language, identity, pages.one_service)


@router.get("/taxonomies", response=ResultPage, summary="Taxonomies")
def taxonomies(request: HttpRequest, language: Path[str], asked: Query[Paged]) -> HttpResponse:
    return page(request, language, asked, pages.taxonomies_page)


@router.get("/taxonomies/{identity}", response=Item, summary="A taxonomy")
def taxonomy(request: HttpRequest, language: Path[str], identity: uuid.UUID) -> HttpResponse:
    return one(request, language, identity, pages.one_taxonomy)


@router.get("/service_at_locations", response=ResultPage, summary="Ways to reach services")
def service_at_locations(request: HttpRequest, language: Path[str], asked: Query[AtLocations]) -> HttpResponse:
    return page(request, language, asked, pages.service_at_locations)


@router.get("/service_at_locations/{identity}", response=Item, summary="A way to reach a service")
def service_at_location(request: HttpRequest, language: Path[str], identity: uuid.UUID) -> HttpResponse:
    return one(request, language, identity, pages.one_service_at_location)


@router.get("/taxonomy_terms", response=ResultPage, summary="Terms of the taxonomies", tags=OPTIONAL)
def taxonomy_terms(request: HttpRequest, language: Path[str], asked: Query[Terms]) -> HttpResponse:
    return page(request, language, asked, pages.taxonomy_terms)


@router.get("/taxonomy_terms/{identity}", response=Item, summary="A term", tags=OPTIONAL)
def taxonomy_term(request: HttpRequest, language: Path[str], identity: uuid.UUID) -> HttpResponse:
    return one(request, language, identity, pages.one_taxonomy_term)


@router.get("/organizations", response=ResultPage, summary="Organizations", tags=OPTIONAL)
def organizations(request: HttpRequest, language: Path[str], asked: Query[Organizations]) -> HttpResponse:
    return page(request, language, asked, pages.organizations_page)


@router.get("/organizations/{identity}", response=Item, summary="An organization", tags=OPTIONAL)
def organization(request: HttpRequest, language: Path[str], identity: uuid.UUID) -> HttpResponse:
    return one(request, language, identity, pages.one_organization)


api.add_router("/{language}", router)


@cache
def schema() -> Object:
    """Return the OpenAPI document of all languages.

    It is shared: do not change it.
    """
    return dict(api.get_openapi_schema(path_prefix=""))


def description(language: str) -> Object:
    """Return the OpenAPI document of one language, with paths relative to the URL of its server."""
    whole = dict(schema())
    whole["servers"] = [{"url": public_url(f"{FOLDER}{language}")}]
    whole["paths"] = {
        (path.removeprefix("/{language}") or "/").replace("{identity}", "{id}"): operations(found)
        for path, found in whole["paths"].items()
    }
    return whole


def operations(found: Object) -> Object:
    """Return the operations of a path without its language parameter."""
    described = {}
    for method, operation in found.items():
        parameters = [
            {**parameter, "name": "id"} if parameter["name"] == "identity" else parameter
            for parameter in operation.get("parameters", [])
            if parameter["name"] != "language"
        ]
        # Generated clients name their calls after it, so it must not depend on the module of the code.
        name = f"helpline_api_{operation['operationId'].rpartition('_api_')[2]}"
        described[method] = {**operation, "operationId": name, "parameters": parameters}
    return described
