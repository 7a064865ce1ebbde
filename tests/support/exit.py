"""The ways to leave a help page."""

from playwright.sync_api import Page


def press_button(page: Page) -> None:
    page.locator("[data-exit][role=button]").click(no_wait_after=True)


def press_space(page: Page) -> None:
    page.locator("[data-exit][role=button]").focus()
    page.keyboard.press("Space")


def press_enter(page: Page) -> None:
    page.locator("[data-exit][role=button]").focus()
    page.keyboard.press("Enter")


def first_link(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def shift_three_times(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("Shift")


WAYS = (press_button, press_space, press_enter, first_link, shift_three_times)
