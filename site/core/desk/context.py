"""Django's context processors for signed-in users, empty at the public door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import context_processors as auth_context
from django.contrib.messages import context_processors as messages_context

from core.doors import at_desk

if TYPE_CHECKING:
    from django.http import HttpRequest


def auth(request: HttpRequest) -> dict[str, Any]:
    return auth_context.auth(request) if at_desk(request) else {}


def messages(request: HttpRequest) -> dict[str, Any]:
    return messages_context.messages(request) if at_desk(request) else {}
